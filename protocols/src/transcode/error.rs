//! Why a message could not be transcoded.

use std::fmt;

use thriftgate_metadata::{Schema, Type};

use crate::wire::{WireError, WireType};

/// What is wrong with a message, and where in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TranscodeError {
    /// What is wrong
    pub kind: TranscodeErrorKind,
    /// The value, as `arguments.user.roles[2]`; in a map, `[2]` is the value of the third entry and
    /// `[key 2]` its key. Empty where the error is outside of the arguments or result
    pub path: String,
    /// The type of that value, as the IDL writes it; empty where the error is about none
    pub expected: String,
}

/// The kinds of [`TranscodeError`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum TranscodeErrorKind {
    /// The bytes are not what the protocol asks for
    Wire(WireError),
    /// A value of another type than the schema says
    Mismatch {
        /// The type on the wire
        found: WireType,
    },
    /// A `required` field is missing
    Missing,
    /// A field is given twice
    Repeated,
    /// A field that the gateway fills in, and the caller may not
    FilledIn,
    /// A union without exactly one member
    UnionArity,
    /// A result with more than one of success and the declared exceptions
    ResultArity,
    /// More output than allowed
    TooLarge {
        /// The limit, in bytes
        limit: usize,
    },
}

impl TranscodeError {
    #[cold]
    pub(super) fn at(kind: TranscodeErrorKind, schema: &Schema, expected: Type) -> Box<Self> {
        Box::new(Self { kind, path: String::new(), expected: schema.type_name(expected) })
    }

    #[cold]
    pub(super) fn too_large(limit: usize) -> Box<Self> {
        TranscodeErrorKind::TooLarge { limit }.into()
    }

    /// Puts a step before the path, on the way out.
    #[cold]
    pub(super) fn inside(mut self: Box<Self>, step: fmt::Arguments<'_>) -> Box<Self> {
        self.path.insert_str(0, &step.to_string());
        self
    }
}

impl From<TranscodeErrorKind> for Box<TranscodeError> {
    #[cold]
    fn from(kind: TranscodeErrorKind) -> Self {
        Box::new(TranscodeError { kind, path: String::new(), expected: String::new() })
    }
}

impl From<WireError> for Box<TranscodeError> {
    #[cold]
    fn from(error: WireError) -> Self {
        TranscodeErrorKind::Wire(error).into()
    }
}

impl fmt::Display for TranscodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() { "the message" } else { &self.path };
        let expected = &self.expected;
        match self.kind {
            TranscodeErrorKind::Wire(error) if self.path.is_empty() => error.fmt(f),
            TranscodeErrorKind::Wire(error) => write!(f, "{path}: {error}"),
            TranscodeErrorKind::Mismatch { found } => {
                write!(f, "{path} must be {expected}, not {}", found.name())
            }
            TranscodeErrorKind::Missing => write!(f, "{path} is required: {expected}"),
            TranscodeErrorKind::Repeated => write!(f, "{path} is given twice"),
            TranscodeErrorKind::FilledIn => write!(f, "{path} is filled in by the gateway"),
            TranscodeErrorKind::UnionArity => {
                write!(f, "{path} must have exactly one member of the union {expected}")
            }
            TranscodeErrorKind::ResultArity => write!(f, "{path} has more than one outcome"),
            TranscodeErrorKind::TooLarge { limit } => write!(f, "the output is over {limit} bytes"),
        }
    }
}

impl std::error::Error for TranscodeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            TranscodeErrorKind::Wire(error) => Some(error),
            _ => None,
        }
    }
}
