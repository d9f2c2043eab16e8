//! Where traffic is accepted.

use crate::quantity::Age;
use crate::scalar::{Flag, Scalar, Text};
use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;

/// One address on which traffic is accepted.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Listener {
    /// An IP address and a port (`0.0.0.0:8080`, `[::]:8080`), `unix:` and the path of a socket, or `systemd:` and the
    /// name under which a supervisor passes sockets (`FileDescriptorName` of a socket unit).
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
    /// For how long browsers shall come back by HTTPS alone, to this host and whatever port (RFC 6797); `0s` does not tell
    /// them. Default 8760h, a year, where every TCP listener speaks TLS, else `0s`.
    pub(crate) hsts: Option<Scalar<Age>>,
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
    /// An IP address and a port, `unix:` and the path of a socket, or `systemd:` and the name of sockets that a supervisor
    /// passes. Default `127.0.0.1:9901`. Who reaches it may see and change things: keep it from the public.
    pub(crate) listen: Option<Scalar<Text>>,
    /// Whether there is an admin listener. Default `true`.
    pub(crate) enabled: Option<Scalar<Flag>>,
    /// Backends of which an endpoint has to be healthy for `/readyz` to say that calls are welcome. Default: none, as a
    /// gateway that leaves the balancer does not bring a backend back.
    #[serde(default)]
    pub(crate) ready_requires: Vec<Scalar<Text>>,
}
