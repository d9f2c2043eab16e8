//! The shape of the output, with every name and definition as a slice of the source, so that its place is
//! known.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::schema::Annotation;

#[derive(Deserialize)]
pub(super) struct Document<'a> {
    #[serde(borrow)]
    pub(super) name: &'a RawValue,
    pub(super) doc: Option<String>,
    #[serde(default)]
    pub(super) namespaces: Pairs,
    /// Missing from merged output.
    #[serde(borrow)]
    pub(super) includes: Option<Vec<&'a RawValue>>,
    #[serde(borrow, default)]
    pub(super) enums: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) typedefs: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) structs: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) constants: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) services: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
pub(super) struct EnumItem<'a> {
    #[serde(borrow)]
    pub(super) name: &'a RawValue,
    pub(super) doc: Option<String>,
    #[serde(default)]
    pub(super) annotations: Pairs,
    #[serde(borrow)]
    pub(super) members: Vec<MemberItem<'a>>,
}

#[derive(Deserialize)]
pub(super) struct MemberItem<'a> {
    #[serde(borrow)]
    pub(super) name: &'a RawValue,
    pub(super) value: i32,
    pub(super) doc: Option<String>,
    #[serde(default)]
    pub(super) annotations: Pairs,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TypedefItem<'a> {
    #[serde(borrow)]
    pub(super) name: &'a RawValue,
    #[serde(borrow)]
    pub(super) type_id: &'a RawValue,
    #[serde(borrow, rename = "type")]
    pub(super) ty: Option<TypeItem<'a>>,
    pub(super) doc: Option<String>,
    #[serde(default)]
    pub(super) annotations: Pairs,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StructItem<'a> {
    #[serde(borrow)]
    pub(super) name: &'a RawValue,
    pub(super) doc: Option<String>,
    #[serde(default)]
    pub(super) annotations: Pairs,
    #[serde(default)]
    pub(super) is_exception: bool,
    #[serde(default)]
    pub(super) is_union: bool,
    #[serde(borrow)]
    pub(super) fields: Vec<FieldItem<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FieldItem<'a> {
    #[serde(borrow)]
    pub(super) key: &'a RawValue,
    #[serde(borrow)]
    pub(super) name: &'a RawValue,
    #[serde(borrow)]
    pub(super) type_id: &'a RawValue,
    #[serde(borrow, rename = "type")]
    pub(super) ty: Option<TypeItem<'a>>,
    pub(super) doc: Option<String>,
    #[serde(default)]
    pub(super) annotations: Pairs,
    pub(super) required: Option<Presence>,
    #[serde(borrow)]
    pub(super) default: Option<&'a RawValue>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
pub(super) enum Presence {
    Required,
    Optional,
    ReqOut,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConstantItem<'a> {
    #[serde(borrow)]
    pub(super) name: &'a RawValue,
    #[serde(borrow)]
    pub(super) type_id: &'a RawValue,
    #[serde(borrow, rename = "type")]
    pub(super) ty: Option<TypeItem<'a>>,
    pub(super) doc: Option<String>,
    #[serde(borrow)]
    pub(super) value: &'a RawValue,
}

#[derive(Deserialize)]
pub(super) struct ServiceItem<'a> {
    #[serde(borrow)]
    pub(super) name: &'a RawValue,
    #[serde(borrow)]
    pub(super) extends: Option<&'a RawValue>,
    pub(super) doc: Option<String>,
    #[serde(default)]
    pub(super) annotations: Pairs,
    #[serde(borrow)]
    pub(super) functions: Vec<FunctionItem<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FunctionItem<'a> {
    #[serde(borrow)]
    pub(super) name: &'a RawValue,
    #[serde(borrow)]
    pub(super) return_type_id: &'a RawValue,
    #[serde(borrow)]
    pub(super) return_type: Option<TypeItem<'a>>,
    pub(super) oneway: bool,
    pub(super) doc: Option<String>,
    #[serde(default)]
    pub(super) annotations: Pairs,
    #[serde(borrow)]
    pub(super) arguments: Vec<FieldItem<'a>>,
    #[serde(borrow)]
    pub(super) exceptions: Vec<FieldItem<'a>>,
}

/// What a type id alone does not tell.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TypeItem<'a> {
    #[serde(borrow)]
    pub(super) class: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) elem_type_id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) elem_type: Option<Box<TypeItem<'a>>>,
    #[serde(borrow)]
    pub(super) key_type_id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) key_type: Option<Box<TypeItem<'a>>>,
    #[serde(borrow)]
    pub(super) value_type_id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) value_type: Option<Box<TypeItem<'a>>>,
    #[serde(default)]
    pub(super) annotations: Pairs,
}

/// An object of strings; a key may come more than once, as an annotation may.
#[derive(Default)]
pub(super) struct Pairs(pub(super) Vec<Annotation>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor;

        impl<'de> Visitor<'de> for PairsVisitor {
            type Value = Pairs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of strings")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some((name, value)) = map.next_entry()? {
                    pairs.push(Annotation { name, value });
                }
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_map(PairsVisitor)
    }
}

/// The entries of an object with the places of the values; the keys have none of their own.
pub(super) struct Entries<'a>(pub(super) Vec<(Box<str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntriesVisitor;

        impl<'de> Visitor<'de> for EntriesVisitor {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<'de>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(EntriesVisitor)
    }
}

/// What tells the output of compilers before 0.10 from later ones.
#[derive(Deserialize)]
pub(super) struct OldField {
    #[serde(rename = "typeId")]
    pub(super) type_id: Option<IgnoredAny>,
    pub(super) index: Option<IgnoredAny>,
}

/// Any definition, as far as it takes to find an [`OldField`].
#[derive(Deserialize)]
pub(super) struct OldStruct {
    #[serde(default)]
    pub(super) fields: Vec<OldField>,
}
