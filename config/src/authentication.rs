//! The section `authentication` of a file.

use crate::file;
use crate::groups::{dotted, find};
use crate::headers::header_name;
use crate::problems::Problems;
use crate::scalar::{Fault, Scalar, Text, Word};
use crate::settings::{
    ApiKeys, Authentication, CertificateRule, Group, TokenAlgorithm, TokenIssuer, TokenKeys,
};
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

/// The header of a key where nothing is said.
const KEY_HEADER: &str = "x-api-key";

/// How callers show who they are; file names are relative to `base`.
pub(crate) fn authentication(
    file: &file::Authentication,
    groups: &[Group],
    base: &Path,
    problems: &mut Problems<'_>,
) -> Authentication {
    let mut jwt: Vec<TokenIssuer> = Vec::new();
    for written in &file.jwt {
        let Some(issuer) = issuer(written, groups, base, problems) else { continue };
        if jwt.iter().any(|known| known.issuer == issuer.issuer) {
            problems.error(&written.issuer.span, format!("the issuer `{}` is there twice", issuer.issuer));
        }
        jwt.push(issuer);
    }
    let certificates = file.certificates.iter().filter_map(|rule| certificate(rule, groups, problems));
    Authentication {
        certificates: certificates.collect(),
        keys: file.keys.as_ref().map(|keys| api_keys(keys, base, problems)),
        jwt,
        anonymous: group_named(file.anonymous.as_ref(), groups, problems),
    }
}

fn group_named(name: Option<&Scalar<Text>>, groups: &[Group], problems: &mut Problems<'_>) -> Option<usize> {
    let name = problems.word(name?);
    find(&name, groups, problems)
}

fn api_keys(file: &file::ApiKeys, base: &Path, problems: &mut Problems<'_>) -> ApiKeys {
    let mut header = KEY_HEADER.to_owned();
    if let Some(written) = &file.header {
        let written = problems.word(written);
        match problems.keep(&written.span, header_name(&written.text)) {
            Some(name) if name == "authorization" => {
                problems.error(&written.span, "`Authorization: Bearer` is read anyway");
            }
            Some(name) => header = name,
            None => {}
        }
    }
    let path = problems.word(&file.file);
    ApiKeys { file: base.join(&path.text), header, origin: Some(problems.origin(&path.span)) }
}

/// An issuer of tokens; `None` with the fault noted where it cannot be said what its tokens must be.
fn issuer(
    file: &file::TokenIssuer,
    groups: &[Group],
    base: &Path,
    problems: &mut Problems<'_>,
) -> Option<TokenIssuer> {
    let issuer = problems.word(&file.issuer);
    let audience: Vec<String> = problems.words(&file.audience.0).into_iter().map(|word| word.text).collect();
    if audience.is_empty() || audience.iter().any(String::is_empty) {
        problems.error(&issuer.span, "an issuer needs an `audience`: tokens for others are not taken");
    }
    let algorithms: Vec<TokenAlgorithm> =
        file.algorithms.iter().filter_map(|algorithm| problems.take(algorithm)).collect();
    if file.algorithms.is_empty() {
        problems.error(&issuer.span, "an issuer needs `algorithms`, as `[RS256]`");
    }
    let keys = token_keys(file, &issuer, &algorithms, base, problems);
    let mut path = |written: &Option<Scalar<Text>>| {
        let word = written.as_ref().map(|scalar| problems.word(scalar))?;
        problems.keep(&word.span, dotted(&word.text))
    };
    let caller = path(&file.caller).unwrap_or_else(|| vec!["sub".to_owned()]);
    let group = path(&file.group);
    let default_group = group_named(file.default_group.as_ref(), groups, problems);
    if file.group.is_none() && file.default_group.is_none() {
        problems.error(&issuer.span, "an issuer needs `group`, a claim, or a `default_group`");
    }
    let mut resolved = TokenIssuer {
        origin: Some(problems.origin(&issuer.span)),
        issuer: issuer.text,
        audience,
        algorithms,
        keys: keys?,
        refresh: Duration::from_secs(600),
        cool_down: Duration::from_secs(30),
        leeway: Duration::from_secs(30),
        caller,
        group,
        default_group,
    };
    problems.set(&mut resolved.refresh, &file.refresh);
    problems.set(&mut resolved.cool_down, &file.cool_down);
    problems.set(&mut resolved.leeway, &file.leeway);
    Some(resolved)
}

/// Where the keys come from; they must fit the algorithms, lest a public key be taken for a secret.
fn token_keys(
    file: &file::TokenIssuer,
    issuer: &Word,
    algorithms: &[TokenAlgorithm],
    base: &Path,
    problems: &mut Problems<'_>,
) -> Option<TokenKeys> {
    let (keys, span) = match (&file.jwks, &file.secret_file) {
        (Some(jwks), None) => {
            let word = problems.word(jwks);
            let keys = problems.keep(&word.span, key_set(&word.text, base))?;
            (keys, word.span)
        }
        (None, Some(secret)) => {
            let word = problems.word(secret);
            (TokenKeys::Secret(base.join(&word.text)), word.span)
        }
        (Some(_), Some(secret)) => {
            problems.error(&secret.span, "an issuer has `jwks` or `secret_file`, not both");
            return None;
        }
        (None, None) => {
            problems.error(&issuer.span, "an issuer needs `jwks`, or `secret_file` for a shared secret");
            return None;
        }
    };
    let symmetric = matches!(keys, TokenKeys::Secret(_));
    if let Some(odd) = algorithms.iter().find(|algorithm| algorithm.is_symmetric() != symmetric) {
        let kind = if symmetric { "with `secret_file`" } else { "with `jwks`" };
        problems.error(&span, format!("tokens signed by {odd:?} cannot be checked {kind}"));
        return None;
    }
    Some(keys)
}

/// A file, or an address that nobody between can change.
fn key_set(text: &str, base: &Path) -> Result<TokenKeys, Fault> {
    if text.starts_with("https://") {
        return Ok(TokenKeys::Url(text.to_owned()));
    }
    let Some(rest) = text.strip_prefix("http://") else { return Ok(TokenKeys::File(base.join(text))) };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(inner) => inner.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    let is_loopback = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if is_loopback {
        return Ok(TokenKeys::Url(text.to_owned()));
    }
    Err(Fault::new("keys are not fetched over plain HTTP, but from this machine")
        .with_help("write `https://`, or the path of a file"))
}

fn certificate(
    file: &file::CertificateRule,
    groups: &[Group],
    problems: &mut Problems<'_>,
) -> Option<CertificateRule> {
    let name = problems.word(&file.name);
    if name.text.is_empty() || name.text.strip_prefix("*.").unwrap_or(&name.text).contains('*') {
        let fault = Fault::new(format!("`{}` is no name of a certificate", name.text));
        problems.fault(&name.span, fault.with_help("a `*` stands for the first label alone"));
    }
    let caller = file.caller.as_ref().map(|caller| problems.word(caller).text);
    let group = group_named(Some(&file.group), groups, problems)?;
    Some(CertificateRule { name: name.text, caller, group })
}
