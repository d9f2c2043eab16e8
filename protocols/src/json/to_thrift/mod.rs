//! Requests: JSON to a Thrift message, in one pass.
//!
//! The first pass writes the message and stops at the first fault, without a thought of where it is. Only
//! then is the text read again, writing nothing, to find every fault and its path. A message that is much
//! longer than its text is only measured by the first pass, and written by another one if all is well, so that
//! a text that is wrong at its end holds no more than any other.

mod collector;
mod container;
mod default;
mod discard;
mod distinct;
mod envelope;
mod injected;
mod object;
mod places;
mod scalar;
mod translator;

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;

use thriftgate_metadata::FunctionId;

use self::collector::Collector;
use self::translator::Stop;
use super::Translation;
use super::fault::{Fault, FaultKind, Faults};
use super::scanner::{Scanner, SyntaxError};
use crate::injection::Injected;
use crate::output;
use crate::style::Style;
use crate::wire::Dialect;

/// Which method a request asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Selector<'a> {
    /// The method's name
    pub method: &'a str,
    /// The service's name, if the request has one
    pub service: Option<&'a str>,
}

/// The call that is to be made.
#[derive(Clone, PartialEq, Debug)]
pub struct Target<'t> {
    /// The method
    pub function: FunctionId,
    /// What the backend speaks
    pub dialect: Dialect,
    /// The method's name on the wire: behind the service's and a colon, where the backend is multiplexed
    pub name: Cow<'t, str>,
    /// The number of the call
    pub sequence_id: i32,
    /// What of its JSON is refused
    pub style: Style,
    /// What is filled in of its arguments, and so may not be sent
    pub injected: Option<Injected<'t>>,
}

/// Why there is no message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CallError<E> {
    /// The request is wrong
    Fault(Box<Faults>),
    /// The message would be larger than the limit on the output
    TooLarge,
    /// What the caller's own function said about the method
    Refused(E),
}

impl<E: fmt::Display> fmt::Display for CallError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fault(faults) => faults.fmt(f),
            Self::TooLarge => f.write_str("The message is larger than the backend's limit"),
            Self::Refused(error) => error.fmt(f),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for CallError<E> {}

/// The text of a body.
///
/// # Errors
///
/// A syntax fault where it is not UTF-8.
pub fn text(body: &[u8]) -> Result<&str, Box<Faults>> {
    simdutf8::basic::from_utf8(body).map_err(|_| not_utf8(body))
}

#[cold]
fn not_utf8(body: &[u8]) -> Box<Faults> {
    let valid = body.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let mut collector = Collector::new(valid);
    collector.syntax(SyntaxError::Utf8, valid.len());
    collector.finish().unwrap_or_else(unlikely)
}

/// Writes the message that a request of the form `{"method": …, "service": …, "arguments": …}` asks for
/// behind what `out` holds, and returns what it calls. `resolve` finds the method; it may be asked more than
/// once, since the keys come in any order, and has to answer the same each time. On an error `out` is as it
/// was.
///
/// # Errors
///
/// [`CallError::Fault`] with all that is wrong with the request, [`CallError::TooLarge`] where the limit on
/// the output is passed, [`CallError::Refused`] where `resolve` refuses and nothing is wrong with the keys of
/// the request.
pub fn call<'t, E>(
    text: &str,
    translation: &Translation<'_>,
    mut resolve: impl FnMut(Selector<'_>) -> Result<Target<'t>, E>,
    out: &mut Vec<u8>,
) -> Result<Target<'t>, CallError<E>> {
    let mut numbered: Option<(FunctionId, i32)> = None;
    // The number stays the same, lest another one be longer than the room for the message.
    let mut resolve = |selector: Selector<'_>| {
        let target = resolve(selector)?;
        let sequence_id = match numbered {
            Some((function, sequence_id)) if function == target.function => sequence_id,
            _ => target.sequence_id,
        };
        numbered = Some((target.function, sequence_id));
        Ok(Target { sequence_id, ..target })
    };
    match passes(text, out, |sink, eager| envelope::pass(text, translation, &mut resolve, sink, eager)) {
        Ok(Ok(target)) => Ok(target),
        Ok(Err(error)) => Err(CallError::Refused(error)),
        Err(Failure::Fault(faults)) => Err(CallError::Fault(faults)),
        Err(Failure::TooLarge) => Err(CallError::TooLarge),
    }
}

/// As [`call`], where the method is known and the body is the object of its arguments alone. An empty body
/// is `{}`.
///
/// # Errors
///
/// As for [`call`].
pub fn arguments(
    text: &str,
    translation: &Translation<'_>,
    target: &Target<'_>,
    out: &mut Vec<u8>,
) -> Result<(), CallError<Infallible>> {
    let made = passes(text, out, |sink, _| {
        let mut scanner = Scanner::new(text);
        scanner.blank();
        if scanner.position() == text.len() {
            return envelope::translate(None, text, translation, target, sink).map(drop);
        }
        let end = envelope::translate(Some(scanner.position()), text, translation, target, sink)?;
        scanner.seek(end);
        scanner.end().map_err(|error| Halt { stop: Stop::Syntax(error), position: scanner.position() })
    });
    made.map_err(|failure| match failure {
        Failure::Fault(faults) => CallError::Fault(faults),
        Failure::TooLarge => CallError::TooLarge,
    })
}

/// Where a pass leaves what it makes.
enum Sink<'o, 'a> {
    /// The message, behind the bytes that stand there.
    Message {
        out: &'o mut Vec<u8>,
        start: usize,
        /// The length up to which `out` may grow.
        most: usize,
        /// The length of `out` with the whole message, once that was written, kept or not.
        length: usize,
    },
    /// The faults.
    Faults(&'o mut Collector<'a>),
}

/// Why a pass ends before its text does, and where.
struct Halt {
    stop: Stop,
    position: usize,
}

impl From<Stop> for Halt {
    /// Of a stop whose place does not matter.
    fn from(stop: Stop) -> Self {
        Self { stop, position: 0 }
    }
}

enum Failure {
    Fault(Box<Faults>),
    TooLarge,
}

/// Runs a pass that writes, and where it meets a fault one that collects. `pass` is told whether it may
/// translate the arguments before it has seen the whole envelope.
///
/// A fault that the second pass does not find is none: the service that was named last changed the method,
/// or two digests were equal by chance. Then it begins again, more carefully and with other seeds.
fn passes<'a, T>(
    text: &'a str,
    out: &mut Vec<u8>,
    mut pass: impl FnMut(&mut Sink<'_, 'a>, bool) -> Result<T, Halt>,
) -> Result<T, Failure> {
    let start = out.len();
    for eager in [true, false] {
        let stop = match write(text, out, |sink| pass(sink, eager)) {
            Ok(made) => return Ok(made),
            Err(halt) => halt.stop,
        };
        out.truncate(start);
        out.shrink_to(start);
        if matches!(stop, Stop::TooLarge) {
            return Err(Failure::TooLarge);
        }
        let mut collector = Collector::new(text);
        match pass(&mut Sink::Faults(&mut collector), false) {
            Err(Halt { stop: Stop::Syntax(error), position }) => collector.syntax(error, position),
            // It is the last fault either way.
            Err(Halt { stop: Stop::Depth, position }) => {
                let _ = collector.note(FaultKind::Depth, position, None, None);
            }
            _ => {}
        }
        if let Some(faults) = collector.finish() {
            return Err(Failure::Fault(faults));
        }
    }
    Err(Failure::Fault(unlikely()))
}

/// Runs a pass that writes, and once more where the message is right and longer than the room of the first.
fn write<'a, T>(
    text: &'a str,
    out: &mut Vec<u8>,
    mut pass: impl FnMut(&mut Sink<'_, 'a>) -> Result<T, Halt>,
) -> Result<T, Halt> {
    let start = out.len();
    // The digests of sets and maps, and a string with escapes, may need nearly as much again.
    let room = output::first_room(text.len() * 2 + text.len() / 8);
    out.reserve_exact(room.at_once);
    let mut sink = Sink::Message { out, start, most: start + room.most, length: start };
    let made = pass(&mut sink)?;
    let Sink::Message { length, .. } = sink else { return Ok(made) };
    if length == out.len() {
        return Ok(made);
    }
    out.truncate(start);
    out.reserve_exact(length - start);
    pass(&mut Sink::Message { out, start, most: usize::MAX, length: start })
}

/// What is said where digests of different elements were equal under seeds that have nothing in common.
#[cold]
fn unlikely() -> Box<Faults> {
    let fault = Fault {
        kind: FaultKind::DuplicateElement,
        path: "arguments".to_owned(),
        expected: None,
        actual: None,
        suggestion: None,
        line: 1,
        column: 1,
    };
    Faults::of(fault)
}
