//! What holds for the whole process.

use super::Rate;
use crate::shown;
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Limits of the whole process; sizes in bytes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Limits {
    /// A request's body, after decoding.
    pub body: usize,
    /// A message to or from a backend.
    pub frame: usize,
    /// Nesting of JSON and of Thrift values.
    pub depth: usize,
    /// A request's header section.
    pub headers: usize,
    /// Time for a request's header section.
    #[serde(serialize_with = "shown::duration")]
    pub header_timeout: Duration,
    /// Time for a request's body.
    #[serde(serialize_with = "shown::duration")]
    pub body_timeout: Duration,
    /// Time for a call where backend and route say nothing.
    #[serde(serialize_with = "shown::duration")]
    pub deadline: Duration,
    /// A reply's body, before compression.
    pub reply: usize,
    /// Time for a client to take its reply, beside what the reply's size gives it.
    #[serde(serialize_with = "shown::duration")]
    pub reply_timeout: Duration,
    /// Client connections open at once.
    pub connections: usize,
    /// Calls under way at once.
    pub calls: usize,
    /// Calls to one backend at once, where the backend says nothing.
    pub backend_calls: usize,
    /// Connections to one endpoint at once, where the backend says nothing.
    pub endpoint_connections: usize,
    /// Request bodies held at once, all together.
    pub bodies: usize,
    /// The share of the memory there is, from 0 to 1, above which new calls are refused.
    pub memory: f64,
    /// Requests from one address (a network of 64 bits of IPv6); `None` does not limit them.
    pub address_rate: Option<Rate>,
}

impl Default for Limits {
    fn default() -> Self {
        const KIB: usize = 1 << 10;
        const MIB: usize = 1 << 20;
        Self {
            body: 16 * MIB,
            frame: 16 * MIB,
            depth: 64,
            headers: 32 * KIB,
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(30),
            deadline: Duration::from_secs(10),
            reply: 64 * MIB,
            reply_timeout: Duration::from_secs(30),
            connections: 10_000,
            calls: 1024,
            backend_calls: 256,
            endpoint_connections: 64,
            bodies: 256 * MIB,
            memory: 0.92,
            address_rate: None,
        }
    }
}

/// How calls are spread over cores.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Runtime {
    /// Worker threads; `None` is one a core.
    pub threads: Option<usize>,
    /// Who runs a call.
    pub scheduling: Scheduling,
}

/// Who runs a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Validate, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
#[garde(allow_unvalidated)]
pub enum Scheduling {
    /// A call lives and dies on the core that accepted its connection.
    #[default]
    PerCore,
    /// One work-stealing pool runs every call.
    Shared,
}

/// How the process ends on SIGTERM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Drain {
    /// Time between turning not ready and refusing connections.
    #[serde(serialize_with = "shown::duration")]
    pub delay: Duration,
    /// Time for calls under way, after that.
    #[serde(serialize_with = "shown::duration")]
    pub grace: Duration,
}

impl Default for Drain {
    fn default() -> Self {
        Self { delay: Duration::from_secs(5), grace: Duration::from_secs(30) }
    }
}
