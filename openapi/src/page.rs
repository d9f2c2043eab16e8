//! What the documents page shows.

use thriftgate_metadata::Schema;

use crate::Description;

/// The model of the documents page, as JSON text.
#[must_use]
pub fn page_model(schema: &Schema, description: &Description) -> String {
    let _ = (schema, description);
    String::new()
}
