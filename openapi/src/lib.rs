//! OpenAPI documents, JSON Schemas, examples and the model of the documents page, from Thrift schemas.
//!
//! The crate describes exactly the JSON that `thriftgate_protocols::json` speaks, from the same schema and
//! style. What is to be documented is a [`Description`].
#![forbid(unsafe_code)]

mod annotation;
mod description;
mod document;
mod example;
mod names;
mod operations;
mod page;
mod schema;
mod yaml;

pub use description::{
    Contact, Description, ErrorCode, License, MethodDescription, RouteDescription, Security,
    ServiceDescription,
};
pub use document::document;
pub use example::{Outcome, example_arguments, example_result, result_message};
pub use page::page_model;
pub use schema::Schemas;
pub use yaml::yaml;
