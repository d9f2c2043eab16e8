//! Whether the endpoints of a backend are well.

use crate::diagnostic::Origin;
use crate::shown;
use serde::Serialize;
use std::time::Duration;

/// Active checks of the endpoints of a backend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HealthCheck {
    /// What is checked.
    pub probe: HealthProbe,
    /// Time between two checks of an endpoint.
    #[serde(serialize_with = "shown::duration")]
    pub interval: Duration,
    /// Time for one check, connecting included.
    #[serde(serialize_with = "shown::duration")]
    pub timeout: Duration,
    /// How many good checks in a row bring an endpoint back; at least 1.
    pub healthy_after: usize,
    /// How many bad checks in a row take an endpoint out; at least 1.
    pub unhealthy_after: usize,
}

/// What a health check does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HealthProbe {
    /// Connects, TLS included where the backend has it.
    Tcp,
    /// Calls a method without arguments.
    Call(HealthMethod),
}

/// The method that a health check calls; whether the IDL has it is not known here.
#[derive(Debug, Clone)]
pub struct HealthMethod {
    /// The service, as `Service` or `file.Service`.
    pub service: String,
    /// The method.
    pub method: String,
    /// Where the configuration names it; `None` from elsewhere.
    pub origin: Option<Origin>,
}

impl PartialEq for HealthMethod {
    /// Without the place: a backend that moved within the file is the same.
    fn eq(&self, other: &Self) -> bool {
        (&self.service, &self.method) == (&other.service, &other.method)
    }
}

impl Eq for HealthMethod {}

impl HealthCheck {
    /// A check with the default times and counts.
    pub fn new(probe: HealthProbe) -> Self {
        Self {
            probe,
            interval: Duration::from_secs(5),
            timeout: Duration::from_secs(1),
            healthy_after: 1,
            unhealthy_after: 3,
        }
    }
}
