//! What holds for the whole process.

use super::Rate;
use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;
use std::time::Duration;

/// Limits of the whole process; sizes in bytes.
#[derive(Debug, Clone, PartialEq)]
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
    pub header_timeout: Duration,
    /// Time for a request's body.
    pub body_timeout: Duration,
    /// Time for a call where backend and route say nothing.
    pub deadline: Duration,
    /// A reply's body, before compression.
    pub reply: usize,
    /// Time for a client to take its reply, beside what the reply's size gives it.
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
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Runtime {
    /// Worker threads; `None` is one a core.
    pub threads: Option<usize>,
    /// Who runs a call.
    pub scheduling: Scheduling,
}

/// Who runs a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[garde(allow_unvalidated)]
pub enum Scheduling {
    /// A call lives and dies on the core that accepted its connection.
    #[default]
    PerCore,
    /// One work-stealing pool runs every call.
    Shared,
}

/// What is logged, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logging {
    /// The form of a line.
    pub format: LogFormat,
    /// The least severe level that is written.
    pub level: LogLevel,
    /// Whether each call writes a line.
    pub access: bool,
}

impl Default for Logging {
    fn default() -> Self {
        Self { format: LogFormat::default(), level: LogLevel::default(), access: true }
    }
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[garde(allow_unvalidated)]
pub enum LogFormat {
    /// Text on a terminal, JSON otherwise.
    #[default]
    Auto,
    /// Text.
    Text,
    /// One JSON object a line.
    Json,
}

/// How severe a log line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[garde(allow_unvalidated)]
pub enum LogLevel {
    /// What failed for a reason of the gateway's own.
    Error,
    /// And what needs an operator's eye.
    Warn,
    /// And what happened.
    #[default]
    Info,
    /// And why.
    Debug,
    /// And every step.
    Trace,
}

/// How the process ends on SIGTERM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drain {
    /// Time between turning not ready and refusing connections.
    pub delay: Duration,
    /// Time for calls under way, after that.
    pub grace: Duration,
}

impl Default for Drain {
    fn default() -> Self {
        Self { delay: Duration::from_secs(5), grace: Duration::from_secs(30) }
    }
}
