//! The validated settings: plain values, every name resolved, every default filled in.

mod authentication;
mod backend;
mod dns;
mod documents;
mod endpoint;
mod group;
mod health;
mod listener;
mod logging;
mod pattern;
mod process;
mod reload;
mod route;
mod tracing;

pub use authentication::*;
pub use backend::*;
pub use dns::*;
pub use documents::*;
pub use endpoint::*;
pub use group::*;
pub use health::*;
pub use listener::*;
pub use logging::*;
pub use pattern::*;
pub use process::*;
pub use reload::*;
pub use route::*;
pub use tracing::*;

use crate::diagnostic::{Diagnostic, Origin};
use serde::Serialize;
use std::path::PathBuf;

/// Everything the gateway is told, from a configuration file or from the command line.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Settings {
    /// Where traffic is accepted; never empty.
    pub listen: Vec<Listener>,
    /// Where the admin pages are served; `None` when that is switched off.
    pub admin: Option<ListenAddress>,
    /// The backends without which the gateway is not ready, as indexes into [`Self::backends`].
    pub ready_requires: Vec<usize>,
    /// Every IDL source, each once, those of the short form included.
    pub idl: Vec<IdlSource>,
    /// Every backend under a name of its own; routes hold indexes into it.
    pub backends: Vec<Backend>,
    /// In the order in which they are tried: the short form's services, then the routes as written.
    pub routes: Vec<Route>,
    /// How the names of backends are resolved.
    pub dns: Dns,
    /// How callers show who they are.
    pub authentication: Authentication,
    /// What callers may call, each under a name of its own.
    pub groups: Vec<Group>,
    /// The audit log; `None` writes none.
    pub audit: Option<Audit>,
    /// What vendors read of the API; `None` serves no documents.
    pub documents: Option<Documents>,
    /// Limits of the whole process.
    pub limits: Limits,
    /// How calls are spread over cores.
    pub runtime: Runtime,
    /// What is logged, and how.
    pub logging: Logging,
    /// What is counted.
    pub metrics: Metrics,
    /// Where spans of calls are sent; `None` sends none.
    pub tracing: Option<Tracing>,
    /// When files are read again.
    pub reload: Reload,
    /// How the process ends.
    pub drain: Drain,
    /// Where it says what cannot change while the gateway runs.
    #[serde(skip)]
    pub places: Places,
    /// What is legal but probably not meant.
    #[serde(skip)]
    pub warnings: Vec<Diagnostic>,
}

/// One IDL source; what it is follows from its extension, or from being a directory.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IdlSource {
    /// A `.thrift` file, a gen-json file, or a directory of either.
    pub path: PathBuf,
    /// Where `include` looks, after the directory of the including file.
    pub include: Vec<PathBuf>,
    /// Where the configuration names it; `None` from the command line.
    #[serde(skip)]
    pub origin: Option<Origin>,
}

impl Settings {
    /// The settings of a gateway without a configuration file: one backend, reached for every service of the IDL at `/`.
    ///
    /// Everything else has its default; the fields are public for what a command line adds.
    pub fn single(idl: Vec<PathBuf>, backend: Backend, listen: ListenAddress) -> Self {
        let source = |path| IdlSource { path, include: Vec::new(), origin: None };
        Self {
            listen: vec![Listener { address: listen, tls: None, origin: None }],
            admin: Some(ListenAddress::DEFAULT_ADMIN),
            ready_requires: Vec::new(),
            idl: idl.into_iter().map(source).collect(),
            backends: vec![backend],
            routes: vec![Route::new("/", 0)],
            dns: Dns::default(),
            authentication: Authentication::default(),
            groups: Vec::new(),
            audit: None,
            documents: None,
            limits: Limits::default(),
            runtime: Runtime::default(),
            logging: Logging::default(),
            metrics: Metrics::default(),
            tracing: None,
            reload: Reload::default(),
            drain: Drain::default(),
            places: Places::default(),
            warnings: Vec::new(),
        }
    }
}
