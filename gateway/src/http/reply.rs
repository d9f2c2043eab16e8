//! What a request is answered, and the response that it becomes.

use std::sync::LazyLock;
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use super::errors::{Failure, Reason};
use super::front::REQUEST_ID;
use super::security_headers;
use crate::telemetry::Outcome;

/// How the call ended: `success`, `error` (a declared exception) or `exception`.
pub(super) const OUTCOME: HeaderName = HeaderName::from_static("thrift-outcome");
/// The status that the human-readable protocol would have given, on a reply to a native client.
pub(super) const STATUS: HeaderName = HeaderName::from_static("thrift-status");

/// The media type of human-readable JSON.
pub(super) const JSON: &str = "application/json";

/// The headers of most responses: copying them costs less than inserting each. The request's id is filled in last, where its
/// place is.
static USUAL: LazyLock<HeaderMap> = LazyLock::new(|| {
    let mut headers = HeaderMap::new();
    security_headers::add(&mut headers);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON));
    headers.insert(OUTCOME, HeaderValue::from_static(header_word(Outcome::Success)));
    headers.insert(REQUEST_ID, HeaderValue::from_static(""));
    headers
});

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

    /// The response.
    pub(super) fn into_response(self) -> Response {
        let Some(outcome) = self.outcome else {
            let mut response = self.status.into_response();
            security_headers::add(response.headers_mut());
            return response;
        };
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = if self.native { StatusCode::OK } else { self.status };
        *response.headers_mut() = USUAL.clone();
        let headers = response.headers_mut();
        if outcome != Outcome::Success {
            headers.insert(OUTCOME, HeaderValue::from_static(header_word(outcome)));
        }
        if self.content_type != JSON {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        }
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
