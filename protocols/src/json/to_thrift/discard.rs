//! A writer that only counts, for the pass that looks for faults.

use crate::wire::{Mark, MessageHeader, WireType, Writer};

#[derive(Debug, Default)]
pub(super) struct Discard {
    /// About what the message would have in binary.
    length: usize,
}

impl Writer for Discard {
    fn len(&self) -> usize {
        self.length
    }

    fn message_begin(&mut self, _: &MessageHeader<'_>) {}

    fn message_end(&mut self) {}

    fn struct_begin(&mut self) {}

    fn struct_end(&mut self) {
        self.length += 1;
    }

    fn field_begin(&mut self, _: WireType, _: i16) {
        self.length += 3;
    }

    fn field_end(&mut self) {}

    fn list_begin(&mut self, _: WireType, _: WireType) -> Mark {
        self.length += 5;
        Mark::SETTLED
    }

    fn list_begin_sized(&mut self, ty: WireType, element: WireType, _: u32) -> Mark {
        self.list_begin(ty, element)
    }

    fn list_end(&mut self, _: Mark, _: u32) {}

    fn map_begin(&mut self, _: WireType, _: WireType) -> Mark {
        self.length += 6;
        Mark::SETTLED
    }

    fn map_begin_sized(&mut self, key: WireType, value: WireType, _: u32) -> Mark {
        self.map_begin(key, value)
    }

    fn map_end(&mut self, _: Mark, _: u32) {}

    fn bool(&mut self, _: bool) {
        self.length += 1;
    }

    fn i8(&mut self, _: i8) {
        self.length += 1;
    }

    fn i16(&mut self, _: i16) {
        self.length += 2;
    }

    fn i32(&mut self, _: i32) {
        self.length += 4;
    }

    fn i64(&mut self, _: i64) {
        self.length += 8;
    }

    fn double(&mut self, _: f64) {
        self.length += 8;
    }

    fn string(&mut self, value: &str) {
        self.length += 4 + value.len();
    }

    fn binary(&mut self, value: &[u8]) {
        self.length += 4 + value.len();
    }

    fn uuid(&mut self, _: &[u8; 16]) {
        self.length += 16;
    }
}
