//! Connections to a backend, and the bounds on calls.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use thriftgate_tests::backend::{Backend, Dialect, Step};
use thriftgate_tests::client::{Connection, Reply, post};
use thriftgate_tests::{Gateway, eventually};

const EVERYTHING: &str = "everything.thrift";
const HEADERS: &[(&str, &str)] = &[("Content-Type", "application/json")];

/// Calls `echoString` with a token of its own from each of so many threads, so many times.
fn storm(gateway: &Gateway, threads: usize, times: usize) {
    thread::scope(|scope| {
        for thread in 0..threads {
            scope.spawn(move || {
                let mut connection = Connection::open(gateway.address());
                for time in 0..times {
                    let token = format!("{thread}/{time}");
                    let body = json!({"method": "echoString", "arguments": {"value": token}}).to_string();
                    connection.send(&post("/", HEADERS, body.as_bytes()));
                    assert_eq!(connection.reply().success(), json!(token));
                }
            });
        }
    });
}

/// A backend whose every call waits until it is let go.
struct Gate {
    backend: Backend,
    open: Arc<AtomicBool>,
}

impl Gate {
    fn new() -> Self {
        let open = Arc::new(AtomicBool::new(false));
        let waited_for = open.clone();
        let backend = Backend::start(move |call| {
            eventually("the gate opens", || waited_for.load(Ordering::SeqCst));
            vec![Step::Send(call.echo())]
        });
        Self { backend, open }
    }

    fn open(&self) {
        self.open.store(true, Ordering::SeqCst);
    }
}

/// Sends a call of `echoI32` and does not wait for its reply.
fn begin(gateway: &Gateway, value: i32) -> Connection {
    let mut connection = Connection::open(gateway.address());
    let body = json!({"method": "echoI32", "arguments": {"value": value}}).to_string();
    connection.send(&post("/", HEADERS, body.as_bytes()));
    connection
}

#[test]
fn a_server_of_one_connection_serves_two_hundred_callers() {
    let dialect = Dialect { serial: true, ..Dialect::default() };
    for settings in ["max_connections: 1", "max_connections: 1, reuse: false"] {
        let backend = Backend::speaking(dialect, |call| vec![Step::Send(call.echo())]);
        let gateway = Gateway::before(EVERYTHING, backend.address(), settings);
        storm(&gateway, 200, 1);
        assert_eq!(backend.calls(), 200);
        let connections = if settings.contains("reuse") { 200 } else { 1 };
        assert_eq!(backend.connections(), connections, "{settings}");
        assert_eq!(gateway.settle().calls, 0);
    }
}

#[test]
fn an_idle_connection_of_one_core_serves_another() {
    let backend = Backend::echoing();
    let gateway = Gateway::before(EVERYTHING, backend.address(), "max_connections: 1");
    // The system spreads connections over the cores by their ports.
    for value in 0..40 {
        assert_eq!(gateway.call("echoI32", json!({"value": value})).success(), value);
    }
    assert_eq!((backend.connections(), backend.calls()), (1, 40));
    let counts = gateway.settle();
    assert_eq!((counts.open, counts.idle), (1, 1));
}

#[test]
fn no_more_connections_than_allowed() {
    let most = Arc::new(AtomicUsize::new(0));
    let now = Arc::new(AtomicUsize::new(0));
    let (at_once, peak) = (now.clone(), most.clone());
    let backend = Backend::start(move |call| {
        peak.fetch_max(at_once.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        thread::sleep(Duration::from_millis(1));
        at_once.fetch_sub(1, Ordering::SeqCst);
        vec![Step::Send(call.echo())]
    });
    let gateway = Gateway::before(EVERYTHING, backend.address(), "max_connections: 3");
    storm(&gateway, 30, 10);
    assert_eq!(most.load(Ordering::SeqCst), 3);
    assert_eq!((backend.connections(), backend.calls()), (3, 300));
    let counts = gateway.settle();
    assert_eq!((counts.open, counts.idle), (3, 3));
}

#[test]
fn connections_that_are_not_reused_are_closed() {
    let backend = Backend::echoing();
    let gateway = Gateway::before(EVERYTHING, backend.address(), "reuse: false");
    storm(&gateway, 4, 10);
    assert_eq!((backend.connections(), backend.calls()), (40, 40));
    assert_eq!(gateway.settle().open, 0);
    eventually("all are closed", || backend.open() == 0);
}

#[test]
fn an_idle_connection_has_its_time() {
    let backend = Backend::echoing();
    let gateway = Gateway::before(EVERYTHING, backend.address(), "idle_timeout: 20ms");
    assert_eq!(gateway.call("echoI32", json!({"value": 1})).success(), 1);
    eventually("it is closed though nobody calls", || backend.open() == 0);
    assert_eq!(gateway.settle().open, 0);
    assert_eq!(gateway.call("echoI32", json!({"value": 2})).success(), 2);
    assert_eq!(backend.connections(), 2);
}

// Cases 71 and 75.
#[test]
fn a_deadline_that_passes_in_the_queue() {
    let gate = Gate::new();
    let gateway = Gateway::before(EVERYTHING, gate.backend.address(), "max_connections: 1, deadline: 10s");
    let mut first = begin(&gateway, 1);
    eventually("the backend is busy", || gate.backend.calls() == 1);
    let waiting: Vec<Reply> = thread::scope(|scope| {
        let call = || {
            let headers = [HEADERS[0], ("X-Request-Timeout", "0.1")];
            gateway.post_with("/", &headers, br#"{"method":"echoI32","arguments":{"value":2}}"#)
        };
        let threads: Vec<_> = (0..20).map(|_| scope.spawn(call)).collect();
        threads.into_iter().map(|thread| thread.join().expect("a reply")).collect()
    });
    for reply in waiting {
        assert_eq!(reply.failure(), (504, "DEADLINE_EXCEEDED".into(), "no".into()));
        assert_eq!(reply.exception("retryable"), true);
    }
    gate.open();
    assert_eq!(first.reply().success(), 1);
    storm(&gateway, 10, 3);
    // What waited in vain was never sent.
    assert_eq!((gate.backend.calls(), gate.backend.connections()), (31, 1));
    assert_eq!(gateway.settle().open, 1);
}

// Case 71.
#[test]
fn callers_that_leave_the_queue_leak_nothing() {
    let gate = Gate::new();
    let gateway = Gateway::before(EVERYTHING, gate.backend.address(), "max_connections: 2");
    let mut served: Vec<Connection> = (0..2).map(|value| begin(&gateway, value)).collect();
    eventually("the backend is busy", || gate.backend.calls() == 2);
    let waiting: Vec<Connection> = (0..50).map(|value| begin(&gateway, value)).collect();
    eventually("all wait", || gateway.counts().calls == 52);
    drop(waiting);
    eventually("none waits any more", || gateway.counts().calls == 2);
    gate.open();
    for (value, connection) in served.iter_mut().enumerate() {
        assert_eq!(connection.reply().success(), value);
    }
    storm(&gateway, 20, 5);
    assert_eq!((gate.backend.calls(), gate.backend.connections()), (102, 2));
    let counts = gateway.settle();
    assert_eq!((counts.open, counts.idle), (2, 2));
}

// Case 68, the bounds themselves.
#[test]
fn more_calls_than_allowed_are_refused_at_once() {
    for (of, limits) in [("max_calls: 3", ""), ("max_connections: 8", "limits: {calls: 3}")] {
        let gate = Gate::new();
        let gateway = Gateway::start(&format!(
            "idl: {EVERYTHING}\nbackends: {{backend: {{address: \"{}\", {of}}}}}\n{limits}\n",
            gate.backend.address()
        ));
        let mut under_way: Vec<Connection> = (0..3).map(|value| begin(&gateway, value)).collect();
        eventually("three are under way", || gate.backend.calls() == 3);
        for _ in 0..5 {
            let began = Instant::now();
            let reply = gateway.call("echoI32", json!({"value": 9}));
            assert_eq!(reply.failure(), (503, "OVERLOADED".into(), "no".into()), "{of}");
            assert_eq!(reply.header("retry-after"), Some("1"));
            assert_eq!(reply.exception("retryable"), true);
            assert!(began.elapsed() < Duration::from_secs(2));
        }
        assert_eq!(gate.backend.calls(), 3);
        gate.open();
        for (value, connection) in under_way.iter_mut().enumerate() {
            assert_eq!(connection.reply().success(), value);
        }
        gateway.settle();
        eventually("the calls are counted out", || {
            gateway.call("echoI32", json!({"value": 4})).status == 200
        });
    }
}

#[test]
fn a_backend_that_is_down() {
    let backend = Backend::echoing();
    let address = backend.address();
    drop(backend);
    eventually("nobody listens", || std::net::TcpStream::connect(address).is_err());
    let gateway = Gateway::before(EVERYTHING, address, "");
    let reply = gateway.call("answer", json!({}));
    assert_eq!(reply.failure(), (503, "UNAVAILABLE".into(), "no".into()));
    assert_eq!((reply.exception("type"), reply.exception("retryable")), (json!(6), json!(true)));
    assert_eq!(reply.header("retry-after"), Some("1"));
    assert!(!reply.text().contains(&address.port().to_string()) && !reply.text().contains("127.0.0.1"));
    let counts = gateway.settle();
    assert_eq!((counts.open, counts.calls), (0, 0));
}

// Case 50, a short one: cancelled callers and killed connections, and each reply is its caller's own.
#[test]
fn every_caller_gets_its_own_reply() {
    let backend = Backend::start(|call| match call.number % 7 {
        3 => vec![Step::Reset],
        5 => vec![Step::Wait(Duration::from_millis(3)), Step::Send(call.echo())],
        _ => vec![Step::Send(call.echo())],
    });
    let gateway = Gateway::before(EVERYTHING, backend.address(), "max_connections: 4");
    let answered = AtomicUsize::new(0);
    thread::scope(|scope| {
        for thread in 0..16 {
            let (gateway, answered) = (&gateway, &answered);
            scope.spawn(move || {
                for time in 0..40 {
                    let token = thread * 1000 + time;
                    let mut connection = begin(gateway, token);
                    if (thread + time) % 5 == 0 {
                        continue;
                    }
                    let reply = connection.reply();
                    if reply.status == 200 {
                        assert_eq!(reply.success(), token);
                        answered.fetch_add(1, Ordering::SeqCst);
                    } else {
                        assert_eq!(reply.failure(), (502, "BACKEND_ERROR".into(), "maybe".into()));
                    }
                }
            });
        }
    });
    assert!(answered.load(Ordering::SeqCst) > 300);
    let counts = gateway.settle();
    assert_eq!(counts.calls, 0);
    eventually("both sides count the same connections", || backend.open() == gateway.counts().open);
    // A call is sent at most once.
    assert!(backend.calls() <= 16 * 40);
}

// Case 68: of the calls under way, those that wait for a connection.
#[test]
fn more_waiting_calls_than_allowed_are_refused_at_once() {
    let gate = Gate::new();
    let gateway = Gateway::before(EVERYTHING, gate.backend.address(), "max_connections: 1, max_waiting: 2");
    let mut under_way = vec![begin(&gateway, 0)];
    eventually("the backend is busy", || gate.backend.calls() == 1);
    under_way.extend((1..3).map(|value| begin(&gateway, value)));
    eventually("two wait", || gateway.counts().waiting == 2);
    let reply = gateway.call("echoI32", json!({"value": 9}));
    assert_eq!(reply.failure(), (503, "OVERLOADED".into(), "no".into()));
    gate.open();
    for (value, connection) in under_way.iter_mut().enumerate() {
        assert_eq!(connection.reply().success(), value);
    }
    assert_eq!(gateway.counts().waiting, 0);
}

// Case 71: callers are served in the order in which they came, those that left passed over.
#[test]
fn who_waits_is_served_in_order() {
    let served: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
    let (seen, open) = (served.clone(), Arc::new(AtomicBool::new(false)));
    let waited_for = open.clone();
    let backend = Backend::start(move |call| {
        eventually("the gate opens", || waited_for.load(Ordering::SeqCst));
        seen.lock().expect("no thread panicked").push(call.message.clone());
        vec![Step::Send(call.echo())]
    });
    let gateway = Gateway::before(EVERYTHING, backend.address(), "max_connections: 1");
    let mut callers = Vec::new();
    for value in 0..12 {
        callers.push(Some(begin(&gateway, value)));
        eventually("it is in its place", || gateway.counts().calls == callers.len());
    }
    for left in [3, 4, 8] {
        callers[left] = None;
    }
    eventually("those that left are out", || gateway.counts().calls == 9);
    open.store(true, Ordering::SeqCst);
    for (value, caller) in callers.iter_mut().enumerate() {
        if let Some(caller) = caller {
            assert_eq!(caller.reply().success(), value);
        }
    }
    let served = served.lock().expect("no thread panicked");
    let values: Vec<u8> = served.iter().map(|message| message[message.len() - 2]).collect();
    assert_eq!(values, [0, 1, 2, 5, 6, 7, 9, 10, 11]);
}

#[test]
fn a_minimum_is_opened_ahead_and_kept() {
    let backend = Backend::echoing();
    let gateway = Gateway::before(EVERYTHING, backend.address(), "min_connections: 3");
    eventually("they are open before anybody calls", || backend.open() == 3);
    let counts = gateway.settle();
    assert_eq!((counts.open, counts.idle), (3, 3));
    for value in 0..20 {
        assert_eq!(gateway.call("echoI32", json!({"value": value})).success(), value);
    }
    assert_eq!(backend.connections(), 3);
    backend.cut(|_| true);
    eventually("others take their place", || backend.connections() == 6 && backend.open() == 3);
    assert_eq!(gateway.call("echoI32", json!({"value": 1})).success(), 1);
    assert_eq!((backend.connections(), backend.calls()), (6, 21));
}

#[test]
fn a_connection_has_its_lifetime() {
    let backend = Backend::echoing();
    let gateway = Gateway::before(EVERYTHING, backend.address(), "connection_lifetime: 1ms");
    for value in 0..5 {
        assert_eq!(gateway.call("echoI32", json!({"value": value})).success(), value);
        thread::sleep(Duration::from_millis(2));
    }
    eventually("all are closed", || backend.open() == 0);
    assert_eq!((backend.connections(), gateway.settle().open), (5, 0));
}
