//! The form of the file: what may be written, before names are resolved. The comments are what editors show.

mod authentication;
mod backend;
mod destination;
mod dns;
mod documents;
mod endpoint;
mod group;
mod health;
mod listener;
mod logging;
mod process;
mod reload;
mod route;
mod tracing;

pub(crate) use authentication::*;
pub(crate) use backend::*;
pub(crate) use dns::*;
pub(crate) use documents::*;
pub(crate) use endpoint::*;
pub(crate) use group::*;
pub(crate) use health::*;
pub(crate) use listener::*;
pub(crate) use logging::*;
pub(crate) use process::*;
pub(crate) use reload::*;
pub(crate) use route::*;
pub(crate) use tracing::*;

use crate::scalar::{Scalar, Text};
use crate::shape::{Named, OneOrMany, Short, Switch};
use schemars::JsonSchema;
use serde::Deserialize;

/// Configuration of thriftgate.
///
/// An IDL source and a backend are enough; every other key has a default.
///
/// A scalar may hold `${NAME}`, the environment variable of that name, or `${NAME:-default}`, for when it is unset or
/// empty; `$$` is a dollar sign. Durations are written `500ms`, `10s`, `1m30s`, `2h`, sizes `64KiB`, `16MiB`, `1GB` or
/// as plain bytes. Relative paths are relative to the directory of this file.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "thriftgate")]
pub(crate) struct File {
    /// Where traffic is accepted: an address, or a list of them. Default `127.0.0.1:8080`.
    pub(crate) listen: OneOrMany<Listener>,
    /// Health, readiness and metrics, on a listener of their own.
    pub(crate) admin: Admin,
    /// The IDL: `.thrift` files, `thrift --gen json` files, or directories of either; one, or a list.
    pub(crate) idl: OneOrMany<Idl>,
    /// The Thrift servers that calls go to, by name: an address, or a mapping.
    pub(crate) backends: Named<Short<Backend>>,
    /// How the names of backends are resolved.
    pub(crate) dns: Dns,
    /// Path prefixes and what they lead to, tried in this order after those of `services`; the first match wins. With
    /// neither `routes` nor `services` and one backend, `/` leads to it for every service.
    pub(crate) routes: Vec<Route>,
    /// Services by their names in the IDL, each with a route of its own: the short form for many of them.
    pub(crate) services: Named<Service>,
    /// How callers show who they are.
    pub(crate) authentication: Authentication,
    /// What callers may call, how often and in which form, by the names of their groups.
    pub(crate) groups: Named<Group>,
    /// The audit log. Default: none is written.
    pub(crate) audit: Option<Audit>,
    /// OpenAPI and the documents page: `true`, or a mapping. Default `false`.
    pub(crate) documents: Option<Switch<Documents>>,
    /// Limits of the whole process; all are on.
    pub(crate) limits: Limits,
    /// How calls are spread over cores.
    pub(crate) runtime: Runtime,
    /// What is logged, and how.
    pub(crate) logging: Logging,
    /// What is counted for `/metrics`.
    pub(crate) metrics: Metrics,
    /// Traces of calls. Default: none are sent.
    pub(crate) tracing: Option<Tracing>,
    /// Reading everything again while the gateway runs.
    pub(crate) reload: Reload,
    /// How the process ends on SIGTERM.
    pub(crate) drain: Drain,
}

/// One IDL source.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Idl {
    /// A `.thrift` file, a `thrift --gen json` file, or a directory of either.
    pub(crate) path: Scalar<Text>,
    /// Directories in which `include` looks, after that of the including file. Default: none.
    #[serde(default)]
    pub(crate) include: Vec<Scalar<Text>>,
}
