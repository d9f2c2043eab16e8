//! The comparison of two schemas: what breaks those who still have the old one.
//!
//! Two kinds of client are asked about. Those who speak JSON go by names, and send and get what the gateway makes
//! of the new schema. Native clients, compiled with the old one, go by ids and types. Requests are written by the
//! old schema and read by the new one, replies the other way about, so each change is judged by the directions in
//! which it is met.
//!
//! The comparison begins at the services and follows types by their structure: the names of structs, enums and
//! typedefs, the files they are in, and the service of a line of `extends` that declares a method, reach no
//! client. What no method reaches is not looked at. An item is reported once, with all methods that reach it.
//!
//! ```
//! use thriftgate_metadata::{Builder, Schema, diff};
//!
//! let schema = |text: &'static str| -> Result<Schema, thriftgate_metadata::Diagnostics> {
//!     let mut builder = Builder::new(Vec::new(), move |_| Ok(Some(text.to_owned())));
//!     builder.thrift("users.thrift");
//!     Ok(builder.finish()?.schema)
//! };
//! let old = schema("service Users { string name(1: i64 id) }")?;
//! let new = schema("service Users { string name(1: i64 user), i64 count() }")?;
//! let places: Vec<String> =
//!     diff(&old, &new).breaking().map(|change| format!("{}: {}", change.place, change.kind.title())).collect();
//! assert_eq!(places, ["Users.name(user): field renamed"]);
//! # Ok::<(), thriftgate_metadata::Diagnostics>(())
//! ```

mod change;
mod effect;
mod enums;
mod fields;
mod found;
mod services;
mod text;
mod types;
mod walk;

pub use change::{Change, ChangeKind, Diff};
pub use effect::{Effect, Flow};

use crate::id::ServiceId;
use crate::schema::Schema;

/// What has changed from `old` to `new`, in all their services.
#[must_use]
pub fn diff(old: &Schema, new: &Schema) -> Diff {
    let all = |schema: &Schema| schema.services().map(|(id, _)| id).collect::<Vec<_>>();
    diff_services((old, &all(old)), (new, &all(new)))
}

/// What has changed from one set of services to another, each of the schema beside it. Services are the same by
/// their names with that of their file, or by their names alone where the old one has no namesake in its own file
/// any more.
#[must_use]
pub fn diff_services(old: (&Schema, &[ServiceId]), new: (&Schema, &[ServiceId])) -> Diff {
    let mut changes = services::compare(old, new);
    changes.extend(walk::compare((old.0, new.0), &services::common_methods(old, new)));
    Diff::new(changes)
}
