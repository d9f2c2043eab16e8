//! The bytes of a message as the binary readers see them: a position that only moves forward, and the
//! levels that are open.

use super::{WireError, WireErrorKind, WireType};

/// The longest name of a message that a reader takes, in bytes.
pub const MAX_NAME: usize = 1024;

pub(super) struct Input<'a> {
    bytes: &'a [u8],
    position: usize,
    depth: usize,
    depth_limit: usize,
}

impl<'a> Input<'a> {
    pub(super) fn new(bytes: &'a [u8], depth_limit: usize) -> Self {
        Self { bytes, position: 0, depth: 0, depth_limit }
    }

    #[inline]
    pub(super) fn position(&self) -> usize {
        self.position
    }

    #[inline]
    pub(super) fn remaining(&self) -> usize {
        self.bytes.len() - self.position
    }

    /// The bytes that were not read yet.
    #[inline]
    pub(super) fn rest(&self) -> &'a [u8] {
        &self.bytes[self.position..]
    }

    #[cold]
    pub(super) fn error(&self, kind: WireErrorKind) -> WireError {
        WireError { kind, position: self.position }
    }

    /// An error about the byte that was read last.
    #[cold]
    pub(super) fn error_before(&self, kind: WireErrorKind) -> WireError {
        WireError { kind, position: self.position.saturating_sub(1) }
    }

    #[inline]
    pub(super) fn byte(&mut self) -> Result<u8, WireError> {
        match self.bytes.get(self.position) {
            Some(&byte) => {
                self.position += 1;
                Ok(byte)
            }
            None => Err(self.error(WireErrorKind::UnexpectedEnd)),
        }
    }

    #[inline]
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        match self.rest().first_chunk::<N>() {
            Some(chunk) => {
                self.position += N;
                Ok(*chunk)
            }
            None => Err(self.error(WireErrorKind::UnexpectedEnd)),
        }
    }

    /// Passes over bytes that [`rest`](Self::rest) showed.
    #[inline]
    pub(super) fn advance(&mut self, size: usize) {
        debug_assert!(size <= self.remaining(), "only bytes that are there are passed over");
        self.position += size;
    }

    /// The next `size` bytes, where `size` was read from the wire.
    #[inline]
    pub(super) fn sized(&mut self, size: usize) -> Result<&'a [u8], WireError> {
        match self.rest().get(..size) {
            Some(bytes) => {
                self.position += size;
                Ok(bytes)
            }
            None => Err(self.error(WireErrorKind::Size)),
        }
    }

    /// Passes over `count` values of `size` bytes each.
    #[inline]
    pub(super) fn pass(&mut self, count: u32, size: usize) -> Result<(), WireError> {
        match (count as usize).checked_mul(size) {
            Some(total) if total <= self.remaining() => {
                self.position += total;
                Ok(())
            }
            _ => Err(self.error(WireErrorKind::UnexpectedEnd)),
        }
    }

    /// Refuses a count of elements that the remaining bytes cannot hold, each at least `least` bytes long.
    #[inline]
    pub(super) fn check_count(&self, count: u32, least: usize) -> Result<u32, WireError> {
        match (count as usize).checked_mul(least) {
            Some(total) if total <= self.remaining() => Ok(count),
            _ => Err(self.error(WireErrorKind::Size)),
        }
    }

    #[inline]
    pub(super) fn enter(&mut self) -> Result<(), WireError> {
        if self.depth >= self.depth_limit {
            return Err(self.error(WireErrorKind::Depth));
        }
        self.depth += 1;
        Ok(())
    }

    #[inline]
    pub(super) fn leave(&mut self) {
        debug_assert!(self.depth > 0, "every end has its begin");
        self.depth = self.depth.saturating_sub(1);
    }

    #[inline]
    pub(super) fn finish(&self) -> Result<(), WireError> {
        if self.remaining() == 0 { Ok(()) } else { Err(self.error(WireErrorKind::TrailingBytes)) }
    }

    /// A string of `size` bytes.
    #[inline]
    pub(super) fn utf8(&mut self, size: usize) -> Result<&'a str, WireError> {
        let start = self.position;
        let bytes = self.sized(size)?;
        match simdutf8::basic::from_utf8(bytes) {
            Ok(text) => Ok(text),
            Err(_) => Err(utf8_error(bytes, start)),
        }
    }

    /// The name of a message of `size` bytes.
    pub(super) fn name(&mut self, size: usize) -> Result<&'a str, WireError> {
        let start = self.position;
        if size > MAX_NAME {
            return Err(self.error(WireErrorKind::Name));
        }
        let name = self.utf8(size)?;
        if is_name(name) { Ok(name) } else { Err(WireError { kind: WireErrorKind::Name, position: start }) }
    }
}

/// Finds where the text stops being UTF-8, which the fast check does not tell.
#[cold]
fn utf8_error(bytes: &[u8], start: usize) -> WireError {
    let valid = std::str::from_utf8(bytes).err().map_or(0, |error| error.valid_up_to());
    WireError { kind: WireErrorKind::Utf8, position: start + valid }
}

/// Whether a message can carry this name: not empty, at most [`MAX_NAME`] bytes, no control characters.
#[must_use]
pub fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= MAX_NAME && !name.chars().any(char::is_control)
}

/// The bytes of a value whose size depends on its type alone, `None` for the others.
#[inline]
pub(crate) fn fixed_size(ty: WireType) -> Option<usize> {
    match ty {
        WireType::Bool | WireType::I8 => Some(1),
        WireType::I16 => Some(2),
        WireType::I32 => Some(4),
        WireType::I64 | WireType::Double => Some(8),
        WireType::Uuid => Some(16),
        WireType::String | WireType::Struct | WireType::Map | WireType::Set | WireType::List => None,
    }
}
