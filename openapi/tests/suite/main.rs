//! What documents say, against what the gateway's JSON is.

mod agreement;
mod api;
mod documents;
mod random;
mod structure;
