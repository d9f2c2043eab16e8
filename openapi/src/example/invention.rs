//! Values that are made up.

use std::cell::{Cell, RefCell};

use thriftgate_metadata::{EnumId, Field, Requiredness, Schema, StructId, StructKind, Type, Value};

use super::given::{is_whole, of_annotation};
use super::{Sizes, hint};
use crate::annotation::{is_shown, typedef};
use crate::schema::{Filled, View, must_be_given, shown};

/// Values that an example has before it is cut to what has to be there.
const BUDGET: u32 = 120;
/// Levels of structs and containers that it has before that.
const DEPTH: usize = 6;
/// Values of the smallest example that is made at all.
const LARGEST: u32 = 10_000;

/// Makes up the values of one example.
pub(super) struct Inventor<'e> {
    schema: &'e Schema,
    sizes: &'e Sizes,
    seed: u64,
    /// Values that may still be made.
    left: Cell<u32>,
    /// The structs around the present value.
    around: RefCell<Vec<StructId>>,
}

impl<'e> Inventor<'e> {
    pub(super) fn new(schema: &'e Schema, sizes: &'e Sizes, seed: u64) -> Self {
        Self { schema, sizes, seed, left: Cell::new(BUDGET), around: RefCell::default() }
    }

    /// The arguments of a method, all of them as long as there is room.
    pub(super) fn arguments(&self, id: StructId, view: View) -> Value {
        let structure = &self.schema[id];
        let mut fields = Vec::new();
        for (position, field) in shown(structure, view, &Filled::none()) {
            if must_be_given(structure.kind, field, view) || self.is_wanted(field.ty) {
                fields.push((u16::try_from(position).unwrap_or(u16::MAX), self.field(field)));
            }
        }
        Value::Struct(fields.into())
    }

    /// The value of a field: what the IDL says, else made up by its name.
    pub(super) fn field(&self, field: &Field) -> Value {
        let typedef = typedef(self.schema, field);
        let said = of_annotation(self.schema, field.ty, &field.annotations)
            .or_else(|| {
                typedef.and_then(|typedef| of_annotation(self.schema, field.ty, &typedef.annotations))
            })
            .or_else(|| field.default.clone().filter(|default| is_whole(self.schema, field.ty, default)));
        said.unwrap_or_else(|| self.value(field.ty, &field.name))
    }

    /// A value of this type, for something of this name.
    fn value(&self, ty: Type, name: &str) -> Value {
        self.left.set(self.left.get().saturating_sub(1));
        let seed = self.seed;
        match ty {
            Type::Bool => Value::Bool(seed.is_multiple_of(2)),
            Type::I8 => Value::Int(hint::integer(name, seed).min(i8::MAX.into())),
            Type::I16 => Value::Int(hint::integer(name, seed).min(i16::MAX.into())),
            Type::I32 => Value::Int(hint::integer(name, seed).min(i32::MAX.into())),
            Type::I64 => Value::Int(hint::long(name, seed)),
            Type::Double => Value::Double(hint::double(name, seed)),
            Type::String => Value::String(hint::text(name, seed).into()),
            Type::Binary => Value::Binary(hint::bytes(seed).into()),
            Type::Uuid => Value::Uuid(hint::uuid(seed)),
            Type::Enum(id) => Value::Int(self.member(id)),
            Type::List(id) | Type::Set(id) => self.list(self.schema.element(id), name),
            Type::Map(id) => self.map(self.schema.map(id), name),
            Type::Struct(id) => self.structure(id),
        }
    }

    fn member(&self, id: EnumId) -> i64 {
        let members = &self.schema[id].members;
        let position = usize::try_from(self.seed).unwrap_or(0).checked_rem(members.len());
        position.map_or(0, |position| members[position].value.into())
    }

    /// One element, where there is room for one.
    fn list(&self, element: Type, name: &str) -> Value {
        let one =
            self.is_wanted(element).then(|| self.inside(None, || self.value(element, hint::singular(name))));
        Value::List(one.into_iter().collect())
    }

    fn map(&self, (key, value): (Type, Type), name: &str) -> Value {
        let is_wanted = self.is_wanted(key) && self.is_wanted(value);
        let entry = || (self.value(key, "key"), self.value(value, hint::singular(name)));
        let one = is_wanted.then(|| self.inside(None, entry));
        Value::Map(one.into_iter().collect())
    }

    fn structure(&self, id: StructId) -> Value {
        let structure = &self.schema[id];
        if let Some(said) = of_annotation(self.schema, Type::Struct(id), &structure.annotations) {
            return said;
        }
        if self.sizes.of(Type::Struct(id)).is_none_or(|size| size > LARGEST) {
            // There is none, or none that anybody could read.
            return Value::Struct(Box::default());
        }
        self.inside(Some(id), || match structure.kind {
            StructKind::Union => self.union(id),
            _ => self.fields(id),
        })
    }

    fn fields(&self, id: StructId) -> Value {
        let mut fields = Vec::new();
        for (position, field) in self.schema[id].fields.iter().enumerate() {
            let is_required = field.requiredness == Requiredness::Required;
            if is_required || is_shown(field) && self.is_wanted(field.ty) {
                fields.push((u16::try_from(position).unwrap_or(u16::MAX), self.field(field)));
            }
        }
        Value::Struct(fields.into())
    }

    /// The first member that there is room for, or with another seed another.
    fn union(&self, id: StructId) -> Value {
        let all = &self.schema[id].fields;
        let wanted: Vec<usize> = (0..all.len())
            .filter(|&position| is_shown(&all[position]) && self.is_wanted(all[position].ty))
            .collect();
        let chosen = usize::try_from(self.seed).unwrap_or(0).checked_rem(wanted.len());
        let position = chosen.map(|chosen| wanted[chosen]).or_else(|| self.sizes.smallest_member(id));
        let member =
            position.and_then(|position| Some((u16::try_from(position).ok()?, self.field(&all[position]))));
        Value::Struct(member.into_iter().collect())
    }

    /// Whether there is room for something of this type that may as well be left out.
    fn is_wanted(&self, ty: Type) -> bool {
        let around = self.around.borrow();
        let fits = |size: u32| size <= self.left.get();
        around.len() < DEPTH
            && self.sizes.of(ty).is_some_and(fits)
            && !matches!(ty, Type::Struct(id) if around.contains(&id))
            && !self.holds_what_is_around(ty, &around)
    }

    /// Whether a container is of the structs that it is inside of.
    fn holds_what_is_around(&self, ty: Type, around: &[StructId]) -> bool {
        match ty {
            Type::Struct(id) => around.contains(&id),
            Type::List(id) | Type::Set(id) => self.holds_what_is_around(self.schema.element(id), around),
            Type::Map(id) => {
                let (key, value) = self.schema.map(id);
                self.holds_what_is_around(key, around) || self.holds_what_is_around(value, around)
            }
            _ => false,
        }
    }

    /// What `make` makes one level down. A container counts as the struct that it is in.
    fn inside<T>(&self, id: Option<StructId>, make: impl FnOnce() -> T) -> T {
        let id = id.or_else(|| self.around.borrow().last().copied());
        self.around.borrow_mut().extend(id);
        let made = make();
        if id.is_some() {
            self.around.borrow_mut().pop();
        }
        made
    }
}
