//! The first pass: every declared name gets an id; and the look-up of names by all later passes.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::builder::Links;
use crate::builder::types::Types;
use crate::builder::value::Values;
use crate::declaration::{
    Definition, DefinitionKind, FieldDecl, FunctionDecl, MemberDecl, Name, ProgramDecl, TypeExpr, ValueExpr,
};
use crate::diagnostic::{Diagnostic, Span};
use crate::id::{ConstantId, EnumId, ProgramId, ServiceId, StructId, TypedefId};
use crate::nearest::nearest;
use crate::schema::{Annotation, Program, Schema, Struct, StructKind, Type};

/// What may have been meant where a type is not known.
const BASE_TYPES: [&str; 9] = ["bool", "i8", "i16", "i32", "i64", "double", "string", "binary", "uuid"];

/// What a name of a program stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Item {
    Struct(StructId),
    Enum(EnumId),
    Typedef(TypedefId),
    Service(ServiceId),
    Constant(ConstantId),
}

type Names = HashMap<Box<str>, (Item, Span), foldhash::fast::RandomState>;

/// The names of one program. A constant may be called like a type.
#[derive(Default)]
struct Scope {
    items: Names,
    constants: Names,
}

/// The parts of a declaration that every kind has.
pub(super) struct Head {
    pub(super) program: ProgramId,
    pub(super) name: Name,
    pub(super) doc: Option<Box<str>>,
    pub(super) annotations: Vec<Annotation>,
}

/// All declarations by kind, each at the position of its id.
#[derive(Default)]
pub(super) struct Sorted {
    pub(super) structs: Vec<(Head, StructKind, Vec<FieldDecl>)>,
    pub(super) enums: Vec<(Head, Vec<MemberDecl>)>,
    pub(super) typedefs: Vec<(Head, TypeExpr)>,
    pub(super) constants: Vec<(Head, TypeExpr, ValueExpr)>,
    pub(super) services: Vec<(Head, Option<Name>, Vec<FunctionDecl>)>,
}

/// What all passes share: the names, the schema so far, and what is wrong.
pub(super) struct Resolver {
    pub(super) programs: Vec<ProgramDecl>,
    links: Vec<Links>,
    scopes: Vec<Scope>,
    pub(super) schema: Schema,
    pub(super) types: Types,
    pub(super) values: Values,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// What a name in a constant stands for.
#[derive(Clone, Copy)]
pub(super) enum Referent {
    Constant(ConstantId),
    Member(i32),
}

impl Resolver {
    pub(super) fn new(programs: Vec<ProgramDecl>, links: Vec<Links>, diagnostics: Vec<Diagnostic>) -> Self {
        Self {
            scopes: programs.iter().map(|_| Scope::default()).collect(),
            programs,
            links,
            schema: Schema::default(),
            types: Types::default(),
            values: Values::default(),
            diagnostics,
        }
    }

    /// All passes, in their order.
    pub(super) fn resolve(mut self) -> (Schema, Vec<Diagnostic>) {
        let sorted = self.declare();
        self.resolve_typedefs(sorted.typedefs);
        self.build_enums(sorted.enums);
        self.build_structs(sorted.structs);
        self.build_services(sorted.services);
        self.check_finite();
        self.resolve_values(&sorted.constants);
        self.schema.structs.iter_mut().for_each(Struct::complete);
        self.build_programs();
        (self.schema, self.diagnostics)
    }

    /// Takes all declarations out of the programs and gives each name an id.
    fn declare(&mut self) -> Sorted {
        let mut sorted = Sorted::default();
        for index in 0..self.programs.len() {
            let program = ProgramId::new(index);
            for definition in std::mem::take(&mut self.programs[index].definitions) {
                self.declare_one(program, definition, &mut sorted);
            }
        }
        sorted
    }

    fn declare_one(&mut self, program: ProgramId, definition: Definition, sorted: &mut Sorted) {
        let Definition { name, kind, doc, annotations } = definition;
        let scope = &mut self.scopes[program.index()];
        let item = match &kind {
            DefinitionKind::Struct(..) => Item::Struct(StructId::new(sorted.structs.len())),
            DefinitionKind::Enum(_) => Item::Enum(EnumId::new(sorted.enums.len())),
            DefinitionKind::Typedef(_) => Item::Typedef(TypedefId::new(sorted.typedefs.len())),
            DefinitionKind::Service { .. } => Item::Service(ServiceId::new(sorted.services.len())),
            DefinitionKind::Constant(..) => Item::Constant(ConstantId::new(sorted.constants.len())),
        };
        let names = if matches!(item, Item::Constant(_)) { &mut scope.constants } else { &mut scope.items };
        match names.entry(name.text.clone()) {
            Entry::Vacant(entry) => entry.insert((item, name.span)),
            Entry::Occupied(entry) => {
                let first = entry.get().1;
                return self.report_duplicate(program, "", &name.text, name.span, first);
            }
        };
        let head = Head { program, name, doc, annotations };
        match kind {
            DefinitionKind::Struct(kind, fields) => sorted.structs.push((head, kind, fields)),
            DefinitionKind::Enum(members) => sorted.enums.push((head, members)),
            DefinitionKind::Typedef(ty) => sorted.typedefs.push((head, ty)),
            DefinitionKind::Service { extends, functions } => {
                sorted.services.push((head, extends, functions));
            }
            DefinitionKind::Constant(ty, value) => sorted.constants.push((head, ty, value)),
        }
    }

    /// Freezes the programs themselves.
    fn build_programs(&mut self) {
        self.schema.programs = std::mem::take(&mut self.programs)
            .into_iter()
            .zip(&self.links)
            .map(|(program, links)| Program {
                name: program.name,
                path: (*program.source.path).into(),
                namespaces: program.namespaces.into(),
                doc: program.doc,
                includes: links.includes.as_slice().into(),
            })
            .collect();
    }

    /// The declared item of a name, bare or qualified with its program's name.
    pub(super) fn item(&self, program: ProgramId, name: &str) -> Option<Item> {
        self.find(program, name, |scope| &scope.items)
    }

    fn find(&self, program: ProgramId, name: &str, names: impl Fn(&Scope) -> &Names) -> Option<Item> {
        if let Some(&(item, _)) = names(&self.scopes[program.index()]).get(name) {
            return Some(item);
        }
        let (prefix, bare) = name.rsplit_once('.')?;
        std::iter::once(program)
            .chain(self.links[program.index()].iter())
            .filter(|candidate| &*self.programs[candidate.index()].name == prefix)
            .find_map(|candidate| names(&self.scopes[candidate.index()]).get(bare))
            .map(|&(item, _)| item)
    }

    /// What a name in a constant stands for: a constant, or a member of an enum or of a typedef of one.
    pub(super) fn referent(&self, program: ProgramId, name: &str) -> Option<Referent> {
        if let Some(Item::Constant(id)) = self.find(program, name, |scope| &scope.constants) {
            return Some(Referent::Constant(id));
        }
        let (prefix, bare) = name.rsplit_once('.')?;
        let id = match self.item(program, prefix)? {
            Item::Enum(id) => id,
            Item::Typedef(id) => match self.types.of_typedef(id)? {
                Type::Enum(id) => id,
                _ => return None,
            },
            _ => return None,
        };
        self.schema[id].member_by_name(bare).map(|member| Referent::Member(member.value))
    }

    /// The known name of a `fitting` item that is nearest to one that is not known.
    #[cold]
    pub(super) fn nearest_name(
        &self,
        program: ProgramId,
        name: &str,
        fitting: impl Fn(Item) -> bool,
    ) -> Option<String> {
        let mut known: Vec<String> = Vec::new();
        let others = self.links[program.index()].iter().filter(|&other| other != program);
        for (qualifier, id) in std::iter::once((None, program))
            .chain(others.map(|id| (Some(&self.programs[id.index()].name), id)))
        {
            let scope = &self.scopes[id.index()];
            let mut names: Vec<&str> = scope
                .items
                .iter()
                .chain(&scope.constants)
                .filter(|(_, (item, _))| fitting(*item))
                .map(|(name, _)| &**name)
                .collect();
            names.sort_unstable();
            known.extend(names.into_iter().map(|name| match qualifier {
                Some(program) => format!("{program}.{name}"),
                None => name.to_owned(),
            }));
        }
        let bare = name.rsplit('.').next().unwrap_or(name);
        known
            .iter()
            .find(|known| known.rsplit('.').next() == Some(bare))
            .map(String::as_str)
            .or_else(|| nearest(name, known.iter().map(String::as_str)))
            .map(str::to_owned)
    }

    /// Reports a name that stands for nothing, with the nearest one that stands for something `fitting`.
    #[cold]
    pub(super) fn report_unknown(
        &mut self,
        program: ProgramId,
        span: Span,
        what: &str,
        name: &str,
        fitting: impl Fn(Item) -> bool,
    ) {
        let near = self.nearest_name(program, name, &fitting).or_else(|| {
            let is_type = what == "type";
            nearest(name, BASE_TYPES.iter().copied().filter(|_| is_type)).map(str::to_owned)
        });
        let error = Diagnostic::error(
            &self.programs[program.index()].source,
            span,
            format!("there is no {what} `{name}`"),
        );
        let error = match self.not_included(name) {
            Some(path) => error.help(format!("`{path}` has it, but is not included here")),
            None => error.suggest(near.as_deref()),
        };
        self.diagnostics.push(error);
    }

    /// The path of a program that has what the name says.
    fn not_included(&self, name: &str) -> Option<&str> {
        let (prefix, bare) = name.rsplit_once('.')?;
        let has = |(program, scope): &(&ProgramDecl, &Scope)| {
            &*program.name == prefix && scope.items.contains_key(bare)
        };
        self.programs.iter().zip(&self.scopes).find(has).map(|(program, _)| &*program.source.path)
    }

    /// Reports an error at a place of a program.
    #[cold]
    pub(super) fn report(&mut self, program: ProgramId, span: Span, message: impl Into<String>) {
        let source = &self.programs[program.index()].source;
        self.diagnostics.push(Diagnostic::error(source, span, message));
    }

    /// Reports a name (`kind` says of what; may be empty) that is taken.
    #[cold]
    pub(super) fn report_duplicate(
        &mut self,
        program: ProgramId,
        kind: &str,
        name: &str,
        span: Span,
        first: Span,
    ) {
        let source = &self.programs[program.index()].source;
        let line = Diagnostic::error(source, first, "").line();
        let message = format!("{kind}`{name}` is already declared, in line {line}");
        self.diagnostics.push(Diagnostic::error(source, span, message));
    }
}
