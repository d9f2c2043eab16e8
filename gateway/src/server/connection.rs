//! Accepting client connections, and serving each until it ends.

use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use http::{HeaderValue, Request, Response, Version, header};
use hyper::body::Incoming;
use hyper::service::{self, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto::{Builder, Connection};
use thriftgate_config::Limits;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::time::{Instant, sleep, sleep_until, timeout_at};
use tokio_rustls::TlsAcceptor;

use super::client_stream::ClientStream;
use super::ending::{Phase, phase_after};
use super::listener::Listener;
use super::replies::{Replies, ReplyBody};
use super::streams::Streams;
use super::surface::Surface;
use crate::http::{Peer, Secure};
use crate::policy::ClientCertificate;
use crate::process::Process;
use crate::stream::Stream;
use crate::telemetry::Metrics;
use crate::tls::ServerTls;

/// The first and the longest wait while the system has no file descriptor or memory for a connection.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(1));
/// Headers of one request.
const MAX_HEADERS: usize = 100;
/// Calls at once on one HTTP/2 connection.
const MAX_STREAMS: u32 = 256;
/// How long after it was accepted a connection may send its first request while the process is closing: its
/// client may have connected just before.
const FIRST_REQUEST: Duration = Duration::from_secs(2);

/// What serves the connections of one listener on one core.
#[derive(Clone)]
pub(super) struct Acceptor {
    pub(super) surface: Surface,
    pub(super) process: Arc<Process>,
    /// A permit for each connection that there may be.
    pub(super) connections: Arc<Semaphore>,
    /// How far the end of the process has come.
    pub(super) phase: watch::Receiver<Phase>,
    /// The calls of HTTP/2.
    pub(super) streams: Streams,
    /// Dropped when nothing is accepted or served any more.
    pub(super) _at_work: mpsc::Sender<Infallible>,
}

impl Acceptor {
    /// Accepts until the process closes. While there are as many connections as there may be, one waits here
    /// and the others in the listener's queue.
    pub(super) async fn run(mut self, listener: Listener) {
        let mut back_off = BACK_OFF.0;
        loop {
            let accepted = tokio::select! {
                biased;
                _ = self.phase.wait_for(|phase| *phase >= Phase::Closing) => break,
                accepted = listener.accept() => accepted,
            };
            self.take(accepted, &listener, &mut back_off).await;
        }
        if listener.inherited {
            // The queue stays with the socket, for the process that comes next.
            return;
        }
        // Those in the queue are connected as far as their clients know.
        while let Some(accepted) = listener.accept_queued() {
            self.take(accepted, &listener, &mut back_off).await;
        }
    }

    /// Serves what was accepted, or waits until the system may have what accepting needs.
    async fn take(&self, accepted: io::Result<(Stream, Peer)>, listener: &Listener, back_off: &mut Duration) {
        match accepted {
            Ok((stream, peer)) => {
                *back_off = BACK_OFF.0;
                let permit = self.connections.clone().acquire_owned().await;
                let permit = permit.expect("the semaphore of the connections is never closed");
                let tls = listener.tls.as_ref().map(|tls| tls.load_full());
                tokio::spawn(self.clone().serve(stream, peer, tls, permit));
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "no connection can be accepted");
                sleep(*back_off).await;
                *back_off = BACK_OFF.1.min(*back_off * 2);
            }
        }
    }

    /// Serves one connection until its end, or gracefully to the end of the call under way.
    async fn serve(
        self,
        stream: Stream,
        peer: Peer,
        tls: Option<Arc<ServerTls>>,
        _permit: OwnedSemaphorePermit,
    ) {
        self.process.metrics.connections.inc();
        let _counted = Counted(&self.process.metrics);
        let accepted = Instant::now();
        let (builder, deadline, patience) = {
            let limits = &self.process.snapshot.load().limits;
            (self.builder(limits), accepted + limits.header_timeout, limits.reply_timeout)
        };
        let stream = match &tls {
            None => stream,
            // On the heap, so that connections without TLS do not make room for a handshake.
            Some(tls) => match Box::pin(self.handshake(&tls.acceptor(), stream, accepted, deadline)).await {
                Some(stream) => stream,
                None => return,
            },
        };
        let certificate = stream.peer_certificate().map(ClientCertificate::read);
        let client =
            Client { spoken: Spoken::default(), accepted, patience, replies: Replies::new(patience) };
        let service = service_fn(|mut request: Request<Incoming>| {
            let http2 = client.spoken.hear(request.version());
            if tls.is_some() {
                request.extensions_mut().insert(Secure);
            }
            if let Some(certificate) = &certificate {
                request.extensions_mut().insert(certificate.clone());
            }
            let hsts = tls.as_ref().and_then(|tls| tls.hsts().cloned());
            let leaving = !http2 && self.process.is_draining();
            let watched = http2.then(|| client.replies.clone());
            let answer = self.surface.answer(peer, request);
            async move {
                let mut response = answer.await;
                if let Some(hsts) = hsts {
                    response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, hsts);
                }
                if leaving {
                    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
                }
                Ok::<_, Infallible>(response.map(|body| ReplyBody { body, watched }))
            }
        });
        let io = TokioIo::new(ClientStream::new(stream, patience));
        let connection = pin!(builder.serve_connection(io, service));
        client.attend(connection, self.phase.clone(), deadline).await;
    }

    /// Makes the handshake of TLS.
    async fn handshake(
        &self,
        tls: &TlsAcceptor,
        stream: Stream,
        accepted: Instant,
        deadline: Instant,
    ) -> Option<Stream> {
        let mut phase = self.phase.clone();
        let closing = async {
            phase_after(Phase::Leaving, &mut phase).await;
            sleep_until(accepted + FIRST_REQUEST).await;
        };
        let made = tokio::select! {
            made = timeout_at(deadline, tls.accept(stream)) => made,
            () = closing => return None,
        };
        let made = made.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        made.inspect_err(|error| tracing::debug!(%error, "a client's TLS handshake failed"))
            .ok()
            .map(|stream| Stream::Tls(Box::new(stream.into())))
    }

    fn builder(&self, limits: &Limits) -> Builder<Streams> {
        let mut builder = Builder::new(self.streams.clone());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.header_timeout)
            .max_headers(MAX_HEADERS)
            .max_buf_size(limits.headers.max(8 * 1024));
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_header_list_size(u32::try_from(limits.headers).unwrap_or(u32::MAX))
            .max_concurrent_streams(MAX_STREAMS)
            .keep_alive_interval(Duration::from_secs(30))
            .keep_alive_timeout(Duration::from_secs(20));
        builder
    }
}

/// The client of a connection.
struct Client {
    spoken: Spoken,
    accepted: Instant,
    /// For how long it may take nothing of a reply.
    patience: Duration,
    replies: Arc<Replies>,
}

impl Client {
    /// Serves its connection to the end, which comes at `deadline` where it says nothing until then.
    async fn attend<S>(
        &self,
        mut connection: Pin<&mut Connection<'_, TokioIo<ClientStream>, S, Streams>>,
        mut phases: watch::Receiver<Phase>,
        deadline: Instant,
    ) where
        S: service::Service<Request<Incoming>, Response = Response<ReplyBody>, Error = Infallible>,
        S::Future: Send + 'static,
    {
        let (mut phase, mut shut) = (Phase::Running, false);
        // hyper has no deadline for the bytes that tell the version of HTTP, nor for a window of HTTP/2.
        let (mut check, mut checking) = (pin!(sleep_until(deadline)), true);
        loop {
            let served = poll_fn(|context| {
                loop {
                    let served = connection.as_mut().poll(context);
                    if served.is_ready() || shut || !self.spoken.ends_in(phase) {
                        return served;
                    }
                    shut = true;
                    connection.as_mut().graceful_shutdown();
                }
            });
            tokio::select! {
                biased;
                result = served => {
                    if let Err(error) = result {
                        tracing::debug!(%error, "a client connection ended");
                    }
                    return;
                }
                next = phase_after(phase, &mut phases) => {
                    // A turn of the runtime's loop, so that a request that has arrived is read before the
                    // connection is taken for idle.
                    tokio::task::yield_now().await;
                    phase = next;
                    if phase >= Phase::Closing && self.spoken.is_nothing() {
                        let soon = check.deadline().min(self.accepted + FIRST_REQUEST);
                        check.as_mut().reset(if phase == Phase::Closing { soon } else { self.accepted });
                    }
                }
                () = check.as_mut(), if checking => {
                    let now = Instant::now();
                    if self.spoken.is_nothing() || self.replies.is_overdue(now) {
                        return;
                    }
                    checking = self.spoken.is_http2();
                    check.as_mut().reset(now + self.patience / 4);
                }
            }
        }
    }
}

/// In which version of HTTP a client made requests, if it made any.
#[derive(Default)]
struct Spoken(AtomicU8);

impl Spoken {
    const HTTP1: u8 = 1;
    const HTTP2: u8 = 2;

    /// Notes a request and returns whether it is one of HTTP/2.
    fn hear(&self, version: Version) -> bool {
        let http2 = version == Version::HTTP_2;
        self.0.store(if http2 { Self::HTTP2 } else { Self::HTTP1 }, Ordering::Relaxed);
        http2
    }

    fn is_nothing(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }

    fn is_http2(&self) -> bool {
        self.0.load(Ordering::Relaxed) == Self::HTTP2
    }

    /// Whether the connection is to end in a phase as soon as nothing is under way on it. Over HTTP/1 the
    /// replies say so before, and one that is idle may be about to be used; before the first request hyper
    /// would cut what has been sent of it.
    fn ends_in(&self, phase: Phase) -> bool {
        match self.0.load(Ordering::Relaxed) {
            Self::HTTP1 => phase >= Phase::Closing,
            Self::HTTP2 => phase >= Phase::Leaving,
            _ => false,
        }
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
