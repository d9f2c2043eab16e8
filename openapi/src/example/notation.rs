//! Values as JSON, as `thriftgate_protocols::json` writes them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use thriftgate_metadata::{EnumId, Schema, Type, Value as Constant};
use thriftgate_protocols::style::{EnumStyle, I64Style, Style};

/// The value, which is of this type, as JSON in this style.
pub(crate) fn json(schema: &Schema, ty: Type, value: &Constant, style: Style) -> Value {
    match (ty, value) {
        (Type::Bool, Constant::Bool(value)) => Value::Bool(*value),
        (Type::I64, Constant::Int(value)) if style.i64 == I64Style::String => {
            Value::String(value.to_string())
        }
        (Type::Enum(id), Constant::Int(value)) => match member(schema, id, *value, style) {
            Some(name) => Value::String(name.to_owned()),
            None => Value::from(*value),
        },
        (_, Constant::Int(value)) => Value::from(*value),
        (_, Constant::Double(value)) => serde_json::Number::from_f64(*value)
            .map_or_else(|| Value::from(non_finite(*value)), Value::Number),
        (_, Constant::String(value)) => Value::String(value.to_string()),
        (_, Constant::Binary(value)) => Value::String(STANDARD.encode(value)),
        (_, Constant::Uuid(value)) => Value::String(uuid(value)),
        (Type::List(id) | Type::Set(id), Constant::List(values)) => {
            let element = schema.element(id);
            values.iter().map(|value| json(schema, element, value, style)).collect()
        }
        (Type::Map(id), Constant::Map(entries)) => {
            let (key, value) = schema.map(id);
            if matches!(key, Type::Struct(_) | Type::List(_) | Type::Set(_) | Type::Map(_)) {
                let pair = |(k, v): &(Constant, Constant)| {
                    Value::Array(vec![json(schema, key, k, style), json(schema, value, v, style)])
                };
                return entries.iter().map(pair).collect();
            }
            let text = |key_value: &Constant| match json(schema, key, key_value, style) {
                Value::String(text) => text,
                other => other.to_string(),
            };
            let members: Map<String, Value> =
                entries.iter().map(|(k, v)| (text(k), json(schema, value, v, style))).collect();
            Value::Object(members)
        }
        (Type::Struct(id), Constant::Struct(fields)) => {
            let all = &schema[id].fields;
            let members = fields.iter().map(|(position, value)| {
                let field = &all[usize::from(*position)];
                (field.name.to_string(), json(schema, field.ty, value, style))
            });
            Value::Object(members.collect())
        }
        _ => unreachable!("a value is of its type"),
    }
}

fn member(schema: &Schema, id: EnumId, value: i64, style: Style) -> Option<&str> {
    let value = i32::try_from(value).ok().filter(|_| style.enums == EnumStyle::Name)?;
    schema[id].member_by_value(value).map(|member| &*member.name)
}

fn non_finite(value: f64) -> &'static str {
    if value.is_nan() {
        "NaN"
    } else if value > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    }
}

fn uuid(value: &[u8; 16]) -> String {
    let digits = format!("{:032x}", u128::from_be_bytes(*value));
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}
