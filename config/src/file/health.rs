//! Whether the endpoints of a backend are well.

use crate::quantity::{Count, Timeout};
use crate::scalar::{Scalar, Text};
use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;

/// Active checks of the endpoints of a backend. One that is not well gets no calls, unless none is well.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct HealthCheck {
    /// What is checked. Default `call` where there is a `method`, else `tcp`.
    #[serde(rename = "type")]
    pub(crate) kind: Option<Scalar<HealthCheckKind>>,
    /// For `call`: `Service.method`, which is called without arguments, on a connection of its own: a server that serves
    /// one connection at a time needs `tcp`. Any reply is well, a declared exception too; a TApplicationException is not.
    pub(crate) method: Option<Scalar<Text>>,
    /// Time between two checks of an endpoint, give or take a tenth. Default 5s.
    pub(crate) interval: Option<Scalar<Timeout>>,
    /// Time for one check, connecting included. Default 1s.
    pub(crate) timeout: Option<Scalar<Timeout>>,
    /// So many good checks in a row bring an endpoint back. Default 1.
    pub(crate) healthy_after: Option<Scalar<Count>>,
    /// So many bad checks in a row take an endpoint out. Default 3.
    pub(crate) unhealthy_after: Option<Scalar<Count>>,
}

/// What a health check does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[garde(allow_unvalidated)]
pub(crate) enum HealthCheckKind {
    /// Connects, TLS included where the backend has it.
    Tcp,
    /// Calls a method on a connection of its own.
    Call,
}
