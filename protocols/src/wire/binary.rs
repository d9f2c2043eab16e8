//! TBinaryProtocol, big-endian, as Apache's `thrift-binary-protocol.md` has it.
//!
//! Strict messages are written unless the writer is asked for the old style; both are read. A `bool` other
//! than 0 and 1 is refused: readers in other languages disagree about it.

use std::borrow::Cow;

use super::dialect::{Dialect, ordered};
use super::input::{Input, fixed_size};
use super::{Mark, MessageHeader, MessageKind, Reader, WireError, WireErrorKind, WireType, Writer};
use crate::output::Output;

/// The first two bytes of a strict message, then an unused byte and the kind.
const VERSION_1: u32 = 0x8001_0000;
const VERSION_MASK: u32 = 0xffff_0000;

/// Appends TBinaryProtocol to a buffer.
pub struct BinaryWriter<'b> {
    buffer: Output<'b>,
    strict: bool,
    legacy_uuid: bool,
}

impl<'b> BinaryWriter<'b> {
    /// A writer of strict messages.
    #[inline]
    #[must_use]
    pub fn new(buffer: &'b mut Vec<u8>) -> Self {
        Self { buffer: Output::new(buffer), strict: true, legacy_uuid: false }
    }

    /// A writer for a peer of this dialect, whatever its protocol is.
    #[inline]
    #[must_use]
    pub fn of(dialect: Dialect, buffer: &'b mut Vec<u8>) -> Self {
        Self::on(dialect, Output::new(buffer))
    }

    #[inline]
    pub(crate) fn on(dialect: Dialect, buffer: Output<'b>) -> Self {
        Self { buffer, strict: dialect.strict, legacy_uuid: dialect.legacy_uuid }
    }

    #[inline]
    fn patch(&mut self, mark: Mark, count: u32) {
        if !mark.is_settled() {
            self.buffer.overwrite(mark.position, &count.to_be_bytes());
        }
    }
}

/// The length of a string as it goes over the wire. The lengths on the wire are signed 32-bit numbers; every
/// limit on sizes is far below that.
#[inline]
fn wire_length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).expect("a string is shorter than 4 GiB")
}

impl Writer for BinaryWriter<'_> {
    #[inline]
    fn len(&self) -> usize {
        self.buffer.len()
    }

    fn message_begin(&mut self, header: &MessageHeader<'_>) {
        if self.strict {
            let word = VERSION_1 | u32::from(header.kind as u8);
            self.buffer.extend(&word.to_be_bytes());
            self.string(&header.name);
        } else {
            self.string(&header.name);
            self.buffer.push(header.kind as u8);
        }
        self.i32(header.sequence_id);
    }

    #[inline]
    fn message_end(&mut self) {}

    #[inline]
    fn struct_begin(&mut self) {}

    #[inline]
    fn struct_end(&mut self) {
        self.buffer.push(0);
    }

    #[inline]
    fn field_begin(&mut self, ty: WireType, id: i16) {
        let [high, low] = id.to_be_bytes();
        self.buffer.extend(&[ty as u8, high, low]);
    }

    #[inline]
    fn field_end(&mut self) {}

    #[inline]
    fn list_begin(&mut self, _: WireType, element: WireType) -> Mark {
        self.buffer.extend(&[element as u8, 0, 0, 0, 0]);
        Mark { position: self.buffer.len() - 4 }
    }

    #[inline]
    fn list_begin_sized(&mut self, _: WireType, element: WireType, count: u32) -> Mark {
        let [a, b, c, d] = count.to_be_bytes();
        self.buffer.extend(&[element as u8, a, b, c, d]);
        Mark::SETTLED
    }

    #[inline]
    fn list_end(&mut self, mark: Mark, count: u32) {
        self.patch(mark, count);
    }

    #[inline]
    fn map_begin(&mut self, key: WireType, value: WireType) -> Mark {
        self.buffer.extend(&[key as u8, value as u8, 0, 0, 0, 0]);
        Mark { position: self.buffer.len() - 4 }
    }

    #[inline]
    fn map_begin_sized(&mut self, key: WireType, value: WireType, count: u32) -> Mark {
        let [a, b, c, d] = count.to_be_bytes();
        self.buffer.extend(&[key as u8, value as u8, a, b, c, d]);
        Mark::SETTLED
    }

    #[inline]
    fn map_end(&mut self, mark: Mark, count: u32) {
        self.patch(mark, count);
    }

    #[inline]
    fn bool(&mut self, value: bool) {
        self.buffer.push(u8::from(value));
    }

    #[inline]
    fn i8(&mut self, value: i8) {
        self.buffer.extend(&value.to_be_bytes());
    }

    #[inline]
    fn i16(&mut self, value: i16) {
        self.buffer.extend(&value.to_be_bytes());
    }

    #[inline]
    fn i32(&mut self, value: i32) {
        self.buffer.extend(&value.to_be_bytes());
    }

    #[inline]
    fn i64(&mut self, value: i64) {
        self.buffer.extend(&value.to_be_bytes());
    }

    #[inline]
    fn double(&mut self, value: f64) {
        self.buffer.extend(&value.to_bits().to_be_bytes());
    }

    #[inline]
    fn string(&mut self, value: &str) {
        self.binary(value.as_bytes());
    }

    #[inline]
    fn binary(&mut self, value: &[u8]) {
        self.buffer.extend(&wire_length(value).to_be_bytes());
        self.buffer.extend(value);
    }

    #[inline]
    fn uuid(&mut self, value: &[u8; 16]) {
        self.buffer.extend(&ordered(*value, self.legacy_uuid));
    }
}

/// Reads TBinaryProtocol.
pub struct BinaryReader<'a> {
    input: Input<'a>,
    legacy_uuid: bool,
}

impl<'a> BinaryReader<'a> {
    /// A reader of `bytes`. A struct or container inside more than `depth_limit` others, itself counted, is
    /// an error.
    #[inline]
    #[must_use]
    pub fn new(bytes: &'a [u8], depth_limit: usize) -> Self {
        Self { input: Input::new(bytes, depth_limit), legacy_uuid: false }
    }

    /// A reader of what a peer of this dialect sent, whatever its protocol is; otherwise as [`Self::new`].
    #[inline]
    #[must_use]
    pub fn of(dialect: Dialect, bytes: &'a [u8], depth_limit: usize) -> Self {
        Self { input: Input::new(bytes, depth_limit), legacy_uuid: dialect.legacy_uuid }
    }

    #[inline]
    fn word(&mut self) -> Result<u32, WireError> {
        Ok(u32::from_be_bytes(self.input.array()?))
    }

    /// A size, not above `i32::MAX`.
    #[inline]
    fn size(&mut self) -> Result<u32, WireError> {
        let size = self.word()?;
        if size > i32::MAX as u32 { Err(self.input.error(WireErrorKind::Size)) } else { Ok(size) }
    }

    #[inline]
    fn ty(&self, byte: u8) -> Result<WireType, WireError> {
        WireType::from_binary(byte).ok_or_else(|| self.input.error_before(WireErrorKind::Type))
    }

    #[inline]
    fn bytes(&mut self) -> Result<&'a [u8], WireError> {
        let size = self.size()?;
        self.input.sized(size as usize)
    }
}

/// The fewest bytes that a value of this type has.
#[inline]
fn least_size(ty: WireType) -> usize {
    match ty {
        WireType::String => 4,
        WireType::List | WireType::Set => 5,
        WireType::Map => 6,
        WireType::Struct => 1,
        fixed => fixed_size(fixed).unwrap_or(1),
    }
}

impl<'a> Reader<'a> for BinaryReader<'a> {
    #[inline]
    fn position(&self) -> usize {
        self.input.position()
    }

    fn message_begin(&mut self) -> Result<MessageHeader<'a>, WireError> {
        let word = self.word()?;
        let strict = word > i32::MAX as u32;
        let mut kind = (word & 0xff) as u8;
        let size = if !strict {
            word
        } else if word & VERSION_MASK == VERSION_1 {
            self.size()?
        } else {
            return Err(WireError { kind: WireErrorKind::Version, position: 0 });
        };
        let name = self.input.name(size as usize)?;
        if !strict {
            kind = self.input.byte()?;
        }
        let kind =
            MessageKind::from_wire(kind).ok_or_else(|| self.input.error_before(WireErrorKind::Kind))?;
        Ok(MessageHeader { name: Cow::Borrowed(name), kind, sequence_id: self.i32()? })
    }

    #[inline]
    fn message_end(&mut self) -> Result<(), WireError> {
        self.input.finish()
    }

    #[inline]
    fn struct_begin(&mut self) -> Result<(), WireError> {
        self.input.enter()
    }

    #[inline]
    fn struct_end(&mut self) -> Result<(), WireError> {
        self.input.leave();
        Ok(())
    }

    #[inline]
    fn field_begin(&mut self) -> Result<Option<(WireType, i16)>, WireError> {
        let byte = self.input.byte()?;
        if byte == 0 {
            return Ok(None);
        }
        let ty = self.ty(byte)?;
        Ok(Some((ty, i16::from_be_bytes(self.input.array()?))))
    }

    #[inline]
    fn field_end(&mut self) -> Result<(), WireError> {
        Ok(())
    }

    #[inline]
    fn list_begin(&mut self, _: WireType) -> Result<(WireType, u32), WireError> {
        let [element, a, b, c, d] = self.input.array()?;
        let count = u32::from_be_bytes([a, b, c, d]);
        self.input.enter()?;
        // Some writers put no true type on an empty list.
        if count == 0 {
            return Ok((WireType::from_binary(element).unwrap_or(WireType::Bool), 0));
        }
        let element = WireType::from_binary(element).ok_or_else(|| self.input.error(WireErrorKind::Type))?;
        Ok((element, self.input.check_count(count, least_size(element))?))
    }

    #[inline]
    fn list_end(&mut self) -> Result<(), WireError> {
        self.input.leave();
        Ok(())
    }

    #[inline]
    fn map_begin(&mut self) -> Result<(WireType, WireType, u32), WireError> {
        let [key, value, a, b, c, d] = self.input.array()?;
        let count = u32::from_be_bytes([a, b, c, d]);
        self.input.enter()?;
        match (WireType::from_binary(key), WireType::from_binary(value)) {
            (Some(key), Some(value)) => {
                Ok((key, value, self.input.check_count(count, least_size(key) + least_size(value))?))
            }
            _ if count == 0 => Ok((WireType::Bool, WireType::Bool, 0)),
            _ => Err(self.input.error(WireErrorKind::Type)),
        }
    }

    #[inline]
    fn map_end(&mut self) -> Result<(), WireError> {
        self.input.leave();
        Ok(())
    }

    #[inline]
    fn bool(&mut self) -> Result<bool, WireError> {
        match self.input.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.input.error_before(WireErrorKind::Bool)),
        }
    }

    #[inline]
    fn i8(&mut self) -> Result<i8, WireError> {
        Ok(i8::from_be_bytes(self.input.array()?))
    }

    #[inline]
    fn i16(&mut self) -> Result<i16, WireError> {
        Ok(i16::from_be_bytes(self.input.array()?))
    }

    #[inline]
    fn i32(&mut self) -> Result<i32, WireError> {
        Ok(i32::from_be_bytes(self.input.array()?))
    }

    #[inline]
    fn i64(&mut self) -> Result<i64, WireError> {
        Ok(i64::from_be_bytes(self.input.array()?))
    }

    #[inline]
    fn double(&mut self) -> Result<f64, WireError> {
        Ok(f64::from_bits(u64::from_be_bytes(self.input.array()?)))
    }

    #[inline]
    fn string(&mut self) -> Result<Cow<'a, str>, WireError> {
        let size = self.size()?;
        Ok(Cow::Borrowed(self.input.utf8(size as usize)?))
    }

    #[inline]
    fn binary(&mut self) -> Result<Cow<'a, [u8]>, WireError> {
        Ok(Cow::Borrowed(self.bytes()?))
    }

    #[inline]
    fn uuid(&mut self) -> Result<[u8; 16], WireError> {
        Ok(ordered(self.input.array()?, self.legacy_uuid))
    }

    fn skip(&mut self, ty: WireType) -> Result<(), WireError> {
        match ty {
            WireType::Bool => self.bool().map(drop),
            WireType::String => self.bytes().map(drop),
            WireType::Struct => {
                self.struct_begin()?;
                while let Some((ty, _)) = self.field_begin()? {
                    self.skip(ty)?;
                }
                self.struct_end()
            }
            WireType::List | WireType::Set => {
                let (element, count) = self.list_begin(ty)?;
                self.skip_elements(element, count)?;
                self.list_end()
            }
            WireType::Map => {
                let (key, value, count) = self.map_begin()?;
                match (fixed_size(key), fixed_size(value)) {
                    (Some(a), Some(b)) if key != WireType::Bool && value != WireType::Bool => {
                        self.input.pass(count, a + b)?;
                    }
                    _ => {
                        for _ in 0..count {
                            self.skip(key)?;
                            self.skip(value)?;
                        }
                    }
                }
                self.map_end()
            }
            fixed => self.input.pass(1, fixed_size(fixed).unwrap_or(1)),
        }
    }

    fn skip_elements(&mut self, element: WireType, count: u32) -> Result<(), WireError> {
        match element {
            WireType::String => {
                for _ in 0..count {
                    self.bytes()?;
                }
            }
            WireType::Bool => {
                let start = self.input.position();
                let bools = self.input.sized(count as usize)?;
                if let Some(offset) = bools.iter().position(|&byte| byte > 1) {
                    return Err(WireError { kind: WireErrorKind::Bool, position: start + offset });
                }
            }
            WireType::Struct | WireType::List | WireType::Set | WireType::Map => {
                for _ in 0..count {
                    self.skip(element)?;
                }
            }
            fixed => self.input.pass(count, fixed_size(fixed).unwrap_or(1))?,
        }
        Ok(())
    }
}
