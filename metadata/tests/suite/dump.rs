//! A schema as text in a normal form, so that two of them can be compared and a difference can be read.

use std::fmt::Write as _;

use thriftgate_metadata::{
    Annotations, Field, FunctionId, ProgramId, Schema, ServiceId, Struct, StructId, Type, Value,
};

/// What to leave out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Nothing.
    All,
    /// What gen-json output does not have; see the list in `twice`.
    GenJson,
    /// That, and which file has what, as merged output does not tell.
    Merged,
}

/// The whole schema. Programs, and the items of each kind in a program, are in the order of their names.
pub(crate) fn dump(schema: &Schema, detail: Detail) -> String {
    let mut programs: Vec<_> = schema.programs().collect();
    programs.sort_by(|a, b| a.1.name.cmp(&b.1.name));
    let mut out = String::new();
    if detail == Detail::Merged {
        let mut items: Vec<_> =
            programs.iter().flat_map(|&(id, _)| Dump { schema, detail }.items(id)).collect();
        items.sort();
        return items.into_iter().map(|(_, text)| text).collect();
    }
    for (id, program) in programs {
        let _ = writeln!(out, "program {}{}", program.name, doc(program.doc.as_deref()));
        let mut namespaces = program.namespaces.to_vec();
        namespaces.sort();
        for (scope, name) in namespaces {
            let _ = writeln!(out, "  namespace {scope} {name}");
        }
        let mut includes: Vec<_> = program.includes.iter().map(|&id| &schema[id].name).collect();
        includes.sort();
        for include in includes {
            let _ = writeln!(out, "  include {include}");
        }
        out.extend(Dump { schema, detail }.items(id).into_iter().map(|(_, text)| text));
    }
    out
}

struct Dump<'s> {
    schema: &'s Schema,
    detail: Detail,
}

impl Dump<'_> {
    /// The items of a program with what to sort them by.
    fn items(&self, program: ProgramId) -> Vec<(String, String)> {
        let schema = self.schema;
        let mut items: Vec<(String, String)> = Vec::new();
        for (_, item) in schema.enums().filter(|(_, item)| item.program == program) {
            let mut text = format!(
                "  enum {}{}{}\n",
                item.name,
                self.notes(&item.annotations),
                doc(item.doc.as_deref())
            );
            for member in &item.members {
                let own =
                    if self.detail == Detail::All { self.notes(&member.annotations) } else { String::new() };
                let _ = writeln!(
                    text,
                    "    {} = {}{own}{}",
                    member.name,
                    member.value,
                    doc(member.doc.as_deref())
                );
                assert_eq!(item.member_by_name(&member.name), Some(member));
                let first = item.members.iter().find(|other| other.value == member.value);
                assert_eq!(item.member_by_value(member.value), first);
            }
            items.push((format!("1{}", item.name), text));
        }
        for (_, item) in schema.typedefs().filter(|(_, item)| item.program == program) {
            let text = format!(
                "  typedef {} {}{}{}\n",
                self.ty(item.ty),
                item.name,
                self.notes(&item.annotations),
                doc(item.doc.as_deref())
            );
            items.push((format!("2{}", item.name), text));
        }
        for (_, item) in schema.constants().filter(|(_, item)| item.program == program) {
            let value = self.value(item.ty, &item.value);
            let text =
                format!("  const {} {} = {value}{}\n", self.ty(item.ty), item.name, doc(item.doc.as_deref()));
            items.push((format!("3{}", item.name), text));
        }
        for (id, item) in schema.structs().filter(|(_, item)| item.program == program) {
            if !matches!(
                item.kind,
                thriftgate_metadata::StructKind::Arguments | thriftgate_metadata::StructKind::Result
            ) {
                items.push((format!("4{}", item.name), self.structure("  ", id)));
            }
        }
        for (id, item) in schema.services().filter(|(_, item)| item.program == program) {
            items.push((format!("5{}", item.name), self.service(id)));
        }
        items.sort();
        items
    }

    /// Of an annotation given twice the compiler before 0.18 keeps the last.
    fn notes(&self, annotations: &Annotations) -> String {
        let parts: Vec<String> = annotations
            .iter()
            .filter(|a| self.detail == Detail::All || annotations.get(&a.name) == Some(&*a.value))
            .map(|a| format!("{}={:?}", a.name, a.value))
            .collect();
        if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
    }

    fn qualified(&self, program: ProgramId, name: &str) -> String {
        if self.detail == Detail::Merged {
            name.into()
        } else {
            format!("{}.{name}", self.schema[program].name)
        }
    }

    fn service(&self, id: ServiceId) -> String {
        let (schema, item) = (self.schema, &self.schema[id]);
        let extends = item.extends.map_or(String::new(), |base| {
            format!(" extends {}", self.qualified(schema[base].program, &schema[base].name))
        });
        let (notes, doc) = (self.notes(&item.annotations), doc(item.doc.as_deref()));
        let mut text = format!("  service {}{extends}{notes}{doc}\n", item.name);
        for &function in &item.functions {
            assert_eq!(schema.function(id, &schema[function].name), Some(function));
            if schema[function].service == id {
                text.push_str(&self.function(function));
            } else {
                let _ = writeln!(text, "    inherited {}", schema[function].name);
            }
        }
        text
    }

    fn function(&self, id: FunctionId) -> String {
        let function = &self.schema[id];
        format!(
            "    {}{}{}{}\n{}{}",
            if function.oneway { "oneway " } else { "" },
            function.name,
            self.notes(&function.annotations),
            doc(function.doc.as_deref()),
            self.structure("      ", function.arguments),
            self.structure("      ", function.result),
        )
    }

    fn structure(&self, indent: &str, id: StructId) -> String {
        let item: &Struct = &self.schema[id];
        let mut text = format!(
            "{indent}{:?} {}{}{}\n",
            item.kind,
            item.name,
            self.notes(&item.annotations),
            doc(item.doc.as_deref())
        );
        for (position, field) in item.fields.iter().enumerate() {
            assert_eq!(item.field_by_name(&field.name), Some((position, field)));
            assert_eq!(item.field_by_id(field.id), Some((position, field)));
            let _ = writeln!(text, "{indent}  {}", self.field(field));
        }
        text
    }

    fn field(&self, field: &Field) -> String {
        let default = field
            .default
            .as_ref()
            .map_or(String::new(), |value| format!(" = {}", self.value(field.ty, value)));
        let typedef = match field.typedef.filter(|_| self.detail == Detail::All) {
            Some(id) => format!(" as {}", self.schema[id].name),
            None => String::new(),
        };
        format!(
            "{}: {:?} {} {}{default}{typedef}{}{}",
            field.id,
            field.requiredness,
            self.ty(field.ty),
            field.name,
            self.notes(&field.annotations),
            doc(field.doc.as_deref())
        )
    }

    /// The type with all names qualified. Before 0.18 the compiler writes `i32` for an enum.
    fn ty(&self, ty: Type) -> String {
        let schema = self.schema;
        match ty {
            Type::Enum(_) if self.detail != Detail::All => "i32".into(),
            Type::Enum(id) => self.qualified(schema[id].program, &schema[id].name),
            Type::Struct(id) => self.qualified(schema[id].program, &schema[id].name),
            Type::List(id) => format!("list<{}>", self.ty(schema.element(id))),
            Type::Set(id) => format!("set<{}>", self.ty(schema.element(id))),
            Type::Map(id) => {
                let (key, value) = schema.map(id);
                format!("map<{},{}>", self.ty(key), self.ty(value))
            }
            _ => schema.type_name(ty),
        }
    }

    /// Maps in the order of their keys: the compiler sorts them.
    fn value(&self, ty: Type, value: &Value) -> String {
        let schema = self.schema;
        let list = |parts: Vec<String>| parts.join(", ");
        match (ty, value) {
            (_, Value::Bool(value)) => value.to_string(),
            (_, Value::Int(value)) => value.to_string(),
            (_, Value::Double(value)) if self.detail != Detail::All => format!("{value:.14e}"),
            (_, Value::Double(value)) => format!("{value:?}"),
            (_, Value::String(value)) => format!("{value:?}"),
            (_, Value::Binary(value)) => format!("b\"{}\"", value.escape_ascii()),
            (_, Value::Uuid(value)) => format!("{:032x}", u128::from_be_bytes(*value)),
            (Type::List(id) | Type::Set(id), Value::List(values)) => {
                let element = schema.element(id);
                format!("[{}]", list(values.iter().map(|value| self.value(element, value)).collect()))
            }
            (Type::Map(id), Value::Map(entries)) => {
                let (key, value) = schema.map(id);
                let mut parts: Vec<String> = entries
                    .iter()
                    .map(|(k, v)| format!("{}: {}", self.value(key, k), self.value(value, v)))
                    .collect();
                parts.sort();
                format!("{{{}}}", list(parts))
            }
            (Type::Struct(id), Value::Struct(values)) => {
                let fields = &schema[id].fields;
                let parts = values.iter().map(|(position, value)| {
                    let field = &fields[usize::from(*position)];
                    format!("{}: {}", field.name, self.value(field.ty, value))
                });
                format!("{{{}}}", list(parts.collect()))
            }
            (ty, value) => panic!("{value:?} is no value of {}", schema.type_name(ty)),
        }
    }
}

fn doc(doc: Option<&str>) -> String {
    doc.map_or(String::new(), |doc| format!(" -- {doc:?}"))
}
