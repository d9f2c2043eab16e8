//! What a set of Thrift IDL files says: the [`Schema`], and the two ways to one.
#![forbid(unsafe_code)]

mod id;
mod lookup;
mod schema;

pub use id::{ConstantId, ElementId, EnumId, FunctionId, MapId, ProgramId, ServiceId, StructId, TypedefId};
pub use schema::{
    Annotation, Annotations, Constant, Enum, Field, Function, Member, Program, Requiredness, Schema, Service,
    Struct, StructKind, Type, Typedef, Value,
};
