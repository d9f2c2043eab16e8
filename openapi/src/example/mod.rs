//! Values that fit their types: the same ones each time, for documents and sandbox alike.

mod given;
mod hint;
mod invention;
mod message;
mod notation;
mod size;

use serde_json::Value;
use thriftgate_metadata::{FunctionId, Schema, StructId, Type, Value as Constant};
use thriftgate_protocols::style::Style;
use thriftgate_protocols::wire::Dialect;

use crate::MethodDescription;
use crate::schema::{Filled, View};

pub(crate) use given::of_annotation;
use invention::Inventor;
pub(crate) use notation::json;
pub(crate) use size::Sizes;

/// How an imagined call ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome<'n> {
    /// With a result, or none where the method is void
    Success,
    /// With the declared exception of this name, that of its field in the `throws` list
    Declared(&'n str),
}

/// Arguments that the gateway takes for a call of the method, an object: those that the annotation `example` of the method has,
/// where they are right, else made up.
#[must_use]
pub fn example_arguments(schema: &Schema, method: &MethodDescription) -> Value {
    Examples::of_methods(schema, std::iter::once(method.function)).arguments(method)
}

/// The object `result` of a reply, in this style: `{"success": …}`, `{"err": {…}}` or `{}`. Another seed gives other values;
/// documents have 0. `None` where the method declares no such exception.
#[must_use]
pub fn example_result(
    schema: &Schema,
    function: FunctionId,
    outcome: Outcome<'_>,
    style: Style,
    seed: u64,
) -> Option<Value> {
    Examples::of_methods(schema, std::iter::once(function)).result(function, outcome, style, seed)
}

/// The message of a backend that has nothing but the IDL, with the values of [`example_result`] in what `dialect` says:
/// whole, without a frame. `name` and `sequence_id` are those of the call. `None` where the method declares no such exception.
#[must_use]
pub fn result_message(
    schema: &Schema,
    function: FunctionId,
    outcome: Outcome<'_>,
    seed: u64,
    dialect: Dialect,
    (name, sequence_id): (&str, i32),
) -> Option<Vec<u8>> {
    let value =
        Examples::of_methods(schema, std::iter::once(function)).invent_result(function, outcome, seed)?;
    let result = Type::Struct(schema[function].result);
    Some(message::reply(schema, result, &value, dialect, (name, sequence_id)))
}

/// What makes up examples for some methods. Making it walks over all that they reach; an example costs no more than its own
/// size, which is bounded.
#[derive(Debug)]
pub(crate) struct Examples<'s> {
    schema: &'s Schema,
    sizes: Sizes,
}

impl<'s> Examples<'s> {
    pub(crate) fn of_methods(schema: &'s Schema, functions: impl Iterator<Item = FunctionId>) -> Self {
        let roots = functions.flat_map(|id| [schema[id].arguments, schema[id].result]);
        Self { schema, sizes: Sizes::new(schema, roots) }
    }

    /// As [`example_arguments`].
    pub(crate) fn arguments(&self, method: &MethodDescription) -> Value {
        let function = &self.schema[method.function];
        let ty = Type::Struct(function.arguments);
        let said = of_annotation(self.schema, ty, &function.annotations);
        let inventor = Inventor::new(self.schema, &self.sizes, 0);
        let value =
            said.unwrap_or_else(|| inventor.arguments(function.arguments, View::request(method.style)));
        let value = without(self.schema, function.arguments, value, &Filled::new(&method.filled));
        json(self.schema, ty, &value, method.style)
    }

    /// As [`example_result`].
    pub(crate) fn result(
        &self,
        function: FunctionId,
        outcome: Outcome<'_>,
        style: Style,
        seed: u64,
    ) -> Option<Value> {
        let value = self.invent_result(function, outcome, seed)?;
        Some(json(self.schema, Type::Struct(self.schema[function].result), &value, style))
    }

    fn invent_result(&self, function: FunctionId, outcome: Outcome<'_>, seed: u64) -> Option<Constant> {
        let result = &self.schema[self.schema[function].result];
        let name = match outcome {
            Outcome::Declared(name) => name,
            Outcome::Success if result.field_by_id(0).is_none() => {
                return Some(Constant::Struct(Box::default()));
            }
            Outcome::Success => "success",
        };
        let (position, field) = result.field_by_name(name)?;
        if (outcome == Outcome::Success) != (field.id == 0) {
            return None;
        }
        let value = Inventor::new(self.schema, &self.sizes, seed).field(field);
        Some(Constant::Struct(Box::new([(u16::try_from(position).ok()?, value)])))
    }
}

/// The value of a struct without what is filled in.
fn without(schema: &Schema, id: StructId, value: Constant, filled: &Filled<'_>) -> Constant {
    let Constant::Struct(fields) = value else { return value };
    let kept = fields.into_iter().filter(|(position, _)| !filled.has(usize::from(*position)));
    let kept = kept.map(|(position, value)| {
        match (filled.inside(position.into()), schema[id].fields[usize::from(position)].ty) {
            (Some(inside), Type::Struct(inner)) => (position, without(schema, inner, value, &inside)),
            _ => (position, value),
        }
    });
    Constant::Struct(kept.collect())
}
