//! The schemas that others refer to, and their names.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use thriftgate_metadata::{EnumId, Schema, StructId, Type};
use thriftgate_protocols::style::{EnumStyle, I64Style, Style, UnknownFields};

use super::object::{Filled, shown};
use super::traits::{Traits, of_type, traits};
use super::{Direction, View};
use crate::names::Names;
use crate::operations::Operation;

/// What a schema is of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Subject {
    Struct(StructId),
    Enum(EnumId),
    /// An `i64` of a request, as a key or a value
    I64,
    /// An `i32` or the number of an enum as a key of a request
    I32Key,
    Double,
    /// `binary` of a request
    Base64,
}

/// The names of those schemas that stand for no declaration of the IDL.
pub(crate) const RESERVED: [&str; 5] = ["GatewayError", "I64", "I32Key", "Double", "Base64"];

/// A schema that others refer to. It tells apart only what makes a difference to it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Component {
    pub(crate) subject: Subject,
    /// `None` where it is the same in both
    pub(crate) direction: Option<Direction>,
    /// The default wherever it makes no difference
    pub(crate) style: Style,
}

impl Component {
    /// How what is inside of it is looked at.
    pub(crate) fn view(&self) -> View {
        // Where it is the same in both directions, so is all that it refers to.
        View { direction: self.direction.unwrap_or(Direction::Reply), style: self.style }
    }
}

/// The schemas that operations refer to, down to the last.
#[derive(Debug)]
pub(crate) struct Components {
    pub(crate) names: Names,
    traits: Vec<Traits>,
    found: HashMap<Component, String>,
}

impl Components {
    pub(crate) fn new(schema: &Schema, operations: &[Operation<'_>]) -> Self {
        let names = Names::new(schema, &RESERVED);
        let mut components = Self { names, traits: traits(schema), found: HashMap::new() };
        let methods = operations.iter().map(|operation| operation.method);
        let mut styles: Vec<Style> = Vec::new();
        let mut reached = HashSet::new();
        let mut open = Vec::new();
        for method in methods {
            let function = &schema[method.function];
            if !styles.contains(&method.style) {
                styles.push(method.style);
            }
            let mut found = Vec::new();
            let filled = Filled::new(&method.filled);
            components.subjects(schema, function.arguments, &filled, View::request(method.style), &mut found);
            components.subjects(
                schema,
                function.result,
                &Filled::none(),
                View::reply(method.style),
                &mut found,
            );
            open.extend(found.into_iter().filter(|component| reached.insert(*component)));
            while let Some(component) = open.pop() {
                let used = components.used(schema, &component);
                open.extend(used.into_iter().filter(|component| reached.insert(*component)));
            }
        }
        components.found = components.name(schema, reached, &styles);
        components
    }

    /// All of them, in the order of their names.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &Component)> {
        let sorted: BTreeMap<&str, &Component> =
            self.found.iter().map(|(component, name)| (name.as_str(), component)).collect();
        sorted.into_iter()
    }

    /// The name of the schema of a subject as it is looked at.
    pub(crate) fn name_of(&self, subject: Subject, schema: &Schema, view: View) -> &str {
        &self.found[&self.component(subject, schema, view)]
    }

    /// The names of those that a schema refers to.
    pub(crate) fn uses(&self, schema: &Schema, component: &Component) -> BTreeSet<String> {
        self.used(schema, component).iter().map(|used| self.found[used].clone()).collect()
    }

    fn used(&self, schema: &Schema, component: &Component) -> Vec<Component> {
        let mut found = Vec::new();
        if let Subject::Struct(id) = component.subject {
            self.subjects(schema, id, &Filled::none(), component.view(), &mut found);
        }
        found
    }

    /// What the fields of a struct refer to.
    fn subjects(
        &self,
        schema: &Schema,
        id: StructId,
        filled: &Filled<'_>,
        view: View,
        found: &mut Vec<Component>,
    ) {
        for (position, field) in shown(&schema[id], view, filled) {
            match (filled.inside(position), field.ty) {
                (Some(inside), Type::Struct(inner)) => self.subjects(schema, inner, &inside, view, found),
                (_, ty) => self.subjects_of_type(schema, ty, view, found),
            }
        }
    }

    fn subjects_of_type(&self, schema: &Schema, ty: Type, view: View, found: &mut Vec<Component>) {
        let is_request = view.direction == Direction::Request;
        let subject = match ty {
            Type::Struct(id) => Subject::Struct(id),
            Type::Enum(id) => Subject::Enum(id),
            Type::I64 if is_request => Subject::I64,
            Type::Binary if is_request => Subject::Base64,
            Type::Double => Subject::Double,
            Type::List(id) | Type::Set(id) => {
                return self.subjects_of_type(schema, schema.element(id), view, found);
            }
            Type::Map(id) => {
                let (key, value) = schema.map(id);
                match key {
                    // The keys of an object are described where they are, but for the long patterns of requests.
                    Type::I32 | Type::Enum(_) if is_request => {
                        found.push(self.component(Subject::I32Key, schema, view));
                    }
                    Type::Bool | Type::I8 | Type::I16 | Type::I32 | Type::Double | Type::Enum(_) => {}
                    key => self.subjects_of_type(schema, key, view, found),
                }
                return self.subjects_of_type(schema, value, view, found);
            }
            _ => return,
        };
        found.push(self.component(subject, schema, view));
    }

    /// The schema of a subject as it is looked at, rid of what makes no difference.
    pub(super) fn component(
        &self,
        subject: Subject,
        schema: &Schema,
        View { direction, style }: View,
    ) -> Component {
        let same = Component { subject, direction: None, style: Style::default() };
        let ty = match subject {
            Subject::Struct(id) => Type::Struct(id),
            Subject::Enum(id) => Type::Enum(id),
            Subject::I64 | Subject::I32Key | Subject::Double | Subject::Base64 => return same,
        };
        let is_struct = matches!(subject, Subject::Struct(_));
        let traits = of_type(schema, &self.traits, ty);
        let mut seen = Style::default();
        match direction {
            Direction::Request if is_struct => seen.unknown_fields = style.unknown_fields,
            Direction::Request => {}
            Direction::Reply => {
                seen.i64 = if traits.i64 { style.i64 } else { I64Style::default() };
                seen.enums = if traits.enums { style.enums } else { EnumStyle::default() };
            }
        }
        let is_open =
            !is_struct || direction == Direction::Reply || style.unknown_fields == UnknownFields::Ignore;
        let is_same = !traits.asymmetric && seen.enums == EnumStyle::Name && is_open;
        if is_same { same } else { Component { subject, direction: Some(direction), style: seen } }
    }
}
