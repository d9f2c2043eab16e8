//! What can be wrong with a request, told for the people who sent it.

use std::fmt;

use super::scanner::{JsonKind, SyntaxError};

/// What kind of fault it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum FaultKind {
    /// The text is no JSON. Nothing after it was looked at
    Syntax(SyntaxError),
    /// A key that is none of the names here
    UnknownField,
    /// The same key twice in an object
    DuplicateField,
    /// Another kind of JSON value than the type asks for
    WrongType,
    /// A number with a fraction where an integer is expected
    Fraction,
    /// A number outside of the range of its type
    OutOfRange,
    /// A field that has to be there is not
    Missing,
    /// `null` where a value has to be
    Null,
    /// Nested deeper than the limit
    Depth,
    /// A name that is no member of the enum
    UnknownEnumMember,
    /// An element of a set that is equal to one before it
    DuplicateElement,
    /// A key of a map that is equal to one before it
    DuplicateKey,
    /// A union with no member, or with several
    UnionArity,
    /// A string that is not base64
    Base64,
    /// A string that is not a uuid in its canonical form
    Uuid,
    /// A string that stands for no value of the type: the key of a map, an `i64`, or a `double`
    Text,
    /// An array that is not a pair of key and value
    Pair,
    /// A field that the gateway fills in, and the caller may not
    FilledIn,
}

/// One fault in a request. It never has the value that the caller sent, since that may be a secret; a name
/// out of the request is cut to a bounded length.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// What is wrong
    pub kind: FaultKind,
    /// Where: `arguments.user.roles[2]`, `arguments.prices["de"]`, `method`; empty for the whole body
    pub path: String,
    /// The type that is expected there, as the IDL writes it
    pub expected: Option<String>,
    /// The kind of JSON value that is there
    pub actual: Option<JsonKind>,
    /// The name that was probably meant
    pub suggestion: Option<String>,
    /// The line of the body, from 1
    pub line: usize,
    /// The column in the line, in characters, from 1
    pub column: usize,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let FaultKind::Syntax(error) = self.kind {
            return write!(
                f,
                "Malformed JSON: {} at line {} column {}",
                describe(error),
                self.line,
                self.column
            );
        }
        let path = if self.path.is_empty() { "The body" } else { &self.path };
        let expected = self.expected.as_deref().unwrap_or("a value");
        match self.kind {
            FaultKind::UnknownField => write!(f, "{path} is not known here"),
            FaultKind::DuplicateField => write!(f, "{path} is given twice"),
            FaultKind::Fraction => write!(f, "{path} must be a whole number for {expected}"),
            FaultKind::OutOfRange => write!(f, "{path} is outside of the range of {expected}"),
            FaultKind::Missing => write!(f, "{path} is required: {expected}"),
            FaultKind::Null => write!(f, "{path} must not be null: {expected}"),
            FaultKind::Depth => write!(f, "{path} is nested too deep"),
            FaultKind::UnknownEnumMember => write!(f, "{path} names no member of {expected}"),
            FaultKind::DuplicateElement => write!(f, "{path} is equal to an element before it"),
            FaultKind::DuplicateKey => write!(f, "{path} is equal to a key before it"),
            FaultKind::UnionArity => write!(f, "{path} must have exactly one member of the union {expected}"),
            FaultKind::Base64 => write!(f, "{path} is not base64"),
            FaultKind::Uuid => write!(f, "{path} is not a uuid of 36 characters"),
            FaultKind::Text => write!(f, "{path} is a string that is no {expected}"),
            FaultKind::Pair => write!(f, "{path} must be an array of a key and a value: {expected}"),
            FaultKind::FilledIn => write!(f, "{path} is filled in by the gateway"),
            FaultKind::Syntax(_) | FaultKind::WrongType => match self.actual {
                Some(actual) => write!(f, "{path} must be {expected}, not {}", with_article(actual)),
                None => write!(f, "{path} must be {expected}"),
            },
        }?;
        match &self.suggestion {
            Some(name) => write!(f, "; did you mean {name}?"),
            None => Ok(()),
        }
    }
}

fn with_article(kind: JsonKind) -> &'static str {
    match kind {
        JsonKind::Null => "null",
        JsonKind::Boolean => "a boolean",
        JsonKind::Number => "a number",
        JsonKind::String => "a string",
        JsonKind::Array => "an array",
        JsonKind::Object => "an object",
    }
}

fn describe(error: SyntaxError) -> &'static str {
    match error {
        SyntaxError::UnexpectedEnd => "the text ends too early",
        SyntaxError::Value => "a value expected",
        SyntaxError::Key => "a key in double quotes expected",
        SyntaxError::Colon => "a colon expected",
        SyntaxError::ObjectSeparator => "a comma or } expected",
        SyntaxError::ArraySeparator => "a comma or ] expected",
        SyntaxError::Number => "a malformed number",
        SyntaxError::ControlCharacter => "a control character that is not escaped",
        SyntaxError::Escape => "an unknown escape",
        SyntaxError::Surrogate => "half of a surrogate pair",
        SyntaxError::TrailingCharacters => "characters after the end",
        SyntaxError::Utf8 => "bytes that are not UTF-8",
    }
}

/// The faults of one request, at least one, in the order of the text as far as it tells.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// At most this many faults are collected.
    pub const MAX: usize = 20;

    pub(super) fn of(fault: Fault) -> Box<Self> {
        Box::new(Self(vec![fault]))
    }

    /// `None` where there is no fault.
    pub(super) fn new(faults: Vec<Fault>) -> Option<Box<Self>> {
        if faults.is_empty() { None } else { Some(Box::new(Self(faults))) }
    }

    /// The one that was found first.
    #[must_use]
    pub fn first(&self) -> &Fault {
        &self.0[0]
    }

    /// All that were found.
    #[must_use]
    pub fn all(&self) -> &[Fault] {
        &self.0
    }

    /// Whether the text is no JSON at all, rather than JSON that does not fit.
    #[must_use]
    pub fn is_syntax(&self) -> bool {
        self.0.iter().any(|fault| matches!(fault.kind, FaultKind::Syntax(_)))
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.first().fmt(f)
    }
}

impl std::error::Error for Faults {}
