//! Many reloads under load: no call notices, and nothing is left behind.

use std::fs;

use thriftgate_tests::client::{exchange, get, post};
use thriftgate_tests::eventually;

use super::versions::{idl, while_called};
use super::{Site, UNWATCHED, state};
use crate::process::Process;

/// How many reloads are made where `THRIFTGATE_RELOADS` says nothing.
const RELOADS: usize = 120;
/// How every configuration logs.
const LOG: &str = "logging: {access: false, format: text}\n";
/// As much may a process grow, in KiB, after its first reloads, however many follow.
const GROWTH: usize = 2 * 1024;

/// What a process holds.
#[derive(Debug)]
struct Held {
    memory: usize,
    descriptors: usize,
    threads: usize,
    series: usize,
}

impl Held {
    fn by(process: &Process) -> Self {
        let of = |name: &str| format!("/proc/{}/{name}", process.id());
        let status = fs::read_to_string(of("status")).expect("it is there");
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a field");
            line.split_whitespace().next().and_then(|value| value.parse().ok()).expect("a number")
        };
        Self {
            memory: field("VmRSS:"),
            threads: field("Threads:"),
            descriptors: fs::read_dir(of("fd")).expect("it is there").count(),
            series: get(process.admin(), "/metrics").text().lines().count(),
        }
    }
}

/// A configuration with further backends and routes.
fn configuration(site: &Site, backends: &str, routes: &str, rest: &str) -> String {
    let routes = format!(
        "routes:\n  - {{path: /, services: [Echo], backend: main, style: {{unknown_fields: ignore}}}}\n{routes}"
    );
    site.configuration_with(backends, &format!("{UNWATCHED}{LOG}{routes}{rest}"))
}

/// Files that are wrong in one way each.
fn break_files(site: &Site, round: usize) {
    let (name, text) = match round % 5 {
        0 => ("gateway.yaml", "idl: [".to_owned()),
        1 => ("gateway.yaml", configuration(site, "", "", &format!("unknown{round}: 1\n"))),
        2 => ("echo.thrift", format!("struct Value {{ 1: i32 x{round} ")),
        3 => ("gateway.yaml", configuration(site, "", "", "runtime: {threads: 63}\n")),
        _ => {
            let secure = format!(", secure{round}: {{address: \"127.0.0.1:1\", tls: {{ca: gone.pem}}}}");
            let route = format!("  - {{path: /secure, backend: secure{round}}}\n");
            ("gateway.yaml", configuration(site, &secure, &route, ""))
        }
    };
    site.folder.write(name, &text);
}

/// Good files, with names that never were, and a backend that comes and goes.
fn mend_files(site: &Site, round: usize) {
    let field = if round % 4 < 2 { "old" } else { "new" };
    let more = format!("service More{round} {{ i32 method{round}(1: i32 value) }}\n");
    site.folder.write("echo.thrift", &format!("{}{more}", idl(field)));
    let other = format!(", other{round}: \"{}\"", site.backend.address());
    let route = format!("  - {{path: /more{round}, services: [More{round}], backend: other{round}}}\n");
    site.folder.write("gateway.yaml", &configuration(site, &other, &route, ""));
}

// FAULTS 81.
#[test]
#[expect(clippy::print_stdout, reason = "whoever makes a long run by hand wants the figures")]
fn reloads_under_load() {
    let reloads = std::env::var("THRIFTGATE_RELOADS").ok().and_then(|count| count.parse().ok());
    let reloads: usize = reloads.unwrap_or(RELOADS);
    let site = Site::new(UNWATCHED);
    site.folder.write("echo.thrift", &idl("old"));
    site.folder.write("gateway.yaml", &configuration(&site, "", "", ""));
    let log = site.folder.path().join("log");
    let process = Process::serve_logging(&site.file().display().to_string(), &log);
    let (held, calls) = while_called(process.address(), || {
        let mut held = Vec::new();
        for round in 0..reloads {
            if round % 2 == 0 {
                mend_files(&site, round);
            } else {
                break_files(&site, round);
            }
            let reply = exchange(process.admin(), &post("/reload", &[], b""));
            assert_eq!(reply.status == 200, round % 2 == 0, "{round}: {}", reply.text());
            if round % 2 == 0 {
                let more = format!("{{\"method\":\"method{round}\",\"arguments\":{{\"value\":7}}}}");
                assert_eq!(process.post(&format!("/more{round}"), &more).success(), 7);
            }
            if round % (reloads / 6) == reloads / 6 - 1 {
                held.push(Held::by(&process));
            }
        }
        held
    });
    println!("{reloads} reloads, {calls} calls: {held:#?}");
    assert_eq!(state(process.admin())["version"], 1 + reloads.div_ceil(2));
    assert!(calls > reloads);
    let (first, last) = (&held[1], &held[held.len() - 1]);
    assert!(last.memory < first.memory + GROWTH, "{held:#?}");
    eventually("nothing else has grown", || {
        let now = Held::by(&process);
        now.descriptors <= first.descriptors + 4
            && now.series <= first.series + 60
            && now.threads <= first.threads + 2
    });
}
