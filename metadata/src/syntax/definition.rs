//! Definitions: structs, enums, typedefs, constants and services.

use crate::declaration::{
    Definition, DefinitionKind, FieldDecl, FunctionDecl, MemberDecl, TypeExpr, TypeKind, ValueExpr,
};
use crate::diagnostic::{Diagnostic, Span};
use crate::schema::{Requiredness, StructKind};
use crate::syntax::lexer::TokenKind;
use crate::syntax::parser::{Parsed, Parser};

/// Where a list of fields stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Struct,
    /// Arguments and throws lists, where `optional` means nothing.
    Function,
}

impl Parser<'_, '_> {
    pub(super) fn definition(&mut self) -> Parsed<Definition> {
        let taken = self.take_doc();
        let keyword = self.token.span;
        let word = self.word();
        match word {
            "struct" | "union" | "exception" | "enum" | "typedef" | "const" | "service" => self.bump()?,
            "senum" => {
                self.bump()?;
                let error = self.error(keyword, "`senum` is not supported: newer compilers dropped it");
                return Err(Box::new(error.help("write `typedef string …`, which is the same on the wire")));
            }
            "package" | "interaction" => {
                self.bump()?;
                return Err(self.fbthrift(keyword, word));
            }
            _ => {
                let known = [
                    "struct",
                    "union",
                    "exception",
                    "enum",
                    "typedef",
                    "const",
                    "service",
                    "namespace",
                    "include",
                ];
                let near = crate::nearest::nearest(word, known.into_iter());
                return Err(Box::new(self.expected("a definition").suggest(near)));
            }
        }
        let mut definition = match word {
            "union" => self.structure(StructKind::Union)?,
            "exception" => self.structure(StructKind::Exception)?,
            "enum" => self.enumeration()?,
            "typedef" => self.typedef()?,
            "const" => self.constant()?,
            "service" => self.service()?,
            _ => self.structure(StructKind::Struct)?,
        };
        definition.doc = self.finish_doc(taken);
        Ok(definition)
    }

    fn structure(&mut self, kind: StructKind) -> Parsed<Definition> {
        let name = self.new_name("a name")?;
        self.eat_word("xsd_all")?;
        self.expect(b'{')?;
        let fields = self.fields(b'}', Place::Struct, 0)?;
        let annotations = self.annotations()?;
        Ok(Definition { name, kind: DefinitionKind::Struct(kind, fields), doc: None, annotations })
    }

    fn enumeration(&mut self) -> Parsed<Definition> {
        let name = self.new_name("a name")?;
        self.expect(b'{')?;
        let mut members = Vec::new();
        let mut next: i64 = 0;
        while !self.eat(b'}')? {
            let member = self.member(next)?;
            next = i64::from(member.value) + 1;
            members.push(member);
        }
        let annotations = self.annotations()?;
        Ok(Definition { name, kind: DefinitionKind::Enum(members), doc: None, annotations })
    }

    /// One member, with the value `next` unless it says another.
    fn member(&mut self, next: i64) -> Parsed<MemberDecl> {
        let taken = self.take_doc();
        let name = self.new_name("a member of the enum or `}`")?;
        let mut span = name.span;
        let mut value = next;
        if self.eat(b'=')? {
            span = self.token.span;
            match self.token.kind {
                TokenKind::Int => value = self.int()?,
                _ => return Err(self.expected("an integer")),
            }
        }
        let value = i32::try_from(value)
            .map_err(|_| self.error(span, format!("{value} is no value for an enum: they are 32 bits")))?;
        let annotations = self.annotations()?;
        self.separator()?;
        Ok(MemberDecl { name, value, doc: self.finish_doc(taken), annotations })
    }

    fn typedef(&mut self) -> Parsed<Definition> {
        let ty = self.ty(0)?;
        let name = self.new_name("a name")?;
        let annotations = self.annotations()?;
        self.separator()?;
        Ok(Definition { name, kind: DefinitionKind::Typedef(ty), doc: None, annotations })
    }

    fn constant(&mut self) -> Parsed<Definition> {
        let ty = self.ty(0)?;
        let name = self.new_name("a name")?;
        self.expect(b'=')?;
        let value = self.value(0)?;
        self.separator()?;
        Ok(Definition { name, kind: DefinitionKind::Constant(ty, value), doc: None, annotations: Vec::new() })
    }

    fn service(&mut self) -> Parsed<Definition> {
        let name = self.new_name("a name")?;
        let extends =
            if self.eat_word("extends")? { Some(self.name("the service to extend")?) } else { None };
        self.expect(b'{')?;
        let mut functions = Vec::new();
        while !self.eat(b'}')? {
            functions.push(self.function()?);
        }
        let annotations = self.annotations()?;
        Ok(Definition { name, kind: DefinitionKind::Service { extends, functions }, doc: None, annotations })
    }

    fn function(&mut self) -> Parsed<FunctionDecl> {
        let taken = self.take_doc();
        if self.token.kind != TokenKind::Word {
            return Err(self.expected("a method or `}`"));
        }
        if self.word() == "performs" {
            return Err(self.fbthrift(self.token.span, "performs"));
        }
        let oneway = self.eat_word("oneway")? || self.eat_word("async")?;
        let start = self.token.span;
        let returns = if self.eat_word("void")? {
            TypeExpr { span: start, kind: TypeKind::Void, annotations: Vec::new() }
        } else {
            self.ty(0)?
        };
        let name = self.new_name("the name of the method")?;
        self.expect(b'(')?;
        let arguments = self.fields(b')', Place::Function, 0)?;
        let mut throws = Vec::new();
        if self.eat_word("throws")? {
            self.expect(b'(')?;
            throws = self.fields(b')', Place::Function, 0)?;
        }
        let annotations = self.annotations()?;
        self.separator()?;
        let doc = self.finish_doc(taken);
        Ok(FunctionDecl { name, oneway, returns, arguments, throws, doc, annotations })
    }

    /// Fields up to and with `close`; `depth` counts the `xsd_attrs` around them.
    fn fields(&mut self, close: u8, place: Place, depth: usize) -> Parsed<Vec<FieldDecl>> {
        let mut fields = Vec::new();
        let mut next_id = -1;
        while !self.eat(close)? {
            fields.push(self.field(place, &mut next_id, depth)?);
        }
        Ok(fields)
    }

    /// One field. One without an id gets `next_id`, which then goes down, and so does one whose id is not
    /// positive: that is what Apache's compiler does unless told otherwise.
    fn field(&mut self, place: Place, next_id: &mut i16, depth: usize) -> Parsed<FieldDecl> {
        let taken = self.take_doc();
        let mut id_span = self.token.span;
        let written = if self.token.kind == TokenKind::Int {
            let written = self.int()?;
            self.expect(b':')?;
            Some(written)
        } else if self.token.kind == TokenKind::Word {
            None
        } else {
            return Err(self.expected("a field"));
        };
        let requiredness = if self.eat_word("required")? {
            Requiredness::Required
        } else if self.eat_word("optional")? && place == Place::Struct {
            Requiredness::Optional
        } else {
            Requiredness::Default
        };
        if self.word() == "void" {
            return Err(self.error(self.token.span, "`void` is only for the result of a method"));
        }
        let ty = self.ty(0)?;
        self.eat(b'&')?;
        let name = self.new_name("the name of the field")?;
        if written.is_none() {
            id_span = name.span;
        }
        let id = self.field_id(written, id_span, next_id)?;
        let default: Option<Box<ValueExpr>> =
            if self.eat(b'=')? { Some(Box::new(self.value(0)?)) } else { None };
        self.xsd_marks(depth)?;
        let annotations = self.annotations()?;
        self.separator()?;
        let doc = self.finish_doc(taken);
        Ok(FieldDecl { id, id_span, name, ty, requiredness, default, doc, annotations })
    }

    fn field_id(&mut self, written: Option<i64>, span: Span, next_id: &mut i16) -> Parsed<i16> {
        match written {
            Some(id @ 1..) => i16::try_from(id).map_err(|_| {
                self.error(span, format!("{id} is no field id: they are from 1 to {}", i16::MAX))
            }),
            _ => {
                let id = *next_id;
                let Some(next) = id.checked_sub(1) else {
                    return Err(self.error(span, "too many fields without an id"));
                };
                *next_id = next;
                if let Some(written) = written.filter(|&written| written != i64::from(id)) {
                    self.diagnostics.push(
                        Diagnostic::warning(
                            self.source,
                            span,
                            format!("the field id {written} is read as {id}"),
                        )
                        .label("not positive")
                        .help("Apache's compiler numbers such fields itself, from -1 down"),
                    );
                }
                Ok(id)
            }
        }
    }

    /// What is for XML Schema, and dropped.
    fn xsd_marks(&mut self, depth: usize) -> Parsed<()> {
        self.eat_word("xsd_optional")?;
        self.eat_word("xsd_nillable")?;
        if self.word() == "xsd_attrs" {
            if depth >= crate::declaration::MAX_NESTING {
                return Err(self.error(self.token.span, "`xsd_attrs` nest too deep"));
            }
            self.bump()?;
            self.expect(b'{')?;
            self.fields(b'}', Place::Struct, depth + 1)?;
        }
        Ok(())
    }
}
