//! The gateway, from outside: over sockets, and as a process.

use thriftgate_tests::allocator::Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

mod admin;
mod backend_faults;
mod balancing;
mod bodies;
mod canary;
mod command;
mod defaults;
mod demo;
mod descriptors;
mod dialects;
mod diff;
mod discovery;
mod documents;
mod doors;
mod ejection;
mod ending;
mod exposure;
mod floods;
mod frames;
mod health_checks;
mod http_backend;
mod http_edges;
mod http_server;
mod listeners;
mod login;
mod memory;
mod method_settings;
mod mirror;
mod native;
mod negotiation;
mod operations;
mod overload;
mod policy;
mod pool;
mod process;
mod random;
mod reload;
mod retries;
mod routing;
mod slow_clients;
mod supervised;
mod telemetry;
mod tls;
mod tracing;
mod translation;
mod trials;
mod urls;
