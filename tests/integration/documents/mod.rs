//! What vendors read of the API: that it is what they can call, no more and no less.

mod addresses;
mod caching;
mod commands;
mod groups;
mod page;
mod reloads;
mod sandbox;
mod schemas;

use serde_json::{Value, json};
use thriftgate_tests::Gateway;
use thriftgate_tests::client::{Reply, exchange};

/// Gets a path with these headers, on a connection of its own.
#[track_caller]
fn get(gateway: &Gateway, path: &str, headers: &[(&str, &str)]) -> Reply {
    let mut request = format!("GET {path} HTTP/1.1\r\nHost: gateway\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    exchange(gateway.address(), request.as_bytes())
}

/// The document at a path, which is there.
#[track_caller]
fn document(gateway: &Gateway, path: &str, headers: &[(&str, &str)]) -> Value {
    let reply = get(gateway, path, headers);
    assert_eq!(reply.status, 200, "{path}: {}", reply.body.escape_ascii());
    reply.json()
}

/// The paths of all operations of a document.
fn paths(document: &Value) -> Vec<&str> {
    let paths = document["paths"].as_object().expect("paths");
    paths.keys().map(String::as_str).collect()
}

/// The JSON Schema of what an operation answers with a status, with all that it refers to; `None` where there is no such
/// answer.
fn answer_schema(document: &Value, path: &str, status: u16) -> Option<Value> {
    let answers = &document["paths"][path]["post"]["responses"];
    let mut answer = &answers[status.to_string()];
    if let Some(reference) = answer["$ref"].as_str() {
        answer = document.pointer(reference.trim_start_matches('#'))?;
    }
    let mut schema = answer["content"]["application/json"]["schema"].clone();
    schema.as_object_mut()?.insert("components".into(), document["components"].clone());
    Some(schema)
}

/// The example of an operation's arguments.
fn example(document: &Value, path: &str) -> Value {
    let content = &document["paths"][path]["post"]["requestBody"]["content"]["application/json"];
    match &content["example"] {
        Value::Null => match &content["examples"] {
            Value::Object(named) => named.values().next().map_or(json!({}), |named| named["value"].clone()),
            _ => json!({}),
        },
        example => example.clone(),
    }
}

/// Calls every operation of a document with its example, and checks that the gateway takes it and that the document tells of
/// the answer.
#[track_caller]
fn check_calls(gateway: &Gateway, document: &Value, headers: &[(&str, &str)]) {
    for path in paths(document) {
        let arguments = example(document, path).to_string();
        let mut all = vec![("Content-Type", "application/json")];
        all.extend(headers);
        let reply = gateway.post_with(path, &all, arguments.as_bytes());
        let text = reply.body.escape_ascii();
        assert!(!matches!(reply.status, 400..=499), "{path} {arguments}: {} {text}", reply.status);
        let schema = answer_schema(document, path, reply.status);
        let schema = schema.unwrap_or_else(|| panic!("{path} may not answer {}: {text}", reply.status));
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        let errors: Vec<String> =
            validator.iter_errors(&reply.json()).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{path} {text}: {errors:?}");
    }
}
