//! From what went wrong to what the caller gets: the one table of statuses.

use std::borrow::Cow;
use std::time::Duration;

use http::StatusCode;
use thriftgate_config::Rate;
use thriftgate_protocols::json::{ExceptionReply, Faults, JsonKind, ReplyError};
use thriftgate_protocols::message::ApplicationException;
use thriftgate_protocols::wire::WireErrorKind;

use crate::backend::{BackendError, BackendErrorKind};
use crate::policy::Standing;
use crate::router::Method;

/// How long a caller should stay away from a gateway or backend that is overloaded or gone.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The reason of a refusal or failure. The word, the status, the TApplicationException type and whether the
/// backend can have run the call follow from it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Reason {
    /// The body is no JSON, or no message of the native protocol
    InvalidJson,
    /// An argument is wrong, unknown or missing
    InvalidArgument,
    /// Several services have the method
    AmbiguousMethod,
    /// No credentials, or none that are good
    Unauthenticated,
    /// Not allowed to call this
    PermissionDenied,
    /// No route has the path
    UnknownRoute,
    /// The route has no such service
    UnknownService,
    /// The service has no such method
    UnknownMethod,
    /// Not POST
    MethodNotAllowed,
    /// The body, or the message made of it, is over the limit
    BodyTooLarge,
    /// No content type that the gateway speaks
    UnsupportedMediaType,
    /// The request came too slowly
    RequestTimeout,
    /// Over a rate limit
    RateLimited,
    /// The backend's handler failed
    BackendException,
    /// The backend disagrees about the protocol or the IDL
    BackendMismatch,
    /// The reply has neither a result nor an exception
    MissingResult,
    /// The connection to the backend failed after the call was sent, or brought another reply
    BackendError,
    /// No endpoint could be reached, or the gateway is ending
    Unavailable,
    /// As many calls as allowed are under way
    Overloaded,
    /// The deadline passed
    DeadlineExceeded,
    /// A fault of the gateway
    Internal,
}

/// Whether the backend can have run the call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Executed {
    No,
    Maybe,
    Yes,
}

impl Executed {
    fn word(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Maybe => "maybe",
            Self::Yes => "yes",
        }
    }
}

/// What follows from a [`Reason`].
struct Row {
    status: StatusCode,
    code: &'static str,
    kind: i32,
    executed: Executed,
    retryable: bool,
}

impl Reason {
    /// Every reason, in the order of their declaration.
    pub const ALL: [Self; 21] = [
        Self::InvalidJson,
        Self::InvalidArgument,
        Self::AmbiguousMethod,
        Self::Unauthenticated,
        Self::PermissionDenied,
        Self::UnknownRoute,
        Self::UnknownService,
        Self::UnknownMethod,
        Self::MethodNotAllowed,
        Self::BodyTooLarge,
        Self::UnsupportedMediaType,
        Self::RequestTimeout,
        Self::RateLimited,
        Self::BackendException,
        Self::BackendMismatch,
        Self::MissingResult,
        Self::BackendError,
        Self::Unavailable,
        Self::Overloaded,
        Self::DeadlineExceeded,
        Self::Internal,
    ];

    fn row(self) -> Row {
        use Executed::{Maybe, No, Yes};
        let (status, code, kind, executed, retryable) = match self {
            Self::InvalidJson => (400, "INVALID_JSON", 7, No, false),
            Self::InvalidArgument => (400, "INVALID_ARGUMENT", 7, No, false),
            Self::AmbiguousMethod => (400, "AMBIGUOUS_METHOD", 1, No, false),
            Self::Unauthenticated => (401, "UNAUTHENTICATED", 0, No, false),
            Self::PermissionDenied => (403, "PERMISSION_DENIED", 0, No, false),
            Self::UnknownRoute => (404, "UNKNOWN_ROUTE", 1, No, false),
            Self::UnknownService => (404, "UNKNOWN_SERVICE", 1, No, false),
            Self::UnknownMethod => (404, "UNKNOWN_METHOD", 1, No, false),
            Self::MethodNotAllowed => (405, "METHOD_NOT_ALLOWED", 7, No, false),
            Self::BodyTooLarge => (413, "BODY_TOO_LARGE", 7, No, false),
            Self::UnsupportedMediaType => (415, "UNSUPPORTED_MEDIA_TYPE", 9, No, false),
            Self::RequestTimeout => (408, "REQUEST_TIMEOUT", 7, No, true),
            Self::RateLimited => (429, "RATE_LIMITED", 6, No, true),
            Self::BackendException => (500, "BACKEND_EXCEPTION", 6, Yes, false),
            Self::BackendMismatch => (502, "BACKEND_MISMATCH", 7, Maybe, false),
            Self::MissingResult => (502, "MISSING_RESULT", 5, Maybe, false),
            Self::BackendError => (502, "BACKEND_ERROR", 6, Maybe, false),
            Self::Unavailable => (503, "UNAVAILABLE", 6, No, true),
            Self::Overloaded => (503, "OVERLOADED", 6, No, true),
            Self::DeadlineExceeded => (504, "DEADLINE_EXCEEDED", 6, Maybe, false),
            Self::Internal => (500, "INTERNAL", 6, Maybe, false),
        };
        let status = StatusCode::from_u16(status).expect("the table holds valid statuses");
        Row { status, code, kind, executed, retryable }
    }

    /// The HTTP status of the human-readable protocol.
    #[must_use]
    pub fn status(self) -> StatusCode {
        self.row().status
    }

    /// Whether the gateway refuses the call for what it is, or for what holds here, before any backend has a part in it.
    #[must_use]
    pub fn is_refusal(self) -> bool {
        self.row().executed == Executed::No && self != Self::Unavailable
    }

    /// The stable word.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.row().code
    }
}

/// A call that was refused or failed.
#[derive(Debug)]
pub(crate) struct Failure(Box<Details>);

#[derive(Debug)]
struct Details {
    reason: Reason,
    message: Cow<'static, str>,
    /// The method, where it could be read.
    method: Option<String>,
    /// The type that the backend sent, in place of the table's.
    kind: Option<i32>,
    /// Set where the call is known not to have been sent.
    not_sent: bool,
    /// Set where a whole message of the backend says so.
    answered: bool,
    faults: Option<Box<Faults>>,
    suggestion: Option<String>,
    candidates: Vec<String>,
    /// What the log says in place of the message; never sent.
    detail: Option<String>,
    /// How long the caller should stay away, in place of the table.
    retry_after: Option<Duration>,
}

impl Failure {
    #[cold]
    pub(crate) fn new(reason: Reason, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Details {
            reason,
            message: message.into(),
            method: None,
            kind: None,
            not_sent: false,
            answered: reason == Reason::MissingResult,
            faults: None,
            suggestion: None,
            candidates: Vec::new(),
            detail: None,
            retry_after: None,
        }))
    }

    /// The faults of a request's JSON; the message is that of the first.
    #[cold]
    pub(crate) fn faults(faults: Box<Faults>) -> Self {
        let first = faults.first();
        let reason = if faults.is_syntax() { Reason::InvalidJson } else { Reason::InvalidArgument };
        let mut failure = Self::new(reason, first.to_string());
        failure.0.faults = Some(faults);
        failure
    }

    /// A TApplicationException of the backend, whose text goes out only where `pass` says so.
    #[cold]
    pub(crate) fn application(exception: ApplicationException, pass: bool) -> Self {
        let (reason, plain) = match exception.kind {
            0 | 6 => (Reason::BackendException, "The backend failed to handle the call"),
            _ => (Reason::BackendMismatch, "The backend refused the call"),
        };
        let mut failure = Self::new(reason, plain);
        failure.0.kind = Some(exception.kind);
        failure.0.answered = true;
        if pass && !exception.message.is_empty() {
            failure.0.message = exception.message.into();
        } else {
            failure.0.detail = Some(exception.message);
        }
        failure
    }

    /// A reply that is not the one to the call, or says nothing that the metadata knows; `pass` as for
    /// [`Self::application`].
    #[cold]
    pub(crate) fn reply(error: &ReplyError, pass: bool) -> Self {
        let (reason, message) = match error {
            ReplyError::SequenceId | ReplyError::Name | ReplyError::Kind => {
                (Reason::BackendError, "The backend's reply is not the one to this call")
            }
            ReplyError::Wire(error) if error.kind == WireErrorKind::TrailingBytes => {
                (Reason::BackendError, "The backend's reply is longer than its message")
            }
            ReplyError::Wire(_) | ReplyError::Mismatch(_) => {
                (Reason::BackendMismatch, "The backend's reply contradicts the IDL")
            }
            ReplyError::TooLarge => return Self::oversized_reply().detail(error.to_string()),
            ReplyError::MissingResult => return Self::missing_result(),
            ReplyError::Application(exception) => return Self::application(exception.clone(), pass),
        };
        Self::new(reason, message).detail(error.to_string())
    }

    /// A call that is larger than what the backend is sent.
    #[cold]
    pub(crate) fn too_large_for_backend(limit: usize) -> Self {
        let message = format!("The call is over the limit of {limit} bytes toward the backend");
        Self::new(Reason::BodyTooLarge, message)
    }

    /// A reply that is an answer, but larger than the caller may be sent.
    #[cold]
    pub(crate) fn oversized_reply() -> Self {
        let mut failure = Self::new(Reason::BackendError, "The reply is over the limit");
        failure.0.answered = true;
        failure
    }

    /// A body that is larger than what is read.
    #[cold]
    pub(crate) fn body_too_large(limit: usize) -> Self {
        Self::new(Reason::BodyTooLarge, format!("The body is over the limit of {limit} bytes"))
    }

    /// A call over a rate.
    #[cold]
    pub(crate) fn rate_limited(standing: &Standing<'_>) -> Self {
        let (of, Rate { requests, per, .. }) = (standing.limit.scope.name(), standing.limit.rate);
        let per = humantime::format_duration(per);
        let message = format!("Over the rate limit of the {of}: {requests} in {per}");
        let mut failure = Self::new(Reason::RateLimited, message);
        failure.0.retry_after = Some(Duration::from_secs(standing.seconds()));
        failure
    }

    /// A call of a caller who has as many under way as it may.
    #[cold]
    pub(crate) fn too_many_calls(limit: usize) -> Self {
        let message = format!("The caller has {limit} calls under way, which is as many as it may");
        Self::new(Reason::RateLimited, message)
    }

    /// A reply that says nothing.
    #[cold]
    pub(crate) fn missing_result() -> Self {
        Self::new(Reason::MissingResult, "The backend sent neither a result nor an exception")
    }

    /// Whether it is what the backend itself answered, in a whole message.
    pub(crate) fn is_answer(&self) -> bool {
        self.0.answered
    }

    /// Says which kind of TApplicationException it is, in place of the table.
    pub(crate) fn kind(mut self, kind: i32) -> Self {
        self.0.kind = Some(kind);
        self
    }

    /// The kind of TApplicationException, and its message.
    pub(crate) fn exception(&self) -> (i32, &str) {
        (self.0.kind.unwrap_or(self.0.reason.row().kind), &self.0.message)
    }

    /// The status of the human-readable protocol.
    pub(crate) fn status(&self) -> StatusCode {
        self.0.reason.status()
    }

    /// Names the method, where it is known.
    pub(crate) fn of(self, method: Option<&Method>) -> Self {
        match method {
            Some(method) => self.method(&method.name),
            None => self,
        }
    }

    pub(crate) fn method(mut self, method: &str) -> Self {
        self.0.method = Some(method.to_owned());
        self
    }

    pub(crate) fn suggestion(mut self, suggestion: Option<&str>) -> Self {
        self.0.suggestion = suggestion.map(str::to_owned);
        self
    }

    pub(crate) fn candidates(mut self, candidates: Vec<String>) -> Self {
        self.0.candidates = candidates;
        self
    }

    pub(crate) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// Says that nothing of the call was sent.
    pub(crate) fn not_sent(mut self) -> Self {
        self.0.not_sent = true;
        self
    }

    /// The method, where it is known.
    pub(crate) fn method_name(&self) -> Option<&str> {
        self.0.method.as_deref()
    }

    /// The near-miss name that the caller is told of.
    pub(crate) fn suggested(&self) -> Option<&str> {
        self.0.suggestion.as_deref()
    }

    /// Why.
    pub(crate) fn reason(&self) -> Reason {
        self.0.reason
    }

    /// What the log says: what the caller is not told, else what it is told.
    pub(crate) fn log_detail(&self) -> String {
        self.0.detail.clone().unwrap_or_else(|| self.0.message.to_string())
    }

    /// Whether the backend can have run the call, in the word that the caller is told.
    pub(crate) fn executed(&self) -> &'static str {
        let executed = if self.0.not_sent { Executed::No } else { self.0.reason.row().executed };
        executed.word()
    }

    /// The status and the body of the human-readable protocol.
    pub(crate) fn render(&self, request_id: &str) -> (StatusCode, Vec<u8>) {
        let details = &*self.0;
        let row = details.reason.row();
        let not_sent = details.not_sent;
        let first = details.faults.as_ref().map(|faults| faults.first());
        let path = first.map(|fault| &*fault.path).filter(|path| !path.is_empty());
        let suggestion = first.and_then(|fault| fault.suggestion.as_deref());
        let reply = ExceptionReply {
            method: details.method.as_deref(),
            message: &details.message,
            kind: details.kind.unwrap_or(row.kind),
            code: row.code,
            path,
            expected: first.and_then(|fault| fault.expected.as_deref()),
            actual: first.and_then(|fault| fault.actual).map(JsonKind::as_str),
            suggestion: details.suggestion.as_deref().or(suggestion),
            candidates: &details.candidates,
            errors: details.faults.as_deref(),
            request_id: Some(request_id).filter(|id| !id.is_empty()),
            retryable: Some(row.retryable || (not_sent && details.reason == Reason::DeadlineExceeded)),
            executed: Some(self.executed()),
        };
        let mut body = Vec::new();
        reply.write(&mut body);
        (row.status, body)
    }

    /// How long the caller should stay away, where that helps.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        let helps = matches!(self.0.reason, Reason::Unavailable | Reason::Overloaded | Reason::RateLimited);
        self.0.retry_after.or(helps.then_some(RETRY_AFTER))
    }
}

impl From<BackendError> for Failure {
    fn from(error: BackendError) -> Self {
        let (reason, message) = match &error.kind {
            BackendErrorKind::Overloaded => {
                (Reason::Overloaded, "As many calls as allowed are under way to the backend")
            }
            BackendErrorKind::Connect(_) | BackendErrorKind::NoEndpoint => {
                (Reason::Unavailable, "The backend cannot be reached")
            }
            BackendErrorKind::Tls(_) => {
                (Reason::BackendError, "No TLS connection to the backend can be made")
            }
            BackendErrorKind::Deadline
            | BackendErrorKind::DeadlineInQueue
            | BackendErrorKind::AttemptTimeout => (Reason::DeadlineExceeded, "The deadline passed"),
            BackendErrorKind::Closed | BackendErrorKind::Io(_) if !error.sent => {
                (Reason::Unavailable, "The backend cannot be reached")
            }
            BackendErrorKind::Closed | BackendErrorKind::Io(_) => {
                (Reason::BackendError, "The connection to the backend broke during the call")
            }
            BackendErrorKind::Framing(_) => (Reason::BackendError, "The backend's reply is malformed"),
            BackendErrorKind::NoMessage { .. } => {
                (Reason::BackendError, "The backend's reply is no Thrift message")
            }
        };
        let failure = Self::new(reason, message).detail(error.to_string());
        if error.sent { failure } else { failure.not_sent() }
    }
}
