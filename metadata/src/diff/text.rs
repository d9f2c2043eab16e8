//! Declarations as text, for messages.

use std::fmt::Write;

use crate::schema::{Enum, Field, Requiredness, Schema, Type, Value};

/// `3: required string name = "x"`, without the word for the default requiredness.
pub(super) fn field(schema: &Schema, field: &Field) -> String {
    let word = match field.requiredness {
        Requiredness::Default => String::new(),
        other => format!("{} ", requiredness(other)),
    };
    let default = match &field.default {
        Some(value) => format!(" = {}", constant(schema, field.ty, value, Enums::Named)),
        None => String::new(),
    };
    format!("{}: {word}{} {}{default}", field.id, schema.type_name(field.ty), field.name)
}

/// The word of the IDL, `default` where there is none.
pub(super) fn requiredness(requiredness: Requiredness) -> &'static str {
    match requiredness {
        Requiredness::Required => "required",
        Requiredness::Optional => "optional",
        Requiredness::Default => "default",
    }
}

/// How the value of an enum is written.
#[derive(Clone, Copy)]
pub(super) enum Enums {
    /// By its name, for people
    Named,
    /// By its number, to be compared
    Numbered,
}

/// A value as the IDL writes it. Two of one type are equal if their texts with numbered enums are.
pub(super) fn constant(schema: &Schema, ty: Type, value: &Value, enums: Enums) -> String {
    let nested = |ty, value| constant(schema, ty, value, enums);
    match (value, ty) {
        (Value::Int(value), Type::Enum(id)) => match enums {
            Enums::Named => named(&schema[id], *value),
            Enums::Numbered => value.to_string(),
        },
        (Value::Bool(value), _) => value.to_string(),
        (Value::Int(value), _) => value.to_string(),
        (Value::Double(value), _) => value.to_string(),
        (Value::String(value), _) => format!("{value:?}"),
        (Value::Binary(value), _) => format!("\"{}\"", value.escape_ascii()),
        (Value::Uuid(value), _) => value.iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").expect("writing to a string cannot fail");
            text
        }),
        (Value::List(values), Type::List(id) | Type::Set(id)) => {
            let element = schema.element(id);
            let values: Vec<String> = values.iter().map(|value| nested(element, value)).collect();
            format!("[{}]", values.join(", "))
        }
        (Value::Map(entries), Type::Map(id)) => {
            let (key, value) = schema.map(id);
            let entries: Vec<String> =
                entries.iter().map(|(k, v)| format!("{}: {}", nested(key, k), nested(value, v))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        (Value::Struct(fields), Type::Struct(id)) => {
            let item = &schema[id];
            let fields: Vec<String> = fields
                .iter()
                .map(|(position, value)| {
                    let field = &item.fields[usize::from(*position)];
                    format!("{:?}: {}", field.name, nested(field.ty, value))
                })
                .collect();
            format!("{{{}}}", fields.join(", "))
        }
        (Value::List(_) | Value::Map(_) | Value::Struct(_), _) => {
            unreachable!("the builder has checked the value against its type")
        }
    }
}

fn named(item: &Enum, value: i64) -> String {
    let member = i32::try_from(value).ok().and_then(|value| item.member_by_value(value));
    member.map_or_else(|| value.to_string(), |member| format!("{}.{}", item.name, member.name))
}
