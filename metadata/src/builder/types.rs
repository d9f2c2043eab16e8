//! References to types: typedefs first, all the way down, then the types of fields.

use std::collections::HashMap;

use crate::builder::names::{Head, Item, Resolver};
use crate::declaration::{MAX_NESTING, TypeExpr, TypeKind};
use crate::id::{ElementId, MapId, ProgramId, TypedefId};
use crate::schema::{Annotation, Annotations, Type, Typedef};

/// The interned types, and what the typedefs stand for.
#[derive(Default)]
pub(super) struct Types {
    elements: HashMap<Type, ElementId>,
    maps: HashMap<(Type, Type), MapId>,
    /// How deep each nests, at the position of its id.
    element_depths: Vec<usize>,
    map_depths: Vec<usize>,
    typedefs: Vec<TypedefState>,
    /// The annotations of the type that each typedef stands for.
    typedef_annotations: Vec<Vec<Annotation>>,
}

#[derive(Clone, Copy, PartialEq)]
enum TypedefState {
    New,
    Open,
    /// Without a type where it is wrong.
    Done(Option<Type>),
}

impl Types {
    /// What a typedef stands for, once it is resolved and if it is right.
    pub(super) fn of_typedef(&self, id: TypedefId) -> Option<Type> {
        match self.typedefs[id.index()] {
            TypedefState::Done(ty) => ty,
            TypedefState::New | TypedefState::Open => None,
        }
    }

    fn depth(&self, ty: Type) -> usize {
        match ty {
            Type::List(id) | Type::Set(id) => self.element_depths[id.index()],
            Type::Map(id) => self.map_depths[id.index()],
            _ => 0,
        }
    }
}

impl Resolver {
    /// Resolves all typedefs. A chain of them may be of any length, so this does not recurse.
    pub(super) fn resolve_typedefs(&mut self, typedefs: Vec<(Head, TypeExpr)>) {
        self.types.typedefs = vec![TypedefState::New; typedefs.len()];
        self.types.typedef_annotations = vec![Vec::new(); typedefs.len()];
        for root in 0..typedefs.len() {
            if self.types.typedefs[root] != TypedefState::New {
                continue;
            }
            let mut way = vec![root];
            self.types.typedefs[root] = TypedefState::Open;
            while let Some(&current) = way.last() {
                let (head, expr) = &typedefs[current];
                let mut needed = Vec::new();
                self.typedefs_in(head.program, expr, &mut needed);
                let state = |id: &TypedefId| self.types.typedefs[id.index()];
                if let Some(next) = needed.iter().find(|id| state(id) == TypedefState::New) {
                    self.types.typedefs[next.index()] = TypedefState::Open;
                    way.push(next.index());
                    continue;
                }
                let ty = if let Some(open) = needed.iter().find(|id| state(id) == TypedefState::Open) {
                    self.report_typedef_cycle(&typedefs, &way, open.index());
                    None
                } else {
                    self.resolve_type(head.program, expr)
                };
                self.types.typedef_annotations[current] = self.type_annotations(head.program, expr);
                self.types.typedefs[current] = TypedefState::Done(ty);
                way.pop();
            }
        }
        for (index, (head, _)) in typedefs.into_iter().enumerate() {
            self.schema.typedefs.push(Typedef {
                name: head.name.text,
                program: head.program,
                ty: self.types.of_typedef(TypedefId::new(index)).unwrap_or(Type::Bool),
                doc: head.doc,
                annotations: annotations(head.annotations, &[]),
            });
        }
    }

    #[cold]
    fn report_typedef_cycle(&mut self, typedefs: &[(Head, TypeExpr)], way: &[usize], target: usize) {
        let start = way.iter().position(|&index| index == target).unwrap_or(0);
        let mut names: Vec<&str> = way[start..].iter().map(|&index| &*typedefs[index].0.name.text).collect();
        names.push(&typedefs[target].0.name.text);
        let head = &typedefs[target].0;
        self.report(head.program, head.name.span, format!("a typedef of itself: {}", names.join(" -> ")));
    }

    /// The typedefs that a type names.
    fn typedefs_in(&self, program: ProgramId, expr: &TypeExpr, found: &mut Vec<TypedefId>) {
        match &expr.kind {
            TypeKind::Void | TypeKind::Base(_) => {}
            TypeKind::Named(name) => {
                if let Some(Item::Typedef(id)) = self.item(program, name) {
                    found.push(id);
                }
            }
            TypeKind::List(element) | TypeKind::Set(element) => self.typedefs_in(program, element, found),
            TypeKind::Map(entry) => {
                self.typedefs_in(program, &entry.0, found);
                self.typedefs_in(program, &entry.1, found);
            }
        }
    }

    /// The type that an expression means; `None` after what is wrong was reported, here or at a typedef.
    pub(super) fn resolve_type(&mut self, program: ProgramId, expr: &TypeExpr) -> Option<Type> {
        match &expr.kind {
            TypeKind::Void => {
                self.report(program, expr.span, "`void` is only for the result of a method");
                None
            }
            TypeKind::Base(ty) => Some(*ty),
            TypeKind::Named(name) => self.resolve_name(program, expr, name),
            TypeKind::List(element) => {
                let element = self.resolve_type(program, element)?;
                self.element(program, expr, element).map(Type::List)
            }
            TypeKind::Set(element) => {
                let element = self.resolve_type(program, element)?;
                self.element(program, expr, element).map(Type::Set)
            }
            TypeKind::Map(entry) => {
                let key = self.resolve_type(program, &entry.0);
                let value = self.resolve_type(program, &entry.1);
                self.entry(program, expr, (key?, value?)).map(Type::Map)
            }
        }
    }

    fn resolve_name(&mut self, program: ProgramId, expr: &TypeExpr, name: &str) -> Option<Type> {
        match self.item(program, name) {
            Some(Item::Struct(id)) => Some(Type::Struct(id)),
            Some(Item::Enum(id)) => Some(Type::Enum(id)),
            Some(Item::Typedef(id)) => self.types.of_typedef(id),
            Some(Item::Service(_)) => {
                self.report(program, expr.span, format!("`{name}` is a service, not a type"));
                None
            }
            Some(Item::Constant(_)) | None => {
                let is_type = |item| matches!(item, Item::Struct(_) | Item::Enum(_) | Item::Typedef(_));
                self.report_unknown(program, expr.span, "type", name, is_type);
                None
            }
        }
    }

    fn element(&mut self, program: ProgramId, expr: &TypeExpr, element: Type) -> Option<ElementId> {
        if let Some(&id) = self.types.elements.get(&element) {
            return Some(id);
        }
        let depth = self.nesting(program, expr, self.types.depth(element))?;
        let id = ElementId::new(self.schema.elements.len());
        self.schema.elements.push(element);
        self.types.element_depths.push(depth);
        self.types.elements.insert(element, id);
        Some(id)
    }

    fn entry(&mut self, program: ProgramId, expr: &TypeExpr, entry: (Type, Type)) -> Option<MapId> {
        if let Some(&id) = self.types.maps.get(&entry) {
            return Some(id);
        }
        let inner = self.types.depth(entry.0).max(self.types.depth(entry.1));
        let depth = self.nesting(program, expr, inner)?;
        let id = MapId::new(self.schema.maps.len());
        self.schema.maps.push(entry);
        self.types.map_depths.push(depth);
        self.types.maps.insert(entry, id);
        Some(id)
    }

    /// The nesting of a container around something that nests `inner` deep, if it is bearable.
    fn nesting(&mut self, program: ProgramId, expr: &TypeExpr, inner: usize) -> Option<usize> {
        if inner >= MAX_NESTING {
            self.report(program, expr.span, format!("types nest more than {MAX_NESTING} deep"));
            return None;
        }
        Some(inner + 1)
    }

    /// The annotations of the type that an expression means, typedefs followed.
    pub(super) fn type_annotations(&self, program: ProgramId, expr: &TypeExpr) -> Vec<Annotation> {
        if let TypeKind::Named(name) = &expr.kind
            && let Some(Item::Typedef(id)) = self.item(program, name)
        {
            return self.types.typedef_annotations[id.index()].clone();
        }
        expr.annotations.clone()
    }
}

/// The annotations of an item, and behind them those of its type whose names it does not use itself.
pub(super) fn annotations(mut own: Vec<Annotation>, of_type: &[Annotation]) -> Annotations {
    let count = own.len();
    for annotation in of_type {
        if !own[..count].iter().any(|known| known.name == annotation.name) {
            own.push(annotation.clone());
        }
    }
    own.sort_by(|a, b| a.name.cmp(&b.name));
    Annotations(own.into())
}
