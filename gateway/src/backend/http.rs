//! Calls over HTTP: a POST for each message, as THttpTransport does.
//!
//! HTTP/1.1, so that a connection carries one call at a time as everywhere else. Each core has a client of
//! its own, because the connections of a client live on the runtime that opened them. The connections
//! themselves are the client's: what is limited here is the number of calls that use one, and how many each
//! core keeps when they are idle.

use std::borrow::Cow;
use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use http_body::{Frame, SizeHint};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Body, Client, Request, Response, Url, redirect, retry};
use rustls::ClientConfig;
use thriftgate_config as config;
use thriftgate_config::BackendAddress;
use thriftgate_protocols::framing::FramingError;
use thriftgate_protocols::message::read_header;
use thriftgate_protocols::wire::Protocol;
use tokio::sync::Notify;
use tokio::time::timeout_at;

use super::error::{BackendError, BackendErrorKind};
use super::pool::InUse;
use super::{BackendSetupError, CallContext, EndpointTarget};
use crate::telemetry::forward;
use crate::tls;

/// The media type of every THttpTransport, whatever the protocol inside.
const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/x-thrift");
/// How much of a body that is no message is logged, in bytes.
const EXCERPT: usize = 200;

/// An endpoint that is reached over HTTP.
#[derive(Debug)]
pub(super) struct Http {
    url: Url,
    /// Sent with every call.
    headers: HeaderMap,
    /// Of the caller's headers, those that are passed on.
    forwarded: Box<[HeaderName]>,
    /// One a core.
    clients: Box<[Client]>,
    protocol: Protocol,
    /// Bytes of a reply.
    limit: usize,
}

impl Http {
    /// An endpoint that was not spoken to yet; `limit` bounds the bytes of a reply.
    pub(super) fn new(
        settings: &config::Backend,
        http: &config::HttpTransport,
        endpoint: &EndpointTarget,
        tls: Option<&ClientConfig>,
        wire: &HttpWire,
    ) -> Result<Self, BackendSetupError> {
        let (url, host) = target(settings, http, endpoint)?;
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, MEDIA_TYPE);
        for (name, value) in http.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())) {
            let refused = || BackendSetupError::Header(name.to_owned());
            let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| refused())?;
            headers.append(HeaderName::from_bytes(name.as_bytes()).map_err(|_| refused())?, value);
        }
        let host = HeaderValue::from_bytes(host.as_bytes());
        headers.insert(header::HOST, host.map_err(|_| BackendSetupError::Header("host".to_owned()))?);
        headers.insert(header::CONTENT_TYPE, MEDIA_TYPE);
        let forwarded = http.forward_headers.iter().map(|name| {
            HeaderName::from_bytes(name.as_bytes()).map_err(|_| BackendSetupError::Header(name.clone()))
        });
        Ok(Self {
            url,
            headers,
            forwarded: forwarded.collect::<Result<_, _>>()?,
            clients: clients(settings, endpoint, tls, wire.runtimes)?,
            protocol: wire.protocol,
            limit: wire.limit,
        })
    }

    /// Sends a message and waits for the one that answers it.
    pub(super) async fn exchange(
        &self,
        context: &CallContext<'_>,
        message: Bytes,
    ) -> Result<(StatusCode, Bytes), BackendError> {
        let (request, sent) = self.request(context, message);
        let mut response = self.execute(context.core, request, &sent, context.deadline).await?;
        let body = timeout_at(context.deadline.into(), self.read(&mut response)).await;
        let body = body.map_err(|_| BackendError::new(BackendErrorKind::Deadline, true))??;
        match read_header(self.protocol, &body) {
            Ok(_) => Ok((response.status(), body)),
            Err(_) => Err(no_message(&response, &body)),
        }
    }

    /// Sends a message that no reply follows. Servers answer it with a status or, as those in C++ and
    /// JavaScript, not at all: the call is handed over once its request has left, and what comes of it then
    /// is only logged.
    pub(super) async fn hand_over(
        self: &Arc<Self>,
        in_use: InUse,
        context: &CallContext<'_>,
        message: Bytes,
    ) -> Result<(), BackendError> {
        let (request, sent) = self.request(context, message);
        let (http, core, deadline) = (self.clone(), context.core, context.deadline);
        let left = sent.clone();
        let call = tokio::spawn(async move {
            let _in_use = in_use;
            let ended = http.execute(core, request, &left, deadline).await;
            if let Err(error) = &ended
                && error.sent
            {
                tracing::debug!(%error, "a oneway call got no status of success");
            }
            ended.map(drop)
        });
        tokio::select! {
            biased;
            () = sent.happens() => Ok(()),
            ended = call => match ended {
                Ok(ended) => ended,
                Err(panic) => Err(BackendError::new(BackendErrorKind::Io(panic.into()), true)),
            },
        }
    }

    /// The URL that is called.
    pub(super) fn url(&self) -> &str {
        self.url.as_str()
    }

    /// The request of a message, and what tells when it was sent.
    fn request(&self, context: &CallContext<'_>, message: Bytes) -> (Request, Arc<Sent>) {
        let sent = Arc::new(Sent::default());
        let mut request = Request::new(Method::POST, self.url.clone());
        let mut headers = self.headers(context.headers);
        match context.trace {
            Some(call) => call.tell(&mut headers),
            None => forward(context.headers, &mut headers),
        }
        *request.headers_mut() = headers;
        let body = Message { bytes: Some(message), sent: sent.clone() };
        *request.body_mut() = Some(Body::wrap(body));
        (request, sent)
    }

    /// Sends a request and waits for a status of success.
    async fn execute(
        &self,
        core: usize,
        request: Request,
        sent: &Sent,
        deadline: Instant,
    ) -> Result<Response, BackendError> {
        let deadline = deadline.into();
        let mut response = match timeout_at(deadline, self.clients[core].execute(request)).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(failed(&error, sent.is_so())),
            Err(_) => return Err(BackendError::new(BackendErrorKind::Deadline, sent.is_so())),
        };
        if response.status().is_success() {
            return Ok(response);
        }
        let body = timeout_at(deadline, response.chunk()).await;
        Err(no_message(&response, &body.ok().and_then(Result::ok).flatten().unwrap_or_default()))
    }

    /// The headers of a call. What the caller's `Connection` header names was meant for the gateway alone.
    fn headers(&self, caller: &HeaderMap) -> HeaderMap {
        let mut headers = self.headers.clone();
        for name in &self.forwarded {
            let values = caller.get_all(name);
            if values.iter().next().is_some() && !is_hop_by_hop(name, caller) {
                headers.remove(name);
                values.iter().for_each(|value| {
                    headers.append(name.clone(), value.clone());
                });
            }
        }
        headers
    }

    /// Reads a body to its end, as far as the limit lets.
    async fn read(&self, response: &mut Response) -> Result<Bytes, BackendError> {
        let mut first = Bytes::new();
        let mut all = Vec::new();
        let announced = response.content_length().and_then(|length| usize::try_from(length).ok());
        self.check_size(announced.unwrap_or_default())?;
        while let Some(chunk) = response.chunk().await.map_err(|error| failed(&error, true))? {
            self.check_size(first.len().max(all.len()) + chunk.len())?;
            if first.is_empty() {
                first = chunk;
                continue;
            }
            if all.is_empty() {
                all.extend_from_slice(&first);
            }
            all.extend_from_slice(&chunk);
        }
        Ok(if all.is_empty() { first } else { all.into() })
    }

    fn check_size(&self, size: usize) -> Result<(), BackendError> {
        if size <= self.limit {
            return Ok(());
        }
        let error = FramingError::TooLarge { size, limit: self.limit };
        Err(BackendError::new(BackendErrorKind::Framing(error), true))
    }
}

/// What is the same for all endpoints of a backend, beside its settings.
#[derive(Clone, Copy, Debug)]
pub(super) struct HttpWire {
    pub(super) protocol: Protocol,
    /// Bytes of a reply.
    pub(super) limit: usize,
    /// The number of runtimes that will call.
    pub(super) runtimes: usize,
}

/// The URL that is called, whose host is the name that a certificate is checked for, and the `Host` header.
fn target(
    settings: &config::Backend,
    http: &config::HttpTransport,
    endpoint: &EndpointTarget,
) -> Result<(Url, String), BackendSetupError> {
    let scheme = if settings.tls.is_some() { "https" } else { "http" };
    let name = settings.tls.as_ref().and_then(|tls| tls.server_name.as_deref());
    let (host, port, own) = match &endpoint.address {
        BackendAddress::Tcp { host, port } => {
            if let Some(name) = name
                && name.parse::<IpAddr>().is_ok()
                && name != host
            {
                return Err(BackendSetupError::ServerName(name.to_owned()));
            }
            let own = endpoint.name.as_deref().unwrap_or(host);
            (name.unwrap_or(own), format!(":{port}"), format!("{}:{port}", bracketed(own)))
        }
        BackendAddress::Unix(_) | BackendAddress::Srv(_) => {
            (name.unwrap_or("localhost"), String::new(), "localhost".to_owned())
        }
    };
    let text = format!("{scheme}://{}{port}{}", bracketed(host), http.path);
    let url = Url::parse(&text).map_err(|error| BackendSetupError::Url(text, error.to_string()))?;
    Ok((url, http.host.clone().unwrap_or(own)))
}

/// A host as it stands in a URL.
fn bracketed(host: &str) -> Cow<'_, str> {
    if host.contains(':') { format!("[{host}]").into() } else { host.into() }
}

/// A client for each runtime.
fn clients(
    settings: &config::Backend,
    endpoint: &EndpointTarget,
    tls: Option<&ClientConfig>,
    runtimes: usize,
) -> Result<Box<[Client]>, BackendSetupError> {
    let tls = tls.cloned().unwrap_or_else(tls::no_client);
    // Rounded down, so that a server which takes one connection is not kept busy by an idle one. The last
    // runtime is none that serves callers, and keeps none.
    let cores = runtimes - 1;
    let idle = if settings.reuse { settings.max_connections / cores } else { 0 };
    let client = |runtime| {
        let mut builder = Client::builder()
            .tls_backend_preconfigured(tls.clone())
            .http1_only()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            .retry(retry::never())
            .connect_timeout(settings.connect_timeout)
            .pool_idle_timeout(settings.idle_timeout)
            .pool_max_idle_per_host(if runtime < cores { idle } else { 0 });
        match &endpoint.address {
            BackendAddress::Unix(path) => builder = builder.unix_socket(path.as_path()),
            BackendAddress::Tcp { host, port } => {
                builder = builder.dns_resolver(Host { name: host.as_str().into(), port: *port });
            }
            BackendAddress::Srv(_) => {}
        }
        builder.build().map_err(|error| BackendSetupError::Client(error.to_string()))
    };
    (0..runtimes).map(client).collect()
}

/// Resolves whatever name a certificate is checked for to where the backend listens.
#[derive(Debug)]
struct Host {
    name: Arc<str>,
    port: u16,
}

impl Resolve for Host {
    fn resolve(&self, _: Name) -> Resolving {
        let (name, port) = (self.name.clone(), self.port);
        Box::pin(async move {
            let addresses: Vec<_> = tokio::net::lookup_host((&*name, port)).await?.collect();
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// Whether the caller says that a header ends at the gateway (RFC 9110, section 7.6.1).
fn is_hop_by_hop(name: &HeaderName, caller: &HeaderMap) -> bool {
    let named = |value: &HeaderValue| {
        value.to_str().is_ok_and(|value| {
            value.split(',').any(|listed| listed.trim().eq_ignore_ascii_case(name.as_str()))
        })
    };
    caller.get_all(header::CONNECTION).iter().any(named)
}

/// Whether anything of a request has left.
#[derive(Debug, Default)]
struct Sent {
    so: AtomicBool,
    changed: Notify,
}

impl Sent {
    fn is_so(&self) -> bool {
        self.so.load(Ordering::Acquire)
    }

    fn note(&self) {
        self.so.store(true, Ordering::Release);
        self.changed.notify_one();
    }

    /// Waits, for one who asks.
    async fn happens(&self) {
        self.changed.notified().await;
    }
}

/// A message as the body of a request, which notes that it was taken: until then nothing of the request,
/// not even its header section, has left.
#[derive(Debug)]
struct Message {
    bytes: Option<Bytes>,
    sent: Arc<Sent>,
}

impl http_body::Body for Message {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.sent.note();
        Poll::Ready(self.bytes.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}

/// The error of a response that is no Thrift message.
#[cold]
fn no_message(response: &Response, body: &[u8]) -> BackendError {
    let content_type = response.headers().get(header::CONTENT_TYPE);
    let content_type = content_type.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let excerpt = String::from_utf8_lossy(&body[..body.len().min(EXCERPT)]).into_owned();
    let kind = BackendErrorKind::NoMessage { status: response.status(), content_type, excerpt };
    BackendError::new(kind, true)
}

/// The error of a request that got no response, or not all of it.
#[cold]
fn failed(error: &reqwest::Error, sent: bool) -> BackendError {
    let mut text = String::new();
    let mut of_tls = false;
    let mut cause = error.source();
    while let Some(error) = cause {
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&error.to_string());
        of_tls |= error.downcast_ref::<io::Error>().is_some_and(is_of_tls);
        cause = error.source();
    }
    let io = io::Error::other(text);
    let kind = match (error.is_connect(), of_tls) {
        (true, true) => BackendErrorKind::Tls(io),
        (true, false) => BackendErrorKind::Connect(io),
        (false, _) => BackendErrorKind::Io(io),
    };
    BackendError::new(kind, sent)
}

/// Whether an error of connecting is one of the handshake: rustls says so, or the peer hung up on it.
fn is_of_tls(error: &io::Error) -> bool {
    let Some(inner) = error.get_ref() else { return error.kind() == io::ErrorKind::UnexpectedEof };
    error.kind() == io::ErrorKind::UnexpectedEof
        || inner.is::<rustls::Error>()
        || inner.downcast_ref::<io::Error>().is_some_and(is_of_tls)
}
