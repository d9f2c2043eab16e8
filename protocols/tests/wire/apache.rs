//! Binary and compact against Apache's `thrift` crate, in both directions.

use proptest::prelude::*;
use thrift::protocol::{
    TBinaryInputProtocol, TBinaryOutputProtocol, TCompactInputProtocol, TCompactOutputProtocol,
    TFieldIdentifier, TInputProtocol, TListIdentifier, TMapIdentifier, TMessageIdentifier, TMessageType,
    TOutputProtocol, TSetIdentifier, TStructIdentifier, TType,
};
use thriftgate_protocols::wire::{MessageHeader, MessageKind, Protocol, WireType};

use crate::tree::{Body, Shape, Tree, header, message, parse, structure_of};

fn apache_type(ty: WireType) -> TType {
    match ty {
        WireType::Bool => TType::Bool,
        WireType::I8 => TType::I08,
        WireType::I16 => TType::I16,
        WireType::I32 => TType::I32,
        WireType::I64 => TType::I64,
        WireType::Double => TType::Double,
        WireType::String => TType::String,
        WireType::Struct => TType::Struct,
        WireType::Map => TType::Map,
        WireType::Set => TType::Set,
        WireType::List => TType::List,
        WireType::Uuid => TType::Uuid,
    }
}

fn apache_kind(kind: MessageKind) -> TMessageType {
    match kind {
        MessageKind::Call => TMessageType::Call,
        MessageKind::Reply => TMessageType::Reply,
        MessageKind::Exception => TMessageType::Exception,
        MessageKind::Oneway => TMessageType::OneWay,
    }
}

fn write(to: &mut dyn TOutputProtocol, shape: &Shape, tree: &Tree) -> thrift::Result<()> {
    match (shape, tree) {
        (_, Tree::Bool(value)) => to.write_bool(*value),
        (_, Tree::I8(value)) => to.write_i8(*value),
        (_, Tree::I16(value)) => to.write_i16(*value),
        (_, Tree::I32(value)) => to.write_i32(*value),
        (_, Tree::I64(value)) => to.write_i64(*value),
        (_, Tree::Double(bits)) => to.write_double(f64::from_bits(*bits)),
        (_, Tree::Binary(value)) => to.write_bytes(value),
        (_, Tree::Text(value)) => to.write_string(value),
        (_, Tree::Uuid(value)) => to.write_uuid(&uuid::Uuid::from_bytes(*value)),
        (Shape::Struct(shapes), Tree::Struct(fields)) => {
            to.write_struct_begin(&TStructIdentifier::new("S"))?;
            for (id, value) in fields {
                let (_, shape) = shapes.iter().find(|(of, _)| of == id).expect("in the shape");
                to.write_field_begin(&TFieldIdentifier::new("f", apache_type(shape.wire()), *id))?;
                write(to, shape, value)?;
                to.write_field_end()?;
            }
            to.write_field_stop()?;
            to.write_struct_end()
        }
        (Shape::List(ty, shape), Tree::List(elements)) => {
            let (element, count) = (apache_type(shape.wire()), elements.len() as i32);
            match ty {
                WireType::Set => to.write_set_begin(&TSetIdentifier::new(element, count))?,
                _ => to.write_list_begin(&TListIdentifier::new(element, count))?,
            }
            elements.iter().try_for_each(|element| write(to, shape, element))
        }
        (Shape::Map(key, value), Tree::Map(entries)) => {
            let (k, v) = (apache_type(key.wire()), apache_type(value.wire()));
            to.write_map_begin(&TMapIdentifier::new(k, v, entries.len() as i32))?;
            entries.iter().try_for_each(|(k, v)| {
                write(to, key, k)?;
                write(to, value, v)
            })
        }
        _ => panic!("{tree:?} is no {shape:?}"),
    }
}

fn read(from: &mut dyn TInputProtocol, shape: &Shape) -> thrift::Result<Tree> {
    Ok(match shape {
        Shape::Leaf(WireType::Bool) => Tree::Bool(from.read_bool()?),
        Shape::Leaf(WireType::I8) => Tree::I8(from.read_i8()?),
        Shape::Leaf(WireType::I16) => Tree::I16(from.read_i16()?),
        Shape::Leaf(WireType::I32) => Tree::I32(from.read_i32()?),
        Shape::Leaf(WireType::I64) => Tree::I64(from.read_i64()?),
        Shape::Leaf(WireType::Double) => Tree::Double(from.read_double()?.to_bits()),
        Shape::Leaf(WireType::Uuid) => Tree::Uuid(*from.read_uuid()?.as_bytes()),
        Shape::Leaf(_) => Tree::Binary(from.read_bytes()?),
        Shape::Text => Tree::Text(from.read_string()?),
        Shape::Struct(shapes) => {
            from.read_struct_begin()?;
            let mut fields = Vec::new();
            loop {
                let field = from.read_field_begin()?;
                if field.field_type == TType::Stop {
                    break;
                }
                let id = field.id.expect("a field has an id");
                let (_, shape) = shapes.iter().find(|(of, _)| *of == id).expect("in the shape");
                assert_eq!(field.field_type, apache_type(shape.wire()));
                fields.push((id, read(from, shape)?));
                from.read_field_end()?;
            }
            from.read_struct_end()?;
            Tree::Struct(fields)
        }
        Shape::List(ty, shape) => {
            let count = match ty {
                WireType::Set => from.read_set_begin()?.size,
                _ => from.read_list_begin()?.size,
            };
            Tree::List((0..count).map(|_| read(from, shape)).collect::<Result<_, _>>()?)
        }
        Shape::Map(key, value) => {
            let count = from.read_map_begin()?.size;
            Tree::Map(
                (0..count)
                    .map(|_| Ok((read(from, key)?, read(from, value)?)))
                    .collect::<thrift::Result<_>>()?,
            )
        }
    })
}

fn apache_message(protocol: Protocol, header: &MessageHeader<'_>, shape: &Shape, tree: &Tree) -> Vec<u8> {
    let mut bytes = Vec::new();
    {
        let mut to: Box<dyn TOutputProtocol> = match protocol {
            Protocol::Binary => Box::new(TBinaryOutputProtocol::new(&mut bytes, true)),
            _ => Box::new(TCompactOutputProtocol::new(&mut bytes)),
        };
        let id = TMessageIdentifier::new(&*header.name, apache_kind(header.kind), header.sequence_id);
        to.write_message_begin(&id).expect("a header is written");
        write(&mut *to, shape, tree).expect("a value is written");
        to.write_message_end().expect("an end is written");
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    // Case 30, the part of the encodings.
    // The crate computes the difference of two ids in 16 bits, so that they are kept apart by less.
    #[test]
    fn both_read_each_other((shape, tree) in structure_of(-16000..=16000), header in header()) {
        for protocol in [Protocol::Binary, Protocol::Compact] {
            let ours = message(protocol, &header, &shape, &tree, false);
            let theirs = apache_message(protocol, &header, &shape, &tree);
            // In compact, theirs writes an id that is 15 above the one before at length, where the
            // specification has a delta.
            if protocol == Protocol::Binary {
                prop_assert_eq!(&ours, &theirs);
            }

            let (head, read_by_us) = parse(protocol, &theirs, &Body::Read(&shape)).expect("ours reads theirs");
            prop_assert_eq!(&head, &header);
            prop_assert_eq!(&read_by_us, &tree);

            let mut from: Box<dyn TInputProtocol> = match protocol {
                Protocol::Binary => Box::new(TBinaryInputProtocol::new(&ours[..], true)),
                _ => Box::new(TCompactInputProtocol::new(&ours[..])),
            };
            let head = from.read_message_begin().expect("theirs reads our header");
            prop_assert_eq!(&head.name, &*header.name);
            prop_assert_eq!(head.message_type, apache_kind(header.kind));
            prop_assert_eq!(head.sequence_number, header.sequence_id);
            prop_assert_eq!(&read(&mut *from, &shape).expect("theirs reads ours"), &tree);
        }
    }
}
