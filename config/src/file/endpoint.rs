//! The endpoints of a backend, and what becomes of a call where one of them fails.

use crate::quantity::{Count, Few, Share, Timeout};
use crate::scalar::{Scalar, Text};
use schemars::JsonSchema;
use serde::Deserialize;

/// One of the endpoints of a backend.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Endpoint {
    /// As the `address` of a backend.
    pub(crate) address: Scalar<Text>,
    /// Its part of the calls, beside the weights of the others. Default 1.
    pub(crate) weight: Option<Scalar<Count>>,
}

/// When a call is sent again after it failed: to another endpoint, if there is one. Nothing that may have been sent is
/// sent again unless the method is idempotent, and nothing after the deadline.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Retries {
    /// How often a call is sent again at most; 0 turns off even what is safe for every method, which is going on to
    /// another endpoint while nothing was sent. Default 2.
    pub(crate) attempts: Option<Scalar<Few>>,
    /// Of the calls of the last ten seconds, the share that may be sent again. Default 0.2.
    pub(crate) budget: Option<Scalar<Share>>,
    /// How many calls may be sent again in each second where the share is less, so that a quiet backend has retries.
    /// Default 3.
    pub(crate) min_per_second: Option<Scalar<Few>>,
}

/// When an endpoint that fails calls is taken out for a while. An exception that a handler throws is no failure, nor is
/// a caller that leaves. While all are out, all are called.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Ejection {
    /// How many failures in a row are too many. Default 5.
    pub(crate) consecutive_failures: Option<Scalar<Count>>,
    /// The share of failed calls in the `window` that is too large. Default 0.5.
    pub(crate) failure_share: Option<Scalar<Share>>,
    /// How many calls the `window` must have before their share counts. Default 20.
    pub(crate) min_calls: Option<Scalar<Count>>,
    /// The time in which the share is taken. Default 10s.
    pub(crate) window: Option<Scalar<Timeout>>,
    /// How long an endpoint is out the first time; it doubles each time that the endpoint fails again on its return.
    /// Default 5s.
    pub(crate) time: Option<Scalar<Timeout>>,
    /// The longest that it is out. Default 60s.
    pub(crate) max_time: Option<Scalar<Timeout>>,
}
