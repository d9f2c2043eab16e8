//! A stream toward a client, which has to take what it is sent.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use crate::stream::Stream;

/// What a client has to take in a second, so that it is not cut off, in bytes.
pub(super) const SLOWEST: usize = 16 * 1024;

/// The time that so many bytes give a client, beside what every client has.
pub(super) fn time_for(bytes: usize) -> Duration {
    Duration::from_secs_f64(bytes as f64 / SLOWEST as f64)
}

/// A stream on which a write fails once the client does not take what it is sent. Nothing is timed while
/// the system takes every write at once.
#[derive(Debug)]
pub(super) struct ClientStream {
    stream: Stream,
    patience: Duration,
    /// Until when the client has to take all that is being written, since it did not take it at once.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl ClientStream {
    /// A stream whose client may take nothing for this time.
    pub(super) fn new(stream: Stream, patience: Duration) -> Self {
        Self { stream, patience, stalled: None }
    }

    /// What comes of a write: one that waits has an end, and one that got something taken defers it.
    fn written(
        &mut self,
        polled: Poll<io::Result<usize>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        match (&polled, &mut self.stalled) {
            (Poll::Pending, _) => return self.wait(context).map(Err),
            (Poll::Ready(Ok(taken)), Some(stalled)) => {
                let deferred = stalled.deadline() + time_for(*taken);
                stalled.as_mut().reset(deferred.min(Instant::now() + self.patience));
            }
            _ => {}
        }
        polled
    }

    /// Waits for the client, until it has had its time.
    fn wait(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        let patience = self.patience;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(patience)));
        stalled
            .as_mut()
            .poll(context)
            .map(|()| io::Error::new(io::ErrorKind::TimedOut, "the client does not take what it is sent"))
    }
}

impl AsyncRead for ClientStream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for ClientStream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.written(polled, context)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.stream).poll_write_vectored(context, slices);
        this.written(polled, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        match Pin::new(&mut this.stream).poll_flush(context) {
            Poll::Pending => this.wait(context).map(Err),
            flushed => {
                // Who writes flushes when it has no more: the client has taken it all.
                this.stalled = None;
                flushed
            }
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        match Pin::new(&mut this.stream).poll_shutdown(context) {
            Poll::Pending => this.wait(context).map(Err),
            shut => shut,
        }
    }
}
