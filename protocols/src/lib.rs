//! The wire protocols of Thrift and its human-readable JSON, as functions over bytes: no I/O, no HTTP.
#![forbid(unsafe_code)]

pub mod framing;
pub mod injection;
pub mod json;
pub mod message;
mod output;
mod seen;
pub mod style;
pub mod transcode;
pub mod wire;
