//! Writes TJSONProtocol.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{scan, tag_of};
use crate::output::Output;
use crate::wire::{Mark, MessageHeader, WireType, Writer};

/// What the next value is to the innermost struct or container.
#[derive(Clone, Copy)]
enum Place {
    /// The value of a field
    Field,
    /// An element of a list or set, or a part of the message: a comma stands before it
    Element,
    /// A key of a map
    Key,
    /// A value of a map
    Value,
}

/// Appends TJSONProtocol to a buffer.
pub struct JsonWriter<'b> {
    buffer: Output<'b>,
    place: Place,
    /// What the structs and containers that are open were, outermost first.
    outer: Vec<Place>,
}

impl<'b> JsonWriter<'b> {
    /// A writer that appends to `buffer`.
    #[must_use]
    pub fn new(buffer: &'b mut Vec<u8>) -> Self {
        Self::on(Output::new(buffer))
    }

    pub(crate) fn on(buffer: Output<'b>) -> Self {
        Self { buffer, place: Place::Field, outer: Vec::new() }
    }

    #[inline]
    fn text(&mut self, text: &str) {
        self.buffer.extend(text.as_bytes());
    }

    /// A comma, unless this is the first thing in an object.
    #[inline]
    fn comma(&mut self) {
        if self.buffer.last() != Some(b'{') {
            self.buffer.push(b',');
        }
    }

    /// Writes what stands before a value; true where the value is a key.
    #[inline]
    fn begin_value(&mut self) -> bool {
        match self.place {
            Place::Field => false,
            Place::Element => {
                self.buffer.push(b',');
                false
            }
            Place::Key => {
                self.comma();
                self.place = Place::Value;
                true
            }
            Place::Value => {
                self.buffer.push(b':');
                self.place = Place::Key;
                false
            }
        }
    }

    #[inline]
    fn open(&mut self, inside: Place) {
        self.outer.push(self.place);
        self.place = inside;
    }

    #[inline]
    fn close(&mut self) {
        self.place = self.outer.pop().unwrap_or(Place::Field);
    }

    #[inline]
    fn integer(&mut self, value: impl itoa::Integer) {
        self.text(itoa::Buffer::new().format(value));
    }

    #[inline]
    fn number(&mut self, value: impl itoa::Integer) {
        if self.begin_value() {
            self.buffer.push(b'"');
            self.integer(value);
            self.buffer.push(b'"');
        } else {
            self.integer(value);
        }
    }

    #[inline]
    fn quoted(&mut self, text: &str) {
        self.buffer.push(b'"');
        let mut rest = text.as_bytes();
        loop {
            let position = scan::escaped(rest);
            self.buffer.extend(&rest[..position]);
            let Some(&byte) = rest.get(position) else { break };
            match byte {
                b'"' | b'\\' => self.buffer.extend(&[b'\\', byte]),
                control => {
                    let digits = b"0123456789abcdef";
                    let (high, low) = (digits[usize::from(control >> 4)], digits[usize::from(control & 15)]);
                    self.buffer.extend(&[b'\\', b'u', b'0', b'0', high, low]);
                }
            }
            rest = &rest[position + 1..];
        }
        self.buffer.push(b'"');
    }

    /// Writes a count in the place of the digit 0 that stands at the mark.
    fn patch(&mut self, mark: Mark, count: u32) {
        if mark.is_settled() {
            return;
        }
        let mut digits = itoa::Buffer::new();
        let (first, more) = digits.format(count).as_bytes().split_at(1);
        self.buffer.overwrite(mark.position, first);
        if !more.is_empty() {
            let position = mark.position + 1;
            self.buffer.insert(position, more);
        }
    }

    fn list_header(&mut self, element: WireType, count: u32) -> usize {
        self.begin_value();
        self.text("[\"");
        self.text(tag_of(element));
        self.text("\",");
        let position = self.buffer.len();
        self.integer(count);
        self.open(Place::Element);
        position
    }

    fn map_header(&mut self, key: WireType, value: WireType, count: u32) -> usize {
        self.begin_value();
        self.text("[\"");
        self.text(tag_of(key));
        self.text("\",\"");
        self.text(tag_of(value));
        self.text("\",");
        let position = self.buffer.len();
        self.integer(count);
        self.text(",{");
        self.open(Place::Key);
        position
    }
}

impl Writer for JsonWriter<'_> {
    fn len(&self) -> usize {
        self.buffer.len()
    }

    fn message_begin(&mut self, header: &MessageHeader<'_>) {
        self.text("[1,");
        self.quoted(&header.name);
        self.buffer.push(b',');
        self.integer(header.kind as u8);
        self.buffer.push(b',');
        self.integer(header.sequence_id);
        self.open(Place::Element);
    }

    fn message_end(&mut self) {
        self.buffer.push(b']');
        self.close();
    }

    fn struct_begin(&mut self) {
        self.begin_value();
        self.buffer.push(b'{');
        self.open(Place::Field);
    }

    fn struct_end(&mut self) {
        self.buffer.push(b'}');
        self.close();
    }

    fn field_begin(&mut self, ty: WireType, id: i16) {
        self.comma();
        self.buffer.push(b'"');
        self.integer(id);
        self.text("\":{\"");
        self.text(tag_of(ty));
        self.text("\":");
    }

    fn field_end(&mut self) {
        self.buffer.push(b'}');
    }

    fn list_begin(&mut self, _: WireType, element: WireType) -> Mark {
        Mark { position: self.list_header(element, 0) }
    }

    fn list_begin_sized(&mut self, _: WireType, element: WireType, count: u32) -> Mark {
        self.list_header(element, count);
        Mark::SETTLED
    }

    fn list_end(&mut self, mark: Mark, count: u32) {
        self.buffer.push(b']');
        self.close();
        self.patch(mark, count);
    }

    fn map_begin(&mut self, key: WireType, value: WireType) -> Mark {
        Mark { position: self.map_header(key, value, 0) }
    }

    fn map_begin_sized(&mut self, key: WireType, value: WireType, count: u32) -> Mark {
        self.map_header(key, value, count);
        Mark::SETTLED
    }

    fn map_end(&mut self, mark: Mark, count: u32) {
        self.text("}]");
        self.close();
        self.patch(mark, count);
    }

    fn bool(&mut self, value: bool) {
        self.number(u8::from(value));
    }

    fn i8(&mut self, value: i8) {
        self.number(value);
    }

    fn i16(&mut self, value: i16) {
        self.number(value);
    }

    fn i32(&mut self, value: i32) {
        self.number(value);
    }

    fn i64(&mut self, value: i64) {
        self.number(value);
    }

    fn double(&mut self, value: f64) {
        let key = self.begin_value();
        let mut digits = zmij::Buffer::new();
        let text = if value.is_nan() {
            "NaN"
        } else if value == f64::INFINITY {
            "Infinity"
        } else if value == f64::NEG_INFINITY {
            "-Infinity"
        } else {
            digits.format_finite(value)
        };
        if key || !value.is_finite() {
            self.quoted(text);
        } else {
            self.text(text);
        }
    }

    fn string(&mut self, value: &str) {
        self.begin_value();
        self.quoted(value);
    }

    fn binary(&mut self, value: &[u8]) {
        self.begin_value();
        self.buffer.push(b'"');
        self.buffer.fill(value.len().div_ceil(3) * 4, |room| {
            STANDARD
                .encode_slice(value, room)
                .expect("padded base64 has four characters for three bytes begun");
        });
        self.buffer.push(b'"');
    }

    fn uuid(&mut self, value: &[u8; 16]) {
        self.begin_value();
        let text = super::token::uuid_text(value);
        self.quoted(std::str::from_utf8(&text).expect("hexadecimal digits and hyphens are ASCII"));
    }
}
