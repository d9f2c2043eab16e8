//! The form of the file: what may be written, before names are resolved. The comments are what editors show.

use crate::quantity::{Count, Depth, HeaderSize, Pause, Size, Status, Timeout, TotalSize};
use crate::scalar::{Flag, Scalar, Text};
use crate::settings::{
    BackendMessages, EnumStyle, I64Style, LogFormat, LogLevel, MissingArguments, Protocol, Scheduling,
    UnknownFields,
};
use crate::shape::{Named, OneOrMany, Short};
use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;

/// Configuration of thriftgate.
///
/// An IDL source and a backend are enough; every other key has a default.
///
/// A scalar may hold `${NAME}`, the environment variable of that name, or `${NAME:-default}`, for when it is unset or
/// empty; `$$` is a dollar sign. Durations are written `500ms`, `10s`, `1m30s`, `2h`, sizes `64KiB`, `16MiB`, `1GB` or
/// as plain bytes. Relative paths are relative to the directory of this file.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "thriftgate")]
pub(crate) struct File {
    /// Where traffic is accepted: an address, or a list of them. Default `127.0.0.1:8080`.
    pub(crate) listen: OneOrMany<Listener>,
    /// Health, readiness and metrics, on a listener of their own.
    pub(crate) admin: Admin,
    /// The IDL: `.thrift` files, `thrift --gen json` files, or directories of either; one, or a list.
    pub(crate) idl: OneOrMany<Idl>,
    /// The Thrift servers that calls go to, by name: an address, or a mapping.
    pub(crate) backends: Named<Short<Backend>>,
    /// Path prefixes and what they lead to, tried in this order after those of `services`; the first match wins. With
    /// neither `routes` nor `services` and one backend, `/` leads to it for every service.
    pub(crate) routes: Vec<Route>,
    /// Services by their names in the IDL, each with a route of its own: the short form for many of them.
    pub(crate) services: Named<Service>,
    /// Limits of the whole process; all are on.
    pub(crate) limits: Limits,
    /// How calls are spread over cores.
    pub(crate) runtime: Runtime,
    /// What is logged, and how.
    pub(crate) logging: Logging,
    /// How the process ends on SIGTERM.
    pub(crate) drain: Drain,
}

/// One address on which traffic is accepted.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Listener {
    /// An IP address and a port (`0.0.0.0:8080`, `[::]:8080`), or `unix:` and the path of a socket.
    pub(crate) address: Scalar<Text>,
    /// TLS toward clients. Default: plain text.
    pub(crate) tls: Option<ListenerTls>,
}

/// TLS of a listener.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListenerTls {
    /// PEM file with the certificate chain, the server's own first.
    pub(crate) certificate: Scalar<Text>,
    /// PEM file with the private key of the certificate.
    pub(crate) key: Scalar<Text>,
    /// PEM file with the authorities that client certificates are verified with; needed unless `client_certificates`
    /// is `none`.
    pub(crate) client_ca: Option<Scalar<Text>>,
    /// Whether clients show a certificate. Default `required` with `client_ca`, `none` without.
    pub(crate) client_certificates: Option<Scalar<ClientCertificates>>,
}

/// Whether clients show a certificate.
#[derive(Debug, Clone, Copy, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[garde(allow_unvalidated)]
pub(crate) enum ClientCertificates {
    /// None is asked for.
    None,
    /// One that is shown is verified.
    Optional,
    /// A client without a valid one is refused.
    Required,
}

/// The admin listener.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Admin {
    /// An IP address and a port, or `unix:` and the path of a socket. Default `127.0.0.1:9901`. Who reaches it may see
    /// and change things: keep it from the public.
    pub(crate) listen: Option<Scalar<Text>>,
    /// Whether there is an admin listener. Default `true`.
    pub(crate) enabled: Option<Scalar<Flag>>,
}

/// One IDL source.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Idl {
    /// A `.thrift` file, a `thrift --gen json` file, or a directory of either.
    pub(crate) path: Scalar<Text>,
    /// Directories in which `include` looks, after that of the including file. Default: none.
    #[serde(default)]
    pub(crate) include: Vec<Scalar<Text>>,
}

/// A Thrift server and how it is spoken to.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Backend {
    /// `host:port`, `unix:` and the path of a socket, or an `http://` or `https://` URL, which implies the transport.
    pub(crate) address: Scalar<Text>,
    /// The wire protocol. Default `binary`.
    pub(crate) protocol: Option<Scalar<Protocol>>,
    /// How messages are delimited. Default `framed`; `http` for a URL.
    pub(crate) transport: Option<Scalar<Transport>>,
    /// Time for a whole call, connecting included. Default: that of `limits`, 10s.
    pub(crate) deadline: Option<Scalar<Timeout>>,
    /// Time for opening one connection. Default 2s.
    pub(crate) connect_timeout: Option<Scalar<Timeout>>,
    /// Connections open at once, of the whole process; 1 for a server that serves one at a time. Default: the
    /// `endpoint_connections` of `limits`, 64.
    pub(crate) max_connections: Option<Scalar<Count>>,
    /// Calls under way or waiting for a connection at once; what is over is refused. Default: the `backend_calls` of
    /// `limits`, 256.
    pub(crate) max_calls: Option<Scalar<Count>>,
    /// Whether a connection is used again. Default `true`.
    pub(crate) reuse: Option<Scalar<Flag>>,
    /// How long an unused connection is kept; less than the server's own idle timeout. Default 50s.
    pub(crate) idle_timeout: Option<Scalar<Timeout>>,
    /// Whether the server is a TMultiplexedProcessor, which wants `Service:method`. Default `false`.
    pub(crate) multiplexed: Option<Scalar<Flag>>,
    /// Whether binary messages are written with the strict header; both forms are read. Default `true`.
    pub(crate) strict: Option<Scalar<Flag>>,
    /// Whether uuids are exchanged in the byte order of Java before Thrift 0.23. Default `false`.
    pub(crate) legacy_uuid: Option<Scalar<Flag>>,
    /// TLS toward the server. Default: plain text, except for `https://`.
    pub(crate) tls: Option<BackendTls>,
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

/// A path prefix and what it leads to.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Route {
    /// Whole segments, as `/` or `/vendors/v1`. `/docs`, `/mcp` and what begins with `/openapi` are reserved.
    pub(crate) path: Scalar<Text>,
    /// Names of services in the IDL. Default: every service.
    pub(crate) services: Option<Vec<Scalar<Text>>>,
    /// The name of one of `backends`, an address, or a backend in full. Default: the only one of `backends`.
    pub(crate) backend: Option<Short<Backend>>,
    /// How human-readable JSON is read and written.
    #[serde(default)]
    pub(crate) style: Style,
    /// Whether callers may choose `i64` and `enums` of the style in their `Accept` header. Default `allow`.
    pub(crate) caller_style: Option<Scalar<CallerStyle>>,
    /// Browsers on other origins. Default: refused.
    pub(crate) cors: Option<Cors>,
    /// Whether a body may begin with one byte from 1 to 4 (binary, compact, TJSON, human-readable JSON) that says its
    /// protocol and is echoed in the reply. Default `false`.
    pub(crate) legacy_first_byte: Option<Scalar<Flag>>,
    /// Time for a whole call. Default: that of the backend.
    pub(crate) deadline: Option<Scalar<Timeout>>,
    /// Whether replies above 1 KiB are compressed for callers that accept it. Default `false`.
    pub(crate) compression: Option<Scalar<Flag>>,
    /// HTTP statuses (200 to 599) of declared exceptions, by their names in the IDL, over its `http.status`
    /// annotations. Default: 200.
    #[serde(default)]
    pub(crate) exception_statuses: Named<Scalar<Status>>,
}

/// A service with a route of its own.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Service {
    /// The IDL that declares it, one source or a list. Default: every source.
    #[serde(default)]
    pub(crate) idl: OneOrMany<Idl>,
    /// The name of one of `backends`, an address, or a backend in full. Default: the only one of `backends`.
    pub(crate) backend: Option<Short<Backend>>,
    /// Whole segments of the path. Default: `/` and the name of the service.
    pub(crate) path: Option<Scalar<Text>>,
    /// How human-readable JSON is read and written.
    #[serde(default)]
    pub(crate) style: Style,
    /// Whether callers may choose `i64` and `enums` of the style in their `Accept` header. Default `allow`.
    pub(crate) caller_style: Option<Scalar<CallerStyle>>,
    /// Browsers on other origins. Default: refused.
    pub(crate) cors: Option<Cors>,
    /// Whether a body may begin with one byte from 1 to 4 (binary, compact, TJSON, human-readable JSON) that says its
    /// protocol and is echoed in the reply. Default `false`.
    pub(crate) legacy_first_byte: Option<Scalar<Flag>>,
    /// Time for a whole call. Default: that of the backend.
    pub(crate) deadline: Option<Scalar<Timeout>>,
    /// Whether replies above 1 KiB are compressed for callers that accept it. Default `false`.
    pub(crate) compression: Option<Scalar<Flag>>,
    /// HTTP statuses (200 to 599) of declared exceptions, by their names in the IDL, over its `http.status`
    /// annotations. Default: 200.
    #[serde(default)]
    pub(crate) exception_statuses: Named<Scalar<Status>>,
}

/// How human-readable JSON is read and written.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Style {
    /// How `i64` is written. JavaScript loses digits of a number past 2^53. Default `number`.
    pub(crate) i64: Option<Scalar<I64Style>>,
    /// How enums are written. Default `name`.
    pub(crate) enums: Option<Scalar<EnumStyle>>,
    /// What becomes of keys that the IDL does not know. Default `refuse`.
    pub(crate) unknown_fields: Option<Scalar<UnknownFields>>,
    /// What becomes of a call without an argument of default requiredness. Default `allow`.
    pub(crate) missing_arguments: Option<Scalar<MissingArguments>>,
}

/// Whether callers may choose the style.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[garde(allow_unvalidated)]
pub(crate) enum CallerStyle {
    /// They may.
    Allow,
    /// The style of the route stands.
    Forbid,
}

/// Browsers on other origins.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cors {
    /// The origins, as `https://app.example.com`; at least one, each in full.
    pub(crate) origins: Vec<Scalar<Text>>,
    /// Names of request headers that pages may set, beside `Content-Type` and `Accept`. Default: none.
    #[serde(default)]
    pub(crate) headers: Vec<Scalar<Text>>,
    /// How long a browser may remember that a call is allowed. Default 10m.
    pub(crate) max_age: Option<Scalar<Pause>>,
}

/// Limits of the whole process.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Limits {
    /// Size of a request's body, after decoding. Default 16MiB.
    pub(crate) body: Option<Scalar<Size>>,
    /// Size of a message to or from a backend. Default 16MiB.
    pub(crate) frame: Option<Scalar<Size>>,
    /// Nesting of JSON and of Thrift values, 1 to 256. Default 64.
    pub(crate) depth: Option<Scalar<Depth>>,
    /// Size of a request's header section, 8KiB to 16MiB. Default 32KiB.
    pub(crate) headers: Option<Scalar<HeaderSize>>,
    /// Time for a request's header section. Default 10s.
    pub(crate) header_timeout: Option<Scalar<Timeout>>,
    /// Time for a request's body. Default 30s.
    pub(crate) body_timeout: Option<Scalar<Timeout>>,
    /// Time for a call where backend and route say nothing; a caller may shorten it. Default 10s.
    pub(crate) deadline: Option<Scalar<Timeout>>,
    /// Size of a reply to a client, before compression. Default 64MiB.
    pub(crate) reply: Option<Scalar<Size>>,
    /// Client connections open at once. Default 10000.
    pub(crate) connections: Option<Scalar<Count>>,
    /// Calls under way at once. Default 1024.
    pub(crate) calls: Option<Scalar<Count>>,
    /// Calls to one backend at once, where it has no `max_calls`. Default 256.
    pub(crate) backend_calls: Option<Scalar<Count>>,
    /// Connections to one endpoint at once, where its backend has no `max_connections`. Default 64.
    pub(crate) endpoint_connections: Option<Scalar<Count>>,
    /// Size of all request bodies held at once; at least that of one. Default 256MiB.
    pub(crate) bodies: Option<Scalar<TotalSize>>,
}

/// How calls are spread over cores.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Runtime {
    /// Worker threads. Default: one a core.
    pub(crate) threads: Option<Scalar<Count>>,
    /// Who runs a call. Default `per_core`.
    pub(crate) scheduling: Option<Scalar<Scheduling>>,
}

/// What is logged, and how.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Logging {
    /// The form of a line. Default `auto`.
    pub(crate) format: Option<Scalar<LogFormat>>,
    /// The least severe level that is written. Default `info`.
    pub(crate) level: Option<Scalar<LogLevel>>,
    /// Whether each call writes a line. Default `true`.
    pub(crate) access: Option<Scalar<Flag>>,
}

/// How the process ends on SIGTERM.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Drain {
    /// Time between turning not ready and refusing connections, for load balancers to notice. Default 0s.
    pub(crate) delay: Option<Scalar<Pause>>,
    /// Time for calls under way to end, after that. Default 30s.
    pub(crate) grace: Option<Scalar<Pause>>,
}
