//! Text to tokens, and doc comments on the side.

use crate::diagnostic::{Diagnostic, Source, Span};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum TokenKind {
    /// A name or a word of the language; dots are part of it.
    Word,
    Int,
    Double,
    /// A string with its quotes.
    Literal,
    Symbol(u8),
    End,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) span: Span,
}

pub(super) struct Lexer<'s> {
    source: &'s Source,
    text: &'s str,
    position: usize,
    /// The text of the last doc comment that no item has taken yet.
    pub(super) doc: Option<Span>,
    /// The text of the last doc comment, taken or not.
    pub(super) last_doc: Option<Span>,
}

impl<'s> Lexer<'s> {
    pub(super) fn new(source: &'s Source) -> Self {
        let position = if source.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Self { source, text: &source.text, position, doc: None, last_doc: None }
    }

    /// The next token. After an error the next call goes on behind what was wrong.
    pub(super) fn next(&mut self) -> Result<Token, Box<Diagnostic>> {
        self.skip_blanks()?;
        let bytes = self.text.as_bytes();
        let start = self.position;
        let Some(&first) = bytes.get(start) else {
            return Ok(Token { kind: TokenKind::End, span: Span::new(start, start) });
        };
        let kind = match first {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.word(),
            b'0'..=b'9' | b'+' | b'-' | b'.' => self.number()?,
            b'"' | b'\'' => self.literal(first)?,
            b':' | b';' | b',' | b'{' | b'}' | b'(' | b')' | b'=' | b'<' | b'>' | b'[' | b']' | b'*'
            | b'&' => {
                self.position += 1;
                TokenKind::Symbol(first)
            }
            _ => return Err(self.unexpected()),
        };
        Ok(Token { kind, span: Span::new(start, self.position) })
    }

    fn rest(&self) -> &'s [u8] {
        &self.text.as_bytes()[self.position..]
    }

    fn skip_blanks(&mut self) -> Result<(), Box<Diagnostic>> {
        loop {
            match self.rest() {
                [b' ' | b'\t' | b'\r' | b'\n', ..] => self.position += 1,
                [b'#', ..] | [b'/', b'/', ..] => {
                    let line = self.rest().iter().position(|&byte| byte == b'\n');
                    self.position = line.map_or(self.text.len(), |line| self.position + line);
                }
                [b'/', b'*', ..] => self.comment()?,
                _ => return Ok(()),
            }
        }
    }

    /// `/* … */`, or `/** … */`, which is a doc comment unless it holds nothing but stars.
    fn comment(&mut self) -> Result<(), Box<Diagnostic>> {
        let start = self.position;
        let stars = self.rest()[1..].iter().take_while(|&&byte| byte == b'*').count();
        if self.rest().get(1 + stars) == Some(&b'/') && stars > 1 {
            self.position += stars + 2;
            return Ok(());
        }
        let body = start + if stars > 1 { 3 } else { 2 };
        let Some(length) = self.text[body..].find("*/") else {
            self.position = self.text.len();
            return Err(self.error(Span::new(start, start + 2), "this comment has no end"));
        };
        self.position = body + length + 2;
        if stars > 1 {
            self.doc = Some(Span::new(body, body + length));
            self.last_doc = self.doc;
        }
        Ok(())
    }

    fn word(&mut self) -> TokenKind {
        let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        loop {
            self.position += self.rest().iter().take_while(|byte| is_letter(byte)).count();
            match self.rest() {
                [b'.', next, ..] if is_letter(next) => self.position += 1,
                _ => return TokenKind::Word,
            }
        }
    }

    fn digits(&mut self) -> usize {
        let count = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.position += count;
        count
    }

    fn number(&mut self) -> Result<TokenKind, Box<Diagnostic>> {
        let start = self.position;
        if matches!(self.rest(), [b'+' | b'-', ..]) {
            self.position += 1;
        }
        if let [b'0', b'x', digit, ..] = self.rest()
            && digit.is_ascii_hexdigit()
        {
            self.position += 2;
            self.position += self.rest().iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
            return Ok(TokenKind::Int);
        }
        let mut digits = self.digits();
        let mut kind = TokenKind::Int;
        if let [b'.', digit, ..] = self.rest()
            && digit.is_ascii_digit()
        {
            self.position += 1;
            digits += self.digits();
            kind = TokenKind::Double;
        }
        if digits == 0 {
            self.position = start;
            return Err(self.unexpected());
        }
        if let [b'e' | b'E', b'+' | b'-', digit, ..] | [b'e' | b'E', digit, ..] = self.rest()
            && digit.is_ascii_digit()
        {
            self.position += 2;
            self.digits();
            kind = TokenKind::Double;
        }
        Ok(kind)
    }

    fn literal(&mut self, quote: u8) -> Result<TokenKind, Box<Diagnostic>> {
        let start = self.position;
        let mut bytes = self.rest().iter().enumerate().skip(1);
        while let Some((offset, &byte)) = bytes.next() {
            match byte {
                b'\n' => {
                    self.position = start + offset;
                    return Err(
                        self.error(Span::new(start, start + offset), "this string does not end on its line")
                    );
                }
                b'\\' => {
                    bytes.next();
                }
                _ if byte == quote => {
                    self.position = start + offset + 1;
                    return Ok(TokenKind::Literal);
                }
                _ => {}
            }
        }
        self.position = self.text.len();
        Err(self.error(Span::new(start, start + 1), "this string has no end"))
    }

    #[cold]
    fn unexpected(&mut self) -> Box<Diagnostic> {
        let start = self.position;
        let character = self.text[start..].chars().next().unwrap_or_default();
        self.position += character.len_utf8().max(1);
        let error = Diagnostic::error(
            self.source,
            Span::new(start, self.position.min(self.text.len())),
            format!("unexpected character {character:?}"),
        );
        Box::new(match character {
            '@' => error.help("structured annotations are of the fbthrift dialect; this is Apache Thrift"),
            _ => error,
        })
    }

    #[cold]
    fn error(&self, span: Span, message: &str) -> Box<Diagnostic> {
        Box::new(Diagnostic::error(self.source, span, message))
    }
}
