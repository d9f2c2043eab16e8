//! The configuration of the gateway: what its file may say, checked, as plain values.
//!
//! [`Settings::read`] takes a YAML file through three steps: variables are substituted and the text is read into the
//! file's form (`file`), whose scalars keep their place and their fault; that is resolved in one step (`resolution`)
//! into [`Settings`], where every name is an index, every duration a [`Duration`](std::time::Duration) and every
//! default filled in. All that is wrong is reported together as [`Diagnostics`], except that a text which is not YAML,
//! or has a key that no such mapping has, is refused at the first such place.
//!
//! The crate opens no file but the one it is asked for, reads no environment but through the caller, and knows neither
//! the IDL nor any run-time handle. [`json_schema`] describes the same file for editors.

#![forbid(unsafe_code)]

mod address;
mod backends;
mod diagnostic;
mod file;
mod headers;
mod idl;
mod problems;
mod quantity;
mod reading;
mod resolution;
mod routes;
mod scalar;
mod schema;
mod settings;
mod shape;
mod suggestion;
mod variables;

pub use diagnostic::{Diagnostic, Diagnostics, Origin, Severity, Source};
pub use schema::json_schema;
pub use settings::*;
