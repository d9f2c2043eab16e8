//! Who may use the admin listener: whoever reaches it, but no page in a browser that happens to run where it is reached.

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::ORIGIN;
use http::request::Parts;
use http::{HeaderName, Method, Request, StatusCode};
use thriftgate_config::ListenAddress;

use crate::http::host;
use crate::reload::Reloader;
use crate::router::Head;

/// How a page came to make a request; browsers alone send it (Fetch Metadata).
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Lets a request through, or refuses it.
pub(super) async fn check(
    State(reloader): State<Arc<Reloader>>,
    request: Request<Body>,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let is_local = {
        let snapshot = reloader.process.snapshot.load();
        matches!(snapshot.settings.admin, Some(ListenAddress::Tcp(address)) if address.ip().is_loopback())
    };
    if let Err(failure) = host::check(&parts) {
        return (failure.status(), format!("{}\n", failure.exception().1)).into_response();
    }
    if is_local && !is_local_name(Head::of(&parts).host()) {
        // A name of somebody's that was made to stand for this machine lets its pages read what is answered.
        let message = "this listener is called by its address or as localhost\n";
        return (StatusCode::MISDIRECTED_REQUEST, message).into_response();
    }
    if !matches!(parts.method, Method::GET | Method::HEAD) && is_of_browser(&parts) {
        return (StatusCode::FORBIDDEN, "nothing is changed from a browser\n").into_response();
    }
    next.run(Request::from_parts(parts, body)).await
}

/// Whether no stranger can have given a name to this machine: it is an address, or has no domain that could be one's own.
fn is_local_name(host: &str) -> bool {
    let is_address = host.parse::<IpAddr>().is_ok();
    is_address
        || !host.trim_end_matches('.').contains('.')
        || host.to_ascii_lowercase().ends_with(".localhost")
}

/// Whether a browser sends it, for a page that may be anybody's.
fn is_of_browser(request: &Parts) -> bool {
    request.headers.contains_key(ORIGIN) || request.headers.contains_key(FETCH_SITE)
}

#[cfg(test)]
mod tests {
    use super::is_local_name;

    #[test]
    fn names_of_this_machine() {
        for host in ["127.0.0.1", "::1", "10.1.2.3", "localhost", "gateway", "admin.LOCALHOST", ""] {
            assert!(is_local_name(host), "{host}");
        }
        for host in ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "evil.example."] {
            assert!(!is_local_name(host), "{host}");
        }
    }
}
