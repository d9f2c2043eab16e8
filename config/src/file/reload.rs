//! Reading everything again while the gateway runs.

use crate::scalar::{Flag, Scalar};
use schemars::JsonSchema;
use serde::Deserialize;

/// Reading configuration, IDL and certificates again while the gateway runs: on SIGHUP, by `POST /reload` on the admin
/// listener, and when one of the files changes. A file that is wrong changes nothing.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Reload {
    /// Whether the files are watched, so that a change on disk takes effect by itself. Default `true`.
    pub(crate) watch: Option<Scalar<Flag>>,
    /// Whether IDL that would break callers (a method or field removed or of another type, a field newly required) is
    /// refused. Default `false`.
    pub(crate) refuse_breaking: Option<Scalar<Flag>>,
}
