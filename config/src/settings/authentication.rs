//! Who calls, and how that is shown.

use crate::diagnostic::Origin;
use crate::shown;
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;

/// How callers show who they are. Without any of it nobody is asked.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Authentication {
    /// API keys; `None` knows none.
    pub keys: Option<ApiKeys>,
    /// Who issues tokens, each issuer once.
    pub jwt: Vec<TokenIssuer>,
    /// What client certificates stand for; the first that fits counts.
    pub certificates: Vec<CertificateRule>,
    /// Index into [`Settings::groups`](super::Settings::groups) of the group of callers that show nothing; `None`
    /// refuses them, unless there is no way to show anything.
    pub anonymous: Option<usize>,
}

impl Authentication {
    /// Whether callers can show who they are at all.
    pub fn is_configured(&self) -> bool {
        self.keys.is_some() || !self.jwt.is_empty() || !self.certificates.is_empty()
    }
}

/// API keys.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ApiKeys {
    /// The key file.
    pub file: PathBuf,
    /// The header that holds a key, in lower case, beside `Authorization: Bearer`.
    pub header: String,
    /// Where the configuration names the file.
    #[serde(skip)]
    pub origin: Option<Origin>,
}

/// An issuer of JSON Web Tokens (RFC 7519), and what its tokens must say.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TokenIssuer {
    /// The value of `iss`.
    pub issuer: String,
    /// The values of `aud` of which one must be there; never empty.
    pub audience: Vec<String>,
    /// The algorithms that are taken; never empty.
    pub algorithms: Vec<TokenAlgorithm>,
    /// Where the keys come from.
    pub keys: TokenKeys,
    /// How often keys are fetched again.
    #[serde(serialize_with = "shown::duration")]
    pub refresh: Duration,
    /// The least time between fetches that unknown key ids cause.
    #[serde(serialize_with = "shown::duration")]
    pub cool_down: Duration,
    /// How far clocks may be apart.
    #[serde(serialize_with = "shown::duration")]
    pub leeway: Duration,
    /// The claim that names the caller, as the path to it.
    pub caller: Vec<String>,
    /// The claim that names the group or groups, as the path to it.
    pub group: Option<Vec<String>>,
    /// Index into [`Settings::groups`](super::Settings::groups) of the group where the claim names none.
    pub default_group: Option<usize>,
    /// Where the configuration has it.
    #[serde(skip)]
    pub origin: Option<Origin>,
}

/// Where the keys of an issuer come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenKeys {
    /// A file with a JSON Web Key Set (RFC 7517).
    File(PathBuf),
    /// A JSON Web Key Set at an `https://` address; `http://` on a loopback address.
    Url(String),
    /// A file with a shared secret, for the algorithms with HMAC.
    Secret(PathBuf),
}

/// An algorithm of a token's signature (RFC 7518, section 3.1; RFC 8037).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Validate, JsonSchema, Serialize)]
#[garde(allow_unvalidated)]
#[expect(missing_docs, reason = "the names are those of the RFC")]
pub enum TokenAlgorithm {
    RS256,
    RS384,
    RS512,
    PS256,
    PS384,
    PS512,
    ES256,
    ES384,
    EdDSA,
    HS256,
    HS384,
    HS512,
}

impl TokenAlgorithm {
    /// Whether it signs with a secret that both sides know.
    pub fn is_symmetric(self) -> bool {
        matches!(self, Self::HS256 | Self::HS384 | Self::HS512)
    }
}

/// What a client certificate that was verified stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CertificateRule {
    /// A name of the certificate: a DNS name or URI among its subject alternative names, or else the common name of its
    /// subject. `*.` at the beginning stands for one label of a DNS name.
    pub name: String,
    /// The caller; the name in the certificate where `None`.
    pub caller: Option<String>,
    /// Index into [`Settings::groups`](super::Settings::groups).
    pub group: usize,
}
