//! Documents as YAML.

use serde_json::{Map, Value};

/// The document as YAML in block style, which readers of YAML 1.1 and 1.2 understand alike.
///
/// # Panics
///
/// Never: whatever JSON can hold, YAML can.
#[must_use]
pub fn yaml(document: &Map<String, Value>) -> String {
    let options = serde_saphyr::ser_options! { compact_list_indent: true };
    serde_saphyr::to_string_with_options(document, options).expect("YAML can hold whatever JSON can")
}
