//! Names by which documents tell types and services apart.

use std::collections::{HashMap, HashSet};

use thriftgate_metadata::{EnumId, ProgramId, Schema, ServiceId, StructId, StructKind, Type, TypedefId};

/// The names of all types that the IDL declares, and of its services.
///
/// A name is bare where no other file declares the same, else it is behind that of its file. All are made from
/// the whole schema, so that they do not depend on what of it is documented.
#[derive(Debug)]
pub(crate) struct Names {
    structs: Vec<String>,
    enums: Vec<String>,
    /// `None` where a typedef does no more than bring the type of another file under its own name.
    typedefs: Vec<Option<String>>,
    services: Vec<String>,
}

impl Names {
    /// The names of everything in the schema, none of which is a reserved one.
    pub(crate) fn new(schema: &Schema, reserved: &[&str]) -> Self {
        let is_declared = |kind| !matches!(kind, StructKind::Arguments | StructKind::Result);
        let mut pool = Pool { schema, counts: HashMap::new(), taken: HashSet::new() };
        pool.counts.extend(reserved.iter().map(|&name| (name, 2)));
        let structs = schema.structs().map(|(_, item)| item).filter(|item| is_declared(item.kind));
        structs.for_each(|item| pool.count(&item.name));
        schema.enums().for_each(|(_, item)| pool.count(&item.name));
        let structs = schema.structs().map(|(_, item)| match is_declared(item.kind) {
            true => pool.take(item.program, &item.name),
            false => item.name.to_string(),
        });
        let structs: Vec<String> = structs.collect();
        let enums: Vec<String> =
            schema.enums().map(|(_, item)| pool.take(item.program, &item.name)).collect();
        let is_alias = |ty, name: &str| match ty {
            Type::Struct(id) => *schema[id].name == *name,
            Type::Enum(id) => *schema[id].name == *name,
            _ => false,
        };
        schema.typedefs().for_each(|(_, item)| pool.count(&item.name));
        let typedefs = schema
            .typedefs()
            .map(|(_, item)| (!is_alias(item.ty, &item.name)).then(|| pool.take(item.program, &item.name)));
        let typedefs = typedefs.collect();

        let mut pool = Pool { schema, counts: HashMap::new(), taken: HashSet::new() };
        schema.services().for_each(|(_, item)| pool.count(&item.name));
        let services = schema.services().map(|(_, item)| pool.take(item.program, &item.name)).collect();
        Self { structs, enums, typedefs, services }
    }

    pub(crate) fn of_struct(&self, id: StructId) -> &str {
        &self.structs[id.index()]
    }

    pub(crate) fn of_enum(&self, id: EnumId) -> &str {
        &self.enums[id.index()]
    }

    pub(crate) fn of_typedef(&self, id: TypedefId) -> Option<&str> {
        self.typedefs[id.index()].as_deref()
    }

    pub(crate) fn of_service(&self, id: ServiceId) -> &str {
        &self.services[id.index()]
    }
}

struct Pool<'s> {
    schema: &'s Schema,
    counts: HashMap<&'s str, usize>,
    taken: HashSet<String>,
}

impl<'s> Pool<'s> {
    fn count(&mut self, name: &'s str) {
        *self.counts.entry(name).or_default() += 1;
    }

    /// The name, behind that of its file where it is not the only one; with a number where files have one name as well.
    fn take(&mut self, program: ProgramId, name: &str) -> String {
        let is_only = self.counts.get(name) == Some(&1);
        let bare = if is_only { name.to_owned() } else { format!("{}.{name}", self.schema[program].name) };
        let name = numbered(&bare, |name| self.taken.contains(name));
        self.taken.insert(name.clone());
        name
    }
}

/// The name, or where it is taken, the first free one with a number behind it.
pub(crate) fn numbered(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let is_free = |name: &String| !is_taken(name);
    let with_numbers = (2..).map(|number| format!("{name}-{number}"));
    std::iter::once(name.to_owned()).chain(with_numbers).find(is_free).unwrap_or_default()
}
