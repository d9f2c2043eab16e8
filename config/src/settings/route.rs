//! What leads to which backend, and in which form.

use super::{HostPattern, MethodPattern, Sandbox};
use crate::diagnostic::Origin;
use crate::shown;
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What requests it takes, and where their calls go.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Route {
    /// `/`, or `/` and segments without a slash at the end.
    pub path: String,
    /// The hosts that it is for; empty means all of them.
    pub hosts: Vec<HostPattern>,
    /// Request headers that must be there, names in lower case, with their exact values.
    #[serde(serialize_with = "shown::headers")]
    pub headers: Vec<(String, String)>,
    /// The services reached through it.
    pub services: Services,
    /// The methods that it takes, of those of its services; empty means all of them.
    pub methods: Vec<MethodPattern>,
    /// The methods that are not there for its callers.
    pub hide: Vec<MethodPattern>,
    /// Where calls go, by weight; empty where there is a sandbox alone, else one weight at least is positive.
    pub backends: Vec<WeightedBackend>,
    /// Answers calls from the IDL, in place of backends.
    pub sandbox: Option<Sandbox>,
    /// Where a share of the calls goes a second time.
    pub mirror: Option<Mirror>,
    /// What holds for each of its methods, unless one says otherwise.
    pub marks: Marks,
    /// What holds for some methods, as written: which wins is decided by [`MethodPattern::specificity`].
    pub method_settings: Vec<MethodSettings>,
    /// The JSON style.
    pub style: Style,
    /// Whether a caller may choose `i64` and `enums` in its `Accept` header.
    pub caller_style: bool,
    /// Browsers on other origins; `None` refuses them.
    pub cors: Option<Cors>,
    /// Whether a body may begin with one byte from 1 to 4 that says its protocol and is echoed in the reply.
    pub legacy_first_byte: bool,
    /// Whether replies above 1 KiB are compressed for callers that accept it.
    pub compression: bool,
    /// HTTP statuses of declared exceptions.
    pub exception_statuses: Vec<ExceptionStatus>,
    /// Whether the documents tell of it.
    pub documents: bool,
    /// Where the configuration defines it; `None` where no line does.
    #[serde(skip)]
    pub origin: Option<Origin>,
}

/// One of the backends of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct WeightedBackend {
    /// Index into [`Settings::backends`](super::Settings::backends).
    pub backend: usize,
    /// Its part of the sum of all weights; with 0 no call goes there.
    pub weight: u32,
}

/// A backend that is sent a share of a route's calls a second time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Mirror {
    /// Index into [`Settings::backends`](super::Settings::backends).
    pub backend: usize,
    /// From 0 to 1.
    pub share: f64,
}

/// What a route, a method or an annotation of the IDL says about calls; `None` says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Marks {
    /// Time for a whole call.
    #[serde(serialize_with = "shown::optional_duration")]
    pub deadline: Option<Duration>,
    /// Time for one attempt of an idempotent call, before another endpoint is tried.
    #[serde(serialize_with = "shown::optional_duration")]
    pub attempt_timeout: Option<Duration>,
    /// Bytes of a request's body, after decoding.
    pub body: Option<usize>,
    /// Whether a call may be made twice.
    pub idempotent: Option<bool>,
    /// Further attempts after the first.
    pub retries: Option<usize>,
}

/// What holds for the methods of a pattern.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MethodSettings {
    /// The methods.
    pub pattern: MethodPattern,
    /// What holds for their calls.
    pub marks: Marks,
    /// What differs from the route's style.
    pub style: StyleChange,
}

/// The services of a route.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Services {
    /// Every service of every IDL source.
    All,
    /// These, never empty, each once.
    Named(Vec<ServiceName>),
}

/// A service as the configuration names it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ServiceName {
    /// The name in the IDL.
    pub name: String,
    /// Index into [`Settings::idl`](super::Settings::idl) of the only sources it is looked for in; empty means all of them.
    pub idl: Vec<usize>,
    /// Where the configuration names it.
    #[serde(skip)]
    pub origin: Option<Origin>,
}

/// The HTTP status of one declared exception.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExceptionStatus {
    /// The exception's name in the IDL.
    pub exception: String,
    /// The status, 200 to 599.
    pub status: u16,
    /// Where the configuration names it.
    #[serde(skip)]
    pub origin: Option<Origin>,
}

/// What of a style is chosen anew; `None` keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct StyleChange {
    /// How `i64` is written.
    pub i64: Option<I64Style>,
    /// How enums are written.
    pub enums: Option<EnumStyle>,
    /// What becomes of keys that the IDL does not know.
    pub unknown_fields: Option<UnknownFields>,
    /// What becomes of arguments of default requiredness that a caller leaves out.
    pub missing_arguments: Option<MissingArguments>,
}

/// How a route reads and writes human-readable JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Style {
    /// How `i64` is written.
    pub i64: I64Style,
    /// How enums are written.
    pub enums: EnumStyle,
    /// What becomes of keys that the IDL does not know.
    pub unknown_fields: UnknownFields,
    /// What becomes of arguments of default requiredness that a caller leaves out.
    pub missing_arguments: MissingArguments,
}

/// How `i64` is written to JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Validate, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
#[garde(allow_unvalidated)]
pub enum I64Style {
    /// As a number.
    #[default]
    Number,
    /// As a string, which keeps every digit in JavaScript.
    String,
}

/// How enums are written to JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Validate, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
#[garde(allow_unvalidated)]
pub enum EnumStyle {
    /// By name.
    #[default]
    Name,
    /// By value.
    Number,
}

/// What becomes of keys that the IDL does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Validate, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
#[garde(allow_unvalidated)]
pub enum UnknownFields {
    /// The call is refused.
    #[default]
    Refuse,
    /// They are passed over.
    Ignore,
}

/// What becomes of arguments of default requiredness that a caller leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Validate, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
#[garde(allow_unvalidated)]
pub enum MissingArguments {
    /// The call is made without them.
    #[default]
    Allow,
    /// The call is refused.
    Refuse,
}

/// What browsers on other origins may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cors {
    /// Origins, as `https://app.example.com`, in lower case; never empty.
    pub origins: Vec<String>,
    /// Request headers allowed beside `Content-Type` and `Accept`; names in lower case.
    pub headers: Vec<String>,
    /// How long a browser may remember a preflight.
    #[serde(serialize_with = "shown::duration")]
    pub max_age: Duration,
}

impl Route {
    /// The route `path` with every service and every default, to the backend of that index.
    pub fn new(path: impl Into<String>, backend: usize) -> Self {
        Self {
            path: path.into(),
            hosts: Vec::new(),
            headers: Vec::new(),
            services: Services::All,
            methods: Vec::new(),
            hide: Vec::new(),
            backends: vec![WeightedBackend { backend, weight: 1 }],
            sandbox: None,
            mirror: None,
            marks: Marks::default(),
            method_settings: Vec::new(),
            style: Style::default(),
            caller_style: true,
            cors: None,
            legacy_first_byte: false,
            compression: false,
            exception_statuses: Vec::new(),
            documents: true,
            origin: None,
        }
    }

    /// Whether it chooses among methods, so that a call of another one goes on to the next route.
    pub fn is_selective(&self) -> bool {
        !self.methods.is_empty() || matches!(self.services, Services::Named(_))
    }
}
