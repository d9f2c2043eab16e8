//! How callers show who they are.

use serde_json::{Map, Value, json};

use crate::Security;

const KEY: &str = "apiKey";
const BEARER: &str = "bearer";
const CERTIFICATE: &str = "clientCertificate";

/// The schemes, by their names.
pub(super) fn schemes(security: &Security) -> Value {
    let mut schemes = Map::new();
    if let Some(header) = &security.key_header {
        schemes.insert(
            KEY.into(),
            json!({"type": "apiKey", "in": "header", "name": header, "description": "An API key."}),
        );
    }
    if security.bearer {
        let what = if security.key_header.is_some() { "An API key or a token." } else { "A token." };
        schemes.insert(BEARER.into(), json!({"type": "http", "scheme": "bearer", "description": what}));
    }
    if security.certificates {
        schemes
            .insert(CERTIFICATE.into(), json!({"type": "mutualTLS", "description": "A client certificate."}));
    }
    Value::Object(schemes)
}

/// Which of the schemes a call needs: any of them, or none where callers that show nothing are served as well.
pub(super) fn requirements(security: &Security) -> Value {
    let known = [
        (KEY, security.key_header.is_some()),
        (BEARER, security.bearer),
        (CERTIFICATE, security.certificates),
    ];
    let mut any: Vec<Value> =
        known.into_iter().filter(|(_, is_known)| *is_known).map(|(name, _)| json!({name: []})).collect();
    if !any.is_empty() && !security.required {
        any.push(json!({}));
    }
    Value::Array(any)
}
