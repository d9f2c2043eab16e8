//! The faults of a request, gathered while its text is read a second time.

use super::super::fault::{Fault, FaultKind, Faults};
use super::super::path::{self, Segment};
use super::super::scanner::{Scanner, SyntaxError};
use super::translator::Stop;

pub(super) struct Collector<'a> {
    text: &'a str,
    /// The way from the body to what is being read.
    pub(super) path: Vec<Segment<'a>>,
    faults: Vec<Fault>,
}

impl<'a> Collector<'a> {
    #[cold]
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, path: Vec::new(), faults: Vec::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }

    /// Notes a fault at the present path; `at` is where in the text the value is that is wrong. Stops the
    /// pass when there are enough.
    pub(super) fn note(
        &mut self,
        kind: FaultKind,
        at: usize,
        expected: Option<String>,
        suggestion: Option<&str>,
    ) -> Result<(), Stop> {
        let mut scanner = Scanner::new(self.text);
        scanner.seek(at);
        let actual = match kind {
            FaultKind::Missing => None,
            _ => scanner.kind(),
        };
        self.push(Fault {
            kind,
            path: path::render(self.text, &self.path),
            expected,
            actual,
            suggestion: suggestion.map(str::to_owned),
            line: 0,
            column: at,
        });
        if self.faults.len() == Faults::MAX { Err(Stop::Enough) } else { Ok(()) }
    }

    /// Notes that the text is no JSON, which makes all else moot.
    pub(super) fn syntax(&mut self, error: SyntaxError, at: usize) {
        self.faults.clear();
        self.push(Fault {
            kind: FaultKind::Syntax(error),
            path: String::new(),
            expected: None,
            actual: None,
            suggestion: None,
            line: 0,
            column: at,
        });
    }

    fn push(&mut self, fault: Fault) {
        let before = self.text.get(..fault.column).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = 1 + before.bytes().filter(|&byte| byte == b'\n').count();
        let column = 1 + before[line_start..].chars().count();
        self.faults.push(Fault { line, column, ..fault });
    }

    pub(super) fn finish(self) -> Option<Box<Faults>> {
        Faults::new(self.faults)
    }
}
