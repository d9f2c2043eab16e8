//! The arguments of calls as the audit log has them: what the IDL annotates as `sensitive` is masked, and so is whatever
//! the IDL does not know, or knows in another form.

use serde_json::{Map, Value};
use thriftgate_metadata::{Annotations, Field, Schema, StructId, Type};
use thriftgate_protocols::json::{self, Translation};
use thriftgate_protocols::style::{Limits, Style};
use thriftgate_protocols::transcode::Source;

use super::call::CallRequest;
use super::native;
use crate::router::Method;
use crate::telemetry::CallRecord;

/// Arguments that are longer, in bytes of JSON, are left out.
const LONGEST: usize = 16 * 1024;
/// What stands for a value that is not told.
const MASK: &str = "***";
/// The annotation of a field, of its typedef, or of a struct.
const SENSITIVE: &str = "sensitive";

impl CallRequest<'_> {
    /// Notes the arguments of a call in human-readable JSON, where they are asked for. The body is the arguments alone where
    /// the path names the method.
    pub(super) fn audit_human(
        &self,
        method: &Method,
        body: &[u8],
        is_named_by_path: bool,
        record: &mut CallRecord<'_>,
    ) {
        if !self.is_asked_for(method) || body.len() > LONGEST {
            return;
        }
        let body = if body.is_empty() { b"{}" } else { body };
        let Ok(mut body) = serde_json::from_slice::<Value>(body) else { return };
        let arguments =
            if is_named_by_path { Some(body) } else { body.get_mut("arguments").map(Value::take) };
        self.note(method, arguments.unwrap_or_default(), record);
    }

    /// Notes the arguments of a call in a wire protocol, a whole message, where they are asked for.
    pub(super) fn audit_native(
        &self,
        method: &Method,
        request: &native::Request<'_>,
        record: &mut CallRecord<'_>,
    ) {
        let Source { dialect, bytes } = request.source;
        if !self.is_asked_for(method) || bytes.len() > LONGEST {
            return;
        }
        let schema = &self.snapshot.schema;
        let limits = Limits { depth: self.snapshot.limits.depth, output: LONGEST };
        let translation = Translation { schema, style: Style::default(), limits };
        let mut text = Vec::new();
        let arguments = schema[method.function].arguments;
        let written = json::sent_arguments(bytes, dialect, arguments, &translation, &mut text);
        if written.is_ok()
            && let Ok(arguments) = serde_json::from_slice(&text)
        {
            self.note(method, arguments, record);
        }
    }

    fn is_asked_for(&self, method: &Method) -> bool {
        (method.audits_arguments && self.core.process.audit.is_on())
            || self.snapshot.access.is_some_and(|form| form.has_arguments())
    }

    fn note(&self, method: &Method, mut arguments: Value, record: &mut CallRecord<'_>) {
        let schema = &self.snapshot.schema;
        mask(&mut arguments, Type::Struct(schema[method.function].arguments), schema);
        record.arguments = Some(arguments.to_string()).filter(|text| text.len() <= LONGEST);
    }
}

fn is_sensitive(annotations: &Annotations) -> bool {
    annotations.get(SENSITIVE).is_some_and(|value| value != "false")
}

/// Whether a field is, or the typedef that it was written with.
fn is_sensitive_field(field: &Field, schema: &Schema) -> bool {
    is_sensitive(&field.annotations)
        || field.typedef.is_some_and(|typedef| is_sensitive(&schema[typedef].annotations))
}

/// Masks what is not told of a value of this type.
fn mask(value: &mut Value, ty: Type, schema: &Schema) {
    match (&mut *value, ty) {
        (Value::Null, _) => {}
        (Value::Object(members), Type::Struct(id)) => mask_fields(members, id, schema),
        (Value::Object(members), Type::Map(id)) => {
            let (_, of_values) = schema.map(id);
            members.values_mut().for_each(|value| mask(value, of_values, schema));
        }
        (Value::Array(pairs), Type::Map(id)) => pairs.iter_mut().for_each(|pair| match pair.as_array_mut() {
            Some(pair) if pair.len() == 2 => {
                let (of_key, of_value) = schema.map(id);
                mask(&mut pair[0], of_key, schema);
                mask(&mut pair[1], of_value, schema);
            }
            _ => *pair = MASK.into(),
        }),
        (Value::Array(elements), Type::List(id) | Type::Set(id)) => {
            elements.iter_mut().for_each(|element| mask(element, schema.element(id), schema));
        }
        (Value::Object(_) | Value::Array(_), _)
        | (_, Type::Struct(_) | Type::Map(_) | Type::List(_) | Type::Set(_)) => *value = MASK.into(),
        (Value::Bool(_) | Value::Number(_) | Value::String(_), _) => {}
    }
}

fn mask_fields(members: &mut Map<String, Value>, id: StructId, schema: &Schema) {
    let structure = &schema[id];
    let is_all = is_sensitive(&structure.annotations);
    for (name, value) in members {
        match structure.field_by_name(name) {
            Some((_, field)) if !is_all && !is_sensitive_field(field, schema) => {
                mask(value, field.ty, schema);
            }
            _ => *value = MASK.into(),
        }
    }
}
