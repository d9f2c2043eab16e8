//! Arguments that the gateway fills in from what is known of the caller, who may not send them.

use std::collections::BTreeSet;

use serde_json::Value as Fact;
use thriftgate_config::{ArgumentSource, FilledArgument};
use thriftgate_metadata::{FunctionId, Schema, StructKind, Type, Value};
use thriftgate_protocols::injection::{Injected, Injection};
use thriftgate_protocols::json::parse_uuid;

use super::Caller;
use crate::http::{Failure, Reason};

/// What is filled in of the arguments of one method, for the callers of a group.
#[derive(Debug)]
pub struct FilledArguments {
    injection: Injection,
    fields: Vec<FilledField>,
}

/// A field that is filled in.
#[derive(Debug)]
pub struct FilledField {
    /// Positions in [`Struct::fields`](thriftgate_metadata::Struct::fields), the first one in the method's arguments
    pub path: Vec<usize>,
    /// What with
    pub source: ArgumentSource,
    /// The path in words, for people.
    name: String,
    ty: Type,
}

impl FilledField {
    /// Its name, behind those of the structs that it is in, with dots between.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl FilledArguments {
    /// What a group's settings fill in of a method; `None` where the method has no such argument. The settings that name one
    /// are added to `used`, by their position.
    ///
    /// # Errors
    /// Why arguments that the method has cannot be filled in, with the position of each.
    pub(crate) fn resolve(
        schema: &Schema,
        function: FunctionId,
        settings: &[FilledArgument],
        used: &mut BTreeSet<usize>,
    ) -> Result<Option<Self>, Vec<(usize, String)>> {
        let (mut injection, mut fields, mut unfit) = (Injection::default(), Vec::new(), Vec::new());
        for (index, setting) in settings.iter().enumerate() {
            match field(schema, function, setting) {
                Ok(None) => continue,
                Ok(Some(field)) => {
                    injection.add(&field.path);
                    fields.push(field);
                }
                Err(why) => unfit.push((index, why)),
            }
            used.insert(index);
        }
        if !unfit.is_empty() {
            return Err(unfit);
        }
        Ok((!fields.is_empty()).then_some(Self { injection, fields }))
    }

    /// The fields that are filled in, which are none of the caller's business.
    pub fn fields(&self) -> impl Iterator<Item = &FilledField> {
        self.fields.iter()
    }

    /// What is filled in for this caller.
    ///
    /// # Errors
    /// Where its credentials do not say what the method needs, or nothing that is of the argument's type.
    pub(crate) fn injected(&self, schema: &Schema, caller: Option<&Caller>) -> Result<Injected<'_>, Failure> {
        let said = |field: &FilledField| {
            let caller = caller?;
            match &field.source {
                ArgumentSource::Caller => value_of_text(schema, field.ty, &caller.name),
                source => value(schema, field.ty, caller.facts.find(source)?),
            }
        };
        let value = |field: &FilledField| said(field).ok_or_else(|| not_said(field));
        let values: Vec<Value> = self.fields.iter().map(value).collect::<Result<_, _>>()?;
        Ok(Injected::new(&self.injection, values))
    }
}

#[cold]
fn not_said(field: &FilledField) -> Failure {
    let message =
        format!("Your credentials do not say what the gateway has to fill in as arguments.{}", field.name);
    Failure::new(Reason::PermissionDenied, message)
}

/// The field that a setting names, where the method has it.
fn field(
    schema: &Schema,
    function: FunctionId,
    setting: &FilledArgument,
) -> Result<Option<FilledField>, String> {
    let mut structure = &schema[schema[function].arguments];
    let mut path = Vec::new();
    let name = setting.path.join(".");
    let (Some(last), way) = (setting.path.last(), &setting.path[..setting.path.len().saturating_sub(1)])
    else {
        return Ok(None);
    };
    for step in way {
        let Some((position, field)) = structure.field_by_name(step) else { return Ok(None) };
        let Type::Struct(id) = field.ty else {
            let ty = schema.type_name(field.ty);
            return Err(format!("`{step}` on the way to the argument `{name}` is no struct: {ty}"));
        };
        if schema[id].kind == StructKind::Union {
            return Err(format!("`{step}` on the way to the argument `{name}` is a union"));
        }
        path.push(position);
        structure = &schema[id];
    }
    let Some((position, field)) = structure.field_by_name(last) else { return Ok(None) };
    path.push(position);
    let takes_lists = matches!(setting.source, ArgumentSource::Claim(_) | ArgumentSource::Attribute(_));
    let is_fit = match field.ty {
        Type::List(id) => takes_lists && schema.element(id) == Type::String,
        Type::Binary | Type::Struct(_) | Type::Set(_) | Type::Map(_) => false,
        Type::String | Type::Uuid | Type::Enum(_) => true,
        _ => takes_lists,
    };
    if !is_fit {
        let ty = schema.type_name(field.ty);
        return Err(format!("the argument `{name}` cannot be filled in with this: it is {ty}"));
    }
    Ok(Some(FilledField { path, source: setting.source.clone(), name, ty: field.ty }))
}

/// The value of an argument that is filled in with this; `None` where that is none of its type.
fn value(schema: &Schema, ty: Type, fact: &Fact) -> Option<Value> {
    Some(match (ty, fact) {
        (Type::List(_), Fact::Array(facts)) => {
            let texts = facts.iter().map(|fact| fact.as_str().map(|text| Value::String(text.into())));
            Value::List(texts.collect::<Option<_>>()?)
        }
        // Tokens have one as itself, and several as a list.
        (Type::List(_), Fact::String(text)) => Value::List([Value::String(text.as_str().into())].into()),
        (_, Fact::String(text)) => value_of_text(schema, ty, text)?,
        (Type::Bool, Fact::Bool(value)) => Value::Bool(*value),
        (Type::Double, Fact::Number(number)) => {
            Value::Double(number.as_f64().filter(|value| value.is_finite())?)
        }
        (_, Fact::Number(number)) => integer(ty, number.as_i64()?)?,
        _ => return None,
    })
}

/// As [`value`], of text: attributes of keys are written in no other form.
fn value_of_text(schema: &Schema, ty: Type, text: &str) -> Option<Value> {
    Some(match ty {
        Type::String => Value::String(text.into()),
        Type::Uuid => Value::Uuid(parse_uuid(text)?),
        Type::Enum(id) => Value::Int(schema[id].member_by_name(text)?.value.into()),
        Type::Bool => Value::Bool(text.parse().ok()?),
        Type::Double => Value::Double(text.parse().ok().filter(|value: &f64| value.is_finite())?),
        _ => integer(ty, text.parse().ok()?)?,
    })
}

fn integer(ty: Type, value: i64) -> Option<Value> {
    let is_inside = match ty {
        Type::I8 => i8::try_from(value).is_ok(),
        Type::I16 => i16::try_from(value).is_ok(),
        Type::I32 => i32::try_from(value).is_ok(),
        Type::I64 => true,
        _ => false,
    };
    is_inside.then_some(Value::Int(value))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use thriftgate_metadata::{Builder, Schema, Type, Value};

    use super::value;

    fn schema() -> Schema {
        let idl = "enum Level { LOW = 1, HIGH = 5 } struct Texts { 1: list<string> all, 2: Level level }";
        let mut builder = Builder::new(Vec::new(), |_| Ok(Some(idl.to_owned())));
        builder.thrift("types.thrift");
        builder.finish().expect("the IDL is right").schema
    }

    #[test]
    fn facts_and_the_types_that_they_fit() {
        let schema = schema();
        let (_, texts) = schema.structs().next().expect("a struct");
        let (list, level) = (texts.fields[0].ty, texts.fields[1].ty);
        let text = |text: &str| Value::String(text.into());
        let cases = [
            (Type::String, json!("x"), Some(text("x"))),
            (Type::String, json!(7), None),
            (Type::I8, json!(-128), Some(Value::Int(-128))),
            (Type::I8, json!(128), None),
            (Type::I16, json!("32767"), Some(Value::Int(32767))),
            (Type::I16, json!(32768), None),
            (Type::I32, json!(1.5), None),
            (Type::I32, json!("7x"), None),
            (Type::I32, json!(true), None),
            (Type::I64, json!(i64::MIN), Some(Value::Int(i64::MIN))),
            (Type::I64, json!(u64::MAX), None),
            (Type::Double, json!(7), Some(Value::Double(7.0))),
            (Type::Double, json!("0.5"), Some(Value::Double(0.5))),
            (Type::Double, json!("inf"), None),
            (Type::Bool, json!(true), Some(Value::Bool(true))),
            (Type::Bool, json!("false"), Some(Value::Bool(false))),
            (Type::Bool, json!(1), None),
            (level, json!("HIGH"), Some(Value::Int(5))),
            (level, json!("high"), None),
            (level, json!(5), None),
            (Type::Uuid, json!("07070707-0707-0707-0707-070707070707"), Some(Value::Uuid([7; 16]))),
            (Type::Uuid, json!("0707"), None),
            (list, json!(["a", "b"]), Some(Value::List([text("a"), text("b")].into()))),
            (list, json!("a b"), Some(Value::List([text("a b")].into()))),
            (list, json!([]), Some(Value::List([].into()))),
            (list, json!(["a", 7]), None),
            (Type::String, json!(["a"]), None),
            (Type::String, json!(null), None),
            (Type::String, json!({"a": 1}), None),
        ];
        for (ty, fact, wanted) in cases {
            assert_eq!(value(&schema, ty, &fact), wanted, "{fact} as {}", schema.type_name(ty));
        }
    }
}
