//! TJSONProtocol, as Apache's implementations have it; no document specifies it.
//!
//! A message is `[1,"method",kind,sequence id,STRUCT]`, a struct `{"<id>":{"<tag>":VALUE},…}`, a list or set
//! `["<tag>",count,…]`, a map `["<tag>","<tag>",count,{KEY:VALUE,…}]`. Keys are strings, numbers put in
//! quotes; a key that is a struct or container is written bare, as everyone else does, which is no JSON.
//!
//! What is written is what every reader takes: no white space, whole numbers without an exponent, NaN and
//! the infinities in quotes, control characters as `\u00xx`. What is read is what any writer writes: white
//! space, leading zeros, raw control characters, bare `nan` and `NaN`, base64 without padding. Counts and
//! ranges are exact.

mod reader;
mod scan;
mod token;
mod writer;

pub use reader::JsonReader;
pub use writer::JsonWriter;

use super::WireType;

#[inline]
fn tag_of(ty: WireType) -> &'static str {
    match ty {
        WireType::Bool => "tf",
        WireType::I8 => "i8",
        WireType::I16 => "i16",
        WireType::I32 => "i32",
        WireType::I64 => "i64",
        WireType::Double => "dbl",
        WireType::String => "str",
        WireType::Struct => "rec",
        WireType::Map => "map",
        WireType::Set => "set",
        WireType::List => "lst",
        WireType::Uuid => "uid",
    }
}

#[inline]
fn type_of(tag: &[u8]) -> Option<WireType> {
    Some(match tag {
        b"tf" => WireType::Bool,
        b"i8" => WireType::I8,
        b"i16" => WireType::I16,
        b"i32" => WireType::I32,
        b"i64" => WireType::I64,
        b"dbl" => WireType::Double,
        b"str" => WireType::String,
        b"rec" => WireType::Struct,
        b"map" => WireType::Map,
        b"set" => WireType::Set,
        b"lst" => WireType::List,
        b"uid" => WireType::Uuid,
        _ => return None,
    })
}
