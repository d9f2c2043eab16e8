//! Traces of calls.

use crate::quantity::Share;
use crate::scalar::{Scalar, Text};
use crate::shape::Named;
use schemars::JsonSchema;
use serde::Deserialize;

/// Traces of calls, sent to an OpenTelemetry collector: a span for each call, and one for each attempt at a backend.
/// Backends over HTTP are told by `traceparent` which span they belong to.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tracing {
    /// The URL of a collector that takes OTLP over HTTP, as `http://collector:4318`; without a path, that is
    /// `/v1/traces`.
    pub(crate) otlp: Scalar<Text>,
    /// Share of the calls that are traced, 0 to 1, of those whose caller does not say by `traceparent` whether they are.
    /// Default 0.01.
    pub(crate) sample: Option<Scalar<Share>>,
    /// How the gateway is called in traces. Default `thriftgate`.
    pub(crate) service_name: Option<Scalar<Text>>,
    /// Headers for the collector, such as the credentials that it asks for.
    #[serde(default)]
    pub(crate) headers: Named<Scalar<Text>>,
}
