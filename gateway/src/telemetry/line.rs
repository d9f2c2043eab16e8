//! The line of a call in a log.

use std::io::{self, Write};
use std::time::{Duration, SystemTime};

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
    /// What is written by `Display`, with nothing to escape
    Shown(&'v dyn std::fmt::Display),
}

impl Told<'_> {
    /// Hands a field's value over, if the call has it.
    fn with_value<T>(&self, field: AccessField, take: impl FnOnce(Value<'_>) -> T) -> Option<T> {
        let Self { call, ended, arguments } = self;
        let text = |text: &str| (!text.is_empty()).then_some(());
        let value = match field {
            AccessField::Time => {
                let now = humantime::format_rfc3339_millis(SystemTime::now());
                return Some(take(Value::Shown(&now)));
            }
            AccessField::Client => {
                let client = call.client?;
                return Some(take(Value::Shown(&client)));
            }
            AccessField::TraceId => {
                let trace = call.trace?.id();
                return Some(take(Value::Shown(&trace)));
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
                Value::Shown(shown) => {
                    out.push(b'"');
                    write!(out, "{shown}")?;
                    out.push(b'"');
                }
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
                Value::Shown(shown) => write!(out, "{shown}")?,
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
    let rest = micros % 1000;
    let digits = [rest / 100, rest / 10 % 10, rest % 10].map(|digit| b'0' + digit as u8);
    out.push(b'.');
    out.extend_from_slice(&digits);
}
