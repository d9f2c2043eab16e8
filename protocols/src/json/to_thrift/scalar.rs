//! Base types and enums, as values and as the keys of objects.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use thriftgate_metadata::{EnumId, Type, nearest};

use super::super::fault::FaultKind;
use super::super::notation;
use super::super::number::{NotAnInteger, decimal_digits, exact_integer};
use super::super::scanner::Scanner;

use super::translator::{Stop, Translator};
use crate::wire::Writer;

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// The least and the greatest value of an integer type or enum.
#[inline(always)]
fn bounds(ty: Type) -> (i64, i64) {
    match ty {
        Type::I8 => (i8::MIN.into(), i8::MAX.into()),
        Type::I16 => (i16::MIN.into(), i16::MAX.into()),
        Type::I32 | Type::Enum(_) => (i32::MIN.into(), i32::MAX.into()),
        _ => (i64::MIN, i64::MAX),
    }
}

impl<W: Writer> Translator<'_, '_, W> {
    /// The key of an object that is a map: what the value would be, in a string.
    pub(super) fn key(&mut self, ty: Type) -> Result<(), Stop> {
        match ty {
            Type::Bool => self.bool_in_string(),
            Type::I8 | Type::I16 | Type::I32 | Type::I64 => self.integer_in_string(ty),
            Type::Double => self.double_in_string(true),
            Type::Enum(id) => self.member(id, true),
            _ => self.value(ty),
        }
    }

    pub(super) fn bool(&mut self) -> Result<(), Stop> {
        let value = match self.scanner.byte() {
            b't' => self.scan(|scanner| scanner.literal("true")).map(|()| true)?,
            b'f' => self.scan(|scanner| scanner.literal("false")).map(|()| false)?,
            _ => return self.wrong_type(Type::Bool),
        };
        self.put_bool(value);
        Ok(())
    }

    fn bool_in_string(&mut self) -> Result<(), Stop> {
        let at = self.scanner.position();
        match self.text()? {
            "true" => self.put_bool(true),
            "false" => self.put_bool(false),
            _ => return self.report(FaultKind::Text, at, Some(Type::Bool)),
        }
        Ok(())
    }

    /// An integer type, or the number of an enum.
    #[inline(always)]
    pub(super) fn integer(&mut self, ty: Type) -> Result<(), Stop> {
        let at = self.scanner.position();
        let (least, greatest) = bounds(ty);
        match self.scanner.short_integer() {
            Some(value) if least <= value && value <= greatest => {
                self.put_integer(ty, value);
                Ok(())
            }
            _ => self.long_integer(ty, at),
        }
    }

    /// As [`Translator::integer`], of whatever stands at this position.
    #[inline(never)]
    fn long_integer(&mut self, ty: Type, at: usize) -> Result<(), Stop> {
        self.scanner.seek(at);
        if !matches!(self.scanner.byte(), b'-' | b'0'..=b'9') {
            return self.wrong_type(ty);
        }
        let number = self.scan(Scanner::number)?;
        self.bounded(ty, exact_integer(self.scanner.number_text(&number)), at)
    }

    pub(super) fn integer_in_string(&mut self, ty: Type) -> Result<(), Stop> {
        let at = self.scanner.position();
        match decimal_digits(self.text()?) {
            Some(value) => self.bounded(ty, value, at),
            None => self.report(FaultKind::Text, at, Some(ty)),
        }
    }

    fn bounded(&mut self, ty: Type, value: Result<i64, NotAnInteger>, at: usize) -> Result<(), Stop> {
        let (least, greatest) = bounds(ty);
        match value {
            Ok(value) if least <= value && value <= greatest => {
                self.put_integer(ty, value);
                Ok(())
            }
            Err(NotAnInteger::Fraction) => self.report(FaultKind::Fraction, at, Some(ty)),
            Ok(_) | Err(NotAnInteger::Range) => self.report(FaultKind::OutOfRange, at, Some(ty)),
        }
    }

    pub(super) fn double(&mut self) -> Result<(), Stop> {
        if !matches!(self.scanner.byte(), b'-' | b'0'..=b'9') {
            return self.wrong_type(Type::Double);
        }
        let at = self.scanner.position();
        let number = self.scan(Scanner::number)?;
        let value = match number.double() {
            Some(value) => Ok(value),
            None => self.scanner.number_text(&number).parse::<f64>(),
        };
        match value {
            Ok(value) if value.is_finite() => {
                self.put_double(value);
                Ok(())
            }
            _ => self.report(FaultKind::OutOfRange, at, Some(Type::Double)),
        }
    }

    /// `NaN` and the infinities; in a key any number.
    pub(super) fn double_in_string(&mut self, is_key: bool) -> Result<(), Stop> {
        let at = self.scanner.position();
        let text = self.text()?;
        let value = match notation::double_named(text) {
            Some(value) => Ok(value),
            None if is_key && is_number(text) => match text.parse::<f64>() {
                Ok(value) if value.is_finite() => Ok(value),
                _ => Err(FaultKind::OutOfRange),
            },
            None => Err(FaultKind::Text),
        };
        match value {
            Ok(value) => {
                self.put_double(value);
                Ok(())
            }
            Err(kind) => self.report(kind, at, Some(Type::Double)),
        }
    }

    pub(super) fn string(&mut self) -> Result<(), Stop> {
        if self.scanner.byte() != b'"' {
            return self.wrong_type(Type::String);
        }
        let Self { scanner, writer, string, distinct, .. } = self;
        let text = scanner.string(string).map_err(Stop::Syntax)?;
        writer.string(text);
        distinct.bytes(text.as_bytes());
        Ok(())
    }

    pub(super) fn binary(&mut self) -> Result<(), Stop> {
        if self.scanner.byte() != b'"' {
            return self.wrong_type(Type::Binary);
        }
        let at = self.scanner.position();
        self.bytes.clear();
        let is_right = match self.scanner.plain_string() {
            Some(text) => engine(text).decode_vec(text, &mut self.bytes).is_ok(),
            None => self.escaped_base64()?,
        };
        if !is_right {
            return self.report(FaultKind::Base64, at, Some(Type::Binary));
        }
        self.writer.binary(&self.bytes);
        self.distinct.bytes(&self.bytes);
        Ok(())
    }

    /// Base64 with escapes, decoded in its place. Whether it is base64.
    #[cold]
    fn escaped_base64(&mut self) -> Result<bool, Stop> {
        let Self { scanner, string, bytes, .. } = self;
        let engine = engine(scanner.string(string).map_err(Stop::Syntax)?);
        // The two buffers change places, of which the other one is empty.
        let spare = String::from_utf8(std::mem::take(bytes)).unwrap_or_default();
        *bytes = std::mem::replace(string, spare).into_bytes();
        Ok(decode_in_place(&engine, bytes))
    }

    pub(super) fn uuid(&mut self) -> Result<(), Stop> {
        if self.scanner.byte() != b'"' {
            return self.wrong_type(Type::Uuid);
        }
        let at = self.scanner.position();
        match notation::parse_uuid(self.text()?) {
            Some(value) => self.put_uuid(&value),
            None => return self.report(FaultKind::Uuid, at, Some(Type::Uuid)),
        }
        Ok(())
    }

    /// The name of an enum's member; in a key also its number.
    pub(super) fn member(&mut self, id: EnumId, is_key: bool) -> Result<(), Stop> {
        let at = self.scanner.position();
        let schema = self.schema;
        let name = self.text()?;
        if let Some(member) = schema[id].member_by_name(name) {
            self.put_integer(Type::Enum(id), member.value.into());
            return Ok(());
        }
        if is_key && let Some(value) = decimal_digits(name) {
            return self.bounded(Type::Enum(id), value, at);
        }
        self.report_near(FaultKind::UnknownEnumMember, at, Some(Type::Enum(id)), |schema, name| {
            nearest(name, schema[id].members.iter().map(|member| &*member.name))
        })
    }

    /// A string that is looked at and not kept.
    #[inline]
    fn text(&mut self) -> Result<&str, Stop> {
        let Self { scanner, string, .. } = self;
        scanner.string(string).map_err(Stop::Syntax)
    }

    #[inline]
    pub(super) fn put_bool(&mut self, value: bool) {
        self.writer.bool(value);
        self.distinct.word(value.into());
    }

    /// A value inside of the bounds of its type.
    #[inline(always)]
    pub(super) fn put_integer(&mut self, ty: Type, value: i64) {
        match ty {
            Type::I8 => self.writer.i8(value as i8),
            Type::I16 => self.writer.i16(value as i16),
            Type::I32 | Type::Enum(_) => self.writer.i32(value as i32),
            _ => self.writer.i64(value),
        }
        self.distinct.word(value as u64);
    }

    #[inline]
    pub(super) fn put_double(&mut self, value: f64) {
        self.writer.double(value);
        self.distinct.double(value);
    }

    pub(super) fn put_string(&mut self, value: &str) {
        self.writer.string(value);
        self.distinct.bytes(value.as_bytes());
    }

    pub(super) fn put_binary(&mut self, value: &[u8]) {
        self.writer.binary(value);
        self.distinct.bytes(value);
    }

    pub(super) fn put_uuid(&mut self, value: &[u8; 16]) {
        self.writer.uuid(value);
        self.distinct.bytes(value);
    }
}

/// What decodes this text.
fn engine(text: &str) -> GeneralPurpose {
    if text.contains(['-', '_']) { URL_SAFE } else { STANDARD }
}

/// Characters of base64 that are decoded together: a whole number of groups of four.
const CHUNK: usize = 1024;

/// Decodes text where it stands. Whether it is base64; padding is at its end only.
fn decode_in_place(engine: &GeneralPurpose, text: &mut Vec<u8>) -> bool {
    let mut decoded = [0; CHUNK / 4 * 3];
    let mut length = 0;
    for start in (0..text.len()).step_by(CHUNK) {
        let end = text.len().min(start + CHUNK);
        match engine.decode_slice(&text[start..end], &mut decoded) {
            Ok(size) if size == decoded.len() || end == text.len() => {
                text[length..length + size].copy_from_slice(&decoded[..size]);
                length += size;
            }
            _ => return false,
        }
    }
    text.truncate(length);
    true
}

/// Whether the whole text is a number of JSON.
fn is_number(text: &str) -> bool {
    let mut scanner = Scanner::new(text);
    scanner.number().is_ok() && scanner.position() == text.len()
}
