//! The backends of a file: defined by name, or where a route leads to one.

use crate::address::{Url, is_address, is_host_name, is_request_path};
use crate::endpoints::{Endpoints, ejection, retries};
use crate::file::{self, Transport as Delimiting};
use crate::headers::{header_name, header_value};
use crate::health::health_check;
use crate::problems::Problems;
use crate::scalar::{Fault, Scalar, Word, list};
use crate::settings::{
    Backend, BackendAddress, BackendTls, HttpTransport, Limits, Protocol, TlsIdentity, Transport,
};
use crate::shape::{Named, Short};
use std::net::IpAddr;
use std::ops::Range;
use std::path::Path;

/// Every backend found so far, under names that differ.
pub(crate) struct Backends<'a> {
    base: &'a Path,
    limits: &'a Limits,
    list: Vec<Backend>,
    /// The keys under `backends`, which are the first of `list`, and whether a route leads there.
    named: Vec<(Word, bool)>,
}

impl<'a> Backends<'a> {
    /// The backends that have names.
    pub(crate) fn new(
        named: &Named<Short<file::Backend>>,
        limits: &'a Limits,
        base: &'a Path,
        problems: &mut Problems<'_>,
    ) -> Self {
        let mut backends = Self { base, limits, list: Vec::new(), named: Vec::new() };
        for (name, value) in &named.0 {
            if name.text.is_empty() || is_address(&name.text) {
                problems.error(&name.span, "the name of a backend is not empty and has no `:`");
            }
            let backend = match value {
                Short::Text(address) => backends.at(&name.text, &problems.word(address), problems),
                Short::Full(backend) => backends.resolve(name, backend, problems),
            };
            backends.list.push(backend);
            backends.named.push((name.clone(), false));
        }
        backends
    }

    /// The backend that every route without one leads to; `None` with an error at `owner` where there is no such.
    pub(crate) fn only(&mut self, owner: &Word, problems: &mut Problems<'_>) -> Option<usize> {
        match self.named.as_mut_slice() {
            [(_, used)] => {
                *used = true;
                Some(0)
            }
            [] => {
                let message = format!("`{}` leads to no backend", owner.text);
                let help =
                    "write `backend:` with an address, as `127.0.0.1:9090`, or name it under `backends:`";
                problems.fault(&owner.span, Fault::new(message).with_help(help));
                None
            }
            several => {
                let names: Vec<&str> = several.iter().map(|(name, _)| name.text.as_str()).collect();
                let help = format!("write `backend:` with one of {}", list(&names));
                let message = format!("`{}` does not say which backend it leads to", owner.text);
                problems.fault(&owner.span, Fault::new(message).with_help(&help));
                None
            }
        }
    }

    /// What holds for the whole process.
    pub(crate) fn limits(&self) -> &'a Limits {
        self.limits
    }

    /// The backend that is written in full where `owner`, a route's path or a service's name, leads to it.
    pub(crate) fn own(
        &mut self,
        backend: &file::Backend,
        owner: &Word,
        problems: &mut Problems<'_>,
    ) -> usize {
        if self.list.iter().any(|other| other.name == owner.text) {
            let message = format!("there is already a backend of the name `{}`", owner.text);
            problems.error(&owner.span, message);
        }
        let backend = self.resolve(owner, backend, problems);
        self.list.push(backend);
        self.list.len() - 1
    }

    /// The backend of this name, or at this address; `None` with an error where there is no such.
    pub(crate) fn find(&mut self, text: &Word, problems: &mut Problems<'_>) -> Option<usize> {
        if let Some(index) = self.named.iter().position(|(name, _)| name.text == text.text) {
            self.named[index].1 = true;
            return Some(index);
        }
        if !is_address(&text.text) {
            problems.unknown(text, "backend", self.named.iter().map(|(name, _)| name.text.as_str()));
            return None;
        }
        // One address is one backend, however many services are reached there: its limits count them all.
        let known = self.list.iter().position(|backend| backend.name == text.text);
        known.or_else(|| {
            let backend = self.at(&text.text, text, problems);
            self.list.push(backend);
            Some(self.list.len() - 1)
        })
    }

    /// The backend of this name, which is not used by being named; `None` with an error where there is no such.
    pub(crate) fn named(&self, name: &Word, problems: &mut Problems<'_>) -> Option<usize> {
        let found = self.named.iter().position(|(known, _)| known.text == name.text);
        if found.is_none() {
            problems.unknown(name, "backend", self.named.iter().map(|(known, _)| known.text.as_str()));
        }
        found
    }

    /// All of them, with a warning for each to which no route leads.
    pub(crate) fn finish(self, problems: &mut Problems<'_>) -> Vec<Backend> {
        for (name, used) in &self.named {
            if !used {
                problems.warning(&name.span, format!("no route leads to the backend `{}`", name.text));
            }
        }
        self.list
    }

    /// A backend of which nothing but the address is written.
    fn at(&self, name: &str, written: &Word, problems: &mut Problems<'_>) -> Backend {
        let endpoints = Endpoints::one(written.clone(), self.base, problems);
        let mut backend = Backend::new(name, endpoints.list[0].address.clone(), self.limits);
        backend.tls = self.tls(&endpoints, None, problems);
        backend.transport = transport(endpoints.url, None, None, written, problems);
        backend
    }

    fn resolve(&self, name: &Word, file: &file::Backend, problems: &mut Problems<'_>) -> Backend {
        let endpoints = Endpoints::of(file, name, self.base, problems);
        let mut backend = Backend::new(&name.text, endpoints.list[0].address.clone(), self.limits);
        set_protocol(&mut backend, file, problems);
        backend.tls = self.tls(&endpoints, file.tls.as_ref(), problems);
        let Endpoints { list, url, written } = endpoints;
        backend.endpoints = list;
        backend.transport = transport(url, file.transport.as_ref(), file.http.as_ref(), &written, problems);
        backend.health_check = file.health_check.as_ref().and_then(|check| health_check(check, problems));
        backend.retries = retries(&file.retries, problems);
        backend.ejection = ejection(&file.ejection, problems);
        if let Some(timeout) = file.attempt_timeout.as_ref().and_then(|timeout| problems.take(timeout)) {
            backend.attempt_timeout = Some(timeout.into());
        }
        problems.set(&mut backend.deadline, &file.deadline);
        problems.set(&mut backend.connect_timeout, &file.connect_timeout);
        problems.set(&mut backend.max_connections, &file.max_connections);
        problems.set(&mut backend.min_connections, &file.min_connections);
        problems.set(&mut backend.max_calls, &file.max_calls);
        problems.set(&mut backend.max_waiting, &file.max_waiting);
        problems.set(&mut backend.reuse, &file.reuse);
        problems.set(&mut backend.idle_timeout, &file.idle_timeout);
        problems.set(&mut backend.connection_lifetime, &file.connection_lifetime);
        problems.set(&mut backend.multiplexed, &file.multiplexed);
        problems.set(&mut backend.messages, &file.backend_messages);
        if let Some(minimum) = &file.min_connections {
            check_minimum(&backend, minimum.span.clone(), problems);
        }
        backend
    }

    fn tls(
        &self,
        endpoints: &Endpoints,
        tls: Option<&file::BackendTls>,
        problems: &mut Problems<'_>,
    ) -> Option<BackendTls> {
        let none = file::BackendTls::default();
        let written = &endpoints.written;
        let tls = match (tls, &endpoints.url) {
            (None, Some(Url { tls: true, .. })) => &none,
            (None, _) => return None,
            (Some(_), Some(Url { tls: false, .. })) => {
                problems.error(
                    &written.span,
                    "an address that begins with `http://` has no `tls`: write `https://`",
                );
                return None;
            }
            (Some(tls), _) => tls,
        };
        let server_name = tls.server_name.as_ref().map(|name| problems.word(name));
        if let Some(name) = &server_name
            && !is_host_name(&name.text)
            && name.text.parse::<IpAddr>().is_err()
        {
            problems.error(&name.span, format!("`{}` is not the name of a server", name.text));
        }
        if server_name.is_none() && matches!(endpoints.list[0].address, BackendAddress::Unix(_)) {
            problems.error(&written.span, "TLS over a Unix socket needs `server_name`, the name to verify");
        }
        let ca = tls.ca.as_ref().map(|ca| self.base.join(problems.word(ca).text));
        let identity = self.identity(tls, problems);
        Some(BackendTls { ca, identity, server_name: server_name.map(|name| name.text) })
    }

    fn identity(&self, tls: &file::BackendTls, problems: &mut Problems<'_>) -> Option<TlsIdentity> {
        match (&tls.certificate, &tls.key) {
            (Some(certificate), Some(key)) => Some(TlsIdentity {
                certificate: self.base.join(problems.word(certificate).text),
                key: self.base.join(problems.word(key).text),
            }),
            (Some(lone), None) => {
                problems.error(&lone.span, "`certificate` needs its `key`");
                None
            }
            (None, Some(lone)) => {
                problems.error(&lone.span, "`key` needs its `certificate`");
                None
            }
            (None, None) => None,
        }
    }
}

/// Connections that are kept have to be allowed, and of use.
fn check_minimum(backend: &Backend, span: Range<usize>, problems: &mut Problems<'_>) {
    if backend.min_connections > backend.max_connections {
        let message = format!("more than `max_connections`, {}", backend.max_connections);
        problems.error(&span, message);
    } else if backend.min_connections > 0 && !backend.reuse {
        problems.error(&span, "connections that are not used again cannot be opened ahead");
    } else if backend.min_connections > 0 && matches!(backend.transport, Transport::Http(_)) {
        problems.error(&span, "over HTTP connections are not opened ahead");
    }
}

fn set_protocol(backend: &mut Backend, file: &file::Backend, problems: &mut Problems<'_>) {
    problems.set(&mut backend.protocol, &file.protocol);
    if let Some(strict) = &file.strict
        && backend.protocol != Protocol::Binary
    {
        problems.error(&strict.span, "`strict` is for the protocol `binary` alone");
    }
    if let Some(legacy) = &file.legacy_uuid
        && backend.protocol == Protocol::Json
    {
        problems.error(&legacy.span, "`legacy_uuid` is for the protocols `binary` and `compact`");
    }
    problems.set(&mut backend.strict, &file.strict);
    problems.set(&mut backend.legacy_uuid, &file.legacy_uuid);
}

fn transport(
    url: Option<Url>,
    delimiting: Option<&Scalar<Delimiting>>,
    http: Option<&file::Http>,
    written: &Word,
    problems: &mut Problems<'_>,
) -> Transport {
    let span = delimiting.map_or(&written.span, |scalar| &scalar.span);
    let implied = if url.is_some() { Delimiting::Http } else { Delimiting::Framed };
    let delimiting = delimiting.and_then(|scalar| problems.take(scalar)).unwrap_or(implied);
    if url.is_some() && delimiting != Delimiting::Http {
        problems.error(span, "an address that is a URL has the transport `http`");
    }
    if http.is_some() && delimiting != Delimiting::Http {
        problems.error(span, "`http` is for the transport `http` alone");
    }
    match delimiting {
        Delimiting::Framed => Transport::Framed,
        Delimiting::Buffered => Transport::Buffered,
        Delimiting::Http => Transport::Http(http_transport(url, http, problems)),
    }
}

fn http_transport(url: Option<Url>, http: Option<&file::Http>, problems: &mut Problems<'_>) -> HttpTransport {
    let path = url.map_or_else(|| "/".to_owned(), |url| url.path);
    let mut transport = HttpTransport::at(path);
    let Some(http) = http else { return transport };
    if let Some(path) = &http.path {
        let path = problems.word(path);
        if transport.path != "/" {
            problems.error(&path.span, "the address has a path already");
        } else if !is_request_path(&path.text) {
            problems.error(&path.span, format!("`{}` is not the path of a request", path.text));
        }
        transport.path = path.text;
    }
    if let Some(host) = &http.host {
        let host = problems.word(host);
        problems.keep(&host.span, header_value(&host.text));
        transport.host = Some(host.text);
    }
    for (name, value) in &http.headers.0 {
        let value = problems.word(value);
        problems.keep(&value.span, header_value(&value.text));
        let name = problems.keep(&name.span, header_name(&name.text));
        transport.headers.extend(name.map(|name| (name, value.text)));
    }
    for name in problems.words(&http.forward_headers) {
        transport.forward_headers.extend(problems.keep(&name.span, header_name(&name.text)));
    }
    transport
}
