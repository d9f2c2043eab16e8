//! What is to be documented: plain values, resolved against a schema by whoever has routes.

use thriftgate_metadata::{FunctionId, ServiceId};
use thriftgate_protocols::style::Style;

/// An API as a group of callers may use it.
///
/// What such a caller cannot call is not in it. A document of some of the routes is that of a description that
/// has only these.
#[derive(Clone, PartialEq, Debug)]
pub struct Description {
    /// Its name
    pub title: String,
    /// Its version, which says nothing of the gateway's
    pub version: String,
    /// What it is for, in Markdown
    pub summary: Option<String>,
    /// Whom to ask
    pub contact: Option<Contact>,
    /// On which terms it may be used
    pub license: Option<License>,
    /// Addresses that the paths are below, without a slash at the end; where there is none, the origin that the
    /// document comes from
    pub servers: Vec<String>,
    /// The address of the document of all routes, for the page
    pub openapi: String,
    /// How callers show who they are
    pub security: Security,
    /// Every `code` that a call can be answered with in place of a result. Where none of them has the status 429, no rate is
    /// documented
    pub errors: Vec<ErrorCode>,
    /// The routes in the order in which they are tried
    pub routes: Vec<RouteDescription>,
}

/// Whom to ask about an API.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Contact {
    /// Of a person or team
    pub name: Option<String>,
    /// Of a page
    pub url: Option<String>,
    /// For mail
    pub email: Option<String>,
}

/// On which terms an API may be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct License {
    /// The name of the license
    pub name: String,
    /// Where its text is
    pub url: Option<String>,
}

/// How callers show who they are.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Security {
    /// The header that holds an API key
    pub key_header: Option<String>,
    /// Whether `Authorization: Bearer` is understood
    pub bearer: bool,
    /// Whether client certificates are
    pub certificates: bool,
    /// Whether callers that show nothing are refused
    pub required: bool,
}

/// A word by which programs tell errors of the gateway apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ErrorCode {
    /// The status of the answer
    pub status: u16,
    /// The word
    pub code: &'static str,
}

/// A route.
#[derive(Clone, PartialEq, Debug)]
pub struct RouteDescription {
    /// The prefix of its paths, `/` for the default route
    pub path: String,
    /// The hosts that it is for; none stands for all. `*.` at the beginning stands for any label
    pub hosts: Vec<String>,
    /// The headers that a request must have
    pub headers: Vec<(String, String)>,
    /// The style of the route; that of a method may differ
    pub style: Style,
    /// Whether it answers from the IDL alone
    pub sandbox: bool,
    /// The address of its own document, for the page
    pub openapi: String,
    /// Its services, as far as methods of theirs can be called
    pub services: Vec<ServiceDescription>,
}

/// A service of a route.
#[derive(Clone, PartialEq, Debug)]
pub struct ServiceDescription {
    /// In the schema
    pub service: ServiceId,
    /// As it stands in paths: bare, or with its file where services of one route have the same name
    pub name: String,
    /// The methods that can be called, none of them twice
    pub methods: Vec<MethodDescription>,
}

/// A method of a route.
#[derive(Clone, PartialEq, Debug)]
pub struct MethodDescription {
    /// In the schema
    pub function: FunctionId,
    /// How its JSON is written and read
    pub style: Style,
    /// The HTTP status of each member of its result, in the order of the fields of
    /// [`Function::result`](thriftgate_metadata::Function::result)
    pub statuses: Vec<u16>,
    /// Whether a call may be made twice
    pub idempotent: bool,
    /// The arguments that the gateway fills in and that the caller may not send, each as the way to it: positions in
    /// [`Struct::fields`](thriftgate_metadata::Struct::fields), the first one in the method's arguments
    pub filled: Vec<Vec<usize>>,
}

impl RouteDescription {
    /// The path of a method on this route, which is the prefix, the service's name and the method's.
    #[must_use]
    pub fn path_of(&self, service: &ServiceDescription, method: &str) -> String {
        format!("{}/{}/{method}", self.path.trim_end_matches('/'), service.name)
    }
}
