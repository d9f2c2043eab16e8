//! Who may call what.
//!
//! Callers show who they are and so belong to a [`Group`]. What a group may call is a [`Router`](crate::router::Router)
//! of its own, made when the snapshot is built: what its callers may not call is not in it, whichever way they ask.

mod caller;
mod groups;

pub use caller::{Caller, Facts, Refused};
pub use groups::Group;

use std::sync::Arc;

use http::request::Parts;
use thriftgate_config::Settings;

/// Who may call what.
#[derive(Debug, Default)]
pub struct Policy {
    /// In the order of the settings
    pub groups: Vec<Group>,
    anonymous: Option<Arc<Caller>>,
    is_open: bool,
}

impl Policy {
    /// The policy of these settings, whose groups are resolved; what is unchanged since `previous` goes on.
    ///
    /// # Errors
    /// Everything that is wrong with the files that the settings name, each as the text that an operator reads.
    pub(crate) fn build(
        settings: &Settings,
        groups: Vec<Group>,
        _previous: Option<&Self>,
    ) -> Result<Self, Vec<String>> {
        let authentication = &settings.authentication;
        let anonymous = authentication
            .anonymous
            .map(|group| Arc::new(Caller { name: "anonymous".into(), key: None, group, facts: Facts::None }));
        Ok(Self { groups, is_open: anonymous.is_none() && !authentication.is_configured(), anonymous })
    }

    /// Whether nobody is asked who they are, and everybody may call everything.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// Who sends a request, by its headers and its connection.
    ///
    /// # Errors
    /// Where that cannot be said.
    pub fn authenticate(&self, _request: &Parts) -> Result<Arc<Caller>, Refused> {
        self.anonymous.clone().ok_or(Refused::Missing)
    }

    /// The group of a caller.
    #[must_use]
    pub fn group(&self, caller: &Caller) -> &Group {
        &self.groups[caller.group]
    }
}
