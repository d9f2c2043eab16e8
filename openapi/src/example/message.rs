//! Values as messages of a backend.

use std::borrow::Cow;

use thriftgate_metadata::{Schema, StructId, Type, Value};
use thriftgate_protocols::wire::{
    BinaryWriter, CompactWriter, Dialect, JsonWriter, MessageHeader, MessageKind, Protocol, WireType, Writer,
};

/// The reply whose result has this value.
pub(super) fn reply(
    schema: &Schema,
    result: Type,
    value: &Value,
    dialect: Dialect,
    (name, sequence_id): (&str, i32),
) -> Vec<u8> {
    let header = MessageHeader { name: Cow::Borrowed(name), kind: MessageKind::Reply, sequence_id };
    let mut out = Vec::new();
    match dialect.protocol {
        Protocol::Binary => write_message(schema, result, value, &header, BinaryWriter::new(&mut out)),
        Protocol::Compact => write_message(schema, result, value, &header, CompactWriter::new(&mut out)),
        Protocol::Json => write_message(schema, result, value, &header, JsonWriter::new(&mut out)),
    }
    out
}

fn write_message(
    schema: &Schema,
    result: Type,
    value: &Value,
    header: &MessageHeader<'_>,
    mut writer: impl Writer,
) {
    writer.message_begin(header);
    write(&mut writer, schema, result, value);
    writer.message_end();
}

fn write(writer: &mut impl Writer, schema: &Schema, ty: Type, value: &Value) {
    match (ty, value) {
        (Type::Bool, Value::Bool(value)) => writer.bool(*value),
        (Type::I8, Value::Int(value)) => writer.i8(*value as i8),
        (Type::I16, Value::Int(value)) => writer.i16(*value as i16),
        (Type::I32 | Type::Enum(_), Value::Int(value)) => writer.i32(*value as i32),
        (Type::I64, Value::Int(value)) => writer.i64(*value),
        (Type::Double, Value::Double(value)) => writer.double(*value),
        (Type::String, Value::String(value)) => writer.string(value),
        (Type::Binary, Value::Binary(value)) => writer.binary(value),
        (Type::Uuid, Value::Uuid(value)) => writer.uuid(value),
        (Type::List(id) | Type::Set(id), Value::List(values)) => {
            let element = schema.element(id);
            let count = values.len() as u32;
            let mark = writer.list_begin_sized(WireType::of(ty), WireType::of(element), count);
            values.iter().for_each(|value| write(writer, schema, element, value));
            writer.list_end(mark, count);
        }
        (Type::Map(id), Value::Map(entries)) => {
            let (of_key, of_value) = schema.map(id);
            let count = entries.len() as u32;
            let mark = writer.map_begin_sized(WireType::of(of_key), WireType::of(of_value), count);
            for (key, value) in entries {
                write(writer, schema, of_key, key);
                write(writer, schema, of_value, value);
            }
            writer.map_end(mark, count);
        }
        (Type::Struct(id), Value::Struct(fields)) => write_struct(writer, schema, id, fields),
        _ => unreachable!("a value is of its type"),
    }
}

/// A struct in the order of its ids.
fn write_struct(writer: &mut impl Writer, schema: &Schema, id: StructId, given: &[(u16, Value)]) {
    let mut fields: Vec<_> =
        given.iter().map(|(position, value)| (&schema[id].fields[usize::from(*position)], value)).collect();
    fields.sort_unstable_by_key(|(field, _)| field.id);
    writer.struct_begin();
    for (field, value) in fields {
        writer.field_begin(WireType::of(field.ty), field.id);
        write(writer, schema, field.ty, value);
        writer.field_end();
    }
    writer.struct_end();
}
