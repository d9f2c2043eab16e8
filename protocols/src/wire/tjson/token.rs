//! The tokens of TJSONProtocol: what JSON has, and what its writers write beside it.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::scan;
use crate::wire::input::Input;
use crate::wire::{WireError, WireErrorKind};

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The characters of the longest tag of a type.
const LONGEST_TAG: usize = 3;

/// A string as it stands between its quotes.
struct Raw<'a> {
    bytes: &'a [u8],
    escaped: bool,
    start: usize,
}

pub(super) struct Tokens<'a> {
    pub(super) input: Input<'a>,
}

impl<'a> Tokens<'a> {
    /// The next byte that is no white space, without reading it.
    #[inline]
    pub(super) fn peek(&mut self) -> Result<u8, WireError> {
        let rest = self.input.rest();
        match rest.first() {
            Some(&byte) if byte > b' ' => Ok(byte),
            _ => {
                let blank = rest.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
                self.input.advance(blank.unwrap_or(rest.len()));
                self.input.rest().first().copied().ok_or_else(|| self.error(WireErrorKind::UnexpectedEnd))
            }
        }
    }

    #[cold]
    pub(super) fn error(&self, kind: WireErrorKind) -> WireError {
        self.input.error(kind)
    }

    /// Reads this one character.
    #[inline]
    pub(super) fn expect(&mut self, byte: u8) -> Result<(), WireError> {
        if self.peek()? == byte {
            self.input.advance(1);
            Ok(())
        } else {
            Err(self.error(WireErrorKind::Syntax))
        }
    }

    /// Reads the comma before another element, where one has to come: its container was longer by count.
    #[inline]
    pub(super) fn comma(&mut self) -> Result<(), WireError> {
        match self.peek()? {
            b',' => {
                self.input.advance(1);
                Ok(())
            }
            b']' | b'}' => Err(self.error(WireErrorKind::Size)),
            _ => Err(self.error(WireErrorKind::Syntax)),
        }
    }

    /// Reads the end of a container, whose elements were all read.
    pub(super) fn close(&mut self, byte: u8) -> Result<(), WireError> {
        if self.peek()? == b',' {
            return Err(self.error(WireErrorKind::Size));
        }
        self.expect(byte)
    }

    /// Nothing but white space may follow.
    pub(super) fn finish(&mut self) -> Result<(), WireError> {
        match self.peek() {
            Ok(_) => Err(self.error(WireErrorKind::TrailingBytes)),
            Err(_) => Ok(()),
        }
    }

    fn raw(&mut self) -> Result<Raw<'a>, WireError> {
        self.expect(b'"')?;
        let start = self.input.position();
        let rest = self.input.rest();
        let mut end = 0;
        let mut escaped = false;
        loop {
            end += scan::delimiter(&rest[end..]);
            match rest.get(end) {
                Some(b'"') => break,
                // The byte after a backslash never ends the string.
                Some(_) if end + 1 < rest.len() => {
                    escaped = true;
                    end += 2;
                }
                _ => {
                    self.input.advance(rest.len());
                    return Err(self.error(WireErrorKind::UnexpectedEnd));
                }
            }
        }
        self.input.advance(end + 1);
        Ok(Raw { bytes: &rest[..end], escaped, start })
    }

    /// A string.
    pub(super) fn string(&mut self) -> Result<Cow<'a, str>, WireError> {
        let raw = self.raw()?;
        let Ok(text) = simdutf8::basic::from_utf8(raw.bytes) else {
            return Err(WireError { kind: WireErrorKind::Utf8, position: raw.start });
        };
        if !raw.escaped {
            return Ok(Cow::Borrowed(text));
        }
        match unescape(text) {
            Ok(text) => Ok(Cow::Owned(text)),
            Err(offset) => Err(WireError { kind: WireErrorKind::Syntax, position: raw.start + offset }),
        }
    }

    /// The text of a type's tag, which has no escapes. All of them are short.
    #[inline]
    pub(super) fn tag(&mut self) -> Result<&'a [u8], WireError> {
        self.expect(b'"')?;
        let rest = self.input.rest();
        match rest.iter().take(LONGEST_TAG + 1).position(|&byte| byte == b'"') {
            Some(size) => {
                self.input.advance(size + 1);
                Ok(&rest[..size])
            }
            None if rest.len() <= LONGEST_TAG => Err(self.error(WireErrorKind::UnexpectedEnd)),
            None => Err(self.error(WireErrorKind::Type)),
        }
    }

    /// Bytes in base64.
    pub(super) fn base64(&mut self) -> Result<Vec<u8>, WireError> {
        self.peek()?;
        let start = self.input.position();
        let text = self.string()?;
        BASE64.decode(text.as_bytes()).map_err(|_| WireError { kind: WireErrorKind::Base64, position: start })
    }

    /// A uuid in its 36 characters.
    pub(super) fn uuid(&mut self) -> Result<[u8; 16], WireError> {
        self.peek()?;
        let start = self.input.position();
        let text = self.string()?;
        uuid_bytes(text.as_bytes()).ok_or(WireError { kind: WireErrorKind::Uuid, position: start })
    }

    /// An integer, in quotes where it is a key.
    #[inline]
    pub(super) fn integer(&mut self, key: bool) -> Result<i64, WireError> {
        if key {
            self.expect(b'"')?;
        } else {
            self.peek()?;
        }
        let text = self.input.rest();
        let negative = text.first() == Some(&b'-');
        let mut size = usize::from(negative);
        let mut value = Some(0_i64);
        while let Some(digit) = text.get(size).map(|byte| byte.wrapping_sub(b'0')).filter(|&digit| digit < 10)
        {
            // Downwards, since the smallest number has no positive twin.
            value = value.and_then(|value| value.checked_mul(10)?.checked_sub(i64::from(digit)));
            size += 1;
        }
        if size == usize::from(negative) {
            value = None;
        }
        if !negative {
            value = value.and_then(i64::checked_neg);
        }
        let is_whole = match text.get(size) {
            Some(b'"') if key => true,
            Some(byte) => !key && !is_number_byte(*byte),
            None => return Err(self.error(WireErrorKind::UnexpectedEnd)),
        };
        match value {
            Some(value) if is_whole => {
                self.input.advance(size + usize::from(key));
                Ok(value)
            }
            _ => Err(self.number_error()),
        }
    }

    /// The error about what stands here in place of a number, or as a number that does not fit.
    #[cold]
    fn number_error(&self) -> WireError {
        let found = self.input.rest().first();
        let is_number = found.is_some_and(|&byte| is_number_byte(byte));
        self.error(if is_number { WireErrorKind::Number } else { WireErrorKind::Syntax })
    }

    /// A double; in quotes where it is a key, and maybe where it is not finite.
    pub(super) fn double(&mut self, key: bool) -> Result<f64, WireError> {
        let quoted = key || self.peek()? == b'"';
        let (start, text) = self.number(quoted)?;
        let value = match text {
            b"NaN" | b"nan" => Some(f64::NAN),
            b"Infinity" | b"inf" => Some(f64::INFINITY),
            b"-Infinity" | b"-inf" => Some(f64::NEG_INFINITY),
            _ if quoted && !key => None,
            _ => finite(text),
        };
        value.ok_or(WireError { kind: WireErrorKind::Number, position: start })
    }

    /// The characters of a number and where they begin.
    fn number(&mut self, quoted: bool) -> Result<(usize, &'a [u8]), WireError> {
        if quoted {
            let raw = self.raw()?;
            return Ok((raw.start, raw.bytes));
        }
        self.peek()?;
        let start = self.input.position();
        let rest = self.input.rest();
        let size = rest.iter().position(|&byte| !is_number_byte(byte)).unwrap_or(rest.len());
        if size == 0 {
            return Err(self.error(WireErrorKind::Syntax));
        }
        self.input.advance(size);
        Ok((start, &rest[..size]))
    }
}

/// Whether a number, or a word in its place, can have this byte.
#[inline]
fn is_number_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.' | b'_')
}

/// The decimal number that these characters are, where a double can hold it. Rust reads words as numbers as
/// well, so the characters are looked at first.
fn finite(text: &[u8]) -> Option<f64> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    if !digits.first()?.is_ascii_digit() {
        return None;
    }
    if !text.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E')) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok().filter(|value: &f64| value.is_finite())
}

/// Resolves the escapes of a string; the offset of the one that is wrong otherwise.
fn unescape(text: &str) -> Result<String, usize> {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(position) = rest.find('\\') {
        result.push_str(&rest[..position]);
        rest = &rest[position..];
        let at = text.len() - rest.len();
        let (character, size) = escape(rest.as_bytes()).ok_or(at)?;
        result.push(character);
        rest = &rest[size..];
    }
    result.push_str(rest);
    Ok(result)
}

/// The character that the escape at the beginning stands for, and its length in bytes.
fn escape(bytes: &[u8]) -> Option<(char, usize)> {
    let character = match bytes.get(1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let unit = hex_unit(&bytes[2..])?;
            return match unit {
                0xd800..=0xdbff => {
                    let low = hex_unit(bytes[6..].strip_prefix(b"\\u")?)?;
                    let pair = char::decode_utf16([unit, low]).next()?.ok()?;
                    Some((pair, 12))
                }
                _ => Some((char::from_u32(u32::from(unit))?, 6)),
            };
        }
        _ => return None,
    };
    Some((character, 2))
}

fn hex_unit(bytes: &[u8]) -> Option<u16> {
    bytes
        .first_chunk::<4>()?
        .iter()
        .try_fold(0, |unit, &byte| Some(unit << 4 | char::from(byte).to_digit(16)? as u16))
}

/// Where the hyphens are in a uuid.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// The canonical text of a uuid, in lower case.
pub(super) fn uuid_text(uuid: &[u8; 16]) -> [u8; 36] {
    let digits = b"0123456789abcdef";
    let mut text = [b'-'; 36];
    let mut at = 0;
    for byte in uuid {
        if HYPHENS.contains(&at) {
            at += 1;
        }
        text[at] = digits[usize::from(byte >> 4)];
        text[at + 1] = digits[usize::from(byte & 15)];
        at += 2;
    }
    text
}

fn uuid_bytes(text: &[u8]) -> Option<[u8; 16]> {
    if text.len() != 36 {
        return None;
    }
    let mut uuid = [0; 16];
    let mut at = 0;
    for byte in &mut uuid {
        if HYPHENS.contains(&at) {
            if text[at] != b'-' {
                return None;
            }
            at += 1;
        }
        let high = char::from(text[at]).to_digit(16)?;
        let low = char::from(text[at + 1]).to_digit(16)?;
        *byte = (high << 4 | low) as u8;
        at += 2;
    }
    Some(uuid)
}
