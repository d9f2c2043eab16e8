//! What can go wrong between the gateway and a backend.

use std::{fmt, io};

use thriftgate_protocols::framing::FramingError;

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
    /// The deadline passed.
    Deadline,
    /// The endpoint closed the connection.
    Closed,
    /// Reading or writing failed.
    Io(io::Error),
    /// The reply's length or structure is wrong.
    Framing(FramingError),
}

impl BackendError {
    #[cold]
    pub(super) fn new(kind: BackendErrorKind, sent: bool) -> Self {
        Self { kind, sent }
    }
}

impl fmt::Display for BackendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            BackendErrorKind::Overloaded => f.write_str("too many calls are under way to the backend"),
            BackendErrorKind::Connect(error) => write!(f, "connecting failed: {error}"),
            BackendErrorKind::Deadline => f.write_str("the deadline passed"),
            BackendErrorKind::Closed => f.write_str("the backend closed the connection"),
            BackendErrorKind::Io(error) => write!(f, "the connection failed: {error}"),
            BackendErrorKind::Framing(error) => write!(f, "the reply is malformed: {error}"),
        }
    }
}

impl std::error::Error for BackendError {}
