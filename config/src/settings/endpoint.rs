//! The endpoints of a backend, and what becomes of a call where one of them fails.

use super::BackendAddress;
use crate::shown;
use serde::Serialize;
use std::time::Duration;

/// One of the endpoints of a backend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Endpoint {
    /// Where it listens; a host name or SRV records may stand for many.
    pub address: BackendAddress,
    /// Its part of the calls, at least 1.
    pub weight: u32,
}

impl Endpoint {
    /// An endpoint of weight 1.
    pub fn new(address: BackendAddress) -> Self {
        Self { address, weight: 1 }
    }
}

/// When a call is sent again after it failed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Retries {
    /// How often at most, beside the first time; 0 turns off even what is safe, going on to another endpoint while
    /// nothing was sent.
    pub attempts: usize,
    /// The share of the calls of a window of ten seconds that may be sent again, from 0 to 1.
    pub budget: f64,
    /// How many calls a second may be sent again where the share is less.
    pub min_per_second: usize,
}

impl Default for Retries {
    fn default() -> Self {
        Self { attempts: 2, budget: 0.2, min_per_second: 3 }
    }
}

/// When an endpoint that fails calls is taken out for a while.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ejection {
    /// How many failures in a row are too many.
    pub consecutive_failures: usize,
    /// The share of failed calls in the window that is too large, from 0 to 1.
    pub failure_share: f64,
    /// How many calls the window must have before their share counts.
    pub min_calls: usize,
    /// The time in which the share is taken.
    #[serde(serialize_with = "shown::duration")]
    pub window: Duration,
    /// How long an endpoint is out the first time; doubled each time that it fails again on its return.
    #[serde(serialize_with = "shown::duration")]
    pub time: Duration,
    /// The longest that it is out, at least `time`.
    #[serde(serialize_with = "shown::duration")]
    pub max_time: Duration,
}

impl Default for Ejection {
    fn default() -> Self {
        Self {
            consecutive_failures: 5,
            failure_share: 0.5,
            min_calls: 20,
            window: Duration::from_secs(10),
            time: Duration::from_secs(5),
            max_time: Duration::from_secs(60),
        }
    }
}
