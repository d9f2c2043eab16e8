//! What holds for the whole process.

use super::Rate;
use crate::quantity::{Count, Depth, HeaderSize, MemoryShare, Pause, Size, Timeout, TotalSize};
use crate::scalar::Scalar;
use crate::settings::Scheduling;
use schemars::JsonSchema;
use serde::Deserialize;

/// Limits of the whole process.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Limits {
    /// Size of a request's body, after decoding. Default 16MiB.
    pub(crate) body: Option<Scalar<Size>>,
    /// Size of a message to or from a backend. Default 16MiB.
    pub(crate) frame: Option<Scalar<Size>>,
    /// Nesting of JSON and of Thrift values, 1 to 256. Default 64.
    pub(crate) depth: Option<Scalar<Depth>>,
    /// Size of a request's header section, 8KiB to 16MiB. Default 32KiB.
    pub(crate) headers: Option<Scalar<HeaderSize>>,
    /// Time for a request's header section. Default 10s.
    pub(crate) header_timeout: Option<Scalar<Timeout>>,
    /// Time for a request's body. Default 30s.
    pub(crate) body_timeout: Option<Scalar<Timeout>>,
    /// Time for a call where backend and route say nothing; a caller may shorten it. Default 10s.
    pub(crate) deadline: Option<Scalar<Timeout>>,
    /// Size of a reply to a client, before compression. Default 64MiB.
    pub(crate) reply: Option<Scalar<Size>>,
    /// Time for a client to take its reply, and a second more for every 16 KiB that it takes. A slower one is
    /// disconnected. Default 30s.
    pub(crate) reply_timeout: Option<Scalar<Timeout>>,
    /// Client connections open at once. Default 10000.
    pub(crate) connections: Option<Scalar<Count>>,
    /// Calls under way at once. Default 1024.
    pub(crate) calls: Option<Scalar<Count>>,
    /// Calls to one backend at once, where it has no `max_calls`. Default 256.
    pub(crate) backend_calls: Option<Scalar<Count>>,
    /// Connections to one endpoint at once, where its backend has no `max_connections`. Default 64.
    pub(crate) endpoint_connections: Option<Scalar<Count>>,
    /// Size of all request bodies held at once; at least that of one. Default 256MiB.
    pub(crate) bodies: Option<Scalar<TotalSize>>,
    /// Share of the memory that the process may use, 0.01 to 1, above which new calls are refused: of the limit of its
    /// control group, or of the machine's memory where there is none. Default 0.92.
    pub(crate) memory: Option<Scalar<MemoryShare>>,
    /// Requests from one address, whoever it is, before anything else is looked at; of IPv6 a network of 64 bits is one.
    /// Default: not limited.
    pub(crate) address_rate: Option<Rate>,
}

/// How calls are spread over cores.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Runtime {
    /// Worker threads. Default: one a core.
    pub(crate) threads: Option<Scalar<Count>>,
    /// Who runs a call. Default `per_core`.
    pub(crate) scheduling: Option<Scalar<Scheduling>>,
}

/// How the process ends on SIGTERM.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Drain {
    /// Time between turning not ready and refusing connections, for load balancers to notice; replies already tell
    /// clients to leave. A second signal ends it. Default 5s.
    pub(crate) delay: Option<Scalar<Pause>>,
    /// Time for calls under way to end, after that; those that have not are answered 504. A second signal ends it.
    /// Default 30s.
    pub(crate) grace: Option<Scalar<Pause>>,
}
