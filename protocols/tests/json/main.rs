//! The human-readable JSON: its grammar, the table of types, what is around the values, and random ones.

mod envelope;
mod grammar;
mod injection;
mod properties;
mod schema;
mod types;
