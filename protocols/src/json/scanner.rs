//! The grammar of JSON, RFC 8259, as a position in a text.
//!
//! A scanner makes no tree and no tokens: the translator asks for what the schema leads it to expect. Every
//! method stands at the first byte of what it reads and leaves the position behind it; on an error the
//! position is where the error is. What is passed over is checked as strictly as what is read.
//! Beyond the grammar, an escape that is half of a surrogate pair is refused, since no Thrift string can
//! carry it.

use super::notation;

/// What is wrong with a text that is no JSON.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum SyntaxError {
    /// The text ends in the middle of a value
    UnexpectedEnd,
    /// Not the beginning of a value
    Value,
    /// Not a string where an object's key belongs
    Key,
    /// No colon after a key
    Colon,
    /// Neither a comma nor the end of the object
    ObjectSeparator,
    /// Neither a comma nor the end of the array
    ArraySeparator,
    /// A number that is malformed, such as `01`, `1.` or `+1`
    Number,
    /// A control character in a string that is not escaped
    ControlCharacter,
    /// An escape that JSON does not have
    Escape,
    /// An escape that is half of a surrogate pair
    Surrogate,
    /// Something after the end of the value
    TrailingCharacters,
    /// Bytes that are not UTF-8
    Utf8,
}

/// Why a scanner stops.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum ScanError {
    Syntax(SyntaxError),
    /// Nested deeper than the limit.
    Depth,
}

impl From<SyntaxError> for ScanError {
    #[cold]
    fn from(error: SyntaxError) -> Self {
        Self::Syntax(error)
    }
}

/// The kind of a JSON value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum JsonKind {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean,
    /// A number
    Number,
    /// A string
    String,
    /// An array
    Array,
    /// An object
    Object,
}

impl JsonKind {
    /// As it is told in `actual`: `null`, `boolean`, `number`, `string`, `array` or `object`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }
}

/// A number as it is written, checked against the grammar.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number {
    /// Where it begins; it ends at the position.
    start: usize,
    is_negative: bool,
    /// All its digits as one number, and how many of them are behind the point: its value, where it has no
    /// exponent and at most 18 digits.
    short: Option<(u64, usize)>,
}

impl Number {
    /// Its value, where one division of two exact doubles gives it, correctly rounded.
    #[inline]
    pub(super) fn double(&self) -> Option<f64> {
        match self.short {
            Some((digits, scale)) if digits <= 1 << 53 => {
                let value = digits as f64 / POWERS[scale];
                Some(if self.is_negative { -value } else { value })
            }
            _ => None,
        }
    }
}

/// The most digits of which each number fits into an `i64`.
const SHORT: usize = 18;

/// Powers of ten, all of which are exact.
const POWERS: [f64; SHORT + 1] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18];

#[derive(Clone, Debug)]
pub(super) struct Scanner<'a> {
    text: &'a str,
    position: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, position: 0 }
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    #[inline]
    pub(super) fn position(&self) -> usize {
        self.position
    }

    pub(super) fn seek(&mut self, position: usize) {
        self.position = position;
    }

    /// The byte at the position; 0, which JSON has nowhere, at the end of the text.
    #[inline]
    pub(super) fn byte(&self) -> u8 {
        self.text.as_bytes().get(self.position).copied().unwrap_or(0)
    }

    #[cold]
    pub(super) fn error(&self, error: SyntaxError) -> SyntaxError {
        if self.position >= self.text.len() { SyntaxError::UnexpectedEnd } else { error }
    }

    /// Passes over white space.
    #[inline]
    pub(super) fn blank(&mut self) {
        if self.byte() <= b' ' {
            self.blanks();
        }
    }

    fn blanks(&mut self) {
        while matches!(self.byte(), b' ' | b'\n' | b'\r' | b'\t') {
            self.position += 1;
        }
    }

    /// The kind of the value that begins here, if one does.
    pub(super) fn kind(&self) -> Option<JsonKind> {
        Some(match self.byte() {
            b'n' => JsonKind::Null,
            b't' | b'f' => JsonKind::Boolean,
            b'-' | b'0'..=b'9' => JsonKind::Number,
            b'"' => JsonKind::String,
            b'[' => JsonKind::Array,
            b'{' => JsonKind::Object,
            _ => return None,
        })
    }

    /// Nothing but white space to the end of the text.
    pub(super) fn end(&mut self) -> Result<(), SyntaxError> {
        self.blank();
        if self.position == self.text.len() { Ok(()) } else { Err(SyntaxError::TrailingCharacters) }
    }

    /// `true`, `false` or `null`.
    #[inline]
    pub(super) fn literal(&mut self, literal: &str) -> Result<(), SyntaxError> {
        if self.text.as_bytes()[self.position..].starts_with(literal.as_bytes()) {
            self.position += literal.len();
            return Ok(());
        }
        Err(self.bad_literal(literal))
    }

    #[cold]
    fn bad_literal(&mut self, literal: &str) -> SyntaxError {
        self.position +=
            literal.bytes().zip(self.text[self.position..].bytes()).take_while(|(a, b)| a == b).count();
        self.error(SyntaxError::Value)
    }

    /// `{`. Whether a member follows; if so, the position is at its key.
    #[inline]
    pub(super) fn object_begin(&mut self) -> Result<bool, SyntaxError> {
        self.position += 1;
        self.blank();
        match self.byte() {
            b'"' => Ok(true),
            b'}' => {
                self.position += 1;
                Ok(false)
            }
            _ => Err(self.error(SyntaxError::Key)),
        }
    }

    /// What stands behind a member's value. Whether another member follows.
    #[inline]
    pub(super) fn object_next(&mut self) -> Result<bool, SyntaxError> {
        self.blank();
        match self.byte() {
            b',' => {
                self.position += 1;
                self.blank();
                if self.byte() == b'"' { Ok(true) } else { Err(self.error(SyntaxError::Key)) }
            }
            b'}' => {
                self.position += 1;
                Ok(false)
            }
            _ => Err(self.error(SyntaxError::ObjectSeparator)),
        }
    }

    /// The colon behind a key, and white space up to the value.
    #[inline]
    pub(super) fn colon(&mut self) -> Result<(), SyntaxError> {
        self.blank();
        if self.byte() != b':' {
            return Err(self.error(SyntaxError::Colon));
        }
        self.position += 1;
        self.blank();
        Ok(())
    }

    /// `[`. Whether an element follows; if so, the position is at it.
    #[inline]
    pub(super) fn array_begin(&mut self) -> bool {
        self.position += 1;
        self.blank();
        if self.byte() == b']' {
            self.position += 1;
            return false;
        }
        true
    }

    /// What stands behind an element. Whether another element follows.
    #[inline]
    pub(super) fn array_next(&mut self) -> Result<bool, SyntaxError> {
        self.blank();
        match self.byte() {
            b',' => {
                self.position += 1;
                self.blank();
                Ok(true)
            }
            b']' => {
                self.position += 1;
                Ok(false)
            }
            _ => Err(self.error(SyntaxError::ArraySeparator)),
        }
    }

    /// Passes over the key here if it is `name`, written without escapes.
    #[inline]
    pub(super) fn take_key(&mut self, name: &str) -> bool {
        let rest = &self.text.as_bytes()[self.position + 1..];
        if rest.starts_with(name.as_bytes()) && rest.get(name.len()) == Some(&b'"') {
            self.position += name.len() + 2;
            return true;
        }
        false
    }

    /// A string: a part of the text, or where it has escapes, what it stands for, in `scratch`.
    #[inline]
    pub(super) fn string<'s>(&mut self, scratch: &'s mut String) -> Result<&'s str, SyntaxError>
    where
        'a: 's,
    {
        let start = self.position + 1;
        let end = notation::plain_end(self.text.as_bytes(), start);
        self.position = end;
        if self.byte() == b'"' {
            self.position += 1;
            return Ok(&self.text[start..end]);
        }
        scratch.clear();
        let text = self.text;
        append(scratch, &text[start..end], text, start);
        self.escaped(|part| match part {
            Part::Plain(plain) => append(scratch, plain, text, start),
            Part::Escape(char) if scratch.capacity() - scratch.len() >= 4 => scratch.push(char),
            Part::Escape(char) => append_further(scratch, char.encode_utf8(&mut [0; 4]), text, start),
        })?;
        Ok(scratch)
    }

    /// A string that is written without escapes; the position stays at any other.
    #[inline]
    pub(super) fn plain_string(&mut self) -> Option<&'a str> {
        let start = self.position + 1;
        let end = notation::plain_end(self.text.as_bytes(), start);
        if self.text.as_bytes().get(end) != Some(&b'"') {
            return None;
        }
        self.position = end + 1;
        Some(&self.text[start..end])
    }

    /// Passes over a string.
    #[inline]
    pub(super) fn skip_string(&mut self) -> Result<(), SyntaxError> {
        self.position = notation::plain_end(self.text.as_bytes(), self.position + 1);
        if self.byte() == b'"' {
            self.position += 1;
            return Ok(());
        }
        self.escaped(|_| {})
    }

    /// The rest of a string, from a place where it does not simply go on, through its closing quote.
    fn escaped(&mut self, mut part: impl FnMut(Part<'a>)) -> Result<(), SyntaxError> {
        loop {
            match self.byte() {
                b'"' => {
                    self.position += 1;
                    return Ok(());
                }
                b'\\' => part(Part::Escape(self.escape()?)),
                _ => return Err(self.error(SyntaxError::ControlCharacter)),
            }
            let end = notation::plain_end(self.text.as_bytes(), self.position);
            if end > self.position {
                part(Part::Plain(&self.text[self.position..end]));
                self.position = end;
            }
        }
    }

    fn escape(&mut self) -> Result<char, SyntaxError> {
        self.position += 1;
        let char = match self.byte() {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode_escape(),
            _ => return Err(self.error(SyntaxError::Escape)),
        };
        self.position += 1;
        Ok(char)
    }

    fn unicode_escape(&mut self) -> Result<char, SyntaxError> {
        let start = self.position - 1;
        let first = self.hex()?;
        if let Some(char) = char::from_u32(first) {
            return Ok(char);
        }
        if first < 0xdc00 && self.text.as_bytes()[self.position..].starts_with(b"\\u") {
            self.position += 1;
            let second = self.hex()?;
            if (0xdc00..0xe000).contains(&second) {
                let scalar = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return char::from_u32(scalar).ok_or(SyntaxError::Surrogate);
            }
        }
        self.position = start;
        Err(SyntaxError::Surrogate)
    }

    /// `u` and four hexadecimal digits.
    fn hex(&mut self) -> Result<u32, SyntaxError> {
        self.position += 1;
        let mut value = 0;
        for _ in 0..4 {
            let Some(digit) = char::from(self.byte()).to_digit(16) else {
                return Err(self.error(SyntaxError::Escape));
            };
            value = value << 4 | digit;
            self.position += 1;
        }
        Ok(value)
    }

    /// The value of a number that is written as an integer of at most 18 digits; with anything else here the
    /// position stays.
    #[inline]
    pub(super) fn short_integer(&mut self) -> Option<i64> {
        let bytes = self.text.as_bytes().get(self.position..)?;
        let is_negative = bytes.first() == Some(&b'-');
        let digits = &bytes[usize::from(is_negative)..];
        let mut value = 0;
        let mut count = 0;
        while let Some(digit @ b'0'..=b'9') = digits.get(count)
            && count < SHORT
        {
            value = value * 10 + i64::from(digit - b'0');
            count += 1;
        }
        let is_whole = count == 1 || count > 1 && digits[0] != b'0';
        if !is_whole || matches!(digits.get(count), Some(b'0'..=b'9' | b'.' | b'e' | b'E')) {
            return None;
        }
        self.position += usize::from(is_negative) + count;
        Some(if is_negative { -value } else { value })
    }

    /// A number.
    pub(super) fn number(&mut self) -> Result<Number, SyntaxError> {
        let start = self.position;
        let is_negative = self.byte() == b'-';
        self.position += usize::from(is_negative);
        let mut digits = 0;
        let first = self.byte();
        let mut count = self.digits(&mut digits)?;
        if first == b'0' && count > 1 {
            self.position -= count - 1;
            return Err(SyntaxError::Number);
        }
        let mut scale = 0;
        if self.byte() == b'.' {
            self.position += 1;
            scale = self.digits(&mut digits)?;
            count += scale;
        }
        let mut short = (count <= SHORT).then_some((digits, scale));
        if matches!(self.byte(), b'e' | b'E') {
            short = None;
            self.exponent()?;
        }
        Ok(Number { start, is_negative, short })
    }

    /// The text of the number that was just read.
    pub(super) fn number_text(&self, number: &Number) -> &'a str {
        &self.text[number.start..self.position]
    }

    fn exponent(&mut self) -> Result<(), SyntaxError> {
        self.position += 1;
        if matches!(self.byte(), b'+' | b'-') {
            self.position += 1;
        }
        self.digits(&mut 0).map(drop)
    }

    /// One digit or more, appended to those of `value`, which wraps. How many.
    #[inline]
    fn digits(&mut self, value: &mut u64) -> Result<usize, SyntaxError> {
        let start = self.position;
        while let digit @ b'0'..=b'9' = self.byte() {
            *value = value.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            self.position += 1;
        }
        match self.position - start {
            0 => Err(self.error(SyntaxError::Number)),
            count => Ok(count),
        }
    }

    /// Passes over a value that opens at most `levels` objects and arrays inside each other.
    pub(super) fn skip(&mut self, levels: usize) -> Result<(), ScanError> {
        match self.byte() {
            b'"' => self.skip_string()?,
            b'-' | b'0'..=b'9' => {
                self.number()?;
            }
            b't' => self.literal("true")?,
            b'f' => self.literal("false")?,
            b'n' => self.literal("null")?,
            b'{' => {
                let levels = levels.checked_sub(1).ok_or(ScanError::Depth)?;
                let mut more = self.object_begin()?;
                while more {
                    self.skip_string()?;
                    self.colon()?;
                    self.skip(levels)?;
                    more = self.object_next()?;
                }
            }
            b'[' => {
                let levels = levels.checked_sub(1).ok_or(ScanError::Depth)?;
                let mut more = self.array_begin();
                while more {
                    self.skip(levels)?;
                    more = self.array_next()?;
                }
            }
            _ => return Err(self.error(SyntaxError::Value).into()),
        }
        Ok(())
    }
}

/// The length from which on a string gets room once, since it is held twice while it is moved.
const LONG: usize = 8 * 1024;

/// Appends to `scratch` a part of the string that begins at `start` behind its quote.
#[inline]
fn append(scratch: &mut String, part: &str, text: &str, start: usize) {
    if part.len() <= scratch.capacity() - scratch.len() {
        scratch.push_str(part);
    } else {
        append_further(scratch, part, text, start);
    }
}

#[cold]
#[inline(never)]
fn append_further(scratch: &mut String, part: &str, text: &str, start: usize) {
    if scratch.len() + part.len() < LONG {
        return scratch.push_str(part);
    }
    let mut scanner = Scanner { text, position: start - 1 };
    // Where it is malformed it ends there.
    let _ = scanner.skip_string();
    let whole = scanner.position.saturating_sub(start);
    scratch.reserve_exact(whole.saturating_sub(scratch.len()).max(part.len()));
    scratch.push_str(part);
}

/// A piece of a string with escapes.
enum Part<'a> {
    Plain(&'a str),
    Escape(char),
}
