//! The front end for what `thrift --gen json` prints, of every compiler from 0.10 on.
//!
//! Gaps of that output: typedefs are resolved where they are used, annotations of enum members and of base
//! types are missing, doubles have 15 digits, and before 0.18 an enum is a plain `i32` where it is used.
//! Constant maps whose keys are lists or structs, and control characters in strings, make it invalid JSON.

mod convert;
mod document;

pub(crate) use convert::{Dialect, read};
