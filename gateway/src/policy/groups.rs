//! What the callers of a group may call.

use thriftgate_config as config;

use crate::router::Router;
use crate::telemetry::GroupRefusals;

/// Callers for whom the same holds.
#[derive(Debug)]
pub struct Group {
    /// What it was built from
    pub settings: config::Group,
    /// What its callers may call, over routes in the order of the configuration: each method as it is for them, with their
    /// style and limits
    pub router: Router,
    /// What is counted
    pub refusals: GroupRefusals,
}
