//! What vendors read of the API: OpenAPI, and the documents page.

use crate::shown;
use serde::Serialize;
use std::time::Duration;

/// Where the page is unless it is moved.
pub const DEFAULT_PAGE: &str = "/docs";
/// Where OpenAPI is unless it is moved.
pub const DEFAULT_OPENAPI: &str = "/openapi";

/// OpenAPI and the documents page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Documents {
    /// Where the page is: `/` and segments without a slash at the end.
    pub path: String,
    /// Where OpenAPI is, likewise, without `.json` or `.yaml`; neither is this within the page's path nor that within this.
    pub openapi: String,
    /// What the API is called.
    pub title: String,
    /// The version of the API.
    pub version: String,
    /// What it is for, in Markdown.
    pub description: Option<String>,
    /// Whom vendors ask.
    pub contact: Option<Contact>,
    /// Under which terms it may be used.
    pub license: Option<License>,
    /// Where the API is for callers, without a slash at the end; empty means where the document comes from.
    pub servers: Vec<String>,
}

impl Default for Documents {
    fn default() -> Self {
        Self {
            path: DEFAULT_PAGE.to_owned(),
            openapi: DEFAULT_OPENAPI.to_owned(),
            title: "API".to_owned(),
            version: "1".to_owned(),
            description: None,
            contact: None,
            license: None,
            servers: Vec::new(),
        }
    }
}

/// Whom vendors ask.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Contact {
    /// A person or a team.
    pub name: Option<String>,
    /// A page.
    pub url: Option<String>,
    /// An address of electronic mail.
    pub email: Option<String>,
}

/// Terms of use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct License {
    /// What they are called.
    pub name: String,
    /// The page that has them.
    pub url: Option<String>,
}

/// Answers from the IDL alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Sandbox {
    /// How long each call takes, unless the caller says.
    #[serde(serialize_with = "shown::duration")]
    pub latency: Duration,
}
