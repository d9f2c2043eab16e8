//! What a request's headers say: the language of its body, the style of its reply, its deadline.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, header};
use thriftgate_protocols::message::{Sniffed, sniff};
use thriftgate_protocols::style::{EnumStyle, I64Style, Style};
use thriftgate_protocols::wire::Protocol;

use super::errors::{Failure, Reason};
use super::reply;
use crate::router::Match;

/// The refusal of a request that is not POST.
#[cold]
pub(super) fn not_post(headers: &HeaderMap) -> Failure {
    let upgrade = headers.get(header::UPGRADE);
    let message = if upgrade.is_some_and(|protocol| protocol.as_bytes().eq_ignore_ascii_case(b"websocket")) {
        "The WebSocket transport is not spoken here; calls are made by POST"
    } else {
        "Calls are made by POST"
    };
    Failure::new(Reason::MethodNotAllowed, message)
}

/// What a body is written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Language {
    /// Human-readable JSON
    Human,
    /// A message in a wire protocol
    Thrift(Protocol),
}

impl Language {
    /// Every language, each at its index.
    pub const ALL: [Self; 4] = [
        Self::Human,
        Self::Thrift(Protocol::Binary),
        Self::Thrift(Protocol::Compact),
        Self::Thrift(Protocol::Json),
    ];

    /// Its position among all of them.
    #[must_use]
    pub fn index(self) -> usize {
        match self {
            Self::Human => 0,
            Self::Thrift(Protocol::Binary) => 1,
            Self::Thrift(Protocol::Compact) => 2,
            Self::Thrift(Protocol::Json) => 3,
        }
    }

    /// The word in logs and metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Thrift(Protocol::Binary) => "binary",
            Self::Thrift(Protocol::Compact) => "compact",
            Self::Thrift(Protocol::Json) => "tjson",
        }
    }
}

/// What the content type says of the body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Door {
    /// Its language
    Said(Language),
    /// That it is Thrift of some kind: `application/x-thrift`
    Thrift,
    /// Nothing that is spoken here, on a route that allows the legacy first byte
    Legacy,
}

const X_THRIFT: &str = "application/x-thrift";
const BINARY: &str = "application/vnd.apache.thrift.binary";
const COMPACT: &str = "application/vnd.apache.thrift.compact";
const TJSON: &str = "application/vnd.apache.thrift.json";

/// By what content type the body came; `legacy` says whether others may tell their language by the first byte.
pub(super) fn door(headers: &HeaderMap, legacy: bool) -> Result<Door, Failure> {
    let value = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    let (essence, parameters) = value.map(split).unwrap_or_default();
    let is = |media_type: &str| essence.eq_ignore_ascii_case(media_type.as_bytes());
    if is(reply::JSON) {
        Ok(Door::Said(Language::Human))
    } else if is(X_THRIFT) {
        Ok(protocol_parameter(parameters)
            .map_or(Door::Thrift, |protocol| Door::Said(Language::Thrift(protocol))))
    } else if is(TJSON) {
        Ok(Door::Said(Language::Thrift(Protocol::Json)))
    } else if is(BINARY) {
        Ok(Door::Said(Language::Thrift(Protocol::Binary)))
    } else if is(COMPACT) {
        Ok(Door::Said(Language::Thrift(Protocol::Compact)))
    } else if legacy {
        Ok(Door::Legacy)
    } else {
        Err(unsupported(value.is_some()))
    }
}

#[cold]
fn unsupported(given: bool) -> Failure {
    let given =
        if given { "The Content-Type is not one that is spoken here" } else { "There is no Content-Type" };
    let message = format!("{given}; send {} (native Thrift clients: {X_THRIFT})", reply::JSON);
    Failure::new(Reason::UnsupportedMediaType, message)
}

/// The media type, and its parameters.
fn split(value: &[u8]) -> (&[u8], &[u8]) {
    let end = value.iter().position(|&byte| byte == b';').unwrap_or(value.len());
    (value[..end].trim_ascii(), &value[end..])
}

/// The protocol that `; protocol=…` names.
fn protocol_parameter(parameters: &[u8]) -> Option<Protocol> {
    let mut parameters = parameters.split(|&byte| byte == b';').map(<[u8]>::trim_ascii);
    let value = parameters.find_map(|parameter| {
        let (name, value) = parameter.split_at_checked(b"protocol=".len())?;
        name.eq_ignore_ascii_case(b"protocol=").then_some(value)
    })?;
    let value = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value);
    [(b"TBINARY".as_slice(), Protocol::Binary), (b"TCOMPACT", Protocol::Compact), (b"TJSON", Protocol::Json)]
        .into_iter()
        .find_map(|(name, protocol)| value.eq_ignore_ascii_case(name).then_some(protocol))
}

impl Door {
    /// The language of the body, and the first byte of a legacy client, if there is one.
    pub(super) fn language(self, body: &[u8]) -> Result<(Language, Option<u8>), Failure> {
        match (self, body.first()) {
            (Self::Said(language), _) => Ok((language, None)),
            (Self::Legacy, Some(&prefix @ 1..=4)) => Ok((legacy(prefix), Some(prefix))),
            (Self::Legacy, _) => Err(unsupported(true)),
            (Self::Thrift, _) => match sniff(body) {
                Some(Sniffed::HumanReadable) => Ok((Language::Human, None)),
                Some(Sniffed::Wire(protocol)) => Ok((Language::Thrift(protocol), None)),
                Some(Sniffed::Foreign(foreign)) => {
                    Err(Failure::new(Reason::InvalidJson, format!("This is not spoken here: {foreign}")))
                }
                None => Err(Failure::new(Reason::InvalidJson, "The body is empty")),
            },
        }
    }

    /// The content type of the answer.
    pub(super) fn content_type(self, language: Language) -> &'static str {
        match (self, language) {
            (_, Language::Human) => reply::JSON,
            (Self::Thrift | Self::Legacy, _) => X_THRIFT,
            (Self::Said(_), Language::Thrift(Protocol::Json)) => TJSON,
            (Self::Said(_), Language::Thrift(Protocol::Binary)) => BINARY,
            (Self::Said(_), Language::Thrift(Protocol::Compact)) => COMPACT,
        }
    }
}

fn legacy(prefix: u8) -> Language {
    match prefix {
        1 => Language::Thrift(Protocol::Binary),
        2 => Language::Thrift(Protocol::Compact),
        3 => Language::Thrift(Protocol::Json),
        _ => Language::Human,
    }
}

/// Checks that the body came as it is or in a coding that was taken off.
pub(super) fn check_content_encoding(headers: &HeaderMap) -> Result<(), Failure> {
    match headers.get(header::CONTENT_ENCODING) {
        Some(coding) if !coding.as_bytes().eq_ignore_ascii_case(b"identity") => {
            let message = "The Content-Encoding is not one that is read here; send gzip, br or zstd, or none";
            Err(Failure::new(Reason::UnsupportedMediaType, message))
        }
        _ => Ok(()),
    }
}

/// The style of the reply: the method's, changed by `Accept: application/json; i64=…; enums=…` where the
/// route lets its callers choose.
pub(super) fn style(headers: &HeaderMap, found: Match<'_>) -> Style {
    let mut style = found.method.style;
    if !found.route.settings.caller_style {
        return style;
    }
    let ranges = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    for range in ranges.flat_map(|value| value.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        if !parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case("application/json")) {
            continue;
        }
        for (name, value) in parts.filter_map(|part| part.split_once('=')) {
            match (name.trim(), value.trim().trim_matches('"')) {
                ("i64", "string") => style.i64 = I64Style::String,
                ("i64", "number") => style.i64 = I64Style::Number,
                ("enums", "name") => style.enums = EnumStyle::Name,
                ("enums", "number") => style.enums = EnumStyle::Number,
                _ => {}
            }
        }
    }
    style
}

/// How long the caller waits, where it says so: `X-Request-Timeout`, in seconds.
pub(super) fn timeout(headers: &HeaderMap) -> Result<Option<Duration>, Failure> {
    let Some(value) = headers.get("x-request-timeout") else { return Ok(None) };
    seconds(value).map(Some).ok_or_else(|| {
        let message = "X-Request-Timeout is not a number of seconds, such as 2 or 0.5";
        Failure::new(Reason::InvalidArgument, message)
    })
}

/// A duration that is written in seconds, `2` or `0.5`.
pub(super) fn seconds(value: &HeaderValue) -> Option<Duration> {
    let seconds = value.to_str().ok()?.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}
