//! Where the resolution notes what is wrong, so that it can go on.

use crate::diagnostic::{Diagnostic, Diagnostics, Origin, Severity, Source};
use crate::scalar::{Fault, Scalar, Text, Word};
use crate::suggestion::nearest;
use crate::variables::Environment;
use garde::Validate;
use serde::de::DeserializeOwned;
use std::ops::Range;
use std::sync::Arc;

/// What was found wrong in one file so far, at most one fault at a place: what follows from it is not worth a word.
pub(crate) struct Problems<'a> {
    source: Arc<Source>,
    environment: Environment<'a>,
    found: Vec<Diagnostic>,
}

impl<'a> Problems<'a> {
    pub(crate) fn new(source: Arc<Source>, environment: Environment<'a>) -> Self {
        Self { source, environment, found: Vec::new() }
    }

    /// The warnings, or the errors alone where there are any, since they may be what a warning comes from; in the order
    /// of the file.
    pub(crate) fn finish(mut self) -> Result<Vec<Diagnostic>, Diagnostics> {
        self.found.sort_by_key(|diagnostic| diagnostic.origin.span.start);
        let is_error = |diagnostic: &Diagnostic| diagnostic.severity == Severity::Error;
        if self.found.iter().any(is_error) {
            self.found.retain(is_error);
            return Err(Diagnostics(self.found));
        }
        Ok(self.found)
    }

    pub(crate) fn origin(&self, span: &Range<usize>) -> Origin {
        Origin::new(&self.source, span)
    }

    #[cold]
    pub(crate) fn error(&mut self, span: &Range<usize>, message: impl Into<String>) {
        self.fault(span, Fault::new(message));
    }

    #[cold]
    pub(crate) fn fault(&mut self, span: &Range<usize>, fault: Fault) {
        let is_known = |known: &Diagnostic| known.severity == Severity::Error && known.origin.span == *span;
        if span.is_empty() || !self.found.iter().any(is_known) {
            let origin = self.origin(span);
            self.found.push(Diagnostic::error(origin, fault.message).with_help(fault.help));
        }
    }

    #[cold]
    pub(crate) fn warning(&mut self, span: &Range<usize>, message: impl Into<String>) {
        let origin = self.origin(span);
        self.found.push(Diagnostic::warning(origin, message));
    }

    /// A name that is none of `known`; `what` says what it should be.
    #[cold]
    pub(crate) fn unknown<'n>(&mut self, name: &Word, what: &str, known: impl IntoIterator<Item = &'n str>) {
        let help = nearest(&name.text, known);
        self.fault(&name.span, Fault { message: format!("there is no {what} `{}`", name.text), help });
    }

    /// The text of a scalar; as it is written where a variable is at fault, which is noted.
    pub(crate) fn word(&mut self, scalar: &Scalar<Text>) -> Word {
        let text = match scalar.substituted(self.environment) {
            Ok(text) => text.into_owned(),
            Err(fault) => {
                self.fault(&scalar.span, fault);
                scalar.as_written().to_owned()
            }
        };
        Word { span: scalar.span.clone(), text }
    }

    /// The texts of scalars, like [`Problems::word`].
    pub(crate) fn words(&mut self, scalars: &[Scalar<Text>]) -> Vec<Word> {
        scalars.iter().map(|scalar| self.word(scalar)).collect()
    }

    /// The value of a scalar; `None` with the fault noted.
    pub(crate) fn take<T: DeserializeOwned + Validate<Context = ()>>(
        &mut self,
        scalar: &Scalar<T>,
    ) -> Option<T> {
        let value = scalar.value(self.environment);
        self.keep(&scalar.span, value)
    }

    /// The value of a result that belongs to `span`; `None` with the fault noted.
    pub(crate) fn keep<T>(&mut self, span: &Range<usize>, result: Result<T, Fault>) -> Option<T> {
        result.map_err(|fault| self.fault(span, fault)).ok()
    }

    /// Puts a scalar's value over the default in `target`; an absent or faulty one leaves it.
    pub(crate) fn set<T, U>(&mut self, target: &mut U, scalar: &Option<Scalar<T>>)
    where
        T: DeserializeOwned + Validate<Context = ()> + Into<U>,
    {
        if let Some(value) = scalar.as_ref().and_then(|scalar| self.take(scalar)) {
            *target = value.into();
        }
    }
}
