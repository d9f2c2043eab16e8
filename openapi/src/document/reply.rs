//! What calls are answered.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use thriftgate_metadata::{Field, Schema, Type};

use super::error::Errors;
use super::header;
use crate::example::{Examples, Outcome};
use crate::operations::Operation;
use crate::schema::{Renderer, View};

/// Writes responses.
pub(super) struct Replies<'a> {
    pub(super) schema: &'a Schema,
    pub(super) renderer: &'a Renderer<'a>,
    pub(super) errors: Errors<'a>,
    pub(super) examples: &'a Examples<'a>,
}

/// One way in which a call ends, and what its `result` is then.
struct Ending<'s> {
    outcome: Outcome<'s>,
    /// The field of the result; `None` where it stays empty
    field: Option<&'s Field>,
}

impl<'a> Replies<'a> {
    /// The responses of a method, by their statuses. Those that have nothing to do with the method are among the components.
    pub(super) fn of(&self, operation: &Operation<'_>) -> Value {
        let endings = self.endings(operation);
        let statuses: BTreeSet<u16> = endings.keys().copied().chain(self.errors.statuses()).collect();
        let response = |status: u16| match endings.get(&status) {
            Some(endings) => self.result(operation, status, endings),
            None => json!({"$ref": format!("#/components/responses/{}", self.errors.name(status))}),
        };
        let all: Map<String, Value> =
            statuses.into_iter().map(|status| (status.to_string(), response(status))).collect();
        Value::Object(all)
    }

    /// The statuses of these methods' results, and those that any of them leaves to errors alone.
    pub(super) fn statuses(&self, operations: &[Operation<'_>]) -> (BTreeSet<u16>, BTreeSet<u16>) {
        let (mut results, mut errors) = (BTreeSet::new(), BTreeSet::new());
        for operation in operations {
            let endings = self.endings(operation);
            errors.extend(self.errors.statuses().filter(|status| !endings.contains_key(status)));
            results.extend(endings.into_keys());
        }
        (results, errors)
    }

    /// The ways in which a call of a method ends, by their statuses.
    fn endings(&self, operation: &Operation<'_>) -> BTreeMap<u16, Vec<Ending<'a>>> {
        let function = &self.schema[operation.method.function];
        let fields = &self.schema[function.result].fields;
        let mut endings: BTreeMap<u16, Vec<Ending<'a>>> = BTreeMap::new();
        let success = fields.iter().find(|field| field.id == 0);
        let status = if function.oneway { 202 } else { 200 };
        endings.entry(status).or_default().push(Ending { outcome: Outcome::Success, field: success });
        for (position, field) in fields.iter().enumerate().filter(|(_, field)| field.id != 0) {
            let status = operation.method.statuses.get(position).copied().unwrap_or(200);
            let ending = Ending { outcome: Outcome::Declared(&field.name), field: Some(field) };
            endings.entry(status).or_default().push(ending);
        }
        endings
    }

    /// The response of a status that a result has. Where errors of the gateway have it too, it may be one of these.
    fn result(&self, operation: &Operation<'_>, status: u16, endings: &[Ending<'_>]) -> Value {
        let method = operation.method;
        let function = &self.schema[method.function];
        let mut results: Vec<Value> =
            endings.iter().map(|ending| self.ending(ending, View::reply(method.style))).collect();
        let result = if results.len() == 1 { results.remove(0) } else { json!({"oneOf": results}) };
        let envelope = json!({
            "type": "object",
            "properties": {"method": {"type": "string", "const": function.name}, "result": result},
            "required": ["method", "result"]
        });
        let body = match self.errors.schema_of(status) {
            Some(error) => json!({"oneOf": [envelope, error]}),
            None => envelope,
        };
        let mut examples = Map::new();
        for ending in endings {
            let name = ending.field.map_or("success", |field| &*field.name);
            if let Some(result) = self.examples.result(method.function, ending.outcome, method.style, 0) {
                let reply = json!({"method": function.name, "result": result});
                examples.insert(name.to_owned(), json!({"value": reply}));
            }
        }
        json!({
            "description": self.describe(endings, function.oneway),
            "headers": header::references(status, &self.errors),
            "content": {"application/json": {"schema": body, "examples": examples}}
        })
    }

    fn ending(&self, ending: &Ending<'_>, view: View) -> Value {
        let Some(field) = ending.field else { return json!({"type": "object", "maxProperties": 0}) };
        let value = self.renderer.field(field, view, self.renderer.ty(field.ty, view));
        json!({"type": "object", "properties": {&*field.name: value}, "required": [field.name]})
    }

    /// Says in which ways a call ends.
    fn describe(&self, endings: &[Ending<'_>], is_oneway: bool) -> String {
        let describe = |ending: &Ending<'_>| match (ending.outcome, ending.field) {
            (Outcome::Success, _) if is_oneway => {
                "The call was handed over; nothing is known of its end.".to_owned()
            }
            (Outcome::Success, Some(_)) => "The result.".to_owned(),
            (Outcome::Success, None) => "The call was made.".to_owned(),
            (Outcome::Declared(name), field) => {
                let doc = field.and_then(|field| self.doc(field));
                let doc = doc.map(|doc| format!(": {doc}")).unwrap_or_default();
                format!("The declared exception `{name}`{doc}")
            }
        };
        endings.iter().map(describe).collect::<Vec<_>>().join("\n\n")
    }

    /// What is said of an exception where it is thrown, else where it is declared.
    fn doc(&self, field: &'a Field) -> Option<&'a str> {
        let declared = || match field.ty {
            Type::Struct(id) => self.schema[id].doc.as_deref(),
            _ => None,
        };
        field.doc.as_deref().or_else(declared)
    }
}
