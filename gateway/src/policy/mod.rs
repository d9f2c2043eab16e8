//! Who may call what.
//!
//! Callers show who they are and so belong to a [`Group`]. What a group may call is a [`Router`](crate::router::Router)
//! of its own, made when the snapshot is built: what its callers may not call is not in it, whichever way they ask.

mod caller;
mod credentials;
mod groups;
mod injection;
pub(crate) mod key_file;
mod keys;
mod rate;

pub use caller::{Caller, Facts, Refused};
pub use groups::Group;
pub use injection::{FilledArguments, FilledField};
pub(crate) use rate::{CallPermit, Standing, sweep};

use std::sync::Arc;
use std::time::SystemTime;

use http::request::Parts;
use thriftgate_config::Settings;

use keys::Keys;
use rate::CallLimits;

/// Who may call what.
#[derive(Debug, Default)]
pub struct Policy {
    /// In the order of the settings
    pub groups: Vec<Group>,
    pub(crate) limits: CallLimits,
    keys: Option<Keys>,
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
        previous: Option<&Self>,
    ) -> Result<Self, Vec<String>> {
        let limits = CallLimits::build(settings, previous.map(|previous| &previous.limits));
        let authentication = &settings.authentication;
        let keys = authentication.keys.as_ref().map(|keys| Keys::read(keys, &groups)).transpose()?;
        let anonymous = authentication
            .anonymous
            .map(|group| Arc::new(Caller { name: "anonymous".into(), key: None, group, facts: Facts::None }));
        let is_open = anonymous.is_none() && !authentication.is_configured();
        Ok(Self { groups, limits, keys, anonymous, is_open })
    }

    /// Whether nobody is asked who they are, and everybody may call everything.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// Who sends a request, by its headers and its connection. Credentials that are shown count, good or not; only who shows
    /// none is anonymous.
    ///
    /// # Errors
    /// Where that cannot be said.
    pub fn authenticate(&self, request: &Parts) -> Result<Arc<Caller>, Refused> {
        if let Some(keys) = &self.keys
            && let Some(credential) = credentials::presented(&request.headers, Some(&keys.header))?
        {
            return keys.find(credential, SystemTime::now());
        }
        self.anonymous.clone().ok_or(Refused::Missing)
    }

    /// The group of a caller.
    #[must_use]
    pub fn group(&self, caller: &Caller) -> &Group {
        &self.groups[caller.group]
    }
}
