//! `thriftgate routes`: what each URL leads to.

use std::fmt::Write;

use clap::Args;

use super::source::Source;
use super::{Error, print};
use crate::snapshot::Snapshot;
use crate::telemetry::Metrics;

/// Arguments of `routes`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    source: Source,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Error> {
    let settings = arguments.source.settings()?;
    let snapshot = Snapshot::build(&settings, &Metrics::default(), 1)?;
    print(&table(&snapshot))
}

/// A line for each method of each route: URL, method, and the backend with how it is spoken to.
fn table(snapshot: &Snapshot) -> String {
    let mut rows = Vec::new();
    for route in &snapshot.router.routes {
        let prefix = if &*route.path == "/" { "" } else { &route.path };
        for method in &route.methods {
            let service = &route.services[method.service].name;
            let backend = method.backend.settings();
            rows.push([
                format!("POST {prefix}/{service}/{}", method.name),
                format!("{service}.{}{}", method.name, if method.oneway { " (oneway)" } else { "" }),
                format!("{} ({})", backend.name, method.backend.description()),
            ]);
        }
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (first, second) = (width(0), width(1));
    let mut text = String::new();
    for [url, method, backend] in &rows {
        writeln!(text, "{url:first$}  {method:second$}  {backend}").expect("writing to a string cannot fail");
    }
    text
}
