//! Values that annotations of the IDL give.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value};
use thriftgate_metadata::{
    Annotations, EnumId, Requiredness, Schema, StructId, StructKind, Type, Value as Constant,
};
use thriftgate_protocols::json::parse_uuid;

/// The value that the annotation `example` gives for something of this type, where it is one. It is written as JSON, but for what is
/// a string in JSON anyway: that may stand without its quotes.
pub(crate) fn of_annotation(schema: &Schema, ty: Type, annotations: &Annotations) -> Option<Constant> {
    let text = annotations.get("example")?;
    let as_text = || parse(schema, ty, &Value::String(text.to_owned()));
    let as_json = || serde_json::from_str(text).ok().and_then(|value| parse(schema, ty, &value));
    if ty == Type::String { as_text() } else { as_json().or_else(as_text) }
}

/// Whether all that is required is in a value of this type.
pub(crate) fn is_whole(schema: &Schema, ty: Type, value: &Constant) -> bool {
    match (ty, value) {
        (Type::List(id) | Type::Set(id), Constant::List(values)) => {
            values.iter().all(|value| is_whole(schema, schema.element(id), value))
        }
        (Type::Map(id), Constant::Map(entries)) => {
            let (of_key, of_value) = schema.map(id);
            entries
                .iter()
                .all(|(key, value)| is_whole(schema, of_key, key) && is_whole(schema, of_value, value))
        }
        (Type::Struct(id), Constant::Struct(given)) => {
            let fields = &schema[id].fields;
            let has = |position| given.iter().any(|(at, _)| usize::from(*at) == position);
            schema[id].required().all(has)
                && given.iter().all(|(at, value)| is_whole(schema, fields[usize::from(*at)].ty, value))
        }
        _ => true,
    }
}

/// The value that JSON stands for, by the rules for requests.
fn parse(schema: &Schema, ty: Type, value: &Value) -> Option<Constant> {
    Some(match (ty, value) {
        (Type::Bool, Value::Bool(value)) => Constant::Bool(*value),
        (Type::I8, value) => integer(value, i8::MIN.into(), i8::MAX.into())?,
        (Type::I16, value) => integer(value, i16::MIN.into(), i16::MAX.into())?,
        (Type::I32, value) => integer(value, i32::MIN.into(), i32::MAX.into())?,
        (Type::I64, Value::String(text)) => Constant::Int(text.parse().ok()?),
        (Type::I64, value) => integer(value, i64::MIN, i64::MAX)?,
        (Type::Double, Value::Number(number)) => Constant::Double(number.as_f64()?),
        (Type::Double, Value::String(text)) => Constant::Double(non_finite(text)?),
        (Type::String, Value::String(text)) => Constant::String(text.as_str().into()),
        (Type::Binary, Value::String(text)) => Constant::Binary(bytes(text)?.into()),
        (Type::Uuid, Value::String(text)) => Constant::Uuid(parse_uuid(text)?),
        (Type::Enum(id), value) => member(schema, id, value)?,
        (Type::List(id), Value::Array(values)) => list(schema, schema.element(id), values)?,
        (Type::Set(id), Value::Array(values)) => list(schema, schema.element(id), values)
            .filter(|set| matches!(set, Constant::List(all) if distinct(all)))?,
        (Type::Map(id), value) => map(schema, schema.map(id), value)?,
        (Type::Struct(id), Value::Object(members)) => structure(schema, id, members)?,
        _ => return None,
    })
}

fn integer(value: &Value, least: i64, greatest: i64) -> Option<Constant> {
    value.as_i64().filter(|value| (least..=greatest).contains(value)).map(Constant::Int)
}

fn non_finite(text: &str) -> Option<f64> {
    Some(match text {
        "NaN" => f64::NAN,
        "Infinity" => f64::INFINITY,
        "-Infinity" => f64::NEG_INFINITY,
        _ => return None,
    })
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    let lenient = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let alphabet = if text.contains(['-', '_']) { &alphabet::URL_SAFE } else { &alphabet::STANDARD };
    GeneralPurpose::new(alphabet, lenient).decode(text).ok()
}

fn member(schema: &Schema, id: EnumId, value: &Value) -> Option<Constant> {
    match value {
        Value::String(name) => Some(Constant::Int(schema[id].member_by_name(name)?.value.into())),
        value => integer(value, i32::MIN.into(), i32::MAX.into()),
    }
}

fn list(schema: &Schema, element: Type, values: &[Value]) -> Option<Constant> {
    let values = values.iter().map(|value| parse(schema, element, value));
    Some(Constant::List(values.collect::<Option<_>>()?))
}

/// Whether no two are equal. Constants that differ may be equal all the same; the few in an annotation are not worth more.
fn distinct(values: &[Constant]) -> bool {
    values.iter().enumerate().all(|(index, value)| !values[..index].contains(value))
}

fn map(schema: &Schema, (key, value): (Type, Type), given: &Value) -> Option<Constant> {
    let entries: Vec<(Constant, Constant)> = match given {
        Value::Array(pairs) => {
            let pair = |pair: &Value| {
                let [first, second] = pair.as_array()?.as_slice() else { return None };
                Some((parse(schema, key, first)?, parse(schema, value, second)?))
            };
            pairs.iter().map(pair).collect::<Option<_>>()?
        }
        Value::Object(members) => {
            let entry = |(name, inner): (&String, &Value)| {
                Some((parse_key(schema, key, name)?, parse(schema, value, inner)?))
            };
            members.iter().map(entry).collect::<Option<_>>()?
        }
        _ => return None,
    };
    let keys: Vec<Constant> = entries.iter().map(|(key, _)| key.clone()).collect();
    distinct(&keys).then(|| Constant::Map(entries.into()))
}

fn parse_key(schema: &Schema, ty: Type, name: &str) -> Option<Constant> {
    let text = Value::String(name.to_owned());
    match ty {
        Type::String | Type::Binary | Type::Uuid => parse(schema, ty, &text),
        Type::Bool | Type::I8 | Type::I16 | Type::I32 | Type::I64 | Type::Double | Type::Enum(_) => {
            let of_json = serde_json::from_str(name).ok().and_then(|value| parse(schema, ty, &value));
            of_json.or_else(|| parse(schema, ty, &text))
        }
        _ => None,
    }
}

fn structure(schema: &Schema, id: StructId, members: &Map<String, Value>) -> Option<Constant> {
    let structure = &schema[id];
    let mut given = Vec::new();
    for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
        let (position, field) = structure.field_by_name(name)?;
        given.push((u16::try_from(position).ok()?, parse(schema, field.ty, value)?));
    }
    given.sort_unstable_by_key(|(position, _)| *position);
    let has = |position: usize| given.iter().any(|(at, _)| usize::from(*at) == position);
    let is_right = match structure.kind {
        StructKind::Union => given.len() == 1,
        _ => structure
            .fields
            .iter()
            .enumerate()
            .all(|(position, field)| field.requiredness != Requiredness::Required || has(position)),
    };
    is_right.then(|| Constant::Struct(given.into()))
}
