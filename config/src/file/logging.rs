//! What is logged, and what is counted.

use crate::scalar::{Flag, Scalar, Text};
use crate::settings::{AccessField, LogFormat, LogLevel};
use crate::shape::Switch;
use schemars::JsonSchema;
use serde::Deserialize;

/// What is logged, and how.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Logging {
    /// The form of a line. Default `auto`.
    pub(crate) format: Option<Scalar<LogFormat>>,
    /// The least severe level that is written. Default `info`.
    pub(crate) level: Option<Scalar<LogLevel>>,
    /// The access log, one line a call: `true`, `false`, or what is in a line and where it goes. Default `true`.
    pub(crate) access: Option<Switch<AccessLog>>,
}

/// The access log.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AccessLog {
    /// The form of a line. Default: that of `logging`.
    pub(crate) format: Option<Scalar<LogFormat>>,
    /// What is in a line; `arguments` are in it only where they are asked for, and what the IDL annotates as `sensitive` is
    /// masked. Default: all but `host`, `user_agent`, `executed` and `arguments`.
    pub(crate) fields: Option<Vec<Scalar<AccessField>>>,
    /// The file, to which lines are appended. Default: standard output.
    pub(crate) file: Option<Scalar<Text>>,
}

/// What is counted.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Metrics {
    /// Whether calls are counted and timed, by route, service, method, protocol and outcome. Default `true`.
    pub(crate) calls: Option<Scalar<Flag>>,
}
