//! What callers may call, how often, and in which form.

use super::{Cors, ExceptionStatus, MethodPattern, StyleChange};
use crate::diagnostic::Origin;
use crate::shown;
use serde::Serialize;
use std::path::PathBuf;
use std::time::Duration;

/// Callers for whom the same holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    /// Its name, by which keys and claims refer to it.
    pub name: String,
    /// The methods that its callers may call; empty means all that a route exposes.
    pub allow: Vec<MethodPattern>,
    /// The methods that they may not call all the same.
    pub deny: Vec<MethodPattern>,
    /// The paths of the routes over which they may call; empty means all of them.
    pub routes: Vec<GroupRoute>,
    /// Calls of all its callers together.
    pub rate: Option<Rate>,
    /// What each of its callers has.
    pub caller: CallerLimits,
    /// Rates of each caller for the methods of a pattern.
    pub methods: Vec<MethodRate>,
    /// What differs from the style of the route and the method.
    pub style: StyleChange,
    /// HTTP statuses of declared exceptions, before those of the route.
    pub exception_statuses: Vec<ExceptionStatus>,
    /// Browsers on other origins, in place of what the route says.
    pub cors: Option<Cors>,
    /// Arguments that the gateway fills in, and its callers may not.
    pub arguments: Vec<FilledArgument>,
    /// Where the configuration defines it.
    #[serde(skip)]
    pub origin: Option<Origin>,
}

/// The path of a route that a group may use.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupRoute {
    /// As [`Route::path`](super::Route::path).
    pub path: String,
    /// Where the configuration names it.
    #[serde(skip)]
    pub origin: Option<Origin>,
}

/// How often something may happen: `requests` in `per` on the average, `burst` at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Rate {
    /// How many, at least one.
    pub requests: u32,
    /// In which time; never zero.
    #[serde(serialize_with = "shown::duration")]
    pub per: Duration,
    /// How many at once, at least one.
    pub burst: u32,
}

/// What each caller of a group has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct CallerLimits {
    /// Its calls; `None` does not limit them.
    pub rate: Option<Rate>,
    /// Its calls under way at once; `None` does not limit them.
    pub calls: Option<usize>,
    /// Bytes of a request's body, after decoding; never more than the limits of the process, the route and the method.
    pub body: Option<usize>,
}

/// How often each caller may call the methods of a pattern, all of them together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MethodRate {
    /// The methods.
    pub pattern: MethodPattern,
    /// How often.
    pub rate: Rate,
}

/// An argument that the gateway fills in.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FilledArgument {
    /// The argument and the fields inside it, by their names in the IDL; never empty.
    pub path: Vec<String>,
    /// What with.
    pub source: ArgumentSource,
    /// Where the configuration has it.
    #[serde(skip)]
    pub origin: Option<Origin>,
}

/// What an argument is filled with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ArgumentSource {
    /// The name of the caller.
    Caller,
    /// A claim of its token, as the path to it.
    Claim(Vec<String>),
    /// An attribute of its key.
    Attribute(String),
}

/// The audit log: who called what, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Audit {
    /// The file, to which lines are appended.
    pub file: PathBuf,
    /// The methods whose arguments are written, but for what the IDL annotates as `sensitive`.
    pub arguments: Vec<MethodPattern>,
}
