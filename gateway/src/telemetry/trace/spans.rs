//! Spans, with the attributes that the semantic conventions of OpenTelemetry name (1.38: HTTP, and the release
//! candidate of RPC).

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use http::request::Parts;
use http::{HeaderMap, HeaderName, StatusCode, Version, header};
use opentelemetry::trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceState};
use opentelemetry::{Array, InstrumentationScope, KeyValue, StringValue, Value};
use opentelemetry_sdk::trace::{IdGenerator, SpanData, SpanEvents, SpanLinks};
use thriftgate_config::BackendAddress;

use super::{Trace, TracedCall};
use crate::http::Secure;

/// The system, as instrumentations of Thrift call it.
const SYSTEM: &str = "apache_thrift";
/// Of what a client sends this much is told, in bytes.
const LONGEST: usize = 256;

/// What is told of a call that has ended.
#[derive(Debug)]
pub(crate) struct CallSpan<'c> {
    pub(crate) request: &'c Parts,
    pub(crate) request_id: &'c str,
    pub(crate) client: Option<std::net::SocketAddr>,
    pub(crate) duration: Duration,
    /// The path of the route
    pub(crate) route: Option<&'c str>,
    /// The service and the method
    pub(crate) method: Option<(&'c str, &'c str)>,
    /// The protocol of the caller
    pub(crate) protocol: Option<&'static str>,
    /// The name of the caller's group
    pub(crate) group: Option<&'c str>,
    /// The word for how it ended
    pub(crate) outcome: &'static str,
    /// The declared exception that was thrown
    pub(crate) exception: Option<&'c str>,
    /// The code of the refusal or failure
    pub(crate) failure: Option<&'static str>,
    /// The status of the response; `None` where the caller has left
    pub(crate) status: Option<StatusCode>,
}

/// An attempt of a traced call at an endpoint. Its span ends when it is dropped; the attempt was given up where nothing
/// else was said.
#[derive(Debug)]
pub struct AttemptSpan<'c> {
    call: TracedCall<'c>,
    span: SpanId,
    began: SystemTime,
    backend: &'c str,
    address: BackendAddress,
    /// The URL that is posted to, where the backend is reached over HTTP.
    url: Option<String>,
    /// How many attempts came before.
    number: usize,
    error: Option<&'static str>,
    status: Option<StatusCode>,
}

impl<'t> Trace<'t> {
    /// Ends the span of the call, if it is recorded; what is told of it is asked for only then.
    pub(crate) fn end<'c>(&self, told: impl FnOnce() -> CallSpan<'c>) {
        if self.is_recorded {
            let span = told();
            let error = span.failure.filter(|_| span.status.is_none_or(|status| status.is_server_error()));
            let (name, attributes) = (span.name(), span.attributes());
            let ended = SystemTime::now();
            self.finish(SpanData {
                parent_span_is_remote: self.parent != SpanId::INVALID,
                status: status(error),
                start_time: ended - span.duration,
                end_time: ended,
                ..self.data(self.span, self.parent, SpanKind::Server, name, attributes)
            });
        }
    }

    /// A span of the trace, of no time.
    fn data(
        &self,
        span: SpanId,
        parent: SpanId,
        kind: SpanKind,
        name: String,
        attributes: Vec<KeyValue>,
    ) -> SpanData {
        let state = self.state.as_ref().and_then(|state| state.to_str().ok()?.parse().ok());
        let state: TraceState = state.unwrap_or_default();
        SpanData {
            span_context: SpanContext::new(self.id, span, TraceFlags::SAMPLED, false, state),
            parent_span_id: parent,
            parent_span_is_remote: false,
            span_kind: kind,
            name: Cow::Owned(name),
            start_time: SystemTime::UNIX_EPOCH,
            end_time: SystemTime::UNIX_EPOCH,
            attributes,
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: Status::Unset,
            instrumentation_scope: InstrumentationScope::builder("thriftgate")
                .with_version(env!("CARGO_PKG_VERSION"))
                .build(),
        }
    }

    fn finish(&self, span: SpanData) {
        self.tracer.export.push(span);
    }
}

fn status(error: Option<&'static str>) -> Status {
    error.map_or(Status::Unset, Status::error)
}

impl CallSpan<'_> {
    /// That of the method, where it is known; else that of the HTTP request.
    fn name(&self) -> String {
        let verb = verb(self.request);
        match (self.method, self.route) {
            (Some((service, method)), _) => format!("{service}/{method}"),
            (None, Some(route)) => format!("{verb} {route}"),
            (None, None) => verb.to_owned(),
        }
    }

    fn attributes(&self) -> Vec<KeyValue> {
        let Parts { uri, headers, version, extensions, .. } = self.request;
        let mut all = vec![
            KeyValue::new("http.request.method", verb(self.request)),
            KeyValue::new("url.path", cut(uri.path())),
            KeyValue::new("url.scheme", if extensions.get::<Secure>().is_some() { "https" } else { "http" }),
            KeyValue::new("network.protocol.version", protocol_version(*version)),
            KeyValue::new("thriftgate.outcome", self.outcome),
        ];
        let mut add = |key: &'static str, value: Option<Value>| {
            all.extend(value.map(|value| KeyValue::new(key, value)));
        };
        let text = |text: &str| Value::from(text.to_owned());
        add("http.route", self.route.map(text));
        add("http.response.status_code", self.status.map(|status| i64::from(status.as_u16()).into()));
        let host =
            uri.authority().map(|authority| authority.as_str()).or_else(|| sent(headers, header::HOST));
        if let Some(host) = host {
            let (host, port) = split_port(host);
            add("server.address", Some(cut(host).into()));
            add("server.port", port.map(|port| i64::from(port).into()));
        }
        add("client.address", self.client.map(|client| client.ip().to_string().into()));
        add("client.port", self.client.map(|client| i64::from(client.port()).into()));
        add("user_agent.original", sent(headers, header::USER_AGENT).map(|agent| cut(agent).into()));
        if let Some((service, method)) = self.method {
            add("rpc.system.name", Some(SYSTEM.into()));
            add("rpc.method", Some(format!("{service}/{method}").into()));
        }
        add("error.type", self.failure.map(Value::from));
        add("thriftgate.exception", self.exception.map(text));
        add("thriftgate.protocol", self.protocol.map(Value::from));
        add("thriftgate.group", self.group.map(text));
        let id = StringValue::from(self.request_id.to_owned());
        add("http.request.header.x-request-id", Some(Value::Array(Array::String(vec![id]))));
        all
    }
}

/// The method of a request, which a client may have made up.
fn verb(request: &Parts) -> &'static str {
    const KNOWN: [&str; 9] = ["POST", "GET", "OPTIONS", "HEAD", "PUT", "DELETE", "PATCH", "CONNECT", "TRACE"];
    KNOWN.into_iter().find(|known| request.method.as_str() == *known).unwrap_or("_OTHER")
}

fn protocol_version(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "1.0",
        Version::HTTP_2 => "2",
        _ => "1.1",
    }
}

fn sent(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// ASCII, as far as it is told.
fn cut(text: &str) -> String {
    text.get(..LONGEST).unwrap_or(text).to_owned()
}

/// A host and its port.
fn split_port(host: &str) -> (&str, Option<u16>) {
    match host.rsplit_once(':') {
        Some((bare, port)) if !bare.contains(':') || bare.ends_with(']') => match port.parse() {
            Ok(port) => (bare, Some(port)),
            Err(_) => (host, None),
        },
        _ => (host, None),
    }
}

impl<'c> TracedCall<'c> {
    /// Begins the span of an attempt, if the trace is recorded.
    pub(crate) fn attempt(
        self,
        backend: &'c str,
        address: &BackendAddress,
        url: impl FnOnce() -> Option<String>,
        number: usize,
    ) -> Option<Box<AttemptSpan<'c>>> {
        let trace = self.trace;
        let attempt = || AttemptSpan {
            call: self,
            span: trace.tracer.ids.new_span_id(),
            began: SystemTime::now(),
            backend,
            address: address.clone(),
            url: url(),
            number,
            error: Some("abandoned"),
            status: None,
        };
        trace.is_recorded.then(|| Box::new(attempt()))
    }
}

impl<'c> AttemptSpan<'c> {
    /// The call, with what the endpoint does under the span of the attempt.
    pub(crate) fn inside(&self) -> TracedCall<'c> {
        TracedCall { span: self.span, ..self.call }
    }

    /// The attempt ended: by this error, in one word, or by a reply; over HTTP, with a status.
    pub(crate) fn end(mut self, error: Option<&'static str>, status: Option<StatusCode>) {
        (self.error, self.status) = (error, status);
    }

    fn attributes(&self) -> Vec<KeyValue> {
        let TracedCall { service, method, .. } = self.call;
        let mut all = vec![
            KeyValue::new("rpc.system.name", SYSTEM),
            KeyValue::new("rpc.method", format!("{service}/{method}")),
            KeyValue::new("thriftgate.backend", self.backend.to_owned()),
        ];
        match &self.address {
            BackendAddress::Tcp { host, port } => {
                all.push(KeyValue::new("server.address", host.clone()));
                all.push(KeyValue::new("server.port", i64::from(*port)));
                all.push(KeyValue::new("network.transport", "tcp"));
            }
            BackendAddress::Unix(path) => {
                all.push(KeyValue::new("server.address", path.display().to_string()));
                all.push(KeyValue::new("network.transport", "unix"));
            }
            BackendAddress::Srv(name) => all.push(KeyValue::new("server.address", name.clone())),
        }
        if let Some(url) = &self.url {
            all.push(KeyValue::new("http.request.method", "POST"));
            all.push(KeyValue::new("url.full", url.clone()));
            all.push(KeyValue::new("network.protocol.version", "1.1"));
        }
        if self.number > 0 {
            all.push(KeyValue::new("http.request.resend_count", self.number as i64));
        }
        all.extend(
            self.status.map(|status| KeyValue::new("http.response.status_code", i64::from(status.as_u16()))),
        );
        all.extend(self.error.map(|error| KeyValue::new("error.type", error)));
        all
    }
}

impl Drop for AttemptSpan<'_> {
    fn drop(&mut self) {
        let TracedCall { trace, service, method, span: parent } = self.call;
        let name = format!("{service}/{method}");
        trace.finish(SpanData {
            status: status(self.error),
            start_time: self.began,
            end_time: SystemTime::now(),
            ..trace.data(self.span, parent, SpanKind::Client, name, self.attributes())
        });
    }
}
