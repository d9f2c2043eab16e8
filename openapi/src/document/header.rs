//! The headers of responses.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::error::Errors;

/// A header: its name, what it says, its schema, and whether responses of a status have it.
type Header = (&'static str, &'static str, fn() -> Value, fn(u16, &Errors<'_>) -> bool);

const HEADERS: [Header; 5] = [
    (
        "Thrift-Outcome",
        "How the call ended: with `success`, with a declared exception (`error`), or with neither (`exception`).",
        || json!({"type": "string", "enum": ["success", "error", "exception"]}),
        |_, _| true,
    ),
    (
        "X-Request-Id",
        "The number under which the logs have the request.",
        || json!({"type": "string"}),
        |_, _| true,
    ),
    (
        "Retry-After",
        "Seconds after which the same request may succeed.",
        || json!({"type": "integer", "minimum": 0}),
        |status, _| matches!(status, 429 | 503),
    ),
    (
        "RateLimit",
        "What is left of the quota that is closest to its end: `\"caller\";r=9;t=1`.",
        || json!({"type": "string"}),
        |_, errors| errors.has(429),
    ),
    (
        "RateLimit-Policy",
        "That quota, and in how many seconds: `\"caller\";q=10;w=1`.",
        || json!({"type": "string"}),
        |_, errors| errors.has(429),
    ),
];

/// References to the headers that a response of this status may have.
pub(super) fn references(status: u16, errors: &Errors<'_>) -> Value {
    let has = |header: &&Header| header.3(status, errors);
    let reference = |header: &Header| {
        (header.0.to_owned(), json!({"$ref": format!("#/components/headers/{}", header.0)}))
    };
    let all: Map<String, Value> = HEADERS.iter().filter(has).map(reference).collect();
    Value::Object(all)
}

/// The headers that responses of any of these statuses may have.
pub(super) fn all(statuses: &BTreeSet<u16>, errors: &Errors<'_>) -> Value {
    let has = |header: &&Header| statuses.iter().any(|&status| header.3(status, errors));
    let described = |&(name, text, schema, _): &Header| {
        (name.to_owned(), json!({"description": text, "schema": schema()}))
    };
    let all: Map<String, Value> = HEADERS.iter().filter(has).map(described).collect();
    Value::Object(all)
}
