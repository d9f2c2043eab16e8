//! Where the bytes go that are written: a buffer of the caller's, up to a bound on what is kept.
//!
//! Nobody knows before its end whether a message or text is right, and what was written of one that is wrong
//! was held for nothing. So the first pass keeps no more than a small multiple of its input. What is longer is
//! written to its end as well, but only counted; if it is right it is written once more, into room of its size.

use std::ops::Range;

/// Bytes kept of any output, however short the input is.
const LEAST_ROOM: usize = 24 * 1024;
/// What a buffer has room for at the least.
const LEAST_CAPACITY: usize = 64;

/// The room that the first pass over an input has, in bytes.
pub(crate) struct Room {
    /// What it may keep.
    pub(crate) most: usize,
    /// What room is made for at its beginning. That is all of it where it is much, since a buffer is held twice
    /// while it is moved.
    pub(crate) at_once: usize,
}

/// The room of a first pass that may keep `most` bytes, or some more where that is next to nothing.
pub(crate) fn first_room(most: usize) -> Room {
    Room { most: most.max(LEAST_ROOM), at_once: most }
}

/// Appends to a buffer.
pub(crate) struct Output<'o> {
    bytes: &'o mut Vec<u8>,
    /// The length of the buffer before.
    start: usize,
    /// The length up to which the buffer may grow.
    most: usize,
    /// The bytes that were counted and not kept, and the last of them.
    dropped: usize,
    last: u8,
}

impl<'o> Output<'o> {
    /// Keeps everything.
    #[inline]
    pub(crate) fn new(bytes: &'o mut Vec<u8>) -> Self {
        Self::bounded(bytes, usize::MAX)
    }

    /// Keeps the bytes as long as the buffer is not longer than `most`; from there on it is empty, but for
    /// what was there before, and the bytes are counted.
    #[inline]
    pub(crate) fn bounded(bytes: &'o mut Vec<u8>, most: usize) -> Self {
        let start = bytes.len();
        Self { bytes, start, most, dropped: 0, last: 0 }
    }

    /// The length of the buffer, with the bytes that were not kept.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.bytes.len() + self.dropped
    }

    /// Whether the bytes are all there.
    #[inline]
    pub(crate) fn is_kept(&self) -> bool {
        self.dropped == 0
    }

    /// The byte that was written last.
    #[inline]
    pub(crate) fn last(&self) -> Option<u8> {
        if self.is_kept() { self.bytes.last().copied() } else { Some(self.last) }
    }

    #[inline]
    pub(crate) fn push(&mut self, byte: u8) {
        if self.bytes.len() < self.bytes.capacity() {
            self.bytes.push(byte);
        } else {
            self.extend_further(&[byte]);
        }
    }

    #[inline]
    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        if bytes.len() <= self.bytes.capacity() - self.bytes.len() {
            self.bytes.extend_from_slice(bytes);
        } else {
            self.extend_further(bytes);
        }
    }

    /// Appends `size` bytes that `write` fills in. It is not called where they are not kept. Another byte has
    /// to follow, since [`Output::last`] does not know them.
    #[inline]
    pub(crate) fn fill(&mut self, size: usize, write: impl FnOnce(&mut [u8])) {
        if self.reserve(size) {
            let at = self.bytes.len();
            self.bytes.resize(at + size, 0);
            write(&mut self.bytes[at..]);
        } else {
            self.dropped += size;
        }
    }

    /// Writes over what stands at this position.
    #[inline]
    pub(crate) fn overwrite(&mut self, position: usize, bytes: &[u8]) {
        if self.is_kept() {
            self.bytes[position..position + bytes.len()].copy_from_slice(bytes);
        }
    }

    /// Puts bytes before what stands at this position.
    #[cold]
    pub(crate) fn insert(&mut self, position: usize, bytes: &[u8]) {
        if self.reserve(bytes.len()) {
            self.bytes.splice(position..position, bytes.iter().copied());
        } else {
            self.dropped += bytes.len();
        }
    }

    /// Takes back what was written behind this position.
    #[inline]
    pub(crate) fn truncate(&mut self, position: usize) {
        if self.is_kept() {
            self.bytes.truncate(position);
        } else {
            self.dropped = position - self.bytes.len();
        }
    }

    /// Appends once more what stands there.
    pub(crate) fn repeat(&mut self, range: Range<usize>) {
        if self.is_kept() && self.reserve(range.len()) {
            self.bytes.extend_from_within(range);
        } else {
            self.dropped += range.len();
        }
    }

    /// Removes what stands there, and moves up what follows.
    pub(crate) fn remove(&mut self, range: Range<usize>) {
        if self.is_kept() {
            self.bytes.drain(range);
        } else {
            self.dropped -= range.len();
        }
    }

    /// The bytes from this position on, where they are kept.
    pub(crate) fn kept_from(&mut self, position: usize) -> Option<&mut [u8]> {
        if self.is_kept() { Some(&mut self.bytes[position..]) } else { None }
    }

    /// Whether there is room for so many bytes more, which is made where it may be.
    #[inline]
    pub(crate) fn reserve(&mut self, size: usize) -> bool {
        self.is_kept() && (self.bytes.capacity() - self.bytes.len() >= size || self.make_room(size))
    }

    /// As [`Output::reserve`], and not for more than that.
    pub(crate) fn reserve_exact(&mut self, size: usize) {
        if self.is_kept() && self.bytes.len().saturating_add(size) <= self.most {
            self.bytes.reserve_exact(size);
        }
    }

    /// Appends bytes that there is no room for yet, or counts them. This is apart so that the usual way has one
    /// check of the room alone.
    #[cold]
    #[inline(never)]
    fn extend_further(&mut self, bytes: &[u8]) {
        if self.is_kept() && self.make_room(bytes.len()) {
            return self.bytes.extend_from_slice(bytes);
        }
        self.dropped += bytes.len();
        self.last = bytes.last().copied().unwrap_or(self.last);
    }

    #[cold]
    fn make_room(&mut self, size: usize) -> bool {
        let needed = self.bytes.len().saturating_add(size);
        if needed > self.most {
            self.last = self.bytes.last().copied().unwrap_or_default();
            self.dropped = self.bytes.len() - self.start;
            self.bytes.truncate(self.start);
            // Without room to spare, nothing more is put there.
            self.bytes.shrink_to_fit();
            return false;
        }
        let doubled = self.bytes.capacity().saturating_mul(2).max(LEAST_CAPACITY).min(self.most);
        self.bytes.reserve_exact(needed.max(doubled) - self.bytes.len());
        true
    }
}
