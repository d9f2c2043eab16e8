//! The tasks of HTTP/2: each call on a connection is one.

use std::pin::pin;
use std::sync::Arc;

use hyper::rt::Executor;
use tokio::sync::Notify;

/// Runs the calls of the HTTP/2 connections of one core.
#[derive(Clone, Debug, Default)]
pub(super) struct Streams {
    giving_up: Arc<Notify>,
}

impl Streams {
    /// Has every call look whether it is to be given up.
    pub(super) fn wake(&self) {
        self.giving_up.notify_waiters();
    }
}

impl<F> Executor<F> for Streams
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, stream: F) {
        let giving_up = self.giving_up.clone();
        tokio::spawn(async move {
            let mut stream = pin!(stream);
            tokio::select! {
                biased;
                () = stream.as_mut() => {}
                () = giving_up.notified() => stream.await,
            }
        });
    }
}
