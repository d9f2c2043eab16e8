//! Where traffic is accepted.

use crate::diagnostic::Origin;
use crate::shown;
use serde::Serialize;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// One address on which traffic is accepted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Listener {
    /// The address.
    pub address: ListenAddress,
    /// TLS toward clients; `None` is plain text.
    pub tls: Option<ListenerTls>,
    /// Where the configuration names it; `None` where no line does.
    #[serde(skip)]
    pub origin: Option<Origin>,
}

/// Where a listener binds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListenAddress {
    /// A TCP address; port 0 lets the system choose.
    Tcp(SocketAddr),
    /// The path of a Unix socket.
    Unix(PathBuf),
    /// The sockets that a supervisor opens and passes under this name.
    Inherited(String),
}

/// TLS of a listener. The paths are absolute or relative to the working directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListenerTls {
    /// PEM file with the certificate chain.
    pub certificate: PathBuf,
    /// PEM file with the private key.
    pub key: PathBuf,
    /// What is asked of clients.
    pub clients: ClientCertificates,
    /// For how long browsers shall come back by HTTPS alone; zero does not tell them.
    #[serde(serialize_with = "shown::duration")]
    pub hsts: Duration,
}

/// What a TLS listener asks of its clients; the path is that of a PEM file with the authorities.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientCertificates {
    /// Nothing.
    None,
    /// A certificate is verified when a client shows one.
    Optional(PathBuf),
    /// A client without a valid certificate is refused.
    Required(PathBuf),
}

impl ListenAddress {
    /// Where traffic is accepted when nothing is said: `127.0.0.1:8080`.
    pub const DEFAULT: Self = Self::Tcp(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080));
    /// Where the admin listener is when nothing is said: `127.0.0.1:9901`.
    pub const DEFAULT_ADMIN: Self = Self::Tcp(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9901));
}
