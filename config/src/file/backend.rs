//! Where calls go, and how.

use super::{Ejection, Endpoint, HealthCheck, Retries};
use crate::quantity::{Count, Few, Timeout};
use crate::scalar::{Flag, Scalar, Text};
use crate::settings::{BackendMessages, Protocol};
use crate::shape::{Named, OneOrMany};
use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;

/// A Thrift server and how it is spoken to.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [{"required": ["address"]}, {"required": ["endpoints"]}]))]
pub(crate) struct Backend {
    /// `host:port`, `unix:` and the path of a socket, an `http://` or `https://` URL, which implies the transport, or
    /// `srv:` and the name of SRV records, as `srv:_thrift._tcp.users.example.org`.
    pub(crate) address: Option<Scalar<Text>>,
    /// In place of `address`, several of them, all of one kind, each with a weight if it has one.
    #[serde(default)]
    pub(crate) endpoints: OneOrMany<Endpoint>,
    /// The wire protocol. Default `binary`.
    pub(crate) protocol: Option<Scalar<Protocol>>,
    /// How messages are delimited. Default `framed`; `http` for a URL.
    pub(crate) transport: Option<Scalar<Transport>>,
    /// Time for a whole call, connecting included. Default: that of `limits`, 10s.
    pub(crate) deadline: Option<Scalar<Timeout>>,
    /// Time for opening one connection. Default 2s.
    pub(crate) connect_timeout: Option<Scalar<Timeout>>,
    /// Time after which an attempt of a call is given up and, if the budget has a retry, another endpoint tried; only for
    /// idempotent methods. Default: none, an attempt has the whole deadline.
    pub(crate) attempt_timeout: Option<Scalar<Timeout>>,
    /// When a call is sent again after it failed.
    #[serde(default)]
    pub(crate) retries: Retries,
    /// When an endpoint that fails calls is taken out for a while.
    #[serde(default)]
    pub(crate) ejection: Ejection,
    /// Connections opened ahead and kept, to each endpoint, of the whole process. Default 0.
    pub(crate) min_connections: Option<Scalar<Few>>,
    /// Connections open at once to each endpoint, of the whole process; 1 for a server that serves one at a time. Default: the
    /// `endpoint_connections` of `limits`, 64.
    pub(crate) max_connections: Option<Scalar<Count>>,
    /// Calls under way or waiting for a connection at once; what is over is refused. Default: the `backend_calls` of
    /// `limits`, 256.
    pub(crate) max_calls: Option<Scalar<Count>>,
    /// Of the calls that `max_calls` counts, those that wait for a connection. Default 1024.
    pub(crate) max_waiting: Option<Scalar<Count>>,
    /// Whether a connection is used again. Default `true`.
    pub(crate) reuse: Option<Scalar<Flag>>,
    /// How long an unused connection is kept; less than the server's own idle timeout. Default 50s.
    pub(crate) idle_timeout: Option<Scalar<Timeout>>,
    /// How long a connection is used before another takes its place, less up to a tenth, so that not all end at once.
    /// Default 1h.
    pub(crate) connection_lifetime: Option<Scalar<Timeout>>,
    /// Whether the server is a TMultiplexedProcessor, which wants `Service:method`. Default `false`.
    pub(crate) multiplexed: Option<Scalar<Flag>>,
    /// Whether binary messages are written with the strict header; both forms are read. Default `true`.
    pub(crate) strict: Option<Scalar<Flag>>,
    /// Whether uuids are exchanged in the byte order of Java before Thrift 0.23. Default `false`.
    pub(crate) legacy_uuid: Option<Scalar<Flag>>,
    /// TLS toward the server. Default: plain text, except for `https://`.
    pub(crate) tls: Option<BackendTls>,
    /// Active checks of the endpoints. Default: none, so that only calls tell which endpoint is well.
    pub(crate) health_check: Option<HealthCheck>,
    /// What the transport `http` sends beside the message.
    pub(crate) http: Option<Http>,
    /// Whether callers see the message of a TApplicationException from the server, which may tell of its insides, or a
    /// plain one. Default `replace`.
    pub(crate) backend_messages: Option<Scalar<BackendMessages>>,
}

/// How messages are delimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[garde(allow_unvalidated)]
pub(crate) enum Transport {
    /// TFramedTransport: non-blocking servers, and most others.
    Framed,
    /// TBufferedTransport or none.
    Buffered,
    /// THttpTransport.
    Http,
}

/// TLS toward a backend.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct BackendTls {
    /// PEM file with the authorities that the server is verified with. Default: those of the system.
    pub(crate) ca: Option<Scalar<Text>>,
    /// PEM file with a client certificate chain; `key` belongs to it. Default: none is shown.
    pub(crate) certificate: Option<Scalar<Text>>,
    /// PEM file with the private key of `certificate`.
    pub(crate) key: Option<Scalar<Text>>,
    /// The name that the server's certificate must have. Default: the host of the address.
    pub(crate) server_name: Option<Scalar<Text>>,
}

/// What the transport `http` sends beside the message.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Http {
    /// The path, where the address does not have it. Default `/`.
    pub(crate) path: Option<Scalar<Text>>,
    /// The `Host` header. Default: the host and port of the address.
    pub(crate) host: Option<Scalar<Text>>,
    /// Headers set on every request, with their values.
    pub(crate) headers: Named<Scalar<Text>>,
    /// Names of the caller's headers that are passed on. Default: none.
    pub(crate) forward_headers: Vec<Scalar<Text>>,
}
