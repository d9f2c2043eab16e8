//! The HTTP side: the layers around every request, and what answers it.

mod admin;
mod admission;
mod audit;
mod body;
mod call;
mod coding;
mod cors;
mod documents;
mod entry;
mod errors;
mod explanation;
mod front;
mod host;
mod human;
mod limits;
mod mirror;
mod native;
mod negotiation;
mod reply;
mod sandbox;
mod security_headers;

pub use admin::router as admin_router;
pub use body::BodyBudget;
pub(crate) use errors::Failure;
pub use errors::Reason;
pub use explanation::{Explained, Explanation, Refusal, explain};
pub use front::Front;
pub(crate) use human::{arguments, invoke};
pub use negotiation::Language;
pub use sandbox::Sandbox;

use std::net::SocketAddr;

/// Who is at the other end of a connection; `None` on a Unix socket.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub Option<SocketAddr>);

/// Marks a request that came over TLS.
#[derive(Clone, Copy, Debug)]
pub struct Secure;
