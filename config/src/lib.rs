//! The configuration of the gateway: what its file may say, checked, as plain values.
//!
//! [`Settings::read`] reads a YAML file into its form (`file`), whose scalars keep their place, and resolves that in one
//! step (`resolution`) into [`Settings`]: variables are substituted, every name is an index, every duration a
//! [`Duration`](std::time::Duration), and every default is filled in. All that is wrong is reported together, as
//! [`Diagnostics`]; only a text that is not YAML, or has a key that is unknown, missing or there twice, or a list where a
//! mapping belongs, is refused at the first such place.
//!
//! The crate opens no file but the one it is asked for, reads no environment but through the caller, and knows neither
//! the IDL nor any run-time handle. [`json_schema`] describes the same file for editors.

#![forbid(unsafe_code)]

mod address;
mod authentication;
mod backends;
mod diagnostic;
mod dns;
mod documents;
mod endpoints;
mod file;
mod groups;
mod headers;
mod health;
mod idl;
mod logging;
mod marks;
mod patterns;
mod problems;
mod quantity;
mod reachability;
mod reading;
mod resolution;
mod routes;
mod scalar;
mod schema;
mod settings;
mod shape;
mod shown;
mod suggestion;
mod tracing;
mod variables;

pub use address::AddressError;
pub use diagnostic::{Diagnostic, Diagnostics, Origin, Severity, Source};
pub use marks::{Annotated, AnnotationError};
pub use schema::json_schema;
pub use settings::*;
