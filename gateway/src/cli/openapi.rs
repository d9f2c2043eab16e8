//! `thriftgate openapi`: what the gateway serves as OpenAPI, as a file.

use std::fs;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use thriftgate_config::Documents;

use super::source::Source;
use super::{Error, print};
use crate::documents::Kind;
use crate::snapshot::Snapshot;
use crate::telemetry::Metrics;

/// Arguments of `openapi`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    source: Source,
    /// The path of the only routes to tell of, as in the configuration
    #[arg(long, value_name = "PATH")]
    route: Option<String>,
    /// The group of callers to tell; all that there is unless given
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
    /// How it is written
    #[arg(long, value_name = "FORMAT", default_value = "json")]
    format: Format,
    /// Where to, in place of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Json,
    Yaml,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Error> {
    let text = text(arguments)?;
    let Some(path) = &arguments.output else { return print(&text) };
    fs::write(path, text).map_err(|error| Error(format!("error: {}: {error}", path.display())))
}

/// The document, as the gateway serves it. Documents that are off are written as if they were on.
fn text(arguments: &Arguments) -> Result<String, Error> {
    let mut settings = arguments.source.settings()?;
    settings.documents.get_or_insert_with(Documents::default);
    let snapshot = Snapshot::build(&settings, &Metrics::default(), 1)?;
    let groups = &snapshot.policy.groups;
    let position = |name: &str| groups.iter().position(|group| group.settings.name == name);
    let group = match &arguments.group {
        Some(name) => {
            Some(position(name).ok_or_else(|| Error(format!("error: there is no group `{name}`")))?)
        }
        None => None,
    };
    let kind = match arguments.format {
        Format::Json => Kind::Json,
        Format::Yaml => Kind::Yaml,
    };
    let documents =
        snapshot.documents.as_ref().ok_or_else(|| Error("error: there are no documents".into()))?;
    let subject = documents.subject(group, arguments.route.as_deref(), kind).ok_or_else(|| {
        let known: Vec<&str> = documents.paths(group).collect();
        let path = arguments.route.as_deref().unwrap_or_default();
        Error(format!("error: no documented route has the path `{path}`, but {}", known.join(", ")))
    })?;
    Ok(documents.write(&snapshot, &subject).unwrap_or_default())
}
