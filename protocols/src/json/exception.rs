//! The reply in place of a result: `{"method":…,"exception":{…}}`.

use super::fault::Faults;
use super::notation;
use crate::output::Output;

/// A reply that is neither a result nor a declared exception. This is the one place that writes it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ExceptionReply<'a> {
    /// The method's name, where it could be read
    pub method: Option<&'a str>,
    /// For a reader
    pub message: &'a str,
    /// The kind of a TApplicationException
    pub kind: i32,
    /// For a program: a stable word in upper case
    pub code: &'a str,
    /// Where in the request the fault is
    pub path: Option<&'a str>,
    /// The Thrift type that is expected there
    pub expected: Option<&'a str>,
    /// The kind of JSON value that is there
    pub actual: Option<&'a str>,
    /// The name that was probably meant
    pub suggestion: Option<&'a str>,
    /// Other names to choose from, where the request names several things at once
    pub candidates: &'a [String],
    /// Every fault that was found in the request
    pub errors: Option<&'a Faults>,
    /// The number under which the logs have the request
    pub request_id: Option<&'a str>,
    /// Whether the same request may succeed later
    pub retryable: Option<bool>,
    /// Whether the backend can have run the call: `no`, `maybe` or `yes`
    pub executed: Option<&'a str>,
}

impl<'a> ExceptionReply<'a> {
    /// Writes the reply behind what `out` holds.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"method\":");
        match self.method {
            Some(method) => notation::write_string(out, method),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"exception\":{\"message\":");
        notation::write_string(out, self.message);
        out.extend_from_slice(b",\"type\":");
        notation::write_integer(&mut Output::new(out), self.kind.into());
        member(out, "code", Some(self.code));
        member(out, "path", self.path);
        member(out, "expected", self.expected);
        member(out, "actual", self.actual);
        member(out, "suggestion", self.suggestion);
        if !self.candidates.is_empty() {
            out.extend_from_slice(b",\"candidates\":[");
            for (index, candidate) in self.candidates.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                notation::write_string(out, candidate);
            }
            out.push(b']');
        }
        if let Some(faults) = self.errors {
            errors(out, faults);
        }
        member(out, "requestId", self.request_id);
        if let Some(retryable) = self.retryable {
            out.extend_from_slice(b",\"retryable\":");
            out.extend_from_slice(if retryable { b"true" } else { b"false" });
        }
        member(out, "executed", self.executed);
        out.extend_from_slice(b"}}");
    }
}

fn errors(out: &mut Vec<u8>, faults: &Faults) {
    out.extend_from_slice(b",\"errors\":[");
    for (index, fault) in faults.all().iter().enumerate() {
        out.extend_from_slice(if index == 0 { b"{\"message\":" } else { b",{\"message\":" });
        notation::write_string(out, &fault.to_string());
        member(out, "path", Some(&fault.path).filter(|path| !path.is_empty()).map(String::as_str));
        member(out, "expected", fault.expected.as_deref());
        member(out, "actual", fault.actual.map(super::JsonKind::as_str));
        member(out, "suggestion", fault.suggestion.as_deref());
        out.push(b'}');
    }
    out.push(b']');
}

/// A further member, if it has a value.
fn member(out: &mut Vec<u8>, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        out.push(b',');
        notation::write_string(out, name);
        out.push(b':');
        notation::write_string(out, value);
    }
}
