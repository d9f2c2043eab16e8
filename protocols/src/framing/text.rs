//! The end of an unframed TJSON message: the bracket that closes the first one, strings left aside.

use super::{FramingError, FramingLimits, Progress};
use crate::wire::{WireError, WireErrorKind};

/// A message is inside one bracket; a struct inside two (its own and its field's), a map likewise.
const BRACKETS_OF_MESSAGE: usize = 1;
const BRACKETS_OF_LEVEL: usize = 2;

pub(super) struct Text {
    position: usize,
    start: usize,
    open: usize,
    bracket_limit: usize,
    size_limit: usize,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before the message
    Before,
    /// In the message, in no string
    Outside,
    /// In a string
    String,
    /// In a string, behind a backslash
    Escape,
}

impl Text {
    pub(super) fn new(limits: FramingLimits) -> Self {
        let bracket_limit =
            limits.depth.saturating_mul(BRACKETS_OF_LEVEL).saturating_add(BRACKETS_OF_MESSAGE);
        Self { position: 0, start: 0, open: 0, bracket_limit, size_limit: limits.size, place: Place::Before }
    }

    fn error(&self, kind: WireErrorKind) -> FramingError {
        FramingError::Wire(WireError { kind, position: self.position })
    }

    pub(super) fn advance(&mut self, bytes: &[u8]) -> Result<Progress, FramingError> {
        while let Some(&byte) = bytes.get(self.position) {
            match (self.place, byte) {
                (Place::Before, b' ' | b'\t' | b'\r' | b'\n') => {}
                (Place::Before, b'[') => {
                    self.start = self.position;
                    self.open = 1;
                    self.place = Place::Outside;
                }
                (Place::Before, _) => return Err(self.error(WireErrorKind::Version)),
                (Place::Outside, b'[' | b'{') => {
                    if self.open >= self.bracket_limit {
                        return Err(self.error(WireErrorKind::Depth));
                    }
                    self.open += 1;
                }
                (Place::Outside, b']' | b'}') => {
                    self.open -= 1;
                    if self.open == 0 {
                        let end = self.position + 1;
                        self.within(end)?;
                        return Ok(Progress::Complete { body: self.start..end, end });
                    }
                }
                (Place::Outside, b'"') => self.place = Place::String,
                (Place::String, b'"') => self.place = Place::Outside,
                (Place::String, b'\\') => self.place = Place::Escape,
                (Place::Escape, _) => self.place = Place::String,
                (Place::Outside | Place::String, _) => {}
            }
            self.position += 1;
        }
        // What is open has a closing bracket still to come.
        let more = self.open.max(1);
        self.within(bytes.len() + more)?;
        Ok(Progress::More(more))
    }

    fn within(&self, size: usize) -> Result<(), FramingError> {
        if size > self.size_limit {
            return Err(FramingError::TooLarge { size, limit: self.size_limit });
        }
        Ok(())
    }
}
