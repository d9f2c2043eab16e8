//! What vendors read of the API: OpenAPI, and the documents page.

use crate::quantity::Pause;
use crate::scalar::{Scalar, Text};
use schemars::JsonSchema;
use serde::Deserialize;

/// OpenAPI and the documents page, on the listeners of the traffic. Where callers show who they are, each is told of what it
/// may call.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Documents {
    /// Where the page is. Default `/docs`.
    pub(crate) path: Option<Scalar<Text>>,
    /// Where OpenAPI is: this with `.json` or `.yaml`, and below it a document of each route and a JSON Schema of each type.
    /// Default `/openapi`.
    pub(crate) openapi: Option<Scalar<Text>>,
    /// What the API is called. Default `API`.
    pub(crate) title: Option<Scalar<Text>>,
    /// The version of the API. Default `1`.
    pub(crate) version: Option<Scalar<Text>>,
    /// What the API is for, in Markdown. Default: nothing.
    pub(crate) description: Option<Scalar<Text>>,
    /// Whom vendors ask. Default: nobody is named.
    pub(crate) contact: Option<Contact>,
    /// Under which terms the API may be used. Default: nothing is said.
    pub(crate) license: Option<License>,
    /// Where the API is for callers, as `https://api.example.com`, the preferred one first. Default: where the document
    /// comes from.
    pub(crate) servers: Vec<Scalar<Text>>,
}

/// Whom vendors ask.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Contact {
    /// A person or a team.
    pub(crate) name: Option<Scalar<Text>>,
    /// A page, as `https://example.com/support`.
    pub(crate) url: Option<Scalar<Text>>,
    /// An address of electronic mail.
    pub(crate) email: Option<Scalar<Text>>,
}

/// Terms of use.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct License {
    /// What they are called.
    pub(crate) name: Scalar<Text>,
    /// The page that has them.
    pub(crate) url: Option<Scalar<Text>>,
}

/// Answers from the IDL alone.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Sandbox {
    /// How long each call takes. Default 0s.
    pub(crate) latency: Option<Scalar<Pause>>,
}
