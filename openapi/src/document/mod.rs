//! OpenAPI 3.1 documents.

mod error;
mod header;
mod operation;
mod reply;
mod security;

use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value, json};
use thriftgate_metadata::Schema;

use self::error::Errors;
use self::operation::OperationWriter;
use self::reply::Replies;
use crate::Description;
use crate::annotation;
use crate::example::Examples;
use crate::operations::{Operation, operations};
use crate::schema::{Components, Renderer, object};

/// Where the schemas of a document are.
const SCHEMAS: &str = "#/components/schemas/";

/// The OpenAPI 3.1 document of all routes of the description. The same schema and description give the same document.
#[must_use]
pub fn document(schema: &Schema, description: &Description) -> Map<String, Value> {
    let operations = operations(schema, description);
    let components = Components::new(schema, &operations);
    let renderer = Renderer::new(schema, &components, SCHEMAS);
    let functions = operations.iter().map(|operation| operation.method.function);
    let examples = Examples::of_methods(schema, functions);
    let errors = Errors(&description.errors);
    let replies = Replies { schema, renderer: &renderer, errors, examples: &examples };
    let names = &components.names;
    let writer =
        OperationWriter { schema, renderer: &renderer, replies: &replies, examples: &examples, names };
    let mut paths = Map::new();
    let mut ids = HashSet::new();
    for operation in &operations {
        paths.insert(operation.path.clone(), writer.path(operation, &mut ids));
    }
    let declared = components.all().map(|(name, item)| (name.to_owned(), renderer.component(item)));
    let mut schemas: BTreeMap<String, Value> = declared.collect();
    let (mut statuses, errors) = replies.statuses(&operations);
    statuses.extend(&errors);
    if replies.errors.statuses().any(|status| statuses.contains(&status)) {
        schemas.insert("GatewayError".to_owned(), replies.errors.schema());
    }
    let mut all = Map::from_iter([
        ("schemas".to_owned(), json!(schemas)),
        ("responses".to_owned(), replies.errors.responses(&errors)),
        ("headers".to_owned(), header::all(&statuses, &replies.errors)),
        ("securitySchemes".to_owned(), security::schemes(&description.security)),
    ]);
    all.retain(|_, part| part.as_object().is_some_and(|part| !part.is_empty()));
    object(json!({
        "openapi": "3.1.0",
        "info": info(description),
        "servers": servers(description),
        "security": security::requirements(&description.security),
        "tags": tags(schema, &components, &operations),
        "paths": paths,
        "components": all,
    }))
}

fn info(description: &Description) -> Value {
    let mut info = object(json!({"title": description.title, "version": description.version}));
    if let Some(summary) = &description.summary {
        info.insert("description".into(), json!(summary));
    }
    if let Some(contact) = &description.contact {
        let parts = [("name", &contact.name), ("url", &contact.url), ("email", &contact.email)];
        let parts =
            parts.into_iter().filter_map(|(name, part)| Some((name.to_owned(), json!(part.as_ref()?))));
        info.insert("contact".into(), Value::Object(parts.collect()));
    }
    if let Some(license) = &description.license {
        let mut members = object(json!({"name": license.name}));
        members.extend(license.url.iter().map(|url| ("url".to_owned(), json!(url))));
        info.insert("license".into(), Value::Object(members));
    }
    Value::Object(info)
}

fn servers(description: &Description) -> Value {
    match description.servers.as_slice() {
        [] => json!([{"url": "/", "description": "Where this document comes from"}]),
        urls => urls.iter().map(|url| json!({"url": url})).collect(),
    }
}

/// One for each service, in the order in which they come.
fn tags(schema: &Schema, components: &Components, operations: &[Operation<'_>]) -> Value {
    let mut seen = HashSet::new();
    let services = operations.iter().map(|operation| operation.service.service);
    let tag = |id| {
        let service = &schema[id];
        let name = components.names.of_service(id);
        let text = annotation::description(service.doc.as_deref(), &service.annotations);
        json!({"name": name, "description": text.unwrap_or_else(|| format!("The service {name}."))})
    };
    services.filter(|id| seen.insert(*id)).map(tag).collect()
}
