//! The walk over one struct: along the schema, out of a reader and, where it is written again, into a writer.

use std::marker::PhantomData;

use thriftgate_metadata::{ElementId, MapId, Schema, Struct, StructId, StructKind, Type};

use super::error::{TranscodeError, TranscodeErrorKind};
use crate::seen::{Seen, SeenStack};
use crate::wire::{Reader, WireType, Writer};

pub(super) type Result<T> = std::result::Result<T, Box<TranscodeError>>;

pub(super) struct Walk<'w, 'a, R, W> {
    pub(super) schema: &'w Schema,
    pub(super) reader: &'w mut R,
    /// `None` where the message is only checked.
    pub(super) writer: Option<&'w mut W>,
    /// What the writer's buffer may grow to.
    pub(super) bound: usize,
    pub(super) limit: usize,
    pub(super) seen: SeenStack,
    borrowed: PhantomData<&'a [u8]>,
}

impl<'w, 'a, R: Reader<'a>, W: Writer> Walk<'w, 'a, R, W> {
    pub(super) fn check(schema: &'w Schema, reader: &'w mut R) -> Self {
        Self::new(schema, reader, None, usize::MAX, usize::MAX)
    }

    /// Writes no more than `limit` bytes from `start` on, a position in the writer's buffer.
    pub(super) fn rewrite(
        schema: &'w Schema,
        reader: &'w mut R,
        writer: &'w mut W,
        start: usize,
        limit: usize,
    ) -> Self {
        let bound = start.saturating_add(limit);
        Self::new(schema, reader, Some(writer), bound, limit)
    }

    fn new(
        schema: &'w Schema,
        reader: &'w mut R,
        writer: Option<&'w mut W>,
        bound: usize,
        limit: usize,
    ) -> Self {
        Self { schema, reader, writer, bound, limit, seen: SeenStack::default(), borrowed: PhantomData }
    }

    /// Walks the arguments or result of a method, or a struct alone; returns the position of the first field.
    pub(super) fn outermost(mut self, id: StructId) -> Result<Option<usize>> {
        let name: &str = match self.schema[id].kind {
            StructKind::Arguments => "arguments",
            StructKind::Result => "result",
            StructKind::Struct | StructKind::Union | StructKind::Exception => &self.schema[id].name,
        };
        self.structure(id).map_err(|error| error.inside(format_args!("{name}")))
    }

    fn structure(&mut self, id: StructId) -> Result<Option<usize>> {
        let schema = self.schema;
        let shape = &schema[id];
        self.reader.struct_begin()?;
        if let Some(writer) = &mut self.writer {
            writer.struct_begin();
        }
        let mut seen = self.seen.open(shape.fields.len());
        let mut first = None;
        let mut members = 0;
        // Fields mostly come in the order of their declaration.
        let mut guess = 0;
        while let Some((found, id)) = self.reader.field_begin()? {
            let position = match shape.fields.get(guess) {
                Some(field) if field.id == id => Some(guess),
                _ => shape.field_by_id(id).map(|(position, _)| position),
            };
            if let Some(position) = position {
                guess = position + 1;
                if !self.seen.insert(&mut seen, position) {
                    return Err(self.field_error(shape, position, TranscodeErrorKind::Repeated));
                }
                first = first.or(Some(position));
                members += 1;
                self.field(shape, position, found)?;
            } else {
                // A member that is passed on counts, known or not.
                members += usize::from(self.writer.is_none());
                self.reader.skip(found)?;
            }
            self.reader.field_end()?;
        }
        self.reader.struct_end()?;
        if let Some(writer) = &mut self.writer {
            writer.struct_end();
            within(writer.len(), self.bound, self.limit)?;
        }
        self.complete(id, &seen, members)?;
        self.seen.close(&seen);
        Ok(first)
    }

    #[inline]
    pub(super) fn field(&mut self, shape: &Struct, position: usize, found: WireType) -> Result<()> {
        let field = &shape.fields[position];
        let ty = WireType::of(field.ty);
        if found != ty {
            return Err(self.field_error(shape, position, TranscodeErrorKind::Mismatch { found }));
        }
        if let Some(writer) = &mut self.writer {
            writer.field_begin(ty, field.id);
        }
        self.value(field.ty).map_err(|error| error.inside(format_args!(".{}", field.name)))?;
        if let Some(writer) = &mut self.writer {
            writer.field_end();
        }
        Ok(())
    }

    #[cold]
    pub(super) fn field_error(
        &self,
        shape: &Struct,
        position: usize,
        kind: TranscodeErrorKind,
    ) -> Box<TranscodeError> {
        let field = &shape.fields[position];
        TranscodeError::at(kind, self.schema, field.ty).inside(format_args!(".{}", field.name))
    }

    /// What a whole struct has to have.
    #[inline]
    pub(super) fn complete(&self, id: StructId, seen: &Seen, members: usize) -> Result<()> {
        let shape = &self.schema[id];
        let error = |kind| Err(TranscodeError::at(kind, self.schema, Type::Struct(id)));
        match shape.kind {
            StructKind::Union if members != 1 => return error(TranscodeErrorKind::UnionArity),
            StructKind::Result if members > 1 => return error(TranscodeErrorKind::ResultArity),
            _ => {}
        }
        for position in shape.required() {
            if !self.seen.contains(seen, position) {
                return Err(self.field_error(shape, position, TranscodeErrorKind::Missing));
            }
        }
        Ok(())
    }

    #[inline]
    fn value(&mut self, ty: Type) -> Result<()> {
        match ty {
            Type::Struct(id) => self.structure(id).map(drop),
            Type::List(id) => self.list(ty, id),
            Type::Set(id) => self.list(ty, id),
            Type::Map(id) => self.map(ty, id),
            _ => self.leaf(ty),
        }
    }

    #[inline]
    fn leaf(&mut self, ty: Type) -> Result<()> {
        let Some(writer) = &mut self.writer else {
            return Ok(self.reader.skip(WireType::of(ty))?);
        };
        let reader = &mut *self.reader;
        match ty {
            Type::Bool => writer.bool(reader.bool()?),
            Type::I8 => writer.i8(reader.i8()?),
            Type::I16 => writer.i16(reader.i16()?),
            Type::I32 | Type::Enum(_) => writer.i32(reader.i32()?),
            Type::I64 => writer.i64(reader.i64()?),
            Type::Double => writer.double(reader.double()?),
            Type::Uuid => writer.uuid(&reader.uuid()?),
            Type::String => {
                let value = reader.string()?;
                within(writer.len().saturating_add(value.len()), self.bound, self.limit)?;
                writer.string(&value);
            }
            Type::Binary => {
                let value = reader.binary()?;
                within(writer.len().saturating_add(value.len()), self.bound, self.limit)?;
                writer.binary(&value);
            }
            Type::Struct(_) | Type::List(_) | Type::Set(_) | Type::Map(_) => {
                unreachable!("what holds values is walked into")
            }
        }
        within(writer.len(), self.bound, self.limit)
    }

    fn list(&mut self, ty: Type, id: ElementId) -> Result<()> {
        let element = self.schema.element(id);
        let (container, wire) = (WireType::of(ty), WireType::of(element));
        let (found, count) = self.reader.list_begin(container)?;
        if found != wire && count > 0 {
            let kind = TranscodeErrorKind::Mismatch { found };
            return Err(TranscodeError::at(kind, self.schema, element).inside(format_args!("[0]")));
        }
        let mark = self.writer.as_mut().map(|writer| writer.list_begin_sized(container, wire, count));
        if mark.is_none() && is_leaf(element) {
            self.reader.skip_elements(wire, count)?;
        } else {
            for index in 0..count {
                self.value(element).map_err(|error| error.inside(format_args!("[{index}]")))?;
            }
        }
        self.reader.list_end()?;
        if let (Some(writer), Some(mark)) = (&mut self.writer, mark) {
            writer.list_end(mark, count);
            within(writer.len(), self.bound, self.limit)?;
        }
        Ok(())
    }

    fn map(&mut self, ty: Type, id: MapId) -> Result<()> {
        let (key, value) = self.schema.map(id);
        let (key_wire, value_wire) = (WireType::of(key), WireType::of(value));
        let (found_key, found_value, count) = self.reader.map_begin()?;
        if count > 0 && (found_key, found_value) != (key_wire, value_wire) {
            let found = if found_key == key_wire { found_value } else { found_key };
            return Err(TranscodeError::at(TranscodeErrorKind::Mismatch { found }, self.schema, ty));
        }
        let mark = self.writer.as_mut().map(|writer| writer.map_begin_sized(key_wire, value_wire, count));
        for index in 0..count {
            self.value(key).map_err(|error| error.inside(format_args!("[key {index}]")))?;
            self.value(value).map_err(|error| error.inside(format_args!("[{index}]")))?;
        }
        self.reader.map_end()?;
        if let (Some(writer), Some(mark)) = (&mut self.writer, mark) {
            writer.map_end(mark, count);
            within(writer.len(), self.bound, self.limit)?;
        }
        Ok(())
    }
}

fn is_leaf(ty: Type) -> bool {
    !matches!(ty, Type::Struct(_) | Type::List(_) | Type::Set(_) | Type::Map(_))
}

#[inline]
pub(super) fn within(length: usize, bound: usize, limit: usize) -> Result<()> {
    if length > bound { Err(TranscodeError::too_large(limit)) } else { Ok(()) }
}
