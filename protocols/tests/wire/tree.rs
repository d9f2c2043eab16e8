//! Values of any shape, as the tests make, write and read them.

use std::ops::RangeInclusive;

use proptest::prelude::*;
use thriftgate_protocols::wire::{
    BinaryReader, BinaryWriter, CompactReader, CompactWriter, JsonReader, JsonWriter, MessageHeader,
    MessageKind, Protocol, Reader, WireError, WireType, Writer,
};

/// Levels that no test but those of the limit reaches.
pub(crate) const DEPTH: usize = 64;

pub(crate) const PROTOCOLS: [Protocol; 3] = [Protocol::Binary, Protocol::Compact, Protocol::Json];

/// The type of a value, text told from bytes.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    /// Any type that holds no other; a `String` is binary
    Leaf(WireType),
    Text,
    Struct(Vec<(i16, Shape)>),
    /// `WireType::List` or `WireType::Set`
    List(WireType, Box<Shape>),
    Map(Box<Shape>, Box<Shape>),
}

impl Shape {
    pub(crate) fn wire(&self) -> WireType {
        match self {
            Shape::Leaf(ty) | Shape::List(ty, _) => *ty,
            Shape::Text => WireType::String,
            Shape::Struct(_) => WireType::Struct,
            Shape::Map(..) => WireType::Map,
        }
    }
}

/// A value of a shape. A double is told by its bits, so that NaN equals itself.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Tree {
    Bool(bool),
    I8(i8),
    I16(i16),
    I32(i32),
    I64(i64),
    Double(u64),
    Binary(Vec<u8>),
    Text(String),
    Uuid([u8; 16]),
    Struct(Vec<(i16, Tree)>),
    List(Vec<Tree>),
    Map(Vec<(Tree, Tree)>),
}

impl Tree {
    /// Every NaN as the one that TJSON can tell.
    pub(crate) fn one_nan(&mut self) {
        match self {
            Tree::Double(bits) if f64::from_bits(*bits).is_nan() => *bits = f64::NAN.to_bits(),
            Tree::Struct(fields) => fields.iter_mut().for_each(|(_, value)| value.one_nan()),
            Tree::List(elements) => elements.iter_mut().for_each(Tree::one_nan),
            Tree::Map(entries) => entries.iter_mut().for_each(|(key, value)| {
                key.one_nan();
                value.one_nan();
            }),
            _ => {}
        }
    }
}

fn leaf_shape() -> impl Strategy<Value = Shape> {
    use WireType::{Bool, Double, I8, I16, I32, I64, String, Uuid};
    prop_oneof![
        proptest::sample::select(vec![Bool, I8, I16, I32, I64, Double, String, Uuid]).prop_map(Shape::Leaf),
        Just(Shape::Text),
    ]
}

fn struct_of(ids: Ids, shape: impl Strategy<Value = Shape>) -> impl Strategy<Value = Shape> {
    let id = prop_oneof![3 => 1..40_i16, 1 => ids];
    proptest::collection::btree_map(id, shape, 0..6)
        .prop_map(|fields| Shape::Struct(fields.into_iter().collect()))
}

fn shape(ids: Ids) -> impl Strategy<Value = Shape> {
    leaf_shape().prop_recursive(4, 24, 5, move |inner| {
        let list = proptest::sample::select(vec![WireType::List, WireType::Set]);
        prop_oneof![
            struct_of(ids.clone(), inner.clone()),
            (list, inner.clone()).prop_map(|(ty, element)| Shape::List(ty, Box::new(element))),
            (inner.clone(), inner).prop_map(|(key, value)| Shape::Map(Box::new(key), Box::new(value))),
        ]
    })
}

fn value(shape: &Shape) -> BoxedStrategy<Tree> {
    match shape {
        Shape::Leaf(WireType::Bool) => any::<bool>().prop_map(Tree::Bool).boxed(),
        Shape::Leaf(WireType::I8) => any::<i8>().prop_map(Tree::I8).boxed(),
        Shape::Leaf(WireType::I16) => any::<i16>().prop_map(Tree::I16).boxed(),
        Shape::Leaf(WireType::I32) => any::<i32>().prop_map(Tree::I32).boxed(),
        Shape::Leaf(WireType::I64) => any::<i64>().prop_map(Tree::I64).boxed(),
        Shape::Leaf(WireType::Double) => {
            prop_oneof![any::<u64>(), any::<f64>().prop_map(f64::to_bits)].prop_map(Tree::Double).boxed()
        }
        Shape::Leaf(WireType::Uuid) => any::<[u8; 16]>().prop_map(Tree::Uuid).boxed(),
        Shape::Leaf(_) => proptest::collection::vec(any::<u8>(), 0..40).prop_map(Tree::Binary).boxed(),
        Shape::Text => proptest::collection::vec(any::<char>(), 0..20)
            .prop_map(|text| Tree::Text(text.into_iter().collect()))
            .boxed(),
        Shape::Struct(fields) => {
            let fields: Vec<_> = fields
                .iter()
                .map(|(id, shape)| {
                    let id = *id;
                    proptest::option::weighted(0.8, value(shape))
                        .prop_map(move |value| value.map(|value| (id, value)))
                })
                .collect();
            fields.prop_map(|fields| Tree::Struct(fields.into_iter().flatten().collect())).boxed()
        }
        Shape::List(_, element) => {
            // More than 14 elements take the long form of a compact list.
            let element = value(element);
            let few = proptest::collection::vec(element.clone(), 0..4);
            let many = proptest::collection::vec(element, 13..18);
            prop_oneof![6 => few, 1 => many].prop_map(Tree::List).boxed()
        }
        Shape::Map(key, of) => {
            proptest::collection::vec((value(key), value(of)), 0..4).prop_map(Tree::Map).boxed()
        }
    }
}

/// The range of the ids of some fields; the others have small ones.
type Ids = RangeInclusive<i16>;

/// A struct of a random shape with any ids.
pub(crate) fn structure() -> impl Strategy<Value = (Shape, Tree)> {
    structure_of(i16::MIN..=i16::MAX)
}

/// A struct of a random shape.
pub(crate) fn structure_of(ids: Ids) -> impl Strategy<Value = (Shape, Tree)> {
    struct_of(ids.clone(), shape(ids)).prop_flat_map(|shape| (Just(shape.clone()), value(&shape)))
}

/// Any header of a message.
pub(crate) fn header() -> impl Strategy<Value = MessageHeader<'static>> {
    let kinds = vec![MessageKind::Call, MessageKind::Reply, MessageKind::Exception, MessageKind::Oneway];
    let name = "[a-zA-Z][a-zA-Z0-9_:é\"\\\\]{0,20}";
    (name, proptest::sample::select(kinds), any::<i32>())
        .prop_map(|(name, kind, sequence_id)| MessageHeader { name: name.into(), kind, sequence_id })
}

/// Writes a value. Lengths are told at the beginning or at the end of a container, as `sized` says.
pub(crate) fn write<W: Writer>(writer: &mut W, shape: &Shape, tree: &Tree, sized: bool) {
    match (shape, tree) {
        (_, Tree::Bool(value)) => writer.bool(*value),
        (_, Tree::I8(value)) => writer.i8(*value),
        (_, Tree::I16(value)) => writer.i16(*value),
        (_, Tree::I32(value)) => writer.i32(*value),
        (_, Tree::I64(value)) => writer.i64(*value),
        (_, Tree::Double(bits)) => writer.double(f64::from_bits(*bits)),
        (_, Tree::Binary(value)) => writer.binary(value),
        (_, Tree::Text(value)) => writer.string(value),
        (_, Tree::Uuid(value)) => writer.uuid(value),
        (Shape::Struct(shapes), Tree::Struct(fields)) => {
            writer.struct_begin();
            for (id, value) in fields {
                let shape =
                    shapes.iter().find(|(of, _)| of == id).map(|(_, shape)| shape).expect("in the shape");
                writer.field_begin(shape.wire(), *id);
                write(writer, shape, value, sized);
                writer.field_end();
            }
            writer.struct_end();
        }
        (Shape::List(ty, shape), Tree::List(elements)) => {
            let count = elements.len() as u32;
            let mark = match sized {
                true => writer.list_begin_sized(*ty, shape.wire(), count),
                false => writer.list_begin(*ty, shape.wire()),
            };
            elements.iter().for_each(|element| write(writer, shape, element, sized));
            writer.list_end(mark, count);
        }
        (Shape::Map(key, value), Tree::Map(entries)) => {
            let count = entries.len() as u32;
            let mark = match sized {
                true => writer.map_begin_sized(key.wire(), value.wire(), count),
                false => writer.map_begin(key.wire(), value.wire()),
            };
            for (k, v) in entries {
                write(writer, key, k, sized);
                write(writer, value, v, sized);
            }
            writer.map_end(mark, count);
        }
        _ => panic!("{tree:?} is no {shape:?}"),
    }
}

/// Reads a value of this shape.
pub(crate) fn read<'a, R: Reader<'a>>(reader: &mut R, shape: &Shape) -> Result<Tree, WireError> {
    Ok(match shape {
        Shape::Leaf(WireType::Bool) => Tree::Bool(reader.bool()?),
        Shape::Leaf(WireType::I8) => Tree::I8(reader.i8()?),
        Shape::Leaf(WireType::I16) => Tree::I16(reader.i16()?),
        Shape::Leaf(WireType::I32) => Tree::I32(reader.i32()?),
        Shape::Leaf(WireType::I64) => Tree::I64(reader.i64()?),
        Shape::Leaf(WireType::Double) => Tree::Double(reader.double()?.to_bits()),
        Shape::Leaf(WireType::Uuid) => Tree::Uuid(reader.uuid()?),
        Shape::Leaf(_) => Tree::Binary(reader.binary()?.into_owned()),
        Shape::Text => Tree::Text(reader.string()?.into_owned()),
        Shape::Struct(shapes) => {
            reader.struct_begin()?;
            let mut fields = Vec::new();
            while let Some((ty, id)) = reader.field_begin()? {
                match shapes.iter().find(|(of, shape)| *of == id && shape.wire() == ty) {
                    Some((_, shape)) => fields.push((id, read(reader, shape)?)),
                    None => reader.skip(ty)?,
                }
                reader.field_end()?;
            }
            reader.struct_end()?;
            Tree::Struct(fields)
        }
        Shape::List(ty, shape) => {
            let (element, count) = reader.list_begin(*ty)?;
            assert!(count == 0 || element == shape.wire());
            let elements = (0..count).map(|_| read(reader, shape)).collect::<Result<_, _>>()?;
            reader.list_end()?;
            Tree::List(elements)
        }
        Shape::Map(key, value) => {
            let (k, v, count) = reader.map_begin()?;
            assert!(count == 0 || (k, v) == (key.wire(), value.wire()));
            let entries = (0..count)
                .map(|_| Ok((read(reader, key)?, read(reader, value)?)))
                .collect::<Result<_, _>>()?;
            reader.map_end()?;
            Tree::Map(entries)
        }
    })
}

/// Writes a whole message.
pub(crate) fn message(
    protocol: Protocol,
    header: &MessageHeader<'_>,
    shape: &Shape,
    tree: &Tree,
    sized: bool,
) -> Vec<u8> {
    fn all(mut writer: impl Writer, header: &MessageHeader<'_>, shape: &Shape, tree: &Tree, sized: bool) {
        writer.message_begin(header);
        write(&mut writer, shape, tree, sized);
        writer.message_end();
    }
    let mut buffer = Vec::new();
    match protocol {
        Protocol::Binary => all(BinaryWriter::new(&mut buffer), header, shape, tree, sized),
        Protocol::Compact => all(CompactWriter::new(&mut buffer), header, shape, tree, sized),
        Protocol::Json => all(JsonWriter::new(&mut buffer), header, shape, tree, sized),
    }
    buffer
}

/// What is done with the struct of a message.
pub(crate) enum Body<'s> {
    Read(&'s Shape),
    Skip,
}

/// Reads a whole message; the tree is empty where it is skipped.
pub(crate) fn parse<'a>(
    protocol: Protocol,
    bytes: &'a [u8],
    body: &Body<'_>,
) -> Result<(MessageHeader<'a>, Tree), WireError> {
    fn all<'a>(mut reader: impl Reader<'a>, body: &Body<'_>) -> Result<(MessageHeader<'a>, Tree), WireError> {
        let header = reader.message_begin()?;
        let tree = match body {
            Body::Read(shape) => read(&mut reader, shape)?,
            Body::Skip => {
                reader.skip(WireType::Struct)?;
                Tree::Struct(Vec::new())
            }
        };
        reader.message_end()?;
        Ok((header, tree))
    }
    match protocol {
        Protocol::Binary => all(BinaryReader::new(bytes, DEPTH), body),
        Protocol::Compact => all(CompactReader::new(bytes, DEPTH), body),
        Protocol::Json => all(JsonReader::new(bytes, DEPTH), body),
    }
}
