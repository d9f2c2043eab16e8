//! How the gateway ends: nobody who was let in goes without an answer.

use std::time::{Duration, Instant};

use serde_json::json;
use thriftgate_tests::backend::{Backend, Step};
use thriftgate_tests::client::{Connection, get, post};
use thriftgate_tests::{PATIENCE, eventually};

use crate::frames::{GO_AWAY, Http2};
use crate::process::Process;

const JSON: &[(&str, &str)] = &[("Content-Type", "application/json")];
const ANSWER: &str = r#"{"method":"answer"}"#;

fn serve(backend: &Backend, drain: &str) -> Process {
    Process::serve(&format!(
        "idl: IDL/everything.thrift\nruntime: {{threads: 2}}\ndrain: {{{drain}}}\nbackends: {{b: {{address: \"{}\", deadline: 60s}}}}\n",
        backend.address()
    ))
}

fn echo(value: usize) -> Vec<u8> {
    let body = json!({"method": "echoI32", "arguments": {"value": value}}).to_string();
    post("/", JSON, body.as_bytes())
}

fn not_ready(process: &Process) {
    eventually("it is not ready", || get(process.admin(), "/readyz").status == 503);
}

// Case 82, the delay.
#[test]
fn for_the_delay_replies_tell_clients_to_leave() {
    let backend = Backend::echoing();
    let process = serve(&backend, "delay: 60s");
    let mut idle = Connection::open(process.address());
    idle.send(&echo(1));
    let reply = idle.reply();
    assert_eq!((reply.success(), reply.header("connection")), (json!(1), None));
    process.signal("TERM");
    not_ready(&process);
    let mut new = Connection::open(process.address());
    for connection in [&mut idle, &mut new] {
        connection.send(&echo(2));
        let reply = connection.reply();
        assert_eq!((reply.success(), reply.header("connection")), (json!(2), Some("close")));
        assert!(connection.until_closed(PATIENCE).is_empty());
    }
    let mut unused = Connection::open(process.address());
    unused.send(&echo(3));
    assert_eq!(unused.reply().success(), 3);
    // The admin listener answers as before.
    assert_eq!(get(process.admin(), "/healthz").status, 200);
    process.signal("TERM");
    assert_eq!(process.end().0, Some(0));
}

// Case 82 over HTTP/2.
#[test]
fn for_the_delay_http2_is_told_to_go_away() {
    let backend =
        Backend::start(|call| vec![Step::Wait(Duration::from_millis(500)), Step::Send(call.echo())]);
    let process = serve(&backend, "delay: 60s");
    let mut client = Http2::open(process.address(), &[]);
    client.post(1, r#"{"method":"echoI32","arguments":{"value":1}}"#);
    eventually("the call is under way", || backend.calls() == 1);
    process.signal("TERM");
    let mut frames = std::iter::from_fn(|| client.next());
    let told = frames.by_ref().find(|frame| frame.kind == GO_AWAY).expect("it is told");
    assert_eq!(told.payload[4..8], [0; 4], "there is no error");
    let data: Vec<u8> = frames.filter(|frame| frame.kind == 0).flat_map(|frame| frame.payload).collect();
    assert_eq!(String::from_utf8_lossy(&data), r#"{"method":"echoI32","result":{"success":1}}"#);
    // A new connection is served, and told after its first request.
    let mut new = Http2::open(process.address(), &[]);
    new.post(1, r#"{"method":"echoI32","arguments":{"value":2}}"#);
    assert_eq!(new.reply(1).as_deref(), Some(r#"{"method":"echoI32","result":{"success":2}}"#));
    while new.next().is_some() {}
    process.signal("INT");
    assert_eq!(process.end().0, Some(0));
}

// Cases 83 and 84: the second signal ends the delay, the third the grace; what is stuck is answered.
#[test]
fn each_signal_hurries_by_a_step() {
    let backend = Backend::start(|_| vec![Step::Stall]);
    let process = serve(&backend, "delay: 60s, grace: 60s");
    let mut stuck = Connection::open(process.address());
    stuck.send(&post("/", JSON, ANSWER.as_bytes()));
    eventually("the call is under way", || backend.calls() == 1);
    process.signal("TERM");
    not_ready(&process);
    let address = process.address();
    assert!(std::net::TcpStream::connect(address).is_ok());
    process.signal("TERM");
    eventually("nobody listens", || std::net::TcpStream::connect(address).is_err());
    assert_eq!(get(process.admin(), "/readyz").status, 503);
    process.signal("TERM");
    assert_eq!(stuck.reply().failure(), (504, "DEADLINE_EXCEEDED".to_owned(), "maybe".to_owned()));
    assert_eq!(process.end().0, Some(0));
}

// Case 83.
#[test]
fn what_is_stuck_at_the_end_of_the_grace_is_answered() {
    let backend = Backend::start(|_| vec![Step::Stall]);
    let process = serve(&backend, "delay: 0s, grace: 300ms");
    let mut human = Connection::open(process.address());
    human.send(&post("/", JSON, ANSWER.as_bytes()));
    let mut native = Connection::open(process.address());
    let tjson = [("Content-Type", "application/vnd.apache.thrift.json")];
    native.send(&post("/", &tjson, br#"[1,"answer",1,7,{}]"#));
    let mut http2 = Http2::open(process.address(), &[]);
    http2.post(1, ANSWER);
    eventually("three calls are under way", || backend.calls() == 3);
    let whole = echo(1);
    let mut half = Connection::open(process.address());
    half.send(&whole[..whole.len() - 5]);
    let began = Instant::now();
    process.signal("TERM");
    let reply = human.reply();
    assert_eq!(reply.failure(), (504, "DEADLINE_EXCEEDED".to_owned(), "maybe".to_owned()));
    assert_eq!(reply.json()["method"], "answer");
    assert!(human.until_closed(PATIENCE).is_empty());
    let reply = native.reply();
    assert_eq!((reply.status, reply.header("thrift-status")), (200, Some("504")));
    assert!(reply.text().starts_with(r#"[1,"answer",3,7,"#), "{}", reply.text());
    let reply = http2.reply(1).expect("an answer");
    assert!(reply.contains(r#""code":"DEADLINE_EXCEEDED""#), "{reply}");
    assert_eq!(half.reply().failure(), (503, "UNAVAILABLE".to_owned(), "no".to_owned()));
    let (code, log) = process.end();
    assert_eq!((code, log.len()), (Some(0), 4), "{log:#?}");
    let took = began.elapsed();
    assert!(took >= Duration::from_millis(300) && took < Duration::from_millis(1300 + 1500), "{took:?}");
}

// What the system holds for a gateway that is about to end is answered: connections in the queue of the
// listener, requests on connections that it takes for idle, and on those whose version it does not know yet.
#[test]
fn what_has_arrived_is_answered() {
    let backend = Backend::echoing();
    let process = serve(&backend, "delay: 0s, grace: 10s");
    let opened = |count: usize| (0..count).map(|_| Connection::open(process.address())).collect::<Vec<_>>();
    let (mut idle, mut undecided) = (opened(20), opened(20));
    for connection in &mut idle {
        connection.send(&echo(0));
        assert_eq!(connection.reply().success(), 0);
    }
    for connection in &mut undecided {
        connection.send(b"P");
    }
    eventually("all are accepted", || {
        get(process.admin(), "/metrics").text().contains("thriftgate_client_connections 41\n")
    });
    process.signal("STOP");
    let mut queued = opened(20);
    let all = idle.iter_mut().chain(&mut queued).map(|connection| (connection, 0));
    let all = all.chain(undecided.iter_mut().map(|connection| (connection, 1)));
    let mut all: Vec<_> = all.collect();
    for (value, (connection, sent)) in all.iter_mut().enumerate() {
        connection.send(&echo(value)[*sent..]);
    }
    process.signal("TERM");
    process.signal("CONT");
    for (value, (connection, _)) in all.iter_mut().enumerate() {
        assert_eq!(connection.reply().success(), value);
        assert!(connection.until_closed(PATIENCE).is_empty());
    }
    assert_eq!(process.end().0, Some(0));
}

// Idle connections do not hold the end up, and are closed in order.
#[test]
fn idle_connections_end_at_once() {
    let backend = Backend::echoing();
    let process = serve(&backend, "delay: 0s, grace: 60s");
    let mut idle = Connection::open(process.address());
    idle.send(&echo(1));
    assert_eq!(idle.reply().success(), 1);
    let mut http2 = Http2::open(process.address(), &[]);
    http2.post(1, r#"{"method":"echoI32","arguments":{"value":1}}"#);
    assert!(http2.reply(1).is_some());
    let mut silent = Connection::open(process.address());
    process.signal("TERM");
    assert!(idle.until_closed(PATIENCE).is_empty());
    assert_eq!(http2.go_away(), Some(0));
    while http2.next().is_some() {}
    assert!(silent.until_closed(PATIENCE).is_empty());
    assert_eq!(process.end().0, Some(0));
}
