//! Whether a document is one of OpenAPI 3.1: what its specification says beyond JSON Schema, and what linters ask for.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// Checks all of a document.
pub(crate) fn check(document: &Map<String, Value>) {
    let document = Value::Object(document.clone());
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["info"]["title"].is_string() && document["info"]["version"].is_string());
    assert!(!members(&document["servers"]).is_empty());
    let used = check_references(&document);
    let mut values = Values::default();
    check_components(&document, &used, &mut values);
    check_operations(&document, &mut values);
    values.check(&document);
}

/// Values that have to be valid by the schemas at these places of a document.
#[derive(Default)]
struct Values(Vec<(String, Value)>);

impl Values {
    /// What a schema gives as examples and defaults of its properties.
    fn of_properties(&mut self, document: &Value, pointer: &str) {
        let schema = document.pointer(pointer).expect("a schema");
        for (name, property) in entries(&schema["properties"]) {
            for value in members(&property["examples"]).into_iter().chain(property.get("default")) {
                self.0.push((format!("{pointer}/properties/{}", escaped(name)), value.clone()));
            }
        }
    }

    /// Checks all of them by one validator.
    fn check(self, document: &Value) {
        let mut root = document.clone();
        for (index, (pointer, _)) in self.0.iter().enumerate() {
            root["properties"][index.to_string()] = json!({"$ref": format!("#{pointer}")});
        }
        let validator = jsonschema::draft202012::new(&root).expect("schemas of 2020-12");
        let all: Map<String, Value> =
            self.0.iter().enumerate().map(|(index, (_, value))| (index.to_string(), value.clone())).collect();
        let all = Value::Object(all);
        let errors: Vec<_> = validator
            .iter_errors(&all)
            .map(|error| (error.schema_path().to_string(), error.to_string()))
            .collect();
        assert!(errors.is_empty(), "{errors:?}\n{:?}", self.0);
    }
}

/// A name as a part of a JSON pointer.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn members(value: &Value) -> Vec<&Value> {
    value.as_array().map(|values| values.iter().collect()).unwrap_or_default()
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// Every reference leads somewhere. All of them.
fn check_references(document: &Value) -> BTreeSet<String> {
    fn collect(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                if let Some(Value::String(reference)) = members.get("$ref") {
                    found.insert(reference.clone());
                }
                members.values().for_each(|value| collect(value, found));
            }
            Value::Array(values) => values.iter().for_each(|value| collect(value, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    collect(document, &mut found);
    for reference in &found {
        let pointer =
            reference.strip_prefix('#').unwrap_or_else(|| panic!("{reference} leads out of the document"));
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
    found
}

/// Every component is used, has a name that is allowed, and where it is a schema, it is one of 2020-12.
fn check_components(document: &Value, used: &BTreeSet<String>, values: &mut Values) {
    for (kind, components) in entries(&document["components"]) {
        for (name, component) in entries(components) {
            let is_plain = |char: char| char.is_ascii_alphanumeric() || "._-".contains(char);
            assert!(!name.is_empty() && name.chars().all(is_plain), "{kind}: {name:?}");
            let address = format!("#/components/{kind}/{name}");
            assert!(kind == "securitySchemes" || used.contains(&address), "{address} is not used");
            if kind == "schemas" {
                check_schema(component);
                values.of_properties(document, &format!("/components/schemas/{name}"));
            }
        }
    }
}

fn check_schema(schema: &Value) {
    let checked = jsonschema::draft202012::meta::validate(schema);
    checked.unwrap_or_else(|error| panic!("{error}: {schema}"));
}

fn check_operations(document: &Value, values: &mut Values) {
    let mut tags = BTreeSet::new();
    for tag in members(&document["tags"]) {
        let name = tag["name"].as_str().expect("a name");
        assert!(tags.insert(name), "the tag {name} twice");
    }
    assert!(members(&document["tags"]).iter().all(|tag| tag["description"].is_string()));
    let schemes = &document["components"]["securitySchemes"];
    for requirement in members(&document["security"]) {
        assert!(entries(requirement).all(|(name, _)| schemes.get(name).is_some()), "{requirement}");
    }
    let mut ids = BTreeSet::new();
    for (path, item) in entries(&document["paths"]) {
        assert!(path.starts_with('/') && !path.ends_with('/') && !path.contains(['{', '?']), "{path}");
        let operation = &item["post"];
        assert!(
            ids.insert(operation["operationId"].as_str().expect("an id")),
            "{path}: its id is not its own"
        );
        for text in ["summary", "description"] {
            assert!(operation[text].as_str().is_some_and(|text| !text.is_empty()), "{path}: no {text}");
        }
        assert!(
            members(&operation["tags"]).iter().all(|tag| tag.as_str().is_some_and(|tag| tags.contains(tag))),
            "{path}: unknown tag"
        );
        let pointer = format!("/paths/{}/post", escaped(path));
        check_content(document, &format!("{pointer}/requestBody"), values);
        let statuses: Vec<&String> = entries(&operation["responses"]).map(|(status, _)| status).collect();
        assert!(statuses.iter().any(|status| status.starts_with('2')), "{path}: {statuses:?}");
        assert!(statuses.iter().any(|status| status.starts_with('4')), "{path}: {statuses:?}");
        for (status, response) in entries(&operation["responses"]) {
            if response.get("$ref").is_none() {
                assert!(response["description"].is_string(), "{path}: {status}");
                check_content(document, &format!("{pointer}/responses/{status}"), values);
            }
        }
    }
}

/// The schema of a body is one, and its examples are to be valid.
fn check_content(document: &Value, pointer: &str, values: &mut Values) {
    let media = format!("{pointer}/content/application~1json");
    let content = document.pointer(&media).unwrap_or_else(|| panic!("{media} is not there"));
    check_schema(&content["schema"]);
    let examples: Vec<&Value> = entries(&content["examples"])
        .map(|(_, example)| &example["value"])
        .chain(content.get("example"))
        .collect();
    assert!(!examples.is_empty(), "{media} has no example");
    values.0.extend(examples.into_iter().map(|example| (format!("{media}/schema"), example.clone())));
    values.of_properties(document, &format!("{media}/schema"));
}
