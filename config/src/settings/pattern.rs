//! Which hosts and which methods something is for.

use crate::diagnostic::Origin;
use std::fmt;

/// The hosts that a route is for, in lower case and without a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostPattern {
    /// This one.
    Exact(String),
    /// Every host below this domain, itself not among them: `*.example.org`.
    Below(String),
}

impl HostPattern {
    /// Whether a request for `host`, which has no port, is one for the pattern. Case and a dot at the end do not matter.
    pub fn matches(&self, host: &str) -> bool {
        let host = host.strip_suffix('.').unwrap_or(host);
        match self {
            Self::Exact(name) => name.eq_ignore_ascii_case(host),
            Self::Below(domain) => {
                let labels =
                    host.len().checked_sub(domain.len() + 1).and_then(|end| host.split_at_checked(end));
                labels.is_some_and(|(first, rest)| {
                    !first.is_empty() && rest.starts_with('.') && rest[1..].eq_ignore_ascii_case(domain)
                })
            }
        }
    }

    /// Whether it is for every host that `other` is for.
    pub fn covers(&self, other: &Self) -> bool {
        match other {
            Self::Exact(name) => self.matches(name),
            Self::Below(domain) => self == other || matches!(self, Self::Below(_)) && self.matches(domain),
        }
    }
}

impl fmt::Display for HostPattern {
    /// As it is written.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(name) => out.write_str(name),
            Self::Below(domain) => write!(out, "*.{domain}"),
        }
    }
}

/// The methods that a part of the configuration is for: `getUser`, `get*`, `Users.login`, `Users.*`.
#[derive(Debug, Clone, PartialEq)]
pub struct MethodPattern {
    /// The service, as the IDL names it, with its file or without; `None` for every service.
    pub service: Option<String>,
    /// The names.
    pub name: NamePattern,
    /// Where the configuration has it.
    pub origin: Option<Origin>,
}

/// Names of methods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamePattern {
    /// This one.
    Exact(String),
    /// Every name that begins so; with nothing, every name.
    Prefix(String),
}

impl MethodPattern {
    /// Whether it is for this method of the service that is called by either of `service`, bare or with its file.
    pub fn matches(&self, service: [&str; 2], method: &str) -> bool {
        self.service.as_deref().is_none_or(|name| service.contains(&name)) && self.name.matches(method)
    }

    /// What orders patterns that are for one method: the greater is the more specific. An exact name is before a prefix, a longer
    /// prefix before a shorter one, and of equal names one with a service before one without.
    pub fn specificity(&self) -> impl Ord + use<> {
        let (exact, length) = match &self.name {
            NamePattern::Exact(name) => (true, name.len()),
            NamePattern::Prefix(prefix) => (false, prefix.len()),
        };
        (exact, length, self.service.as_ref().map(String::len))
    }

    /// Whether it is for every method that `other` is for.
    pub fn covers(&self, other: &Self) -> bool {
        (self.service.is_none() || self.service == other.service) && self.name.covers(&other.name)
    }
}

impl NamePattern {
    /// Whether the name is one of it.
    pub fn matches(&self, name: &str) -> bool {
        match self {
            Self::Exact(exact) => exact == name,
            Self::Prefix(prefix) => name.starts_with(prefix),
        }
    }

    fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Exact(name), Self::Exact(other)) => name == other,
            (Self::Exact(_), Self::Prefix(_)) => false,
            (Self::Prefix(prefix), Self::Exact(other) | Self::Prefix(other)) => other.starts_with(prefix),
        }
    }
}

impl fmt::Display for MethodPattern {
    /// As it is written.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(service) = &self.service {
            write!(out, "{service}.")?;
        }
        match &self.name {
            NamePattern::Exact(name) => out.write_str(name),
            NamePattern::Prefix(prefix) => write!(out, "{prefix}*"),
        }
    }
}
