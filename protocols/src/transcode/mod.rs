//! From one wire protocol to another, guided by the schema: one pass, no tree between. A message that becomes
//! much longer is only measured by the first pass and written by a second one, so that what turns out to be
//! wrong at its end was not held.
//!
//! Where both sides speak binary, or both compact, with their uuids in the same order, the message is checked
//! and its body passed on unchanged behind a header of our own; everything else is read and written again field by field. Either way these
//! are errors: a value of another type under a known id, a `required` field that is missing, a field that
//! is given twice, a union without exactly one member, a result with more than one, bytes left over. Enums
//! take any `i32`.
//!
//! Fields that the schema does not know are dropped where the message is written again, and stay where it is
//! passed on. Text is checked to be UTF-8 where it is written again; passed on, it is the peers' own affair.

mod error;
mod injected;
mod walk;

pub use error::{TranscodeError, TranscodeErrorKind};

use thriftgate_metadata::{Schema, StructId};

use crate::injection::Injected;
use crate::output::{self, Output};
use crate::style::Limits;
use crate::wire::{
    BinaryReader, BinaryWriter, CompactReader, CompactWriter, Dialect, JsonReader, JsonWriter, MessageHeader,
    Protocol, Reader, Writer,
};
use walk::Walk;

/// By what messages are transcoded.
#[derive(Clone, Copy, Debug)]
pub struct Transcoding<'s> {
    /// The types
    pub schema: &'s Schema,
    /// The depth counts the arguments or result as the first level; the output is the message alone
    pub limits: Limits,
}

/// What is in a message.
#[derive(Clone, Copy)]
struct Body<'i> {
    id: StructId,
    /// What is filled in of it.
    injected: Option<&'i Injected<'i>>,
}

/// A message as it came, whole.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// What it is written in
    pub dialect: Dialect,
    /// From its header to its end
    pub bytes: &'a [u8],
}

impl Transcoding<'_> {
    /// Appends `message` in the dialect `to`, with `header` in place of its own. Its body is the struct
    /// `body`: the arguments or the result of a method.
    ///
    /// Returns the position in [`fields`](thriftgate_metadata::Struct::fields) of the first known field that
    /// the body has: of a result, the one that tells success from a declared exception. After an error the
    /// output is what it was before.
    pub fn message(
        &self,
        body: StructId,
        message: Source<'_>,
        to: Dialect,
        header: &MessageHeader<'_>,
        output: &mut Vec<u8>,
    ) -> Result<Option<usize>, Box<TranscodeError>> {
        let start = output.len();
        let Source { dialect: from, bytes } = message;
        let depth = self.limits.depth;
        let passes = from.legacy_uuid == to.legacy_uuid;
        let result = match (from.protocol, to.protocol) {
            (Protocol::Binary, Protocol::Binary) if passes => {
                BinaryWriter::of(to, output).message_begin(header);
                self.pass_on(body, BinaryReader::new(bytes, depth), bytes, start, output)
            }
            (Protocol::Compact, Protocol::Compact) if passes => {
                CompactWriter::new(output).message_begin(header);
                self.pass_on(body, CompactReader::new(bytes, depth), bytes, start, output)
            }
            _ => self.passes(Body { id: body, injected: None }, message, to, header, output),
        };
        if result.is_err() {
            output.truncate(start);
        }
        result
    }

    /// As [`Transcoding::message`], of a call some of whose arguments are filled in: it is always written again,
    /// and refused where it has one of them. `arguments` is the struct of the method's arguments.
    pub fn injected_call(
        &self,
        arguments: StructId,
        injected: &Injected<'_>,
        message: Source<'_>,
        to: Dialect,
        header: &MessageHeader<'_>,
        output: &mut Vec<u8>,
    ) -> Result<(), Box<TranscodeError>> {
        let start = output.len();
        let body = Body { id: arguments, injected: Some(injected) };
        let result = self.passes(body, message, to, header, output).map(drop);
        if result.is_err() {
            output.truncate(start);
        }
        result
    }

    /// Checks one struct, arguments and results included, and passes over it. `reader` stands before it.
    pub fn check<'a, R: Reader<'a>>(
        &self,
        id: StructId,
        reader: &mut R,
    ) -> Result<Option<usize>, Box<TranscodeError>> {
        Walk::<R, BinaryWriter<'_>>::check(self.schema, reader).outermost(id)
    }

    /// Reads one struct, arguments and results included, and writes it. `reader` and `writer` stand before it.
    pub fn structure<'a, R: Reader<'a>, W: Writer>(
        &self,
        id: StructId,
        reader: &mut R,
        writer: &mut W,
    ) -> Result<Option<usize>, Box<TranscodeError>> {
        let start = writer.len();
        Walk::rewrite(self.schema, reader, writer, start, self.limits.output).outermost(id)
    }

    /// Checks a message and appends its body; its new header was written from `start` on.
    fn pass_on<'a, R: Reader<'a>>(
        &self,
        body: StructId,
        mut reader: R,
        bytes: &'a [u8],
        start: usize,
        output: &mut Vec<u8>,
    ) -> Result<Option<usize>, Box<TranscodeError>> {
        reader.message_begin()?;
        let rest = &bytes[reader.position()..];
        let first = self.check(body, &mut reader)?;
        reader.message_end()?;
        if output.len() - start + rest.len() > self.limits.output {
            return Err(TranscodeError::too_large(self.limits.output));
        }
        output.extend_from_slice(rest);
        Ok(first)
    }

    /// Reads and writes, once where the message stays within the room of the first pass.
    fn passes(
        &self,
        body: Body<'_>,
        message: Source<'_>,
        to: Dialect,
        header: &MessageHeader<'_>,
        output: &mut Vec<u8>,
    ) -> Result<Option<usize>, Box<TranscodeError>> {
        let start = output.len();
        // A string with escapes is held beside the message, and bytes in base64 even twice.
        let factor = if message.dialect.protocol == Protocol::Json { 2 } else { 3 };
        let room = output::first_room(message.bytes.len().saturating_mul(factor));
        output.reserve_exact(room.at_once);
        let first = Output::bounded(output, start + room.most);
        let (position, length) = self.read(body, message, to, header, first)?;
        if length > output.len() {
            output.truncate(start);
            output.reserve_exact(length - start);
            self.read(body, message, to, header, Output::new(output))?;
        }
        Ok(position)
    }

    /// Returns, beside what [`Transcoding::message`] does, the length of the output, kept or not.
    fn read(
        &self,
        body: Body<'_>,
        message: Source<'_>,
        to: Dialect,
        header: &MessageHeader<'_>,
        output: Output<'_>,
    ) -> Result<(Option<usize>, usize), Box<TranscodeError>> {
        let Source { dialect: from, bytes } = message;
        let depth = self.limits.depth;
        match from.protocol {
            Protocol::Binary => self.write(body, BinaryReader::of(from, bytes, depth), to, header, output),
            Protocol::Compact => self.write(body, CompactReader::of(from, bytes, depth), to, header, output),
            Protocol::Json => self.write(body, JsonReader::new(bytes, depth), to, header, output),
        }
    }

    fn write<'a, R: Reader<'a>>(
        &self,
        body: Body<'_>,
        reader: R,
        to: Dialect,
        header: &MessageHeader<'_>,
        output: Output<'_>,
    ) -> Result<(Option<usize>, usize), Box<TranscodeError>> {
        match to.protocol {
            Protocol::Binary => self.rewrite(body, reader, header, BinaryWriter::on(to, output)),
            Protocol::Compact => self.rewrite(body, reader, header, CompactWriter::on(to, output)),
            Protocol::Json => self.rewrite(body, reader, header, JsonWriter::on(output)),
        }
    }

    fn rewrite<'a, R: Reader<'a>, W: Writer>(
        &self,
        body: Body<'_>,
        mut reader: R,
        header: &MessageHeader<'_>,
        mut writer: W,
    ) -> Result<(Option<usize>, usize), Box<TranscodeError>> {
        reader.message_begin()?;
        let (start, limit) = (writer.len(), self.limits.output);
        writer.message_begin(header);
        let walk = Walk::rewrite(self.schema, &mut reader, &mut writer, start, limit);
        let first = match body.injected {
            None => walk.outermost(body.id)?,
            Some(injected) => walk.injected_arguments(body.id, injected.fills()).map(|()| None)?,
        };
        reader.message_end()?;
        writer.message_end();
        if writer.len() - start > limit {
            return Err(TranscodeError::too_large(limit));
        }
        Ok((first, writer.len()))
    }
}
