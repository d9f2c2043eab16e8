//! Human-readable JSON to Thrift and back, in one pass, with no tree between.
//!
//! [`call`] and [`arguments`] read a request by the schema and write the message for the backend in the same
//! pass; [`reply`] reads the backend's message and writes the JSON. All of them append to a buffer of the
//! caller's and hold beside it no more than a few words for each level and for each element of a set or key
//! of a map. The text of a request is checked to be UTF-8 once, by [`text`].
//!
//! What the JSON looks like is said by the table of types in the project's documentation. Where that is
//! silent: an `i64` as a string and an integer as the key of a map are digits behind an optional minus sign.

mod exception;
mod fault;
mod from_thrift;
mod notation;
mod number;
mod path;
mod scanner;
mod to_thrift;

pub use exception::ExceptionReply;
pub use fault::{Fault, FaultKind, Faults};
pub use from_thrift::{Expected, Mismatch, MismatchKind, Outcome, ReplyError, oneway, reply, sent_arguments};
pub use notation::{parse_uuid, write_string};
pub use scanner::{JsonKind, SyntaxError};
pub use to_thrift::{CallError, Selector, Target, arguments, call, text};

use thriftgate_metadata::Schema;

use crate::style::{Limits, Style};

/// By what JSON is translated.
#[derive(Clone, Copy, Debug)]
pub struct Translation<'s> {
    /// The types
    pub schema: &'s Schema,
    /// How a reply is written; a request is read in the style of its [`Target`]
    pub style: Style,
    /// Depth of nesting and size of the output
    pub limits: Limits,
}
