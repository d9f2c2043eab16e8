//! Documents as YAML.

use serde_json::{Map, Value};

/// The document as YAML 1.2 in block style.
#[must_use]
pub fn yaml(document: &Map<String, Value>) -> String {
    let _ = document;
    String::new()
}
