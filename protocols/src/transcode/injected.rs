//! Structs some of whose fields are filled in, and so may not be sent.

use thriftgate_metadata::{Struct, StructId};

use super::error::TranscodeErrorKind;
use super::walk::{Result, Walk, within};
use crate::injection::{self, Fill, Fills};
use crate::wire::{Reader, WireType, Writer};

impl<'a, R: Reader<'a>, W: Writer> Walk<'_, 'a, R, W> {
    /// Walks the arguments of a method, and writes what is filled in.
    pub(super) fn injected_arguments(mut self, id: StructId, fills: Fills<'_>) -> Result<()> {
        self.injected_structure(id, fills).map_err(|error| error.inside(format_args!("arguments")))
    }

    fn injected_structure(&mut self, id: StructId, fills: Fills<'_>) -> Result<()> {
        let schema = self.schema;
        let shape = &schema[id];
        self.reader.struct_begin()?;
        self.writer().struct_begin();
        let mut seen = self.seen.open(shape.fields.len());
        let mut members = 0;
        while let Some((found, id)) = self.reader.field_begin()? {
            if let Some((position, _)) = shape.field_by_id(id) {
                if !self.seen.insert(&mut seen, position) {
                    return Err(self.field_error(shape, position, TranscodeErrorKind::Repeated));
                }
                members += 1;
                match fills.find(position) {
                    None => self.field(shape, position, found)?,
                    Some(Fill::Value(_)) => {
                        return Err(self.field_error(shape, position, TranscodeErrorKind::FilledIn));
                    }
                    Some(Fill::Inside(fills)) => self.injected_field(shape, position, found, fills)?,
                }
            } else {
                self.reader.skip(found)?;
            }
            self.reader.field_end()?;
        }
        self.reader.struct_end()?;
        for (position, fill) in fills.iter() {
            if self.seen.insert(&mut seen, position) {
                self.fill_in(shape, position, fill)?;
            }
        }
        self.writer().struct_end();
        self.complete(id, &seen, members)?;
        self.seen.close(&seen);
        Ok(())
    }

    fn injected_field(
        &mut self,
        shape: &Struct,
        position: usize,
        found: WireType,
        fills: Fills<'_>,
    ) -> Result<()> {
        let field = &shape.fields[position];
        if found != WireType::Struct {
            return Err(self.field_error(shape, position, TranscodeErrorKind::Mismatch { found }));
        }
        self.writer().field_begin(found, field.id);
        self.injected_structure(injection::struct_on_way(field.ty), fills)
            .map_err(|error| error.inside(format_args!(".{}", field.name)))?;
        self.writer().field_end();
        Ok(())
    }

    /// A field that was not sent.
    fn fill_in(&mut self, shape: &Struct, position: usize, fill: Fill<'_>) -> Result<()> {
        let (schema, bound, limit) = (self.schema, self.bound, self.limit);
        let field = &shape.fields[position];
        let writer = self.writer();
        writer.field_begin(WireType::of(field.ty), field.id);
        match fill {
            Fill::Value(value) => injection::write(writer, schema, field.ty, value),
            Fill::Inside(fills) => self
                .made_structure(injection::struct_on_way(field.ty), fills)
                .map_err(|error| error.inside(format_args!(".{}", field.name)))?,
        }
        let writer = self.writer();
        writer.field_end();
        within(writer.len(), bound, limit)
    }

    /// A struct that was not sent.
    fn made_structure(&mut self, id: StructId, fills: Fills<'_>) -> Result<()> {
        let shape = &self.schema[id];
        self.writer().struct_begin();
        let mut seen = self.seen.open(shape.fields.len());
        for (position, fill) in fills.iter() {
            self.fill_in(shape, position, fill)?;
        }
        for (position, _) in fills.iter() {
            self.seen.insert(&mut seen, position);
        }
        self.writer().struct_end();
        self.complete(id, &seen, 0)?;
        self.seen.close(&seen);
        Ok(())
    }

    /// What is filled in is written, so there is a writer.
    fn writer(&mut self) -> &mut W {
        self.writer.as_deref_mut().expect("what is filled in is never only checked")
    }
}
