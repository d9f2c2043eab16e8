//! Where calls go, and how.

use super::{Ejection, Endpoint, HealthCheck, Limits, Retries};
use crate::shown;
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// One backend: a Thrift server and how it is spoken to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Backend {
    /// Its name in logs and metrics: the key under `backends`, the service's name for one defined under `services`,
    /// or the address as written.
    pub name: String,
    /// Where it listens, all of one kind; never empty.
    pub endpoints: Vec<Endpoint>,
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
    #[serde(serialize_with = "shown::duration")]
    pub deadline: Duration,
    /// Time for opening one connection.
    #[serde(serialize_with = "shown::duration")]
    pub connect_timeout: Duration,
    /// Time for one attempt of an idempotent call; `None` is the whole deadline.
    #[serde(serialize_with = "shown::optional_duration")]
    pub attempt_timeout: Option<Duration>,
    /// When a call is sent again.
    pub retries: Retries,
    /// When an endpoint is taken out.
    pub ejection: Ejection,
    /// Connections opened ahead and kept, to each endpoint, of the whole process; at most `max_connections`.
    pub min_connections: usize,
    /// Connections open at once to each endpoint, of the whole process.
    pub max_connections: usize,
    /// Calls under way or waiting for a connection at once, of the whole process.
    pub max_calls: usize,
    /// Of these, how many may wait for a connection.
    pub max_waiting: usize,
    /// Whether a connection serves another call after one has ended well.
    pub reuse: bool,
    /// How long an unused connection is kept.
    #[serde(serialize_with = "shown::duration")]
    pub idle_timeout: Duration,
    /// How long a connection is used at most.
    #[serde(serialize_with = "shown::duration")]
    pub connection_lifetime: Duration,
    /// Active checks of the endpoints; `None` for none.
    pub health_check: Option<HealthCheck>,
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
    /// The name of SRV records, which have the hosts, ports and weights.
    Srv(String),
    /// The path of a Unix socket.
    Unix(PathBuf),
}

/// The wire protocol of a backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Validate, JsonSchema, Serialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// TFramedTransport: four bytes of length, then the message.
    Framed,
    /// Unframed: a message ends where its structure does.
    Buffered,
    /// THttpTransport: a POST for each message.
    Http(HttpTransport),
}

/// A backend spoken to over HTTP.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct HttpTransport {
    /// The path of the request, beginning with `/`, query included.
    pub path: String,
    /// The `Host` header, where it is not the address.
    pub host: Option<String>,
    /// Headers set on every request; names in lower case.
    #[serde(serialize_with = "shown::secret_headers")]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BackendTls {
    /// PEM file with the authorities; `None` trusts those of the system.
    pub ca: Option<PathBuf>,
    /// The gateway's own certificate and key, as PEM files.
    pub identity: Option<TlsIdentity>,
    /// The name verified and sent in SNI; `None` is the host of the address.
    pub server_name: Option<String>,
}

/// A certificate chain and its private key, as PEM files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TlsIdentity {
    /// The certificate chain.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// What becomes of the message of a TApplicationException from a backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Validate, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
#[garde(allow_unvalidated)]
pub enum BackendMessages {
    /// The caller gets a plain one, the backend's is logged.
    #[default]
    Replace,
    /// The caller gets the backend's.
    Pass,
}

impl Backend {
    /// How long to wait for a connection where nothing is said.
    pub const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
    /// How long an unused connection is kept where nothing is said: less than the usual idle timeouts of servers.
    pub const DEFAULT_IDLE_TIMEOUT: Duration = Duration::from_secs(50);
    /// How long a connection is used where nothing is said.
    pub const DEFAULT_CONNECTION_LIFETIME: Duration = Duration::from_secs(60 * 60);
    /// How many calls may wait for a connection where nothing is said.
    pub const DEFAULT_MAX_WAITING: usize = 1024;

    /// A backend with every default: framed binary over plain TCP or a Unix socket.
    pub fn new(name: impl Into<String>, address: BackendAddress, limits: &Limits) -> Self {
        Self {
            name: name.into(),
            endpoints: vec![Endpoint::new(address)],
            protocol: Protocol::Binary,
            strict: true,
            legacy_uuid: false,
            transport: Transport::Framed,
            multiplexed: false,
            tls: None,
            deadline: limits.deadline,
            connect_timeout: Self::DEFAULT_CONNECT_TIMEOUT,
            attempt_timeout: None,
            retries: Retries::default(),
            ejection: Ejection::default(),
            min_connections: 0,
            max_connections: limits.endpoint_connections,
            max_calls: limits.backend_calls,
            max_waiting: Self::DEFAULT_MAX_WAITING,
            reuse: true,
            idle_timeout: Self::DEFAULT_IDLE_TIMEOUT,
            connection_lifetime: Self::DEFAULT_CONNECTION_LIFETIME,
            health_check: None,
            messages: BackendMessages::Replace,
        }
    }
}
