//! What documents say, against what the gateway's JSON is.

mod agreement;
mod api;
mod details;
mod documents;
mod random;
mod speed;
mod structure;
