//! Calls in human-readable JSON.

use std::borrow::Cow;
use std::convert::Infallible;

use http::StatusCode;
use http::request::Parts;
use thriftgate_protocols::injection::Injected;
use thriftgate_protocols::json::{self, CallError, Expected, Selector, Target, Translation};
use thriftgate_protocols::style::{Limits, Style};

use super::entry::check_method;
use super::errors::{Failure, Reason};
use super::negotiation;
use super::sandbox::{self, Sandbox};
use crate::backend::{CallContext, Outgoing};
use crate::policy::Caller;
use crate::router::{Candidates, Destination, Match, Method};
use crate::snapshot::Snapshot;
use crate::telemetry::Outcome;

/// A call that is ready to be made.
#[derive(Debug)]
pub(crate) struct Call<'s> {
    pub(super) found: Match<'s>,
    pub(super) destination: &'s Destination,
    /// How the caller wants its reply.
    pub(super) style: Style,
    message: Outgoing,
    sequence_id: i32,
}

/// A result or declared exception, with its status.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(super) outcome: Outcome,
    pub(super) status: StatusCode,
    pub(crate) body: Vec<u8>,
}

/// The body of a call, with what came before it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Body<'b, 's, 'h> {
    pub(super) text: &'b [u8],
    pub(super) request: &'h Parts,
    pub(super) candidates: &'b Candidates<'s, 'h>,
    /// Who sent it, where that is asked
    pub(super) caller: Option<&'b Caller>,
}

impl<'s> Body<'_, 's, '_> {
    /// Translates the body into the message for the backend of the method that it, or the path, names. The
    /// method is told as soon as it is known, so that a fault in its arguments is counted as its own.
    pub(super) fn translate(
        &self,
        snapshot: &Snapshot,
        named: &mut Option<Match<'s>>,
    ) -> Result<Call<'s>, Failure> {
        if let Some(found) = self.candidates.named_by_path() {
            *named = Some(found);
            self.check(found)?;
            let injected = self.injected(found.method, snapshot)?;
            return arguments(found, self.style(found), self.text, injected, snapshot);
        }
        let text = json::text(self.text).map_err(Failure::faults)?;
        let mut message = Outgoing::default();
        let mut chosen: Option<(Match<'s>, &'s Destination)> = None;
        let resolve = |selector: Selector<'_>| {
            let found = self.candidates.method(selector.service, selector.method)?;
            *named = Some(found);
            self.check(found)?;
            // It is asked twice where the keys of the body come in another order, and has to say the same.
            let destination = match chosen {
                Some((before, destination)) if std::ptr::eq(before.method, found.method) => destination,
                _ => found.method.destinations.choose(),
            };
            chosen = Some((found, destination));
            let injected = self.injected(found.method, snapshot)?;
            Ok(target(found.method, destination, self.style(found), injected))
        };
        let translation = translation(snapshot);
        match (json::call(text, &translation, resolve, message.buffer()), chosen) {
            (Ok(target), Some((found, destination))) => {
                let Target { style, sequence_id, .. } = target;
                Ok(Call { found, destination, style, message, sequence_id })
            }
            (Ok(_), None) => Err(Failure::new(Reason::Internal, "The call was translated for no method")
                .of(named.map(|found| found.method))),
            (Err(CallError::Refused(failure)), _) => Err(failure),
            (Err(CallError::Fault(faults)), _) => {
                Err(Failure::faults(faults).of(named.map(|found| found.method)))
            }
            (Err(CallError::TooLarge), _) => {
                let failure = Failure::too_large_for_backend(snapshot.limits.frame);
                Err(failure.of(named.map(|found| found.method)))
            }
        }
    }

    /// The message of the same call for another backend, and its number there; `None` where it cannot be had, as
    /// when it is too large in that protocol.
    pub(super) fn translate_again(
        &self,
        snapshot: &Snapshot,
        call: &Call<'_>,
        to: &Destination,
    ) -> Option<(Outgoing, i32)> {
        if to.is_called_like(call.destination) {
            return Some((call.message.clone(), call.sequence_id));
        }
        let text = json::text(self.text).ok()?;
        let mut message = Outgoing::default();
        let injected = self.injected(call.found.method, snapshot).ok()?;
        let target = target(call.found.method, to, call.style, injected);
        let translation = translation(snapshot);
        let written = match self.candidates.named_by_path() {
            Some(_) => json::arguments(text, &translation, &target, message.buffer()).is_ok(),
            None => {
                let resolve = |_: Selector<'_>| Ok::<_, Infallible>(target.clone());
                json::call(text, &translation, resolve, message.buffer()).is_ok()
            }
        };
        written.then_some((message, target.sequence_id))
    }

    fn check(&self, found: Match<'_>) -> Result<(), Failure> {
        check_method(found, self.candidates, self.request, self.text.len())
    }

    /// What is filled in of the arguments of a method.
    fn injected<'m>(&self, method: &'m Method, snapshot: &Snapshot) -> Result<Option<Injected<'m>>, Failure> {
        let filled = method.filled.as_deref().map(|filled| filled.injected(&snapshot.schema, self.caller));
        filled.transpose().map_err(|failure| failure.of(Some(method)))
    }

    fn style(&self, found: Match<'_>) -> Style {
        negotiation::style(&self.request.headers, found)
    }
}

/// Translates the arguments of a method into the message for a backend of it.
pub(crate) fn arguments<'s>(
    found: Match<'s>,
    style: Style,
    body: &[u8],
    injected: Option<Injected<'_>>,
    snapshot: &Snapshot,
) -> Result<Call<'s>, Failure> {
    let text = json::text(body).map_err(Failure::faults)?;
    let mut message = Outgoing::default();
    let destination = found.method.destinations.choose();
    let target = target(found.method, destination, style, injected);
    let failure = match json::arguments(text, &translation(snapshot), &target, message.buffer()) {
        Ok(()) => {
            let sequence_id = target.sequence_id;
            return Ok(Call { found, destination, style, message, sequence_id });
        }
        Err(CallError::Fault(faults)) => Failure::faults(faults),
        Err(CallError::TooLarge) => Failure::too_large_for_backend(snapshot.limits.frame),
        Err(CallError::Refused(never)) => match never {},
    };
    Err(failure.of(Some(found.method)))
}

fn target<'t>(
    method: &Method,
    to: &'t Destination,
    style: Style,
    injected: Option<Injected<'t>>,
) -> Target<'t> {
    Target {
        function: method.function,
        dialect: to.backend.dialect(),
        name: Cow::Borrowed(&*to.wire_name),
        sequence_id: to.backend.next_sequence_id(),
        style,
        injected,
    }
}

/// How the message to a backend is made.
fn translation(snapshot: &Snapshot) -> Translation<'_> {
    let limits = Limits { depth: snapshot.limits.depth, output: snapshot.limits.frame };
    Translation { schema: &snapshot.schema, style: Style::default(), limits }
}

/// Sends the message, and translates what comes back.
pub(crate) async fn invoke(
    call: Call<'_>,
    context: &CallContext<'_>,
    translation: &Translation<'_>,
) -> Result<Reply, Failure> {
    let Call { found: Match { method, .. }, destination, .. } = call;
    let backend = &*destination.backend;
    if let Some(sandbox) = &method.sandbox {
        return Box::pin(imagine(call, sandbox, context, translation)).await;
    }
    let failed = |error| Failure::from(error).of(Some(method));
    if method.oneway {
        backend.hand_over(context, call.message).await.map_err(failed)?;
        return Ok(handed_over(method));
    }
    let reply = backend.exchange(context, call.message).await.map_err(failed)?;
    let answer = translate_reply((method, destination, call.sequence_id), translation, reply.bytes());
    match &answer {
        Ok(_) => reply.accept(),
        Err(failure) if failure.is_answer() => reply.accept_exception(),
        Err(_) => {}
    }
    answer
}

/// Answers the call of a method that has no backend.
async fn imagine(
    call: Call<'_>,
    sandbox: &Sandbox,
    context: &CallContext<'_>,
    translation: &Translation<'_>,
) -> Result<Reply, Failure> {
    let Match { method, .. } = call.found;
    let answer = sandbox.answer(context).await.map_err(|failure| failure.of(Some(method)))?;
    if method.oneway {
        return Ok(handed_over(method));
    }
    translate_reply((method, call.destination, sandbox::SEQUENCE_ID), translation, answer)
}

/// What a caller is told of a call that no reply follows.
fn handed_over(method: &Method) -> Reply {
    let mut body = Vec::new();
    json::oneway(&method.name, &mut body);
    Reply { outcome: Outcome::Success, status: StatusCode::ACCEPTED, body }
}

/// Translates the message that should be the reply to a call of this number.
fn translate_reply(
    (method, destination, sequence_id): (&Method, &Destination, i32),
    translation: &Translation<'_>,
    bytes: &[u8],
) -> Result<Reply, Failure> {
    let backend = &*destination.backend;
    let expected = Expected {
        function: method.function,
        dialect: backend.dialect(),
        name: &destination.wire_name,
        sequence_id,
        method: &method.name,
    };
    let mut body = Vec::new();
    let (outcome, status) = match json::reply(bytes, translation, &expected, &mut body) {
        Ok(json::Outcome::Success) => (Outcome::Success, StatusCode::OK),
        Ok(json::Outcome::Declared { position }) => {
            (Outcome::Declared { position }, method.statuses[position])
        }
        Err(error) => return Err(Failure::reply(&error, backend.passes_messages()).of(Some(method))),
    };
    Ok(Reply { outcome, status, body })
}
