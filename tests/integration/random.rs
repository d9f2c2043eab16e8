//! Random schemas with values that fit them.

use std::fmt::Write;

use proptest::prelude::*;
use serde_json::{Map, Value};
use thriftgate_metadata::{Builder, FunctionId, Schema};

/// A type of the IDL.
#[derive(Clone, Debug)]
pub(crate) enum Type {
    /// A base type, by its word
    Base(&'static str),
    Enum,
    List(Box<Type>),
    Set(Box<Type>),
    Map(Box<Type>, Box<Type>),
    /// Its fields in the order of declaration: id, requiredness, type
    Struct(Vec<(i16, &'static str, Type)>),
    Union(Vec<Type>),
}

/// An IDL with one method, `T echo(1: T value)`, and a value of `T`.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) idl: String,
    pub(crate) value: Value,
}

/// The schema of a text, and its method `echo`.
pub(crate) fn schema(idl: &str) -> (Schema, FunctionId) {
    let mut builder = Builder::new(Vec::new(), |_| Ok(Some(idl.to_owned())));
    builder.thrift("random.thrift");
    let schema = builder.finish().unwrap_or_else(|errors| panic!("{errors:?}\n{idl}")).schema;
    let found = schema.functions().find(|(_, function)| &*function.name == "echo");
    let id = found.expect("the method echo").0;
    (schema, id)
}

const BASES: [&str; 9] = ["bool", "i8", "i16", "i32", "i64", "double", "string", "binary", "uuid"];
/// What a set may hold and a map have for its key: of these, equal values are written equally.
const KEYS: [&str; 8] = ["bool", "i8", "i16", "i32", "i64", "string", "binary", "uuid"];
const MEMBERS: [&str; 3] = ["ALPHA", "BETA", "OMEGA"];

fn key() -> impl Strategy<Value = Type> {
    prop_oneof![6 => prop::sample::select(&KEYS[..]).prop_map(Type::Base), 1 => Just(Type::Enum)]
}

fn any_type() -> impl Strategy<Value = Type> {
    let leaf = prop_oneof![8 => prop::sample::select(&BASES[..]).prop_map(Type::Base), 1 => Just(Type::Enum)];
    leaf.prop_recursive(5, 40, 6, |inner| {
        let structure = prop::collection::vec(field(inner.clone()), 0..6).prop_map(number);
        prop_oneof![
            structure.prop_map(Type::Struct),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Type::Union),
            inner.clone().prop_map(|element| Type::List(Box::new(element))),
            key().prop_map(|element| Type::Set(Box::new(element))),
            (key(), inner.clone()).prop_map(|(key, value)| Type::Map(Box::new(key), Box::new(value))),
            (inner.clone(), inner).prop_map(|(element, value)| {
                let key = Type::List(Box::new(keyable(element)));
                Type::Map(Box::new(key), Box::new(value))
            }),
        ]
    })
}

/// The nearest type whose equal values are written equally.
fn keyable(ty: Type) -> Type {
    match ty {
        Type::Base("double") | Type::Struct(_) | Type::Union(_) | Type::Map(..) | Type::Set(_) => {
            Type::Base("string")
        }
        Type::List(element) => Type::List(Box::new(keyable(*element))),
        other => other,
    }
}

type Unnumbered = (i16, &'static str, Type);

fn field(ty: impl Strategy<Value = Type>) -> impl Strategy<Value = Unnumbered> {
    // Apache's crate writes a step of 15 from one id to the next at length, where ours writes it short. No
    // two ids of six such steps are 15 apart, whichever fields between them are unset.
    let step = prop_oneof![6 => Just(1_i16), 1 => Just(20), 1 => Just(3000)];
    (step, prop::sample::select(&["required ", "optional ", ""][..]), ty)
}

/// Turns steps into ids.
fn number(fields: Vec<Unnumbered>) -> Vec<Unnumbered> {
    let mut id = 0;
    fields
        .into_iter()
        .map(|(step, requiredness, ty)| {
            id += step;
            (id, requiredness, ty)
        })
        .collect()
}

fn value(ty: &Type) -> BoxedStrategy<Value> {
    match ty {
        Type::Base(word) => base(word),
        Type::Enum => prop_oneof![
            prop::sample::select(&MEMBERS[..]).prop_map(Value::from),
            (100..i32::MAX).prop_map(Value::from)
        ]
        .boxed(),
        Type::List(element) => prop::collection::vec(value(element), 0..5).prop_map(Value::Array).boxed(),
        Type::Set(element) => prop::collection::vec(value(element), 0..20).prop_map(distinct).boxed(),
        Type::Map(key, of) => {
            let pairs = prop::collection::vec((value(key), value(of)), 0..4);
            let is_object = matches!(**key, Type::Base(_) | Type::Enum);
            pairs.prop_map(move |pairs| if is_object { object(pairs) } else { entries(pairs) }).boxed()
        }
        Type::Struct(fields) => {
            let fields: Vec<_> = fields
                .iter()
                .enumerate()
                .map(|(position, (_, requiredness, ty))| {
                    let given = value(ty).prop_map(move |value| (format!("f{position}"), value));
                    if *requiredness == "required " {
                        given.prop_map(Some).boxed()
                    } else {
                        prop::option::weighted(0.7, given).boxed()
                    }
                })
                .collect();
            fields
                .prop_map(|fields| Value::Object(fields.into_iter().flatten().collect::<Map<_, _>>()))
                .boxed()
        }
        Type::Union(members) => {
            let members: Vec<_> = members.iter().map(value).collect();
            (0..members.len())
                .prop_flat_map(move |position| {
                    members[position].clone().prop_map(move |value| {
                        Value::Object(Map::from_iter([(format!("f{position}"), value)]))
                    })
                })
                .boxed()
        }
    }
}

fn base(word: &str) -> BoxedStrategy<Value> {
    use base64::Engine;
    match word {
        "bool" => any::<bool>().prop_map(Value::from).boxed(),
        "i8" => any::<i8>().prop_map(Value::from).boxed(),
        "i16" => any::<i16>().prop_map(Value::from).boxed(),
        "i32" => any::<i32>().prop_map(Value::from).boxed(),
        "i64" => any::<i64>().prop_map(Value::from).boxed(),
        "double" => prop::num::f64::NORMAL.prop_map(Value::from).boxed(),
        "string" => prop::collection::vec(any::<char>(), 0..12)
            .prop_map(|text| Value::from(text.into_iter().collect::<String>()))
            .boxed(),
        "uuid" => any::<u128>()
            .prop_map(|number| Value::from(uuid::Uuid::from_u128(number).hyphenated().to_string()))
            .boxed(),
        _ => prop::collection::vec(any::<u8>(), 0..20)
            .prop_map(|bytes| Value::from(base64::prelude::BASE64_STANDARD.encode(bytes)))
            .boxed(),
    }
}

fn distinct(mut elements: Vec<Value>) -> Value {
    let mut seen = std::collections::HashSet::new();
    elements.retain(|element| seen.insert(element.to_string()));
    Value::Array(elements)
}

fn object(pairs: Vec<(Value, Value)>) -> Value {
    let text = |key: Value| key.as_str().map_or_else(|| key.to_string(), str::to_owned);
    Value::Object(pairs.into_iter().map(|(key, value)| (text(key), value)).collect())
}

fn entries(pairs: Vec<(Value, Value)>) -> Value {
    let mut seen = std::collections::HashSet::new();
    let pairs = pairs.into_iter().filter(|(key, _)| seen.insert(key.to_string()));
    Value::Array(pairs.map(|(key, value)| Value::Array(vec![key, value])).collect())
}

/// Writes the declarations that a type needs, and returns how it is named.
fn declare(ty: &Type, idl: &mut String, next: &mut usize) -> String {
    let mut fields_of = |kind: &str, fields: &[(i16, &str, &Type)], idl: &mut String| {
        let mut text = String::new();
        for (position, (id, requiredness, ty)) in fields.iter().enumerate() {
            let ty = declare(ty, idl, next);
            writeln!(text, "  {id}: {requiredness}{ty} f{position},").expect("a string takes all");
        }
        *next += 1;
        writeln!(idl, "{kind} S{next} {{\n{text}}}").expect("a string takes all");
        format!("S{next}")
    };
    match ty {
        Type::Base(word) => (*word).to_owned(),
        Type::Enum => "E".to_owned(),
        Type::Struct(fields) => {
            let fields: Vec<_> =
                fields.iter().map(|(id, requiredness, ty)| (*id, *requiredness, ty)).collect();
            fields_of("struct", &fields, idl)
        }
        Type::Union(members) => {
            let fields: Vec<_> = (1..).zip(members).map(|(id, ty)| (id, "", ty)).collect();
            fields_of("union", &fields, idl)
        }
        Type::List(element) => format!("list<{}>", declare(element, idl, next)),
        Type::Set(element) => format!("set<{}>", declare(element, idl, next)),
        Type::Map(key, value) => {
            let key = declare(key, idl, next);
            format!("map<{key}, {}>", declare(value, idl, next))
        }
    }
}

/// Any schema, and a value of it.
pub(crate) fn sample() -> impl Strategy<Value = Sample> {
    any_type().prop_flat_map(|ty| {
        let mut idl = "enum E { ALPHA, BETA = 7, OMEGA = -1 }\n".to_owned();
        let name = declare(&ty, &mut idl, &mut 0);
        writeln!(idl, "service Random {{ {name} echo(1: {name} value) }}").expect("a string takes all");
        value(&ty).prop_map(move |value| Sample { idl: idl.clone(), value })
    })
}
