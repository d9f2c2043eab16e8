//! How the names of backends are resolved.

use std::net::SocketAddr;
use std::time::Duration;

/// How the names of backends are resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dns {
    /// The name servers; none for those of the system.
    pub servers: Vec<SocketAddr>,
    /// The longest time until a name is resolved again.
    pub refresh: Duration,
    /// Time for resolving a name once.
    pub timeout: Duration,
}

impl Default for Dns {
    fn default() -> Self {
        Self { servers: Vec::new(), refresh: Duration::from_secs(30), timeout: Duration::from_secs(2) }
    }
}
