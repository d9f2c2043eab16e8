//! What callers may call, how often, and in which form.

use super::{Cors, Style};
use crate::quantity::{Count, Size, Status, Timeout};
use crate::scalar::{Scalar, Text};
use crate::shape::Named;
use schemars::JsonSchema;
use serde::Deserialize;

/// Callers for whom the same holds.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Group {
    /// The methods that its callers may call, written as the `methods` of a route. What they may not call is not there for
    /// them. Default: all that the route exposes.
    pub(crate) allow: Vec<Scalar<Text>>,
    /// The methods that they may not call all the same. Default: none.
    pub(crate) deny: Vec<Scalar<Text>>,
    /// The paths of the routes over which they may call. Default: all of them.
    pub(crate) routes: Vec<Scalar<Text>>,
    /// How often all callers of the group together may call. Default: not limited.
    pub(crate) rate: Option<Rate>,
    /// What each caller has.
    pub(crate) caller: CallerLimits,
    /// How often each caller may call some methods, all of a pattern together, by `getUser`, `get*`, `Users.login` or
    /// `Users.*`. The most specific pattern that fits counts.
    pub(crate) methods: Named<MethodLimits>,
    /// What differs from the style of the route and the method.
    pub(crate) style: Style,
    /// HTTP statuses (200 to 599) of declared exceptions, before those of the route. Default: none.
    pub(crate) exception_statuses: Named<Scalar<Status>>,
    /// Browsers on other origins, in place of what the route says. Default: as the route says.
    pub(crate) cors: Option<Cors>,
    /// Arguments that the gateway fills in, and callers may not: the argument and the fields inside it with dots between,
    /// and `caller`, `claim.` with the path of a claim, or `attribute.` with the name of an attribute of the key.
    pub(crate) arguments: Named<Scalar<Text>>,
}

/// How often something may happen.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rate {
    /// How many, on the average.
    pub(crate) requests: Scalar<Count>,
    /// In which time. Default 1s.
    pub(crate) per: Option<Scalar<Timeout>>,
    /// How many at once. Default: as many as `requests`.
    pub(crate) burst: Option<Scalar<Count>>,
}

/// What each caller of a group has.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CallerLimits {
    /// How often it may call. Default: not limited.
    pub(crate) rate: Option<Rate>,
    /// Its calls under way at once. Default: not limited.
    pub(crate) calls: Option<Scalar<Count>>,
    /// Bytes of a request's body, after decoding, where other limits are not lower. Default: not limited further.
    pub(crate) body: Option<Scalar<Size>>,
}

/// What each caller has for some methods.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MethodLimits {
    /// How often it may call them.
    pub(crate) rate: Rate,
}

/// The audit log: one JSON line a call, with who called what, when, and what came of it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Audit {
    /// The file, to which lines are appended.
    pub(crate) file: Scalar<Text>,
    /// The methods whose arguments are written, as the `methods` of a route; what the IDL annotates as `sensitive` is masked.
    /// Default: none.
    #[serde(default)]
    pub(crate) arguments: Vec<Scalar<Text>>,
}
