//! What leads to which backend, and in which form.

use super::{Backend, Idl};
use crate::quantity::{Pause, Status, Timeout};
use crate::scalar::{Flag, Scalar, Text};
use crate::settings::{EnumStyle, I64Style, MissingArguments, UnknownFields};
use crate::shape::{Named, OneOrMany, Short};
use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;

/// A path prefix and what it leads to.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Route {
    /// Whole segments, as `/` or `/vendors/v1`. `/docs`, `/mcp` and what begins with `/openapi` are reserved.
    pub(crate) path: Scalar<Text>,
    /// Names of services in the IDL. Default: every service.
    pub(crate) services: Option<Vec<Scalar<Text>>>,
    /// The name of one of `backends`, an address, or a backend in full. Default: the only one of `backends`.
    pub(crate) backend: Option<Short<Backend>>,
    /// How human-readable JSON is read and written.
    #[serde(default)]
    pub(crate) style: Style,
    /// Whether callers may choose `i64` and `enums` of the style in their `Accept` header. Default `allow`.
    pub(crate) caller_style: Option<Scalar<CallerStyle>>,
    /// Browsers on other origins. Default: refused.
    pub(crate) cors: Option<Cors>,
    /// Whether a body may begin with one byte from 1 to 4 (binary, compact, TJSON, human-readable JSON) that says its
    /// protocol and is echoed in the reply. Default `false`.
    pub(crate) legacy_first_byte: Option<Scalar<Flag>>,
    /// Time for a whole call. Default: that of the backend.
    pub(crate) deadline: Option<Scalar<Timeout>>,
    /// Whether replies above 1 KiB are compressed for callers that accept it. Default `false`.
    pub(crate) compression: Option<Scalar<Flag>>,
    /// HTTP statuses (200 to 599) of declared exceptions, by their names in the IDL, over its `http.status`
    /// annotations. Default: 200.
    #[serde(default)]
    pub(crate) exception_statuses: Named<Scalar<Status>>,
}

/// A service with a route of its own.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Service {
    /// The IDL that declares it, one source or a list. Default: every source.
    #[serde(default)]
    pub(crate) idl: OneOrMany<Idl>,
    /// The name of one of `backends`, an address, or a backend in full. Default: the only one of `backends`.
    pub(crate) backend: Option<Short<Backend>>,
    /// Whole segments of the path. Default: `/` and the name of the service.
    pub(crate) path: Option<Scalar<Text>>,
    /// How human-readable JSON is read and written.
    #[serde(default)]
    pub(crate) style: Style,
    /// Whether callers may choose `i64` and `enums` of the style in their `Accept` header. Default `allow`.
    pub(crate) caller_style: Option<Scalar<CallerStyle>>,
    /// Browsers on other origins. Default: refused.
    pub(crate) cors: Option<Cors>,
    /// Whether a body may begin with one byte from 1 to 4 (binary, compact, TJSON, human-readable JSON) that says its
    /// protocol and is echoed in the reply. Default `false`.
    pub(crate) legacy_first_byte: Option<Scalar<Flag>>,
    /// Time for a whole call. Default: that of the backend.
    pub(crate) deadline: Option<Scalar<Timeout>>,
    /// Whether replies above 1 KiB are compressed for callers that accept it. Default `false`.
    pub(crate) compression: Option<Scalar<Flag>>,
    /// HTTP statuses (200 to 599) of declared exceptions, by their names in the IDL, over its `http.status`
    /// annotations. Default: 200.
    #[serde(default)]
    pub(crate) exception_statuses: Named<Scalar<Status>>,
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
