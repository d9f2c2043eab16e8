//! What the gateway itself answers in place of a result.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{SCHEMAS, header};
use crate::ErrorCode;
use crate::schema::object;

/// The words by which programs tell the gateway's errors apart.
pub(super) struct Errors<'a>(pub(super) &'a [ErrorCode]);

impl Errors<'_> {
    /// The statuses that errors have.
    pub(super) fn statuses(&self) -> impl Iterator<Item = u16> {
        self.0.iter().map(|error| error.status)
    }

    /// Whether there are errors of this status.
    pub(super) fn has(&self, status: u16) -> bool {
        self.statuses().any(|other| other == status)
    }

    /// The component that is the response of this status.
    pub(super) fn name(&self, status: u16) -> String {
        known(status).map_or_else(|| format!("Status{status}"), |(name, _)| name.to_owned())
    }

    /// The bodies of the errors of a status; `None` where there is no such error.
    pub(super) fn schema_of(&self, status: u16) -> Option<Value> {
        let codes: Vec<&str> =
            self.0.iter().filter(|error| error.status == status).map(|error| error.code).collect();
        let code = json!({"type": "object", "properties": {"code": {"type": "string", "enum": codes}}});
        (!codes.is_empty()).then(|| {
            json!({
                "allOf": [
                    {"$ref": format!("{SCHEMAS}GatewayError")},
                    {"type": "object", "properties": {"exception": code}}
                ]
            })
        })
    }

    /// The responses of these statuses, by their names.
    pub(super) fn responses(&self, statuses: &BTreeSet<u16>) -> Value {
        let response = |status: u16| {
            let codes = self.0.iter().filter(|error| error.status == status);
            let codes: Vec<String> = codes.map(|error| format!("`{}`", error.code)).collect();
            let meaning = known(status).map_or("The call has no result", |(_, meaning)| meaning);
            json!({
                "description": format!("{meaning}: {}.", codes.join(", ")),
                "headers": header::references(status, self),
                "content": {"application/json": {"schema": self.schema_of(status)}}
            })
        };
        let all: Map<String, Value> =
            statuses.iter().map(|&status| (self.name(status), response(status))).collect();
        Value::Object(all)
    }

    /// The envelope of every error.
    pub(super) fn schema(&self) -> Value {
        let codes: Vec<&str> = self.0.iter().map(|error| error.code).collect();
        let text = |what: &str| json!({"type": "string", "description": what});
        let fault = json!({
            "message": text("What is wrong, for people."),
            "path": text("Where in the request it is, as `arguments.user.roles[2]`."),
            "expected": text("The Thrift type that is expected there."),
            "actual": {
                "type": "string",
                "enum": ["null", "boolean", "number", "string", "array", "object"],
                "description": "The kind of JSON that is there."
            },
            "suggestion": text("The name that was probably meant.")
        });
        let mut exception = object(fault.clone());
        exception.extend(object(json!({
            "type": {"type": "integer", "format": "int32", "description": "The kind of a TApplicationException."},
            "code": {"type": "string", "enum": codes, "description": "What is wrong, for programs."},
            "candidates": {
                "type": "array",
                "items": {"type": "string"},
                "description": "The methods to choose from, where the request names several."
            },
            "errors": {
                "type": "array",
                "items": {"type": "object", "properties": fault, "required": ["message"]},
                "description": "Every fault that was found in the request."
            },
            "requestId": text("The number under which the logs have the request."),
            "retryable": {"type": "boolean", "description": "Whether the same request may succeed later."},
            "executed": {
                "type": "string",
                "enum": ["no", "maybe", "yes"],
                "description": "Whether the call can have been run."
            }
        })));
        json!({
            "description": "What a call is answered in place of a result.",
            "type": "object",
            "properties": {
                "method": {"type": ["string", "null"], "description": "The method, where it could be read."},
                "exception": {
                    "type": "object",
                    "properties": exception,
                    "required": ["message", "type", "code", "retryable", "executed"]
                }
            },
            "required": ["method", "exception"]
        })
    }
}

/// What a status is called, and what it means for a call.
fn known(status: u16) -> Option<(&'static str, &'static str)> {
    Some(match status {
        400 => ("BadRequest", "The request is wrong"),
        401 => ("Unauthorized", "There are no credentials, or wrong ones"),
        403 => ("Forbidden", "The caller may not do this"),
        404 => ("NotFound", "There is no such route, service or method"),
        405 => ("MethodNotAllowed", "Calls are made by POST"),
        408 => ("RequestTimeout", "The request came too slowly"),
        413 => ("ContentTooLarge", "The body is over the limit"),
        415 => ("UnsupportedMediaType", "The content type is none that is spoken here"),
        429 => ("TooManyRequests", "The caller is over a rate limit or quota"),
        431 => ("RequestHeaderFieldsTooLarge", "The headers are over the limit"),
        500 => ("InternalServerError", "The backend or the gateway failed"),
        502 => ("BadGateway", "The backend's reply is none that can be passed on"),
        503 => ("ServiceUnavailable", "The call cannot be made now"),
        504 => ("GatewayTimeout", "The deadline passed"),
        _ => return None,
    })
}
