//! The operation of a method.

use std::collections::HashSet;

use serde_json::{Value, json};
use thriftgate_metadata::{Function, Schema};

use super::reply::Replies;
use crate::annotation;
use crate::example::Examples;
use crate::names::{Names, numbered};
use crate::operations::Operation;
use crate::schema::{Filled, Renderer, View, object};

/// Writes operations.
pub(super) struct OperationWriter<'a> {
    pub(super) schema: &'a Schema,
    pub(super) renderer: &'a Renderer<'a>,
    pub(super) replies: &'a Replies<'a>,
    pub(super) examples: &'a Examples<'a>,
    pub(super) names: &'a Names,
}

impl OperationWriter<'_> {
    /// The path item of a method. Its `operationId` is not one of `ids`, and becomes one of them.
    pub(super) fn path(&self, operation: &Operation<'_>, ids: &mut HashSet<String>) -> Value {
        let mut item = object(json!({"post": self.operation(operation, ids)}));
        let hosts = &operation.route.hosts;
        if !hosts.is_empty() && hosts.iter().all(|host| !host.contains('*')) {
            let servers = hosts.iter().map(|host| json!({"url": format!("//{host}")}));
            item.insert("servers".into(), servers.collect());
        }
        Value::Object(item)
    }

    fn operation(&self, operation: &Operation<'_>, ids: &mut HashSet<String>) -> Value {
        let Operation { route, service, method, .. } = operation;
        let function = &self.schema[method.function];
        let id = numbered(&operation_id(&route.path, &service.name, &function.name), |id| ids.contains(id));
        ids.insert(id.clone());
        let mut members = object(json!({
            "tags": [self.names.of_service(service.service)],
            "summary": function.doc.as_deref().and_then(annotation::summary).unwrap_or_else(|| function.name.to_string()),
            "description": self.description(operation),
            "operationId": id,
        }));
        if annotation::deprecation(&function.annotations).is_some() {
            members.insert("deprecated".into(), json!(true));
        }
        let parameters = self.parameters(operation);
        if !parameters.is_empty() {
            members.insert("parameters".into(), Value::Array(parameters));
        }
        members.insert("requestBody".into(), self.request(operation));
        members.insert("responses".into(), self.replies.of(operation));
        if method.idempotent {
            members.insert("x-idempotent".into(), json!(true));
        }
        Value::Object(members)
    }

    fn description(&self, operation: &Operation<'_>) -> String {
        let Operation { route, service, method, .. } = operation;
        let function = &self.schema[method.function];
        let mut text = annotation::description(function.doc.as_deref(), &function.annotations)
            .unwrap_or_else(|| format!("Calls `{}` of the service `{}`.", function.name, service.name));
        if route.sandbox {
            text.push_str(
                "\n\nA sandbox: what it answers is made up. `X-Mock` says how the call ends, `X-Mock-Latency` how many seconds it \
                 takes.",
            );
        }
        text
    }

    /// The headers that a request has to have, or may have.
    fn parameters(&self, operation: &Operation<'_>) -> Vec<Value> {
        let Operation { route, method, .. } = operation;
        let needed = route.headers.iter().map(|(name, value)| {
            json!({
                "name": name,
                "in": "header",
                "required": true,
                "description": "What tells this route from others.",
                "schema": {"type": "string", "enum": [value]}
            })
        });
        let mut parameters: Vec<Value> = needed.collect();
        if route.sandbox {
            let function = &self.schema[method.function];
            let mut endings = vec!["success"];
            endings.extend(thrown(self.schema, function));
            parameters.push(json!({
                "name": "X-Mock",
                "in": "header",
                "required": false,
                "description": "How the call ends: with success, or with this declared exception.",
                "schema": {"type": "string", "enum": endings}
            }));
        }
        parameters
    }

    /// The body of a request. There has to be one, since a request without a body has no content type either; the gateway
    /// takes one that is empty for `{}`.
    fn request(&self, operation: &Operation<'_>) -> Value {
        let method = operation.method;
        let arguments = self.schema[method.function].arguments;
        let view = View::request(method.style);
        let schema = self.renderer.arguments(arguments, view, &Filled::new(&method.filled));
        json!({
            "description": "The arguments, by their names.",
            "required": true,
            "content": {"application/json": {"schema": schema, "example": self.examples.arguments(method)}}
        })
    }
}

/// The names of the exceptions that a method declares.
fn thrown<'s>(schema: &'s Schema, function: &Function) -> impl Iterator<Item = &'s str> {
    let fields = &schema[function.result].fields;
    fields.iter().filter(|field| field.id != 0).map(|field| &*field.name)
}

/// What generated clients name the operation by: nothing but its own path.
fn operation_id(route: &str, service: &str, method: &str) -> String {
    let words = route.split('/').chain([service, method]).filter(|word| !word.is_empty());
    let plain = |word: &str| {
        word.chars().map(|char| if char.is_ascii_alphanumeric() { char } else { '_' }).collect::<String>()
    };
    words.map(plain).collect::<Vec<_>>().join("_")
}
