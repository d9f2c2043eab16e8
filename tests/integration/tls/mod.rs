//! TLS on both sides: who is refused, and that nothing of a call reaches a backend then.

mod backends;
pub(crate) mod certificates;
mod listeners;
mod names;
mod rotation;
mod terminator;
