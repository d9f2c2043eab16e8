//! A method of a route: all that a call needs to know.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use thriftgate_metadata::FunctionId;
use thriftgate_protocols::style::Style;

use super::Draw;
use crate::backend::Backend;
use crate::http::Sandbox;
use crate::policy::FilledArguments;
use crate::telemetry::{BackendDuration, MethodMetrics, MirrorMetrics};

/// A method of a route: all that a call needs to know. A copy shares what calls leave behind: whose turn it is, and the
/// counts.
#[derive(Clone, Debug)]
pub struct Method {
    /// As the IDL names it
    pub name: Box<str>,
    /// Position of its service in [`Route::services`](super::Route::services)
    pub service: usize,
    /// In the schema
    pub function: FunctionId,
    /// Whether no reply comes
    pub oneway: bool,
    /// Whether its result has no success
    pub void: bool,
    /// Where its calls go
    pub destinations: Arc<Destinations>,
    /// What answers them in place of a backend
    pub sandbox: Option<Arc<Sandbox>>,
    /// Where a share of them goes a second time
    pub mirror: Option<Arc<Mirror>>,
    /// How long an attempt of an idempotent call may take; `None` leaves it to the backend
    pub attempt_timeout: Setting<Option<Duration>>,
    /// Bytes that a request may have
    pub body: Setting<usize>,
    /// Whether a call may be made twice
    pub idempotent: Setting<bool>,
    /// Attempts after the first; `None` leaves it to the backend
    pub retries: Setting<Option<usize>>,
    /// How its JSON is written and read
    pub style: Style,
    /// Which of the rates for methods counts, of those in the settings of the group whose callers it is for
    pub rate: Option<usize>,
    /// What is filled in of its arguments for the callers of a group, and left out of what they are told
    pub filled: Option<Arc<FilledArguments>>,
    /// Whether its arguments are in the audit log
    pub audits_arguments: bool,
    /// HTTP statuses of the members of its result, 200 for each unless said otherwise
    pub statuses: Box<[StatusCode]>,
    /// The names of the exceptions among the members of its result
    pub exceptions: Arc<[Option<Arc<str>>]>,
    /// What is counted
    pub metrics: MethodMetrics,
}

/// Where the calls of a method go, by weight.
#[derive(Debug)]
pub struct Destinations {
    all: Box<[Destination]>,
    total: u32,
    draw: Draw,
}

/// A backend as one method of it is called.
#[derive(Debug)]
pub struct Destination {
    /// The backend
    pub backend: Arc<Backend>,
    /// Its part of the weights of all destinations
    pub weight: u32,
    /// The name that the method is called by there
    pub wire_name: Box<str>,
    /// How long a call may take
    pub deadline: Setting<Duration>,
    /// How long calls take, counted
    pub duration: BackendDuration,
}

/// Where a share of the calls goes a second time, for nobody to hear what comes of it.
#[derive(Debug)]
pub struct Mirror {
    /// Where to
    pub to: Destination,
    /// From 0 to 1
    pub share: f64,
    /// What is counted
    pub metrics: MirrorMetrics,
    draw: Draw,
}

/// A value, and who said it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Setting<T> {
    /// The value
    pub value: T,
    /// Who said it
    pub source: SettingSource,
}

/// Who says what holds for a method, the first that says anything.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SettingSource {
    /// The group of the caller
    Group,
    /// `method_settings` of the route
    MethodSettings,
    /// The route
    Route,
    /// An annotation of the method
    MethodAnnotation,
    /// An annotation of its service
    ServiceAnnotation,
    /// The backend
    Backend,
    /// `limits`, or nobody
    Default,
}

impl fmt::Display for SettingSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Group => "group",
            Self::MethodSettings => "method_settings",
            Self::Route => "route",
            Self::MethodAnnotation => "annotation of the method",
            Self::ServiceAnnotation => "annotation of the service",
            Self::Backend => "backend",
            Self::Default => "default",
        })
    }
}

impl Method {
    /// Whether a member of the result, by its position, is the success.
    pub(crate) fn is_success(&self, position: usize) -> bool {
        position == 0 && !self.void
    }
}

impl Destination {
    /// Whether a message for the other is one for this as well.
    #[must_use]
    pub fn is_called_like(&self, other: &Self) -> bool {
        self.backend.dialect() == other.backend.dialect() && self.wire_name == other.wire_name
    }
}

impl Destinations {
    /// These, of which at least one has a weight above 0.
    #[must_use]
    pub fn new(all: Vec<Destination>) -> Self {
        let total = all.iter().fold(0_u32, |total, destination| total.saturating_add(destination.weight));
        Self { all: all.into(), total, draw: Draw::golden() }
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[Destination] {
        &self.all
    }

    /// The sum of their weights.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.total
    }

    /// The one that the next call goes to.
    #[must_use]
    pub fn choose(&self) -> &Destination {
        if let [only] = &*self.all {
            return only;
        }
        let mut ticket = self.draw.below(self.total);
        for destination in &self.all {
            match ticket.checked_sub(destination.weight) {
                Some(rest) => ticket = rest,
                None => return destination,
            }
        }
        &self.all[0]
    }
}

impl Mirror {
    /// A mirror that takes this share of the calls.
    #[must_use]
    pub fn new(to: Destination, share: f64, metrics: MirrorMetrics) -> Self {
        Self { to, share, metrics, draw: Draw::silver() }
    }

    /// Whether the next call is one of the share.
    #[must_use]
    pub fn takes_next(&self) -> bool {
        f64::from(self.draw.below(u32::MAX)) < self.share * f64::from(u32::MAX)
    }
}
