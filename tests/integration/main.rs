//! The gateway, from outside: over sockets, and as a process.

use thriftgate_tests::allocator::Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

mod backend_faults;
mod bodies;
mod command;
mod demo;
mod dialects;
mod diff;
mod doors;
mod http_backend;
mod http_edges;
mod http_server;
mod listeners;
mod login;
mod memory;
mod native;
mod negotiation;
mod operations;
mod pool;
mod process;
mod random;
mod tls;
mod translation;
mod urls;
