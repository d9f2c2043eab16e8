//! Structs, unions, exceptions, and the arguments of a method.

use thriftgate_metadata::{Field, Requiredness, Struct, StructId, StructKind, Type, nearest};

use super::super::fault::FaultKind;
use super::super::path::Segment;
use super::super::scanner::Scanner;
use crate::seen::Seen;

use super::translator::{Stop, Translator};
use crate::style::{MissingArguments, UnknownFields};
use crate::wire::{WireType, Writer};

impl<'a, W: Writer> Translator<'_, 'a, W> {
    pub(super) fn object(&mut self, id: StructId) -> Result<(), Stop> {
        if self.scanner.byte() != b'{' {
            return self.wrong_type(Type::Struct(id));
        }
        self.enter()?;
        let at = self.scanner.position();
        let structure = &self.schema[id];
        self.writer.struct_begin();
        let mut seen = self.seen.open(structure.fields.len());
        let set = if self.distinct.is_active {
            self.fields_by_id(structure, &mut seen, at)?
        } else {
            self.fields(structure, &mut seen, at)?
        };
        self.seen.close(&seen);
        if structure.kind == StructKind::Union && set != 1 {
            self.report(FaultKind::UnionArity, at, Some(Type::Struct(id)))?;
        }
        self.writer.struct_end();
        self.leave();
        Ok(())
    }

    /// The fields in the order of the text, then the defaults of those that are absent. How many are given.
    fn fields(&mut self, structure: &'a Struct, seen: &mut Seen, at: usize) -> Result<usize, Stop> {
        let mut guess = 0;
        let mut set = 0;
        let mut more = self.scan(Scanner::object_begin)?;
        while more {
            if let Some(position) = self.field_name(structure, guess, seen)? {
                let field = &structure.fields[position];
                guess = position + 1;
                self.step(Segment::Field(&field.name));
                set += usize::from(self.nullable_field(structure, field)?);
                self.back();
            }
            more = self.scan(Scanner::object_next)?;
        }
        if seen.count() < structure.fields.len() {
            for position in structure.telling().iter().copied().map(usize::from) {
                if !self.seen.contains(seen, position) {
                    let field = &structure.fields[position];
                    self.step(Segment::Field(&field.name));
                    self.absent(structure, field, FaultKind::Missing, at)?;
                    self.back();
                }
            }
        }
        Ok(set)
    }

    /// The value of a field, which may be null. Whether it is another.
    #[inline]
    pub(super) fn nullable_field(&mut self, structure: &'a Struct, field: &'a Field) -> Result<bool, Stop> {
        if self.scanner.byte() == b'n' {
            let at = self.scanner.position();
            self.null()?;
            self.absent(structure, field, FaultKind::Null, at)?;
            return Ok(false);
        }
        self.field(field)?;
        Ok(true)
    }

    /// As [`Translator::fields`], in the order of the ids: the text is looked through for where the values
    /// are before any of them is read.
    fn fields_by_id(&mut self, structure: &'a Struct, seen: &mut Seen, at: usize) -> Result<usize, Stop> {
        let mut located = self.places.open(structure);
        let mut guess = 0;
        let mut more = self.scan(Scanner::object_begin)?;
        while more {
            if let Some(position) = self.field_name(structure, guess, seen)? {
                guess = position + 1;
                let place = self.scanner.position();
                self.places.push(position, place, self.scanner.text().len() - place);
                self.skip_known()?;
            }
            more = self.scan(Scanner::object_next)?;
        }
        let end = self.scanner.position();
        self.places.sort(&located);
        let mut digest = 0;
        let mut set = 0;
        while let Some((position, place)) = self.places.next(&mut located) {
            let field = &structure.fields[position];
            let before = self.writer.len();
            self.step(Segment::Field(&field.name));
            if let Some(place) = place {
                self.scanner.seek(place);
                if self.scanner.byte() == b'n' {
                    self.absent(structure, field, FaultKind::Null, place)?;
                } else {
                    self.field(field)?;
                    set += 1;
                }
            } else {
                self.absent(structure, field, FaultKind::Missing, at)?;
            }
            self.back();
            if self.writer.len() > before || self.digest_unset(structure, field)? {
                let value = self.distinct.pair(position as u64, self.distinct.digest);
                digest = self.distinct.pair(digest, value);
            }
        }
        self.places.close(&located);
        self.scanner.seek(end);
        self.distinct.digest = digest;
        Ok(set)
    }

    /// A key and its colon. The position of its field; `None` where the member is passed over.
    #[inline]
    pub(super) fn field_name(
        &mut self,
        structure: &'a Struct,
        guess: usize,
        seen: &mut Seen,
    ) -> Result<Option<usize>, Stop> {
        let at = self.scanner.position();
        let found = match structure.fields.get(guess) {
            Some(field) if self.scanner.take_key(&field.name) => Some(guess),
            _ => self.look_up(structure)?,
        };
        self.scan(Scanner::colon)?;
        match found {
            Some(position) if self.seen.insert(seen, position) => return Ok(found),
            Some(position) => {
                self.step(Segment::Field(&structure.fields[position].name));
                self.report(FaultKind::DuplicateField, at, None)?;
                self.skip()?;
                self.back();
            }
            None => self.unknown_field(structure, at)?,
        }
        Ok(None)
    }

    fn look_up(&mut self, structure: &Struct) -> Result<Option<usize>, Stop> {
        let Self { scanner, string, .. } = self;
        let name = scanner.string(string).map_err(Stop::Syntax)?;
        Ok(structure.field_by_name(name).map(|(position, _)| position))
    }

    fn unknown_field(&mut self, structure: &'a Struct, at: usize) -> Result<(), Stop> {
        self.step(Segment::Name(at));
        if self.style.unknown_fields == UnknownFields::Refuse {
            self.report_near(FaultKind::UnknownField, at, None, |_, name| {
                nearest(name, structure.fields.iter().map(|field| &*field.name))
            })?;
        }
        self.skip()?;
        self.back();
        Ok(())
    }

    #[inline]
    fn field(&mut self, field: &'a Field) -> Result<(), Stop> {
        self.writer.field_begin(WireType::of(field.ty), field.id);
        self.value(field.ty)?;
        self.writer.field_end();
        self.check_size()
    }

    pub(super) fn null(&mut self) -> Result<(), Stop> {
        self.scan(|scanner| scanner.literal("null"))
    }

    /// A field without a value: its default, nothing, or a fault of this kind.
    pub(super) fn absent(
        &mut self,
        structure: &'a Struct,
        field: &'a Field,
        kind: FaultKind,
        at: usize,
    ) -> Result<(), Stop> {
        if structure.kind == StructKind::Union {
            return Ok(());
        }
        let is_wanted = match field.requiredness {
            Requiredness::Required => true,
            Requiredness::Optional => return Ok(()),
            Requiredness::Default => {
                structure.kind == StructKind::Arguments
                    && self.style.missing_arguments == MissingArguments::Refuse
            }
        };
        match &field.default {
            Some(default) if field.requiredness == Requiredness::Default => {
                self.default_field(field, default)
            }
            _ if is_wanted => self.report(kind, at, Some(field.ty)),
            _ => Ok(()),
        }
    }

    /// The arguments of a method. There are none where the text ends, or has null.
    pub(super) fn arguments(&mut self, id: StructId) -> Result<(), Stop> {
        let at = self.scanner.position();
        if at < self.scanner.text().len() && self.scanner.byte() != b'n' {
            return self.object(id);
        }
        if self.scanner.byte() == b'n' {
            self.null()?;
        }
        let structure = &self.schema[id];
        self.writer.struct_begin();
        for field in structure.telling().iter().map(|&position| &structure.fields[usize::from(position)]) {
            self.step(Segment::Field(&field.name));
            self.absent(structure, field, FaultKind::Missing, at)?;
            self.back();
        }
        self.writer.struct_end();
        Ok(())
    }
}
