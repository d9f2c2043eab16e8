//! What of a style can be seen in the JSON of a struct, all the way down.

use thriftgate_metadata::{Requiredness, Schema, Struct, StructId, StructKind, Type};

use crate::annotation::is_shown;

/// What can be seen in the JSON of a type.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Traits {
    /// An `i64`, but as a key
    pub(super) i64: bool,
    /// An enum
    pub(super) enums: bool,
    /// Something that is written in other ways than it may be read in, whatever the style
    pub(super) asymmetric: bool,
}

impl Traits {
    /// Adds those of another. Whether there were any new ones.
    fn add(&mut self, other: Self) -> bool {
        let before = *self;
        self.i64 |= other.i64;
        self.enums |= other.enums;
        self.asymmetric |= other.asymmetric;
        before != *self
    }
}

/// Those of every struct, by the index of its id.
pub(super) fn traits(schema: &Schema) -> Vec<Traits> {
    let mut all: Vec<Traits> = Vec::with_capacity(schema.structs().len());
    let mut users: Vec<Vec<StructId>> = vec![Vec::new(); schema.structs().len()];
    for (id, structure) in schema.structs() {
        let mut own = Traits { asymmetric: is_asymmetric(structure), ..Traits::default() };
        for field in structure.fields.iter().filter(|field| is_shown(field)) {
            visit(schema, field.ty, &mut |ty| match ty {
                Type::Struct(used) => users[used.index()].push(id),
                Type::Map(map) => own.asymmetric |= is_asymmetric_key(schema.map(map).0),
                ty => drop(own.add(of_leaf(schema, ty))),
            });
        }
        all.push(own);
    }
    let mut open: Vec<StructId> = schema.structs().map(|(id, _)| id).collect();
    while let Some(id) = open.pop() {
        let own = all[id.index()];
        open.extend(users[id.index()].iter().filter(|user| all[user.index()].add(own)));
    }
    all
}

/// Whether requests may leave out or unset what replies cannot.
fn is_asymmetric(structure: &Struct) -> bool {
    let may_be_null = structure.fields.iter().any(|field| field.requiredness != Requiredness::Required);
    may_be_null || structure.kind == StructKind::Union
}

fn of_leaf(schema: &Schema, ty: Type) -> Traits {
    match ty {
        Type::I64 => Traits { i64: true, asymmetric: true, ..Traits::default() },
        Type::Binary => Traits { asymmetric: true, ..Traits::default() },
        Type::Enum(id) => {
            let item = &schema[id];
            let is_alias =
                |name: &str, value| item.member_by_value(value).is_none_or(|first| *first.name != *name);
            let asymmetric = item.members.iter().any(|member| is_alias(&member.name, member.value));
            Traits { enums: true, asymmetric, i64: false }
        }
        _ => Traits::default(),
    }
}

/// Whether requests may write the key of an object in more ways than replies do.
fn is_asymmetric_key(key: Type) -> bool {
    matches!(key, Type::I8 | Type::I16 | Type::I32 | Type::I64 | Type::Enum(_) | Type::Binary)
}

/// Visits the parts of a type: the leaves, and the maps. An `i64` that is the key of an object is no leaf: it is digits in
/// any style.
pub(crate) fn visit(schema: &Schema, ty: Type, part: &mut impl FnMut(Type)) {
    match ty {
        Type::List(id) | Type::Set(id) => visit(schema, schema.element(id), part),
        Type::Map(id) => {
            let (key, value) = schema.map(id);
            part(ty);
            if key != Type::I64 {
                visit(schema, key, part);
            }
            visit(schema, value, part);
        }
        ty => part(ty),
    }
}

/// Those of a type.
pub(super) fn of_type(schema: &Schema, all: &[Traits], ty: Type) -> Traits {
    match ty {
        Type::Struct(id) => all[id.index()],
        ty => of_leaf(schema, ty),
    }
}
