//! One value of JSON to one value of Thrift.

use thriftgate_metadata::{Schema, Type};

use super::super::Translation;
use super::super::fault::FaultKind;
use super::super::path::Segment;
use super::super::scanner::{JsonKind, ScanError, Scanner, SyntaxError};
use super::collector::Collector;
use super::distinct::Distinct;
use super::places::Places;
use crate::seen::SeenStack;
use crate::style::Style;
use crate::wire::Writer;

/// Why a pass ends before its text does. Where it does is the scanner's position: the results of the hot
/// path stay as small as can be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stop {
    /// The text is no JSON.
    Syntax(SyntaxError),
    /// Nested deeper than the limit, outside of the arguments.
    Depth,
    /// A fault, in the pass that writes.
    Fault,
    /// The output is over its limit, in the pass that writes.
    TooLarge,
    /// Nothing more is to be found, in the pass that collects.
    Enough,
}

/// Reads values by the schema and writes them.
///
/// Where a method meets a fault it calls [`Translator::report`]. That ends the pass that writes; the pass
/// that collects goes on, so the method then leaves the position behind the value and writes nothing.
pub(super) struct Translator<'c, 'a, W> {
    pub(super) schema: &'a Schema,
    pub(super) style: Style,
    /// Levels of nesting that are left.
    pub(super) levels: usize,
    /// The most bytes that the writer's buffer may hold.
    limit: usize,
    pub(super) scanner: Scanner<'a>,
    pub(super) writer: W,
    /// The last string that had escapes, and the last bytes that were base64.
    pub(super) string: String,
    pub(super) bytes: Vec<u8>,
    pub(super) seen: SeenStack,
    pub(super) distinct: Distinct,
    pub(super) places: Places,
    collector: Option<&'c mut Collector<'a>>,
}

impl<'c, 'a, W: Writer> Translator<'c, 'a, W> {
    pub(super) fn new(
        translation: &Translation<'a>,
        scanner: Scanner<'a>,
        writer: W,
        limit: usize,
        collector: Option<&'c mut Collector<'a>>,
    ) -> Self {
        Self {
            schema: translation.schema,
            style: translation.style,
            levels: translation.limits.depth,
            limit,
            scanner,
            writer,
            string: String::new(),
            bytes: Vec::new(),
            seen: SeenStack::default(),
            distinct: Distinct::default(),
            places: Places::default(),
            collector,
        }
    }

    /// The value that begins at the position.
    pub(super) fn value(&mut self, ty: Type) -> Result<(), Stop> {
        match ty {
            Type::Bool => self.bool(),
            Type::I8 => self.integer(Type::I8),
            Type::I16 => self.integer(Type::I16),
            Type::I32 => self.integer(Type::I32),
            Type::I64 if self.scanner.byte() == b'"' => self.integer_in_string(ty),
            Type::I64 => self.integer(Type::I64),
            Type::Double if self.scanner.byte() == b'"' => self.double_in_string(false),
            Type::Double => self.double(),
            Type::String => self.string(),
            Type::Binary => self.binary(),
            Type::Uuid => self.uuid(),
            Type::Enum(id) if self.scanner.byte() == b'"' => self.member(id, false),
            Type::Enum(_) => self.integer(ty),
            Type::Struct(id) => self.object(id),
            Type::List(id) => self.list(ty, self.schema.element(id)),
            Type::Set(id) => self.list(ty, self.schema.element(id)),
            Type::Map(id) => self.map(ty, self.schema.map(id)),
        }
    }

    /// Asks the scanner.
    #[inline]
    pub(super) fn scan<T>(
        &mut self,
        read: impl FnOnce(&mut Scanner<'a>) -> Result<T, SyntaxError>,
    ) -> Result<T, Stop> {
        read(&mut self.scanner).map_err(Stop::Syntax)
    }

    /// Passes over a value that is not translated, but checked: its objects and arrays count as levels.
    pub(super) fn skip(&mut self) -> Result<(), Stop> {
        self.skip_levels(self.levels)
    }

    /// Passes over a value that is read at another time, and held to the limit then. It may open twice the
    /// levels that are left, since a map whose keys are structs opens two in JSON for its one.
    pub(super) fn skip_known(&mut self) -> Result<(), Stop> {
        self.skip_levels(self.levels.saturating_mul(2))
    }

    fn skip_levels(&mut self, levels: usize) -> Result<(), Stop> {
        match self.scanner.skip(levels) {
            Ok(()) => Ok(()),
            Err(ScanError::Syntax(error)) => Err(Stop::Syntax(error)),
            Err(ScanError::Depth) => Err(self.too_deep()),
        }
    }

    /// One level down.
    #[inline]
    pub(super) fn enter(&mut self) -> Result<(), Stop> {
        if self.levels == 0 {
            return Err(self.too_deep());
        }
        self.levels -= 1;
        Ok(())
    }

    /// One level up.
    #[inline]
    pub(super) fn leave(&mut self) {
        self.levels += 1;
    }

    /// What is deeper than the limit is not looked at: a second pass ends there as well.
    #[cold]
    fn too_deep(&mut self) -> Stop {
        match self.report(FaultKind::Depth, self.scanner.position(), None) {
            Ok(()) => Stop::Enough,
            Err(stop) => stop,
        }
    }

    /// Whether the output is still inside of its limit.
    #[inline]
    pub(super) fn check_size(&self) -> Result<(), Stop> {
        if self.writer.len() <= self.limit { Ok(()) } else { self.too_large() }
    }

    /// A pass that collects has the same limit, so that defaults cannot make it long. It goes on past it
    /// where it has found nothing yet: the pass before it came to a fault inside of the limit, in a
    /// protocol that may need fewer bytes.
    #[cold]
    fn too_large(&self) -> Result<(), Stop> {
        match &self.collector {
            None => Err(Stop::TooLarge),
            Some(collector) if collector.is_empty() => Ok(()),
            Some(_) => Err(Stop::Enough),
        }
    }

    /// Goes one step down on the path.
    #[inline]
    pub(super) fn step(&mut self, segment: Segment<'a>) {
        if let Some(collector) = &mut self.collector {
            collector.path.push(segment);
        }
    }

    /// Goes one step back on the path.
    #[inline]
    pub(super) fn back(&mut self) {
        if let Some(collector) = &mut self.collector {
            collector.path.pop();
        }
    }

    /// Whether this is the pass that collects.
    #[inline]
    pub(super) fn is_collecting(&self) -> bool {
        self.collector.is_some()
    }

    /// A value of another kind than the type asks for: a fault, passed over.
    #[cold]
    #[inline(never)]
    pub(super) fn wrong_type(&mut self, ty: Type) -> Result<(), Stop> {
        let at = self.scanner.position();
        let kind = match self.scanner.kind() {
            Some(JsonKind::Null) => FaultKind::Null,
            Some(_) => FaultKind::WrongType,
            None => return Err(Stop::Syntax(self.scanner.error(SyntaxError::Value))),
        };
        self.report(kind, at, Some(ty))?;
        self.skip()
    }

    /// A fault of the value at this position of the text.
    #[cold]
    #[inline(never)]
    pub(super) fn report(&mut self, kind: FaultKind, at: usize, expected: Option<Type>) -> Result<(), Stop> {
        self.report_near(kind, at, expected, |_, _| None)
    }

    /// As [`Translator::report`], with a suggestion that is only looked for where it is told.
    #[cold]
    pub(super) fn report_near(
        &mut self,
        kind: FaultKind,
        at: usize,
        expected: Option<Type>,
        suggest: impl FnOnce(&'a Schema, &str) -> Option<&'a str>,
    ) -> Result<(), Stop> {
        let Some(collector) = &mut self.collector else { return Err(Stop::Fault) };
        self.distinct.spoil(at);
        let expected = expected.map(|ty| self.schema.type_name(ty));
        let suggestion = suggest(self.schema, &super::super::path::name_at(self.scanner.text(), at));
        collector.note(kind, at, expected, suggestion)
    }
}
