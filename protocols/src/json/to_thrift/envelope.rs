//! The object around the arguments: `{"method": …, "service": …, "arguments": …}`.

use std::borrow::Cow;

use thriftgate_metadata::nearest;

use super::super::Translation;
use super::super::fault::FaultKind;
use super::super::path::{self, Segment};
use super::super::scanner::{JsonKind, ScanError, Scanner, SyntaxError};
use super::discard::Discard;
use super::translator::{Stop, Translator};
use super::{Halt, Selector, Sink, Target};
use crate::output::Output;
use crate::wire::{BinaryWriter, CompactWriter, JsonWriter, MessageHeader, MessageKind, Protocol, Writer};

const METHOD: &str = "method";
const SERVICE: &str = "service";
const ARGUMENTS: &str = "arguments";

/// Reads the envelope and translates its arguments: at once where `eager` and the method is known, at the
/// end otherwise. What `resolve` said is inside of the result, since a refusal is no fault of the text.
pub(super) fn pass<'a, 't, E>(
    text: &'a str,
    translation: &Translation<'a>,
    resolve: &mut impl FnMut(Selector<'_>) -> Result<Target<'t>, E>,
    sink: &mut Sink<'_, 'a>,
    eager: bool,
) -> Result<Result<Target<'t>, E>, Halt> {
    let mut envelope = Envelope::new(text, translation.limits.depth);
    let mut made = None;
    let mut more = envelope.begin(sink)?;
    while more {
        if envelope.member(sink)? {
            made = None;
            match envelope.selector().filter(|_| eager).map(&mut *resolve) {
                Some(Ok(target)) => {
                    let at = envelope.scanner.position();
                    let end = translate(Some(at), text, translation, &target, sink)?;
                    envelope.scanner.seek(end);
                    made = Some((target, envelope.service.is_some()));
                }
                _ => envelope.skip()?,
            }
        }
        more = envelope.scan(Scanner::object_next)?;
    }
    envelope.scan(Scanner::end)?;
    let selector = envelope.selector().map_or_else(|| envelope.no_method(sink), Ok)?;
    match made {
        Some((target, knew_service)) if knew_service == selector.service.is_some() => Ok(Ok(target)),
        _ => {
            if let Sink::Message { out, start, length, .. } = sink {
                out.truncate(*start);
                *length = *start;
            }
            let target = match resolve(selector) {
                Ok(target) => target,
                Err(error) => return Ok(Err(error)),
            };
            translate(envelope.arguments, text, translation, &target, sink)?;
            Ok(Ok(target))
        }
    }
}

struct Envelope<'a> {
    scanner: Scanner<'a>,
    depth: usize,
    method: Option<Cow<'a, str>>,
    service: Option<Cow<'a, str>>,
    /// Where the arguments are, unless they are absent or null.
    arguments: Option<usize>,
    /// Which of the keys were there.
    seen: [bool; 3],
}

impl<'a> Envelope<'a> {
    fn new(text: &'a str, depth: usize) -> Self {
        let scanner = Scanner::new(text);
        Self { scanner, depth, method: None, service: None, arguments: None, seen: [false; 3] }
    }

    fn selector(&self) -> Option<Selector<'_>> {
        Some(Selector { method: self.method.as_deref()?, service: self.service.as_deref() })
    }

    fn begin(&mut self, sink: &mut Sink<'_, 'a>) -> Result<bool, Halt> {
        self.scanner.blank();
        match self.scanner.kind() {
            Some(JsonKind::Object) => self.scan(Scanner::object_begin),
            Some(_) => {
                report(sink, FaultKind::WrongType, self.scanner.position(), Some("object"), None)?;
                self.skip()?;
                self.scan(Scanner::end)?;
                Err(Stop::Enough.into())
            }
            None => Err(self.halt(Stop::Syntax(self.scanner.error(SyntaxError::Value)))),
        }
    }

    /// One member. Whether it is the arguments and the position is at their value; all else was read.
    fn member(&mut self, sink: &mut Sink<'_, 'a>) -> Result<bool, Halt> {
        let at = self.scanner.position();
        let mut scratch = String::new();
        let index = match self.scan(|scanner| scanner.string(&mut scratch))? {
            METHOD => 0,
            SERVICE => 1,
            ARGUMENTS => 2,
            _ => {
                self.scan(Scanner::colon)?;
                let name = path::name_at(self.scanner.text(), at);
                let suggestion = nearest(&name, [METHOD, SERVICE, ARGUMENTS].into_iter());
                report_at(sink, Segment::Name(at), FaultKind::UnknownField, at, None, suggestion)?;
                return self.skip().map(|()| false);
            }
        };
        self.scan(Scanner::colon)?;
        let name = [METHOD, SERVICE, ARGUMENTS][index];
        if std::mem::replace(&mut self.seen[index], true) {
            report_at(sink, Segment::Field(name), FaultKind::DuplicateField, at, None, None)?;
            return self.skip().map(|()| false);
        }
        let is_null = self.scanner.byte() == b'n';
        match index {
            0 => self.method = self.name(sink, METHOD)?,
            1 if !is_null => self.service = self.name(sink, SERVICE)?,
            2 if !is_null => {
                self.arguments = Some(self.scanner.position());
                return Ok(true);
            }
            _ => self.skip()?,
        }
        Ok(false)
    }

    /// The name of the method or service.
    fn name(&mut self, sink: &mut Sink<'_, 'a>, key: &'static str) -> Result<Option<Cow<'a, str>>, Halt> {
        if self.scanner.byte() != b'"' {
            let at = self.scanner.position();
            let kind = match self.scanner.kind() {
                Some(JsonKind::Null) => FaultKind::Null,
                Some(_) => FaultKind::WrongType,
                None => return Err(self.halt(Stop::Syntax(self.scanner.error(SyntaxError::Value)))),
            };
            report_at(sink, Segment::Field(key), kind, at, Some("string"), None)?;
            self.skip()?;
            return Ok(None);
        }
        let start = self.scanner.position() + 1;
        let mut scratch = String::new();
        let length = self.scan(|scanner| scanner.string(&mut scratch).map(str::len))?;
        if scratch.is_empty() {
            return Ok(Some(Cow::Borrowed(&self.scanner.text()[start..start + length])));
        }
        Ok(Some(Cow::Owned(scratch)))
    }

    #[cold]
    fn no_method(&self, sink: &mut Sink<'_, 'a>) -> Result<Selector<'_>, Halt> {
        if !self.seen[0] {
            report_at(sink, Segment::Field(METHOD), FaultKind::Missing, 0, Some("string"), None)?;
        }
        Err(Stop::Enough.into())
    }

    #[cold]
    fn halt(&self, stop: Stop) -> Halt {
        Halt { stop, position: self.scanner.position() }
    }

    fn scan<T>(&mut self, read: impl FnOnce(&mut Scanner<'a>) -> Result<T, SyntaxError>) -> Result<T, Halt> {
        read(&mut self.scanner).map_err(|error| self.halt(Stop::Syntax(error)))
    }

    /// Passes over a value. It may open twice the levels, since a map whose keys are structs opens two in
    /// JSON for its one; arguments are held to the limit when they are read.
    fn skip(&mut self) -> Result<(), Halt> {
        let levels = self.depth.saturating_mul(2);
        self.scanner.skip(levels).map_err(|error| match error {
            ScanError::Syntax(error) => self.halt(Stop::Syntax(error)),
            ScanError::Depth => self.halt(Stop::Depth),
        })
    }
}

/// A fault at the top of the body.
#[cold]
fn report(
    sink: &mut Sink<'_, '_>,
    kind: FaultKind,
    at: usize,
    expected: Option<&str>,
    suggestion: Option<&str>,
) -> Result<(), Halt> {
    match sink {
        Sink::Message { .. } => Err(Stop::Fault.into()),
        Sink::Faults(collector) => Ok(collector.note(kind, at, expected.map(str::to_owned), suggestion)?),
    }
}

/// A fault of one member of the envelope.
#[cold]
fn report_at<'a>(
    sink: &mut Sink<'_, 'a>,
    segment: Segment<'a>,
    kind: FaultKind,
    at: usize,
    expected: Option<&str>,
    suggestion: Option<&str>,
) -> Result<(), Halt> {
    if let Sink::Faults(collector) = sink {
        collector.path.push(segment);
    }
    report(sink, kind, at, expected, suggestion)?;
    if let Sink::Faults(collector) = sink {
        collector.path.pop();
    }
    Ok(())
}

/// Writes the message, with the arguments that begin at `at`, or none. The position behind them.
pub(super) fn translate<'a>(
    at: Option<usize>,
    text: &'a str,
    translation: &Translation<'a>,
    target: &Target<'_>,
    sink: &mut Sink<'_, 'a>,
) -> Result<usize, Halt> {
    let translation = &Translation { style: target.style, ..*translation };
    let mut scanner = Scanner::new(text);
    scanner.seek(at.unwrap_or(text.len()));
    match sink {
        Sink::Faults(collector) => {
            let limit = translation.limits.output;
            write(Translator::new(translation, scanner, Discard::default(), limit, Some(collector)), target)
                .map(|(position, _)| position)
        }
        Sink::Message { out, start, most, length } => {
            let limit = start.saturating_add(translation.limits.output);
            let dialect = target.dialect;
            let out = Output::bounded(out, *most);
            let (position, end) = match dialect.protocol {
                Protocol::Binary => write(
                    Translator::new(translation, scanner, BinaryWriter::on(dialect, out), limit, None),
                    target,
                ),
                Protocol::Compact => write(
                    Translator::new(translation, scanner, CompactWriter::on(dialect, out), limit, None),
                    target,
                ),
                Protocol::Json => {
                    write(Translator::new(translation, scanner, JsonWriter::on(out), limit, None), target)
                }
            }?;
            *length = end;
            Ok(position)
        }
    }
}

/// Writes the message. The position behind the arguments, and the length of the writer's buffer.
fn write<'a, W: Writer>(
    mut translator: Translator<'_, 'a, W>,
    target: &Target<'_>,
) -> Result<(usize, usize), Halt> {
    let function = &translator.schema[target.function];
    let kind = if function.oneway { MessageKind::Oneway } else { MessageKind::Call };
    let header = MessageHeader { name: Cow::Borrowed(&target.name), kind, sequence_id: target.sequence_id };
    translator.writer.message_begin(&header);
    translator.step(Segment::Field(ARGUMENTS));
    let written = match &target.injected {
        None => translator.arguments(function.arguments),
        Some(injected) => translator.injected_arguments(function.arguments, injected.fills()),
    };
    let position = translator.scanner.position();
    translator.writer.message_end();
    match written.and_then(|()| translator.check_size()) {
        Ok(()) => Ok((position, translator.writer.len())),
        Err(stop) => Err(Halt { stop, position }),
    }
}
