//! A mapping that is a backend, or names of backends with their weights: the first key tells.

use super::{Backend, Destination};
use crate::quantity::Weight;
use crate::scalar::{Scalar, Word};
use crate::shape::Named;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

impl<'de> Deserialize<'de> for Destination {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct DestinationVisitor;

        impl<'de> Visitor<'de> for DestinationVisitor {
            type Value = Destination;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a backend, or backends with weights")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Destination, A::Error> {
                match map.next_key::<Word>()? {
                    Some(name) if !is_key_of_backend(&name.text) => {
                        let mut weights = vec![(name, map.next_value()?)];
                        while let Some(entry) = map.next_entry()? {
                            weights.push(entry);
                        }
                        Ok(Destination::Weighted(Named(weights)))
                    }
                    first => {
                        let map = FirstKeyKnown { first: first.map(|key| key.text), map };
                        let backend = Backend::deserialize(MapAccessDeserializer::new(map))?;
                        Ok(Destination::Backend(Box::new(backend)))
                    }
                }
            }
        }

        deserializer.deserialize_map(DestinationVisitor)
    }
}

fn is_key_of_backend(name: &str) -> bool {
    let schema = SchemaGenerator::default().into_root_schema_for::<Backend>();
    schema.get("properties").is_some_and(|keys| keys.get(name).is_some())
}

/// A mapping whose first key was read already.
struct FirstKeyKnown<A> {
    first: Option<String>,
    map: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for FirstKeyKnown<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        match self.first.take() {
            Some(first) => seed.deserialize(first.into_deserializer()).map(Some),
            None => self.map.next_key_seed(seed),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

impl JsonSchema for Destination {
    fn schema_name() -> Cow<'static, str> {
        "Destination".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let backend = generator.subschema_for::<Backend>();
        let weight = generator.subschema_for::<Scalar<Weight>>();
        json_schema!({"anyOf": [backend, {"type": "object", "additionalProperties": weight}]})
    }
}
