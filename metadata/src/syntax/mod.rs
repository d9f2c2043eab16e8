//! The `.thrift` front end: a lexer and a recursive-descent parser for the grammar of Apache's compiler.
//!
//! It takes a little more than that compiler: a header after definitions, annotations after any type, words of
//! the language as names. It refuses `senum` and `slist`, which newer compilers have dropped, and the fbthrift
//! dialect, each by name.

mod definition;
mod doc;
mod lexer;
mod parser;
mod value;

pub(crate) use parser::parse;
