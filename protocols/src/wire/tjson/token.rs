//! The tokens of TJSONProtocol: what JSON has, and what its writers write beside it.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::wire::input::Input;
use crate::wire::{WireError, WireErrorKind};

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

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
            end += quote_or_backslash(&rest[end..]);
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

    /// The text of a type's tag, which no writer escapes.
    pub(super) fn tag(&mut self) -> Result<&'a [u8], WireError> {
        Ok(self.raw()?.bytes)
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
    pub(super) fn integer(&mut self, key: bool) -> Result<i64, WireError> {
        let (start, text) = self.number(key)?;
        let (negative, digits) = match text {
            [b'-', digits @ ..] => (true, digits),
            digits => (false, digits),
        };
        let mut value = if digits.is_empty() { None } else { Some(0_i64) };
        for &digit in digits {
            // Counting down, since the smallest number has no positive twin.
            let digit = if digit.is_ascii_digit() { Some(i64::from(digit - b'0')) } else { None };
            value = value.and_then(|value| value.checked_mul(10)?.checked_sub(digit?));
        }
        value
            .and_then(|value| if negative { Some(value) } else { value.checked_neg() })
            .ok_or(WireError { kind: WireErrorKind::Number, position: start })
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
        let size = rest
            .iter()
            .position(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'-' | b'+' | b'.'))
            .unwrap_or(rest.len());
        if size == 0 {
            return Err(self.error(WireErrorKind::Syntax));
        }
        self.input.advance(size);
        Ok((start, &rest[..size]))
    }
}

/// The offset of the first quote or backslash, or the length where there is none.
#[inline]
fn quote_or_backslash(bytes: &[u8]) -> usize {
    let found = |byte: u8| byte == b'"' || byte == b'\\';
    let mut offset = 0;
    // Whole blocks without an early exit are compared in one step.
    while let Some(block) = bytes[offset..].first_chunk::<16>() {
        if block.iter().fold(false, |any, &byte| any | found(byte)) {
            break;
        }
        offset += 16;
    }
    bytes[offset..].iter().position(|&byte| found(byte)).map_or(bytes.len(), |position| offset + position)
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
