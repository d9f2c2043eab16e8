//! `thriftgate routes`: what each URL leads to.

use std::fmt::Write;

use clap::{Args, ValueEnum};

use super::source::{Source, find_group};
use super::{Error, print};
use crate::policy::Group;
use crate::router::{Destination, Method, Route};
use crate::snapshot::Snapshot;
use crate::snapshot::listing::{groups_of, listing, methods, style, url};
use crate::telemetry::Metrics;

/// Arguments of `routes`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    source: Source,
    /// How they are printed
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// As they are for the callers of this group
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A line a method
    Text,
    /// An array of objects
    Json,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Error> {
    let settings = arguments.source.settings()?;
    let snapshot = Snapshot::build(&settings, &Metrics::default(), 1)?;
    let group = arguments.group.as_deref().map(|name| find_group(&snapshot, name)).transpose()?;
    match arguments.format {
        Format::Text => print(&table(&snapshot, group)),
        Format::Json => print(&serde_json::to_string_pretty(&listing(&snapshot, group))?),
    }
}

/// A line for each method of each route: URL, method, backends with how they are spoken to, and what else holds.
fn table(snapshot: &Snapshot, group: Option<&Group>) -> String {
    let router = group.map_or(&snapshot.router, |group| &group.router);
    let rows: Vec<[String; 4]> = methods(router)
        .map(|(route, method)| {
            let service = &route.services[method.service].name;
            [
                format!("POST {}", url(route, method)),
                format!("{service}.{}{}", method.name, if method.oneway { " (oneway)" } else { "" }),
                destinations(method),
                remarks(snapshot, group, (route, method)),
            ]
        })
        .collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (first, second, third) = (width(0), width(1), width(2));
    let mut text = String::new();
    for [url, method, backend, remarks] in &rows {
        writeln!(text, "{url:first$}  {method:second$}  {backend:third$}  {remarks}")
            .expect("writing to a string cannot fail");
    }
    text
}

/// `sandbox`, or `users 95 % (framed binary), users-canary 5 % (framed compact)`; without a share where there is one alone.
pub(super) fn destinations(method: &Method) -> String {
    if method.sandbox.is_some() {
        return "sandbox".to_owned();
    }
    let [only] = method.destinations.all() else {
        let total = f64::from(method.destinations.total());
        let share = |to: &Destination| {
            let share = f64::from(to.weight) * 100.0 / total;
            format!("{} {share:.4} % ({})", to.backend.name, to.backend.description())
                .replace(".0000 %", " %")
        };
        return method.destinations.all().iter().map(share).collect::<Vec<_>>().join(", ");
    };
    format!("{} ({})", only.backend.name, only.backend.description())
}

/// What is to be known beside the backend: host and headers, mirror, deadline, marks, style.
fn remarks(snapshot: &Snapshot, group: Option<&Group>, (route, method): (&Route, &Method)) -> String {
    let mut remarks = Vec::new();
    let hosts: Vec<String> = route.settings.hosts.iter().map(ToString::to_string).collect();
    if !hosts.is_empty() {
        remarks.push(format!("host={}", hosts.join("|")));
    }
    remarks.extend(route.settings.headers.iter().map(|(name, value)| format!("{name}={value}")));
    if let Some(mirror) = &method.mirror {
        remarks.push(format!("mirror={} {} %", mirror.to.backend.name, mirror.share * 100.0));
    }
    let deadlines: Vec<String> = deadlines(method).into_iter().map(|(_, text)| text).collect();
    remarks.push(format!("deadline={}", deadlines.join("|")));
    remarks.push(format!("body={}", method.body.value));
    if method.idempotent.value {
        remarks.push("idempotent".to_owned());
    }
    let duration = |value| humantime::format_duration(value).to_string();
    remarks.extend(method.attempt_timeout.value.map(|value| format!("attempt_timeout={}", duration(value))));
    remarks.extend(method.retries.value.map(|value| format!("retries={value}")));
    remarks.extend(style(method).into_iter().map(|(name, value)| format!("{name}={value}")));
    if group.is_none() && !snapshot.policy.is_open() {
        remarks.push(format!("groups={}", groups_of(snapshot, route, method).join("|")));
    }
    remarks.join(" ")
}

/// The deadlines of the backends, once where they agree, each with the name of its backend.
fn deadlines(method: &Method) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for to in method.destinations.all() {
        let text = humantime::format_duration(to.deadline.value).to_string();
        if all.iter().all(|(_, known)| *known != text) {
            all.push((to.backend.name.to_string(), text));
        }
    }
    all
}
