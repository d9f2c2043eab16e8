//! Replies: a Thrift message to JSON, in one pass.

mod translator;

use std::fmt;

use thriftgate_metadata::{FunctionId, StructId, Type};

use self::translator::Translator;
use super::{Translation, notation};
use crate::message::{ApplicationException, split_name};
use crate::output::{self, Output};
use crate::wire::{
    BinaryReader, CompactReader, Dialect, JsonReader, MessageKind, Protocol, Reader, WireError,
};

/// What a reply must be the reply to.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'e> {
    /// The method that was called
    pub function: FunctionId,
    /// What the backend speaks
    pub dialect: Dialect,
    /// The method's name as it was sent. The reply may also have the part behind the colon alone, as
    /// multiplexing servers answer
    pub name: &'e str,
    /// The number of the call
    pub sequence_id: i32,
    /// The method's name as the JSON has it
    pub method: &'e str,
}

/// What a backend replied.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// A result, or the end of a void method
    Success,
    /// A declared exception
    Declared {
        /// The position of its field in the struct of the method's result
        position: usize,
    },
}

/// How a reply contradicts the metadata.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum MismatchKind {
    /// Another type under a known id, or in a container
    Type,
    /// The same field twice
    Repeated,
    /// A required field that is missing
    Missing,
    /// A union without a known member, or with several
    UnionArity,
    /// A `string` that is not UTF-8
    Utf8,
}

/// A reply that contradicts the metadata.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mismatch {
    /// How
    pub kind: MismatchKind,
    /// Where: `result.success.users[3].name`. Keys of maps, being data, are told by their number
    pub path: String,
    /// The type that the metadata has there
    pub expected: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, expected, .. } = self;
        match self.kind {
            MismatchKind::Type => write!(f, "{path} is no {expected} in the reply"),
            MismatchKind::Repeated => write!(f, "{path} comes twice in the reply"),
            MismatchKind::Missing => write!(f, "{path}, {expected}, is required and missing in the reply"),
            MismatchKind::UnionArity => write!(f, "{path} has not exactly one known member of {expected}"),
            MismatchKind::Utf8 => write!(f, "{path} is a string that is not UTF-8"),
        }
    }
}

/// Why there is no reply in JSON.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ReplyError {
    /// The bytes are not what the protocol asks for
    Wire(WireError),
    /// The reply has the number of another call
    SequenceId,
    /// The reply names another method
    Name,
    /// The message is a call
    Kind,
    /// The server sent an exception of its own in place of a reply
    Application(ApplicationException),
    /// The reply contradicts the metadata
    Mismatch(Box<Mismatch>),
    /// The reply has neither a result nor a declared exception
    MissingResult,
    /// The JSON would be larger than the limit on the output
    TooLarge,
}

impl fmt::Display for ReplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wire(error) => write!(f, "The reply is malformed: {error}"),
            Self::SequenceId => f.write_str("The reply has the sequence id of another call"),
            Self::Name => f.write_str("The reply names another method"),
            Self::Kind => f.write_str("The backend sent a call in place of a reply"),
            Self::Application(exception) => {
                write!(f, "The backend sent an exception of kind {}", exception.kind)
            }
            Self::Mismatch(mismatch) => mismatch.fmt(f),
            Self::MissingResult => f.write_str("The reply has neither a result nor a declared exception"),
            Self::TooLarge => f.write_str("The reply is larger than the limit"),
        }
    }
}

impl std::error::Error for ReplyError {}

impl From<WireError> for ReplyError {
    fn from(error: WireError) -> Self {
        Self::Wire(error)
    }
}

/// Writes `{"method":…,"result":{…}}` for a backend's reply, a whole message, behind what `out` holds. Of
/// several fields of the result the first declared one is taken, so a success goes before an exception, as
/// generated clients have it. On an error `out` is as it was.
///
/// # Errors
///
/// Every [`ReplyError`].
pub fn reply(
    bytes: &[u8],
    translation: &Translation<'_>,
    expected: &Expected<'_>,
    out: &mut Vec<u8>,
) -> Result<Outcome, ReplyError> {
    let start = out.len();
    let made = passes(bytes, translation, expected, out);
    if made.is_err() {
        out.truncate(start);
    }
    made
}

/// Writes the reply, once where it stays within the room of the first pass.
fn passes(
    bytes: &[u8],
    translation: &Translation<'_>,
    expected: &Expected<'_>,
    out: &mut Vec<u8>,
) -> Result<Outcome, ReplyError> {
    let start = out.len();
    let room = output::first_room(bytes.len().saturating_mul(3));
    out.reserve_exact(room.at_once);
    let first = Output::bounded(out, start + room.most);
    let made = pass(bytes, translation, expected, first, None)?;
    if made.is_kept {
        return Ok(made.outcome);
    }
    out.truncate(start);
    Ok(pass(bytes, translation, expected, Output::new(out), made.position)?.outcome)
}

/// A reply that was read to its end.
struct Made {
    outcome: Outcome,
    /// The field of the result that was taken.
    position: Option<usize>,
    /// Whether it is all in the output.
    is_kept: bool,
}

fn pass(
    bytes: &[u8],
    translation: &Translation<'_>,
    expected: &Expected<'_>,
    out: Output<'_>,
    only: Option<usize>,
) -> Result<Made, ReplyError> {
    let depth = translation.limits.depth;
    let dialect = expected.dialect;
    match dialect.protocol {
        Protocol::Binary => {
            read_reply(BinaryReader::of(dialect, bytes, depth), translation, expected, out, only)
        }
        Protocol::Compact => {
            read_reply(CompactReader::of(dialect, bytes, depth), translation, expected, out, only)
        }
        Protocol::Json => read_reply(JsonReader::new(bytes, depth), translation, expected, out, only),
    }
}

/// Writes the reply to a oneway call, `{"method":…,"result":{}}`, behind what `out` holds.
pub fn oneway(method: &str, out: &mut Vec<u8>) {
    let mut out = Output::new(out);
    begin(method, &mut out);
    out.extend(b"}}");
}

/// Writes the arguments of a call, a whole message, as a caller in JSON would have sent them, behind what `out` holds. On an
/// error `out` holds part of them.
///
/// # Errors
///
/// Every [`ReplyError`] that the bytes can cause, in the place of a reply's.
pub fn sent_arguments(
    bytes: &[u8],
    dialect: Dialect,
    arguments: StructId,
    translation: &Translation<'_>,
    out: &mut Vec<u8>,
) -> Result<(), ReplyError> {
    let depth = translation.limits.depth;
    let out = Output::new(out);
    match dialect.protocol {
        Protocol::Binary => {
            read_arguments(BinaryReader::of(dialect, bytes, depth), arguments, translation, out)
        }
        Protocol::Compact => {
            read_arguments(CompactReader::of(dialect, bytes, depth), arguments, translation, out)
        }
        Protocol::Json => read_arguments(JsonReader::new(bytes, depth), arguments, translation, out),
    }
}

fn read_arguments<'r>(
    mut reader: impl Reader<'r>,
    arguments: StructId,
    translation: &Translation<'_>,
    out: Output<'_>,
) -> Result<(), ReplyError> {
    reader.message_begin()?;
    let limit = out.len().saturating_add(translation.limits.output);
    let mut translator = Translator::new(translation, reader, out, limit);
    translator.object(arguments).map_err(|stop| stop.into_error(translation.schema))?;
    translator.reader.message_end()?;
    Ok(())
}

/// `{"method":…,"result":{`
fn begin(method: &str, out: &mut Output<'_>) {
    out.extend(b"{\"method\":");
    notation::put_string(out, method);
    out.extend(b",\"result\":{");
}

/// Reads a reply; of its result `only` this field, where one is told.
fn read_reply<'r>(
    mut reader: impl Reader<'r>,
    translation: &Translation<'_>,
    expected: &Expected<'_>,
    mut out: Output<'_>,
    only: Option<usize>,
) -> Result<Made, ReplyError> {
    let header = reader.message_begin()?;
    if header.sequence_id != expected.sequence_id {
        return Err(ReplyError::SequenceId);
    }
    if header.name != expected.name && header.name != split_name(expected.name).1 {
        return Err(ReplyError::Name);
    }
    match header.kind {
        MessageKind::Reply => {}
        MessageKind::Exception => {
            let exception = ApplicationException::read(&mut reader)?;
            reader.message_end()?;
            return Err(ReplyError::Application(exception));
        }
        MessageKind::Call | MessageKind::Oneway => return Err(ReplyError::Kind),
    }
    let result = translation.schema[expected.function].result;
    let limit = out.len().saturating_add(translation.limits.output);
    begin(expected.method, &mut out);
    let mut translator = Translator::new(translation, reader, out, limit);
    let position = translator.result(result, only).map_err(|stop| stop.into_error(translation.schema))?;
    translator.reader.message_end()?;
    let mut out = translator.out;
    let outcome = outcome(translation, result, position, &mut out)?;
    out.extend(b"}}");
    if out.len() > limit {
        return Err(ReplyError::TooLarge);
    }
    Ok(Made { outcome, position, is_kept: out.is_kept() })
}

/// What it means that this field of the result is set, or none. A container that is unset is written empty.
fn outcome(
    translation: &Translation<'_>,
    result: StructId,
    position: Option<usize>,
    out: &mut Output<'_>,
) -> Result<Outcome, ReplyError> {
    let fields = &translation.schema[result].fields;
    let success = fields.first().filter(|field| field.id == 0);
    match (position, success) {
        (Some(0), Some(_)) | (None, None) => Ok(Outcome::Success),
        (Some(position), _) => Ok(Outcome::Declared { position }),
        (None, Some(field)) => {
            let empty = match field.ty {
                Type::List(_) | Type::Set(_) => "[]",
                Type::Map(id) if notation::is_object_key(translation.schema.map(id).0) => "{}",
                Type::Map(_) => "[]",
                _ => return Err(ReplyError::MissingResult),
            };
            out.extend(b"\"success\":");
            out.extend(empty.as_bytes());
            Ok(Outcome::Success)
        }
    }
}
