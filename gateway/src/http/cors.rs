//! Browsers: whose pages may call, and how they are told.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, Uri, header};
use thriftgate_config::Cors;

use super::errors::{Failure, Reason};
use super::sandbox;
use crate::router::Route;

/// What a page may read of an answer beside its body.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "Retry-After, RateLimit, RateLimit-Policy, Thrift-Status, Thrift-Outcome, X-Request-Id, X-Sandbox",
);

/// Refuses the request of a page on another origin, unless the route lists that origin.
pub(super) fn check_origin(headers: &HeaderMap, uri: &Uri, route: &Route) -> Result<(), Failure> {
    let refused = || Failure::new(Reason::PermissionDenied, "Pages of other origins may not call this");
    match headers.get(header::ORIGIN) {
        Some(origin) => match origin.to_str() {
            Ok(origin) if is_own(origin, headers, uri) || is_listed(route, origin) => Ok(()),
            _ => Err(refused()),
        },
        None if headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site") => Err(refused()),
        None => Ok(()),
    }
}

/// Whether an origin is the one that the request was sent to.
fn is_own(origin: &str, headers: &HeaderMap, uri: &Uri) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| uri.authority().map(http::uri::Authority::as_str));
    let Some((scheme, authority)) = origin.split_once("://") else { return false };
    let default_port = if scheme.eq_ignore_ascii_case("https") { ":443" } else { ":80" };
    let bare =
        |authority: &str| authority.strip_suffix(default_port).unwrap_or(authority).to_ascii_lowercase();
    matches!(scheme, "http" | "https") && host.is_some_and(|host| bare(host) == bare(authority))
}

fn is_listed(route: &Route, origin: &str) -> bool {
    listing(route, origin).next().is_some()
}

/// What the route says for pages of this origin.
fn listing<'r>(route: &'r Route, origin: &str) -> impl Iterator<Item = &'r Cors> {
    let lists = move |cors: &&Cors| cors.origins.iter().any(|listed| listed.eq_ignore_ascii_case(origin));
    route.cors.iter().filter(lists)
}

/// Whether the request is a browser's question whether it may call, on a route that lets other origins.
pub(super) fn is_preflight(headers: &HeaderMap, route: &Route) -> bool {
    !route.cors.is_empty()
        && headers.contains_key(header::ORIGIN)
        && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// Tells a browser that a page of a listed origin may read the answer, and what it may send. An origin that
/// is not listed is told nothing.
pub(super) fn allow(request: &HeaderMap, route: &Route, response: &mut HeaderMap) {
    if route.cors.is_empty() {
        return;
    }
    // A cache must not give one origin what another was told.
    response.append(header::VARY, HeaderValue::from_static("origin"));
    let Some(origin) = request.get(header::ORIGIN) else { return };
    let Ok(text) = origin.to_str() else { return };
    let mut listing = listing(route, text).peekable();
    if listing.peek().is_none() {
        return;
    }
    response.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    if request.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD) {
        let mut headers = "content-type, accept".to_owned();
        let mut max_age = Duration::MAX;
        if route.settings.sandbox.is_some() {
            sandbox::REQUEST_HEADERS.iter().for_each(|name| headers.extend([", ", name]));
        }
        for cors in listing {
            cors.headers.iter().for_each(|name| headers.extend([", ", name]));
            max_age = max_age.min(cors.max_age);
        }
        if let Ok(headers) = HeaderValue::try_from(headers) {
            response.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, headers);
        }
        response.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
        response.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from(max_age.as_secs()));
    } else {
        response.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
}
