//! Where in a document something is, as text: `arguments.user.roles[2]`, `arguments.prices["de"]`.

use std::fmt::Write as _;

use super::notation;
use super::scanner::Scanner;

/// The longest part of a path that comes out of a request, in characters.
const MAX_NAME: usize = 64;

/// One step into a document.
#[derive(Clone, Copy, Debug)]
pub(super) enum Segment<'a> {
    /// A name of the schema.
    Field(&'a str),
    /// An element of an array.
    Index(usize),
    /// The key of an object that is a struct; where it is in the text.
    Name(usize),
    /// The key of an object that is a map; where it is in the text.
    Key(usize),
}

/// The path of these steps through `text`.
pub(super) fn render(text: &str, segments: &[Segment<'_>]) -> String {
    let mut path = String::new();
    for segment in segments {
        match *segment {
            Segment::Field(name) => push_name(&mut path, name),
            Segment::Index(index) => push_index(&mut path, index),
            Segment::Name(at) => push_name(&mut path, &name_at(text, at)),
            Segment::Key(at) => push_key(&mut path, &name_at(text, at)),
        }
    }
    path
}

/// The string that stands at this position of the text, cut to a bounded length; empty if it is none.
pub(super) fn name_at(text: &str, at: usize) -> String {
    let mut scanner = Scanner::new(text);
    scanner.seek(at);
    if scanner.byte() != b'"' {
        return String::new();
    }
    let mut scratch = String::new();
    let name = scanner.string(&mut scratch).unwrap_or_default();
    match name.char_indices().nth(MAX_NAME) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

/// `.name`; a name that is no identifier is quoted, so that the path stays readable.
pub(super) fn push_name(path: &mut String, name: &str) {
    let is_identifier = !name.is_empty()
        && name.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '_' | '.' | '…'));
    if !is_identifier {
        return push_key(path, name);
    }
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(name);
}

/// `[2]`.
pub(super) fn push_index(path: &mut String, index: usize) {
    // Writing to a string cannot fail.
    let _ = write!(path, "[{index}]");
}

/// `["de"]`.
pub(super) fn push_key(path: &mut String, key: &str) {
    let mut quoted = Vec::with_capacity(key.len() + 2);
    notation::write_string(&mut quoted, key);
    path.push('[');
    path.push_str(&String::from_utf8_lossy(&quoted));
    path.push(']');
}
