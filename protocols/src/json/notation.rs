//! Strings and numbers as JSON text: what is written, and the search that reading and writing share.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thriftgate_metadata::Type;

use crate::output::Output;

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Whether a map with keys of this type is an object in JSON, rather than an array of pairs.
#[inline]
pub(super) fn is_object_key(key: Type) -> bool {
    !matches!(key, Type::Struct(_) | Type::List(_) | Type::Set(_) | Type::Map(_))
}

/// The first position from `from` on of a quote, a backslash or a control character; the length of `bytes`
/// where there is none.
#[inline]
pub(super) fn plain_end(bytes: &[u8], from: usize) -> usize {
    let mut position = from;
    while let Some(chunk) = bytes.get(position..).and_then(|rest| rest.first_chunk::<8>()) {
        let found = special(u64::from_le_bytes(*chunk));
        if found != 0 {
            return position + (found.trailing_zeros() / 8) as usize;
        }
        position += 8;
    }
    while position < bytes.len() && !matches!(bytes[position], b'"' | b'\\' | 0..0x20) {
        position += 1;
    }
    position.min(bytes.len())
}

/// The high bit of each byte of `word` that is a quote, a backslash or below 0x20. A borrow can set bits
/// above the lowest one that is right, never below: only the lowest counts.
#[inline]
fn special(word: u64) -> u64 {
    let quote = word ^ (LOW * b'"' as u64);
    let backslash = word ^ (LOW * b'\\' as u64);
    let below = word.wrapping_sub(LOW * 0x20) & !word;
    let quote = quote.wrapping_sub(LOW) & !quote;
    let backslash = backslash.wrapping_sub(LOW) & !backslash;
    (below | quote | backslash) & HIGH
}

/// A string in quotes. Quotes, backslashes and control characters are escaped, nothing else.
pub fn write_string(out: &mut Vec<u8>, value: &str) {
    put_string(&mut Output::new(out), value);
}

/// As [`write_string`].
pub(super) fn put_string(out: &mut Output<'_>, value: &str) {
    let bytes = value.as_bytes();
    out.reserve(bytes.len() + 2);
    out.push(b'"');
    let mut start = 0;
    loop {
        let end = plain_end(bytes, start);
        out.extend(&bytes[start..end]);
        let Some(&byte) = bytes.get(end) else { break };
        write_escape(out, byte);
        start = end + 1;
    }
    out.push(b'"');
}

fn write_escape(out: &mut Output<'_>, byte: u8) {
    let short = match byte {
        b'"' => b'"',
        b'\\' => b'\\',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0c => b'f',
        _ => {
            const DIGITS: &[u8; 16] = b"0123456789abcdef";
            let [high, low] = [byte >> 4, byte & 15].map(|digit| DIGITS[usize::from(digit)]);
            out.extend(&[b'\\', b'u', b'0', b'0', high, low]);
            return;
        }
    };
    out.extend(&[b'\\', short]);
}

/// An integer.
#[inline]
pub(super) fn write_integer(out: &mut Output<'_>, value: i64) {
    out.extend(itoa::Buffer::new().format(value).as_bytes());
}

/// A double: the shortest number that reads back the same; what is not finite as a string.
pub(super) fn write_double(out: &mut Output<'_>, value: f64) {
    if value.is_finite() {
        out.extend(zmij::Buffer::new().format_finite(value).as_bytes());
        return;
    }
    out.push(b'"');
    out.extend(non_finite(value).as_bytes());
    out.push(b'"');
}

/// The name of a double that is not finite.
pub(super) fn non_finite(value: f64) -> &'static str {
    if value.is_nan() {
        "NaN"
    } else if value > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    }
}

/// The double of this name.
pub(super) fn double_named(name: &str) -> Option<f64> {
    Some(match name {
        "NaN" => f64::NAN,
        "Infinity" => f64::INFINITY,
        "-Infinity" => f64::NEG_INFINITY,
        _ => return None,
    })
}

/// Bytes as padded standard base64, in quotes.
pub(super) fn write_base64(out: &mut Output<'_>, value: &[u8]) {
    out.push(b'"');
    out.fill(value.len().div_ceil(3) * 4, |room| {
        STANDARD.encode_slice(value, room).expect("padded base64 has four characters for three bytes begun");
    });
    out.push(b'"');
}

/// A uuid in its canonical form, lower case, in quotes.
pub(super) fn write_uuid(out: &mut Output<'_>, value: &[u8; 16]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.push(b'"');
    for (index, byte) in value.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            out.push(b'-');
        }
        out.extend(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    }
    out.push(b'"');
}

/// The bytes of a uuid in its canonical form of 36 characters, upper or lower case.
#[must_use]
pub fn parse_uuid(text: &str) -> Option<[u8; 16]> {
    let text: &[u8; 36] = text.as_bytes().try_into().ok()?;
    let mut bytes = [0; 16];
    let mut position = 0;
    for (index, byte) in bytes.iter_mut().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            if text[position] != b'-' {
                return None;
            }
            position += 1;
        }
        let high = char::from(text[position]).to_digit(16)?;
        let low = char::from(text[position + 1]).to_digit(16)?;
        *byte = u8::try_from(high << 4 | low).ok()?;
        position += 2;
    }
    Some(bytes)
}
