//! What a request shows of who sends it.

use http::{HeaderMap, HeaderName, header};

use super::Refused;

/// The credential in the headers of a request: the value of the header for keys, where there is one, or what follows
/// `Authorization: Bearer`. Other schemes of `Authorization` are not for the gateway.
///
/// # Errors
/// Where there are several that are not the same: which of them counts would be a guess.
pub(super) fn presented<'h>(
    headers: &'h HeaderMap,
    key: Option<&HeaderName>,
) -> Result<Option<&'h [u8]>, Refused> {
    let keys = key.into_iter().flat_map(|name| headers.get_all(name));
    let keys = keys.map(|value| value.as_bytes().trim_ascii());
    let tokens = headers.get_all(header::AUTHORIZATION).iter();
    let mut all = keys.chain(tokens.filter_map(|value| bearer(value.as_bytes())));
    let Some(first) = all.next() else { return Ok(None) };
    if all.all(|other| other == first) {
        return Ok(Some(first));
    }
    Err(Refused::Invalid("several credentials were shown that are not the same".into()))
}

/// What is shown by the scheme `Bearer`, be it nothing.
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let end = value.iter().position(u8::is_ascii_whitespace).unwrap_or(value.len());
    let (scheme, rest) = value.split_at(end);
    scheme.eq_ignore_ascii_case(b"Bearer").then(|| rest.trim_ascii())
}
