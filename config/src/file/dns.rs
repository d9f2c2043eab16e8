//! How the names of backends are resolved.

use crate::quantity::Timeout;
use crate::scalar::{Scalar, Text};
use schemars::JsonSchema;
use serde::Deserialize;

/// How the names of backends are resolved: in the background, so that no call waits for it. The last answer that named an
/// address is kept until there is another.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Dns {
    /// The name servers, as `10.0.0.2` or `10.0.0.2:53`, in place of those of `/etc/resolv.conf`; its search domains and
    /// options, and the hosts file, hold all the same. Default: those of the system.
    pub(crate) servers: Vec<Scalar<Text>>,
    /// How often a name is resolved again; the time to live of an answer shortens it, down to a second. Default 30s.
    pub(crate) refresh: Option<Scalar<Timeout>>,
    /// Time for resolving a name once, and for the names that are not known yet when a configuration takes effect.
    /// Default 2s.
    pub(crate) timeout: Option<Scalar<Timeout>>,
}
