//! TCompactProtocol, as Apache's `thrift-compact-protocol.md` has it.
//!
//! Varints are bounded by the type that they carry. A `bool` element is written 1 or 2, as the C++ and Java
//! libraries do; 0 is read as false as well.

use std::borrow::Cow;

use super::dialect::{Dialect, ordered};
use super::input::Input;
use super::{Mark, MessageHeader, MessageKind, Protocol, Reader, WireError, WireErrorKind, WireType, Writer};
use crate::output::Output;

const PROTOCOL_ID: u8 = 0x82;
const VERSION: u8 = 1;
const TRUE: u8 = 1;
const FALSE: u8 = 2;
/// The count in a list's header byte that says that the count follows.
const LONG_LIST: u8 = 15;

/// Appends TCompactProtocol to a buffer.
pub struct CompactWriter<'b> {
    buffer: Output<'b>,
    /// The field written last in the innermost struct, and those of the structs around it.
    last_id: i16,
    outer_ids: Vec<i16>,
    /// A `bool` field that was begun: its header waits for its value.
    bool_field: Option<i16>,
    legacy_uuid: bool,
}

impl<'b> CompactWriter<'b> {
    /// A writer that appends to `buffer`.
    #[inline]
    #[must_use]
    pub fn new(buffer: &'b mut Vec<u8>) -> Self {
        Self::on(Protocol::Compact.into(), Output::new(buffer))
    }

    /// A writer for a peer of this dialect, whatever its protocol is.
    #[inline]
    #[must_use]
    pub fn of(dialect: Dialect, buffer: &'b mut Vec<u8>) -> Self {
        Self::on(dialect, Output::new(buffer))
    }

    #[inline]
    pub(crate) fn on(dialect: Dialect, buffer: Output<'b>) -> Self {
        let legacy_uuid = dialect.legacy_uuid;
        Self { buffer, last_id: 0, outer_ids: Vec::new(), bool_field: None, legacy_uuid }
    }

    #[inline]
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.buffer.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.buffer.push(value as u8);
    }

    #[inline]
    fn zigzag(&mut self, value: i64) {
        self.varint(((value << 1) ^ (value >> 63)) as u64);
    }

    #[inline]
    fn field_header(&mut self, ty: u8, id: i16) {
        let delta = i32::from(id) - i32::from(self.last_id);
        if (1..=15).contains(&delta) {
            self.buffer.push((delta as u8) << 4 | ty);
        } else {
            self.buffer.push(ty);
            self.zigzag(i64::from(id));
        }
        self.last_id = id;
    }

    /// Sets the upper half of a list's header byte, which is 0.
    #[inline]
    fn set_count(&mut self, mark: Mark, count: u8) {
        if let Some([header, ..]) = self.buffer.kept_from(mark.position) {
            *header |= count << 4;
        }
    }

    /// Puts a varint before what was written from `position` on.
    #[cold]
    fn insert_varint(&mut self, position: usize, value: u32) {
        let mut bytes = Vec::with_capacity(5);
        CompactWriter::new(&mut bytes).varint(u64::from(value));
        self.buffer.insert(position, &bytes);
    }
}

/// The number of a type in fields, lists and maps. A `bool` field has [`TRUE`] or [`FALSE`] in its place.
#[inline]
fn number_of(ty: WireType) -> u8 {
    match ty {
        WireType::Bool => TRUE,
        WireType::I8 => 3,
        WireType::I16 => 4,
        WireType::I32 => 5,
        WireType::I64 => 6,
        WireType::Double => 7,
        WireType::String => 8,
        WireType::List => 9,
        WireType::Set => 10,
        WireType::Map => 11,
        WireType::Struct => 12,
        WireType::Uuid => 13,
    }
}

/// The type of this number.
#[inline]
pub(crate) fn type_of(number: u8) -> Option<WireType> {
    Some(match number {
        TRUE | FALSE => WireType::Bool,
        3 => WireType::I8,
        4 => WireType::I16,
        5 => WireType::I32,
        6 => WireType::I64,
        7 => WireType::Double,
        8 => WireType::String,
        9 => WireType::List,
        10 => WireType::Set,
        11 => WireType::Map,
        12 => WireType::Struct,
        13 => WireType::Uuid,
        _ => return None,
    })
}

/// The fewest bytes that a value of this type has.
#[inline]
fn least_size(ty: WireType) -> usize {
    match ty {
        WireType::Double => 8,
        WireType::Uuid => 16,
        _ => 1,
    }
}

impl Writer for CompactWriter<'_> {
    #[inline]
    fn len(&self) -> usize {
        self.buffer.len()
    }

    fn message_begin(&mut self, header: &MessageHeader<'_>) {
        self.buffer.extend(&[PROTOCOL_ID, (header.kind as u8) << 5 | VERSION]);
        self.varint(u64::from(header.sequence_id as u32));
        self.string(&header.name);
    }

    #[inline]
    fn message_end(&mut self) {}

    #[inline]
    fn struct_begin(&mut self) {
        self.outer_ids.push(self.last_id);
        self.last_id = 0;
    }

    #[inline]
    fn struct_end(&mut self) {
        self.buffer.push(0);
        self.last_id = self.outer_ids.pop().unwrap_or(0);
    }

    #[inline]
    fn field_begin(&mut self, ty: WireType, id: i16) {
        if ty == WireType::Bool {
            self.bool_field = Some(id);
        } else {
            self.field_header(number_of(ty), id);
        }
    }

    #[inline]
    fn field_end(&mut self) {}

    #[inline]
    fn list_begin(&mut self, _: WireType, element: WireType) -> Mark {
        self.buffer.push(number_of(element));
        Mark { position: self.buffer.len() - 1 }
    }

    #[inline]
    fn list_begin_sized(&mut self, _: WireType, element: WireType, count: u32) -> Mark {
        if count < u32::from(LONG_LIST) {
            self.buffer.push((count as u8) << 4 | number_of(element));
        } else {
            self.buffer.push(LONG_LIST << 4 | number_of(element));
            self.varint(u64::from(count));
        }
        Mark::SETTLED
    }

    #[inline]
    fn list_end(&mut self, mark: Mark, count: u32) {
        if mark.is_settled() {
            return;
        }
        if count < u32::from(LONG_LIST) {
            self.set_count(mark, count as u8);
        } else {
            self.set_count(mark, LONG_LIST);
            self.insert_varint(mark.position + 1, count);
        }
    }

    #[inline]
    fn map_begin(&mut self, key: WireType, value: WireType) -> Mark {
        let position = self.buffer.len();
        self.buffer.extend(&[0, number_of(key) << 4 | number_of(value)]);
        Mark { position }
    }

    #[inline]
    fn map_begin_sized(&mut self, key: WireType, value: WireType, count: u32) -> Mark {
        self.varint(u64::from(count));
        if count > 0 {
            self.buffer.push(number_of(key) << 4 | number_of(value));
        }
        Mark::SETTLED
    }

    #[inline]
    fn map_end(&mut self, mark: Mark, count: u32) {
        match count {
            _ if mark.is_settled() => {}
            // An empty map has no types.
            0 => self.buffer.truncate(mark.position + 1),
            1..=0x7f => self.buffer.overwrite(mark.position, &[count as u8]),
            _ => {
                self.buffer.overwrite(mark.position, &[count as u8 | 0x80]);
                self.insert_varint(mark.position + 1, count >> 7);
            }
        }
    }

    #[inline]
    fn bool(&mut self, value: bool) {
        let number = if value { TRUE } else { FALSE };
        match self.bool_field.take() {
            Some(id) => self.field_header(number, id),
            None => self.buffer.push(number),
        }
    }

    #[inline]
    fn i8(&mut self, value: i8) {
        self.buffer.push(value as u8);
    }

    #[inline]
    fn i16(&mut self, value: i16) {
        self.zigzag(i64::from(value));
    }

    #[inline]
    fn i32(&mut self, value: i32) {
        self.zigzag(i64::from(value));
    }

    #[inline]
    fn i64(&mut self, value: i64) {
        self.zigzag(value);
    }

    #[inline]
    fn double(&mut self, value: f64) {
        self.buffer.extend(&value.to_bits().to_le_bytes());
    }

    #[inline]
    fn string(&mut self, value: &str) {
        self.binary(value.as_bytes());
    }

    #[inline]
    fn binary(&mut self, value: &[u8]) {
        self.varint(value.len() as u64);
        self.buffer.extend(value);
    }

    #[inline]
    fn uuid(&mut self, value: &[u8; 16]) {
        self.buffer.extend(&ordered(*value, self.legacy_uuid));
    }
}

/// Reads TCompactProtocol.
pub struct CompactReader<'a> {
    input: Input<'a>,
    /// The field read last in the innermost struct, and those of the structs around it.
    last_id: i16,
    outer_ids: Vec<i16>,
    /// The value of a `bool` field, which its header told.
    bool_field: Option<bool>,
    legacy_uuid: bool,
}

impl<'a> CompactReader<'a> {
    /// A reader of `bytes`. A struct or container inside more than `depth_limit` others, itself counted, is
    /// an error.
    #[inline]
    #[must_use]
    pub fn new(bytes: &'a [u8], depth_limit: usize) -> Self {
        let input = Input::new(bytes, depth_limit);
        Self { input, last_id: 0, outer_ids: Vec::new(), bool_field: None, legacy_uuid: false }
    }

    /// A reader of what a peer of this dialect sent, whatever its protocol is; otherwise as [`Self::new`].
    #[inline]
    #[must_use]
    pub fn of(dialect: Dialect, bytes: &'a [u8], depth_limit: usize) -> Self {
        Self { legacy_uuid: dialect.legacy_uuid, ..Self::new(bytes, depth_limit) }
    }

    /// An unsigned number below 2^`BITS`.
    #[inline]
    fn varint<const BITS: u32>(&mut self) -> Result<u64, WireError> {
        let byte = self.input.byte()?;
        if byte < 0x80 { Ok(u64::from(byte)) } else { self.long_varint::<BITS>(byte) }
    }

    fn long_varint<const BITS: u32>(&mut self, first: u8) -> Result<u64, WireError> {
        let mut value = u64::from(first & 0x7f);
        let mut shift = 7;
        loop {
            let byte = self.input.byte()?;
            let bits = u64::from(byte & 0x7f);
            // What the type has left for this byte; a varint that goes on past it has no end in sight.
            if shift >= BITS || (BITS - shift < 7 && bits >> (BITS - shift) != 0) {
                return Err(self.input.error_before(WireErrorKind::Varint));
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Ok(value);
            }
            shift += 7;
        }
    }

    /// A signed number of `BITS` bits.
    #[inline]
    fn zigzag<const BITS: u32>(&mut self) -> Result<i64, WireError> {
        let value = self.varint::<BITS>()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// A size or count, not above `i32::MAX`.
    #[inline]
    fn size(&mut self) -> Result<u32, WireError> {
        let size = self.varint::<32>()?;
        if size > i32::MAX as u64 { Err(self.input.error(WireErrorKind::Size)) } else { Ok(size as u32) }
    }

    #[inline]
    fn ty(&self, number: u8) -> Result<WireType, WireError> {
        type_of(number).ok_or_else(|| self.input.error_before(WireErrorKind::Type))
    }

    #[inline]
    fn bytes(&mut self) -> Result<&'a [u8], WireError> {
        let size = self.size()?;
        self.input.sized(size as usize)
    }
}

impl<'a> Reader<'a> for CompactReader<'a> {
    #[inline]
    fn position(&self) -> usize {
        self.input.position()
    }

    fn message_begin(&mut self) -> Result<MessageHeader<'a>, WireError> {
        if self.input.byte()? != PROTOCOL_ID {
            return Err(self.input.error_before(WireErrorKind::Version));
        }
        let byte = self.input.byte()?;
        if byte & 0x1f != VERSION {
            return Err(self.input.error_before(WireErrorKind::Version));
        }
        let kind =
            MessageKind::from_wire(byte >> 5).ok_or_else(|| self.input.error_before(WireErrorKind::Kind))?;
        let sequence_id = self.varint::<32>()? as u32 as i32;
        let size = self.size()?;
        let name = self.input.name(size as usize)?;
        Ok(MessageHeader { name: Cow::Borrowed(name), kind, sequence_id })
    }

    #[inline]
    fn message_end(&mut self) -> Result<(), WireError> {
        self.input.finish()
    }

    #[inline]
    fn struct_begin(&mut self) -> Result<(), WireError> {
        self.input.enter()?;
        self.outer_ids.push(self.last_id);
        self.last_id = 0;
        Ok(())
    }

    #[inline]
    fn struct_end(&mut self) -> Result<(), WireError> {
        self.input.leave();
        self.last_id = self.outer_ids.pop().unwrap_or(0);
        Ok(())
    }

    #[inline]
    fn field_begin(&mut self) -> Result<Option<(WireType, i16)>, WireError> {
        let byte = self.input.byte()?;
        if byte == 0 {
            return Ok(None);
        }
        let number = byte & 0x0f;
        let ty = self.ty(number)?;
        let id = match byte >> 4 {
            0 => i16::try_from(self.zigzag::<32>()?).ok(),
            delta => self.last_id.checked_add(i16::from(delta)),
        };
        let id = id.ok_or_else(|| self.input.error_before(WireErrorKind::FieldId))?;
        self.last_id = id;
        if ty == WireType::Bool {
            self.bool_field = Some(number == TRUE);
        }
        Ok(Some((ty, id)))
    }

    #[inline]
    fn field_end(&mut self) -> Result<(), WireError> {
        Ok(())
    }

    #[inline]
    fn list_begin(&mut self, _: WireType) -> Result<(WireType, u32), WireError> {
        let byte = self.input.byte()?;
        self.input.enter()?;
        let element = type_of(byte & 0x0f);
        let count = match byte >> 4 {
            LONG_LIST => self.size()?,
            count => u32::from(count),
        };
        match element {
            Some(element) => Ok((element, self.input.check_count(count, least_size(element))?)),
            // Some writers put no true type on an empty list.
            None if count == 0 => Ok((WireType::Bool, 0)),
            None => Err(self.input.error_before(WireErrorKind::Type)),
        }
    }

    #[inline]
    fn list_end(&mut self) -> Result<(), WireError> {
        self.input.leave();
        Ok(())
    }

    #[inline]
    fn map_begin(&mut self) -> Result<(WireType, WireType, u32), WireError> {
        let count = self.size()?;
        self.input.enter()?;
        if count == 0 {
            return Ok((WireType::Bool, WireType::Bool, 0));
        }
        let types = self.input.byte()?;
        let (key, value) = (self.ty(types >> 4)?, self.ty(types & 0x0f)?);
        Ok((key, value, self.input.check_count(count, least_size(key) + least_size(value))?))
    }

    #[inline]
    fn map_end(&mut self) -> Result<(), WireError> {
        self.input.leave();
        Ok(())
    }

    #[inline]
    fn bool(&mut self) -> Result<bool, WireError> {
        if let Some(value) = self.bool_field.take() {
            return Ok(value);
        }
        match self.input.byte()? {
            TRUE => Ok(true),
            FALSE | 0 => Ok(false),
            _ => Err(self.input.error_before(WireErrorKind::Bool)),
        }
    }

    #[inline]
    fn i8(&mut self) -> Result<i8, WireError> {
        Ok(self.input.byte()? as i8)
    }

    #[inline]
    fn i16(&mut self) -> Result<i16, WireError> {
        Ok(self.zigzag::<16>()? as i16)
    }

    #[inline]
    fn i32(&mut self) -> Result<i32, WireError> {
        Ok(self.zigzag::<32>()? as i32)
    }

    #[inline]
    fn i64(&mut self) -> Result<i64, WireError> {
        self.zigzag::<64>()
    }

    #[inline]
    fn double(&mut self) -> Result<f64, WireError> {
        Ok(f64::from_bits(u64::from_le_bytes(self.input.array()?)))
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
            WireType::I8 => self.i8().map(drop),
            WireType::I16 => self.i16().map(drop),
            WireType::I32 => self.i32().map(drop),
            WireType::I64 => self.i64().map(drop),
            WireType::Double => self.input.pass(1, 8),
            WireType::Uuid => self.input.pass(1, 16),
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
                for _ in 0..count {
                    self.skip(key)?;
                    self.skip(value)?;
                }
                self.map_end()
            }
        }
    }

    fn skip_elements(&mut self, element: WireType, count: u32) -> Result<(), WireError> {
        match element {
            WireType::I8 => self.input.pass(count, 1),
            WireType::Double => self.input.pass(count, 8),
            WireType::Uuid => self.input.pass(count, 16),
            _ => (0..count).try_for_each(|_| self.skip(element)),
        }
    }
}
