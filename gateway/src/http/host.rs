//! Whom a request is for: one host, told once (RFC 9112, section 3.2).

use http::request::Parts;
use http::uri::Authority;
use http::{HeaderValue, Version, header};

use super::errors::{Failure, Reason};

/// Refuses a request from whose header two readers could make out different hosts.
pub(super) fn check(request: &Parts) -> Result<(), Failure> {
    let mut hosts = request.headers.get_all(header::HOST).iter();
    let target = request.uri.authority();
    match (hosts.next(), hosts.next()) {
        (Some(_), Some(_)) => Err(refused("The request has more than one Host header")),
        (Some(host), None) if !is_host(host) => Err(refused("The Host header is not a host")),
        (Some(host), None) if target.is_some_and(|target| !is_same(target, host)) => {
            Err(refused("The Host header is not the host of the request's target"))
        }
        (None, _) if request.version == Version::HTTP_11 => Err(refused("The request has no Host header")),
        _ => Ok(()),
    }
}

/// Whether it is a host, perhaps with a port, or empty.
fn is_host(value: &HeaderValue) -> bool {
    value.is_empty()
        || Authority::try_from(value.as_bytes()).is_ok_and(|authority| !authority.as_str().contains('@'))
}

fn is_same(target: &Authority, host: &HeaderValue) -> bool {
    target.as_str().as_bytes().eq_ignore_ascii_case(host.as_bytes())
}

#[cold]
fn refused(message: &'static str) -> Failure {
    Failure::new(Reason::InvalidArgument, message)
}
