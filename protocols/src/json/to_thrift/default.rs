//! The default values of the IDL, where a request has none.

use thriftgate_metadata::{Field, Requiredness, Struct, StructId, StructKind, Type, Value};

use super::super::Translation;
use super::super::scanner::Scanner;
use super::discard::Discard;
use super::translator::{Stop, Translator};
use crate::style::Limits;
use crate::wire::{WireType, Writer};

impl<'a, W: Writer> Translator<'_, 'a, W> {
    /// A field with its default value.
    pub(super) fn default_field(&mut self, field: &'a Field, default: &'a Value) -> Result<(), Stop> {
        self.writer.field_begin(WireType::of(field.ty), field.id);
        self.default_value(field.ty, default)?;
        self.writer.field_end();
        self.check_size()
    }

    /// Digests the default value of an `optional` field that is left unset, so that it equals one that is
    /// given with that value. Whether there is such a value.
    #[cold]
    pub(super) fn digest_unset(&mut self, structure: &'a Struct, field: &'a Field) -> Result<bool, Stop> {
        let Some(default) = &field.default else { return Ok(false) };
        if field.requiredness != Requiredness::Optional || structure.kind == StructKind::Union {
            return Ok(false);
        }
        let limits = Limits { depth: self.levels, output: usize::MAX };
        let translation = Translation { schema: self.schema, style: self.style, limits };
        let mut unwritten =
            Translator::new(&translation, Scanner::new(""), Discard::default(), usize::MAX, None);
        std::mem::swap(&mut unwritten.distinct, &mut self.distinct);
        let digested = unwritten.default_value(field.ty, default);
        std::mem::swap(&mut unwritten.distinct, &mut self.distinct);
        digested.map(|()| true)
    }

    fn default_value(&mut self, ty: Type, value: &'a Value) -> Result<(), Stop> {
        match (ty, value) {
            (Type::Bool, Value::Bool(value)) => self.put_bool(*value),
            (Type::I8 | Type::I16 | Type::I32 | Type::I64 | Type::Enum(_), Value::Int(value)) => {
                self.put_integer(ty, *value);
            }
            (Type::Double, Value::Double(value)) => self.put_double(*value),
            (Type::String, Value::String(value)) => self.put_string(value),
            (Type::Binary, Value::Binary(value)) => self.put_binary(value),
            (Type::Uuid, Value::Uuid(value)) => self.put_uuid(value),
            (Type::List(id) | Type::Set(id), Value::List(elements)) => {
                self.default_list(ty, self.schema.element(id), elements)?;
            }
            (Type::Map(id), Value::Map(entries)) => self.default_map(self.schema.map(id), entries)?,
            (Type::Struct(id), Value::Struct(fields)) => self.default_struct(id, fields)?,
            _ => unreachable!("a default value was checked against its type"),
        }
        Ok(())
    }

    fn default_list(&mut self, ty: Type, element: Type, values: &'a [Value]) -> Result<(), Stop> {
        self.enter()?;
        let mark = self.writer.list_begin_sized(WireType::of(ty), WireType::of(element), values.len() as u32);
        let group = matches!(ty, Type::Set(_)).then(|| self.distinct.open());
        let mut group = group.filter(|group| group.is_inner);
        let mut digest = 0;
        for value in values {
            self.default_value(element, value)?;
            match &mut group {
                Some(group) => {
                    self.distinct.add(group, || values.len());
                }
                None => digest = self.distinct.pair(digest, self.distinct.digest),
            }
        }
        self.distinct.digest = match &mut group {
            Some(group) => self.distinct.close(group),
            None => digest,
        };
        self.writer.list_end(mark, values.len() as u32);
        self.leave();
        Ok(())
    }

    fn default_map(&mut self, (key, value): (Type, Type), entries: &'a [(Value, Value)]) -> Result<(), Stop> {
        self.enter()?;
        let count = entries.len() as u32;
        let mark = self.writer.map_begin_sized(WireType::of(key), WireType::of(value), count);
        let mut digest: u64 = 0;
        for (entry_key, entry_value) in entries {
            self.default_value(key, entry_key)?;
            let first = self.distinct.digest;
            self.default_value(value, entry_value)?;
            digest = digest.wrapping_add(self.distinct.pair(first, self.distinct.digest));
        }
        self.distinct.digest = digest;
        self.writer.map_end(mark, count);
        self.leave();
        Ok(())
    }

    /// A struct in the order of its ids, with the defaults of the fields that the value does not give.
    fn default_struct(&mut self, id: StructId, given: &'a [(u16, Value)]) -> Result<(), Stop> {
        self.enter()?;
        let structure = &self.schema[id];
        self.writer.struct_begin();
        let mut located = self.places.open(structure);
        for (index, (position, _)) in given.iter().enumerate() {
            self.places.push((*position).into(), index, 0);
        }
        self.places.sort(&located);
        let mut digest = 0;
        while let Some((position, index)) = self.places.next(&mut located) {
            let field = &structure.fields[position];
            let value = match index {
                Some(index) => Some(&given[index].1),
                None if field.requiredness == Requiredness::Default => field.default.as_ref(),
                None => None,
            };
            let is_unset = value.is_none();
            if let Some(value) = value {
                self.default_field(field, value)?;
            }
            if !is_unset || self.distinct.is_active && self.digest_unset(structure, field)? {
                let value = self.distinct.pair(position as u64, self.distinct.digest);
                digest = self.distinct.pair(digest, value);
            }
        }
        self.places.close(&located);
        self.distinct.digest = digest;
        self.writer.struct_end();
        self.leave();
        Ok(())
    }
}
