//! A body that callers may keep, and how it is sent.

use std::io;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method as Verb, StatusCode, header};
use tokio::task::spawn_blocking;

use super::super::security_headers;
use crate::documents::Packed;

/// A body that callers may keep.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) body: Packed,
    pub(super) content_type: HeaderValue,
    pub(super) caching: Caching,
    /// What a page may load, where it is part of one.
    pub(super) policy: Option<HeaderValue>,
}

/// Who may keep a body, and for how long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Caching {
    /// Everybody, who asks each time whether it is still the same.
    Checked,
    /// Who asked, alone, likewise: it is theirs.
    Private,
    /// Everybody, for ever.
    Immutable,
}

impl Content {
    /// The response: the body, or that the caller has it already.
    pub(super) async fn into_response(self, request: &Parts) -> Response {
        let takes_gzip = accepts_gzip(&request.headers);
        let digest = self.body.digest();
        let tag = if takes_gzip { format!("\"{digest}-gzip\"") } else { format!("\"{digest}\"") };
        let mut response = if is_known(&request.headers, digest) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            match self.full(takes_gzip, request.method == Verb::HEAD).await {
                Ok(response) => response,
                Err(error) => {
                    tracing::error!(%error, "a document cannot be unpacked");
                    StatusCode::INTERNAL_SERVER_ERROR.into_response()
                }
            }
        };
        let headers = response.headers_mut();
        security_headers::add(headers);
        headers.extend(HeaderValue::try_from(tag).map(|tag| (header::ETAG, tag)));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(self.caching.directives()));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if let Some(policy) = self.policy {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
            headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
            headers.insert(OPENER_POLICY, HeaderValue::from_static("same-origin"));
        }
        response
    }

    /// The whole body; a request for the head alone has its headers all the same.
    async fn full(&self, takes_gzip: bool, head: bool) -> io::Result<Response> {
        let (body, length) = match (takes_gzip, head) {
            (true, false) => (Body::from(self.body.gzip()), self.body.gzip().len()),
            (true, true) => (Body::empty(), self.body.gzip().len()),
            (false, false) => (Body::from(self.unpacked().await?), self.body.length()),
            (false, true) => (Body::empty(), self.body.length()),
        };
        let mut response = Response::new(body);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, self.content_type.clone());
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        if takes_gzip {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        Ok(response)
    }

    async fn unpacked(&self) -> io::Result<Vec<u8>> {
        if self.body.length() <= LARGE {
            return self.body.unpack();
        }
        let body = self.body.clone();
        spawn_blocking(move || body.unpack()).await?
    }
}

/// Bodies that are larger, in bytes, are unpacked beside the calls of this core.
const LARGE: usize = 256 * 1024;
/// Which windows of other pages may reach one of the page.
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

impl Caching {
    fn directives(self) -> &'static str {
        match self {
            Self::Checked => "no-cache",
            Self::Private => "private, no-cache",
            Self::Immutable => "public, max-age=31536000, immutable",
        }
    }
}

/// Whether the caller takes a body in gzip.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let mut best: Option<(bool, bool)> = None;
    for coding in values.flat_map(|value| value.split(',')) {
        let mut parts = coding.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let is_named = name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip");
        if !is_named && name != "*" {
            continue;
        }
        let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        let wanted =
            weight.is_none_or(|weight| weight.trim().parse::<f32>().is_ok_and(|weight| weight > 0.0));
        // What is said of gzip by name counts before what is said of all others.
        if best.is_none_or(|(named, _)| is_named || !named) {
            best = Some((is_named, wanted));
        }
    }
    best.is_some_and(|(_, wanted)| wanted)
}

/// Whether the caller has the body of this digest, in whatever coding.
fn is_known(headers: &HeaderMap, digest: &str) -> bool {
    let values = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim).any(|tag| {
        let tag = tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"');
        tag == "*" || tag.strip_suffix("-gzip").unwrap_or(tag) == digest
    })
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue, header};

    use super::{accepts_gzip, is_known};

    fn headers(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::try_from(value).expect("a value"))])
    }

    #[test]
    fn gzip_is_for_who_takes_it() {
        let cases = [
            ("gzip", true),
            ("br, gzip;q=0.5", true),
            ("*", true),
            ("GZIP", true),
            ("", false),
            ("br", false),
            ("gzip;q=0", false),
            ("gzip;q=0, *", false),
            ("*, gzip; q=0", false),
            ("identity, *;q=0", false),
        ];
        for (value, expected) in cases {
            assert_eq!(accepts_gzip(&headers(header::ACCEPT_ENCODING, value)), expected, "{value}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
    }

    #[test]
    fn a_body_is_known_by_its_tag_in_every_coding() {
        for value in ["\"abc\"", "W/\"abc\"", "\"abc-gzip\"", "\"x\", \"abc\"", "*"] {
            assert!(is_known(&headers(header::IF_NONE_MATCH, value), "abc"), "{value}");
        }
        for value in ["\"ab\"", "", "\"abc-br\""] {
            assert!(!is_known(&headers(header::IF_NONE_MATCH, value), "abc"), "{value}");
        }
    }
}
