//! OpenAPI documents and examples from Thrift schemas.
//!
//! The crate describes exactly the JSON that `thriftgate_protocols::json` speaks, from the same schema and
//! style.
#![forbid(unsafe_code)]
