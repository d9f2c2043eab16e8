//! `thriftgate check`: everything that is wrong, before it runs.

use clap::Args;
use thriftgate_config::IdlSource;

use super::source::Source;
use super::{Error, complain, print};
use crate::snapshot::{Snapshot, at};
use crate::telemetry::Metrics;
use crate::{idl, tls};

/// Arguments of `check`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    source: Source,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Error> {
    if let Some(paths) = arguments.source.idl_alone() {
        let source =
            |path: &std::path::PathBuf| IdlSource { path: path.clone(), include: Vec::new(), origin: None };
        let idl = idl::load(&paths.iter().map(source).collect::<Vec<_>>())?;
        idl.warnings.iter().for_each(|warning| complain(warning));
        let methods: usize = idl.services().map(|id| idl.schema[id].functions.len()).sum();
        return print(&format!("ok: {} services, {methods} methods", idl.services().count()));
    }
    let settings = arguments.source.settings()?;
    for listener in &settings.listen {
        let made = listener.tls.as_ref().map(tls::server).transpose();
        made.map_err(|error| at(listener.origin.as_ref(), error.to_string(), None))?;
    }
    let snapshot = Snapshot::build(&settings, &Metrics::default(), 1)?;
    snapshot.warnings.iter().for_each(|warning| complain(warning));
    let methods: usize = snapshot.router.routes().iter().map(|route| route.methods.len()).sum();
    let (routes, backends) = (snapshot.router.routes().len(), snapshot.backends.len());
    print(&format!("ok: {routes} routes, {methods} methods, {backends} backends"))
}
