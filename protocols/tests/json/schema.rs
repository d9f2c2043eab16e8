//! The schema that the tests of the human-readable JSON share.

use std::path::{Path, PathBuf};

use thriftgate_metadata::{Builder, FunctionId, Schema};

/// The folder of the cases.
pub(crate) fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases/json")
}

/// `types.thrift`.
pub(crate) fn types() -> Schema {
    parse(&std::fs::read_to_string(cases().join("types.thrift")).expect("the schema of the cases"))
}

/// The schema of one file of this text.
pub(crate) fn parse(text: &str) -> Schema {
    let mut builder = Builder::new(Vec::new(), |_| Ok(Some(text.to_owned())));
    builder.thrift("types.thrift");
    builder.finish().unwrap_or_else(|errors| panic!("{errors:?}")).schema
}

/// The method of this name.
pub(crate) fn function(schema: &Schema, name: &str) -> FunctionId {
    let found = schema.functions().find(|(_, function)| &*function.name == name);
    found.unwrap_or_else(|| panic!("no method {name}")).0
}
