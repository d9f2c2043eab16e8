//! Addresses as they are written: where to listen, and where a backend is.

use crate::scalar::Fault;
use crate::settings::{BackendAddress, ListenAddress};
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// What the address of a backend says.
pub(crate) struct BackendTarget {
    pub(crate) address: BackendAddress,
    /// What a URL says beside the host; `None` for the other forms.
    pub(crate) url: Option<Url>,
}

/// What a URL says beside the host.
#[derive(PartialEq, Eq)]
pub(crate) struct Url {
    pub(crate) tls: bool,
    /// Beginning with `/`.
    pub(crate) path: String,
}

/// `127.0.0.1:8080`, `[::1]:8080`, `unix:/run/thriftgate.sock`, `systemd:http`.
pub(crate) fn listen_address(text: &str, base: &Path) -> Result<ListenAddress, Fault> {
    if let Some(path) = unix_path(text, base)? {
        return Ok(ListenAddress::Unix(path));
    }
    if let Some(name) = text.strip_prefix("systemd:") {
        return match is_socket_name(name) {
            true => Ok(ListenAddress::Inherited(name.to_owned())),
            false => Err(Fault::new(format!("`{name}` is not the name of a socket"))
                .with_help("write `systemd:` and the `FileDescriptorName` of the socket unit")),
        };
    }
    text.parse().map(ListenAddress::Tcp).map_err(|_| {
        Fault::new(format!("`{text}` is not an address to listen on"))
            .with_help("write an IP address and a port, as `127.0.0.1:8080` or `[::]:8080`, `unix:/path`, or `systemd:name`")
    })
}

/// `host:port`, `[::1]:9090`, `srv:_thrift._tcp.auth.internal`, `unix:/run/auth.sock`, `http://host:port/path`,
/// `https://…`.
pub(crate) fn backend_target(text: &str, base: &Path) -> Result<BackendTarget, Fault> {
    if let Some(path) = unix_path(text, base)? {
        return Ok(BackendTarget { address: BackendAddress::Unix(path), url: None });
    }
    if let Some(name) = text.strip_prefix("srv:") {
        return match is_host_name(name) {
            true => Ok(BackendTarget { address: BackendAddress::Srv(name.to_owned()), url: None }),
            false => Err(Fault::new(format!("`{name}` is not the name of SRV records"))
                .with_help("write `srv:_service._tcp.host`")),
        };
    }
    let (tls, rest) = match text.split_once("://") {
        None => {
            let address = host_and_port(text, None).ok_or_else(|| not_a_backend(text))?;
            return Ok(BackendTarget { address, url: None });
        }
        Some(("http", rest)) => (false, rest),
        Some(("https", rest)) => (true, rest),
        Some(_) => return Err(not_a_backend(text)),
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let default_port = if tls { 443 } else { 80 };
    let address = host_and_port(authority, Some(default_port)).ok_or_else(|| not_a_backend(text))?;
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    match is_request_path(&path) {
        true => Ok(BackendTarget { address, url: Some(Url { tls, path }) }),
        false => Err(not_a_backend(text)),
    }
}

/// Whether `text` looks like an address and not like a name.
pub(crate) fn is_address(text: &str) -> bool {
    text.contains(':')
}

/// Whether `path` can stand in the first line of an HTTP request.
pub(crate) fn is_request_path(path: &str) -> bool {
    path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#')
}

/// What systemd takes for a `FileDescriptorName`.
fn is_socket_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= 255 && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':')
}

#[cold]
fn not_a_backend(text: &str) -> Fault {
    Fault::new(format!("`{text}` is not the address of a backend"))
        .with_help("write `host:port`, `srv:name`, `unix:/path`, or a URL, as `http://host:port/path`")
}

fn unix_path(text: &str, base: &Path) -> Result<Option<PathBuf>, Fault> {
    match text.strip_prefix("unix:") {
        None => Ok(None),
        Some("") => Err(Fault::new("`unix:` needs the path of a socket").with_help("write `unix:/path`")),
        Some(path) => Ok(Some(base.join(path))),
    }
}

fn host_and_port(text: &str, default_port: Option<u16>) -> Option<BackendAddress> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, after) = rest.split_once(']')?;
            host.parse::<std::net::Ipv6Addr>().ok()?;
            let port = if after.is_empty() { None } else { Some(after.strip_prefix(':')?) };
            (host, port)
        }
        None => {
            let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
            (is_host_name(host).then_some(host)?, port)
        }
    };
    let port = match port {
        Some(port) => port.parse().ok().filter(|port| *port != 0)?,
        None => default_port?,
    };
    Some(BackendAddress::Tcp { host: host.to_owned(), port })
}

/// Letters, digits, `-`, `_` and dots: host names, the names of containers, and IPv4 addresses.
pub(crate) fn is_host_name(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    text.len() <= 253 && text.strip_suffix('.').unwrap_or(text).split('.').all(is_label)
}

/// `https://app.example.com`, with a port or without, in lower case as browsers send it.
pub(crate) fn web_origin(text: &str) -> Result<String, Fault> {
    let lower = text.to_ascii_lowercase();
    let host = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://"));
    let default_port = if lower.starts_with("https") { 443 } else { 80 };
    match host.and_then(|host| host_and_port(host, Some(default_port))) {
        Some(BackendAddress::Tcp { port, .. }) => {
            // Browsers leave the scheme's own port out.
            let implied = format!(":{default_port}");
            let trimmed = if port == default_port { lower.strip_suffix(&implied) } else { None };
            Ok(trimmed.unwrap_or(&lower).to_owned())
        }
        _ => Err(Fault::new(format!("`{text}` is not an origin"))
            .with_help("write scheme and host, as `https://app.example.com`, without a path")),
    }
}

/// `https://api.example.com/v1`, as it is written: scheme, host, and a path or none.
pub(crate) fn web_url(text: &str) -> Result<String, Fault> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let is_url = rest.is_some_and(|rest| {
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        host_and_port(authority, Some(443)).is_some() && path.bytes().all(|byte| byte.is_ascii_graphic())
    });
    match is_url {
        true => Ok(text.to_owned()),
        false => Err(Fault::new(format!("`{text}` is not the address of a page"))
            .with_help("write scheme and host, as `https://api.example.com`")),
    }
}

/// Text that is not an address; displays as what it is not and what to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressError(Fault);

impl fmt::Display for AddressError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0.message)?;
        self.0.help.iter().try_for_each(|help| write!(out, ": {help}"))
    }
}

impl std::error::Error for AddressError {}

impl FromStr for ListenAddress {
    type Err = AddressError;

    /// `127.0.0.1:8080`, `[::1]:8080`, `systemd:` and a name, or `unix:` and a path, which is relative to the working
    /// directory.
    fn from_str(text: &str) -> Result<Self, AddressError> {
        listen_address(text, Path::new("")).map_err(AddressError)
    }
}

impl FromStr for BackendAddress {
    type Err = AddressError;

    /// `host:port`, `[::1]:9090` or `unix:` and a path, which is relative to the working directory. A URL, which would
    /// say more than the address, is refused.
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let target = backend_target(text, Path::new("")).map_err(AddressError)?;
        match target.url {
            None => Ok(target.address),
            Some(_) => {
                let fault =
                    Fault::new(format!("`{text}` is a URL")).with_help("write `host:port` or `unix:/path`");
                Err(AddressError(fault))
            }
        }
    }
}

impl fmt::Display for ListenAddress {
    /// As it is written.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(out),
            Self::Unix(path) => write!(out, "unix:{}", path.display()),
            Self::Inherited(name) => write!(out, "systemd:{name}"),
        }
    }
}

impl BackendAddress {
    /// The host that a certificate is verified for and that the `Host` header names, unless the settings say otherwise: of
    /// SRV records what follows `_service._proto`; `None` for a Unix socket.
    pub fn host(&self) -> Option<&str> {
        match self {
            Self::Tcp { host, .. } => Some(host),
            Self::Srv(name) => {
                let mut host = name.as_str();
                while let Some((_, rest)) = host.split_once('.').filter(|(label, _)| label.starts_with('_')) {
                    host = rest;
                }
                Some(host)
            }
            Self::Unix(_) => None,
        }
    }
}

impl fmt::Display for BackendAddress {
    /// As it is written.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } if host.contains(':') => write!(out, "[{host}]:{port}"),
            Self::Tcp { host, port } => write!(out, "{host}:{port}"),
            Self::Srv(name) => write!(out, "srv:{name}"),
            Self::Unix(path) => write!(out, "unix:{}", path.display()),
        }
    }
}
