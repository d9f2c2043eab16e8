//! The schema that the tests of the human-readable JSON share.

use std::path::{Path, PathBuf};

use thriftgate_metadata::{Builder, FunctionId, Schema};
use thriftgate_protocols::wire::Protocol;

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

/// A call of one argument, number 7, as the reply that gives it back: the other kind, and field 0 in place of
/// field 1.
pub(crate) fn returned(message: &[u8], protocol: Protocol, name: usize) -> Vec<u8> {
    let mut message = message.to_vec();
    match protocol {
        Protocol::Binary => {
            message[3] = 2;
            let field = 4 + 4 + name + 4;
            message[field + 2] = 0;
        }
        Protocol::Compact => {
            message[1] = 2 << 5 | 1;
            let field = 4 + name;
            message[field] &= 0x0f;
            message.insert(field + 1, 0);
        }
        Protocol::Json => {
            let text = String::from_utf8(message).expect("text");
            let text = text.replacen("\",1,7,{\"1\":", "\",2,7,{\"0\":", 1);
            message = text.into_bytes();
        }
    }
    message
}
