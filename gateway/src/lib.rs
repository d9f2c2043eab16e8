//! An HTTP/JSON gateway to Apache Thrift backends.
//!
//! [`server::Gateway`] is the running whole: it builds a [`snapshot::Snapshot`] of settings and IDL, and
//! answers each request by it. The way of one call is `http::call`, from top to bottom.
#![forbid(unsafe_code)]

pub mod backend;
pub mod cli;
pub mod demo;
pub mod documents;
pub mod http;
pub mod idl;
mod overload;
pub mod policy;
pub mod process;
pub mod reload;
pub mod router;
pub mod server;
pub mod snapshot;
mod stream;
pub mod supervisor;
pub mod telemetry;
pub mod tls;
pub mod version;
