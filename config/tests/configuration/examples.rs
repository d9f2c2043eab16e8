//! The example files and the JSON Schema, each checked with the other.

use crate::{assert_committed, read, yaml_files};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

const FIRST_LINE: &str = "# yaml-language-server: $schema=../schema.json";

#[test]
fn the_schema_is_the_committed_one() {
    assert_committed(Path::new("schema.json"), &thriftgate_config::json_schema());
}

#[test]
fn every_example_is_accepted_and_fits_the_schema() {
    let schema: Value = serde_json::from_str(&thriftgate_config::json_schema()).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for path in yaml_files("examples") {
        let name = path.to_str().expect("a name in ASCII");
        let text = std::fs::read_to_string(&path).expect("readable");
        assert_eq!(text.lines().next(), Some(FIRST_LINE), "{name}");
        let settings = read(name).unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
        assert!(settings.warnings.is_empty(), "{name}: {:?}", settings.warnings);
        let errors: Vec<String> =
            validator.iter_errors(&value(&text)).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
}

#[test]
fn the_schema_refuses_what_the_gateway_refuses() {
    let schema: Value = serde_json::from_str(&thriftgate_config::json_schema()).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let accepted =
        ["{}", "limits: {calls: 5, body: 64KiB, frame: 1024, deadline: 1m30s}", "limits: {calls: '${N:-5}'}"];
    for text in accepted {
        assert!(validator.is_valid(&value(text)), "{text}");
    }
    let refused = [
        "lissten: 127.0.0.1:8080",
        "limits: {calls: 0}",
        "limits: {calls: many}",
        "limits: {body: 16 pounds}",
        "limits: {deadline: 10}",
        "limits: {deadline: 10 seconds}",
        "logging: {access: maybe}",
        "runtime: {scheduling: fair}",
        "backends: {a: {protocol: binary}}",
        "routes: [{services: [A]}]",
        "services: {A: {bakend: b}}",
    ];
    for text in refused {
        assert!(!validator.is_valid(&value(text)), "{text}");
    }
}

#[test]
fn full_yaml_has_every_key() {
    let schema: Value = serde_json::from_str(&thriftgate_config::json_schema()).expect("JSON");
    let text = std::fs::read_to_string("examples/full.yaml").expect("readable");
    let mut known = BTreeSet::new();
    keys_of_schema(&schema, &schema, "", &mut known);
    let mut used = BTreeSet::new();
    keys_of_value(&schema, &schema, &value(&text), "", &mut used);
    let missing: Vec<_> = known.difference(&used).collect();
    assert!(missing.is_empty(), "full.yaml does not show {missing:?}");
    assert!(known.len() > 60, "only {} keys are looked for", known.len());
}

#[test]
fn every_key_has_a_description() {
    fn check(value: &Value, place: &str) {
        if let Some(properties) = value.get("properties").and_then(Value::as_object) {
            for (key, property) in properties {
                assert!(property.get("description").is_some(), "{place}/{key}");
            }
        }
        for (key, child) in value.as_object().into_iter().flatten() {
            check(child, &format!("{place}/{key}"));
        }
    }
    check(&serde_json::from_str(&thriftgate_config::json_schema()).expect("JSON"), "");
}

fn value(yaml: &str) -> Value {
    serde_saphyr::from_str(yaml).expect("YAML")
}

/// The alternatives that the schema at `place` stands for; a definition is a place of its own, however often it is used.
fn alternatives<'a>(root: &'a Value, schema: &'a Value, place: &str) -> Vec<(&'a Value, String)> {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        let target = root.pointer(name.trim_start_matches('#')).expect("a definition");
        return alternatives(root, target, name.rsplit('/').next().unwrap_or_default());
    }
    let inner = ["anyOf", "oneOf"].iter().filter_map(|key| schema.get(*key)?.as_array()).flatten();
    let inner = inner.flat_map(|inner| alternatives(root, inner, place));
    std::iter::once((schema, place.to_owned())).chain(inner).collect()
}

/// The places of all keys: `Route.path`, `Http.headers`.
fn keys_of_schema(root: &Value, schema: &Value, place: &str, keys: &mut BTreeSet<String>) {
    for (schema, place) in alternatives(root, schema, place) {
        for (key, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let place = format!("{place}.{key}");
            keys.insert(place.clone());
            keys_of_schema(root, property, &place, keys);
        }
        for inner in ["items", "additionalProperties"].iter().filter_map(|key| schema.get(*key)) {
            keys_of_schema(root, inner, &place, keys);
        }
    }
}

/// The places of the keys that `value` has.
fn keys_of_value(root: &Value, schema: &Value, value: &Value, place: &str, keys: &mut BTreeSet<String>) {
    for (schema, place) in alternatives(root, schema, place) {
        for (key, value) in value.as_object().into_iter().flatten() {
            if let Some(property) = schema.get("properties").and_then(|properties| properties.get(key)) {
                let place = format!("{place}.{key}");
                keys.insert(place.clone());
                keys_of_value(root, property, value, &place, keys);
            } else if let Some(named) = schema.get("additionalProperties") {
                keys_of_value(root, named, value, &place, keys);
            }
        }
        for item in value.as_array().into_iter().flatten() {
            if let Some(items) = schema.get("items") {
                keys_of_value(root, items, item, &place, keys);
            }
        }
    }
}
