//! The line of a call in a log.

use std::cell::Cell;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderName, header};
use thriftgate_config as config;
use thriftgate_config::{AccessField, AccessFields};
use thriftgate_protocols::json::write_string;

use super::log::is_json;
use super::record::{CallRecord, Ended};

/// Of what a client says of itself this much is told, in bytes.
const LONGEST_HEADER: usize = 256;

/// The form of the access log's lines.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LineForm {
    is_json: bool,
    fields: AccessFields,
}

impl LineForm {
    /// What the settings say.
    #[must_use]
    pub fn of(access: &config::AccessLog) -> Self {
        let is_json = match access.file {
            // Nobody looks at a terminal.
            Some(_) => access.format != config::LogFormat::Text,
            None => is_json(access.format, &io::stdout()),
        };
        Self { is_json, fields: access.fields }
    }

    /// The form of the audit log's lines.
    pub(super) fn audit() -> Self {
        use AccessField as Field;
        let fields = [
            Field::Time,
            Field::RequestId,
            Field::TraceId,
            Field::Client,
            Field::Caller,
            Field::Key,
            Field::Group,
            Field::Protocol,
            Field::Route,
            Field::Service,
            Field::Method,
            Field::Status,
            Field::Outcome,
            Field::Exception,
            Field::Executed,
            Field::DurationMs,
            Field::Arguments,
        ];
        Self { is_json: true, fields: fields.into_iter().collect() }
    }

    /// Whether the arguments of calls are in a line.
    #[must_use]
    pub fn has_arguments(&self) -> bool {
        self.fields.has(AccessField::Arguments)
    }

    /// Appends the line of a call.
    pub(super) fn write(&self, call: &Told<'_>, out: &mut Vec<u8>) -> io::Result<()> {
        let start = out.len();
        for &field in AccessField::ALL.iter().filter(|field| self.fields.has(**field)) {
            if self.is_json { call.write_member(field, out)? } else { call.write_word(field, out)? }
        }
        // What stands before the first field separates it from nothing.
        match (self.is_json, out.len() > start) {
            (true, true) => out[start] = b'{',
            (true, false) => out.push(b'{'),
            (false, true) => drop(out.remove(start)),
            (false, false) => {}
        }
        out.extend_from_slice(if self.is_json { b"}\n" } else { b"\n" });
        Ok(())
    }
}

/// A call that has ended, for its line.
pub(super) struct Told<'r> {
    pub(super) call: &'r CallRecord<'r>,
    pub(super) ended: &'r Ended,
    /// The arguments, where they are told
    pub(super) arguments: Option<&'r str>,
}

/// The value of a field.
enum Value<'v> {
    Text(&'v str),
    /// Of the gateway's own, with nothing to escape
    Word(&'v str),
    Number(u64),
    Milliseconds(Duration),
    Json(&'v str),
    Time(SystemTime),
    Address(SocketAddr),
    Trace([u8; 16]),
}

impl Told<'_> {
    /// Hands a field's value over, if the call has it.
    fn with_value<T>(&self, field: AccessField, take: impl FnOnce(Value<'_>) -> T) -> Option<T> {
        let Self { call, ended, arguments } = self;
        let text = |text: &str| (!text.is_empty()).then_some(());
        let value = match field {
            AccessField::Time => {
                return Some(take(Value::Time(SystemTime::now())));
            }
            AccessField::Client => {
                return Some(take(Value::Address(call.client?)));
            }
            AccessField::TraceId => {
                return Some(take(Value::Trace(call.trace?.id().to_bytes())));
            }
            AccessField::RequestId => Value::Text(call.request_id),
            AccessField::Host => Value::Text(call.header(&header::HOST)?),
            AccessField::UserAgent => Value::Text(call.header(&header::USER_AGENT)?),
            AccessField::Caller => Value::Text(&call.caller.as_ref()?.name),
            AccessField::Key => Value::Text(call.caller.as_ref()?.key.as_deref()?),
            AccessField::Group => Value::Text(&call.group?.settings.name),
            AccessField::Protocol => Value::Word(call.protocol?.name()),
            AccessField::Route => Value::Text(&call.route?.settings.path),
            AccessField::Service => Value::Text(call.service()?),
            AccessField::Method => Value::Text(&call.method?.name),
            AccessField::Status => Value::Number(ended.status?.as_u16().into()),
            AccessField::Outcome => Value::Word(ended.outcome.word()),
            AccessField::Exception => Value::Text(call.exception(ended.outcome)?),
            AccessField::Executed => Value::Word(call.executed(ended.outcome)),
            AccessField::Backend => Value::Text(&call.backend?.0.backend.name),
            AccessField::DurationMs => Value::Milliseconds(ended.duration),
            AccessField::BackendMs => Value::Milliseconds(call.backend?.1),
            AccessField::BytesIn => Value::Number(call.received as u64),
            AccessField::BytesOut => Value::Number(ended.sent as u64),
            AccessField::Detail => Value::Text(call.detail.as_deref()?),
            AccessField::Arguments => Value::Json((*arguments)?),
        };
        if let Value::Text(value) = value {
            text(value)?;
        }
        Some(take(value))
    }

    /// Appends a member of the JSON object, behind a comma.
    fn write_member(&self, field: AccessField, out: &mut Vec<u8>) -> io::Result<()> {
        let written = self.with_value(field, |value| {
            out.extend_from_slice(b",\"");
            out.extend_from_slice(field.name().as_bytes());
            out.extend_from_slice(b"\":");
            match value {
                Value::Text(text) => write_string(out, text),
                Value::Word(word) => quoted(out, |out| out.extend_from_slice(word.as_bytes())),
                Value::Number(number) => write_number(out, number),
                Value::Milliseconds(duration) => write_milliseconds(out, duration),
                Value::Json(json) => out.extend_from_slice(json.as_bytes()),
                Value::Time(time) => quoted(out, |out| write_time(out, time)),
                Value::Address(address) => quoted(out, |out| write_address(out, address)),
                Value::Trace(id) => quoted(out, |out| write_hexadecimal(out, &id)),
            }
            Ok(())
        });
        written.unwrap_or(Ok(()))
    }

    /// Appends a word of the text, behind a space.
    fn write_word(&self, field: AccessField, out: &mut Vec<u8>) -> io::Result<()> {
        let written = self.with_value(field, |value| {
            out.push(b' ');
            match field {
                AccessField::Time | AccessField::Status | AccessField::Outcome => {}
                _ => {
                    out.extend_from_slice(field.name().as_bytes());
                    out.push(b'=');
                }
            }
            match value {
                Value::Text(text) if is_plain(text) => out.extend_from_slice(text.as_bytes()),
                Value::Text(text) => write!(out, "{text:?}")?,
                Value::Word(word) | Value::Json(word) => out.extend_from_slice(word.as_bytes()),
                Value::Number(number) => write_number(out, number),
                Value::Milliseconds(duration) => write_milliseconds(out, duration),
                Value::Time(time) => write_time(out, time),
                Value::Address(address) => write_address(out, address),
                Value::Trace(id) => write_hexadecimal(out, &id),
            }
            Ok(())
        });
        written.unwrap_or(Ok(()))
    }
}

impl<'c> CallRecord<'c> {
    /// A header of the request, cut where it is long.
    fn header(&self, name: &HeaderName) -> Option<&'c str> {
        let text = self.request.headers.get(name)?.to_str().ok()?;
        Some(&text[..text.len().min(LONGEST_HEADER)])
    }
}

/// Whether a word of a text line needs no quotes.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\' | b'='))
}

fn quoted(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    out.push(b'"');
    write(out);
    out.push(b'"');
}

fn write_number(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Appends milliseconds with three decimals.
fn write_milliseconds(out: &mut Vec<u8>, duration: Duration) {
    let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    write_number(out, micros / 1000);
    write_thousandths(out, micros % 1000);
}

/// Appends the digits behind a point.
fn write_thousandths(out: &mut Vec<u8>, rest: u64) {
    let digits = [rest / 100, rest / 10 % 10, rest % 10].map(|digit| b'0' + digit as u8);
    out.push(b'.');
    out.extend_from_slice(&digits);
}

/// Appends the time in UTC with milliseconds. Date and second are those of the line before, mostly.
fn write_time(out: &mut Vec<u8>, time: SystemTime) {
    const LENGTH: usize = "2026-01-01T00:00:00".len();
    thread_local! {
        static LAST: Cell<(u64, [u8; LENGTH])> = const { Cell::new((u64::MAX, [0; LENGTH])) };
    }
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (mut second, mut text) = LAST.get();
    if second != since.as_secs() {
        let whole = humantime::format_rfc3339_seconds(UNIX_EPOCH + Duration::from_secs(since.as_secs()));
        let written = write!(&mut text[..], "{whole}");
        debug_assert!(written.is_err(), "the last letter, which says UTC, has no room");
        second = since.as_secs();
        LAST.set((second, text));
    }
    out.extend_from_slice(&text);
    write_thousandths(out, since.subsec_millis().into());
    out.push(b'Z');
}

/// Appends address and port.
fn write_address(out: &mut Vec<u8>, address: SocketAddr) {
    match address {
        SocketAddr::V4(address) => {
            for (position, octet) in address.ip().octets().into_iter().enumerate() {
                if position > 0 {
                    out.push(b'.');
                }
                write_number(out, octet.into());
            }
            out.push(b':');
            write_number(out, address.port().into());
        }
        SocketAddr::V6(address) => {
            write!(out, "{address}").expect("writing to a vector cannot fail");
        }
    }
}

fn write_hexadecimal(out: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    out.extend(digits.map(|digit| DIGITS[usize::from(digit)]));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_by_hand_is_as_others_write_it() {
        let text = |write: &dyn Fn(&mut Vec<u8>)| {
            let mut out = Vec::new();
            write(&mut out);
            String::from_utf8(out).expect("text")
        };
        for millis in [0, 1, 999, 1_000, 1_767_225_599_999, 1_767_225_600_000, 1_767_225_600_042] {
            let time = UNIX_EPOCH + Duration::from_millis(millis);
            let expected = humantime::format_rfc3339_millis(time).to_string();
            assert_eq!(text(&|out| write_time(out, time)), expected);
        }
        for address in ["127.0.0.1:80", "255.0.10.1:65535", "[::1]:8080", "[fd00::2]:1"] {
            let address: SocketAddr = address.parse().expect("an address");
            assert_eq!(text(&|out| write_address(out, address)), address.to_string());
        }
        assert_eq!(text(&|out| write_hexadecimal(out, &[0, 0x1f, 0xff])), "001fff");
        for (micros, expected) in [(0, "0.000"), (7, "0.007"), (1_234_567, "1234.567")] {
            assert_eq!(text(&|out| write_milliseconds(out, Duration::from_micros(micros))), expected);
        }
    }
}
