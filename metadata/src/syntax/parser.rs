//! The parser's state, headers, types and annotations. It goes on at the next definition after an error.

use crate::declaration::{MAX_NESTING, Name, ProgramDecl, TypeExpr, TypeKind};
use crate::diagnostic::{Diagnostic, Source, Span};
use crate::schema::{Annotation, Type};
use crate::syntax::doc;
use crate::syntax::lexer::{Lexer, Token, TokenKind};

/// What a rule of the grammar gives: an error is reported where the parser takes up again.
pub(super) type Parsed<T> = Result<T, Box<Diagnostic>>;

/// The words that a definition or header starts with.
const STARTS: [&str; 12] = [
    "struct",
    "union",
    "exception",
    "enum",
    "senum",
    "service",
    "typedef",
    "const",
    "namespace",
    "include",
    "package",
    "interaction",
];

/// The ways in which the oldest compilers wrote a namespace of one language.
const OLD_NAMESPACES: [(&str, &str); 11] = [
    ("cpp_namespace", "cpp"),
    ("csharp_namespace", "csharp"),
    ("delphi_namespace", "delphi"),
    ("java_package", "java"),
    ("perl_package", "perl"),
    ("php_namespace", "php"),
    ("py_module", "py"),
    ("ruby_namespace", "rb"),
    ("smalltalk_category", "smalltalk.category"),
    ("smalltalk_prefix", "smalltalk.prefix"),
    ("cocoa_prefix", "cocoa"),
];

/// Reads one file. Whatever could be read is in the result; what was wrong goes to `diagnostics`.
pub(crate) fn parse(name: Box<str>, source: &Source, diagnostics: &mut Vec<Diagnostic>) -> ProgramDecl {
    let mut program = ProgramDecl::new(name, source.clone());
    let mut parser = Parser {
        lexer: Lexer::new(source),
        source,
        token: Token { kind: TokenKind::End, span: Span::default() },
        previous: Token { kind: TokenKind::End, span: Span::default() },
        previous_doc: None,
        program_doc: ProgramDoc::Unseen,
        diagnostics,
    };
    parser.program(&mut program);
    program
}

/// The comment that documents the file: the first one, unless it is the doc of an item. Apache's compiler
/// finds that out by the lines of the comments, and so do we, to give the same text.
#[derive(Clone, Copy)]
enum ProgramDoc {
    Unseen,
    /// A header came before any doc comment: there is none.
    None,
    Candidate(Span),
    Sure(Span),
}

pub(super) struct Parser<'s, 'd> {
    pub(super) lexer: Lexer<'s>,
    pub(super) source: &'s Source,
    /// The token ahead.
    pub(super) token: Token,
    /// The token before it.
    pub(super) previous: Token,
    /// The last doc comment before `previous` was followed by another token.
    previous_doc: Option<Span>,
    program_doc: ProgramDoc,
    pub(super) diagnostics: &'d mut Vec<Diagnostic>,
}

impl<'s> Parser<'s, '_> {
    fn program(&mut self, program: &mut ProgramDecl) {
        let mut started = self.bump();
        loop {
            let parsed = started.and_then(|()| self.item(program));
            match parsed {
                Ok(true) => started = Ok(()),
                Ok(false) => break,
                Err(error) => {
                    self.diagnostics.push(*error);
                    self.synchronise();
                    started = Ok(());
                }
            }
        }
        if let ProgramDoc::Candidate(span) | ProgramDoc::Sure(span) = self.program_doc {
            program.doc = doc::clean(&self.source.text[span.range()]);
        }
    }

    /// One header or definition; false at the end of the file.
    fn item(&mut self, program: &mut ProgramDecl) -> Parsed<bool> {
        match self.token.kind {
            TokenKind::End => return Ok(false),
            TokenKind::Word => {}
            _ => return Err(self.expected("a definition")),
        }
        if self.header(program)? {
            self.program_doc = match self.program_doc {
                ProgramDoc::Unseen | ProgramDoc::None => ProgramDoc::None,
                ProgramDoc::Candidate(span) | ProgramDoc::Sure(span) => ProgramDoc::Sure(span),
            };
        } else {
            let definition = self.definition()?;
            program.definitions.push(definition);
        }
        Ok(true)
    }

    /// Takes a header if one is ahead.
    fn header(&mut self, program: &mut ProgramDecl) -> Parsed<bool> {
        match self.word() {
            "include" => {
                self.bump_header()?;
                let span = self.token.span;
                program.includes.push(Name { text: self.literal("the path of the file to include")?, span });
            }
            "cpp_include" => {
                self.bump_header()?;
                self.literal("the name of a C++ header")?;
            }
            "xsd_namespace" => {
                self.bump_header()?;
                self.literal("a namespace")?;
            }
            "namespace" => {
                self.bump_header()?;
                let scope = if self.eat(b'*')? {
                    "*".into()
                } else {
                    self.name("the language of the namespace")?.text
                };
                let name = self.namespace_name()?;
                self.annotations()?;
                program.namespaces.retain(|(known, _)| *known != scope);
                program.namespaces.push((scope, name));
            }
            word => {
                let Some((_, scope)) = OLD_NAMESPACES.iter().find(|(old, _)| *old == word) else {
                    return Ok(false);
                };
                self.bump_header()?;
                let name = self.namespace_name()?;
                program.namespaces.push(((*scope).into(), name));
            }
        }
        // Not in the grammar of Apache's compiler, but seen in the wild.
        self.separator()?;
        Ok(true)
    }

    /// Steps over the first word of a header: no doc comment before it is an item's.
    fn bump_header(&mut self) -> Parsed<()> {
        self.lexer.doc = None;
        self.bump()
    }

    fn namespace_name(&mut self) -> Parsed<Box<str>> {
        match self.token.kind {
            TokenKind::Literal => self.literal("a namespace"),
            _ => Ok(self.name("a namespace")?.text),
        }
    }

    /// Skips to what looks like the start of a definition: one of its words at the start of a line.
    fn synchronise(&mut self) {
        loop {
            if self.token.kind == TokenKind::End {
                return;
            }
            if STARTS.contains(&self.word()) && self.is_first_of_line() {
                return;
            }
            while let Err(error) = self.bump() {
                self.diagnostics.push(*error);
            }
        }
    }

    fn is_first_of_line(&self) -> bool {
        let before = &self.source.text[..self.token.span.start as usize];
        before.trim_end_matches([' ', '\t']).bytes().next_back().is_none_or(|byte| byte == b'\n')
    }

    /// Steps to the next token.
    pub(super) fn bump(&mut self) -> Parsed<()> {
        let doc = self.lexer.last_doc;
        self.previous = self.token;
        // A token that fails must not leave the last one ahead, or an error would be read twice.
        self.token = Token { kind: TokenKind::Symbol(0), span: self.token.span };
        self.token = self.lexer.next()?;
        self.previous_doc = doc;
        if let (ProgramDoc::Unseen, Some(first)) = (self.program_doc, self.lexer.last_doc) {
            self.program_doc = ProgramDoc::Candidate(first);
        }
        Ok(())
    }

    /// The doc comment before the token ahead, at the start of an item.
    pub(super) fn take_doc(&mut self) -> Option<Span> {
        self.lexer.doc.take()
    }

    /// Cleans the doc comment at the end of the item that took it.
    pub(super) fn finish_doc(&mut self, taken: Option<Span>) -> Option<Box<str>> {
        let taken = taken?;
        if let ProgramDoc::Candidate(candidate) = self.program_doc {
            // Apache's parser reads a token ahead only where it must.
            let latest = match self.previous.kind {
                TokenKind::Symbol(b',' | b';' | b')') => self.previous_doc,
                _ => self.lexer.last_doc,
            };
            let between = latest.map(|latest| &self.source.text[candidate.end as usize..latest.end as usize]);
            if between.is_some_and(|between| !between.contains('\n')) {
                self.program_doc = ProgramDoc::None;
            }
        }
        doc::clean(&self.source.text[taken.range()])
    }

    /// The text of a token.
    pub(super) fn text(&self, token: Token) -> &'s str {
        &self.source.text[token.span.range()]
    }

    /// The word ahead; empty if it is none.
    pub(super) fn word(&self) -> &'s str {
        if self.token.kind == TokenKind::Word { self.text(self.token) } else { "" }
    }

    pub(super) fn is(&self, symbol: u8) -> bool {
        self.token.kind == TokenKind::Symbol(symbol)
    }

    /// Takes the symbol if it is ahead.
    pub(super) fn eat(&mut self, symbol: u8) -> Parsed<bool> {
        let found = self.is(symbol);
        if found {
            self.bump()?;
        }
        Ok(found)
    }

    /// Takes the word if it is ahead.
    pub(super) fn eat_word(&mut self, word: &str) -> Parsed<bool> {
        let found = self.word() == word;
        if found {
            self.bump()?;
        }
        Ok(found)
    }

    /// Takes a symbol that must be there.
    pub(super) fn expect(&mut self, symbol: u8) -> Parsed<()> {
        if self.eat(symbol)? { Ok(()) } else { Err(self.expected(&format!("`{}`", char::from(symbol)))) }
    }

    /// Takes a comma or semicolon if one is ahead.
    pub(super) fn separator(&mut self) -> Parsed<()> {
        if !self.eat(b',')? {
            self.eat(b';')?;
        }
        Ok(())
    }

    /// Any word.
    pub(super) fn name(&mut self, what: &str) -> Parsed<Name> {
        if self.token.kind != TokenKind::Word {
            return Err(self.expected(what));
        }
        let name = Name { text: self.word().into(), span: self.token.span };
        self.bump()?;
        Ok(name)
    }

    /// A name that is declared here: it has no dot.
    pub(super) fn new_name(&mut self, what: &str) -> Parsed<Name> {
        let name = self.name(what)?;
        if name.text.contains('.') {
            return Err(self.error(name.span, format!("`{}` has a dot: a new name cannot", name.text)));
        }
        Ok(name)
    }

    #[cold]
    pub(super) fn expected(&self, what: &str) -> Box<Diagnostic> {
        let found = match self.token.kind {
            TokenKind::End => "the end of the file".into(),
            _ => format!("`{}`", self.text(self.token).chars().take(40).collect::<String>()),
        };
        self.error(self.token.span, format!("expected {what}, found {found}"))
    }

    #[cold]
    pub(super) fn error(&self, span: Span, message: impl Into<String>) -> Box<Diagnostic> {
        Box::new(Diagnostic::error(self.source, span, message))
    }

    /// A type; `depth` counts the types around it.
    pub(super) fn ty(&mut self, depth: usize) -> Parsed<TypeExpr> {
        if depth >= MAX_NESTING {
            return Err(self.error(self.token.span, format!("types nest more than {MAX_NESTING} deep")));
        }
        let start = self.token;
        let word = self.name("a type")?.text;
        let kind = match &*word {
            "list" => {
                self.cpp_type()?;
                self.expect(b'<')?;
                let element = self.ty(depth + 1)?;
                self.expect(b'>')?;
                self.cpp_type()?;
                TypeKind::List(Box::new(element))
            }
            "set" => {
                self.cpp_type()?;
                self.expect(b'<')?;
                let element = self.ty(depth + 1)?;
                self.expect(b'>')?;
                TypeKind::Set(Box::new(element))
            }
            "map" => {
                self.cpp_type()?;
                self.expect(b'<')?;
                let key = self.ty(depth + 1)?;
                self.expect(b',')?;
                let value = self.ty(depth + 1)?;
                self.expect(b'>')?;
                TypeKind::Map(Box::new((key, value)))
            }
            "slist" => {
                let error = self.error(start.span, "`slist` is not supported: newer compilers dropped it");
                return Err(Box::new(error.help("write `string`, which is the same on the wire")));
            }
            "stream" | "sink" if self.is(b'<') => {
                return Err(self.fbthrift(start.span, &word));
            }
            _ => base_type(&word).map_or_else(|| TypeKind::Named(word), TypeKind::Base),
        };
        let span = start.span.to(self.previous.span);
        Ok(TypeExpr { span, kind, annotations: self.annotations()? })
    }

    #[cold]
    pub(super) fn fbthrift(&self, span: Span, what: &str) -> Box<Diagnostic> {
        let error = self.error(span, format!("`{what}` is of the fbthrift dialect, which is not supported"));
        Box::new(error.help("this gateway speaks Apache Thrift"))
    }

    fn cpp_type(&mut self) -> Parsed<()> {
        if self.eat_word("cpp_type")? {
            self.literal("the name of a C++ type")?;
        }
        Ok(())
    }

    /// `(name = "value", name)`, if there.
    pub(super) fn annotations(&mut self) -> Parsed<Vec<Annotation>> {
        let mut annotations = Vec::new();
        if self.eat(b'(')? {
            while !self.eat(b')')? {
                let name = self.name("an annotation or `)`")?.text;
                let value =
                    if self.eat(b'=')? { self.literal("the annotation's value")? } else { "1".into() };
                self.separator()?;
                annotations.push(Annotation { name, value });
            }
        }
        Ok(annotations)
    }
}

fn base_type(word: &str) -> Option<Type> {
    Some(match word {
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
