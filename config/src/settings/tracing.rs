//! Traces of calls.

use crate::shown;
use serde::Serialize;

/// Where spans of calls are sent, and of which calls.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tracing {
    /// The URL that takes OTLP over HTTP, with its path.
    pub otlp: String,
    /// The share of the calls that are traced, from 0 to 1, of those whose caller does not decide it.
    pub sample: f64,
    /// The name of the gateway in traces.
    pub service_name: String,
    /// Headers for the collector, names in lower case.
    #[serde(serialize_with = "shown::secret_headers")]
    pub headers: Vec<(String, String)>,
}
