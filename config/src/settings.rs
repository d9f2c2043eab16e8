//! The validated settings: plain values, every name resolved, every default filled in.

use crate::diagnostic::{Diagnostic, Origin};
use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// Everything the gateway is told, from a configuration file or from the command line.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Where traffic is accepted; never empty.
    pub listen: Vec<Listener>,
    /// Where `/healthz`, `/readyz` and `/metrics` are served; `None` when that is switched off.
    pub admin: Option<ListenAddress>,
    /// Every IDL source, each once, those of the short form included.
    pub idl: Vec<IdlSource>,
    /// Every backend under a name of its own; [`Route::backend`] is an index into it.
    pub backends: Vec<Backend>,
    /// In the order in which they are tried: the short form's services, then the routes as written.
    pub routes: Vec<Route>,
    /// Limits of the whole process.
    pub limits: Limits,
    /// How calls are spread over cores.
    pub runtime: Runtime,
    /// What is logged, and how.
    pub logging: Logging,
    /// How the process ends.
    pub drain: Drain,
    /// What is legal but probably not meant.
    pub warnings: Vec<Diagnostic>,
}

/// One address on which traffic is accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct Listener {
    /// The address.
    pub address: ListenAddress,
    /// TLS toward clients; `None` is plain text.
    pub tls: Option<ListenerTls>,
}

/// Where a listener binds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListenAddress {
    /// A TCP address; port 0 lets the system choose.
    Tcp(SocketAddr),
    /// The path of a Unix socket.
    Unix(PathBuf),
}

/// TLS of a listener. The paths are absolute or relative to the working directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenerTls {
    /// PEM file with the certificate chain.
    pub certificate: PathBuf,
    /// PEM file with the private key.
    pub key: PathBuf,
    /// What is asked of clients.
    pub clients: ClientCertificates,
}

/// What a TLS listener asks of its clients; the path is that of a PEM file with the authorities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientCertificates {
    /// Nothing.
    None,
    /// A certificate is verified when a client shows one.
    Optional(PathBuf),
    /// A client without a valid certificate is refused.
    Required(PathBuf),
}

/// One IDL source; what it is follows from its extension, or from being a directory.
#[derive(Debug, Clone, PartialEq)]
pub struct IdlSource {
    /// A `.thrift` file, a gen-json file, or a directory of either.
    pub path: PathBuf,
    /// Where `include` looks, after the directory of the including file.
    pub include: Vec<PathBuf>,
    /// Where the configuration names it; `None` from the command line.
    pub origin: Option<Origin>,
}

/// One backend: a Thrift server and how it is spoken to.
#[derive(Debug, Clone, PartialEq)]
pub struct Backend {
    /// Its name in logs and metrics: the key under `backends`, the service's name for one defined under `services`,
    /// or the address as written.
    pub name: String,
    /// Where it listens.
    pub address: BackendAddress,
    /// The wire protocol.
    pub protocol: Protocol,
    /// Whether binary messages are written with the strict header. Both forms are read.
    pub strict: bool,
    /// Whether uuids are exchanged in the byte order of Java before Thrift 0.23.
    pub legacy_uuid: bool,
    /// How messages are delimited.
    pub transport: Transport,
    /// Whether method names are sent as `Service:method`.
    pub multiplexed: bool,
    /// TLS toward the backend; `None` is plain text.
    pub tls: Option<BackendTls>,
    /// Time for a whole call, connecting included.
    pub deadline: Duration,
    /// Time for opening one connection.
    pub connect_timeout: Duration,
    /// Connections open at once, of the whole process.
    pub max_connections: usize,
    /// Calls under way or waiting for a connection at once, of the whole process.
    pub max_calls: usize,
    /// Whether a connection serves another call after one has ended well.
    pub reuse: bool,
    /// How long an unused connection is kept.
    pub idle_timeout: Duration,
    /// What becomes of the message of a TApplicationException from the backend.
    pub messages: BackendMessages,
}

/// Where a backend listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BackendAddress {
    /// A host name or IP address (without brackets) and a port.
    Tcp {
        /// The host, not yet resolved.
        host: String,
        /// The port.
        port: u16,
    },
    /// The path of a Unix socket.
    Unix(PathBuf),
}

/// The wire protocol of a backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[garde(allow_unvalidated)]
pub enum Protocol {
    /// TBinaryProtocol.
    #[default]
    Binary,
    /// TCompactProtocol.
    Compact,
    /// TJSONProtocol.
    Json,
}

/// How messages to and from a backend are delimited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transport {
    /// TFramedTransport: four bytes of length, then the message.
    Framed,
    /// Unframed: a message ends where its structure does.
    Buffered,
    /// THttpTransport: a POST for each message.
    Http(HttpTransport),
}

/// A backend spoken to over HTTP.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpTransport {
    /// The path of the request, beginning with `/`, query included.
    pub path: String,
    /// The `Host` header, where it is not the address.
    pub host: Option<String>,
    /// Headers set on every request; names in lower case.
    pub headers: Vec<(String, String)>,
    /// Headers of the caller that are passed on; names in lower case.
    pub forward_headers: Vec<String>,
}

impl HttpTransport {
    /// A POST to this path, query included, with no header of its own.
    pub fn at(path: impl Into<String>) -> Self {
        Self { path: path.into(), host: None, headers: Vec::new(), forward_headers: Vec::new() }
    }
}

impl fmt::Debug for HttpTransport {
    /// Without the values of the headers, which may be secrets.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, host, headers, forward_headers } = self;
        let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
        out.debug_struct("HttpTransport")
            .field("path", path)
            .field("host", host)
            .field("headers", &names)
            .field("forward_headers", forward_headers)
            .finish()
    }
}

/// TLS toward a backend. The paths are absolute or relative to the working directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackendTls {
    /// PEM file with the authorities; `None` trusts those of the system.
    pub ca: Option<PathBuf>,
    /// The gateway's own certificate and key, as PEM files.
    pub identity: Option<TlsIdentity>,
    /// The name verified and sent in SNI; `None` is the host of the address.
    pub server_name: Option<String>,
}

/// A certificate chain and its private key, as PEM files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsIdentity {
    /// The certificate chain.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// What becomes of the message of a TApplicationException from a backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[garde(allow_unvalidated)]
pub enum BackendMessages {
    /// The caller gets a plain one, the backend's is logged.
    #[default]
    Replace,
    /// The caller gets the backend's.
    Pass,
}

/// A path prefix and what it leads to.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// `/`, or `/` and segments without a slash at the end.
    pub path: String,
    /// The services reached through it.
    pub services: Services,
    /// Index into [`Settings::backends`].
    pub backend: usize,
    /// The JSON style.
    pub style: Style,
    /// Whether a caller may choose `i64` and `enums` in its `Accept` header.
    pub caller_style: bool,
    /// Browsers on other origins; `None` refuses them.
    pub cors: Option<Cors>,
    /// Whether a body may begin with one byte from 1 to 4 that says its protocol and is echoed in the reply.
    pub legacy_first_byte: bool,
    /// Time for a whole call; the backend's where `None`.
    pub deadline: Option<Duration>,
    /// Whether replies above 1 KiB are compressed for callers that accept it.
    pub compression: bool,
    /// HTTP statuses of declared exceptions.
    pub exception_statuses: Vec<ExceptionStatus>,
    /// Where the configuration defines it; `None` where no line does.
    pub origin: Option<Origin>,
}

/// The services of a route.
#[derive(Debug, Clone, PartialEq)]
pub enum Services {
    /// Every service of every IDL source.
    All,
    /// These, never empty, each once.
    Named(Vec<ServiceName>),
}

/// A service as the configuration names it.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceName {
    /// The name in the IDL.
    pub name: String,
    /// Index into [`Settings::idl`] of the only sources it is looked for in; empty means all of them.
    pub idl: Vec<usize>,
    /// Where the configuration names it.
    pub origin: Option<Origin>,
}

/// The HTTP status of one declared exception.
#[derive(Debug, Clone, PartialEq)]
pub struct ExceptionStatus {
    /// The exception's name in the IDL.
    pub exception: String,
    /// The status, 200 to 599.
    pub status: u16,
    /// Where the configuration names it.
    pub origin: Option<Origin>,
}

/// How a route reads and writes human-readable JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    /// How `i64` is written.
    pub i64: I64Style,
    /// How enums are written.
    pub enums: EnumStyle,
    /// What becomes of keys that the IDL does not know.
    pub unknown_fields: UnknownFields,
    /// What becomes of arguments of default requiredness that a caller leaves out.
    pub missing_arguments: MissingArguments,
}

/// How `i64` is written to JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[garde(allow_unvalidated)]
pub enum I64Style {
    /// As a number.
    #[default]
    Number,
    /// As a string, which keeps every digit in JavaScript.
    String,
}

/// How enums are written to JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[garde(allow_unvalidated)]
pub enum EnumStyle {
    /// By name.
    #[default]
    Name,
    /// By value.
    Number,
}

/// What becomes of keys that the IDL does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[garde(allow_unvalidated)]
pub enum UnknownFields {
    /// The call is refused.
    #[default]
    Refuse,
    /// They are passed over.
    Ignore,
}

/// What becomes of arguments of default requiredness that a caller leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[garde(allow_unvalidated)]
pub enum MissingArguments {
    /// The call is made without them.
    #[default]
    Allow,
    /// The call is refused.
    Refuse,
}

/// What browsers on other origins may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cors {
    /// Origins, as `https://app.example.com`, in lower case; never empty.
    pub origins: Vec<String>,
    /// Request headers allowed beside `Content-Type` and `Accept`; names in lower case.
    pub headers: Vec<String>,
    /// How long a browser may remember a preflight.
    pub max_age: Duration,
}

/// Limits of the whole process; sizes in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// A request's body, after decoding.
    pub body: usize,
    /// A message to or from a backend.
    pub frame: usize,
    /// Nesting of JSON and of Thrift values.
    pub depth: usize,
    /// A request's header section.
    pub headers: usize,
    /// Time for a request's header section.
    pub header_timeout: Duration,
    /// Time for a request's body.
    pub body_timeout: Duration,
    /// Time for a call where backend and route say nothing.
    pub deadline: Duration,
    /// A reply's body, before compression.
    pub reply: usize,
    /// Client connections open at once.
    pub connections: usize,
    /// Calls under way at once.
    pub calls: usize,
    /// Calls to one backend at once, where the backend says nothing.
    pub backend_calls: usize,
    /// Connections to one endpoint at once, where the backend says nothing.
    pub endpoint_connections: usize,
    /// Request bodies held at once, all together.
    pub bodies: usize,
}

impl Default for Limits {
    fn default() -> Self {
        const KIB: usize = 1 << 10;
        const MIB: usize = 1 << 20;
        Self {
            body: 16 * MIB,
            frame: 16 * MIB,
            depth: 64,
            headers: 32 * KIB,
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(30),
            deadline: Duration::from_secs(10),
            reply: 64 * MIB,
            connections: 10_000,
            calls: 1024,
            backend_calls: 256,
            endpoint_connections: 64,
            bodies: 256 * MIB,
        }
    }
}

/// How calls are spread over cores.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Runtime {
    /// Worker threads; `None` is one a core.
    pub threads: Option<usize>,
    /// Who runs a call.
    pub scheduling: Scheduling,
}

/// Who runs a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[garde(allow_unvalidated)]
pub enum Scheduling {
    /// A call lives and dies on the core that accepted its connection.
    #[default]
    PerCore,
    /// One work-stealing pool runs every call.
    Shared,
}

/// What is logged, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logging {
    /// The form of a line.
    pub format: LogFormat,
    /// The least severe level that is written.
    pub level: LogLevel,
    /// Whether each call writes a line.
    pub access: bool,
}

impl Default for Logging {
    fn default() -> Self {
        Self { format: LogFormat::default(), level: LogLevel::default(), access: true }
    }
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[garde(allow_unvalidated)]
pub enum LogFormat {
    /// Text on a terminal, JSON otherwise.
    #[default]
    Auto,
    /// Text.
    Text,
    /// One JSON object a line.
    Json,
}

/// How severe a log line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[garde(allow_unvalidated)]
pub enum LogLevel {
    /// What failed for a reason of the gateway's own.
    Error,
    /// And what needs an operator's eye.
    Warn,
    /// And what happened.
    #[default]
    Info,
    /// And why.
    Debug,
    /// And every step.
    Trace,
}

/// How the process ends on SIGTERM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drain {
    /// Time between turning not ready and refusing connections.
    pub delay: Duration,
    /// Time for calls under way, after that.
    pub grace: Duration,
}

impl Default for Drain {
    fn default() -> Self {
        Self { delay: Duration::ZERO, grace: Duration::from_secs(30) }
    }
}

impl ListenAddress {
    /// Where traffic is accepted when nothing is said: `127.0.0.1:8080`.
    pub const DEFAULT: Self = Self::Tcp(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080));
    /// Where the admin listener is when nothing is said: `127.0.0.1:9901`.
    pub const DEFAULT_ADMIN: Self = Self::Tcp(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9901));
}

impl Backend {
    /// How long to wait for a connection where nothing is said.
    pub const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
    /// How long an unused connection is kept where nothing is said: less than the usual idle timeouts of servers.
    pub const DEFAULT_IDLE_TIMEOUT: Duration = Duration::from_secs(50);

    /// A backend with every default: framed binary over plain TCP or a Unix socket.
    pub fn new(name: impl Into<String>, address: BackendAddress, limits: &Limits) -> Self {
        Self {
            name: name.into(),
            address,
            protocol: Protocol::Binary,
            strict: true,
            legacy_uuid: false,
            transport: Transport::Framed,
            multiplexed: false,
            tls: None,
            deadline: limits.deadline,
            connect_timeout: Self::DEFAULT_CONNECT_TIMEOUT,
            max_connections: limits.endpoint_connections,
            max_calls: limits.backend_calls,
            reuse: true,
            idle_timeout: Self::DEFAULT_IDLE_TIMEOUT,
            messages: BackendMessages::Replace,
        }
    }
}

impl Route {
    /// The route `path` with every service and every default, to the backend of that index.
    pub fn new(path: impl Into<String>, backend: usize) -> Self {
        Self {
            path: path.into(),
            services: Services::All,
            backend,
            style: Style::default(),
            caller_style: true,
            cors: None,
            legacy_first_byte: false,
            deadline: None,
            compression: false,
            exception_statuses: Vec::new(),
            origin: None,
        }
    }
}

impl Settings {
    /// The settings of a gateway without a configuration file: one backend, reached for every service of the IDL at `/`.
    ///
    /// Everything else has its default; the fields are public for what a command line adds.
    pub fn single(idl: Vec<PathBuf>, backend: Backend, listen: ListenAddress) -> Self {
        let source = |path| IdlSource { path, include: Vec::new(), origin: None };
        Self {
            listen: vec![Listener { address: listen, tls: None }],
            admin: Some(ListenAddress::DEFAULT_ADMIN),
            idl: idl.into_iter().map(source).collect(),
            backends: vec![backend],
            routes: vec![Route::new("/", 0)],
            limits: Limits::default(),
            runtime: Runtime::default(),
            logging: Logging::default(),
            drain: Drain::default(),
            warnings: Vec::new(),
        }
    }
}
