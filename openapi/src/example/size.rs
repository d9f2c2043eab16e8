//! How large the smallest value of each struct is.

use thriftgate_metadata::{Requiredness, Schema, Struct, StructId, StructKind, Type};

use crate::annotation::is_shown;
use crate::schema::visit;

/// The smallest values of structs.
#[derive(Debug)]
pub(crate) struct Sizes {
    /// By the index of the struct; `None` where it has no finite value.
    all: Vec<Option<u32>>,
    /// Of a union, the position of the member that it has in its smallest value.
    members: Vec<Option<usize>>,
}

impl Sizes {
    /// Those of what can be in values of these structs.
    pub(crate) fn new(schema: &Schema, roots: impl Iterator<Item = StructId>) -> Self {
        let count = schema.structs().len();
        let mut sizes = Self { all: vec![None; count], members: vec![None; count] };
        // What each struct still waits for, and who waits for it.
        let mut missing = vec![0_usize; count];
        let mut waiting: Vec<Vec<StructId>> = vec![Vec::new(); count];
        let mut open = Vec::new();
        for id in reachable(schema, roots) {
            let structure = &schema[id];
            for (_, field) in needed(structure) {
                if let Type::Struct(inner) = field.ty {
                    waiting[inner.index()].push(id);
                    missing[id.index()] += 1;
                }
            }
            let is_union = structure.kind == StructKind::Union;
            let has_leaf = || needed(structure).any(|(_, field)| !matches!(field.ty, Type::Struct(_)));
            if if is_union { has_leaf() } else { missing[id.index()] == 0 } {
                open.push(id);
            }
        }
        // A struct is settled once all is that it needs, a union once one member is: what it is made of was settled before it.
        while let Some(id) = open.pop() {
            if sizes.all[id.index()].is_some() {
                continue;
            }
            sizes.settle(schema, id);
            for &user in &waiting[id.index()] {
                missing[user.index()] -= 1;
                if missing[user.index()] == 0 || schema[user].kind == StructKind::Union {
                    open.push(user);
                }
            }
        }
        sizes
    }

    fn settle(&mut self, schema: &Schema, id: StructId) {
        let structure = &schema[id];
        let sizes = needed(structure).map(|(position, field)| (position, self.of(field.ty), is_shown(field)));
        let size = if structure.kind == StructKind::Union {
            let least = sizes
                .filter_map(|(position, size, is_shown)| Some((position, size?, is_shown)))
                .min_by_key(|&(position, size, is_shown)| (!is_shown, size, position));
            let Some((position, size, _)) = least else { return };
            self.members[id.index()] = Some(position);
            size
        } else {
            sizes.fold(0, |sum: u32, (_, size, _)| sum.saturating_add(size.unwrap_or(u32::MAX)))
        };
        self.all[id.index()] = Some(size.saturating_add(1));
    }

    /// How many values the smallest one of this type has in it, itself among them; `None` where there is no finite one.
    pub(crate) fn of(&self, ty: Type) -> Option<u32> {
        match ty {
            Type::Struct(id) => self.all[id.index()],
            _ => Some(1),
        }
    }

    /// The position of the member that a union has in its smallest value.
    pub(crate) fn smallest_member(&self, id: StructId) -> Option<usize> {
        self.members[id.index()]
    }
}

/// The structs that can be in values of these, and these.
fn reachable(schema: &Schema, roots: impl Iterator<Item = StructId>) -> Vec<StructId> {
    let mut is_reached = vec![false; schema.structs().len()];
    let mut reached: Vec<StructId> = Vec::new();
    let mut reach = |id: StructId, reached: &mut Vec<StructId>| {
        if !std::mem::replace(&mut is_reached[id.index()], true) {
            reached.push(id);
        }
    };
    roots.for_each(|root| reach(root, &mut reached));
    let mut next = 0;
    while let Some(&id) = reached.get(next) {
        next += 1;
        for field in &schema[id].fields {
            visit(schema, field.ty, &mut |leaf| {
                if let Type::Struct(inner) = leaf {
                    reach(inner, &mut reached);
                }
            });
        }
    }
    reached
}

/// The fields that a value cannot be without; of a union all, of which one is enough.
fn needed(structure: &Struct) -> impl Iterator<Item = (usize, &thriftgate_metadata::Field)> {
    let is_union = structure.kind == StructKind::Union;
    let fields = structure.fields.iter().enumerate();
    fields.filter(move |(_, field)| is_union || field.requiredness == Requiredness::Required)
}
