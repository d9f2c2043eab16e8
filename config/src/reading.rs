//! From the text of a file to its form, and what the YAML reader finds wrong.

use crate::diagnostic::{Diagnostic, Diagnostics, Origin, Source};
use crate::file::File;
use crate::scalar::{bytes_of, list};
use crate::suggestion::nearest;
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy};
use serde_saphyr::{DefaultMessageFormatter, Error, Location, SnippetMode};
use std::ops::Range;
use std::sync::Arc;

/// The form of `source`.
///
/// What is not YAML, and what has the wrong shape, is refused at its first fault; a scalar with a bad value is kept.
/// Nesting, aliases and the number of nodes are limited, so that a small text cannot stand for a large one.
pub(crate) fn read(source: &Arc<Source>) -> Result<File, Diagnostics> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: 24,
            max_nodes: 250_000,
            max_aliases: 1_000,
            max_anchors: 1_000,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Merge,
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 100_000,
            max_replay_stack_depth: 16,
        },
        strict_booleans: true,
        with_snippet: false,
    };
    // A file of comments alone is a null document, which is a configuration without keys.
    let file = serde_saphyr::from_str_with_options::<Option<File>>(&source.text, options);
    file.map(Option::unwrap_or_default).map_err(|error| Diagnostics(vec![diagnose(source, &error)]))
}

/// What the YAML reader found wrong, in the words and the form of every other diagnostic.
#[cold]
fn diagnose(source: &Arc<Source>, error: &Error) -> Diagnostic {
    let span = error.location().map_or(0..0, |location| place(&source.text, location));
    let (message, help) = describe(error);
    Diagnostic::error(Origin { source: Arc::clone(source), span: visible(&source.text, span) }, message)
        .with_help(help)
}

/// The bytes of a location; of errors in the syntax, the parser knows line and column alone.
fn place(text: &str, location: Location) -> Range<usize> {
    if location.span().byte_offset().is_some() || location == Location::UNKNOWN {
        return bytes_of(location);
    }
    let line_start = match location.line() {
        0 | 1 => 0,
        line => {
            text.match_indices('\n').nth(line as usize - 2).map_or(text.len(), |(newline, _)| newline + 1)
        }
    };
    let column = (location.column() as usize).saturating_sub(1);
    let line = text[line_start..].lines().next().unwrap_or_default();
    let start = line_start + line.char_indices().nth(column).map_or(line.len(), |(offset, _)| offset);
    start..start
}

fn describe(error: &Error) -> (String, Option<String>) {
    match error.without_snippet() {
        Error::SerdeUnknownField { field, expected, .. } => {
            let help = nearest(field, expected.iter().copied());
            (
                format!("unknown key `{field}`"),
                help.or_else(|| Some(format!("the keys here are {}", list(expected)))),
            )
        }
        Error::SerdeMissingField { field, .. } => (format!("the key `{field}` is missing"), None),
        Error::DuplicateMappingKey { key: Some(key), .. } => {
            (format!("the key `{key}` is there twice"), None)
        }
        Error::SerdeInvalidType { unexpected, expected, .. } => {
            (format!("{expected} is expected here, not {unexpected}"), None)
        }
        Error::Unexpected { expected, .. } => {
            let expected = match *expected {
                "sequence start" => "a list",
                "mapping start" => "a mapping",
                "string scalar" => "a single value",
                other => other,
            };
            (format!("{expected} is expected here"), None)
        }
        Error::MultipleDocuments { .. } => {
            ("a second YAML document: a configuration is one".to_owned(), None)
        }
        Error::Budget { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => {
            ("deeper, longer, or with more aliases than a configuration may be".to_owned(), None)
        }
        Error::AliasError { error, .. } => describe(error),
        other => {
            let plain = serde_saphyr::render_options! {
                formatter: &DefaultMessageFormatter,
                snippets: SnippetMode::Off,
            };
            let text = other.render_with_options(plain);
            let message = text.split(" at line ").next().unwrap_or_default();
            (message.trim_end_matches('.').to_owned(), None)
        }
    }
}

/// An empty `span` is widened to the word that begins there.
fn visible(text: &str, span: Range<usize>) -> Range<usize> {
    if !span.is_empty() {
        return span;
    }
    let is_end = |c: char| c.is_whitespace() || matches!(c, ':' | ',' | '}' | ']' | '#');
    let rest = text.get(span.start..).unwrap_or_default();
    span.start..span.start + rest.find(is_end).unwrap_or(rest.len())
}
