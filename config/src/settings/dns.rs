//! How the names of backends are resolved.

use crate::shown;
use serde::Serialize;
use std::net::SocketAddr;
use std::time::Duration;

/// How the names of backends are resolved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dns {
    /// The name servers; none for those of the system.
    pub servers: Vec<SocketAddr>,
    /// The longest time until a name is resolved again.
    #[serde(serialize_with = "shown::duration")]
    pub refresh: Duration,
    /// Time for resolving a name once.
    #[serde(serialize_with = "shown::duration")]
    pub timeout: Duration,
}

impl Default for Dns {
    fn default() -> Self {
        Self { servers: Vec::new(), refresh: Duration::from_secs(30), timeout: Duration::from_secs(2) }
    }
}
