//! From the output of the compiler to declarations.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::declaration::{
    Definition, DefinitionKind, FieldDecl, FunctionDecl, MemberDecl, Name, ProgramDecl, TypeExpr, TypeKind,
    ValueExpr, ValueKind,
};
use crate::diagnostic::{Diagnostic, Source, Span};
use crate::gen_json::document::{
    ConstantItem, Document, Entries, EnumItem, FieldItem, OldStruct, Presence, ServiceItem, StructItem,
    TypeItem, TypedefItem,
};
use crate::schema::{Requiredness, StructKind, Type};

/// What is wrong with one definition; the reader goes on at the next.
type Read<T> = Result<T, Box<Diagnostic>>;

/// What tells about the compiler, found while a file is read.
#[derive(Default)]
pub(crate) struct Dialect {
    /// Whether an enum was declared, and whether a type was one.
    pub(crate) declares_enums: bool,
    pub(crate) names_enums: bool,
    base_types: usize,
    binary_types: usize,
    /// Something that cannot be binary said that it is.
    impossible: bool,
}

impl Dialect {
    /// Compiler 0.9.3 writes `binary` for every base type, `void` included. A file may well have no other
    /// type than `binary`, but hardly in many places.
    pub(crate) fn is_0_9_3(&self) -> bool {
        self.base_types == self.binary_types && (self.impossible || self.binary_types >= 4)
    }
}

/// Reads one file. The first program is the file's own; others come from merged output whose names carry the
/// program that declared them.
pub(crate) fn read(
    stem: &str,
    source: &Source,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Vec<ProgramDecl>, Dialect) {
    let mut reader = Reader {
        source,
        programs: vec![ProgramDecl::new(stem.into(), source.clone())],
        dialect: Dialect::default(),
        diagnostics,
    };
    match reader.parse::<Document<'_>>(&source.text, 0) {
        Ok(document) => {
            if let Err(error) = reader.document(&document) {
                reader.diagnostics.push(*error);
            }
        }
        Err(error) => reader.diagnostics.push(*error),
    }
    (reader.programs, reader.dialect)
}

struct Reader<'s, 'd> {
    source: &'s Source,
    programs: Vec<ProgramDecl>,
    dialect: Dialect,
    diagnostics: &'d mut Vec<Diagnostic>,
}

impl<'s> Reader<'s, '_> {
    fn document(&mut self, document: &Document<'s>) -> Read<()> {
        let name = self.string(document.name)?;
        let own = &mut self.programs[0];
        own.name = name;
        own.doc = clean(document.doc.clone());
        own.namespaces =
            document.namespaces.0.iter().map(|pair| (pair.name.clone(), pair.value.clone())).collect();
        for include in document.includes.iter().flatten() {
            let include = self.name(include)?;
            self.programs[0].includes.push(include);
        }
        if let Some(first) = document.structs.iter().find(|item| is_old(item.get())) {
            let error = self.error(self.span(first), "this is the output of a compiler older than 0.10");
            return Err(Box::new(
                error.help("its types are mere text; use the .thrift file, or a newer compiler"),
            ));
        }
        // Merged output has what two files include once for each of them.
        let is_merged = document.includes.is_none();
        let mut seen: HashSet<&str> = HashSet::new();
        let mut is_new = |item: &&&'s RawValue| !is_merged || seen.insert(item.get());
        self.dialect.declares_enums = !document.enums.is_empty();
        for item in document.enums.iter().filter(&mut is_new) {
            self.definition(item, Self::enumeration);
        }
        for item in document.typedefs.iter().filter(&mut is_new) {
            self.definition(item, Self::typedef);
        }
        for item in document.structs.iter().filter(&mut is_new) {
            self.definition(item, Self::structure);
        }
        for item in document.constants.iter().filter(&mut is_new) {
            self.definition(item, Self::constant);
        }
        for item in document.services.iter().filter(&mut is_new) {
            self.definition(item, Self::service);
        }
        Ok(())
    }

    /// Reads a definition into the program that its name says, or reports what is wrong with it.
    fn definition<T: Deserialize<'s>>(
        &mut self,
        raw: &'s RawValue,
        convert: fn(&mut Self, T) -> Read<Definition>,
    ) {
        let start = self.span(raw).start as usize;
        let mut definition = match self.parse::<T>(raw.get(), start).and_then(|item| convert(self, item)) {
            Ok(definition) => definition,
            Err(error) => return self.diagnostics.push(*error),
        };
        let mut target = 0;
        if let Some((prefix, bare)) = definition.name.text.rsplit_once('.') {
            target = self.programs.iter().position(|program| &*program.name == prefix).unwrap_or_else(|| {
                self.programs.push(ProgramDecl::new(prefix.into(), self.source.clone()));
                self.programs.len() - 1
            });
            definition.name.text = bare.into();
        }
        self.programs[target].definitions.push(definition);
    }

    fn enumeration(&mut self, item: EnumItem<'s>) -> Read<Definition> {
        let members = item
            .members
            .into_iter()
            .map(|member| {
                Ok(MemberDecl {
                    name: self.name(member.name)?,
                    value: member.value,
                    doc: clean(member.doc),
                    annotations: member.annotations.0,
                })
            })
            .collect::<Read<Vec<_>>>()?;
        Ok(Definition {
            name: self.name(item.name)?,
            kind: DefinitionKind::Enum(members),
            doc: clean(item.doc),
            annotations: item.annotations.0,
        })
    }

    fn typedef(&mut self, item: TypedefItem<'s>) -> Read<Definition> {
        let ty = self.ty(item.type_id, item.ty.as_ref())?;
        Ok(Definition {
            name: self.name(item.name)?,
            kind: DefinitionKind::Typedef(ty),
            doc: clean(item.doc),
            annotations: item.annotations.0,
        })
    }

    fn structure(&mut self, item: StructItem<'s>) -> Read<Definition> {
        let kind = match (item.is_exception, item.is_union) {
            (true, _) => StructKind::Exception,
            (false, true) => StructKind::Union,
            (false, false) => StructKind::Struct,
        };
        Ok(Definition {
            name: self.name(item.name)?,
            kind: DefinitionKind::Struct(kind, self.fields(item.fields)?),
            doc: clean(item.doc),
            annotations: item.annotations.0,
        })
    }

    fn constant(&mut self, item: ConstantItem<'s>) -> Read<Definition> {
        let ty = self.ty(item.type_id, item.ty.as_ref())?;
        let value = self.value(item.value)?;
        Ok(Definition {
            name: self.name(item.name)?,
            kind: DefinitionKind::Constant(ty, value),
            doc: clean(item.doc),
            annotations: Vec::new(),
        })
    }

    fn service(&mut self, item: ServiceItem<'s>) -> Read<Definition> {
        let extends = item.extends.map(|extends| self.name(extends)).transpose()?;
        let mut functions = Vec::with_capacity(item.functions.len());
        for function in item.functions {
            let returns = self.ty(function.return_type_id, function.return_type.as_ref())?;
            self.dialect.impossible |=
                function.oneway && matches!(returns.kind, TypeKind::Base(Type::Binary));
            functions.push(FunctionDecl {
                name: self.name(function.name)?,
                oneway: function.oneway,
                returns,
                arguments: self.fields(function.arguments)?,
                throws: self.fields(function.exceptions)?,
                doc: clean(function.doc),
                annotations: function.annotations.0,
            });
        }
        Ok(Definition {
            name: self.name(item.name)?,
            kind: DefinitionKind::Service { extends, functions },
            doc: clean(item.doc),
            annotations: item.annotations.0,
        })
    }

    fn fields(&mut self, items: Vec<FieldItem<'s>>) -> Read<Vec<FieldDecl>> {
        items.into_iter().map(|item| self.field(item)).collect()
    }

    fn field(&mut self, item: FieldItem<'s>) -> Read<FieldDecl> {
        let id_span = self.span(item.key);
        let id = item.key.get().parse().map_err(|_| {
            let message = format!("{} is no field id: they are 16-bit integers", item.key.get());
            Box::new(self.error(id_span, message))
        })?;
        let ty = self.ty(item.type_id, item.ty.as_ref())?;
        let default = item.default.map(|value| self.value(value)).transpose()?;
        if let (TypeKind::Base(Type::Binary), Some(value)) = (&ty.kind, &default) {
            self.dialect.impossible |= !matches!(value.kind, ValueKind::String(_));
        }
        Ok(FieldDecl {
            id,
            id_span,
            name: self.name(item.name)?,
            ty,
            requiredness: match item.required {
                Some(Presence::Required) => Requiredness::Required,
                Some(Presence::Optional) => Requiredness::Optional,
                Some(Presence::ReqOut) | None => Requiredness::Default,
            },
            default: default.map(Box::new),
            doc: clean(item.doc),
            annotations: item.annotations.0,
        })
    }

    /// A type: its id, and what the id alone does not tell.
    fn ty(&mut self, id: &'s RawValue, item: Option<&TypeItem<'s>>) -> Read<TypeExpr> {
        let span = self.span(id);
        let text = self.string(id)?;
        let kind = match &*text {
            "void" => TypeKind::Void,
            "list" | "set" => {
                let element_id = self.part(span, item.and_then(|item| item.elem_type_id), "elemTypeId")?;
                let element = self.ty(element_id, item.and_then(|item| item.elem_type.as_deref()))?;
                match &*text {
                    "list" => TypeKind::List(Box::new(element)),
                    _ => TypeKind::Set(Box::new(element)),
                }
            }
            "map" => {
                let key_id = self.part(span, item.and_then(|item| item.key_type_id), "keyTypeId")?;
                let value_id = self.part(span, item.and_then(|item| item.value_type_id), "valueTypeId")?;
                let key = self.ty(key_id, item.and_then(|item| item.key_type.as_deref()))?;
                let value = self.ty(value_id, item.and_then(|item| item.value_type.as_deref()))?;
                TypeKind::Map(Box::new((key, value)))
            }
            "struct" | "union" | "exception" | "enum" => {
                self.dialect.names_enums |= &*text == "enum";
                let class = self.part(span, item.and_then(|item| item.class), "class")?;
                let name = self.name(class)?;
                // What stands beside it are the annotations of the class, not of its use.
                return Ok(TypeExpr {
                    span: name.span,
                    kind: TypeKind::Named(name.text),
                    annotations: Vec::new(),
                });
            }
            _ => {
                let Some(ty) = base_type(&text) else {
                    return Err(Box::new(self.error(span, format!("unknown typeId `{text}`"))));
                };
                TypeKind::Base(ty)
            }
        };
        if matches!(kind, TypeKind::Base(_) | TypeKind::Void) {
            self.dialect.base_types += 1;
            self.dialect.binary_types += usize::from(matches!(kind, TypeKind::Base(Type::Binary)));
        }
        let annotations = item.map_or(Vec::new(), |item| item.annotations.0.clone());
        Ok(TypeExpr { span, kind, annotations })
    }

    /// A part that this kind of type must have.
    fn part(&self, span: Span, part: Option<&'s RawValue>, key: &str) -> Read<&'s RawValue> {
        part.ok_or_else(|| Box::new(self.error(span, format!("a type of this id needs `{key}`"))))
    }

    fn value(&self, raw: &'s RawValue) -> Read<ValueExpr> {
        let span = self.span(raw);
        let text = raw.get();
        let start = span.start as usize;
        let kind = match text.as_bytes().first() {
            Some(b'"') => ValueKind::String(self.string(raw)?),
            Some(b'[') => {
                let elements: Vec<&RawValue> = self.parse(text, start)?;
                ValueKind::List(elements.into_iter().map(|element| self.value(element)).collect::<Read<_>>()?)
            }
            Some(b'{') => {
                let entries: Entries<'_> = self.parse(text, start)?;
                let pair = |(key, value): (Box<str>, &'s RawValue)| {
                    let key = ValueExpr { span: self.span(value), kind: ValueKind::Key(key) };
                    Ok((key, self.value(value)?))
                };
                ValueKind::Map(entries.0.into_iter().map(pair).collect::<Read<_>>()?)
            }
            _ => match (text, text.parse(), text.parse()) {
                ("true", ..) => ValueKind::Int(1),
                ("false", ..) => ValueKind::Int(0),
                (_, Ok(value), _) => ValueKind::Int(value),
                (_, _, Ok(value)) => ValueKind::Double(value),
                _ => return Err(Box::new(self.error(span, format!("{text} is no constant")))),
            },
        };
        Ok(ValueExpr { span, kind })
    }

    fn name(&self, raw: &RawValue) -> Read<Name> {
        Ok(Name { text: self.string(raw)?, span: self.span(raw) })
    }

    fn string(&self, raw: &RawValue) -> Read<Box<str>> {
        self.parse(raw.get(), self.span(raw).start as usize)
    }

    /// Where a slice of the source stands in it.
    fn span(&self, raw: &RawValue) -> Span {
        let start = raw.get().as_ptr().addr() - self.source.text.as_ptr().addr();
        Span::new(start, start + raw.get().len())
    }

    /// Reads a part of the source that starts at `start`.
    fn parse<'t, T: Deserialize<'t>>(&self, text: &'t str, start: usize) -> Read<T> {
        serde_json::from_str(text).map_err(|error| {
            let line = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
            let mut place = (start + line + error.column().saturating_sub(1)).min(self.source.text.len());
            while !self.source.text.is_char_boundary(place) {
                place -= 1;
            }
            // The position is told by the diagnostic itself.
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or_default();
            let error = self.error(Span::new(place, place), format!("this is no output of `thrift --gen json`: {message}"));
            Box::new(error.help(
                "the compiler itself prints invalid JSON for control characters in strings and for constant maps \
                 whose keys are no strings or numbers; use the .thrift file then",
            ))
        })
    }

    #[cold]
    fn error(&self, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(self.source, span, message)
    }
}

/// Whether a struct is written as compilers before 0.10 did: types as text, ids under `index`.
fn is_old(text: &str) -> bool {
    serde_json::from_str::<OldStruct>(text)
        .is_ok_and(|item| item.fields.iter().any(|field| field.index.is_some() && field.type_id.is_none()))
}

/// A doc comment without the blanks at the ends of its lines and the line feeds at its own.
fn clean(doc: Option<String>) -> Option<Box<str>> {
    let doc = doc?;
    let lines: Vec<&str> = doc.split('\n').map(|line| line.trim_end_matches([' ', '\t'])).collect();
    let text = lines.join("\n");
    let text = text.trim_end_matches('\n');
    (!text.is_empty()).then(|| text.into())
}

fn base_type(id: &str) -> Option<Type> {
    Some(match id {
        "bool" => Type::Bool,
        "byte" | "i8" => Type::I8,
        "i16" => Type::I16,
        "i32" => Type::I32,
        "i64" => Type::I64,
        "double" => Type::Double,
        "string" => Type::String,
        "binary" => Type::Binary,
        "uuid" => Type::Uuid,
        _ => return None,
    })
}
