//! The JSON Schema of the file, for editors.

use crate::file::File;

/// The JSON Schema (draft 2020-12) of a configuration file, as text that ends in a line feed.
pub fn json_schema() -> String {
    format!("{:#}\n", schemars::schema_for!(File).to_value())
}
