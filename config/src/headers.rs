//! Names and values of HTTP headers that a configuration may set, forward or allow.

use crate::scalar::Fault;

/// Headers that belong to one connection or to the message itself, so that no configuration sets them.
const OWN: [&str; 12] = [
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// A header's name in lower case (RFC 9110, section 5.1).
pub(crate) fn header_name(text: &str) -> Result<String, Fault> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if text.is_empty() || !text.bytes().all(is_token) {
        return Err(Fault::new(format!("`{text}` is not the name of a header")));
    }
    let name = text.to_ascii_lowercase();
    match OWN.contains(&name.as_str()) {
        true => Err(Fault::new(format!("the header `{text}` is the gateway's own"))),
        false => Ok(name),
    }
}

/// Checks a header's value: no control characters. It may be a secret, so the fault does not repeat it.
pub(crate) fn header_value(text: &str) -> Result<(), Fault> {
    match text.chars().any(|c| c.is_control() && c != '\t') {
        true => Err(Fault::new("the value of a header has no line breaks or other control characters")),
        false => Ok(()),
    }
}
