//! Who calls, and how that is shown.

use crate::quantity::{Pause, Timeout};
use crate::scalar::{Scalar, Text};
use crate::settings::TokenAlgorithm;
use crate::shape::Texts;
use schemars::JsonSchema;
use serde::Deserialize;

/// How callers show who they are. Without keys, tokens and certificates nobody is asked.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Authentication {
    /// API keys. Default: none.
    pub(crate) keys: Option<ApiKeys>,
    /// JSON Web Tokens in `Authorization: Bearer`. Default: none.
    pub(crate) jwt: Vec<TokenIssuer>,
    /// What the client certificates of TLS listeners stand for; the first that fits counts. Default: nothing.
    pub(crate) certificates: Vec<CertificateRule>,
    /// The group of callers that show nothing. Default: they are refused, unless there is no way to show anything.
    pub(crate) anonymous: Option<Scalar<Text>>,
}

/// API keys.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApiKeys {
    /// The key file, which `thriftgate keys` writes; it holds no key, but what one is recognized by.
    pub(crate) file: Scalar<Text>,
    /// The header that holds a key, beside `Authorization: Bearer`. Default `X-API-Key`.
    pub(crate) header: Option<Scalar<Text>>,
}

/// An issuer of JSON Web Tokens, and what its tokens must say.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenIssuer {
    /// The value of `iss`.
    pub(crate) issuer: Scalar<Text>,
    /// The values of `aud` of which one must be there: one, or a list.
    pub(crate) audience: Texts,
    /// The algorithms of signatures that are taken; never those that a token asks for beside them.
    pub(crate) algorithms: Vec<Scalar<TokenAlgorithm>>,
    /// A file with a JSON Web Key Set, or its `https://` address.
    pub(crate) jwks: Option<Scalar<Text>>,
    /// A file with the secret of the algorithms `HS256`, `HS384` and `HS512`, in place of `jwks`; 32 bytes at least.
    pub(crate) secret_file: Option<Scalar<Text>>,
    /// How often keys are fetched again. Default 10m.
    pub(crate) refresh: Option<Scalar<Timeout>>,
    /// The least time between fetches that unknown key ids cause. Default 30s.
    pub(crate) cool_down: Option<Scalar<Timeout>>,
    /// How far clocks may be apart. Default 30s.
    pub(crate) leeway: Option<Scalar<Pause>>,
    /// The claim that names the caller; dots lead into it. Default `sub`.
    pub(crate) caller: Option<Scalar<Text>>,
    /// The claim that names the caller's group, or has a list of them, of which the first that is known counts; dots lead
    /// into it. Default: none.
    pub(crate) group: Option<Scalar<Text>>,
    /// The group where no claim names one. Default: such a token is refused.
    pub(crate) default_group: Option<Scalar<Text>>,
}

/// What a client certificate stands for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CertificateRule {
    /// A DNS name (`*.acme.example` for every name one label below) or a URI among its subject alternative names, or else
    /// the common name of its subject.
    pub(crate) name: Scalar<Text>,
    /// The caller. Default: the name in the certificate.
    pub(crate) caller: Option<Scalar<Text>>,
    /// The group of the caller.
    pub(crate) group: Scalar<Text>,
}
