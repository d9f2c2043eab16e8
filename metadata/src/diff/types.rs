//! Which values of one type are values of another, in JSON and on the wire.

use super::effect::Effect::{Breaking, Compatible, Risky};
use super::effect::{Effect, Effects, Rule};
use crate::id::{EnumId, StructId};
use crate::schema::{Schema, Type};

/// An old item and the new one that stands in its place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Pair {
    Structs(StructId, StructId),
    Enums(EnumId, EnumId),
}

/// The effect of putting `new` in the place of `old`. Structs and enums are the same here, whatever their names,
/// and are added to `met`, to be compared once for all their uses.
pub(super) fn compare(schemas: (&Schema, &Schema), old: Type, new: Type, met: &mut Vec<Pair>) -> Rule {
    let (a, b) = schemas;
    match (old, new) {
        (Type::Struct(old), Type::Struct(new)) => {
            met.push(Pair::Structs(old, new));
            Rule::NONE
        }
        (Type::Enum(old), Type::Enum(new)) => {
            met.push(Pair::Enums(old, new));
            Rule::NONE
        }
        (Type::List(old), Type::List(new)) | (Type::Set(old), Type::Set(new)) => {
            compare(schemas, a.element(old), b.element(new), met)
        }
        (Type::Map(old), Type::Map(new)) => {
            let ((old_key, old_value), (new_key, new_value)) = (a.map(old), b.map(new));
            compare(schemas, old_key, new_key, met).max(compare(schemas, old_value, new_value, met))
        }
        // Equal elements are refused in a set.
        (Type::List(old), Type::Set(new)) => {
            let elements = compare(schemas, a.element(old), b.element(new), met);
            elements.max(json(Breaking, Compatible, Breaking))
        }
        (Type::Set(old), Type::List(new)) => {
            let elements = compare(schemas, a.element(old), b.element(new), met);
            elements.max(json(Compatible, Risky, Breaking))
        }
        _ => scalars(old, new),
    }
}

/// A rule by its effect on JSON in requests and in replies, and on the wire in both.
const fn json(requests: Effect, replies: Effect, wire: Effect) -> Rule {
    Rule { requests: Effects::new(requests, wire), replies: Effects::new(replies, wire) }
}

fn scalars(old: Type, new: Type) -> Rule {
    if old == new {
        return Rule::NONE;
    }
    if let (Some(narrow), Some(wide)) = (width(old), width(new)) {
        // An `i64` is a string where the style says so, and the other integers never are.
        let leaves_i64 = if old == Type::I64 { Risky } else { Compatible };
        return if narrow < wide {
            json(Compatible, Risky, Breaking)
        } else {
            json(Breaking, leaves_i64, Breaking)
        };
    }
    match (old, new) {
        // The same bytes, but not all bytes are text.
        (Type::String, Type::Binary) => {
            Rule { requests: Effects::new(Breaking, Compatible), replies: Effects::new(Breaking, Risky) }
        }
        (Type::Binary, Type::String) => {
            Rule { requests: Effects::new(Breaking, Risky), replies: Effects::new(Breaking, Compatible) }
        }
        (Type::Enum(_), Type::I32) => json(Breaking, Breaking, Compatible),
        (Type::I32, Type::Enum(_)) => json(Compatible, Breaking, Compatible),
        (Type::I8 | Type::I16, Type::Enum(_) | Type::Double) | (Type::I32, Type::Double) => {
            json(Compatible, Breaking, Breaking)
        }
        (Type::Double, Type::I8 | Type::I16 | Type::I32) => json(Breaking, Compatible, Breaking),
        (Type::Double, Type::I64) => json(Breaking, Risky, Breaking),
        (Type::Uuid, Type::String) => json(Compatible, Breaking, Breaking),
        (Type::String, Type::Uuid) => json(Breaking, Compatible, Breaking),
        _ => Rule::both(Effects::BREAKING),
    }
}

/// The bits of an integer type.
fn width(ty: Type) -> Option<u8> {
    match ty {
        Type::I8 => Some(8),
        Type::I16 => Some(16),
        Type::I32 => Some(32),
        Type::I64 => Some(64),
        _ => None,
    }
}
