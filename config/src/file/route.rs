//! What leads to which backend, and in which form.

use super::{Backend, Idl, Sandbox};
use crate::quantity::{Few, Pause, Share, Size, Status, Timeout, Weight};
use crate::scalar::{Flag, Scalar, Text};
use crate::settings::{EnumStyle, I64Style, MissingArguments, UnknownFields};
use crate::shape::{Named, OneOrMany, Short, Switch, Texts};
use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;

/// Declares [`Route`] and [`Service`] with the keys that they share, and [`Options`], which borrows these of either.
macro_rules! routes {
    ($($(#[doc = $doc:literal])* $(#[serde($serde:meta)])? $key:ident: $type:ty,)*) => {
        /// Which requests it takes, and where their calls go.
        #[derive(Debug, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct Route {
            /// Whole segments, as `/` or `/vendors/v1`. `/docs`, what begins with `/openapi`, and `/mcp` are reserved; `documents`
            /// moves the first two.
            pub(crate) path: Scalar<Text>,
            /// Names of services in the IDL. A call of another service goes on to the next route. Default: every service.
            pub(crate) services: Option<Vec<Scalar<Text>>>,
            $($(#[doc = $doc])* $(#[serde($serde)])? pub(crate) $key: $type,)*
        }

        /// A service with a route of its own.
        #[derive(Debug, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct Service {
            /// The IDL that declares it, one source or a list. Default: every source.
            #[serde(default)]
            pub(crate) idl: OneOrMany<Idl>,
            /// Whole segments of the path. Default: `/` and the name of the service.
            pub(crate) path: Option<Scalar<Text>>,
            $($(#[doc = $doc])* $(#[serde($serde)])? pub(crate) $key: $type,)*
        }

        /// The keys that routes and services share.
        pub(crate) struct Options<'a> {
            $(pub(crate) $key: &'a $type,)*
        }

        impl Route {
            pub(crate) fn options(&self) -> Options<'_> {
                Options { $($key: &self.$key,)* }
            }
        }

        impl Service {
            pub(crate) fn options(&self) -> Options<'_> {
                Options { $($key: &self.$key,)* }
            }
        }
    };
}

routes! {
    /// The hosts that it is for, one or a list: `api.example.com`, or `*.example.org` for every host below. The port of a
    /// request does not matter. Default: every host.
    #[serde(default)]
    host: Texts,
    /// Request headers that must be there, each with exactly this value. Default: none.
    #[serde(default)]
    headers: Named<Scalar<Text>>,
    /// The methods that it takes: `getUser`, `get*`, `Users.login`, `Users.*`. A call of another method goes on to the next
    /// route that matches. Default: every method.
    #[serde(default)]
    methods: Vec<Scalar<Text>>,
    /// Methods, written as for `methods`, that are not there for callers of this route, as if the IDL had none of that name.
    #[serde(default)]
    hide: Vec<Scalar<Text>>,
    /// The name of one of `backends`, an address, a backend in full, or names with weights, as `{users: 95, canary: 5}`.
    /// Default: the only one of `backends`.
    backend: Option<Short<Destination>>,
    /// Whether calls are answered from the IDL alone, with examples that are the same every time: `true`, or a mapping. There is
    /// no `backend` then. Default `false`.
    sandbox: Option<Switch<Sandbox>>,
    /// A backend that is sent a share of the calls a second time; its answers are dropped. Default: none.
    mirror: Option<Mirror>,
    /// Time for a whole call. Default: as annotated in the IDL, else that of the backend.
    deadline: Option<Scalar<Timeout>>,
    /// Time for one attempt of an idempotent call, after which another endpoint is tried. Default: as annotated in the IDL,
    /// else that of the backend.
    attempt_timeout: Option<Scalar<Timeout>>,
    /// Bytes of a request's body, after decoding. Default: as annotated in the IDL, else that of `limits`.
    body: Option<Scalar<Size>>,
    /// Whether calls may be made twice, so that one may be tried again after it was sent. Default: as annotated in the
    /// IDL, else `false`.
    idempotent: Option<Scalar<Flag>>,
    /// Further attempts of a call after its first. Default: as annotated in the IDL, else that of the backend.
    retries: Option<Scalar<Few>>,
    /// What holds for some methods alone, by `getUser`, `get*`, `Users.login` or `Users.*`. Of several that fit, an exact
    /// name wins over a prefix, a longer prefix over a shorter one, and one with a service over one without.
    #[serde(default)]
    method_settings: Named<MethodSettings>,
    /// How human-readable JSON is read and written.
    #[serde(default)]
    style: Style,
    /// Whether callers may choose `i64` and `enums` of the style in their `Accept` header. Default `allow`.
    caller_style: Option<Scalar<CallerStyle>>,
    /// Browsers on other origins. Default: refused.
    cors: Option<Cors>,
    /// Whether a body may begin with one byte from 1 to 4 (binary, compact, TJSON, human-readable JSON) that says its
    /// protocol and is echoed in the reply. Default `false`.
    legacy_first_byte: Option<Scalar<Flag>>,
    /// Whether replies above 1 KiB are compressed for callers that accept it. Default `false`.
    compression: Option<Scalar<Flag>>,
    /// HTTP statuses (200 to 599) of declared exceptions, by their names in the IDL, over its `http.status`
    /// annotations. Default: 200.
    #[serde(default)]
    exception_statuses: Named<Scalar<Status>>,
    /// Whether the documents tell of the route. Default `true`.
    documents: Option<Scalar<Flag>>,
}

/// Where the calls of a route go.
#[derive(Debug)]
pub(crate) enum Destination {
    /// To a backend that is written where it is used.
    Backend(Box<Backend>),
    /// To one of several of `backends`, by weight.
    Weighted(Named<Scalar<Weight>>),
}

/// A backend that is sent a share of the calls a second time.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mirror {
    /// The name of one of `backends`, or an address.
    pub(crate) backend: Scalar<Text>,
    /// The part of the calls, from 0 to 1. Default 1: every call.
    pub(crate) share: Option<Scalar<Share>>,
}

/// What holds for some methods of a route.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MethodSettings {
    /// Time for a whole call.
    pub(crate) deadline: Option<Scalar<Timeout>>,
    /// Time for one attempt of an idempotent call, after which another endpoint is tried.
    pub(crate) attempt_timeout: Option<Scalar<Timeout>>,
    /// Bytes of a request's body, after decoding.
    pub(crate) body: Option<Scalar<Size>>,
    /// Whether calls may be made twice, so that one may be tried again after it was sent.
    pub(crate) idempotent: Option<Scalar<Flag>>,
    /// Further attempts of a call after its first.
    pub(crate) retries: Option<Scalar<Few>>,
    /// What differs from the style of the route.
    #[serde(default)]
    pub(crate) style: Style,
}

/// How human-readable JSON is read and written.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Style {
    /// How `i64` is written. JavaScript loses digits of a number past 2^53. Default `number`.
    pub(crate) i64: Option<Scalar<I64Style>>,
    /// How enums are written. Default `name`.
    pub(crate) enums: Option<Scalar<EnumStyle>>,
    /// What becomes of keys that the IDL does not know. Default `refuse`.
    pub(crate) unknown_fields: Option<Scalar<UnknownFields>>,
    /// What becomes of a call without an argument of default requiredness. Default `allow`.
    pub(crate) missing_arguments: Option<Scalar<MissingArguments>>,
}

/// Whether callers may choose the style.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[garde(allow_unvalidated)]
pub(crate) enum CallerStyle {
    /// They may.
    Allow,
    /// The style of the route stands.
    Forbid,
}

/// Browsers on other origins.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cors {
    /// The origins, as `https://app.example.com`; at least one, each in full.
    pub(crate) origins: Vec<Scalar<Text>>,
    /// Names of request headers that pages may set, beside `Content-Type` and `Accept`. Default: none.
    #[serde(default)]
    pub(crate) headers: Vec<Scalar<Text>>,
    /// How long a browser may remember that a call is allowed. Default 10m.
    pub(crate) max_age: Option<Scalar<Pause>>,
}
