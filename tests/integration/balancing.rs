//! Which of several endpoints a call goes to.

use std::thread;
use std::time::Duration;

use serde_json::json;
use thriftgate_protocols::wire::Protocol;
use thriftgate_tests::Gateway;
use thriftgate_tests::backend::{Backend, Call, Step};

/// A configuration with these endpoints, settings of the backend, and two routes: `/again` for idempotent
/// calls, `/` for others.
pub(crate) fn configuration(endpoints: &str, settings: &str) -> String {
    format!(
        "
idl: everything.thrift
backends:
  backend: {{endpoints: [{endpoints}], {settings}}}
routes:
  - {{path: /again, backend: backend, idempotent: true}}
  - {{path: /, backend: backend}}
"
    )
}

/// A gateway before these backends.
#[track_caller]
pub(crate) fn before(backends: &[&Backend], settings: &str) -> Gateway {
    let endpoints: Vec<String> =
        backends.iter().map(|backend| format!("\"{}\"", backend.address())).collect();
    Gateway::start(&configuration(&endpoints.join(", "), settings))
}

/// The body of a call of `echoI32`.
pub(crate) fn echo(value: i32) -> String {
    json!({"method": "echoI32", "arguments": {"value": value}}).to_string()
}

/// A backend that takes this long for each call.
fn slow(milliseconds: u64) -> Backend {
    Backend::start(move |call| vec![Step::Wait(Duration::from_millis(milliseconds)), Step::Send(call.echo())])
}

/// Calls from so many threads, so many times each; every call succeeds.
fn load(gateway: &Gateway, threads: i32, times: i32) {
    thread::scope(|scope| {
        for thread in 0..threads {
            scope.spawn(move || {
                for time in 0..times {
                    let value = thread * 1000 + time;
                    assert_eq!(gateway.post("/", &echo(value)).success(), value);
                }
            });
        }
    });
}

#[test]
fn equal_endpoints_share_the_calls() {
    let backends = [slow(2), slow(2), slow(2)];
    let gateway = before(&backends.each_ref(), "");
    load(&gateway, 6, 50);
    let calls = backends.each_ref().map(Backend::calls);
    assert_eq!(calls.iter().sum::<usize>(), 300);
    assert!(calls.iter().all(|&calls| calls > 40), "{calls:?}");
    assert_eq!(gateway.endpoints().len(), 3);
}

#[test]
fn weights_are_kept() {
    let backends = [slow(10), slow(10)];
    let [light, heavy] = backends.each_ref().map(Backend::address);
    let endpoints = format!("\"{light}\", {{address: \"{heavy}\", weight: 4}}");
    let gateway = Gateway::start(&configuration(&endpoints, ""));
    load(&gateway, 1, 200);
    let share = backends[1].calls() as f64 / 200.0;
    assert!((0.6..0.98).contains(&share), "{share} of the calls, and not 0.8");
}

#[test]
fn a_slow_endpoint_is_called_less() {
    let backends = [slow(1), slow(60), slow(1)];
    let gateway = before(&backends.each_ref(), "");
    load(&gateway, 6, 50);
    let calls = backends.each_ref().map(Backend::calls);
    assert!(calls[1] * 3 < calls[0].min(calls[2]), "{calls:?}");
}

#[test]
fn a_stalled_endpoint_keeps_few_calls() {
    let backends = [Backend::start(|_| vec![Step::Stall]), slow(1)];
    let gateway = before(&backends.each_ref(), "deadline: 300ms");
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..50).for_each(|value| drop(gateway.post("/", &echo(value)))));
        }
    });
    assert!(backends[0].calls() < 40, "{} calls of 200", backends[0].calls());
}

#[test]
fn a_fast_exception_attracts_no_calls() {
    let failing = Backend::start(|call: &Call| vec![Step::Send(call.exception(6, "at once"))]);
    let working = slow(10);
    let gateway = before(&[&failing, &working], "");
    (0..120).for_each(|value| drop(gateway.post("/", &echo(value))));
    // It is not ejected, since the handler threw; but the faster one by far has no more than about its share.
    assert_eq!(failing.calls() + working.calls(), 120);
    assert!(working.calls() > 30, "{} of 120", working.calls());
    assert!(gateway.endpoints().iter().all(|endpoint| endpoint.ejections == 0));
}

#[test]
fn endpoints_over_http() {
    let backends =
        [0, 1, 2].map(|_| Backend::over_http(Protocol::Binary, |call| vec![Step::Send(call.echo())]));
    let endpoints: Vec<String> =
        backends.iter().map(|backend| format!("\"http://{}/\"", backend.address())).collect();
    let gateway = Gateway::start(&configuration(&endpoints.join(", "), ""));
    load(&gateway, 4, 30);
    let calls = backends.each_ref().map(Backend::calls);
    assert_eq!(calls.iter().sum::<usize>(), 120);
    assert!(calls.iter().all(|&calls| calls > 0), "{calls:?}");
}

#[test]
fn metrics_tell_of_each_endpoint() {
    let backends = [slow(1), slow(1)];
    let gateway = before(&backends.each_ref(), "");
    load(&gateway, 1, 4);
    let metrics = gateway.metrics();
    for backend in &backends {
        let labels = format!("{{backend=\"backend\",endpoint=\"{}\"}}", backend.address());
        assert!(metrics.contains(&format!("thriftgate_endpoint_healthy{labels} 1\n")), "{metrics}");
        assert!(metrics.contains(&format!("thriftgate_endpoint_ejections_total{labels} 0\n")), "{metrics}");
    }
    assert!(metrics.contains("thriftgate_backend_retries_total{backend=\"backend\"} 0\n"), "{metrics}");
}
