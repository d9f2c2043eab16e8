//! Whole documents.

use thriftgate_openapi::{document, yaml};
use thriftgate_protocols::style::Style;

use crate::api::{api, read, root, route};

/// The document of one IDL, as it is kept: `UPDATE=1` writes it anew.
#[test]
fn the_document_of_an_idl_is_the_one_that_is_kept() {
    let schema = read(&root().join("openapi/tests/golden/shop.thrift"));
    let made = yaml(&document(&schema, &api(vec![route(&schema, "/v1", Style::default())])));
    let path = root().join("openapi/tests/golden/shop.yaml");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &made).expect("the golden file");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(made == kept, "{} differs: UPDATE=1 writes it anew\n{made}", path.display());
}
