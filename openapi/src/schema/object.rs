//! The schemas of structs, unions and exceptions, and of the arguments of methods.

use serde_json::{Map, Value, json};
use thriftgate_metadata::{
    Field, Requiredness, Schema, Struct, StructId, StructKind, Type, Value as Constant,
};
use thriftgate_protocols::style::{MissingArguments, UnknownFields};

use super::value::{Renderer, or_null};
use super::{Direction, View};
use crate::annotation::{description, is_shown};
use crate::example;

/// The arguments of a method that are filled in, as they are seen from a struct on the way to them.
#[derive(Clone, Debug)]
pub(crate) struct Filled<'f>(Vec<&'f [usize]>);

impl<'f> Filled<'f> {
    pub(crate) fn new(paths: &'f [Vec<usize>]) -> Self {
        Self(paths.iter().map(Vec::as_slice).collect())
    }

    pub(crate) fn none() -> Self {
        Self(Vec::new())
    }

    /// Whether the field at this position is.
    pub(crate) fn has(&self, position: usize) -> bool {
        self.0.contains(&&[position][..])
    }

    /// What is filled in inside of the field at this position, if anything is.
    pub(crate) fn inside(&self, position: usize) -> Option<Self> {
        let tails = self.0.iter().filter_map(|path| match path {
            [first, tail @ ..] if *first == position && !tail.is_empty() => Some(tail),
            _ => None,
        });
        let tails: Vec<_> = tails.collect();
        (!tails.is_empty()).then_some(Self(tails))
    }
}

/// The fields of a struct that are documented, with their positions.
pub(crate) fn shown<'s>(
    structure: &'s Struct,
    view: View,
    filled: &Filled<'_>,
) -> impl Iterator<Item = (usize, &'s Field)> {
    let fields = structure.fields.iter().enumerate();
    fields.filter(move |(position, field)| {
        !filled.has(*position) && (is_shown(field) || must_be_given(structure.kind, field, view))
    })
}

/// Whether a request is wrong without the field.
pub(crate) fn must_be_given(kind: StructKind, field: &Field, view: View) -> bool {
    match field.requiredness {
        Requiredness::Required => kind != StructKind::Union,
        Requiredness::Optional => false,
        Requiredness::Default => {
            kind == StructKind::Arguments
                && field.default.is_none()
                && view.style.missing_arguments == MissingArguments::Refuse
        }
    }
}

/// Whether a struct in which something is filled in has to be given all the same. One that is not is made of its default, what is
/// filled in, and nothing else.
fn way_must_be_given(schema: &Schema, field: &Field, filled: &Filled<'_>, view: View) -> bool {
    let Type::Struct(id) = field.ty else { return false };
    let structure = &schema[id];
    let given: &[(u16, Constant)] = match &field.default {
        Some(Constant::Struct(given)) => given,
        _ => &[],
    };
    let is_given = |position: usize| given.iter().any(|(at, _)| usize::from(*at) == position);
    structure.fields.iter().enumerate().any(|(position, field)| match filled.inside(position) {
        Some(inside) => way_must_be_given(schema, field, &inside, view),
        None => !filled.has(position) && !is_given(position) && must_be_given(structure.kind, field, view),
    })
}

impl Renderer<'_> {
    /// The schema of a struct, union or exception that the IDL declares.
    pub(super) fn declared(&self, id: StructId, view: View) -> Value {
        let structure = &self.schema[id];
        let mut schema = Map::new();
        if let Some(text) = description(structure.doc.as_deref(), &structure.annotations) {
            schema.insert("description".into(), json!(text));
        }
        self.mark(&mut schema, &structure.annotations);
        schema.extend(match structure.kind {
            StructKind::Union => self.union(structure, view),
            _ => self.object(structure, view, &Filled::none()),
        });
        Value::Object(schema)
    }

    /// The schema of the arguments of a method, of which some may be filled in. Where none has to be given, `null` does as well.
    pub(crate) fn arguments(&self, id: StructId, view: View, filled: &Filled<'_>) -> Map<String, Value> {
        let schema = self.object(&self.schema[id], view, filled);
        if schema.contains_key("required") { schema } else { or_null(schema) }
    }

    fn object(&self, structure: &Struct, view: View, filled: &Filled<'_>) -> Map<String, Value> {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for (position, field) in shown(structure, view, filled) {
            let inside = filled.inside(position);
            let is_required = match (&inside, view.direction) {
                (Some(inside), _) => way_must_be_given(self.schema, field, inside, view),
                (None, Direction::Request) => must_be_given(structure.kind, field, view),
                (None, Direction::Reply) => field.requiredness == Requiredness::Required,
            };
            if is_required {
                required.push(&*field.name);
            }
            let mut schema = match (&inside, field.ty) {
                (Some(inside), Type::Struct(id)) => self.object(&self.schema[id], view, inside),
                _ => self.ty(field.ty, view),
            };
            if view.direction == Direction::Request && !is_required {
                schema = or_null(schema);
                if let Some(default) = field.default.as_ref().filter(|_| inside.is_none()) {
                    let default = example::json(self.schema, field.ty, default, view.style);
                    schema.insert("default".into(), default);
                }
            }
            properties.insert(field.name.to_string(), self.field(field, view, schema));
        }
        let mut schema = Map::from_iter([("type".to_owned(), json!("object"))]);
        schema.insert("properties".into(), Value::Object(properties));
        if !required.is_empty() {
            schema.insert("required".into(), json!(required));
        }
        self.close(&mut schema, view);
        schema
    }

    /// The schema of a union. In a request `null` is absent: beside the one member that is told, others may be null.
    fn union(&self, structure: &Struct, view: View) -> Map<String, Value> {
        let is_request = view.direction == Direction::Request;
        let filled = Filled::none();
        let members: Vec<_> = shown(structure, view, &filled).collect();
        let (mut all, mut each) = (Map::new(), Vec::new());
        for &(_, field) in &members {
            let ty = self.ty(field.ty, view);
            let told = self.field(field, view, ty.clone());
            let one = if is_request && members.len() > 1 { Value::Object(ty.clone()) } else { told };
            let mut variant = Map::from_iter([
                ("type".to_owned(), json!("object")),
                ("title".to_owned(), json!(field.name)),
                ("properties".to_owned(), json!({&*field.name: one})),
                ("required".to_owned(), json!([field.name])),
            ]);
            if !is_request {
                variant.insert("additionalProperties".into(), json!(false));
            }
            all.insert(field.name.to_string(), self.field(field, view, or_null(ty)));
            each.push(Value::Object(variant));
        }
        let mut schema = Map::from_iter([("type".to_owned(), json!("object"))]);
        let hides = each.len() < structure.fields.len();
        if is_request {
            schema.insert("properties".into(), Value::Object(all));
        }
        if each.is_empty() || hides && !is_request {
            // The one member of a reply may be one that is not told.
            schema.insert("minProperties".into(), json!(1));
            schema.insert("maxProperties".into(), json!(1));
        } else if let [Value::Object(only)] = each.as_mut_slice() {
            only.remove("title");
            schema.append(only);
        } else {
            schema.insert("oneOf".into(), Value::Array(each));
        }
        if is_request {
            self.close(&mut schema, view);
        }
        schema
    }

    /// Says that there is nothing else in an object of a request. One of a reply may have more tomorrow.
    fn close(&self, schema: &mut Map<String, Value>, view: View) {
        if view.direction == Direction::Request && view.style.unknown_fields == UnknownFields::Refuse {
            schema.insert("additionalProperties".into(), json!(false));
        }
    }
}
