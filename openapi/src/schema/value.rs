//! The schema of a type.

use serde_json::{Map, Value, json};
use thriftgate_metadata::{Annotations, EnumId, Field, Schema, Type};
use thriftgate_protocols::style::{EnumStyle, I64Style};

use super::component::{Component, Components, Subject};
use super::{Direction, View, pattern};
use crate::annotation::{deprecation, description, field_description, is_secret, is_sensitive};
use crate::example;

/// Writes schemas that refer to one another below an address.
pub(crate) struct Renderer<'a> {
    pub(super) schema: &'a Schema,
    components: &'a Components,
    /// What stands before the name in a reference
    prefix: &'a str,
}

impl<'a> Renderer<'a> {
    pub(crate) fn new(schema: &'a Schema, components: &'a Components, prefix: &'a str) -> Self {
        Self { schema, components, prefix }
    }

    /// A schema that others refer to, in full.
    pub(crate) fn component(&self, component: &Component) -> Value {
        match component.subject {
            Subject::Struct(id) => self.declared(id, component.view()),
            Subject::Enum(id) => self.enumeration(id, component.view()),
            Subject::I64 => {
                let mut schema = integer(i64::MIN, i64::MAX, "int64");
                schema.insert("type".into(), json!(["integer", "string"]));
                schema.insert("pattern".into(), json!(pattern::integer(i64::MAX)));
                let text = "A 64-bit integer: a number, or its decimal digits in a string, since JavaScript loses digits past 2^53.";
                schema.insert("description".into(), json!(text));
                Value::Object(schema)
            }
            Subject::I32Key => json!({
                "description": "A 32-bit integer in decimal digits.",
                "type": "string",
                "pattern": pattern::integer(i32::MAX.into())
            }),
            Subject::Double => json!({
                "description": "A 64-bit floating-point number. What is not finite is written as a string.",
                "anyOf": [
                    {"type": "number", "format": "double", "minimum": f64::MIN, "maximum": f64::MAX},
                    {"type": "string", "enum": ["NaN", "Infinity", "-Infinity"]}
                ]
            }),
            Subject::Base64 => json!({
                "description": "Bytes in base64, of the standard or the URL alphabet, padded or not.",
                "type": "string",
                "contentEncoding": "base64",
                "pattern": pattern::base64()
            }),
        }
    }

    /// The schema of a value of this type.
    pub(crate) fn ty(&self, ty: Type, view: View) -> Map<String, Value> {
        let is_request = view.direction == Direction::Request;
        match ty {
            Type::Bool => object(json!({"type": "boolean"})),
            Type::I8 => integer(i8::MIN.into(), i8::MAX.into(), "int8"),
            Type::I16 => integer(i16::MIN.into(), i16::MAX.into(), "int16"),
            Type::I32 => integer(i32::MIN.into(), i32::MAX.into(), "int32"),
            Type::I64 if is_request => self.reference(Subject::I64, view),
            Type::I64 if view.style.i64 == I64Style::Number => integer(i64::MIN, i64::MAX, "int64"),
            Type::I64 => object(json!({"type": "string", "format": "int64", "pattern": pattern::DIGITS})),
            Type::Double => self.reference(Subject::Double, view),
            Type::String => object(json!({"type": "string"})),
            Type::Binary if is_request => self.reference(Subject::Base64, view),
            Type::Binary => object(json!({"type": "string", "contentEncoding": "base64"})),
            Type::Uuid => object(json!({"type": "string", "format": "uuid", "pattern": pattern::UUID})),
            Type::Enum(id) => self.reference(Subject::Enum(id), view),
            Type::Struct(id) => self.reference(Subject::Struct(id), view),
            Type::List(id) => {
                object(json!({"type": "array", "items": self.ty(self.schema.element(id), view)}))
            }
            Type::Set(id) => {
                let items = self.ty(self.schema.element(id), view);
                object(json!({"type": "array", "items": items, "uniqueItems": true}))
            }
            Type::Map(id) => self.map(self.schema.map(id), view),
        }
    }

    fn map(&self, (key, value): (Type, Type), view: View) -> Map<String, Value> {
        let value = self.ty(value, view);
        if matches!(key, Type::Struct(_) | Type::List(_) | Type::Set(_) | Type::Map(_)) {
            let pair = json!({
                "type": "array",
                "prefixItems": [self.ty(key, view), value],
                "items": {},
                "minItems": 2,
                "maxItems": 2
            });
            return object(json!({"type": "array", "items": pair}));
        }
        let mut schema = object(json!({"type": "object", "additionalProperties": value}));
        if let Some(names) = self.key(key, view) {
            schema.insert("propertyNames".into(), names);
        }
        schema
    }

    /// What the keys of an object have to be; `None` where they may be any string.
    fn key(&self, key: Type, view: View) -> Option<Value> {
        let is_request = view.direction == Direction::Request;
        let reference = |subject| Value::Object(self.reference(subject, view));
        Some(match key {
            Type::Bool => json!({"enum": ["true", "false"]}),
            Type::I8 | Type::I16 | Type::I32 | Type::I64 if !is_request => {
                json!({"pattern": pattern::DIGITS})
            }
            Type::I8 => json!({"pattern": pattern::integer(i8::MAX.into())}),
            Type::I16 => json!({"pattern": pattern::integer(i16::MAX.into())}),
            Type::I32 => reference(Subject::I32Key),
            Type::I64 => reference(Subject::I64),
            Type::Double => json!({"pattern": pattern::DOUBLE_KEY}),
            Type::Binary if is_request => reference(Subject::Base64),
            Type::Uuid => json!({"pattern": pattern::UUID}),
            Type::Enum(id) => {
                let number =
                    if is_request { reference(Subject::I32Key) } else { json!({"pattern": pattern::DIGITS}) };
                match self.member_names(id, view) {
                    names if names.is_empty() => number,
                    names => json!({"anyOf": [{"enum": names}, number]}),
                }
            }
            _ => return None,
        })
    }

    /// The names by which members are told.
    fn member_names(&self, id: EnumId, view: View) -> Vec<&'a str> {
        let item = &self.schema[id];
        let is_written = |name: &str, value| {
            view.style.enums == EnumStyle::Name
                && item.member_by_value(value).is_some_and(|first| *first.name == *name)
        };
        let members = item
            .members
            .iter()
            .filter(|member| view.direction == Direction::Request || is_written(&member.name, member.value));
        members.map(|member| &*member.name).collect()
    }

    fn enumeration(&self, id: EnumId, view: View) -> Value {
        let item = &self.schema[id];
        let mut schema = Map::new();
        let lines = item.members.iter().map(|member| {
            let doc = member.doc.as_deref().map(|doc| format!(": {}", doc.replace('\n', " ")));
            format!("- `{}` = {}{}", member.name, member.value, doc.unwrap_or_default())
        });
        let members = lines.collect::<Vec<_>>().join("\n");
        let text = description(item.doc.as_deref(), &item.annotations);
        let text = [text.unwrap_or_default(), members].into_iter().filter(|part| !part.is_empty());
        schema.insert("description".into(), json!(text.collect::<Vec<_>>().join("\n\n")));
        self.mark(&mut schema, &item.annotations);
        let number = integer(i32::MIN.into(), i32::MAX.into(), "int32");
        match self.member_names(id, view) {
            names if names.is_empty() => schema.extend(number),
            names => {
                let name = json!({"type": "string", "enum": names});
                schema.insert("anyOf".into(), json!([name, number]));
            }
        }
        Value::Object(schema)
    }

    /// Marks a declaration as what its annotations say.
    pub(super) fn mark(&self, schema: &mut Map<String, Value>, annotations: &Annotations) {
        if deprecation(annotations).is_some() {
            schema.insert("deprecated".into(), json!(true));
        }
        if is_secret(annotations) {
            schema.insert("x-sensitive".into(), json!(true));
        }
    }

    pub(super) fn reference(&self, subject: Subject, view: View) -> Map<String, Value> {
        let name = self.components.name_of(subject, self.schema, view);
        object(json!({"$ref": format!("{}{name}", self.prefix)}))
    }

    /// The schema of a field's value, with what the IDL says of the field beside.
    pub(crate) fn field(&self, field: &Field, view: View, schema: Map<String, Value>) -> Value {
        let mut schema = schema;
        if let Some(text) = field_description(self.schema, field) {
            schema.insert("description".into(), json!(text));
        }
        self.mark(&mut schema, &field.annotations);
        if is_sensitive(self.schema, field) {
            schema.insert("x-sensitive".into(), json!(true));
            if field.ty == Type::String {
                schema.insert("format".into(), json!("password"));
            }
        }
        if let Some(value) = example::of_annotation(self.schema, field.ty, &field.annotations) {
            let value = example::json(self.schema, field.ty, &value, view.style);
            schema.insert("examples".into(), json!([value]));
        }
        Value::Object(schema)
    }
}

/// Also takes `null`.
pub(super) fn or_null(mut schema: Map<String, Value>) -> Map<String, Value> {
    match schema.get("type") {
        Some(Value::String(ty)) => {
            let types = json!([ty, "null"]);
            schema.insert("type".into(), types);
            schema
        }
        _ => object(json!({"anyOf": [schema, {"type": "null"}]})),
    }
}

fn integer(least: i64, greatest: i64, format: &str) -> Map<String, Value> {
    object(json!({"type": "integer", "format": format, "minimum": least, "maximum": greatest}))
}

/// The members of an object.
pub(crate) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
