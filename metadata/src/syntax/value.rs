//! Constants: literals, names, lists and maps.

use crate::declaration::{MAX_NESTING, ValueExpr, ValueKind};
use crate::diagnostic::Span;
use crate::syntax::lexer::TokenKind;
use crate::syntax::parser::{Parsed, Parser};

impl Parser<'_, '_> {
    /// A constant; `depth` counts the constants around it.
    pub(super) fn value(&mut self, depth: usize) -> Parsed<ValueExpr> {
        let start = self.token.span;
        if depth >= MAX_NESTING {
            return Err(self.error(start, format!("constants nest more than {MAX_NESTING} deep")));
        }
        let kind = match self.token.kind {
            TokenKind::Int => ValueKind::Int(self.int()?),
            TokenKind::Double => {
                let text = self.text(self.token);
                let value = text.parse().map_err(|_| self.error(start, "this is no number"))?;
                self.bump()?;
                ValueKind::Double(value)
            }
            TokenKind::Literal => ValueKind::String(self.literal("a string")?),
            TokenKind::Word => match self.word() {
                "true" | "false" => ValueKind::Int(self.int()?),
                _ => ValueKind::Name(self.name("a constant")?.text),
            },
            TokenKind::Symbol(b'[') => {
                self.bump()?;
                let mut elements = Vec::new();
                while !self.eat(b']')? {
                    elements.push(self.value(depth + 1)?);
                    self.separator()?;
                }
                ValueKind::List(elements)
            }
            TokenKind::Symbol(b'{') => {
                self.bump()?;
                let mut entries = Vec::new();
                while !self.eat(b'}')? {
                    let key = self.value(depth + 1)?;
                    self.expect(b':')?;
                    entries.push((key, self.value(depth + 1)?));
                    self.separator()?;
                }
                ValueKind::Map(entries)
            }
            _ => return Err(self.expected("a constant")),
        };
        Ok(ValueExpr { span: start.to(self.previous.span), kind })
    }

    /// An integer; `true` and `false` are 1 and 0, as in Apache's compiler.
    pub(super) fn int(&mut self) -> Parsed<i64> {
        let text = self.text(self.token);
        let (negative, digits) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        let magnitude = match (digits, digits.strip_prefix("0x")) {
            ("true", _) => Ok(1),
            ("false", _) => Ok(0),
            (_, Some(hexadecimal)) => i128::from_str_radix(hexadecimal, 16),
            (_, None) => digits.parse(),
        };
        let value = magnitude
            .ok()
            .and_then(|value: i128| i64::try_from(if negative { -value } else { value }).ok())
            .ok_or_else(|| self.error(self.token.span, "this integer does not fit in 64 bits"))?;
        self.bump()?;
        Ok(value)
    }

    /// A string with its escapes resolved.
    pub(super) fn literal(&mut self, what: &str) -> Parsed<Box<str>> {
        if self.token.kind != TokenKind::Literal {
            return Err(self.expected(what));
        }
        let span = self.token.span;
        let quoted = self.text(self.token);
        let raw = &quoted[1..quoted.len() - 1];
        if !raw.contains('\\') {
            self.bump()?;
            return Ok(raw.into());
        }
        let mut text = String::with_capacity(raw.len());
        let mut characters = raw.char_indices();
        while let Some((offset, character)) = characters.next() {
            if character != '\\' {
                text.push(character);
                continue;
            }
            text.push(match characters.next() {
                Some((_, 'n')) => '\n',
                Some((_, 'r')) => '\r',
                Some((_, 't')) => '\t',
                Some((_, same @ ('"' | '\'' | '\\'))) => same,
                other => {
                    let start = span.start as usize + 1 + offset;
                    let length = 1 + other.map_or(0, |(_, character)| character.len_utf8());
                    let escape = Span::new(start, start + length);
                    return Err(Box::new(
                        self.error(escape, "unknown escape in a string")
                            .help(r#"known are \n, \r, \t, \", \' and \\"#),
                    ));
                }
            });
        }
        self.bump()?;
        Ok(text.into())
    }
}
