//! API keys: which are known, and whose they are.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::SystemTime;

use foldhash::fast::RandomState;
use http::HeaderName;
use subtle::ConstantTimeEq;
use thriftgate_config as config;
use thriftgate_metadata::nearest;

use super::key_file::{self, KeyEntry, KeyFileError, LENGTH, PREFIX};
use super::{Caller, Facts, Group, Refused};
use crate::snapshot::at;

/// The first bytes of a hash, by which keys are found. They are no secret, and whoever finds some that fit has no key.
type Beginning = [u8; 8];

/// The API keys that are known.
pub(super) struct Keys {
    /// The header that may hold one.
    pub(super) header: HeaderName,
    by_hash: HashMap<Beginning, Vec<Key>, RandomState>,
}

struct Key {
    id: Arc<str>,
    hash: [u8; 32],
    standing: Standing,
}

enum Standing {
    Good { caller: Arc<Caller>, expires: Option<SystemTime> },
    Expired,
    Revoked,
}

impl Keys {
    /// Reads the key file.
    ///
    /// # Errors
    /// Everything that is wrong with it, each as the text that an operator reads.
    pub(super) fn read(settings: &config::ApiKeys, groups: &[Group]) -> Result<Self, Vec<String>> {
        let entries = key_file::read(&settings.file).map_err(|error| vec![unreadable(settings, &error)])?;
        let mut errors = Vec::new();
        let now = SystemTime::now();
        let mut by_hash: HashMap<Beginning, Vec<Key>, RandomState> = HashMap::default();
        for entry in &entries {
            match key(entry, groups, now) {
                Ok(key) => by_hash.entry(beginning(&key.hash)).or_default().push(key),
                Err(error) => errors.push(format!("{}: error: {error}", settings.file.display())),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let header = HeaderName::try_from(&settings.header).expect("the settings hold the name of a header");
        Ok(Self { header, by_hash })
    }

    /// Whose a key is at this time.
    ///
    /// # Errors
    /// Where it is not known, or not taken any more; whoever shows it cannot tell which.
    pub(super) fn find(&self, text: &[u8], now: SystemTime) -> Result<Arc<Caller>, Refused> {
        if text.len() != LENGTH || !is_key(text) {
            return Err(Refused::Invalid("what was shown has not the form of a key".into()));
        }
        let hash = key_file::hash_of(text);
        let near = self.by_hash.get(&beginning(&hash)).map_or(&[][..], Vec::as_slice);
        let Some(key) = near.iter().find(|key| bool::from(key.hash.ct_eq(&hash))) else {
            return Err(Refused::Invalid("the key is not known".into()));
        };
        match &key.standing {
            Standing::Good { caller, expires } if expires.is_none_or(|expires| now < expires) => {
                Ok(caller.clone())
            }
            Standing::Good { .. } | Standing::Expired => {
                Err(Refused::Invalid(format!("the key {} has expired", key.id).into()))
            }
            Standing::Revoked => Err(Refused::Invalid(format!("the key {} is revoked", key.id).into())),
        }
    }
}

/// Whether a credential is a key, and no token.
pub(super) fn is_key(text: &[u8]) -> bool {
    text.starts_with(PREFIX.as_bytes())
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("header", &self.header).finish_non_exhaustive()
    }
}

fn beginning(hash: &[u8; 32]) -> Beginning {
    *hash.first_chunk().expect("a hash is longer")
}

/// The key of an entry. The group of one that is over may have gone already.
fn key(entry: &KeyEntry, groups: &[Group], now: SystemTime) -> Result<Key, String> {
    let KeyEntry { sha256: hash, caller, group, expires, .. } = entry;
    let id: Arc<str> = entry.id.as_str().into();
    let standing = if entry.revoked.is_some() {
        Standing::Revoked
    } else if entry.is_over(now) {
        Standing::Expired
    } else {
        let names = groups.iter().map(|group| &*group.settings.name);
        let index = names.clone().position(|name| name == group).ok_or_else(|| {
            let help = nearest(group, names).map(|near| format!("; did you mean `{near}`?"));
            format!(
                "the key `{id}` is for the group `{group}`, which is not there{}",
                help.unwrap_or_default()
            )
        })?;
        let facts = if entry.attributes.is_empty() {
            Facts::None
        } else {
            Facts::Attributes(Arc::new(entry.attributes.clone()))
        };
        let caller = Caller::new(caller.as_str(), Some(id.clone()), index, facts);
        Standing::Good { caller: Arc::new(caller), expires: *expires }
    };
    Ok(Key { id, hash: *hash, standing })
}

/// Says that the file cannot be read, at the place that names it.
#[cold]
fn unreadable(settings: &config::ApiKeys, error: &KeyFileError) -> String {
    let KeyFileError::Io(path, cause) = error else { return error.to_string() };
    let help = (cause.kind() == io::ErrorKind::NotFound).then(|| {
        let path = path.display();
        format!("make it with its first key: thriftgate keys new --caller NAME --group GROUP --file {path}")
    });
    at(settings.origin.as_ref(), format!("the key file {} cannot be read: {cause}", path.display()), help)
}
