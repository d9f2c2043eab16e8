//! What a request is checked for beside its body: once its head is there, and once its method is known.

use http::Method as Verb;
use http::request::Parts;

use super::cors;
use super::errors::{Failure, Reason};
use super::negotiation::{self, Door};
use crate::router::{Candidates, Head, Match, Route, Router, Unrouted};

/// What a request asks for, as far as its head tells.
#[derive(Debug)]
pub(super) enum Entry<'c, 'h> {
    /// Whether a page of another origin may call
    Preflight,
    /// A call of a method of one of these routes, by this door
    Call(Candidates<'c, 'h>, Door),
}

/// Checks the head of a request. The route is told as soon as one is known.
pub(super) fn enter<'c, 'h>(
    router: &'c Router,
    request: &'h Parts,
    route: &mut Option<&'c Route>,
) -> Result<Entry<'c, 'h>, Failure> {
    if let Some(asked) = preflight(router, request) {
        *route = Some(asked);
        return Ok(Entry::Preflight);
    }
    let candidates = router.find(Head::of(request)).map_err(|unrouted| {
        let Unrouted { route: nearest, failure } = unrouted;
        *route = nearest;
        failure
    })?;
    let first = candidates.first();
    *route = Some(first);
    let headers = &request.headers;
    if request.method != Verb::POST {
        return Err(negotiation::not_post(headers));
    }
    cors::check_origin(headers, &request.uri, first)?;
    let door = negotiation::door(headers, first.settings.legacy_first_byte)?;
    negotiation::check_content_encoding(headers)?;
    Ok(Entry::Call(candidates, door))
}

/// The route of a browser's question whether it may call, where the request is one. What the path names below the route
/// plays no part: who asks is not known.
pub(super) fn preflight<'c>(router: &'c Router, request: &Parts) -> Option<&'c Route> {
    if request.method != Verb::OPTIONS {
        return None;
    }
    router.first(Head::of(request)).filter(|route| cors::is_preflight(&request.headers, route))
}

/// The refusal of a route that is not for the caller.
#[cold]
pub(super) fn withheld() -> Failure {
    Failure::new(Reason::PermissionDenied, "This route is not for this caller")
}

/// Checks what the method allows, which may be less than its candidates do.
pub(super) fn check_method(
    found: Match<'_>,
    candidates: &Candidates<'_, '_>,
    request: &Parts,
    body: usize,
) -> Result<(), Failure> {
    let limit = found.method.body.value;
    if body > limit {
        return Err(Failure::body_too_large(limit).of(Some(found.method)));
    }
    if !std::ptr::eq(found.route, candidates.first()) {
        cors::check_origin(&request.headers, &request.uri, found.route)?;
    }
    Ok(())
}
