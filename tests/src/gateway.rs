//! A gateway in the process of the test.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use thriftgate::backend::{BackendCounts, EndpointStatus};
use thriftgate::reload::{Files, Source};
use thriftgate::server;
use thriftgate::supervisor::Inherited;
use thriftgate_config::{Drain, ListenAddress, Settings};

use crate::client::{self, Reply};
use crate::eventually;

/// The path of a file of `tests/data`.
#[must_use]
pub fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(name)
}

/// A running gateway on ports that the system chose. Dropped, it is stopped.
#[derive(Debug)]
pub struct Gateway {
    running: Option<server::Gateway>,
}

impl Gateway {
    /// Starts a gateway by this configuration, whose relative paths are those of `tests/data`. Where it
    /// listens is overruled; two cores serve it unless it says otherwise, and its end takes no time.
    ///
    /// # Panics
    /// Where the configuration is wrong or the gateway does not start.
    #[must_use]
    #[track_caller]
    pub fn start(yaml: &str) -> Self {
        let settings = Settings::parse(&data("gateway.yaml"), yaml, &|_| None)
            .unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
        Self::with(settings)
    }

    /// A gateway before one backend at `/`, with the IDL of `tests/data` and settings of the backend such as
    /// `max_connections: 1`.
    #[must_use]
    #[track_caller]
    pub fn before(idl: &str, backend: SocketAddr, settings: &str) -> Self {
        Self::start(&format!("idl: {idl}\nbackends: {{backend: {{address: \"{backend}\", {settings}}}}}\n"))
    }

    /// Starts a gateway by these settings, changed as [`Self::start`] says.
    ///
    /// # Panics
    /// Where it does not start.
    #[must_use]
    #[track_caller]
    pub fn with(settings: Settings) -> Self {
        let running = server::Gateway::start(&overruled(settings)).unwrap_or_else(|error| panic!("{error}"));
        Self { running: Some(running) }
    }

    /// Starts a gateway by a file, changed as [`Self::start`] says. A reload reads the file again.
    ///
    /// # Panics
    /// Where the configuration is wrong or the gateway does not start.
    #[must_use]
    #[track_caller]
    pub fn by_file(path: &Path) -> Self {
        let file = path.to_owned();
        let read = move || Settings::read(&file, &|_| None).map(overruled).map_err(|error| error.to_string());
        let source = Source::new(Some(path.to_owned()), read);
        let mut files = Files::default();
        let settings = source.read(&mut files).unwrap_or_else(|error| panic!("{error}"));
        let running = server::Gateway::start_from(source, &settings, files, Inherited::default());
        Self { running: Some(running.unwrap_or_else(|error| panic!("{error}"))) }
    }

    /// Asks it to reload.
    pub fn reload(&self) -> Reply {
        client::exchange(self.admin(), &client::post("/reload", &[], b""))
    }

    fn running(&self) -> &server::Gateway {
        self.running.as_ref().expect("it runs until it is dropped")
    }

    /// Where clients call.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.running().listen[0].tcp().expect("it listens on a port")
    }

    /// Where the admin listener is.
    #[must_use]
    pub fn admin(&self) -> SocketAddr {
        self.running().admin.as_ref().and_then(server::Listening::tcp).expect("it has an admin listener")
    }

    /// Posts JSON text to a path, on a connection of its own.
    pub fn post(&self, path: &str, body: &str) -> Reply {
        self.post_with(path, &[("Content-Type", "application/json")], body.as_bytes())
    }

    /// Posts a body with these headers, on a connection of its own.
    pub fn post_with(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        client::exchange(self.address(), &client::post(path, headers, body))
    }

    /// Calls a method of the route `/`, on a connection of its own.
    #[expect(clippy::needless_pass_by_value, reason = "it is written in place by json!")]
    pub fn call(&self, method: &str, arguments: Value) -> Reply {
        self.post("/", &serde_json::json!({"method": method, "arguments": arguments}).to_string())
    }

    /// What is open and under way to its first backend.
    #[must_use]
    pub fn counts(&self) -> BackendCounts {
        self.running().process.snapshot.load().backends[0].counts()
    }

    /// The endpoints of its first backend.
    #[must_use]
    pub fn endpoints(&self) -> Vec<EndpointStatus> {
        self.running().process.snapshot.load().backends[0].endpoints()
    }

    /// Waits until no call is under way to its first backend and every open connection is idle.
    #[track_caller]
    pub fn settle(&self) -> BackendCounts {
        eventually("no call under way, every connection idle", || {
            let counts = self.counts();
            counts.calls == 0 && counts.open == counts.idle
        });
        self.counts()
    }

    /// The text of its metrics.
    #[must_use]
    pub fn metrics(&self) -> String {
        client::get(self.admin(), "/metrics").text()
    }
}

/// Settings for a test: on ports that the system chooses, on two cores unless they say otherwise, without an access log on
/// standard output, and with an end that takes no time.
fn overruled(mut settings: Settings) -> Settings {
    let anywhere = || ListenAddress::Tcp(SocketAddr::from(([127, 0, 0, 1], 0)));
    settings.listen[0].address = anywhere();
    settings.admin = Some(anywhere());
    settings.logging.access.take_if(|access| access.file.is_none());
    settings.runtime.threads.get_or_insert(2);
    if settings.drain == Drain::default() {
        settings.drain = Drain { delay: Duration::ZERO, grace: Duration::ZERO };
    }
    settings
}

impl Drop for Gateway {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop();
        }
    }
}
