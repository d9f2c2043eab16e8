//! The one place where settings and schema become routes, backends and styles.
//!
//! A snapshot is built whole or not at all, and never changed.

mod audit;
pub(crate) mod exposure;
mod groups;
mod health;
pub(crate) mod listing;
mod marks;
mod patterns;
mod routes;
mod style;

pub use style::map_style;

use std::sync::Arc;

use thriftgate_config as config;
use thriftgate_config::Settings;
use thriftgate_metadata::Schema;

use crate::backend::Backend;
use crate::documents::Documents;
use crate::idl::{self, Idl};
use crate::policy::Policy;
use crate::router::{Route, Router};
use crate::telemetry::{LineForm, Metrics};
use crate::tls;
use groups::GroupBuilder;
use routes::RouteBuilder;

/// Everything that a call is answered by.
#[derive(Debug)]
pub struct Snapshot {
    /// What it was built from
    pub settings: Settings,
    /// The types
    pub schema: Schema,
    /// The routes, as they are where nobody is asked who they are
    pub router: Router,
    /// Who may call what
    pub policy: Policy,
    /// What vendors read of it; `None` where nothing is to be read
    pub documents: Option<Documents>,
    /// The backends, in the order of the settings
    pub backends: Vec<Arc<Backend>>,
    /// The limits
    pub limits: config::Limits,
    /// What is in a line of the access log; `None` where calls write none
    pub access: Option<LineForm>,
    /// Whether calls are counted and timed
    pub counts_calls: bool,
    /// What is legal but probably not meant, as text
    pub warnings: Vec<String>,
    /// What the files held that TLS of each backend is made of, in the order of the backends
    tls_contents: Vec<u64>,
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
        Self::of(settings, idl::load(&settings.idl)?, metrics, cores, None)
    }

    /// Builds the snapshot of IDL that was read already. A backend that is as it was in `previous` is taken over,
    /// with its connections and all that it has learnt of its endpoints.
    ///
    /// # Errors
    /// Everything that is wrong with what the settings say of the IDL.
    pub(crate) fn of(
        settings: &Settings,
        idl: Idl,
        metrics: &Metrics,
        cores: usize,
        previous: Option<&Self>,
    ) -> Result<Self, SnapshotError> {
        let mut errors = Vec::new();
        let mut backends = Vec::new();
        let mut tls_contents = Vec::new();
        for backend in &settings.backends {
            let contents = backend.tls.as_ref().map_or(0, |tls| tls::contents(tls::client_files(tls)));
            let unchanged =
                previous.and_then(|previous| previous.unchanged(backend, &settings.limits, contents));
            match unchanged.map_or_else(|| Backend::new(backend, &settings.limits, cores).map(Arc::new), Ok) {
                Ok(backend) => backends.push(backend),
                Err(error) => errors.push(format!("error: backend {}: {error}", backend.name)),
            }
            tls_contents.push(contents);
        }
        errors.extend(settings.backends.iter().filter_map(|backend| health::fault(&idl.schema, backend)));
        if !errors.is_empty() {
            return Err(SnapshotError(errors));
        }
        let sandbox = Backend::sandbox(&settings.limits)
            .map(Arc::new)
            .map_err(|error| SnapshotError(vec![format!("error: {error}")]))?;
        let mut warnings: Vec<String> = settings.warnings.iter().map(ToString::to_string).collect();
        let mut routes = Vec::new();
        for route in &settings.routes {
            let builder = RouteBuilder {
                idl: &idl,
                route,
                backends: &backends,
                sandbox: &sandbox,
                limits: &settings.limits,
                metrics,
                errors: &mut errors,
                warnings: &mut warnings,
            };
            routes.push(builder.build());
        }
        if let Some(settings) = &settings.audit {
            audit::mark(settings, &mut routes, &mut warnings);
        }
        exposure::warn_of_listeners(settings, &mut warnings);
        exposure::allow_origins_of_groups(settings, &mut routes);
        let said = (&mut errors, &mut warnings);
        let policy = policy(settings, &idl.schema, &routes, metrics, said, previous);
        if !errors.is_empty() {
            return Err(SnapshotError(errors));
        }
        warnings.extend(idl.warnings);
        let router = Router::new(routes);
        Ok(Self {
            settings: settings.clone(),
            schema: idl.schema,
            documents: Documents::new(settings, &router, &policy),
            router,
            policy,
            backends,
            limits: settings.limits.clone(),
            access: settings.logging.access.as_ref().map(LineForm::of),
            counts_calls: settings.metrics.calls,
            warnings,
            tls_contents,
        })
    }

    /// The backend that was built from the same settings, the same limits, and files that held the same.
    fn unchanged(
        &self,
        settings: &config::Backend,
        limits: &config::Limits,
        contents: u64,
    ) -> Option<Arc<Backend>> {
        if (self.limits.frame, self.limits.depth) != (limits.frame, limits.depth) {
            return None;
        }
        let mut built = self.backends.iter().zip(&self.tls_contents);
        let (backend, _) =
            built.find(|(backend, built_from)| backend.settings() == settings && **built_from == contents)?;
        Some(backend.clone())
    }
}

/// Who may call what; the policy of nobody where anything is wrong, which is told.
fn policy(
    settings: &Settings,
    schema: &Schema,
    routes: &[Route],
    metrics: &Metrics,
    (errors, warnings): (&mut Vec<String>, &mut Vec<String>),
    previous: Option<&Snapshot>,
) -> Policy {
    let mut groups = Vec::new();
    for group in &settings.groups {
        groups.push(GroupBuilder { schema, routes, group, metrics, errors, warnings }.build());
    }
    let built = Policy::build(settings, groups, previous.map(|previous| &previous.policy));
    built.unwrap_or_else(|mut wrong| {
        errors.append(&mut wrong);
        Policy::default()
    })
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

/// A warning at its place in the configuration, where it has one.
pub(crate) fn warning_at(origin: Option<&config::Origin>, message: String) -> String {
    match origin {
        Some(origin) => config::Diagnostic::warning(origin.clone(), message).to_string(),
        None => format!("warning: {message}"),
    }
}
