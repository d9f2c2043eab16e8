//! What becomes of a call when its backend misbehaves: each time the status, the code, whether the call may
//! have been executed, what becomes of the connection, what is counted and logged, and that the next call is
//! served well. Over every transport, and for callers of human-readable JSON and native ones alike.

mod connections;
mod cuts;
mod network;
mod replies;
mod retries;
mod times;

use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use thrift::protocol::TMessageType;
use thriftgate_protocols::framing::Transport;
use thriftgate_protocols::wire::Protocol;
use thriftgate_tests::backend::{Backend, Call, Dialect, Step, write_i32};
use thriftgate_tests::client::get;
use thriftgate_tests::{Gateway, eventually};

use crate::native::{Wire, message, read};
use crate::process::Process;

const EVERYTHING: &str = "everything.thrift";
/// One connection serves all calls, so that a leaked one, or a leaked permit, stops the next.
const ONE_CONNECTION: &str = "max_connections: 1";
const DIALECTS: [Dialect; 4] = [
    Dialect { protocol: Protocol::Binary, transport: Transport::Framed, serial: false },
    Dialect { protocol: Protocol::Binary, transport: Transport::Unframed, serial: false },
    Dialect { protocol: Protocol::Compact, transport: Transport::Framed, serial: false },
    Dialect { protocol: Protocol::Compact, transport: Transport::Unframed, serial: false },
];

/// What the backend of a test speaks.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Peer {
    Socket(Dialect),
    Http(Protocol),
}

const PEERS: [Peer; 6] = [
    Peer::Socket(DIALECTS[0]),
    Peer::Socket(DIALECTS[1]),
    Peer::Socket(DIALECTS[2]),
    Peer::Socket(DIALECTS[3]),
    Peer::Http(Protocol::Binary),
    Peer::Http(Protocol::Compact),
];

impl Peer {
    fn backend(self, script: impl Fn(&Call) -> Vec<Step> + Send + Sync + 'static) -> Backend {
        match self {
            Self::Socket(dialect) => Backend::speaking(dialect, script),
            Self::Http(protocol) => Backend::over_http(protocol, script),
        }
    }

    /// A gateway that speaks so to this address. Over HTTP each core has connections of its own: with one
    /// core it is known which is used again.
    fn gateway(self, address: SocketAddr, settings: &str) -> Gateway {
        let (protocol, transport) = self.names();
        let threads = if self.is_http() { 1 } else { 2 };
        Gateway::start(&format!(
            "idl: {EVERYTHING}\nruntime: {{threads: {threads}}}\nbackends: {{backend: {{address: \"{address}\", protocol: {protocol}, transport: {transport}, {settings}}}}}\n"
        ))
    }

    /// Protocol and transport, as a configuration names them.
    fn names(self) -> (&'static str, &'static str) {
        let (protocol, transport) = match self {
            Self::Socket(Dialect { protocol, transport: Transport::Framed, .. }) => (protocol, "framed"),
            Self::Socket(Dialect { protocol, .. }) => (protocol, "buffered"),
            Self::Http(protocol) => (protocol, "http"),
        };
        let protocol = match protocol {
            Protocol::Binary => "binary",
            Protocol::Compact => "compact",
            Protocol::Json => "json",
        };
        (protocol, transport)
    }

    fn is_http(self) -> bool {
        matches!(self, Self::Http(_))
    }
}

/// Who calls.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Door {
    Json,
    Native(Wire),
}

const DOORS: [Door; 2] = [Door::Json, Door::Native(Wire::Binary)];

/// Runs a test of every peer on a thread each.
fn with_each_peer(test: impl Fn(Peer) + Sync) {
    thread::scope(|scope| {
        for peer in PEERS {
            let test = &test;
            scope.spawn(move || test(peer));
        }
    });
}

/// Runs a test of every peer and every door on a thread each.
fn with_each_peer_and_door(test: impl Fn(Peer, Door) + Sync) {
    with_each_peer(|peer| {
        thread::scope(|scope| {
            for door in DOORS {
                let test = &test;
                scope.spawn(move || test(peer, door));
            }
        });
    });
}

/// A call that failed, as its caller sees it.
#[derive(PartialEq, Debug)]
struct Failure {
    status: u16,
    /// The type of the exception.
    kind: i32,
    /// Code, `executed` and `retryable`, which native callers are not told.
    told: Option<(String, String, bool)>,
    /// All that was sent.
    text: String,
}

impl Door {
    /// Calls `echoString` on a connection of its own.
    #[track_caller]
    fn echo(self, gateway: &Gateway, text: &str) -> Result<String, Failure> {
        self.echo_within(None, gateway, text)
    }

    /// Calls `echoString`, and asks that it be done within this time.
    #[track_caller]
    fn echo_within(self, time: Option<Duration>, gateway: &Gateway, text: &str) -> Result<String, Failure> {
        let number = 77;
        let (content_type, body) = match self {
            Self::Json => {
                let call = json!({"method": "echoString", "arguments": {"value": text}});
                ("application/json", call.to_string().into_bytes())
            }
            Self::Native(wire) => {
                let call = message(wire, TMessageType::Call, "echoString", number, Some(text));
                (wire.content_type(), call)
            }
        };
        let seconds = time.map(|time| time.as_secs_f64().to_string());
        let mut headers = vec![("Content-Type", content_type)];
        headers.extend(seconds.as_deref().map(|seconds| ("X-Request-Timeout", seconds)));
        let reply = gateway.post_with("/", &headers, &body);
        let all = String::from_utf8_lossy(&reply.body).into_owned();
        match self {
            Self::Json if reply.status == 200 => Ok(reply.success().as_str().expect("a string").to_owned()),
            Self::Json => {
                let (status, code, executed) = reply.failure();
                let kind = reply.exception("type").as_i64().and_then(|kind| kind.try_into().ok());
                let retryable = reply.exception("retryable").as_bool().expect("it is told");
                assert_eq!(reply.json()["method"], "echoString");
                let told = Some((code, executed, retryable));
                Err(Failure { status, kind: kind.expect("a type"), told, text: all })
            }
            Self::Native(wire) => {
                assert_eq!(reply.status, 200, "{all}");
                let status = reply.header("thrift-status").and_then(|status| status.parse().ok());
                let answer = read(wire, &reply.body);
                assert_eq!(answer.number, number, "{all}");
                if answer.kind == TMessageType::Reply {
                    return Ok(answer.strings[0].1.clone());
                }
                let kind = answer.numbers.iter().find(|(id, _)| *id == 2).expect("a type").1;
                Err(Failure { status: status.expect("the true status"), kind, told: None, text: all })
            }
        }
    }
}

/// Waits until so many calls of each of these outcomes were counted, by whichever doors they came, and no other.
#[track_caller]
fn assert_counted(gateway: &Gateway, outcomes: &[(&str, usize)]) {
    let (mut metrics, mut counts) = (String::new(), Vec::new());
    eventually(&format!("{outcomes:?} are counted"), || {
        metrics = gateway.metrics();
        counts = metrics.lines().filter_map(outcome_and_count).collect();
        outcomes.iter().all(|(outcome, count)| {
            // A word that ends in an underscore stands for any that begins so.
            let is_meant = |known: &str| match outcome.strip_suffix('_') {
                Some(_) => known.starts_with(outcome),
                None => known == *outcome,
            };
            counts.iter().filter(|(known, _)| is_meant(known)).map(|(_, count)| count).sum::<f64>()
                >= *count as f64
        })
    });
    let sum: f64 = counts.iter().map(|(_, count)| count).sum();
    assert_eq!(sum, outcomes.iter().map(|(_, count)| *count as f64).sum::<f64>(), "{metrics}");
}

/// The outcome and the number of a line of counted calls.
fn outcome_and_count(line: &str) -> Option<(String, f64)> {
    let (labels, count) = line.strip_prefix("thriftgate_calls_total{")?.rsplit_once("} ")?;
    let outcome = labels.split_once("outcome=\"")?.1.split_once('"')?.0;
    Some((outcome.to_owned(), count.parse().expect("a number")))
}

/// Case 92: nothing of the backend's whereabouts is told.
#[track_caller]
fn assert_quiet_about(address: SocketAddr, text: &str) {
    let port = address.port().to_string();
    for secret in ["127.0.0.1", "localhost", &port, "os error", ".rs:", "panicked"] {
        assert!(!text.contains(secret), "{text}");
    }
}

// Invariant 7: one line of the access log and one count for each call, with its reason.
#[test]
fn each_failure_is_logged_once() {
    let backend = Backend::start(|call| match call.number {
        0 => vec![Step::Close],
        1 => vec![Step::Send(call.echo()[..9].to_vec()), Step::Reset],
        2 => vec![Step::Stall],
        3 => vec![Step::Send(call.exception(6, "SECRET"))],
        4 => vec![Step::Send(call.reply(|_| {}))],
        5 => vec![Step::Send(call.reply(|writer| write_i32(writer, 0, 7)))],
        _ => vec![Step::Send(call.echo())],
    });
    let expected = [
        (502, "BACKEND_ERROR"),
        (502, "BACKEND_ERROR"),
        (504, "DEADLINE_EXCEEDED"),
        (500, "BACKEND_EXCEPTION"),
        (502, "MISSING_RESULT"),
        (502, "BACKEND_MISMATCH"),
        (200, "success"),
    ];
    let process = Process::serve(&format!(
        "idl: IDL/{EVERYTHING}\nlogging: {{format: json}}\ndrain: {{delay: 0s}}\nbackends: {{backend: \"{}\"}}\n",
        backend.address()
    ));
    let body = json!({"method": "echoString", "arguments": {"value": "x"}}).to_string();
    let headers =
        |id, time| [("Content-Type", "application/json"), ("X-Request-Id", id), ("X-Request-Timeout", time)];
    let ids: Vec<String> = (0..expected.len()).map(|number| format!("call-{number}")).collect();
    for (id, (status, _)) in ids.iter().zip(expected) {
        let time = if status == 504 { "0.2" } else { "10" };
        assert_eq!(process.post_with("/", &headers(id, time), body.as_bytes()).status, status, "{id}");
    }
    let metrics = get(process.admin(), "/metrics").text();
    process.signal("TERM");
    let (code, lines) = process.end();
    assert_eq!(code, Some(0));
    let lines: Vec<Value> =
        lines.iter().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    for (id, (status, outcome)) in ids.iter().zip(expected) {
        let of_call: Vec<&Value> = lines.iter().filter(|line| line["request_id"] == **id).collect();
        assert_eq!(of_call.len(), 1, "{id} {lines:?}");
        assert_eq!((&of_call[0]["status"], &of_call[0]["outcome"]), (&json!(status), &json!(outcome)));
        assert_eq!(of_call[0]["detail"].is_string(), status != 200, "{id} {lines:?}");
        let times = expected.iter().filter(|(_, of)| *of == outcome).count();
        assert!(metrics.contains(&format!("outcome=\"{outcome}\"}} {times}\n")), "{outcome} {metrics}");
    }
    assert_eq!(lines.len(), expected.len());
}
