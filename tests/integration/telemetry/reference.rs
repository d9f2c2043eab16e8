//! `config/REFERENCE.md` has every metric and every field of a log, and no other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use thriftgate::http::Reason;
use thriftgate::telemetry::Outcome;
use thriftgate_config::{AccessField, AccessFields};
use thriftgate_tests::client::{Connection, post};
use thriftgate_tests::{Gateway, eventually};

use super::samples::{Metric, metrics};
use super::{Site, backend};
use crate::process::Process;

/// The cells of the tables of a section, but for their heads.
fn rows(section: &str) -> Vec<Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/REFERENCE.md");
    let text = fs::read_to_string(path).expect("the reference");
    let level = section.split(' ').next().expect("a heading");
    let start = text.find(&format!("\n{section}\n")).unwrap_or_else(|| panic!("there is no {section}"));
    let body = &text[start + section.len() + 2..];
    let is_end =
        |line: &&str| line.starts_with('#') && line.split(' ').next().expect("a word").len() <= level.len();
    let of_section = body.lines().take_while(|line| !is_end(line));
    of_section
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect())
        .collect()
}

/// The words in code spans of a cell.
fn words(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Type and labels of each metric, by name.
pub(super) type Listed = BTreeMap<String, (String, BTreeSet<String>)>;

/// The metrics of the reference.
pub(super) fn listed() -> Listed {
    let mut listed = Listed::new();
    for row in rows("## Metrics").iter().filter(|row| row.len() == 4) {
        let labels: BTreeSet<String> = words(&row[2]).into_iter().collect();
        let name = words(&row[0]).remove(0);
        assert!(listed.insert(name.clone(), (row[1].clone(), labels)).is_none(), "{name} is listed twice");
    }
    listed
}

/// A gateway of which every metric has something to tell.
fn telling() -> (Gateway, Vec<thriftgate_tests::backend::Backend>) {
    let site = Site::new("");
    let backends = vec![backend(), backend()];
    let yaml = format!(
        "idl: {}\nbackends:\n  main: {{endpoints: [\"{}\", \"{}\"], retries: {{attempts: 0}}}}\n  \
         nowhere: nobody.invalid:9090\ndns: {{servers: [\"127.0.0.1:9\"], timeout: 50ms}}\nroutes:\n  \
         - {{path: /lost, backend: nowhere}}\n  - {{path: /, backend: main, mirror: {{backend: main}}}}\n",
        site.folder.path().join("shop.thrift").display(),
        backends[0].address(),
        backends[1].address(),
    );
    let gateway = Gateway::start(&yaml);
    let arguments = json!({"value": "x"});
    for method in ["get", "get", "get", "get", "refuse", "fail"] {
        gateway.call(method, arguments.clone());
    }
    for path in ["/nothing", "/Shop/nothing", "/lost/get"] {
        gateway.post(path, &arguments.to_string());
    }
    (gateway, backends)
}

#[test]
fn metrics_are_those_of_the_reference() {
    let (gateway, _backends) = telling();
    let listed = listed();
    let mut told = BTreeMap::new();
    eventually("every metric has a sample", || {
        let all = metrics(&gateway.metrics());
        let is_silent = |metric: &Metric| metric.samples.is_empty();
        let silent = all.values().any(is_silent);
        told = all.into_iter().map(|(name, metric)| (name, (metric.kind, metric.labels))).collect();
        !silent && told.len() >= listed.len()
    });
    assert_eq!(told, listed);
}

#[test]
fn outcomes_are_those_of_the_reference() {
    let rows = rows("### Calls");
    let listed = rows.iter().filter(|row| row.len() == 2);
    let outcomes: BTreeSet<String> = listed.clone().flat_map(|row| words(&row[0])).collect();
    let all: BTreeSet<String> = Outcome::all().map(|outcome| outcome.word().to_owned()).collect();
    assert_eq!(outcomes, all);
    let refusals = listed.clone().find(|row| row[1].starts_with("Refused")).expect("the refusals");
    let is_refusal = |reason: &Reason| reason.is_refusal();
    let all: BTreeSet<String> =
        Reason::ALL.into_iter().filter(is_refusal).map(|reason| reason.code().to_owned()).collect();
    assert_eq!(words(&refusals[0]).into_iter().collect::<BTreeSet<_>>(), all);
}

/// The names of the fields in a section, with what the second cell says.
fn fields(section: &str) -> Vec<(String, String)> {
    let named = |row: Vec<String>| {
        words(&row[0]).into_iter().map(move |name| (name, row[1].clone())).collect::<Vec<_>>()
    };
    rows(section).into_iter().flat_map(named).collect()
}

/// A gateway that writes all that it can, and the files of its logs.
fn writing() -> (Site, [PathBuf; 3]) {
    let site = Site::new("");
    let names: Vec<&str> = AccessField::ALL.iter().map(|field| field.name()).collect();
    let path = |name: &str| site.folder.path().join(name);
    let files = [path("access.jsonl"), path("audit.jsonl"), path("log")];
    site.configure(&format!(
        "authentication: {{keys: {{file: keys.yaml}}}}\ngroups: {{partners: {{}}}}\n\
         tracing: {{otlp: \"http://127.0.0.1:9\"}}\n\
         logging: {{format: json, access: {{fields: [{}], file: access.jsonl}}}}\n\
         audit: {{file: audit.jsonl, arguments: [\"*\"]}}\n",
        names.join(", ")
    ));
    (site, files)
}

/// Every member of the objects that the lines of a file are.
fn members(path: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(path).expect("a log");
    let mut members = BTreeSet::new();
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        members.extend(line.as_object().expect("an object").keys().cloned());
    }
    members
}

#[test]
fn fields_are_those_of_the_reference() {
    let (site, [access, audit, log]) = writing();
    let made = crate::process::run(&[
        "keys",
        "new",
        "--file",
        &site.folder.path().join("keys.yaml").display().to_string(),
        "--caller",
        "acme",
        "--group",
        "partners",
    ]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let key = String::from_utf8(made.stdout).expect("a key").trim().to_owned();
    let process = Process::serve_logging(&site.path(), &log);
    let headers = [("Content-Type", "application/json"), ("X-API-Key", &*key), ("User-Agent", "a-test")];
    for method in ["get", "refuse", "fail"] {
        let request = post(&format!("/{method}"), &headers, br#"{"value":"x"}"#);
        Connection::open(process.address()).send(&request);
        let mut connection = Connection::open(process.address());
        connection.send(&request);
        let _reply = connection.reply();
    }
    process.signal("TERM");
    assert_eq!(process.end().0, Some(0));
    let listed = |section| fields(section).into_iter().map(|(name, _)| name).collect::<BTreeSet<_>>();
    assert_eq!(members(&access), listed("## Access log"));
    assert_eq!(members(&audit), listed("## Audit log"));
    assert_eq!(members(&log), listed("## Log of the process"));
}

#[test]
fn fields_by_default_are_those_of_the_reference() {
    let listed = fields("## Access log");
    let all: Vec<&str> = AccessField::ALL.iter().map(|field| field.name()).collect();
    assert_eq!(listed.iter().map(|(name, _)| &**name).collect::<Vec<_>>(), all, "in their order");
    for (field, (name, default)) in AccessField::ALL.iter().zip(&listed) {
        assert_eq!(AccessFields::default().has(*field), default == "yes", "{name}");
    }
}
