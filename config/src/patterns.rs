//! Hosts and methods as they are written.

use crate::address::is_host_name;
use crate::problems::Problems;
use crate::scalar::{Fault, Scalar, Text, Word};
use crate::settings::{HostPattern, MethodPattern, NamePattern};

/// `api.example.com`, `*.example.org`, an IPv6 address in brackets or without.
pub(crate) fn host_pattern(text: &str) -> Result<HostPattern, Fault> {
    let (domain, below) = match text.strip_prefix("*.") {
        Some(domain) => (domain, true),
        None => (text, false),
    };
    let bare = domain.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(domain);
    let is_address = !below && bare.parse::<std::net::Ipv6Addr>().is_ok();
    if !is_address && !is_host_name(domain) {
        return Err(Fault::new(format!("`{text}` is not a host")).with_help(
            "write a name without a port, as `api.example.com`, or `*.example.org` for all below it",
        ));
    }
    let plain = bare.strip_suffix('.').unwrap_or(bare).to_ascii_lowercase();
    Ok(if below { HostPattern::Below(plain) } else { HostPattern::Exact(plain) })
}

/// The methods that scalars name, each once.
pub(crate) fn method_patterns(written: &[Scalar<Text>], problems: &mut Problems<'_>) -> Vec<MethodPattern> {
    let mut patterns: Vec<MethodPattern> = Vec::new();
    for word in problems.words(written) {
        let Some(pattern) = method_pattern(&word, problems) else { continue };
        if patterns.iter().any(|known| known.to_string() == pattern.to_string()) {
            problems.error(&word.span, format!("`{}` is there twice", word.text));
        } else {
            patterns.push(pattern);
        }
    }
    patterns
}

/// `getUser`, `get*`, `Users.login`, `Users.*`, `file.Users.get*`.
pub(crate) fn method_pattern(word: &Word, problems: &mut Problems<'_>) -> Option<MethodPattern> {
    let (service, name) = match word.text.rsplit_once('.') {
        Some((service, name)) => (Some(service), name),
        None => (None, word.text.as_str()),
    };
    let (name, prefix) = match name.strip_suffix('*') {
        Some(prefix) => (prefix, true),
        None => (name, false),
    };
    let is_word = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let is_service = |service: &str| service.split('.').all(|part| !part.is_empty() && is_word(part));
    if !is_word(name) || name.is_empty() && !prefix || !service.is_none_or(is_service) {
        let fault = Fault::new(format!("`{}` does not name methods", word.text))
            .with_help("write a name or its beginning, as `getUser`, `get*`, `Users.login` or `Users.*`");
        problems.fault(&word.span, fault);
        return None;
    }
    let name =
        if prefix { NamePattern::Prefix(name.to_owned()) } else { NamePattern::Exact(name.to_owned()) };
    let origin = Some(problems.origin(&word.span));
    Some(MethodPattern { service: service.map(str::to_owned), name, origin })
}
