//! What doc comments and annotations of the IDL say to readers.

use thriftgate_metadata::{Annotations, Field, Requiredness, Schema, Typedef};

/// The text for an item, in Markdown: its doc comment, and what it is deprecated for.
pub(crate) fn description(doc: Option<&str>, annotations: &Annotations) -> Option<String> {
    let reason = deprecation(annotations).filter(|reason| !reason.is_empty());
    let reason = reason.map(|reason| format!("Deprecated: {reason}"));
    match (doc.map(str::to_owned), reason) {
        (Some(doc), Some(reason)) => Some(format!("{doc}\n\n{reason}")),
        (doc, reason) => doc.or(reason),
    }
}

/// The first sentence of a doc comment, on one line and without the full stop.
pub(crate) fn summary(doc: &str) -> Option<String> {
    let paragraph = doc.split("\n\n").map(str::trim).find(|paragraph| !paragraph.is_empty())?;
    let line = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    let end = line.match_indices(['.', '!', '?']).find(|(at, _)| ends_sentence(&line, *at));
    let sentence = end.map_or(&*line, |(at, _)| &line[..at]);
    let sentence = sentence.trim_end_matches([' ', ':', '.']);
    (!sentence.is_empty()).then(|| sentence.to_owned())
}

/// Whether the mark at this place ends a sentence: the text ends there, or goes on with a blank and no small letter.
fn ends_sentence(line: &str, at: usize) -> bool {
    let mut rest = line[at + 1..].chars();
    match rest.next() {
        None => true,
        Some(' ') => rest.next().is_none_or(|next| !next.is_lowercase()),
        Some(_) => false,
    }
}

/// Why an item is deprecated, empty where that is not said; `None` where it is not.
pub(crate) fn deprecation(annotations: &Annotations) -> Option<&str> {
    let reason = annotations.get("deprecated").filter(|value| *value != "false")?;
    Some(if matches!(reason, "1" | "true") { "" } else { reason })
}

/// Whether the values of a field are secrets. The struct that has it may say so of all its fields.
pub(crate) fn is_sensitive(schema: &Schema, field: &Field) -> bool {
    is_set(&field.annotations, "sensitive")
        || field.typedef.is_some_and(|typedef| is_set(&schema[typedef].annotations, "sensitive"))
}

/// Whether a declaration says that all its values are secrets.
pub(crate) fn is_secret(annotations: &Annotations) -> bool {
    is_set(annotations, "sensitive")
}

/// Whether a field is documented. One that is required is, whatever its annotations say: nobody could make a call without.
pub(crate) fn is_shown(field: &Field) -> bool {
    field.requiredness == Requiredness::Required || !is_set(&field.annotations, "thriftgate.hidden")
}

fn is_set(annotations: &Annotations, name: &str) -> bool {
    annotations.get(name).is_some_and(|value| value != "false")
}

/// The typedef that a field was written with.
pub(crate) fn typedef<'s>(schema: &'s Schema, field: &Field) -> Option<&'s Typedef> {
    field.typedef.map(|id| &schema[id])
}

/// The text for a field: its own, else that of its typedef.
pub(crate) fn field_description(schema: &Schema, field: &Field) -> Option<String> {
    let of_typedef = || typedef(schema, field).and_then(|typedef| typedef.doc.as_deref());
    description(field.doc.as_deref().or_else(of_typedef), &field.annotations)
}

#[cfg(test)]
mod tests {
    use super::summary;

    #[test]
    fn the_first_sentence_is_the_summary() {
        for (doc, expected) in [
            ("Checks the password. Opens a session.", Some("Checks the password")),
            (
                "Checks, e.g. by hand, the\npassword of version 1.5 only",
                Some("Checks, e.g. by hand, the password of version 1.5 only"),
            ),
            ("\n\nAll of:\n\n- this", Some("All of")),
            ("...", None),
            ("", None),
        ] {
            assert_eq!(summary(doc).as_deref(), expected, "{doc:?}");
        }
    }
}
