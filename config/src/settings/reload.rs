//! Reading everything again while the gateway runs.

use crate::diagnostic::Origin;
use serde::Serialize;

/// When files are read again, and what is then refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reload {
    /// Whether a change on disk takes effect by itself.
    pub watch: bool,
    /// Whether IDL that would break callers is refused.
    pub refuse_breaking: bool,
}

impl Default for Reload {
    fn default() -> Self {
        Self { watch: true, refuse_breaking: false }
    }
}

/// Where the configuration says what cannot change while the gateway runs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Places(Vec<(&'static str, Origin)>);

impl Places {
    pub(crate) fn add(&mut self, key: &'static str, origin: Origin) {
        self.0.push((key, origin));
    }

    /// The place of a key, such as `runtime.threads`; `None` where the configuration does not have it.
    pub fn of(&self, key: &str) -> Option<&Origin> {
        self.0.iter().find(|(of, _)| *of == key).map(|(_, origin)| origin)
    }
}
