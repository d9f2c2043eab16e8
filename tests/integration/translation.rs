//! JSON to Thrift and back with Apache's `thrift` crate between, on random schemas and values.

use proptest::prelude::*;
use serde_json::{Value, json};
use thrift::protocol::{
    TBinaryInputProtocol, TBinaryOutputProtocol, TCompactInputProtocol, TCompactOutputProtocol,
    TFieldIdentifier, TInputProtocol, TListIdentifier, TMapIdentifier, TMessageIdentifier, TMessageType,
    TOutputProtocol, TSetIdentifier, TStructIdentifier, TType,
};
use thriftgate_metadata::{FunctionId, Schema};
use thriftgate_protocols::json::{self, Expected, Target, Translation};
use thriftgate_protocols::style::{Limits, Style};
use thriftgate_protocols::transcode::{Source, Transcoding};
use thriftgate_protocols::wire::{MessageHeader, MessageKind, Protocol};

use crate::random::{sample, schema};

const PROTOCOLS: [Protocol; 3] = [Protocol::Binary, Protocol::Compact, Protocol::Json];

/// A value as the crate tells it, without a schema.
#[derive(Clone, Debug)]
enum Generic {
    Bool(bool),
    I8(i8),
    I16(i16),
    I32(i32),
    I64(i64),
    Double(f64),
    Bytes(Vec<u8>),
    Uuid(uuid::Uuid),
    List(TType, Vec<Generic>),
    Set(TType, Vec<Generic>),
    Map(TType, TType, Vec<(Generic, Generic)>),
    Struct(Vec<(i16, TType, Generic)>),
}

fn read(from: &mut dyn TInputProtocol, ty: TType) -> thrift::Result<Generic> {
    Ok(match ty {
        TType::Bool => Generic::Bool(from.read_bool()?),
        TType::I08 => Generic::I8(from.read_i8()?),
        TType::I16 => Generic::I16(from.read_i16()?),
        TType::I32 => Generic::I32(from.read_i32()?),
        TType::I64 => Generic::I64(from.read_i64()?),
        TType::Double => Generic::Double(from.read_double()?),
        TType::String => Generic::Bytes(from.read_bytes()?),
        TType::Uuid => Generic::Uuid(from.read_uuid()?),
        TType::List => {
            let list = from.read_list_begin()?;
            let elements = (0..list.size).map(|_| read(from, list.element_type)).collect::<Result<_, _>>()?;
            Generic::List(list.element_type, elements)
        }
        TType::Set => {
            let set = from.read_set_begin()?;
            let elements = (0..set.size).map(|_| read(from, set.element_type)).collect::<Result<_, _>>()?;
            Generic::Set(set.element_type, elements)
        }
        TType::Map => {
            let map = from.read_map_begin()?;
            // An empty compact map does not tell its types.
            let key = map.key_type.unwrap_or(TType::Stop);
            let value = map.value_type.unwrap_or(TType::Stop);
            let entries = (0..map.size)
                .map(|_| Ok((read(from, key)?, read(from, value)?)))
                .collect::<thrift::Result<_>>()?;
            Generic::Map(key, value, entries)
        }
        TType::Struct => {
            from.read_struct_begin()?;
            let mut fields = Vec::new();
            loop {
                let field = from.read_field_begin()?;
                if field.field_type == TType::Stop {
                    break;
                }
                let id = field.id.expect("a field has an id");
                fields.push((id, field.field_type, read(from, field.field_type)?));
                from.read_field_end()?;
            }
            from.read_struct_end()?;
            Generic::Struct(fields)
        }
        other => panic!("{other:?} is no type of a value"),
    })
}

fn write(to: &mut dyn TOutputProtocol, value: &Generic) -> thrift::Result<()> {
    match value {
        Generic::Bool(value) => to.write_bool(*value),
        Generic::I8(value) => to.write_i8(*value),
        Generic::I16(value) => to.write_i16(*value),
        Generic::I32(value) => to.write_i32(*value),
        Generic::I64(value) => to.write_i64(*value),
        Generic::Double(value) => to.write_double(*value),
        Generic::Bytes(value) => to.write_bytes(value),
        Generic::Uuid(value) => to.write_uuid(value),
        Generic::List(ty, elements) => {
            to.write_list_begin(&TListIdentifier::new(*ty, size(elements.len())))?;
            elements.iter().try_for_each(|element| write(to, element))
        }
        Generic::Set(ty, elements) => {
            to.write_set_begin(&TSetIdentifier::new(*ty, size(elements.len())))?;
            elements.iter().try_for_each(|element| write(to, element))
        }
        Generic::Map(key, value, entries) => {
            to.write_map_begin(&TMapIdentifier::new(*key, *value, size(entries.len())))?;
            entries.iter().try_for_each(|(key, value)| {
                write(to, key)?;
                write(to, value)
            })
        }
        Generic::Struct(fields) => {
            to.write_struct_begin(&TStructIdentifier::new("S"))?;
            for (id, ty, value) in fields {
                to.write_field_begin(&TFieldIdentifier::new("f", *ty, *id))?;
                write(to, value)?;
                to.write_field_end()?;
            }
            to.write_field_stop()?;
            to.write_struct_end()
        }
    }
}

fn size(length: usize) -> i32 {
    i32::try_from(length).expect("few elements")
}

fn read_message(protocol: Protocol, bytes: &[u8]) -> (TMessageIdentifier, Generic) {
    let mut rest = bytes;
    let mut from: Box<dyn TInputProtocol> = match protocol {
        Protocol::Binary => Box::new(TBinaryInputProtocol::new(&mut rest, true)),
        _ => Box::new(TCompactInputProtocol::new(&mut rest)),
    };
    let header = from.read_message_begin().expect("the crate reads the header");
    let value = read(&mut *from, TType::Struct).expect("the crate reads the struct");
    drop(from);
    assert!(rest.is_empty(), "bytes left over");
    (header, value)
}

fn write_message(protocol: Protocol, header: &TMessageIdentifier, value: &Generic) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut to: Box<dyn TOutputProtocol> = match protocol {
        Protocol::Binary => Box::new(TBinaryOutputProtocol::new(&mut bytes, true)),
        _ => Box::new(TCompactOutputProtocol::new(&mut bytes)),
    };
    to.write_message_begin(header).expect("a vector takes all");
    write(&mut *to, value).expect("a vector takes all");
    to.write_message_end().expect("a vector takes all");
    drop(to);
    bytes
}

fn to_thrift(schema: &Schema, function: FunctionId, protocol: Protocol, arguments: &str) -> Vec<u8> {
    let target = Target {
        function,
        dialect: protocol.into(),
        name: "echo".into(),
        sequence_id: 7,
        style: Style::default(),
        injected: None,
    };
    let mut bytes = Vec::new();
    json::arguments(arguments, &translation(schema), &target, &mut bytes)
        .unwrap_or_else(|error| panic!("{error:?}: {arguments}"));
    bytes
}

fn from_thrift(schema: &Schema, function: FunctionId, protocol: Protocol, message: &[u8]) -> Value {
    let expected =
        Expected { function, dialect: protocol.into(), name: "echo", sequence_id: 7, method: "echo" };
    let mut text = Vec::new();
    json::reply(message, &translation(schema), &expected, &mut text)
        .unwrap_or_else(|error| panic!("{error}: {}", message.escape_ascii()));
    let json: Value = serde_json::from_slice(&text).expect("a reply is JSON");
    json["result"]["success"].clone()
}

fn translation(schema: &Schema) -> Translation<'_> {
    Translation { schema, style: Style::default(), limits: Limits::default() }
}

/// Whether two values are the same, where a number may be written as `1` or `1.0`.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(a), Value::Number(b)) => {
            a == b || (a.is_f64() || b.is_f64()) && a.as_f64() == b.as_f64()
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(left, right)| same(left, right))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, left)| b.get(key).is_some_and(|right| same(left, right)))
        }
        _ => left == right,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    // Cases 4 and 30.
    #[test]
    fn json_through_the_thrift_crate_and_back(sample in sample()) {
        let (schema, function) = schema(&sample.idl);
        let arguments = json!({"value": sample.value}).to_string();
        for protocol in [Protocol::Binary, Protocol::Compact] {
            let call = to_thrift(&schema, function, protocol, &arguments);
            let (header, value) = read_message(protocol, &call);
            let told = (&*header.name, header.message_type, header.sequence_number);
            prop_assert_eq!(told, ("echo", TMessageType::Call, 7));
            prop_assert_eq!(&write_message(protocol, &header, &value), &call);
            let Generic::Struct(fields) = value else { panic!("arguments are a struct") };
            let [(1, ty, argument)] = &fields[..] else { panic!("one argument") };
            let result = Generic::Struct(vec![(0, *ty, argument.clone())]);
            let header = TMessageIdentifier::new("echo", TMessageType::Reply, 7);
            let reply = write_message(protocol, &header, &result);
            let back = from_thrift(&schema, function, protocol, &reply);
            prop_assert!(same(&back, &sample.value), "{}\n{}\n{back}", sample.idl, sample.value);
        }
    }

    // Case 30: every wire protocol to every other, through all three, and the JSON is the same.
    #[test]
    fn every_translation_between_wire_protocols(sample in sample()) {
        let (schema, function) = schema(&sample.idl);
        let arguments = json!({"value": sample.value}).to_string();
        let transcoding = Transcoding { schema: &schema, limits: Limits::default() };
        let header = MessageHeader { name: "echo".into(), kind: MessageKind::Call, sequence_id: 7 };
        for from in PROTOCOLS {
            let message = to_thrift(&schema, function, from, &arguments);
            for to in PROTOCOLS {
                let mut bytes = Vec::new();
                let source = Source { dialect: from.into(), bytes: &message };
                transcoding
                    .message(schema[function].arguments, source, to.into(), &header, &mut bytes)
                    .unwrap_or_else(|error| panic!("{error}"));
                prop_assert_eq!(&bytes, &to_thrift(&schema, function, to, &arguments), "{:?} {:?}", from, to);
            }
        }
    }
}
