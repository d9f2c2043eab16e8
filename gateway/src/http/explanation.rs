//! What becomes of a request, told by the code that answers requests, without a call being made.

use http::StatusCode;
use http::request::Parts;

use super::entry::{Entry, check_method, enter, withheld};
use super::errors::{Failure, Reason};
use super::negotiation::{self, Language};
use super::{documents, host, human, native};
use crate::policy::{Caller, Group};
use crate::router::{Head, Match, Mismatch, Route, Router};
use crate::snapshot::Snapshot;

/// What becomes of a request.
#[derive(Debug)]
pub struct Explanation<'s> {
    /// The routes before the one that takes it, or all of them, each with why it does not
    pub passed_over: Vec<(&'s Route, String)>,
    /// The call that would be made
    pub outcome: Result<Explained<'s>, Refusal>,
}

/// What a request that is not refused leads to.
#[derive(Clone, Copy, Debug)]
pub enum Explained<'s> {
    /// A call of this method
    Call(Match<'s>),
    /// The answer to a browser that asks whether it may call
    Preflight(&'s Route),
    /// One of the gateway's own documents
    Document,
}

/// Why a request is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// The status, as the human-readable protocol has it
    pub status: StatusCode,
    /// The stable word
    pub code: &'static str,
    /// What the caller is told
    pub message: String,
    /// The near-miss name that it is told of
    pub suggestion: Option<String>,
}

impl From<&Failure> for Refusal {
    fn from(failure: &Failure) -> Self {
        let (_, message) = failure.exception();
        Self {
            status: failure.status(),
            code: failure.reason().code(),
            message: message.to_owned(),
            suggestion: failure.suggested().map(str::to_owned),
        }
    }
}

/// Tells what the gateway would do with this request and its body, which is decoded, of a caller of a group or, where none is
/// said, of anybody.
#[must_use]
pub fn explain<'s>(
    snapshot: &'s Snapshot,
    caller: Option<(&'s Group, &Caller)>,
    request: &Parts,
    body: &[u8],
) -> Explanation<'s> {
    if documents::place(snapshot, request).is_some() {
        return Explanation { passed_over: Vec::new(), outcome: Ok(Explained::Document) };
    }
    let router = caller.map_or(&snapshot.router, |(group, _)| &group.router);
    let outcome = lead(snapshot, router, caller.map(|(_, caller)| caller), request, body);
    let taken = match &outcome {
        Ok(Explained::Call(found)) => Some(found.route),
        Ok(Explained::Preflight(route)) => Some(*route),
        Ok(Explained::Document) | Err(_) => None,
    };
    let method = match &outcome {
        Ok(Explained::Call(found)) => Some(&*found.method.name),
        Ok(Explained::Preflight(_) | Explained::Document) => None,
        Err(failure) => failure.method_name(),
    };
    let head = Head::of(request);
    let mut passed_over = Vec::new();
    for route in router.routes() {
        if taken.is_some_and(|taken| std::ptr::eq(taken, route)) {
            break;
        }
        let reason = match route.mismatch(&head) {
            Some(Mismatch::Path) => "the path does not begin so".to_owned(),
            Some(Mismatch::Host) => format!("it is not for the host {:?}", head.host()),
            Some(Mismatch::Header(name)) => format!("the header {name} has not the value that it asks for"),
            None => match route.miss(&head, method) {
                Some(failure) => failure.exception().1.to_owned(),
                None => "its path, host and headers match".to_owned(),
            },
        };
        passed_over.push((route, reason));
    }
    Explanation { passed_over, outcome: outcome.map_err(|failure| Refusal::from(&failure)) }
}

/// The way of a call up to where it would be sent.
fn lead<'s>(
    snapshot: &'s Snapshot,
    router: &'s Router,
    caller: Option<&Caller>,
    request: &Parts,
    body: &[u8],
) -> Result<Explained<'s>, Failure> {
    host::check(request)?;
    let mut route = None;
    let (candidates, door) = match enter(router, request, &mut route)? {
        Entry::Preflight => {
            let nowhere = || Failure::new(Reason::Internal, "The request was routed nowhere");
            return route.map(Explained::Preflight).ok_or_else(nowhere);
        }
        Entry::Call(candidates, door) => (candidates, door),
    };
    if candidates.first().withheld {
        return Err(withheld());
    }
    if body.len() > candidates.largest_body() {
        return Err(Failure::body_too_large(candidates.largest_body()));
    }
    let (language, prefix) = door.language(body)?;
    let body = &body[prefix.map_or(0, |_| 1)..];
    match language {
        Language::Human => {
            negotiation::timeout(&request.headers)?;
            let body = human::Body { text: body, request, candidates: &candidates, caller };
            body.translate(snapshot, &mut None).map(|call| Explained::Call(call.found))
        }
        Language::Thrift(protocol) => {
            let message = native::Request::read(protocol, body)?;
            let found = message.method(&candidates)?;
            check_method(found, &candidates, request, body.len())?;
            negotiation::timeout(&request.headers)?;
            let filled = found.method.filled.as_deref();
            let injected = filled.map(|filled| filled.injected(&snapshot.schema, caller)).transpose()?;
            message.translate(snapshot, found.method, found.method.destinations.choose(), injected)?;
            Ok(Explained::Call(found))
        }
    }
}
