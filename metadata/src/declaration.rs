//! What both front ends produce: declarations as the source has them, names not yet resolved.

use crate::diagnostic::{Source, Span};
use crate::schema::{Annotation, Requiredness, StructKind, Type};

/// How deep types and constants may nest. No value nests deeper on the wire.
pub(crate) const MAX_NESTING: usize = 64;

/// A name and where it stands.
#[derive(Debug)]
pub(crate) struct Name {
    pub(crate) text: Box<str>,
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) struct TypeExpr {
    pub(crate) span: Span,
    pub(crate) kind: TypeKind,
    pub(crate) annotations: Vec<Annotation>,
}

#[derive(Debug)]
pub(crate) enum TypeKind {
    Void,
    Base(Type),
    Named(Box<str>),
    List(Box<TypeExpr>),
    Set(Box<TypeExpr>),
    Map(Box<(TypeExpr, TypeExpr)>),
}

#[derive(Debug)]
pub(crate) struct ValueExpr {
    pub(crate) span: Span,
    pub(crate) kind: ValueKind,
}

#[derive(Debug)]
pub(crate) enum ValueKind {
    Int(i64),
    Double(f64),
    String(Box<str>),
    /// A constant or an enum member.
    Name(Box<str>),
    List(Vec<ValueExpr>),
    Map(Vec<(ValueExpr, ValueExpr)>),
    /// The key of a JSON object, which stands for a value of any base type or enum.
    Key(Box<str>),
}

#[derive(Debug)]
pub(crate) struct FieldDecl {
    pub(crate) id: i16,
    pub(crate) id_span: Span,
    pub(crate) name: Name,
    pub(crate) ty: TypeExpr,
    pub(crate) requiredness: Requiredness,
    pub(crate) default: Option<Box<ValueExpr>>,
    pub(crate) doc: Option<Box<str>>,
    pub(crate) annotations: Vec<Annotation>,
}

#[derive(Debug)]
pub(crate) struct MemberDecl {
    pub(crate) name: Name,
    pub(crate) value: i32,
    pub(crate) doc: Option<Box<str>>,
    pub(crate) annotations: Vec<Annotation>,
}

#[derive(Debug)]
pub(crate) struct FunctionDecl {
    pub(crate) name: Name,
    pub(crate) oneway: bool,
    pub(crate) returns: TypeExpr,
    pub(crate) arguments: Vec<FieldDecl>,
    pub(crate) throws: Vec<FieldDecl>,
    pub(crate) doc: Option<Box<str>>,
    pub(crate) annotations: Vec<Annotation>,
}

#[derive(Debug)]
pub(crate) struct Definition {
    pub(crate) name: Name,
    pub(crate) kind: DefinitionKind,
    pub(crate) doc: Option<Box<str>>,
    pub(crate) annotations: Vec<Annotation>,
}

#[derive(Debug)]
pub(crate) enum DefinitionKind {
    Struct(StructKind, Vec<FieldDecl>),
    Enum(Vec<MemberDecl>),
    Typedef(TypeExpr),
    Constant(TypeExpr, ValueExpr),
    Service { extends: Option<Name>, functions: Vec<FunctionDecl> },
}

/// One file, or one program's part of a merged one.
#[derive(Debug)]
pub(crate) struct ProgramDecl {
    pub(crate) name: Box<str>,
    pub(crate) source: Source,
    pub(crate) namespaces: Vec<(Box<str>, Box<str>)>,
    pub(crate) doc: Option<Box<str>>,
    /// As written; the loader of the front end finds out what they mean.
    pub(crate) includes: Vec<Name>,
    pub(crate) definitions: Vec<Definition>,
}

impl ProgramDecl {
    pub(crate) fn new(name: Box<str>, source: Source) -> Self {
        Self {
            name,
            source,
            namespaces: Vec::new(),
            doc: None,
            includes: Vec::new(),
            definitions: Vec::new(),
        }
    }
}
