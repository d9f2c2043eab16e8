//! One value of Thrift to one value of JSON.

use std::borrow::Cow;
use std::ops::Range;

use thriftgate_metadata::{EnumId, Schema, Struct, StructId, StructKind, Type};

use super::super::notation;
use super::super::path::Segment;
use super::super::scanner::Scanner;
use super::super::{Translation, path};
use super::{Mismatch, MismatchKind, ReplyError};
use crate::output::Output;
use crate::seen::{Seen, SeenStack};
use crate::style::{EnumStyle, I64Style, Style};
use crate::wire::{Reader, WireError, WireErrorKind, WireType};

/// Why a reply is not read to its end.
pub(super) enum Stop<'a> {
    Wire(WireError),
    TooLarge,
    Unfit(Box<Unfit<'a>>),
}

/// A [`Mismatch`] on its way out.
pub(super) struct Unfit<'a> {
    kind: MismatchKind,
    expected: Type,
    /// The path, from its end.
    segments: Vec<Segment<'a>>,
}

impl From<WireError> for Stop<'_> {
    #[inline]
    fn from(error: WireError) -> Self {
        Self::Wire(error)
    }
}

impl<'a> Stop<'a> {
    #[cold]
    fn unfit(kind: MismatchKind, expected: Type) -> Self {
        Self::Unfit(Box::new(Unfit { kind, expected, segments: Vec::new() }))
    }

    /// The same, one step further from the end of the path.
    #[cold]
    fn within(mut self, segment: Segment<'a>) -> Self {
        if let Self::Unfit(unfit) = &mut self {
            unfit.segments.push(segment);
        }
        self
    }

    #[cold]
    pub(super) fn into_error(self, schema: &Schema) -> ReplyError {
        match self {
            Self::Wire(error) => ReplyError::Wire(error),
            Self::TooLarge => ReplyError::TooLarge,
            Self::Unfit(mut unfit) => {
                unfit.segments.push(Segment::Field("result"));
                unfit.segments.reverse();
                ReplyError::Mismatch(Box::new(Mismatch {
                    kind: unfit.kind,
                    path: path::render("", &unfit.segments),
                    expected: schema.type_name(unfit.expected),
                }))
            }
        }
    }
}

/// The length of the member of an object at the beginning of what was written.
fn member_length(written: &[u8]) -> usize {
    let mut depth = 0;
    let mut position = 0;
    while let Some(&byte) = written.get(position) {
        match byte {
            b'"' => {
                position = notation::plain_end(written, position + 1);
                while written.get(position) == Some(&b'\\') {
                    position = notation::plain_end(written, position + 2);
                }
            }
            b'{' | b'[' => depth += 1,
            b',' | b'}' if depth == 0 => break,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        position += 1;
    }
    position
}

/// A member of an object that was written: the position of its field and, in the lower bits, where it begins. There
/// may be as many of them as the reply has bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Member(u64);

impl Member {
    const PLACE_BITS: u32 = 48;

    fn new(position: usize, start: usize) -> Self {
        Self((position as u64) << Self::PLACE_BITS | start as u64)
    }

    fn position(self) -> usize {
        (self.0 >> Self::PLACE_BITS) as usize
    }

    fn start(self) -> usize {
        (self.0 & ((1 << Self::PLACE_BITS) - 1)) as usize
    }
}

pub(super) struct Translator<'o, 'a, R> {
    schema: &'a Schema,
    style: Style,
    pub(super) reader: R,
    pub(super) out: Output<'o>,
    /// The most bytes that `out` may have.
    limit: usize,
    seen: SeenStack,
}

impl<'o, 'a, 'r, R: Reader<'r>> Translator<'o, 'a, R> {
    pub(super) fn new(translation: &Translation<'a>, reader: R, out: Output<'o>, limit: usize) -> Self {
        Self {
            schema: translation.schema,
            style: translation.style,
            reader,
            out,
            limit,
            seen: SeenStack::default(),
        }
    }

    /// The fields of a method's result, behind the opening brace and without the closing one: the first
    /// declared one of those that are set, and of those `only` this one. Its position.
    pub(super) fn result(&mut self, id: StructId, only: Option<usize>) -> Result<Option<usize>, Stop<'a>> {
        let structure = &self.schema[id];
        let mut seen = self.seen.open(structure.fields.len());
        let start = self.out.len();
        self.fields(structure, &mut seen, only)?;
        let first = self.seen.first(&seen);
        if let Some(first) = first.filter(|_| seen.count() > 1) {
            self.keep_one(structure, start - 1, first, seen.count());
        }
        Ok(first)
    }

    fn object(&mut self, id: StructId) -> Result<(), Stop<'a>> {
        let structure = &self.schema[id];
        let mut seen = self.seen.open(structure.fields.len());
        let start = self.out.len();
        self.out.push(b'{');
        let is_in_order = self.fields(structure, &mut seen, None)?;
        self.out.push(b'}');
        if !is_in_order {
            self.put_in_order(structure, start, seen.count());
        }
        if structure.kind == StructKind::Union {
            if seen.count() != 1 {
                return Err(Stop::unfit(MismatchKind::UnionArity, Type::Struct(id)));
            }
        } else if seen.count() < structure.fields.len() {
            self.check_required(structure, &seen)?;
        }
        self.seen.close(&seen);
        Ok(())
    }

    /// The fields as they come. Whether that is the order of declaration.
    fn fields(
        &mut self,
        structure: &'a Struct,
        seen: &mut Seen,
        only: Option<usize>,
    ) -> Result<bool, Stop<'a>> {
        let mut next = 0;
        let mut is_in_order = true;
        self.reader.struct_begin()?;
        while let Some((ty, id)) = self.reader.field_begin()? {
            let position = match structure.fields.get(next) {
                Some(field) if field.id == id => Some(next),
                _ => structure.field_by_id(id).map(|(position, _)| position),
            };
            let Some(position) = position.filter(|&position| only.is_none_or(|only| only == position)) else {
                self.reader.skip(ty)?;
                self.reader.field_end()?;
                continue;
            };
            let field = &structure.fields[position];
            if WireType::of(field.ty) != ty {
                return Err(Stop::unfit(MismatchKind::Type, field.ty).within(Segment::Field(&field.name)));
            }
            if !self.seen.insert(seen, position) {
                return Err(Stop::unfit(MismatchKind::Repeated, field.ty).within(Segment::Field(&field.name)));
            }
            if seen.count() > 1 {
                self.out.push(b',');
            }
            is_in_order &= position >= next;
            next = position + 1;
            self.out.push(b'"');
            self.out.extend(field.name.as_bytes());
            self.out.extend(b"\":");
            if let Err(stop) = self.value(field.ty) {
                return Err(stop.within(Segment::Field(&field.name)));
            }
            self.reader.field_end()?;
            self.check_size()?;
        }
        self.reader.struct_end()?;
        Ok(is_in_order)
    }

    /// Brings the fields of the object that was written from `start` on into the order of declaration.
    #[cold]
    fn put_in_order(&mut self, structure: &Struct, start: usize, count: usize) {
        let end = self.out.len();
        let Some(mut members) = self.members(structure, start, count) else { return };
        members.sort_unstable();
        // The copy is as long as the object, and all that will be.
        self.out.reserve_exact(end - start);
        self.out.push(b'{');
        for (index, member) in members.into_iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            if let Some(range) = self.extent(member) {
                self.out.repeat(range);
            }
        }
        self.out.push(b'}');
        self.out.remove(start..end);
    }

    /// Keeps one field of the object that begins at `start` and has not been closed.
    #[cold]
    fn keep_one(&mut self, structure: &Struct, start: usize, position: usize, count: usize) {
        let end = self.out.len();
        self.out.push(b'}');
        let members = self.members(structure, start, count);
        let member =
            members.and_then(|members| members.into_iter().find(|member| member.position() == position));
        if let Some(range) = member.and_then(|member| self.extent(member)) {
            self.out.truncate(end);
            self.out.remove(range.end..end);
            self.out.remove(start + 1..range.start);
        }
    }

    /// The `count` members of the object that was written from `start` on, where it is kept.
    fn members(&mut self, structure: &Struct, start: usize, count: usize) -> Option<Vec<Member>> {
        let text = self.out.kept_from(start)?;
        let text = std::str::from_utf8(text).expect("what is written is text");
        let mut scanner = Scanner::new(text);
        let mut members = Vec::with_capacity(count);
        let mut scratch = String::new();
        let mut more = scanner.object_begin().ok()?;
        while more {
            let from = scanner.position();
            let name = scanner.string(&mut scratch).ok()?;
            let position = structure.field_by_name(name)?.0;
            scanner.colon().ok()?;
            scanner.skip(usize::MAX).ok()?;
            members.push(Member::new(position, start + from));
            more = scanner.object_next().ok()?;
        }
        Some(members)
    }

    /// Where a member is in the output, its key and its value.
    fn extent(&mut self, member: Member) -> Option<Range<usize>> {
        let start = member.start();
        Some(start..start + member_length(self.out.kept_from(start)?))
    }

    fn check_required(&self, structure: &'a Struct, seen: &Seen) -> Result<(), Stop<'a>> {
        for position in structure.required() {
            if !self.seen.contains(seen, position) {
                let field = &structure.fields[position];
                return Err(Stop::unfit(MismatchKind::Missing, field.ty).within(Segment::Field(&field.name)));
            }
        }
        Ok(())
    }

    #[inline]
    fn check_size(&self) -> Result<(), Stop<'a>> {
        if self.out.len() <= self.limit { Ok(()) } else { Err(Stop::TooLarge) }
    }

    fn value(&mut self, ty: Type) -> Result<(), Stop<'a>> {
        match ty {
            Type::Bool => {
                let value = self.reader.bool()?;
                self.out.extend(if value { b"true" } else { b"false" });
            }
            Type::I8 => notation::write_integer(&mut self.out, self.reader.i8()?.into()),
            Type::I16 => notation::write_integer(&mut self.out, self.reader.i16()?.into()),
            Type::I32 => notation::write_integer(&mut self.out, self.reader.i32()?.into()),
            Type::I64 => {
                let value = self.reader.i64()?;
                match self.style.i64 {
                    I64Style::Number => notation::write_integer(&mut self.out, value),
                    I64Style::String => self.quoted(|out| notation::write_integer(out, value)),
                }
            }
            Type::Double => notation::write_double(&mut self.out, self.reader.double()?),
            Type::String => {
                let value = self.text()?;
                notation::put_string(&mut self.out, &value);
            }
            Type::Binary => notation::write_base64(&mut self.out, &self.reader.binary()?),
            Type::Uuid => notation::write_uuid(&mut self.out, &self.reader.uuid()?),
            Type::Enum(id) => {
                let value = self.reader.i32()?;
                match self.member_name(id, value) {
                    Some(name) => notation::put_string(&mut self.out, name),
                    None => notation::write_integer(&mut self.out, value.into()),
                }
            }
            Type::Struct(id) => self.object(id)?,
            Type::List(id) | Type::Set(id) => self.list(ty, self.schema.element(id))?,
            Type::Map(id) => self.map(ty, self.schema.map(id))?,
        }
        Ok(())
    }

    /// The key of an object: the value, in quotes where it is not in quotes already.
    fn key(&mut self, ty: Type) -> Result<(), Stop<'a>> {
        match ty {
            Type::Bool | Type::I8 | Type::I16 | Type::I32 => {
                self.out.push(b'"');
                self.value(ty)?;
                self.out.push(b'"');
            }
            Type::I64 => {
                let value = self.reader.i64()?;
                self.quoted(|out| notation::write_integer(out, value));
            }
            Type::Double => {
                let value = self.reader.double()?;
                if value.is_finite() {
                    self.quoted(|out| notation::write_double(out, value));
                } else {
                    notation::write_double(&mut self.out, value);
                }
            }
            Type::Enum(id) => {
                let value = self.reader.i32()?;
                match self.member_name(id, value) {
                    Some(name) => notation::put_string(&mut self.out, name),
                    None => self.quoted(|out| notation::write_integer(out, value.into())),
                }
            }
            _ => self.value(ty)?,
        }
        Ok(())
    }

    /// The name that is written for this value of an enum, if it is written by name and has one.
    fn member_name(&self, id: EnumId, value: i32) -> Option<&'a str> {
        match self.style.enums {
            EnumStyle::Name => self.schema[id].member_by_value(value).map(|member| &*member.name),
            EnumStyle::Number => None,
        }
    }

    fn quoted(&mut self, write: impl FnOnce(&mut Output<'_>)) {
        self.out.push(b'"');
        write(&mut self.out);
        self.out.push(b'"');
    }

    #[inline]
    fn text(&mut self) -> Result<Cow<'r, str>, Stop<'a>> {
        self.reader.string().map_err(|error| match error.kind {
            WireErrorKind::Utf8 => Stop::unfit(MismatchKind::Utf8, Type::String),
            _ => Stop::Wire(error),
        })
    }

    fn list(&mut self, ty: Type, element: Type) -> Result<(), Stop<'a>> {
        let (found, count) = self.reader.list_begin(WireType::of(ty))?;
        if count > 0 && found != WireType::of(element) {
            return Err(Stop::unfit(MismatchKind::Type, ty));
        }
        self.out.push(b'[');
        for index in 0..count {
            if index > 0 {
                self.out.push(b',');
            }
            if let Err(stop) = self.value(element) {
                return Err(stop.within(Segment::Index(index as usize)));
            }
            self.check_size()?;
        }
        self.out.push(b']');
        self.reader.list_end()?;
        Ok(())
    }

    fn map(&mut self, ty: Type, (key, value): (Type, Type)) -> Result<(), Stop<'a>> {
        let (found_key, found_value, count) = self.reader.map_begin()?;
        if count > 0 && (found_key != WireType::of(key) || found_value != WireType::of(value)) {
            return Err(Stop::unfit(MismatchKind::Type, ty));
        }
        let is_object = notation::is_object_key(key);
        self.out.push(if is_object { b'{' } else { b'[' });
        for index in 0..count {
            if index > 0 {
                self.out.push(b',');
            }
            let entry = if is_object { self.member(key, value) } else { self.pair(key, value) };
            if let Err(stop) = entry {
                return Err(stop.within(Segment::Index(index as usize)));
            }
            self.check_size()?;
        }
        self.out.push(if is_object { b'}' } else { b']' });
        self.reader.map_end()?;
        Ok(())
    }

    fn member(&mut self, key: Type, value: Type) -> Result<(), Stop<'a>> {
        self.key(key)?;
        self.out.push(b':');
        self.value(value)
    }

    fn pair(&mut self, key: Type, value: Type) -> Result<(), Stop<'a>> {
        self.out.push(b'[');
        self.value(key).map_err(|stop| stop.within(Segment::Index(0)))?;
        self.out.push(b',');
        self.value(value).map_err(|stop| stop.within(Segment::Index(1)))?;
        self.out.push(b']');
        Ok(())
    }
}
