//! What the head of a request says about its route.

use http::request::Parts;
use http::{HeaderMap, Uri, header};

use super::Route;

/// What the head of a request says about its route.
#[derive(Clone, Copy, Debug)]
pub struct Head<'h> {
    uri: &'h Uri,
    headers: &'h HeaderMap,
}

/// Why a route is not for a request, whatever its body says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mismatch<'r> {
    /// The path does not begin with that of the route
    Path,
    /// The host is none of the route's
    Host,
    /// The header of this name is not there with the value of the route
    Header(&'r str),
}

impl<'h> Head<'h> {
    /// The head of a request that names one host at most.
    #[must_use]
    pub fn of(request: &'h Parts) -> Self {
        Self { uri: &request.uri, headers: &request.headers }
    }

    /// The path, without a slash at its end.
    #[must_use]
    pub fn path(&self) -> &'h str {
        let path = self.uri.path();
        path.strip_suffix('/').unwrap_or(path)
    }

    /// The host that the request is for, without port and brackets: `:authority` in HTTP/2, else `Host`.
    #[must_use]
    pub fn host(&self) -> &'h str {
        let host = match self.uri.host() {
            Some(host) => host,
            None => {
                let value = self.headers.get(header::HOST).and_then(|value| value.to_str().ok());
                without_port(value.unwrap_or(""))
            }
        };
        host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(host)
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((bare, port)) if !port.ends_with(']') => bare,
        _ => host,
    }
}

impl Route {
    /// Why the route is not for the request, as far as its head tells.
    #[must_use]
    pub fn mismatch(&self, head: &Head<'_>) -> Option<Mismatch<'_>> {
        if self.rest(head.path()).is_none() {
            return Some(Mismatch::Path);
        }
        let hosts = &self.settings.hosts;
        if !hosts.is_empty() {
            let host = head.host();
            if !hosts.iter().any(|pattern| pattern.matches(host)) {
                return Some(Mismatch::Host);
            }
        }
        let is_there = |(name, value): &&(String, String)| {
            head.headers.get_all(name).iter().any(|found| found.as_bytes() == value.as_bytes())
        };
        let missing = self.settings.headers.iter().find(|header| !is_there(header));
        missing.map(|(name, _)| Mismatch::Header(name))
    }
}

#[cfg(test)]
mod tests {
    use super::without_port;

    #[test]
    fn the_port_goes_and_the_address_stays() {
        for (host, bare) in [
            ("api.example.com:8080", "api.example.com"),
            ("api.example.com", "api.example.com"),
            ("[::1]:8080", "[::1]"),
            ("[::1]", "[::1]"),
            ("a:", "a"),
            ("", ""),
        ] {
            assert_eq!(without_port(host), bare);
        }
    }
}
