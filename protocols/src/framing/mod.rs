//! Where a message ends on a stream of bytes, without I/O.
//!
//! A framed message stands behind its length. An unframed one (TBufferedTransport and its like) ends where
//! its structure ends, so that it has to be walked. Either way a [`Framing`] looks at what was received so
//! far and continues where it stood, so that the bytes may come one at a time.

mod structure;
mod text;

use std::fmt;
use std::ops::Range;

use crate::wire::{Protocol, WireError};
use structure::Structure;
use text::Text;

/// How messages follow each other on a connection.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Transport {
    /// Each behind its length in four bytes: TFramedTransport
    Framed,
    /// Back to back: TBufferedTransport, TSocket
    Unframed,
}

/// The bounds of one message.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct FramingLimits {
    /// Bytes of the message, without its length
    pub size: usize,
    /// Levels of structs and containers in an unframed message, one inside the other
    pub depth: usize,
}

impl Default for FramingLimits {
    /// 16 MiB, depth 64.
    fn default() -> Self {
        Self { size: 16 * 1024 * 1024, depth: 64 }
    }
}

/// What is known about the message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Progress {
    /// At least so many bytes are still to come, never 0
    More(usize),
    /// The message is whole
    Complete {
        /// The message itself, in the bytes that were looked at
        body: Range<usize>,
        /// Where the next one begins
        end: usize,
    },
}

/// Why no message can be made of the bytes. The stream cannot be read any further.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FramingError {
    /// A frame without a message
    EmptyFrame,
    /// A frame whose length is negative; most likely the peer does not frame its messages
    NegativeSize,
    /// A message over the limit
    TooLarge {
        /// Bytes, as far as they are announced
        size: usize,
        /// The limit, in bytes
        limit: usize,
    },
    /// Bytes that are no message of the protocol
    Wire(WireError),
}

impl fmt::Display for FramingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyFrame => f.write_str("an empty frame"),
            Self::NegativeSize => f.write_str("a frame of negative length; is the peer unframed?"),
            Self::TooLarge { size, limit } => {
                write!(f, "a message of {size} bytes or more; the limit is {limit}")
            }
            Self::Wire(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for FramingError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Wire(error) => Some(error),
            _ => None,
        }
    }
}

impl From<WireError> for FramingError {
    fn from(error: WireError) -> Self {
        Self::Wire(error)
    }
}

/// Finds the end of one message; the next one needs another.
pub struct Framing {
    state: State,
}

enum State {
    Framed { limit: usize },
    Structure(Structure),
    Text(Text),
}

impl Framing {
    /// Of a message in this protocol, whose first byte has not been seen.
    #[must_use]
    pub fn new(transport: Transport, protocol: Protocol, limits: FramingLimits) -> Self {
        let state = match (transport, protocol) {
            (Transport::Framed, _) => State::Framed { limit: limits.size },
            (Transport::Unframed, Protocol::Json) => State::Text(Text::new(limits)),
            (Transport::Unframed, Protocol::Binary) => State::Structure(Structure::binary(limits)),
            (Transport::Unframed, Protocol::Compact) => State::Structure(Structure::compact(limits)),
        };
        Self { state }
    }

    /// Looks at the message's bytes, all that have come from its first one on: what was shown before stands
    /// there again, unchanged, and more may follow, the beginning of the next message too.
    pub fn advance(&mut self, bytes: &[u8]) -> Result<Progress, FramingError> {
        match &mut self.state {
            State::Framed { limit } => framed(bytes, *limit),
            State::Structure(structure) => structure.advance(bytes),
            State::Text(text) => text.advance(bytes),
        }
    }
}

/// The bytes of a frame's length.
const HEADER: usize = 4;

fn framed(bytes: &[u8], limit: usize) -> Result<Progress, FramingError> {
    let Some(header) = bytes.first_chunk::<HEADER>() else {
        return Ok(Progress::More(HEADER - bytes.len()));
    };
    let size = i32::from_be_bytes(*header);
    let size = usize::try_from(size).map_err(|_| FramingError::NegativeSize)?;
    if size == 0 {
        return Err(FramingError::EmptyFrame);
    }
    if size > limit {
        return Err(FramingError::TooLarge { size, limit });
    }
    let end = HEADER + size;
    if bytes.len() < end {
        return Ok(Progress::More(end - bytes.len()));
    }
    Ok(Progress::Complete { body: HEADER..end, end })
}

/// Makes room for a frame's length at the end of the buffer; [`end_frame`] wants the position returned.
#[must_use]
pub fn begin_frame(buffer: &mut Vec<u8>) -> usize {
    buffer.extend_from_slice(&[0; HEADER]);
    buffer.len() - HEADER
}

/// Ends the frame that began at `start` with the bytes that were written since. More than `limit` bytes, or
/// none, are an error.
pub fn end_frame(buffer: &mut [u8], start: usize, limit: usize) -> Result<(), FramingError> {
    let size = buffer.len() - start - HEADER;
    if size == 0 {
        return Err(FramingError::EmptyFrame);
    }
    let limit = limit.min(i32::MAX as usize);
    match u32::try_from(size) {
        Ok(length) if size <= limit => {
            buffer[start..start + HEADER].copy_from_slice(&length.to_be_bytes());
            Ok(())
        }
        _ => Err(FramingError::TooLarge { size, limit }),
    }
}
