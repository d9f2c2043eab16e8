//! The shapes a value of the file may take beside a plain mapping: a short form, one or several, entries by name.

use crate::scalar::{Flag, Scalar, Text, Word, bytes_of};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// A value written as one scalar, its short form, or in full.
#[derive(Debug, Clone)]
pub(crate) enum Short<T> {
    Text(Scalar<Text>),
    Full(T),
}

/// Something that is on or off, or on in the way that is said in full.
#[derive(Debug, Clone)]
pub(crate) enum Switch<T> {
    Flag(Scalar<Flag>),
    Full(T),
}

/// One value or a list of them: one needs no brackets.
#[derive(Debug, Clone)]
pub(crate) struct OneOrMany<T>(pub(crate) Vec<Short<T>>);

/// One text or a list of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Texts(pub(crate) Vec<Scalar<Text>>);

/// A mapping from names to values, in the order of the file.
#[derive(Debug, Clone)]
pub(crate) struct Named<T>(pub(crate) Vec<(Word, T)>);

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// What was found where several shapes are possible.
enum Found<T> {
    Text(String),
    Full(T),
    Many(Vec<Short<T>>),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Found<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FoundVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for FoundVisitor<T> {
            type Value = Found<T>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("text or a mapping")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Found<T>, E> {
                Ok(Found::Text(text.to_owned()))
            }

            // Numbers and booleans are never right where text has a meaning, but that is said at their place.
            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Found<T>, E> {
                Ok(Found::Text(value.to_string()))
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Found<T>, E> {
                Ok(Found::Text(value.to_string()))
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Found<T>, E> {
                Ok(Found::Text(value.to_string()))
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Found<T>, E> {
                Ok(Found::Text(value.to_string()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Found<T>, A::Error> {
                T::deserialize(de::value::MapAccessDeserializer::new(map)).map(Found::Full)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Found<T>, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = sequence.next_element()? {
                    items.push(item);
                }
                Ok(Found::Many(items))
            }
        }

        deserializer.deserialize_any(FoundVisitor(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Short<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let found = Spanned::<Found<T>>::deserialize(deserializer)?;
        match found.value {
            Found::Text(text) => Ok(Self::Text(Scalar::new(bytes_of(found.referenced), text))),
            Found::Full(value) => Ok(Self::Full(value)),
            Found::Many(_) => Err(de::Error::custom("one value is expected here, not a list")),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Switch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Short::deserialize(deserializer)? {
            Short::Text(text) => Self::Flag(Scalar::new(text.span.clone(), text.as_written().to_owned())),
            Short::Full(value) => Self::Full(value),
        })
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let found = Spanned::<Found<T>>::deserialize(deserializer)?;
        Ok(Self(match found.value {
            Found::Text(text) => {
                vec![Short::Text(Scalar::new(bytes_of(found.referenced), text))]
            }
            Found::Full(value) => vec![Short::Full(value)],
            Found::Many(items) => items,
        }))
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// What no mapping is.
        enum Never {}

        impl<'de> Deserialize<'de> for Never {
            fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
                Err(de::Error::custom("text is expected here, not a mapping"))
            }
        }

        let OneOrMany::<Never>(items) = OneOrMany::deserialize(deserializer)?;
        let text = |item| match item {
            Short::Text(text) => text,
            Short::Full(never) => match never {},
        };
        Ok(Self(items.into_iter().map(text).collect()))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NamedVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for NamedVisitor<T> {
            type Value = Named<T>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a mapping of names")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Named<T>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Named(entries))
            }
        }

        deserializer.deserialize_map(NamedVisitor(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for Short<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("Short{}", T::schema_name()).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({"anyOf": [{"type": "string"}, generator.subschema_for::<T>()]})
    }
}

impl<T: JsonSchema> JsonSchema for Switch<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("Switch{}", T::schema_name()).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let flag = generator.subschema_for::<Scalar<Flag>>();
        json_schema!({"anyOf": [flag, generator.subschema_for::<T>()]})
    }
}

impl<T: JsonSchema> JsonSchema for OneOrMany<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("OneOrMany{}", T::schema_name()).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let item = generator.subschema_for::<Short<T>>();
        let full = generator.subschema_for::<T>();
        json_schema!({"anyOf": [{"type": "string"}, full, {"type": "array", "items": item}]})
    }
}

impl JsonSchema for Texts {
    fn schema_name() -> Cow<'static, str> {
        "Texts".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})
    }
}

impl<T: JsonSchema> JsonSchema for Named<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("Named{}", T::schema_name()).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "object", "additionalProperties": generator.subschema_for::<T>()})
    }
}
