//! The names of schemas that others refer to.

use std::collections::{BTreeMap, HashMap, HashSet};

use thriftgate_metadata::Schema;
use thriftgate_protocols::style::{EnumStyle, I64Style, Style, UnknownFields};

use super::component::{Component, Components, Subject};
use super::{Direction, View};
use crate::names::numbered;

impl Components {
    /// Names them by what tells them apart from others of the same subject. Of the styles of all methods the first one is
    /// that which needs no word.
    pub(super) fn name(
        &self,
        schema: &Schema,
        reached: HashSet<Component>,
        styles: &[Style],
    ) -> HashMap<Component, String> {
        let base = styles.first().copied().unwrap_or_default();
        let mut by_subject: BTreeMap<Subject, Vec<Component>> = BTreeMap::new();
        for component in reached {
            by_subject.entry(component.subject).or_default().push(component);
        }
        let mut named = HashMap::new();
        let mut taken = HashSet::new();
        for (subject, mut components) in by_subject {
            components.sort_by_key(|component| {
                let Style { i64, enums, unknown_fields, .. } = component.style;
                (component.direction, i64 as u8, enums as u8, unknown_fields as u8)
            });
            for component in &components {
                let direction = match components.len() {
                    1 => "",
                    _ => direction_suffix(self.only_direction(schema, component, styles)),
                };
                let style = style_suffix(component, &components, base);
                let name = format!("{}{direction}{style}", self.bare_name(subject));
                let name = numbered(&name, |name| taken.contains(name));
                taken.insert(name.clone());
                named.insert(*component, name);
            }
        }
        named
    }

    /// In which direction a schema is looked at, where it is in one alone.
    fn only_direction(&self, schema: &Schema, component: &Component, styles: &[Style]) -> Option<Direction> {
        let is_used = |view: fn(Style) -> View| {
            let mut views = styles.iter().map(|&style| view(style));
            views.any(|view| self.component(component.subject, schema, view) == *component)
        };
        match (is_used(View::request), is_used(View::reply)) {
            (true, false) => Some(Direction::Request),
            (false, true) => Some(Direction::Reply),
            _ => None,
        }
    }

    fn bare_name(&self, subject: Subject) -> &str {
        match subject {
            Subject::Struct(id) => self.names.of_struct(id),
            Subject::Enum(id) => self.names.of_enum(id),
            Subject::I64 => "I64",
            Subject::I32Key => "I32Key",
            Subject::Double => "Double",
            Subject::Base64 => "Base64",
        }
    }
}

fn direction_suffix(direction: Option<Direction>) -> &'static str {
    match direction {
        Some(Direction::Request) => "-Input",
        Some(Direction::Reply) => "-Output",
        None => "",
    }
}

/// What differs from the style that needs no word, where several styles make a difference.
fn style_suffix(component: &Component, all: &[Component], base: Style) -> String {
    let others = || all.iter().filter(|other| other.direction == component.direction && *other != component);
    let Style { i64, enums, unknown_fields, .. } = component.style;
    let differs = [
        (i64 != base.i64 && others().any(|other| other.style.i64 != i64)).then_some(match i64 {
            I64Style::Number => "-NumberI64",
            I64Style::String => "-StringI64",
        }),
        (enums != base.enums && others().any(|other| other.style.enums != enums)).then_some(match enums {
            EnumStyle::Name => "-NamedEnums",
            EnumStyle::Number => "-NumberEnums",
        }),
        (unknown_fields != base.unknown_fields
            && others().any(|other| other.style.unknown_fields != unknown_fields))
        .then_some(match unknown_fields {
            UnknownFields::Refuse => "-Closed",
            UnknownFields::Ignore => "-Open",
        }),
    ];
    differs.into_iter().flatten().collect()
}
