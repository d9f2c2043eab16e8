//! The section `dns` of a file.

use crate::file;
use crate::problems::Problems;
use crate::scalar::Fault;
use crate::settings::Dns;
use std::net::{IpAddr, SocketAddr};

/// The port of a name server that names none.
const PORT: u16 = 53;

/// How names are resolved.
pub(crate) fn dns(file: &file::Dns, problems: &mut Problems<'_>) -> Dns {
    let mut dns = Dns::default();
    for word in problems.words(&file.servers) {
        dns.servers.extend(problems.keep(&word.span, server(&word.text)));
    }
    problems.set(&mut dns.refresh, &file.refresh);
    problems.set(&mut dns.timeout, &file.timeout);
    dns
}

/// `10.0.0.2`, `10.0.0.2:53`, `fd00::2`, `[fd00::2]:53`.
fn server(text: &str) -> Result<SocketAddr, Fault> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let server = match bare.parse::<IpAddr>() {
        Ok(ip) => Some(SocketAddr::from((ip, PORT))),
        Err(_) => text.parse().ok(),
    };
    server.filter(|server| server.port() != 0).ok_or_else(|| {
        Fault::new(format!("`{text}` is not the address of a name server"))
            .with_help("write an IP address, as `10.0.0.2` or `10.0.0.2:53`")
    })
}
