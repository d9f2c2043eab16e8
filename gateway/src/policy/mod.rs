//! Who may call what.
//!
//! Callers show who they are and so belong to a [`Group`]. What a group may call is a [`Router`](crate::router::Router)
//! of its own, made when the snapshot is built: what its callers may not call is not in it, whichever way they ask.

mod caller;
mod certificates;
mod credentials;
mod fetched_keys;
mod groups;
mod injection;
pub(crate) mod jwt;
pub(crate) mod key_file;
mod key_set;
mod keys;
mod rate;
mod verified;

pub use caller::{Caller, Facts, Refused};
pub(crate) use certificates::ClientCertificate;
pub use groups::Group;
pub use injection::{FilledArguments, FilledField};
pub(crate) use rate::{CallPermit, Standing, sweep};

use std::sync::Arc;
use std::time::SystemTime;

use http::request::Parts;
use thriftgate_config::Settings;
use tokio::runtime::Handle;

use certificates::Certificates;
use jwt::Tokens;
use keys::Keys;
use rate::CallLimits;

/// Who may call what.
#[derive(Debug, Default)]
pub struct Policy {
    /// In the order of the settings
    pub groups: Vec<Group>,
    pub(crate) limits: CallLimits,
    keys: Option<Keys>,
    tokens: Option<Tokens>,
    certificates: Option<Certificates>,
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
        let mut errors = Vec::new();
        let mut note = |mut wrong: Vec<String>| errors.append(&mut wrong);
        let keys = authentication.keys.as_ref().map(|keys| Keys::read(keys, &groups));
        let keys = keys.transpose().map_err(&mut note).ok().flatten();
        let issuers = Some(&*authentication.jwt).filter(|issuers| !issuers.is_empty());
        let previous = previous.and_then(|previous| previous.tokens.as_ref());
        let tokens = issuers.map(|issuers| Tokens::build(issuers, &groups, previous));
        let tokens = tokens.transpose().map_err(&mut note).ok().flatten();
        if !errors.is_empty() {
            return Err(errors);
        }
        let rules = Some(&*authentication.certificates).filter(|rules| !rules.is_empty());
        let certificates = rules.map(Certificates::new);
        let anonymous = authentication
            .anonymous
            .map(|group| Arc::new(Caller::new("anonymous", None, group, Facts::None)));
        let is_open = anonymous.is_none() && !authentication.is_configured();
        Ok(Self { groups, limits, keys, tokens, certificates, anonymous, is_open })
    }

    /// Whether nobody is asked who they are, and everybody may call everything.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// Begins on this runtime what goes on beside calls, and has not begun yet: fetching the keys of tokens.
    pub(crate) fn begin(&self, runtime: &Handle) {
        if let Some(tokens) = &self.tokens {
            tokens.begin(runtime);
        }
    }

    /// Who sends a request, by its headers and its connection. Credentials that are shown count, good or not, those in
    /// headers before the certificate; only who shows none is anonymous. This waits only for the keys of a token.
    ///
    /// # Errors
    /// Where that cannot be said.
    pub async fn authenticate(&self, request: &Parts) -> Result<Arc<Caller>, Refused> {
        if self.keys.is_some() || self.tokens.is_some() {
            let header = self.keys.as_ref().map(|keys| &keys.header);
            if let Some(credential) = credentials::presented(&request.headers, header)? {
                let now = SystemTime::now();
                return match (&self.keys, &self.tokens) {
                    (Some(keys), None) => keys.find(credential, now),
                    (Some(keys), Some(_)) if keys::is_key(credential) => keys.find(credential, now),
                    (_, Some(tokens)) => Box::pin(tokens.find(credential, now)).await,
                    (None, None) => Err(Refused::Missing),
                };
            }
        }
        if let Some(certificates) = &self.certificates
            && let Some(certificate) = request.extensions.get::<ClientCertificate>()
        {
            return certificates.find(certificate);
        }
        self.anonymous.clone().ok_or(Refused::Missing)
    }

    /// The group of a caller.
    #[must_use]
    pub fn group(&self, caller: &Caller) -> &Group {
        &self.groups[caller.group]
    }
}
