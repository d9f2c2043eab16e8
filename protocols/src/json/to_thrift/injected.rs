//! Objects some of whose fields are filled in, and so may not be sent.

use thriftgate_metadata::{Field, StructId, Type, Value};

use super::super::fault::FaultKind;
use super::super::path::Segment;
use super::super::scanner::Scanner;
use super::translator::{Stop, Translator};
use crate::injection::{self, Fill, Fills};
use crate::wire::{WireType, Writer};

impl<'a, W: Writer> Translator<'_, 'a, W> {
    /// The arguments of a method; where the text ends, or has null, what is filled in and defaults.
    pub(super) fn injected_arguments(&mut self, id: StructId, fills: Fills<'_>) -> Result<(), Stop> {
        let at = self.scanner.position();
        if at < self.scanner.text().len() && self.scanner.byte() != b'n' {
            return self.injected_object(id, fills);
        }
        if self.scanner.byte() == b'n' {
            self.null()?;
        }
        self.made_object(id, &[], fills, at)
    }

    fn injected_object(&mut self, id: StructId, fills: Fills<'_>) -> Result<(), Stop> {
        if self.scanner.byte() != b'{' {
            return self.wrong_type(Type::Struct(id));
        }
        self.enter()?;
        let at = self.scanner.position();
        let structure = &self.schema[id];
        self.writer.struct_begin();
        let mut seen = self.seen.open(structure.fields.len());
        let mut guess = 0;
        let mut more = self.scan(Scanner::object_begin)?;
        while more {
            let key = self.scanner.position();
            if let Some(position) = self.field_name(structure, guess, &mut seen)? {
                let field = &structure.fields[position];
                guess = position + 1;
                self.step(Segment::Field(&field.name));
                match fills.find(position) {
                    None => drop(self.nullable_field(structure, field)?),
                    Some(Fill::Value(_)) => {
                        self.report(FaultKind::FilledIn, key, None)?;
                        self.skip()?;
                    }
                    Some(Fill::Inside(fills)) => self.injected_member(field, fills)?,
                }
                self.back();
            }
            more = self.scan(Scanner::object_next)?;
        }
        for position in structure.telling().iter().copied().map(usize::from) {
            if !self.seen.contains(&seen, position) && fills.find(position).is_none() {
                let field = &structure.fields[position];
                self.step(Segment::Field(&field.name));
                self.absent(structure, field, FaultKind::Missing, at)?;
                self.back();
            }
        }
        for (position, fill) in fills.iter() {
            // What is sent where a value is filled in was told as a fault.
            if !self.seen.contains(&seen, position) {
                self.fill_in(&structure.fields[position], fill, at)?;
            }
        }
        self.seen.close(&seen);
        self.writer.struct_end();
        self.leave();
        Ok(())
    }

    fn injected_member(&mut self, field: &'a Field, fills: Fills<'_>) -> Result<(), Stop> {
        let at = self.scanner.position();
        if self.scanner.byte() == b'n' {
            self.null()?;
            return self.made_field(field, fills, at);
        }
        self.writer.field_begin(WireType::of(field.ty), field.id);
        self.injected_object(injection::struct_on_way(field.ty), fills)?;
        self.writer.field_end();
        self.check_size()
    }

    /// A field that was not sent.
    fn fill_in(&mut self, field: &'a Field, fill: Fill<'_>, at: usize) -> Result<(), Stop> {
        match fill {
            Fill::Value(value) => {
                self.writer.field_begin(WireType::of(field.ty), field.id);
                injection::write(&mut self.writer, self.schema, field.ty, value);
                self.writer.field_end();
                self.check_size()
            }
            Fill::Inside(fills) => {
                self.step(Segment::Field(&field.name));
                self.made_field(field, fills, at)?;
                self.back();
                Ok(())
            }
        }
    }

    fn made_field(&mut self, field: &'a Field, fills: Fills<'_>, at: usize) -> Result<(), Stop> {
        let given: &[_] = match &field.default {
            Some(Value::Struct(given)) => given,
            _ => &[],
        };
        self.writer.field_begin(WireType::of(field.ty), field.id);
        self.made_object(injection::struct_on_way(field.ty), given, fills, at)?;
        self.writer.field_end();
        self.check_size()
    }

    /// A struct that was not sent: what is filled in, what its own default gives, and the defaults of the rest.
    fn made_object(
        &mut self,
        id: StructId,
        given: &'a [(u16, Value)],
        fills: Fills<'_>,
        at: usize,
    ) -> Result<(), Stop> {
        self.enter()?;
        let structure = &self.schema[id];
        self.writer.struct_begin();
        for (position, value) in given {
            let position = usize::from(*position);
            if fills.find(position).is_none() {
                self.default_field(&structure.fields[position], value)?;
            }
        }
        for &position in structure.telling() {
            let is_given = given.iter().any(|(at, _)| *at == position);
            if !is_given && fills.find(position.into()).is_none() {
                let field = &structure.fields[usize::from(position)];
                self.step(Segment::Field(&field.name));
                self.absent(structure, field, FaultKind::Missing, at)?;
                self.back();
            }
        }
        for (position, fill) in fills.iter() {
            self.fill_in(&structure.fields[position], fill, at)?;
        }
        self.writer.struct_end();
        self.leave();
        Ok(())
    }
}
