//! The gateway, from outside: over sockets, and as a process.

use thriftgate_tests::allocator::Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

mod demo;
mod login;
mod negotiation;
mod urls;
