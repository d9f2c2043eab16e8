//! What can go wrong between the gateway and a backend.

use std::{fmt, io};

use http::StatusCode;
use thriftgate_protocols::framing::FramingError;

use crate::tls::TlsError;

/// Settings that no backend can be built from.
#[derive(Debug)]
pub enum BackendSetupError {
    /// The files or names of TLS
    Tls(TlsError),
    /// Address and path make no URL; the second text says why
    Url(String, String),
    /// Over HTTP this IP address is to be verified, while another is connected to
    ServerName(String),
    /// A header of this name cannot be sent
    Header(String),
    /// The HTTP client cannot be made
    Client(String),
}

impl fmt::Display for BackendSetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tls(error) => error.fmt(f),
            Self::Url(url, error) => write!(f, "`{url}` is no URL: {error}"),
            Self::ServerName(name) => {
                write!(f, "over HTTP a `server_name` that is an IP address, {name}, has to be the address")
            }
            Self::Header(name) => write!(f, "the header `{name}` cannot be sent"),
            Self::Client(error) => write!(f, "no HTTP client can be made: {error}"),
        }
    }
}

impl std::error::Error for BackendSetupError {}

impl From<TlsError> for BackendSetupError {
    fn from(error: TlsError) -> Self {
        Self::Tls(error)
    }
}

/// A call that brought no whole reply.
#[derive(Debug)]
pub struct BackendError {
    /// What happened.
    pub kind: BackendErrorKind,
    /// Whether a byte of the call may have reached the endpoint.
    pub sent: bool,
}

/// The kinds of [`BackendError`].
#[derive(Debug)]
pub enum BackendErrorKind {
    /// As many calls as allowed are under way.
    Overloaded,
    /// No connection could be made.
    Connect(io::Error),
    /// The handshake of TLS failed.
    Tls(io::Error),
    /// The deadline passed.
    Deadline,
    /// The deadline passed while no connection was free.
    DeadlineInQueue,
    /// The attempt took longer than one may, so that another could be made.
    AttemptTimeout,
    /// No endpoint is known, as its name was not resolved yet.
    NoEndpoint,
    /// The endpoint closed the connection.
    Closed,
    /// Reading or writing failed.
    Io(io::Error),
    /// The reply's length or structure is wrong.
    Framing(FramingError),
    /// The HTTP response is no Thrift message.
    NoMessage {
        /// Its status.
        status: StatusCode,
        /// What it says that it holds.
        content_type: Option<String>,
        /// Its beginning, for the log.
        excerpt: String,
    },
}

impl BackendErrorKind {
    /// The words for the kinds, in metrics.
    pub(super) const WORDS: [&str; 10] = [
        "overloaded",
        "connect",
        "tls",
        "deadline",
        "deadline_in_queue",
        "attempt_timeout",
        "no_endpoint",
        "closed",
        "io",
        "malformed",
    ];

    /// Its word.
    pub(super) fn word(&self) -> &'static str {
        Self::WORDS[self.index()]
    }

    /// The position of its word.
    pub(super) fn index(&self) -> usize {
        match self {
            Self::Overloaded => 0,
            Self::Connect(_) => 1,
            Self::Tls(_) => 2,
            Self::Deadline => 3,
            Self::DeadlineInQueue => 4,
            Self::AttemptTimeout => 5,
            Self::NoEndpoint => 6,
            Self::Closed => 7,
            Self::Io(_) => 8,
            Self::Framing(_) | Self::NoMessage { .. } => 9,
        }
    }
}

impl BackendError {
    #[cold]
    pub(super) fn new(kind: BackendErrorKind, sent: bool) -> Self {
        Self { kind, sent }
    }

    /// Whether it may go better at another endpoint, or at the same once more, while there is time.
    pub(super) fn is_of_endpoint(&self) -> bool {
        use BackendErrorKind as Kind;
        !matches!(self.kind, Kind::Overloaded | Kind::DeadlineInQueue | Kind::NoEndpoint)
    }
}

impl fmt::Display for BackendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            BackendErrorKind::Overloaded => f.write_str("too many calls are under way to the backend"),
            BackendErrorKind::Connect(error) => write!(f, "connecting failed: {error}"),
            BackendErrorKind::Tls(error) => write!(f, "the TLS handshake failed: {error}"),
            BackendErrorKind::Deadline => f.write_str("the deadline passed"),
            BackendErrorKind::DeadlineInQueue => {
                f.write_str("the deadline passed while no connection was free")
            }
            BackendErrorKind::AttemptTimeout => f.write_str("the attempt took too long"),
            BackendErrorKind::NoEndpoint => f.write_str("no endpoint is known"),
            BackendErrorKind::Closed => f.write_str("the backend closed the connection"),
            BackendErrorKind::Io(error) => write!(f, "the connection failed: {error}"),
            BackendErrorKind::Framing(error) => write!(f, "the reply is malformed: {error}"),
            BackendErrorKind::NoMessage { status, content_type, excerpt } => {
                let content_type = content_type.as_deref().unwrap_or("no content type");
                write!(f, "the response is no Thrift message: status {status}, {content_type}, {excerpt:?}")
            }
        }
    }
}

impl std::error::Error for BackendError {}
