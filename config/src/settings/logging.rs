//! What is logged, and what is counted.

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What is logged, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Logging {
    /// The form of a line.
    pub format: LogFormat,
    /// The least severe level that is written.
    pub level: LogLevel,
    /// The access log; `None` writes none.
    pub access: Option<AccessLog>,
}

impl Default for Logging {
    fn default() -> Self {
        Self { format: LogFormat::default(), level: LogLevel::default(), access: Some(AccessLog::default()) }
    }
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Validate, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
#[garde(allow_unvalidated)]
pub enum LogFormat {
    /// Text on a terminal, JSON otherwise.
    #[default]
    Auto,
    /// Text.
    Text,
    /// One JSON object a line.
    Json,
}

/// How severe a log line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Validate, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
#[garde(allow_unvalidated)]
pub enum LogLevel {
    /// What failed for a reason of the gateway's own.
    Error,
    /// And what needs an operator's eye.
    Warn,
    /// And what happened.
    #[default]
    Info,
    /// And why.
    Debug,
    /// And every step.
    Trace,
}

/// The access log: one line a call.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct AccessLog {
    /// The form of a line.
    pub format: LogFormat,
    /// What is in a line.
    pub fields: AccessFields,
    /// Where lines are appended; `None` is standard output.
    pub file: Option<PathBuf>,
}

macro_rules! access_fields {
    ($($(#[doc = $doc:literal])* $variant:ident $name:literal)*) => {
        /// What a line of the access log can have.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Validate, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        #[garde(allow_unvalidated)]
        pub enum AccessField {
            $($(#[doc = $doc])* $variant,)*
        }

        impl AccessField {
            /// Every field, in the order in which a line has them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The word in the configuration and in the line.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

access_fields! {
    /// When the call ended, in UTC.
    Time "time"
    /// The HTTP status, or what it would be in JSON.
    Status "status"
    /// How the call ended.
    Outcome "outcome"
    /// The declared exception.
    Exception "exception"
    /// How long the call took, in milliseconds.
    DurationMs "duration_ms"
    /// What the body is written in.
    Protocol "protocol"
    /// The path of the route.
    Route "route"
    /// The service.
    Service "service"
    /// The method.
    Method "method"
    /// The backend.
    Backend "backend"
    /// How long the backend took of that, in milliseconds.
    BackendMs "backend_ms"
    /// Whether the backend can have run the call.
    Executed "executed"
    /// The address and port of the client.
    Client "client"
    /// What the client calls the gateway.
    Host "host"
    /// What the client says that it is.
    UserAgent "user_agent"
    /// The caller, where callers are known.
    Caller "caller"
    /// The name of the caller's API key.
    Key "key"
    /// The caller's group.
    Group "group"
    /// The request's id.
    RequestId "request_id"
    /// The trace that the call is part of, where calls are traced.
    TraceId "trace_id"
    /// The size of the request's body.
    BytesIn "bytes_in"
    /// The size of the reply's body.
    BytesOut "bytes_out"
    /// Why the call failed, as callers are not told.
    Detail "detail"
    /// The arguments as JSON, masked.
    Arguments "arguments"
}

/// The fields of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessFields(u32);

impl AccessFields {
    /// Whether a field is one of them.
    #[must_use]
    pub fn has(self, field: AccessField) -> bool {
        self.0 & 1 << field as u32 != 0
    }
}

impl FromIterator<AccessField> for AccessFields {
    fn from_iter<I: IntoIterator<Item = AccessField>>(fields: I) -> Self {
        Self(fields.into_iter().fold(0, |all, field| all | 1 << field as u32))
    }
}

impl Default for AccessFields {
    fn default() -> Self {
        use AccessField::{Arguments, Executed, Host, UserAgent};
        let asked_for = [Host, UserAgent, Executed, Arguments];
        AccessField::ALL.iter().copied().filter(|field| !asked_for.contains(field)).collect()
    }
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Metrics {
    /// Whether calls are counted and timed.
    pub calls: bool,
}

impl Default for Metrics {
    fn default() -> Self {
        Self { calls: true }
    }
}
