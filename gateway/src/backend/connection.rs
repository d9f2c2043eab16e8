//! One connection to an endpoint, and one call on it.

use std::io;
use std::ops::Range;
use std::time::{Duration, Instant};

use thriftgate_protocols::framing::{Framing, Progress};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::balance::random;
use super::error::{BackendError, BackendErrorKind};
use crate::stream::Stream;

/// A buffer that grew past this is given back after the call, so that one large reply does not stay
/// resident in every pooled connection.
const KEPT_BUFFER: usize = 64 * 1024;
/// What is read at once when the framing does not ask for more.
const READ: usize = 8 * 1024;

/// A connection. It carries one call at a time, and is good for another only while its buffer is empty and
/// its peer quiet.
#[derive(Debug)]
pub(super) struct Connection {
    stream: Stream,
    buffer: Vec<u8>,
    /// When it was last given back.
    pub(super) idle_since: Instant,
    /// When it is used no more.
    pub(super) expires: Instant,
}

impl Connection {
    /// A connection that is used for `lifetime` at most, less up to a tenth, so that connections that were
    /// opened together do not all end together.
    pub(super) fn new(stream: Stream, lifetime: Duration) -> Self {
        let now = Instant::now();
        let jitter = lifetime / 10 * (random() % 1024) as u32 / 1024;
        Self { stream, buffer: Vec::new(), idle_since: now, expires: now + (lifetime - jitter) }
    }

    /// Whether the next call may use it: nothing unread, and the peer neither sent nor closed.
    pub(super) fn is_reusable(&mut self) -> bool {
        self.stream.is_quiet()
    }

    /// Moves it to the runtime of the calling task.
    pub(super) fn adopt(self) -> io::Result<Self> {
        Ok(Self { stream: self.stream.adopt()?, ..self })
    }

    /// Writes a message. The error tells whether any byte of it may have left.
    pub(super) async fn send(&mut self, message: &[u8]) -> Result<(), BackendError> {
        // Of what is encrypted, a failed write may have sent a part.
        let encrypted = self.stream.is_encrypted();
        let mut written = 0;
        while written < message.len() {
            match self.stream.write(&message[written..]).await {
                Ok(0) => return Err(BackendError::new(BackendErrorKind::Closed, encrypted || written > 0)),
                Ok(count) => written += count,
                Err(error) => {
                    return Err(BackendError::new(BackendErrorKind::Io(error), encrypted || written > 0));
                }
            }
        }
        let flushed = self.stream.flush().await;
        flushed.map_err(|error| BackendError::new(BackendErrorKind::Io(error), true))
    }

    /// Reads one message to its end and returns where it stands in [`Self::bytes`].
    pub(super) async fn receive(&mut self, mut framing: Framing) -> Result<Reception, BackendError> {
        self.buffer.clear();
        loop {
            let more = match framing.advance(&self.buffer) {
                Ok(Progress::Complete { body, end }) => {
                    return Ok(Reception { body, clean: end == self.buffer.len() });
                }
                Ok(Progress::More(more)) => more,
                Err(error) => return Err(BackendError::new(BackendErrorKind::Framing(error), true)),
            };
            // A length that a peer only claims is not allocated: the buffer at most doubles.
            self.buffer.reserve(more.clamp(READ, self.buffer.len().max(READ)));
            match self.stream.read_buf(&mut self.buffer).await {
                Ok(0) => return Err(BackendError::new(BackendErrorKind::Closed, true)),
                Ok(_) => {}
                Err(error) => return Err(BackendError::new(BackendErrorKind::Io(error), true)),
            }
        }
    }

    /// What was received.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer
    }

    /// Makes it ready to be idle.
    pub(super) fn rest(&mut self) {
        self.buffer.clear();
        self.buffer.shrink_to(KEPT_BUFFER);
        self.idle_since = Instant::now();
    }
}

/// A received message.
#[derive(Debug)]
pub(super) struct Reception {
    /// Where the message stands in the connection's bytes.
    pub(super) body: Range<usize>,
    /// Whether nothing came after it.
    pub(super) clean: bool,
}
