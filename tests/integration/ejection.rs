//! Endpoints that fail calls are left alone for a while. FAULTS 63.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;
use thriftgate::backend::EndpointHealth;
use thriftgate_protocols::wire::MessageKind;
use thriftgate_tests::backend::{Backend, Call, Step, header};
use thriftgate_tests::client::{Connection, post};
use thriftgate_tests::{Gateway, eventually};

use crate::balancing::{before, echo};

/// Ejected for a short time, so that the way back can be waited for.
const SHORT: &str = "ejection: {time: 50ms}";
/// Ejected for longer than any test.
const LONG: &str = "ejection: {time: 1h, max_time: 1h}";

/// Whether the endpoint is called, as the gateway tells it.
fn health(gateway: &Gateway, backend: &Backend) -> EndpointHealth {
    let address = backend.address().to_string();
    let found = gateway.endpoints().into_iter().find(|endpoint| endpoint.address.to_string() == address);
    found.expect("an endpoint of the gateway").health
}

/// Calls until the endpoint is ejected, and tells how many calls it had by then.
#[track_caller]
fn until_ejected(gateway: &Gateway, bad: &Backend) -> usize {
    eventually("the endpoint is ejected", || {
        gateway.post("/", &echo(1));
        health(gateway, bad) == EndpointHealth::Ejected
    });
    bad.calls()
}

#[test]
fn five_failures_in_a_row() {
    // Nobody answers; the connection is reset; the reply is to another call, or no message at all.
    type Script = fn(&Call) -> Vec<Step>;
    let closing: Script = |_| vec![Step::Close];
    let resetting: Script = |_| vec![Step::Reset];
    let stalling: Script = |_| vec![Step::Stall];
    let mixed_up: Script =
        |call| vec![Step::Send(call.message(&header(&call.name, MessageKind::Reply, 77), |_| {}))];
    let garbage: Script = |_| vec![Step::Send(vec![0xff; 64])];
    for (number, script) in [closing, resetting, stalling, mixed_up, garbage].into_iter().enumerate() {
        // Not much faster than the deadline, so that the one which lets it pass is called as well.
        let good =
            Backend::start(|call| vec![Step::Wait(Duration::from_millis(50)), Step::Send(call.echo())]);
        let bad = Backend::start(script);
        let gateway = before(&[&bad, &good], &format!("deadline: 150ms, {LONG}"));
        assert_eq!(until_ejected(&gateway, &bad), 5, "{number}");
        (0..10).for_each(|value| drop(gateway.post("/", &echo(value))));
        assert_eq!(bad.calls(), 5, "{number}");
        assert_eq!(health(&gateway, &good), EndpointHealth::Healthy);
    }
}

#[test]
fn what_is_no_failure_of_the_endpoint() {
    let throwing = Backend::start(|call: &Call| vec![Step::Send(call.exception(6, "no"))]);
    let good = Backend::echoing();
    let gateway = before(&[&throwing, &good], LONG);
    eventually("it was called often", || {
        gateway.post("/", &echo(1));
        throwing.calls() >= 15
    });
    assert_eq!(health(&gateway, &throwing), EndpointHealth::Healthy);

    // Callers who give it less time than the method has.
    let (stalling, other) = (Backend::start(|_| vec![Step::Stall]), Backend::start(|_| vec![Step::Stall]));
    let gateway = before(&[&stalling, &other], LONG);
    let hurried = [("Content-Type", "application/json"), ("X-Request-Timeout", "0.02")];
    eventually("it was called often", || {
        gateway.post_with("/", &hurried, echo(1).as_bytes());
        stalling.calls() >= 8
    });
    assert_eq!(health(&gateway, &stalling), EndpointHealth::Healthy);

    // Callers who leave.
    let before_leaving = stalling.calls();
    eventually("it was called often", || {
        let calls = stalling.calls() + other.calls();
        let mut leaving = Connection::open(gateway.address());
        leaving.send(&post("/", &hurried[..1], echo(1).as_bytes()));
        eventually("the call is under way", || stalling.calls() + other.calls() > calls);
        stalling.calls() >= before_leaving + 8
    });
    assert_eq!(health(&gateway, &stalling), EndpointHealth::Healthy);
}

#[test]
fn a_share_of_failures() {
    let bad = Backend::start(|call: &Call| match call.number % 3 {
        0 => vec![Step::Send(call.echo())],
        _ => vec![Step::Close],
    });
    let good = Backend::echoing();
    let settings = "ejection: {consecutive_failures: 100, min_calls: 12, time: 1h, max_time: 1h}";
    let gateway = before(&[&bad, &good], settings);
    let calls = until_ejected(&gateway, &bad);
    assert!((12..20).contains(&calls), "{calls}");
}

#[test]
fn it_comes_back_by_a_probe_and_a_trial() {
    let well = Arc::new(AtomicBool::new(false));
    let answers = well.clone();
    let bad = Backend::start(move |call| match answers.load(Ordering::SeqCst) {
        true => vec![Step::Send(call.echo())],
        false => vec![Step::Close],
    });
    let good = Backend::echoing();
    let gateway = before(&[&bad, &good], SHORT);
    assert_eq!(until_ejected(&gateway, &bad), 5);
    // It listens, so that it is put on trial, and fails that: one call each time, and not five.
    eventually("it was on trial", || {
        gateway.post("/", &echo(1));
        bad.calls() == 6
    });
    eventually("it is ejected again", || health(&gateway, &bad) == EndpointHealth::Ejected);
    well.store(true, Ordering::SeqCst);
    eventually("it is back", || {
        assert_eq!(gateway.post("/again", &echo(7)).success(), 7);
        health(&gateway, &bad) == EndpointHealth::Healthy
    });
    let metrics = gateway.metrics();
    let ejections =
        format!("endpoint_ejections_total{{backend=\"backend\",endpoint=\"{}\"}} ", bad.address());
    let count: usize = metrics
        .split_once(&ejections)
        .and_then(|(_, rest)| rest.lines().next()?.parse().ok())
        .expect("the ejections of the endpoint");
    assert!(count >= 2, "{count}");
}

#[test]
fn an_endpoint_that_is_down_is_probed_without_calls() {
    let backends = [Backend::echoing(), Backend::echoing()];
    let gateway = before(&backends.each_ref(), SHORT);
    backends[0].stop();
    // Nothing was sent, so that every call goes on to the other endpoint.
    eventually("the endpoint is ejected", || {
        assert_eq!(gateway.post("/", &echo(3)).success(), 3);
        health(&gateway, &backends[0]) == EndpointHealth::Ejected
    });
    let before = backends[0].calls();
    backends[0].listen();
    eventually("it is back", || {
        assert_eq!(gateway.post("/", &echo(4)).success(), 4);
        health(&gateway, &backends[0]) == EndpointHealth::Healthy
    });
    assert!(backends[0].calls() > before);
}

#[test]
fn the_last_one_stays_and_all_are_tried() {
    let well = Arc::new(AtomicBool::new(false));
    let script = |well: Arc<AtomicBool>| {
        Backend::start(move |call| match well.load(Ordering::SeqCst) {
            true => vec![Step::Send(call.echo())],
            false => vec![Step::Close],
        })
    };
    let backends = [0, 1, 2].map(|_| script(well.clone()));
    let gateway = before(&backends.each_ref(), LONG);
    eventually("two are ejected", || {
        gateway.post("/", &echo(1));
        gateway.endpoints().iter().filter(|endpoint| endpoint.health == EndpointHealth::Ejected).count() == 2
    });
    eventually("all are called again", || {
        gateway.post("/", &echo(1));
        backends.iter().all(|backend| backend.calls() > 10)
    });
    well.store(true, Ordering::SeqCst);
    for value in 0..10 {
        assert_eq!(gateway.post("/", &echo(value)).success(), json!(value));
    }
    eventually("a call brings an endpoint back at once", || {
        gateway.post("/", &echo(1));
        gateway.endpoints().iter().all(|endpoint| endpoint.health == EndpointHealth::Healthy)
    });
}

#[test]
fn the_only_one_is_never_ejected() {
    let bad = Backend::start(|_| vec![Step::Close]);
    let gateway = before(&[&bad], LONG);
    for calls in 1..20 {
        assert_eq!(gateway.post("/", &echo(1)).status, 502);
        assert_eq!(bad.calls(), calls);
    }
    assert_eq!(health(&gateway, &bad), EndpointHealth::Healthy);
}
