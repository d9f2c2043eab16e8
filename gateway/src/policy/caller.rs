//! Who calls.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock};

use serde_json::{Map, Value};
use thriftgate_config::ArgumentSource;

/// Who calls, and what is known of them.
#[derive(Debug)]
pub struct Caller {
    /// By which logs and limits know them
    pub name: Arc<str>,
    /// The id of the API key that they showed
    pub key: Option<Arc<str>>,
    /// Index into [`Policy::groups`](super::Policy::groups)
    pub group: usize,
    /// What their credentials say beside that
    pub facts: Facts,
    /// By which limits know them; made when it is first asked for
    pub(super) limit_key: OnceLock<u64>,
}

impl Caller {
    /// A caller who has made no call yet.
    pub(crate) fn new(name: impl Into<Arc<str>>, key: Option<Arc<str>>, group: usize, facts: Facts) -> Self {
        Self { name: name.into(), key, group, facts, limit_key: OnceLock::new() }
    }
}

/// What credentials say of their caller beside name and group. It may be personal, and is not for logs.
#[derive(Clone, Default)]
pub enum Facts {
    /// Nothing
    #[default]
    None,
    /// The attributes of an API key
    Attributes(Arc<Map<String, Value>>),
    /// The claims of a token
    Claims(Arc<Map<String, Value>>),
}

/// Why nobody is known to call. Callers are told no more than whether they showed anything.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refused {
    /// They showed nothing
    Missing,
    /// What they showed is not good; the text is for the log, and repeats nothing secret
    Invalid(Cow<'static, str>),
}

impl Facts {
    /// What an argument is to be filled with: a claim, or an attribute. The name of the caller is none of the facts.
    #[must_use]
    pub fn find(&self, source: &ArgumentSource) -> Option<&Value> {
        match (source, self) {
            (ArgumentSource::Attribute(name), Self::Attributes(attributes)) => attributes.get(name),
            (ArgumentSource::Claim(path), Self::Claims(claims)) => {
                let (first, rest) = path.split_first()?;
                rest.iter().try_fold(claims.get(first)?, |value, name| value.get(name))
            }
            _ => None,
        }
    }
}

impl fmt::Debug for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Attributes(_) => "Attributes(..)",
            Self::Claims(_) => "Claims(..)",
        })
    }
}
