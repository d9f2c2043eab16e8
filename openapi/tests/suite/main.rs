//! What documents say, against what the gateway's JSON is.

mod api;
mod documents;
