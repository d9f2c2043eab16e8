//! Calls that a second backend gets as well.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::json;
use thriftgate_protocols::framing::Transport;
use thriftgate_protocols::message::split_name;
use thriftgate_protocols::wire::{MessageKind, Protocol};
use thriftgate_tests::backend::{Backend, Call, Dialect, Step, write_i32};
use thriftgate_tests::{Folder, Gateway, eventually};

const IDL: &str =
    "service Numbers { i32 echo(1: i32 value), oneway void note(1: i32 value), i32 other(1: i32 value) }";

fn echo(call: &Call) -> Vec<Step> {
    if call.kind == MessageKind::Oneway {
        return Vec::new();
    }
    let value = i32::try_from(call.integer()).expect("an i32");
    vec![Step::Send(call.reply(|writer| write_i32(writer, 0, value)))]
}

/// A gateway whose route mirrors this share to a backend with these settings.
fn gateway(main: &Backend, shadow: &Backend, settings: &str, share: f64) -> (Gateway, Folder) {
    let folder = Folder::new();
    let idl = folder.write("numbers.thrift", IDL);
    let yaml = format!(
        "
idl: {}
backends: {{main: \"{}\", shadow: {{address: \"{}\", {settings}}}}}
routes: [{{path: /, backend: main, mirror: {{backend: shadow, share: {share}}}}}]
",
        idl.display(),
        main.address(),
        shadow.address()
    );
    (Gateway::start(&yaml), folder)
}

/// How many mirrored calls ended so.
fn counted(gateway: &Gateway, outcome: &str) -> usize {
    let label = format!("thriftgate_mirrored_calls_total{{backend=\"shadow\",outcome=\"{outcome}\"}} ");
    let metrics = gateway.metrics();
    let line = metrics.lines().find_map(|line| line.strip_prefix(&label));
    line.map_or(0, |count| count.parse().expect("a count"))
}

/// In the protocol of the mirror, with the same arguments, whichever door the call came by.
#[test]
fn the_mirror_gets_its_share_of_the_same_calls() {
    const CALLS: i32 = 200;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let main = Backend::start(echo);
    let dialect =
        Dialect { protocol: Protocol::Compact, transport: Transport::Unframed, ..Dialect::default() };
    let shadow = Backend::speaking(dialect, {
        let seen = seen.clone();
        move |call| {
            let (service, method) = split_name(&call.name);
            assert_eq!(service, Some("Numbers"));
            seen.lock().expect("no panic").push((method.to_owned(), call.integer()));
            echo(call)
        }
    });
    let settings = "protocol: compact, transport: buffered, multiplexed: true";
    let (gateway, _folder) = gateway(&main, &shadow, settings, 0.25);
    for value in 0..CALLS {
        match value % 3 {
            0 => assert_eq!(gateway.call("echo", json!({"value": value})).success(), value),
            1 => assert_eq!(gateway.call("note", json!({"value": value})).status, 202),
            _ => {
                let body = json!({"value": value}).to_string();
                assert_eq!(gateway.post("/Numbers/echo", &body).success(), value);
            }
        }
    }
    eventually("every call of the share is answered", || {
        counted(&gateway, "answered") == seen.lock().expect("no panic").len()
            && main.calls() == CALLS as usize
    });
    let seen = seen.lock().expect("no panic");
    assert!((35..=65).contains(&seen.len()), "{} of {CALLS}", seen.len());
    for (method, value) in &*seen {
        assert_eq!(method, if value % 3 == 1 { "note" } else { "echo" });
    }
    assert_eq!(counted(&gateway, "failed") + counted(&gateway, "dropped"), 0);
}

/// A mirror that says nothing costs its callers no time, and is sent no more than it may have.
#[test]
fn a_stalled_mirror_delays_nobody() {
    let main = Backend::start(echo);
    let shadow = Backend::start(|_| vec![Step::Stall]);
    let (gateway, _folder) = gateway(&main, &shadow, "max_calls: 3, deadline: 60s", 1.0);
    let began = Instant::now();
    for value in 0..30 {
        assert_eq!(gateway.call("echo", json!({"value": value})).success(), value);
    }
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    eventually("what is over the mirror's limit is dropped", || counted(&gateway, "dropped") == 27);
    assert!(shadow.calls() <= 3);
}

/// Whatever the mirror answers, the callers hear of their own backend alone.
#[test]
fn a_failing_mirror_fails_nobody() {
    let main = Backend::start(echo);
    let number = AtomicUsize::new(0);
    let shadow = Backend::start(move |call| match number.fetch_add(1, Ordering::Relaxed) % 4 {
        0 => vec![Step::Close],
        1 => vec![Step::Send(call.exception(6, "no"))],
        2 => vec![Step::Send(b"\0\0\0\x04junk".to_vec())],
        _ => {
            let header = thriftgate_protocols::wire::MessageHeader { sequence_id: -1, ..call.header() };
            vec![Step::Send(call.message(&header, |_| {}))]
        }
    });
    let (gateway, _folder) = gateway(
        &main,
        &shadow,
        "max_connections: 1, ejection: {consecutive_failures: 1000, min_calls: 1000}",
        1.0,
    );
    for value in 0..40 {
        assert_eq!(gateway.call("echo", json!({"value": value})).success(), value);
    }
    eventually("every mirrored call is counted", || {
        counted(&gateway, "failed") + counted(&gateway, "exception") == 40
    });
    assert!(counted(&gateway, "exception") >= 5, "{}", gateway.metrics());
    assert!(counted(&gateway, "failed") >= 20 && counted(&gateway, "answered") == 0);
    shadow.stop();
    for value in 0..10 {
        assert_eq!(gateway.call("echo", json!({"value": value})).success(), value);
    }
    eventually("calls that cannot be sent are failures of the mirror", || {
        counted(&gateway, "failed") + counted(&gateway, "exception") == 50
    });
}
