//! The one place where settings and schema become routes, backends and styles.
//!
//! A snapshot is built whole or not at all, and never changed.

mod routes;
mod style;

pub use style::map_style;

use std::sync::Arc;

use thriftgate_config as config;
use thriftgate_config::Settings;
use thriftgate_metadata::Schema;

use crate::backend::Backend;
use crate::idl;
use crate::router::Router;
use crate::telemetry::Metrics;
use routes::RouteBuilder;

/// Everything that a call is answered by.
#[derive(Debug)]
pub struct Snapshot {
    /// The types
    pub schema: Schema,
    /// The routes
    pub router: Router,
    /// The backends, in the order of the settings
    pub backends: Vec<Arc<Backend>>,
    /// The limits
    pub limits: config::Limits,
    /// What is legal but probably not meant, as text
    pub warnings: Vec<String>,
}

/// Settings and IDL that make no snapshot: everything that is wrong, each as the text that an operator reads.
#[derive(Debug)]
pub struct SnapshotError(pub Vec<String>);

impl std::fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for SnapshotError {}

impl Snapshot {
    /// Reads the IDL that the settings name, and builds the snapshot; `cores` is the number of runtimes.
    ///
    /// # Errors
    /// Everything that is wrong with the IDL, or with what the settings say of it.
    pub fn build(settings: &Settings, metrics: &Metrics, cores: usize) -> Result<Self, SnapshotError> {
        let idl = idl::load(&settings.idl)?;
        let mut errors = Vec::new();
        let mut backends = Vec::new();
        for backend in &settings.backends {
            match Backend::new(backend, &settings.limits, cores) {
                Ok(backend) => backends.push(Arc::new(backend)),
                Err(error) => errors.push(format!("error: backend {}: {error}", backend.name)),
            }
        }
        if !errors.is_empty() {
            return Err(SnapshotError(errors));
        }
        let mut routes = Vec::new();
        for route in &settings.routes {
            let backend = &backends[route.backends[0].backend];
            routes.push(RouteBuilder { idl: &idl, route, backend, metrics, errors: &mut errors }.build());
        }
        if !errors.is_empty() {
            return Err(SnapshotError(errors));
        }
        let mut warnings: Vec<String> = settings.warnings.iter().map(ToString::to_string).collect();
        warnings.extend(idl.warnings);
        Ok(Self {
            schema: idl.schema,
            router: Router { routes },
            backends,
            limits: settings.limits.clone(),
            warnings,
        })
    }
}

/// An error at its place in the configuration, where it has one.
pub(crate) fn at(origin: Option<&config::Origin>, message: String, help: Option<String>) -> String {
    match origin {
        Some(origin) => config::Diagnostic::error(origin.clone(), message).with_help(help).to_string(),
        None => {
            format!("error: {message}{}", help.map(|help| format!("\n  help: {help}")).unwrap_or_default())
        }
    }
}
