//! `thriftgate routes`: what each URL leads to.

use std::fmt::Write;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use thriftgate_protocols::style;

use super::source::Source;
use super::{Error, print};
use crate::router::{Destination, Method, Route};
use crate::snapshot::Snapshot;
use crate::telemetry::Metrics;

/// Arguments of `routes`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    source: Source,
    /// How they are printed
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
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
    match arguments.format {
        Format::Text => print(&table(&snapshot)),
        Format::Json => {
            let rows: Vec<Value> = methods(&snapshot).map(|(route, method)| object(route, method)).collect();
            print(&serde_json::to_string_pretty(&rows)?)
        }
    }
}

fn methods(snapshot: &Snapshot) -> impl Iterator<Item = (&Route, &Method)> {
    let routes = snapshot.router.routes().iter();
    routes.flat_map(|route| route.methods.iter().map(move |method| (route, method)))
}

fn url(route: &Route, method: &Method) -> String {
    let prefix = if route.settings.path == "/" { "" } else { &route.settings.path };
    format!("{prefix}/{}/{}", route.services[method.service].name, method.name)
}

/// A line for each method of each route: URL, method, backends with how they are spoken to, and what else holds.
fn table(snapshot: &Snapshot) -> String {
    let rows: Vec<[String; 4]> = methods(snapshot)
        .map(|(route, method)| {
            let service = &route.services[method.service].name;
            [
                format!("POST {}", url(route, method)),
                format!("{service}.{}{}", method.name, if method.oneway { " (oneway)" } else { "" }),
                destinations(method),
                remarks(route, method),
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
fn remarks(route: &Route, method: &Method) -> String {
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

/// What of the style is not the default.
pub(super) fn style(method: &Method) -> Vec<(&'static str, &'static str)> {
    let style = method.style;
    let mut all = Vec::new();
    if style.i64 == style::I64Style::String {
        all.push(("i64", "string"));
    }
    if style.enums == style::EnumStyle::Number {
        all.push(("enums", "number"));
    }
    if style.unknown_fields == style::UnknownFields::Ignore {
        all.push(("unknown_fields", "ignore"));
    }
    if style.missing_arguments == style::MissingArguments::Refuse {
        all.push(("missing_arguments", "refuse"));
    }
    all
}

fn object(route: &Route, method: &Method) -> Value {
    let seconds = |value: std::time::Duration| value.as_secs_f64();
    let backend = |to: &Destination| {
        json!({
            "backend": to.backend.name,
            "weight": to.weight,
            "speaks": to.backend.description(),
            "deadline": seconds(to.deadline.value),
        })
    };
    let style: serde_json::Map<String, Value> =
        style(method).into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    let backends = method.destinations.all().iter().filter(|_| method.sandbox.is_none());
    json!({
        "url": url(route, method),
        "path": route.settings.path,
        "hosts": route.settings.hosts.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "headers": route.settings.headers.iter().cloned().collect::<std::collections::BTreeMap<_, _>>(),
        "service": route.services[method.service].name,
        "method": method.name,
        "oneway": method.oneway,
        "sandbox": method.sandbox.is_some(),
        "backends": backends.map(backend).collect::<Vec<_>>(),
        "mirror": method.mirror.as_ref().map(|mirror| {
            json!({"backend": mirror.to.backend.name, "share": mirror.share})
        }),
        "body": method.body.value,
        "idempotent": method.idempotent.value,
        "attempt_timeout": method.attempt_timeout.value.map(seconds),
        "retries": method.retries.value,
        "style": style,
    })
}
