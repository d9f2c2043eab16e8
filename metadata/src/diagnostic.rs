//! What is wrong with an IDL, where, and what may help: [`Diagnostic`].

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// Lines and carets are shown up to this many characters.
const WIDTH: usize = 160;

/// A file that was read.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) path: Arc<str>,
    pub(crate) text: Arc<str>,
}

/// Where something stands in its source, in bytes. Sources are far below 4 GiB.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Span {
    pub(crate) fn new(start: usize, end: usize) -> Self {
        let offset = |offset| u32::try_from(offset).expect("a source is smaller than 4 GiB");
        Self { start: offset(start), end: offset(end) }
    }

    pub(crate) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// From the start of this one to the end of `last`.
    pub(crate) fn to(self, last: Self) -> Self {
        Self { start: self.start, end: last.end }
    }
}

/// Whether a schema can be had in spite of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Severity {
    /// No schema comes of it.
    Error,
    /// The schema is there, but something in it may not be what was meant.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// One thing that is wrong, or dubious, in one place.
///
/// [`Display`](fmt::Display) gives `path:line:column: error: message`, the line, a caret under the place with
/// the label, and the help; several lines, without a line feed at the end.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// Error or warning
    pub severity: Severity,
    /// What is wrong, in one line
    pub message: String,
    /// The file
    pub path: Arc<str>,
    /// The text of the file; empty where it could not be read
    pub source: Arc<str>,
    /// The place, in bytes of `source`, at character boundaries
    pub span: Range<usize>,
    /// What the caret points at; may be empty
    pub label: String,
    /// What to do about it
    pub help: Option<String>,
}

impl Diagnostic {
    #[cold]
    pub(crate) fn error(source: &Source, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, source, span, message.into())
    }

    #[cold]
    pub(crate) fn warning(source: &Source, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, source, span, message.into())
    }

    fn new(severity: Severity, source: &Source, span: Span, message: String) -> Self {
        Self {
            severity,
            message,
            path: source.path.clone(),
            source: source.text.clone(),
            span: span.range(),
            label: String::new(),
            help: None,
        }
    }

    pub(crate) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With the help "did you mean …?" where a name is near.
    pub(crate) fn suggest(self, near: Option<&str>) -> Self {
        match near {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None => self,
        }
    }

    /// The line of the place, counted from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        1 + self.source[..self.span.start].bytes().filter(|&byte| byte == b'\n').count()
    }

    /// The column of the place in characters, counted from 1.
    #[must_use]
    pub fn column(&self) -> usize {
        1 + self.source[self.line_start()..self.span.start].trim_start_matches('\u{feff}').chars().count()
    }

    fn line_start(&self) -> usize {
        self.source[..self.span.start].rfind('\n').map_or(0, |feed| feed + 1)
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { severity, message, path, source, span, label, help } = self;
        if source.is_empty() {
            write!(f, "{path}: {severity}: {message}")?;
        } else {
            let (line, column, start) = (self.line(), self.column(), self.line_start());
            write!(f, "{path}:{line}:{column}: {severity}: {message}")?;
            let text = source[start..].lines().next().unwrap_or("").trim_start_matches('\u{feff}');
            let under = source[span.clone()].lines().next().unwrap_or("").chars().count().max(1);
            // Of a very long line, a window that has the place in it.
            let skip = if column > WIDTH { column - WIDTH / 2 } else { 0 };
            let shown: String =
                text.chars().skip(skip).take(WIDTH).map(|c| if c.is_control() { ' ' } else { c }).collect();
            let indent = column - 1 - skip;
            let carets = "^".repeat(under.min(WIDTH.saturating_sub(indent)).max(1));
            let margin = line.to_string().len();
            write!(f, "\n{line} | {}\n{:margin$} | {:indent$}{carets}", shown.trim_end(), "", "")?;
            if !label.is_empty() {
                write!(f, " {label}")?;
            }
        }
        match help {
            Some(help) => write!(f, "\n  help: {help}"),
            None => Ok(()),
        }
    }
}

/// Everything that is wrong with a set of IDL files, errors and warnings, in the order of files and places.
#[derive(Clone, Debug)]
pub struct Diagnostics(pub(crate) Vec<Diagnostic>);

impl Diagnostics {
    /// All of them; at least one is an error.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            diagnostic.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}
