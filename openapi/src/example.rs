//! Values that fit their types: the same ones each time.

use serde_json::Value;
use thriftgate_metadata::{FunctionId, Schema};
use thriftgate_protocols::style::Style;
use thriftgate_protocols::wire::Dialect;

use crate::MethodDescription;

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
    let _ = (schema, method);
    Value::Object(serde_json::Map::new())
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
    let _ = (schema, function, outcome, style, seed);
    None
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
    let _ = (schema, function, outcome, seed, dialect, name, sequence_id);
    None
}
