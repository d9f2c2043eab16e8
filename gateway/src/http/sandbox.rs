//! Routes that answer from the IDL alone: what a backend is, for as long as there is none.
//!
//! A call comes as far as for any backend, its message made and checked; then an example is the reply to it, which is
//! translated for the caller as any reply. Callers may ask for a declared exception, and for the time that it takes.

use std::time::{Duration, Instant};

use http::{HeaderMap, HeaderName, HeaderValue};
use thriftgate_config as config;
use thriftgate_metadata::{FunctionId, Schema};
use thriftgate_openapi::{Outcome, result_message};

use super::errors::{Failure, Reason};
use super::negotiation;
use crate::backend::CallContext;
use crate::router::Destination;

/// Says that an answer is made up.
pub(super) const HEADER: HeaderName = HeaderName::from_static("x-sandbox");
/// How the call is to end: `success`, or the name of a field in the `throws` list.
const MOCK: HeaderName = HeaderName::from_static("x-mock");
/// How long it is to take, in seconds.
const LATENCY: HeaderName = HeaderName::from_static("x-mock-latency");
/// What browsers have to be allowed to send.
pub(super) const REQUEST_HEADERS: [&str; 2] = ["x-mock", "x-mock-latency"];

/// The seed of all examples: the same call gets the same reply, which is the one of the documents.
const SEED: u64 = 0;
/// The number of the calls that the replies are to.
pub(super) const SEQUENCE_ID: i32 = 0;

/// What answers the calls of one method in place of a backend.
#[derive(Debug)]
pub struct Sandbox {
    latency: Duration,
    /// The ways in which a call can end, the success first, each with the message that says so.
    replies: Box<[(Box<str>, Vec<u8>)]>,
}

impl Sandbox {
    /// The sandbox of a function, whose replies are for calls to `destination`.
    pub(crate) fn new(
        settings: config::Sandbox,
        schema: &Schema,
        function: FunctionId,
        destination: &Destination,
    ) -> Self {
        let fields = &schema[schema[function].result].fields;
        let thrown = fields.iter().filter(|field| field.id != 0);
        let declared = thrown.map(|field| (&*field.name, Outcome::Declared(&field.name)));
        let call = (&*destination.wire_name, SEQUENCE_ID);
        let dialect = destination.backend.dialect();
        let reply = |(name, outcome): (&str, Outcome<'_>)| {
            let message = result_message(schema, function, outcome, SEED, dialect, call)?;
            Some((name.into(), message))
        };
        let replies = std::iter::once(("success", Outcome::Success)).chain(declared).filter_map(reply);
        Self { latency: settings.latency, replies: replies.collect() }
    }

    /// The message that answers a call, after as long as it takes. Its number is [`SEQUENCE_ID`].
    pub(super) async fn answer(&self, context: &CallContext<'_>) -> Result<&[u8], Failure> {
        let latency = latency(context.headers)?.unwrap_or(self.latency);
        let wanted =
            context.headers.get(MOCK).map_or(b"success".as_slice(), |name| name.as_bytes().trim_ascii());
        let reply = self.replies.iter().find(|(name, _)| name.as_bytes() == wanted);
        let (_, message) = reply.ok_or_else(|| self.unknown())?;
        let end = Instant::now().checked_add(latency).filter(|end| *end <= context.deadline);
        if !latency.is_zero() {
            tokio::time::sleep_until(end.unwrap_or(context.deadline).into()).await;
        }
        match end {
            Some(_) => Ok(message),
            None => Err(Failure::new(Reason::DeadlineExceeded, "The deadline passed")),
        }
    }

    #[cold]
    fn unknown(&self) -> Failure {
        let names: Vec<&str> = self.replies.iter().map(|(name, _)| &**name).collect();
        let message =
            format!("X-Mock names none of the ways in which the call can end: {}", names.join(", "));
        Failure::new(Reason::InvalidArgument, message)
    }
}

/// How long the caller wants it to take, where it says so.
fn latency(headers: &HeaderMap) -> Result<Option<Duration>, Failure> {
    let unfit = || {
        Failure::new(Reason::InvalidArgument, "X-Mock-Latency is not a number of seconds, such as 2 or 0.5")
    };
    let seconds = |value: &HeaderValue| negotiation::seconds(value).ok_or_else(unfit);
    headers.get(LATENCY).map(seconds).transpose()
}
