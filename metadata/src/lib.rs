//! What a set of Thrift IDL files says: the [`Schema`], and the two ways to one.
#![forbid(unsafe_code)]

mod builder;
mod declaration;
mod diagnostic;
mod gen_json;
mod id;
mod lookup;
mod nearest;
mod schema;
mod syntax;

pub use builder::{Builder, Loaded};
pub use diagnostic::{Diagnostic, Diagnostics, Severity};
pub use id::{ConstantId, ElementId, EnumId, FunctionId, MapId, ProgramId, ServiceId, StructId, TypedefId};
pub use nearest::nearest;
pub use schema::{
    Annotation, Annotations, Constant, Enum, Field, Function, Member, Program, Requiredness, Schema, Service,
    Struct, StructKind, Type, Typedef, Value,
};
