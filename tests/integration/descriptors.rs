//! A process that has used up its file descriptors.

use std::time::{Duration, Instant};

use thriftgate_tests::backend::Backend;
use thriftgate_tests::client::{Connection, post};
use thriftgate_tests::eventually;

use crate::process::Process;

const HEADERS: &[(&str, &str)] = &[("Content-Type", "application/json")];

/// The time that a process has spent on a processor, in hundredths of a second.
fn processor_time(id: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).expect("a live process");
    let (_, fields) = stat.rsplit_once(')').expect("a name");
    let fields: Vec<u64> = fields.split_whitespace().map(|field| field.parse().unwrap_or(0)).collect();
    fields[11] + fields[12]
}

// Case 72.
#[test]
fn accepting_waits_for_descriptors_and_goes_on() {
    let backend = Backend::echoing();
    let yaml = format!(
        "idl: IDL/everything.thrift\nruntime: {{threads: 1}}\ndrain: {{delay: 0s}}\nlimits: {{header_timeout: 60s}}\nbackends: {{b: \"{}\"}}\n",
        backend.address()
    );
    let process = Process::serve_with_descriptors(&yaml, "60");
    let call = post("/", HEADERS, br#"{"method":"echoI32","arguments":{"value":1}}"#);
    let descriptors = || std::fs::read_dir(format!("/proc/{}/fd", process.id())).map_or(0, Iterator::count);
    // The pool has its connections before the clients take what is left.
    for _ in 0..4 {
        assert_eq!(process.post("/", r#"{"method":"echoI32","arguments":{"value":1}}"#).success(), 1);
    }
    let mut many: Vec<Connection> = (0..100).map(|_| Connection::open(process.address())).collect();
    eventually("no descriptor is left", || descriptors() >= 60);
    let (before, began) = (processor_time(process.id()), Instant::now());
    std::thread::sleep(Duration::from_millis(1500));
    let spent = Duration::from_millis(10 * (processor_time(process.id()) - before));
    assert!(spent < began.elapsed() / 5, "{spent:?} on the processor while nothing can be accepted");
    // One that was accepted is served, and those that were not are once there are descriptors.
    many[0].send(&call);
    assert_eq!(many[0].reply().success(), 1);
    let mut waiting = many.split_off(95);
    drop(many);
    for connection in &mut waiting {
        connection.send(&call);
        assert_eq!(connection.reply().success(), 1);
    }
    process.signal("TERM");
    drop(waiting);
    assert_eq!(process.end().0, Some(0));
}

/// The soft limit is a default for other programs: the gateway takes what the hard one lets it have.
#[test]
fn the_soft_limit_is_raised() {
    let backend = Backend::echoing();
    let yaml = format!(
        "idl: IDL/everything.thrift\nruntime: {{threads: 1}}\ndrain: {{delay: 0s}}\nbackends: {{b: \"{}\"}}\n",
        backend.address()
    );
    let process = Process::serve_with_descriptors(&yaml, "-S 60");
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", process.id())).expect("a live process");
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).expect("its line");
    let fields: Vec<&str> = line.split_whitespace().collect();
    assert_ne!(fields[1], "60", "the hard limit of the tests is higher");
    assert_eq!(fields[0], fields[1]);
    process.signal("TERM");
    assert_eq!(process.end().0, Some(0));
}
