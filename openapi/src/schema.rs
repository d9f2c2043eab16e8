//! JSON Schemas (2020-12) of structs and enums.

use serde_json::{Map, Value};
use thriftgate_metadata::Schema;

use crate::Description;

/// The JSON Schemas of all structs and enums that the methods of a description reach, by the names that they have among the
/// components of [`document`](crate::document).
#[derive(Debug)]
pub struct Schemas {
    all: Map<String, Value>,
}

impl Schemas {
    /// Those of this description. Making them costs as much as the document.
    #[must_use]
    pub fn new(schema: &Schema, description: &Description) -> Self {
        let _ = (schema, description);
        Self { all: Map::new() }
    }

    /// Their names: `User` where requests and replies have the same, or only one of them has it, else `User-Input` and
    /// `User-Output`.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.all.keys().map(String::as_str)
    }

    /// The schema of this name as a document of its own, with what it refers to under `$defs`. `id` is its address, which may be
    /// relative.
    #[must_use]
    pub fn get(&self, name: &str, id: &str) -> Option<Map<String, Value>> {
        let _ = (name, id);
        None
    }
}
