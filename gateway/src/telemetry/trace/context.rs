//! W3C Trace Context: the headers `traceparent` and `tracestate`, in and toward backends.

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::trace::{SpanId, TraceId};

use super::TracedCall;

const PARENT: HeaderName = HeaderName::from_static("traceparent");
const STATE: HeaderName = HeaderName::from_static("tracestate");

/// The length of `traceparent` in the version that is known here (section 3.2), in bytes.
const LENGTH: usize = 55;
/// Of `tracestate` this much is passed on, in bytes; a longer one is left out whole (section 3.3.1.5).
const LONGEST_STATE: usize = 512;
/// The flag that a trace is recorded.
const SAMPLED: u8 = 1;

/// What a caller says of its trace.
#[derive(Debug)]
pub(super) struct Remote {
    pub(super) trace: TraceId,
    pub(super) span: SpanId,
    pub(super) is_recorded: bool,
    pub(super) state: Option<HeaderValue>,
}

impl Remote {
    /// Reads the headers; `None` where they say nothing that can be understood, so that a trace begins here.
    pub(super) fn read(headers: &HeaderMap) -> Option<Self> {
        let mut parents = headers.get_all(PARENT).iter();
        let (Some(parent), None) = (parents.next(), parents.next()) else { return None };
        let (trace, span, flags) = parse(parent.as_bytes())?;
        Some(Self { trace, span, is_recorded: flags & SAMPLED != 0, state: state(headers) })
    }
}

/// The parts of `traceparent`. Versions to come may have more parts behind these.
fn parse(text: &[u8]) -> Option<(TraceId, SpanId, u8)> {
    let version = hex(text.get(..2)?)?;
    let is_known = version == 0 && text.len() == LENGTH;
    let is_newer = (1..0xff).contains(&version) && matches!(text.get(LENGTH), None | Some(b'-'));
    if !(is_known || is_newer) || [2, 35, 52].iter().any(|&dash| text.get(dash) != Some(&b'-')) {
        return None;
    }
    let trace = TraceId::from(hex(text.get(3..35)?)?);
    let span = SpanId::from(u64::try_from(hex(text.get(36..52)?)?).ok()?);
    let flags = u8::try_from(hex(text.get(53..LENGTH)?)?).ok()?;
    (trace != TraceId::INVALID && span != SpanId::INVALID).then_some((trace, span, flags))
}

/// A number in hexadecimal digits, in lower case.
fn hex(digits: &[u8]) -> Option<u128> {
    digits.iter().try_fold(0, |number, &digit| {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some(number << 4 | u128::from(value))
    })
}

/// What other vendors know of the trace, on one line; it is not looked into.
fn state(headers: &HeaderMap) -> Option<HeaderValue> {
    let mut lines = headers.get_all(STATE).iter();
    let is_fit = |line: &HeaderValue| {
        let is_text = |byte: &u8| (b' '..=b'~').contains(byte) || *byte == b'\t';
        (1..=LONGEST_STATE).contains(&line.len()) && line.as_bytes().iter().all(is_text)
    };
    let first = lines.next()?;
    let rest: Vec<&[u8]> = lines.map(HeaderValue::as_bytes).collect();
    if rest.is_empty() {
        return is_fit(first).then(|| first.clone());
    }
    let joined = [&[first.as_bytes()], &*rest].concat().join(&b","[..]);
    HeaderValue::from_bytes(&joined).ok().filter(is_fit)
}

/// Tells a backend which span its own are under.
pub(super) fn tell(call: &TracedCall<'_>, headers: &mut HeaderMap) {
    let TracedCall { trace, span, .. } = call;
    let flags = u8::from(trace.is_recorded) * SAMPLED;
    let parent = format!("00-{}-{span}-{flags:02x}", trace.id);
    headers.insert(PARENT, HeaderValue::try_from(parent).expect("hexadecimal digits are a header's value"));
    match &trace.state {
        Some(state) => headers.insert(STATE, state.clone()),
        None => headers.remove(STATE),
    };
}

/// Passes on what the caller says of its trace, where none is kept here.
pub(crate) fn forward(caller: &HeaderMap, headers: &mut HeaderMap) {
    if let Some(parent) = caller.get(PARENT)
        && let Some(Remote { state, .. }) = Remote::read(caller)
    {
        headers.insert(PARENT, parent.clone());
        state.into_iter().for_each(|state| drop(headers.insert(STATE, state)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const SPAN: &str = "00f067aa0ba902b7";

    fn read(parent: &str) -> Option<Remote> {
        let value = HeaderValue::try_from(parent).expect("a header's value");
        Remote::read(&HeaderMap::from_iter([(PARENT, value)]))
    }

    #[test]
    fn what_a_caller_says() {
        for (text, is_recorded) in [
            (format!("00-{TRACE}-{SPAN}-01"), true),
            (format!("00-{TRACE}-{SPAN}-00"), false),
            (format!("00-{TRACE}-{SPAN}-03"), true),
            (format!("01-{TRACE}-{SPAN}-09"), true),
            (format!("fe-{TRACE}-{SPAN}-08-what-is-to-come"), false),
        ] {
            let remote = read(&text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(remote.trace.to_string(), TRACE);
            assert_eq!(remote.span.to_string(), SPAN);
            assert_eq!(remote.is_recorded, is_recorded, "{text}");
        }
    }

    #[test]
    fn what_nobody_understands_begins_a_trace() {
        let none = |length: usize| "0".repeat(length);
        for text in [
            String::new(),
            format!("ff-{TRACE}-{SPAN}-01"),
            format!("00-{TRACE}-{SPAN}-01-more"),
            format!("00-{TRACE}-{SPAN}-1"),
            format!("00-{}-{SPAN}-01", none(32)),
            format!("00-{TRACE}-{}-01", none(16)),
            format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
            format!("00_{TRACE}-{SPAN}-01"),
            format!("00-+{}-{SPAN}-01", &TRACE[1..]),
            format!("01-{TRACE}-{SPAN}-01more"),
        ] {
            assert!(read(&text).is_none(), "{text}");
        }
        let mut twice = HeaderMap::new();
        for _ in 0..2 {
            twice.append(PARENT, HeaderValue::try_from(format!("00-{TRACE}-{SPAN}-01")).expect("a value"));
        }
        assert!(Remote::read(&twice).is_none());
    }

    #[test]
    fn state_is_passed_on_as_it_came() {
        let mut caller = HeaderMap::new();
        caller.insert(PARENT, HeaderValue::try_from(format!("00-{TRACE}-{SPAN}-01")).expect("a value"));
        caller.append(STATE, HeaderValue::from_static("a=1,b=2"));
        caller.append(STATE, HeaderValue::from_static("c=3"));
        let mut headers = HeaderMap::new();
        forward(&caller, &mut headers);
        assert_eq!(headers[PARENT], caller[PARENT]);
        assert_eq!(headers[STATE], "a=1,b=2,c=3");
        caller.insert(STATE, HeaderValue::try_from("x".repeat(513)).expect("a value"));
        let mut headers = HeaderMap::new();
        forward(&caller, &mut headers);
        assert!(headers.contains_key(PARENT) && !headers.contains_key(STATE));
        caller.insert(PARENT, HeaderValue::from_static("nonsense"));
        let mut headers = HeaderMap::new();
        forward(&caller, &mut headers);
        assert!(headers.is_empty());
    }
}
