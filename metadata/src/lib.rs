//! What a set of Thrift IDL files says: the [`Schema`], and the two ways to one.
//!
//! ```
//! use thriftgate_metadata::Builder;
//!
//! let text = "service Users { string name(1: i64 id) }";
//! let mut builder = Builder::new(Vec::new(), |_| Ok(Some(text.to_owned())));
//! builder.thrift("users.thrift");
//! let schema = builder.finish()?.schema;
//! let service = schema.services_named("users.Users").next().expect("it is declared");
//! let function = schema.function(service, "name").expect("it has this method");
//! let (_, argument) = schema[schema[function].arguments].field_by_name("id").expect("and this argument");
//! assert_eq!(schema.type_name(argument.ty), "i64");
//! # Ok::<(), thriftgate_metadata::Diagnostics>(())
//! ```
#![forbid(unsafe_code)]

mod builder;
mod declaration;
mod diagnostic;
mod diff;
mod gen_json;
mod id;
mod lookup;
mod nearest;
mod schema;
mod syntax;

pub use builder::{Builder, Loaded};
pub use diagnostic::{Diagnostic, Diagnostics, Severity};
pub use diff::{Change, ChangeKind, Diff, Effect, Flow, diff, diff_services};
pub use id::{ConstantId, ElementId, EnumId, FunctionId, MapId, ProgramId, ServiceId, StructId, TypedefId};
pub use nearest::nearest;
pub use schema::{
    Annotation, Annotations, Constant, Enum, Field, Function, Member, Program, Requiredness, Schema, Service,
    Struct, StructKind, Type, Typedef, Value,
};
