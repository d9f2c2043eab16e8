//! Accepting client connections, and serving each until it ends.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use thriftgate_config::Limits;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, sleep_until, timeout_at};
use tokio_rustls::TlsAcceptor;
use tower::Service;

use super::listener::Listener;
use crate::http::Peer;
use crate::stream::Stream;
use crate::telemetry::Metrics;

/// How long to wait when the system has no file descriptor or memory for a connection.
const BACK_OFF: Duration = Duration::from_millis(50);
/// Headers of one request.
const MAX_HEADERS: usize = 100;
/// Calls at once on one HTTP/2 connection.
const MAX_STREAMS: u32 = 256;

/// What serves the connections of one listener on one core.
#[derive(Clone)]
pub(super) struct Acceptor {
    pub(super) router: Router,
    pub(super) limits: Limits,
    pub(super) metrics: Arc<Metrics>,
    /// A permit for each connection that there may be.
    pub(super) connections: Arc<Semaphore>,
    /// How many that are.
    pub(super) capacity: usize,
    /// Turns true when the process ends.
    pub(super) ending: watch::Receiver<bool>,
}

impl Acceptor {
    /// Accepts until the process ends. While there are as many connections as there may be, one waits here
    /// and the others in the listener's queue.
    pub(super) async fn run(mut self, listener: Listener) {
        loop {
            let accepted = tokio::select! {
                biased;
                _ = self.ending.wait_for(|ending| *ending) => return,
                accepted = listener.accept() => accepted,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) if is_of_one_connection(&error) => continue,
                Err(error) => {
                    tracing::warn!(%error, "no connection can be accepted");
                    tokio::time::sleep(BACK_OFF).await;
                    continue;
                }
            };
            let permit = tokio::select! {
                biased;
                _ = self.ending.wait_for(|ending| *ending) => return,
                permit = self.connections.clone().acquire_owned() => permit,
            };
            let permit = permit.expect("the semaphore of the connections is never closed");
            let tls = listener.tls.as_ref().map(|tls| tls.load().acceptor());
            tokio::spawn(self.clone().serve(stream, peer, tls, permit));
        }
    }

    /// Serves one connection until its end, or gracefully to the end of the call under way.
    async fn serve(
        self,
        stream: Stream,
        peer: Peer,
        tls: Option<TlsAcceptor>,
        _permit: OwnedSemaphorePermit,
    ) {
        self.metrics.connections.inc();
        let _counted = Counted(&self.metrics);
        let deadline = Instant::now() + self.limits.header_timeout;
        let stream = match tls {
            None => stream,
            // On the heap, so that connections without TLS do not make room for a handshake.
            Some(tls) => match Box::pin(self.handshake(&tls, stream, deadline)).await {
                Some(stream) => stream,
                None => return,
            },
        };
        let spoke = AtomicBool::new(false);
        let service = service_fn(|mut request: http::Request<Incoming>| {
            spoke.store(true, Ordering::Relaxed);
            request.extensions_mut().insert(peer);
            self.router.clone().call(request.map(Body::new))
        });
        let builder = self.builder();
        let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
        let mut ending = self.ending.clone();
        // hyper has no deadline for the bytes that tell the version of HTTP.
        let mut silence = pin!(sleep_until(deadline));
        let (mut watching, mut closing) = (true, false);
        loop {
            tokio::select! {
                result = connection.as_mut() => {
                    if let Err(error) = result {
                        tracing::debug!(%error, "a client connection ended");
                    }
                    return;
                }
                _ = ending.wait_for(|ending| *ending), if !closing => {
                    closing = true;
                    connection.as_mut().graceful_shutdown();
                }
                () = silence.as_mut(), if watching => {
                    watching = false;
                    if !spoke.load(Ordering::Relaxed) {
                        return;
                    }
                }
            }
        }
    }

    /// Makes the handshake of TLS, unless the process ends before.
    async fn handshake(&self, tls: &TlsAcceptor, stream: Stream, deadline: Instant) -> Option<Stream> {
        let mut ending = self.ending.clone();
        let made = tokio::select! {
            made = timeout_at(deadline, tls.accept(stream)) => made,
            _ = ending.wait_for(|ending| *ending) => return None,
        };
        let made = made.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        made.inspect_err(|error| tracing::debug!(%error, "a client's TLS handshake failed"))
            .ok()
            .map(|stream| Stream::Tls(Box::new(stream.into())))
    }

    fn builder(&self) -> Builder<TokioExecutor> {
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.header_timeout)
            .max_headers(MAX_HEADERS)
            .max_buf_size(self.limits.headers.max(8 * 1024));
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_header_list_size(u32::try_from(self.limits.headers).unwrap_or(u32::MAX))
            .max_concurrent_streams(MAX_STREAMS)
            .keep_alive_interval(Duration::from_secs(30))
            .keep_alive_timeout(Duration::from_secs(20));
        builder
    }
}

/// Whether an error of `accept` tells of the connection alone, so that the next may be better at once.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// A client connection that is counted as open.
struct Counted<'m>(&'m Metrics);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.connections.dec();
    }
}
