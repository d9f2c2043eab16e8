//! Client certificates: the names in them, and what they stand for.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use thriftgate_config as config;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;

use super::{Caller, Facts, Refused};

/// The certificate that a client has shown and that was verified; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct ClientCertificate(Arc<Names>);

/// The names in a certificate by which rules know it.
#[derive(Default, PartialEq, Eq, Debug)]
struct Names {
    /// Of DNS, among the subject's alternative names.
    dns: Vec<String>,
    /// As the ids of SPIFFE.
    uris: Vec<String>,
    /// Of the subject, where there is neither of these.
    common_name: Option<String>,
}

impl ClientCertificate {
    /// Reads the names of a certificate; one that cannot be understood has none.
    pub(crate) fn read(certificate: &CertificateDer<'_>) -> Self {
        let parsed = X509Certificate::from_der(certificate).ok();
        Self(Arc::new(parsed.and_then(|(_, parsed)| Names::of(&parsed)).unwrap_or_default()))
    }
}

impl Names {
    fn of(certificate: &X509Certificate<'_>) -> Option<Self> {
        let (mut dns, mut uris) = (Vec::new(), Vec::new());
        let alternatives = certificate.subject_alternative_name().ok()?;
        for name in alternatives.into_iter().flat_map(|names| &names.value.general_names) {
            match name {
                GeneralName::DNSName(name) => dns.push((*name).to_owned()),
                GeneralName::URI(uri) => uris.push((*uri).to_owned()),
                _ => {}
            }
        }
        if !dns.is_empty() || !uris.is_empty() {
            // A name with a wildcard is a pattern of servers, and the name of nobody.
            dns.retain(|name| !name.contains('*'));
            return Some(Self { dns, uris, common_name: None });
        }
        let mut common_names = certificate.subject().iter_common_name();
        let common_name = common_names.next().and_then(|name| name.as_str().ok()).map(str::to_owned);
        // Which of several counts would be a guess.
        Some(Self { dns, uris, common_name: common_name.filter(|_| common_names.next().is_none()) })
    }

    /// The name that a rule is about.
    fn matched(&self, rule: &str) -> Option<&str> {
        let dns = self.dns.iter().find(|name| match rule.strip_prefix("*.") {
            None => name.eq_ignore_ascii_case(rule),
            Some(domain) => name
                .split_once('.')
                .is_some_and(|(label, rest)| !label.is_empty() && rest.eq_ignore_ascii_case(domain)),
        });
        let exact = self.uris.iter().chain(&self.common_name);
        dns.or_else(|| exact.into_iter().find(|name| *name == rule)).map(String::as_str)
    }
}

/// What certificates stand for.
#[derive(Debug)]
pub(super) struct Certificates(Vec<Rule>);

#[derive(Debug)]
struct Rule {
    name: String,
    group: usize,
    /// The caller, where the certificate does not name it.
    caller: Option<Arc<Caller>>,
}

impl Certificates {
    /// What they stand for by these rules.
    pub(super) fn new(rules: &[config::CertificateRule]) -> Self {
        let rule = |rule: &config::CertificateRule| {
            let caller = rule.caller.as_deref().map(|name| caller(name, rule.group));
            Rule { name: rule.name.clone(), group: rule.group, caller }
        };
        Self(rules.iter().map(rule).collect())
    }

    /// Whose a certificate is, by the first rule that fits.
    ///
    /// # Errors
    /// Where none does.
    pub(super) fn find(&self, certificate: &ClientCertificate) -> Result<Arc<Caller>, Refused> {
        let found = self.0.iter().find_map(|rule| Some((rule, certificate.0.matched(&rule.name)?)));
        let (rule, name) = found.ok_or_else(|| {
            Refused::Invalid("the client's certificate has none of the names that count".into())
        })?;
        Ok(rule.caller.clone().unwrap_or_else(|| caller(name, rule.group)))
    }
}

fn caller(name: &str, group: usize) -> Arc<Caller> {
    Arc::new(Caller::new(name, None, group, Facts::None))
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn names_match_rules() {
        let names = Names {
            dns: vec!["a.Acme.example".into(), "deep.b.acme.example".into()],
            uris: vec!["spiffe://acme/ns/a".into()],
            common_name: None,
        };
        assert_eq!(names.matched("A.acme.example"), Some("a.Acme.example"));
        assert_eq!(names.matched("*.acme.example"), Some("a.Acme.example"));
        assert_eq!(names.matched("*.b.acme.example"), Some("deep.b.acme.example"));
        assert_eq!(names.matched("spiffe://acme/ns/a"), Some("spiffe://acme/ns/a"));
        for other in ["acme.example", "*.example", "spiffe://acme/ns/A", "*.a.acme.example", ""] {
            assert_eq!(names.matched(other), None, "{other}");
        }
        let named = Names { common_name: Some("a.acme.example".into()), ..Names::default() };
        assert_eq!(named.matched("a.acme.example"), Some("a.acme.example"));
        assert_eq!(named.matched("*.acme.example"), None);
    }
}
