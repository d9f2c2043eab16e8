//! Arguments that are filled in, and that whoever calls may not send.
//!
//! Which fields they are is known before any call, their values with each. The way to such a field leads through
//! structs; a struct on the way that is not sent is made.

use std::borrow::Cow;

use thriftgate_metadata::{Schema, StructId, Type, Value};

use crate::wire::{WireType, Writer};

/// The fields of a method's arguments that are filled in.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Injection {
    slots: Vec<Slot>,
    count: usize,
}

/// A field that is filled in, or that has such fields inside.
#[derive(Clone, PartialEq, Debug)]
struct Slot {
    position: usize,
    content: Content,
}

#[derive(Clone, PartialEq, Debug)]
enum Content {
    /// The value with this number.
    Value(usize),
    Struct(Vec<Slot>),
}

impl Injection {
    /// Adds the field at the end of `path`: positions in [`Struct::fields`](thriftgate_metadata::Struct::fields),
    /// the first one in the struct of the arguments. All but the last are of structs, none of a union; no path
    /// leads through another.
    pub fn add(&mut self, path: &[usize]) {
        let Some((&last, way)) = path.split_last() else { return };
        let slots = way.iter().fold(&mut self.slots, |slots, &position| inside(slots, position));
        slots.push(Slot { position: last, content: Content::Value(self.count) });
        self.count += 1;
    }

    /// Whether there is no such field.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

/// The fields inside of the struct at this position.
fn inside(slots: &mut Vec<Slot>, position: usize) -> &mut Vec<Slot> {
    let is_way = |slot: &Slot| slot.position == position && matches!(slot.content, Content::Struct(_));
    let index = slots.iter().position(is_way).unwrap_or_else(|| {
        slots.push(Slot { position, content: Content::Struct(Vec::new()) });
        slots.len() - 1
    });
    match &mut slots[index].content {
        Content::Struct(slots) => slots,
        Content::Value(_) => unreachable!("only ways are looked for"),
    }
}

/// The fields of one call, and their values.
#[derive(Clone, PartialEq, Debug)]
pub struct Injected<'i> {
    injection: &'i Injection,
    values: Cow<'i, [Value]>,
}

impl<'i> Injected<'i> {
    /// A value for each field of the injection, in the order in which they were added. Each is of its field's type:
    /// a base type but `binary`, an enum, or a list of strings.
    ///
    /// # Panics
    ///
    /// Where there are more or fewer.
    #[must_use]
    pub fn new(injection: &'i Injection, values: impl Into<Cow<'i, [Value]>>) -> Self {
        let values = values.into();
        assert_eq!(values.len(), injection.count, "a value for each field");
        Self { injection, values }
    }

    pub(crate) fn fills(&self) -> Fills<'_> {
        Fills { slots: &self.injection.slots, values: &self.values }
    }
}

/// The fields of one struct that are filled in, or have such fields inside.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fills<'i> {
    slots: &'i [Slot],
    values: &'i [Value],
}

/// What is in such a field.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fill<'i> {
    Value(&'i Value),
    Inside(Fills<'i>),
}

impl<'i> Fills<'i> {
    pub(crate) fn find(self, position: usize) -> Option<Fill<'i>> {
        self.slots.iter().find(|slot| slot.position == position).map(|slot| self.fill(slot))
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = (usize, Fill<'i>)> {
        self.slots.iter().map(move |slot| (slot.position, self.fill(slot)))
    }

    fn fill(self, slot: &'i Slot) -> Fill<'i> {
        match &slot.content {
            Content::Value(number) => Fill::Value(&self.values[*number]),
            Content::Struct(slots) => Fill::Inside(Fills { slots, values: self.values }),
        }
    }
}

/// The struct that a way leads through.
pub(crate) fn struct_on_way(ty: Type) -> StructId {
    match ty {
        Type::Struct(id) => id,
        _ => unreachable!("the way to an injected field leads through structs"),
    }
}

/// Writes a value of an injected field.
pub(crate) fn write(writer: &mut impl Writer, schema: &Schema, ty: Type, value: &Value) {
    match (ty, value) {
        (Type::Bool, Value::Bool(value)) => writer.bool(*value),
        (Type::I8, Value::Int(value)) => writer.i8(*value as i8),
        (Type::I16, Value::Int(value)) => writer.i16(*value as i16),
        (Type::I32 | Type::Enum(_), Value::Int(value)) => writer.i32(*value as i32),
        (Type::I64, Value::Int(value)) => writer.i64(*value),
        (Type::Double, Value::Double(value)) => writer.double(*value),
        (Type::String, Value::String(value)) => writer.string(value),
        (Type::Uuid, Value::Uuid(value)) => writer.uuid(value),
        (Type::List(id), Value::List(values)) => {
            let element = schema.element(id);
            let count = values.len() as u32;
            let mark = writer.list_begin_sized(WireType::of(ty), WireType::of(element), count);
            for value in values {
                write(writer, schema, element, value);
            }
            writer.list_end(mark, count);
        }
        _ => unreachable!("an injected value is of its field's type"),
    }
}
