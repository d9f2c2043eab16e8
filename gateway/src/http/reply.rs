//! What a request is answered, and the response that it becomes.

use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};

use super::errors::{Failure, Reason};
use crate::telemetry::Outcome;

/// How the call ended: `success`, `error` (a declared exception) or `exception`.
pub(super) const OUTCOME: HeaderName = HeaderName::from_static("thrift-outcome");
/// The status that the human-readable protocol would have given, on a reply to a native client.
pub(super) const STATUS: HeaderName = HeaderName::from_static("thrift-status");

/// The media type of human-readable JSON.
pub(super) const JSON: &str = "application/json";

/// Marks a response that is compressed where the caller accepts it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Compressible;

/// What a request is answered.
#[derive(Debug)]
pub(super) struct Answer {
    /// How the call ended; `None` where there was no call.
    pub(super) outcome: Option<Outcome>,
    /// The status in the human-readable protocol.
    pub(super) status: StatusCode,
    /// Whether the body is a native message, whose status on the wire is always 200.
    native: bool,
    pub(super) body: Vec<u8>,
    content_type: &'static str,
    retry_after: Option<Duration>,
    allow: bool,
    authenticate: bool,
}

impl Answer {
    /// A result or declared exception in human-readable JSON.
    pub(super) fn human(outcome: Outcome, status: StatusCode, body: Vec<u8>) -> Self {
        Self {
            outcome: Some(outcome),
            status,
            native: false,
            body,
            content_type: JSON,
            retry_after: None,
            allow: false,
            authenticate: false,
        }
    }

    /// A message for a native client.
    pub(super) fn native(outcome: Outcome, status: StatusCode, body: Vec<u8>) -> Self {
        Self { native: true, ..Self::human(outcome, status, body) }
    }

    /// A failure in human-readable JSON.
    pub(super) fn failure(failure: &Failure, request_id: &str) -> Self {
        let (status, body) = failure.render(request_id);
        Self {
            retry_after: failure.retry_after(),
            allow: failure.reason() == Reason::MethodNotAllowed,
            authenticate: failure.reason() == Reason::Unauthenticated,
            ..Self::human(Outcome::Exception(failure.reason()), status, body)
        }
    }

    /// The answer to a browser that asks whether it may call.
    pub(super) fn preflight() -> Self {
        Self { outcome: None, ..Self::human(Outcome::Success, StatusCode::NO_CONTENT, Vec::new()) }
    }

    /// The same, as another media type.
    pub(super) fn of_type(self, content_type: &'static str) -> Self {
        Self { content_type, ..self }
    }

    /// The same, with the time after which the caller may come again.
    pub(super) fn retry_after(self, retry_after: Option<Duration>) -> Self {
        Self { retry_after, ..self }
    }

    /// The same behind the first byte of a legacy client, if there was one.
    pub(super) fn behind(mut self, prefix: Option<u8>) -> Self {
        if let Some(prefix) = prefix {
            self.body.insert(0, prefix);
        }
        self
    }

    /// The response; `compression` says whether its route compresses.
    pub(super) fn into_response(self, compression: bool) -> Response {
        let Some(outcome) = self.outcome else { return self.status.into_response() };
        let status = if self.native { StatusCode::OK } else { self.status };
        let mut response = (status, Body::from(self.body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(OUTCOME, HeaderValue::from_static(header_word(outcome)));
        if self.native {
            headers.insert(STATUS, HeaderValue::from(self.status.as_u16()));
        }
        if let Some(after) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(after.as_secs()));
        }
        if self.allow {
            headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
        }
        if self.authenticate {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if compression {
            response.extensions_mut().insert(Compressible);
        }
        response
    }
}

fn header_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Success => "success",
        Outcome::Declared { .. } => "error",
        Outcome::Exception(_) | Outcome::Abandoned => "exception",
    }
}
