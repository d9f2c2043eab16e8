//! The replies of an HTTP/2 connection that its client has not taken.
//!
//! A client that opens no window for a reply leaves it in memory while the connection looks well: nothing
//! is written that could be timed. So each piece of a reply is watched from when it is handed to the
//! connection until it has been written.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::time::Instant;

use super::client_stream::time_for;

/// The pieces of replies that the connection holds.
#[derive(Debug)]
pub(super) struct Replies {
    patience: Duration,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    next: u64,
    /// The number of each piece, and until when the client has to take it.
    pieces: Vec<(u64, Instant)>,
}

impl Replies {
    /// None yet; a client may take nothing of one for this time.
    pub(super) fn new(patience: Duration) -> Arc<Self> {
        Arc::new(Self { patience, held: Mutex::default() })
    }

    /// Whether the client has not taken a piece in its time.
    pub(super) fn is_overdue(&self, now: Instant) -> bool {
        self.held().pieces.iter().any(|(_, until)| *until <= now)
    }

    fn hold(self: &Arc<Self>, bytes: Bytes) -> Bytes {
        let until = Instant::now() + self.patience + time_for(bytes.len());
        let mut held = self.held();
        let number = held.next;
        held.next += 1;
        held.pieces.push((number, until));
        drop(held);
        Bytes::from_owner(Piece { bytes, number, replies: self.clone() })
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A piece of a reply, held until it is dropped.
struct Piece {
    bytes: Bytes,
    number: u64,
    replies: Arc<Replies>,
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        let mut held = self.replies.held();
        if let Some(at) = held.pieces.iter().position(|(number, _)| *number == self.number) {
            held.pieces.swap_remove(at);
        }
    }
}

/// The body of a reply; its pieces are watched where it goes over HTTP/2.
#[derive(Debug)]
pub(super) struct ReplyBody {
    pub(super) body: Body,
    pub(super) watched: Option<Arc<Replies>>,
}

impl http_body::Body for ReplyBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Self { body, watched } = self.get_mut();
        let polled = Pin::new(body).poll_frame(context);
        match watched {
            None => polled,
            Some(replies) => polled.map_ok(|frame| frame.map_data(|bytes| replies.hold(bytes))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
