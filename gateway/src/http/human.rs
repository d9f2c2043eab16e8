//! Calls in human-readable JSON.

use std::borrow::Cow;

use http::StatusCode;
use thriftgate_protocols::json::{self, CallError, Expected, Selector, Target, Translation};

use super::errors::{Failure, Reason};
use crate::backend::{CallContext, Outgoing};
use crate::router::{Method, Route, Selection};
use crate::telemetry::Outcome;

/// A call that is ready to be made.
#[derive(Debug)]
pub(crate) struct Call<'s> {
    pub(super) method: &'s Method,
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

/// Translates the body into the message for the backend of the method that it, or the path, names. The
/// method is told as soon as it is known, so that a fault in its arguments is counted as its own.
pub(crate) fn translate<'s>(
    route: &'s Route,
    selection: Selection<'s>,
    body: &[u8],
    translation: &Translation<'_>,
    named: &mut Option<&'s Method>,
) -> Result<Call<'s>, Failure> {
    let text = json::text(body).map_err(Failure::faults)?;
    let mut message = Outgoing::default();
    let target = |method: &'s Method| Target {
        function: method.function,
        dialect: method.backend.dialect(),
        name: Cow::Borrowed(&*method.wire_name),
        sequence_id: method.backend.next_sequence_id(),
    };
    let translated = match selection {
        Selection::Method(method) => {
            *named = Some(method);
            let target = target(method);
            match json::arguments(text, translation, &target, message.buffer()) {
                Ok(()) => Ok(target),
                Err(CallError::Fault(faults)) => Err(CallError::Fault(faults)),
                Err(CallError::TooLarge) => Err(CallError::TooLarge),
                Err(CallError::Refused(never)) => match never {},
            }
        }
        Selection::Service(_) | Selection::Body => {
            let selected = if let Selection::Service(service) = selection { Some(service) } else { None };
            let resolve = |selector: Selector<'_>| {
                let method = route.select_method(selected, selector.service, selector.method)?;
                *named = Some(method);
                Ok(target(method))
            };
            json::call(text, translation, resolve, message.buffer())
        }
    };
    let failure = match (translated, *named) {
        (Ok(target), Some(method)) => return Ok(Call { method, message, sequence_id: target.sequence_id }),
        (Ok(_), None) => Failure::new(Reason::Internal, "The call was translated for no method"),
        (Err(CallError::Refused(failure)), _) => return Err(failure),
        (Err(CallError::Fault(faults)), _) => Failure::faults(faults),
        (Err(CallError::TooLarge), _) => Failure::too_large_for_backend(translation.limits.output),
    };
    Err(failure.of(*named))
}

/// Sends the message, and translates what comes back.
pub(crate) async fn invoke(
    call: Call<'_>,
    context: &CallContext<'_>,
    translation: &Translation<'_>,
) -> Result<Reply, Failure> {
    let method = call.method;
    let backend = &*method.backend;
    let failed = |error| Failure::from(error).of(Some(method));
    let mut body = Vec::new();
    if method.oneway {
        backend.hand_over(context, call.message).await.map_err(failed)?;
        json::oneway(&method.name, &mut body);
        return Ok(Reply { outcome: Outcome::Success, status: StatusCode::ACCEPTED, body });
    }
    let reply = backend.exchange(context, call.message).await.map_err(failed)?;
    let expected = Expected {
        function: method.function,
        dialect: backend.dialect(),
        name: &method.wire_name,
        sequence_id: call.sequence_id,
        method: &method.name,
    };
    let (outcome, status) = match json::reply(reply.bytes(), translation, &expected, &mut body) {
        Ok(json::Outcome::Success) => (Outcome::Success, StatusCode::OK),
        Ok(json::Outcome::Declared { position }) => (Outcome::Declared, method.statuses[position]),
        Err(error) => {
            let failure = Failure::reply(&error, backend.passes_messages());
            if failure.is_answer() {
                reply.accept();
            }
            return Err(failure.of(Some(method)));
        }
    };
    reply.accept();
    Ok(Reply { outcome, status, body })
}
