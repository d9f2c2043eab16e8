//! What can be wrong with bytes on the wire.

use std::fmt;

/// Bytes that are not what the protocol asks for, and where.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WireError {
    /// What is wrong
    pub kind: WireErrorKind,
    /// The offset in the message, in bytes
    pub position: usize,
}

/// The kinds of [`WireError`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum WireErrorKind {
    /// The bytes end before the value does
    UnexpectedEnd,
    /// A size is negative or larger than the bytes that remain can hold
    Size,
    /// Nested deeper than the limit
    Depth,
    /// A byte that is no type of the protocol
    Type,
    /// A byte that is no kind of message
    Kind,
    /// Another version of the protocol, or another protocol
    Version,
    /// A varint that does not end or does not fit
    Varint,
    /// A field id outside of 16 bits
    FieldId,
    /// A `bool` that is neither 0 nor 1
    Bool,
    /// A `string` that is not UTF-8
    Utf8,
    /// Bytes after the end of the message
    TrailingBytes,
    /// A method name that is empty, too long or has control characters
    Name,
    /// TJSON: not the character that the grammar asks for
    Syntax,
    /// TJSON: a number that is malformed or out of its type's range
    Number,
    /// TJSON: text that is no base64 where binary is expected
    Base64,
    /// A uuid not in its form
    Uuid,
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.kind {
            WireErrorKind::UnexpectedEnd => "the message ends in the middle of a value",
            WireErrorKind::Size => "a size is negative or larger than the message",
            WireErrorKind::Depth => "nested too deep",
            WireErrorKind::Type => "an unknown type",
            WireErrorKind::Kind => "an unknown kind of message",
            WireErrorKind::Version => "another version or protocol",
            WireErrorKind::Varint => "a varint that does not end or does not fit",
            WireErrorKind::FieldId => "a field id outside of 16 bits",
            WireErrorKind::Bool => "a bool that is neither 0 nor 1",
            WireErrorKind::Utf8 => "a string that is not UTF-8",
            WireErrorKind::TrailingBytes => "bytes after the end of the message",
            WireErrorKind::Name => "a method name that is empty, too long or has control characters",
            WireErrorKind::Syntax => "not the character that TJSON asks for here",
            WireErrorKind::Number => "a number that is malformed or out of range",
            WireErrorKind::Base64 => "not base64",
            WireErrorKind::Uuid => "not a uuid",
        };
        write!(f, "{text} at byte {}", self.position)
    }
}

impl std::error::Error for WireError {}
