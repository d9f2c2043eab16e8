//! Reload: what asks for it, what it refuses, and that no call notices.

mod backends;
mod endurance;
mod refusals;
mod triggers;
mod versions;

use std::path::PathBuf;

use serde_json::Value;
use thriftgate_tests::backend::Backend;
use thriftgate_tests::client::{self, Reply};
use thriftgate_tests::{Folder, Gateway};

/// What the configurations of these tests share: nothing is reloaded unless a test asks for it.
const UNWATCHED: &str = "reload: {watch: false}\n";

/// A folder with a configuration and its IDL, before an echoing backend.
struct Site {
    folder: Folder,
    backend: Backend,
}

impl Site {
    /// With the service `Echo` of [`idl`] and its method `first`.
    fn new(rest: &str) -> Self {
        Self::before(Backend::echoing(), rest)
    }

    fn before(backend: Backend, rest: &str) -> Self {
        let site = Self { folder: Folder::new(), backend };
        site.folder.write("echo.thrift", &idl(&["first"]));
        site.configure(rest);
        site
    }

    /// Writes the configuration anew, with this after the IDL and the backend.
    fn configure(&self, rest: &str) -> PathBuf {
        self.folder.write("gateway.yaml", &self.configuration(rest))
    }

    fn configuration(&self, rest: &str) -> String {
        self.configuration_with("", rest)
    }

    /// The same with further backends, such as `, other: "127.0.0.1:1"`.
    fn configuration_with(&self, backends: &str, rest: &str) -> String {
        format!("idl: echo.thrift\nbackends: {{main: \"{}\"{backends}}}\n{rest}", self.backend.address())
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("gateway.yaml")
    }

    fn gateway(&self) -> Gateway {
        Gateway::by_file(&self.file())
    }
}

/// A service with these methods, each of which returns its argument.
fn idl(methods: &[&str]) -> String {
    let method = |name: &&str| format!("  i32 {name}(1: i32 value)\n");
    format!("service Echo {{\n{}}}\n", methods.iter().map(method).collect::<String>())
}

/// The status of a call of an echoing method.
fn status(gateway: &Gateway, method: &str) -> u16 {
    gateway.call(method, serde_json::json!({"value": 7})).status
}

/// What is in effect, and the last attempt to change it.
fn state(admin: std::net::SocketAddr) -> Value {
    client::get(admin, "/reload").json()
}

/// That a reload took effect; what it changed.
#[track_caller]
fn changed(reply: &Reply) -> Value {
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()["changed"].clone()
}
