//! Who may call what, over every door.

mod answers;
mod audit;
mod browsers;
mod certificates;
mod command;
mod groups;
mod injection;
mod keys;
mod rates;
mod secrets;
mod tokens;

use std::fmt::Write;
use std::path::PathBuf;

use serde_json::json;
use sha2::{Digest, Sha256};
use thrift::protocol::TMessageType;
use thriftgate_tests::backend::{Backend, Step};
use thriftgate_tests::client::{Reply, post};
use thriftgate_tests::{Folder, Gateway};

use crate::native::{WIRES, Wire, message};

/// Services that share a name of a method, and one that extends another.
const IDL: &str = "
service Users {
  string get(1: string value), string getAll(1: string value), string remove(1: string value),
  oneway void touch(1: string value)
}
service Staff extends Users { string hire(1: string value) }
service Vault { string get(1: string value), string wipe(1: string value) }
";

/// A way to name a method and to carry its arguments.
#[derive(Clone, Debug)]
pub(super) enum Door {
    /// Human-readable JSON at this path, which names the method and maybe the service
    Envelope { path: String, service: Option<String>, method: String },
    /// Human-readable arguments at this path
    Arguments { path: String },
    /// A message at this path, of this name and content type
    Native { path: String, wire: Wire, sniffed: bool, name: String },
}

impl Door {
    /// Each way to name this method of this service.
    pub(super) fn all(service: &str, method: &str) -> Vec<Self> {
        let mut doors = Vec::new();
        let envelope = |path: String, service: Option<&str>| Self::Envelope {
            path,
            service: service.map(str::to_owned),
            method: method.to_owned(),
        };
        let qualified = format!("vendor.{service}");
        doors.push(envelope("/".into(), None));
        doors.push(envelope("/".into(), Some(service)));
        doors.push(envelope("/".into(), Some(&qualified)));
        doors.push(envelope(format!("/{service}"), None));
        for path in [format!("/{service}/{method}"), format!("/{qualified}/{method}"), format!("/{method}")] {
            doors.push(Self::Arguments { path });
        }
        for (wire, sniffed) in WIRES.into_iter().flat_map(|wire| [(wire, false), (wire, true)]) {
            let multiplexed = format!("{service}:{method}");
            for (path, name) in [
                ("/".to_owned(), method),
                ("/".to_owned(), &*multiplexed),
                (format!("/{service}"), method),
                (format!("/{service}/{method}"), method),
            ] {
                doors.push(Self::Native { path, wire, sniffed, name: name.to_owned() });
            }
        }
        doors
    }

    /// The wire protocol, if it is one.
    pub(super) fn wire(&self) -> Option<Wire> {
        match self {
            Self::Native { wire, .. } => Some(*wire),
            _ => None,
        }
    }

    /// The bytes of a call by this door, with further headers.
    pub(super) fn request(&self, headers: &[(&str, &str)]) -> Vec<u8> {
        let with = |path: &str, content_type, body: &[u8]| {
            let mut all = vec![("Content-Type", content_type), ("X-Request-Id", "test")];
            all.extend(headers);
            post(path, &all, body)
        };
        let arguments = json!({"value": "x"});
        match self {
            Self::Envelope { path, service, method } => {
                let mut body = json!({"method": method, "arguments": arguments});
                if let Some(service) = service {
                    body["service"] = json!(service);
                }
                with(path, "application/json", body.to_string().as_bytes())
            }
            Self::Arguments { path } => with(path, "application/json", arguments.to_string().as_bytes()),
            Self::Native { path, wire, sniffed, name } => {
                let content_type = if *sniffed { "application/x-thrift" } else { wire.content_type() };
                with(path, content_type, &message(*wire, TMessageType::Call, name, 7, Some("x")))
            }
        }
    }
}

/// The key that is called so.
pub(super) fn key(name: &str) -> String {
    format!("tg_{name:-<43}")
}

/// The entry of a key in a key file, with further fields such as `, expires: 2020-01-01T00:00:00Z`.
pub(super) fn entry(name: &str, caller: &str, group: &str, more: &str) -> String {
    let digits = Sha256::digest(key(name)).iter().fold(String::new(), |mut digits, byte| {
        write!(digits, "{byte:02x}").expect("a string takes all");
        digits
    });
    format!("  - {{id: {name}, caller: {caller}, group: {group}, sha256: \"{digits}\"{more}}}\n")
}

/// A backend whose methods answer their argument, but for the one that answers nothing.
pub(super) fn echoing() -> Backend {
    Backend::start(|call| if call.name == "touch" { vec![] } else { vec![Step::Send(call.echo())] })
}

/// A folder with IDL, a key file and a configuration, before an echoing backend.
pub(super) struct Site {
    pub(super) folder: Folder,
    pub(super) backend: Backend,
}

impl Site {
    /// With these entries in its key file, and this after the backend in its configuration.
    pub(super) fn new(entries: &[String], rest: &str) -> Self {
        let site = Self { folder: Folder::new(), backend: echoing() };
        site.folder.write("vendor.thrift", IDL);
        site.write_keys(entries);
        site.configure(rest);
        site
    }

    pub(super) fn configure(&self, rest: &str) -> PathBuf {
        let address = self.backend.address();
        let yaml = format!(
            "idl: vendor.thrift\nbackends: {{main: \"{address}\"}}\nreload: {{watch: false}}\n\
             authentication: {{keys: {{file: keys.yaml}}}}\n{rest}"
        );
        self.folder.write("gateway.yaml", &yaml)
    }

    pub(super) fn write_keys(&self, entries: &[String]) -> PathBuf {
        let entries = if entries.is_empty() { " []\n".to_owned() } else { format!("\n{}", entries.concat()) };
        self.folder.write("keys.yaml", &format!("keys:{entries}"))
    }

    pub(super) fn gateway(&self) -> Gateway {
        Gateway::by_file(&self.folder.path().join("gateway.yaml"))
    }
}

/// Sends a request on a connection of its own.
pub(super) fn send(gateway: &Gateway, request: &[u8]) -> Reply {
    thriftgate_tests::client::exchange(gateway.address(), request)
}
