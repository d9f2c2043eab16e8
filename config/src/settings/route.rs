//! What leads to which backend, and in which form.

use crate::diagnostic::Origin;
use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;
use std::time::Duration;

/// A path prefix and what it leads to.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// `/`, or `/` and segments without a slash at the end.
    pub path: String,
    /// The services reached through it.
    pub services: Services,
    /// Index into [`Settings::backends`].
    pub backend: usize,
    /// The JSON style.
    pub style: Style,
    /// Whether a caller may choose `i64` and `enums` in its `Accept` header.
    pub caller_style: bool,
    /// Browsers on other origins; `None` refuses them.
    pub cors: Option<Cors>,
    /// Whether a body may begin with one byte from 1 to 4 that says its protocol and is echoed in the reply.
    pub legacy_first_byte: bool,
    /// Time for a whole call; the backend's where `None`.
    pub deadline: Option<Duration>,
    /// Whether replies above 1 KiB are compressed for callers that accept it.
    pub compression: bool,
    /// HTTP statuses of declared exceptions.
    pub exception_statuses: Vec<ExceptionStatus>,
    /// Where the configuration defines it; `None` where no line does.
    pub origin: Option<Origin>,
}

/// The services of a route.
#[derive(Debug, Clone, PartialEq)]
pub enum Services {
    /// Every service of every IDL source.
    All,
    /// These, never empty, each once.
    Named(Vec<ServiceName>),
}

/// A service as the configuration names it.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceName {
    /// The name in the IDL.
    pub name: String,
    /// Index into [`Settings::idl`] of the only sources it is looked for in; empty means all of them.
    pub idl: Vec<usize>,
    /// Where the configuration names it.
    pub origin: Option<Origin>,
}

/// The HTTP status of one declared exception.
#[derive(Debug, Clone, PartialEq)]
pub struct ExceptionStatus {
    /// The exception's name in the IDL.
    pub exception: String,
    /// The status, 200 to 599.
    pub status: u16,
    /// Where the configuration names it.
    pub origin: Option<Origin>,
}

/// How a route reads and writes human-readable JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Validate, JsonSchema)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Validate, JsonSchema)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Validate, JsonSchema)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Validate, JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cors {
    /// Origins, as `https://app.example.com`, in lower case; never empty.
    pub origins: Vec<String>,
    /// Request headers allowed beside `Content-Type` and `Accept`; names in lower case.
    pub headers: Vec<String>,
    /// How long a browser may remember a preflight.
    pub max_age: Duration,
}

impl Route {
    /// The route `path` with every service and every default, to the backend of that index.
    pub fn new(path: impl Into<String>, backend: usize) -> Self {
        Self {
            path: path.into(),
            services: Services::All,
            backend,
            style: Style::default(),
            caller_style: true,
            cors: None,
            legacy_first_byte: false,
            deadline: None,
            compression: false,
            exception_statuses: Vec::new(),
            origin: None,
        }
    }
}
