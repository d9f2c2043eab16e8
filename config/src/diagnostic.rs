//! What is wrong with a configuration, as data, and the one way in which it is shown.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A configuration file as it was read.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// The name it was asked for by.
    pub path: PathBuf,
    /// Its text.
    pub text: Arc<str>,
}

/// A place in a configuration file.
#[derive(Clone, PartialEq, Eq)]
pub struct Origin {
    /// The file.
    pub source: Arc<Source>,
    /// Bytes of the text, on character boundaries; may be empty.
    pub span: Range<usize>,
}

impl Origin {
    /// The place of `span`, brought inside the text and to the character boundaries around it.
    pub(crate) fn new(source: &Arc<Source>, span: &Range<usize>) -> Self {
        let text = &source.text;
        let mut start = span.start.min(text.len());
        let mut end = span.end.clamp(start, text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        while !text.is_char_boundary(end) {
            end += 1;
        }
        Self { source: Arc::clone(source), span: start..end }
    }
}

impl fmt::Debug for Origin {
    /// The file and the bytes, without the text.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{:?}", self.source.path.display(), self.span)
    }
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The configuration cannot be used.
    Error,
    /// It can, and probably does not do what was meant.
    Warning,
}

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one line without a full stop.
    pub message: String,
    /// The place.
    pub origin: Origin,
    /// What to do about it, in one line.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error at `origin`.
    #[cold]
    pub fn error(origin: Origin, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, message: message.into(), origin, help: None }
    }

    /// A warning at `origin`.
    #[cold]
    pub fn warning(origin: Origin, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(origin, message) }
    }

    /// The same with advice; `None` changes nothing.
    #[must_use]
    pub fn with_help(self, help: impl Into<Option<String>>) -> Self {
        Self { help: help.into(), ..self }
    }

    /// The file's name.
    pub fn path(&self) -> &Path {
        &self.origin.source.path
    }

    /// The line of the first byte, from 1.
    pub fn line(&self) -> usize {
        self.origin.source.text[..self.origin.span.start].matches('\n').count() + 1
    }

    /// The column of the first byte in characters, from 1.
    pub fn column(&self) -> usize {
        let (start, _) = self.line_bounds();
        self.origin.source.text[start..self.origin.span.start].chars().count() + 1
    }

    /// The bytes of the line that holds the span's beginning, its end excluded.
    fn line_bounds(&self) -> (usize, usize) {
        let text = &*self.origin.source.text;
        let at = self.origin.span.start;
        let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let end = text[at..].find('\n').map_or(text.len(), |newline| at + newline);
        (start, end)
    }
}

impl fmt::Display for Diagnostic {
    /// `file:line:column: error: message`, the source line, a caret under the span, and the help.
    ///
    /// A file without text (one that could not be read) has no line to show: `file: error: message`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let path = self.path().display();
        if self.origin.source.text.is_empty() {
            write!(out, "{path}: {severity}: {}", self.message)?;
        } else {
            let (start, end) = self.line_bounds();
            let line = &self.origin.source.text[start..end];
            let span = &self.origin.span;
            // Tabs stay tabs, so that the caret is under its text whatever their width.
            let indent = self.origin.source.text[start..span.start].chars();
            let indent: String = indent.map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
            let marked = &self.origin.source.text[span.start..span.end.clamp(span.start, end)];
            let carets = "^".repeat(marked.chars().count().max(1));
            let number = self.line();
            let gutter = " ".repeat(number.to_string().len());
            writeln!(out, "{path}:{number}:{}: {severity}: {}", self.column(), self.message)?;
            writeln!(out, "{number} | {}", line.trim_end())?;
            write!(out, "{gutter} | {indent}{carets}")?;
        }
        match &self.help {
            Some(help) => write!(out, "\n  help: {help}"),
            None => Ok(()),
        }
    }
}

/// Everything that is wrong with a configuration, in the order of the file; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    /// A file that could not be read.
    #[cold]
    pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> Self {
        let source = Arc::new(Source { path: path.to_owned(), text: "".into() });
        Self(vec![Diagnostic::error(Origin { source, span: 0..0 }, format!("cannot be read: {error}"))])
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(out, "{separator}{diagnostic}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}
