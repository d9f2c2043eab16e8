//! What becomes of a connection to a backend that is left, closed, mixed up, or brings more than it should.

use std::io::Read;
use std::net::TcpListener;
use std::time::Duration;

use serde_json::json;
use thriftgate_protocols::framing::Transport;
use thriftgate_protocols::wire::{MessageKind, WireType};
use thriftgate_tests::backend::{Backend, Call, Dialect, Step, write_i32, write_string};
use thriftgate_tests::{Gateway, PATIENCE, eventually};

use crate::backend_faults::{DIALECTS, EVERYTHING, before};

// Case 52.
#[test]
fn bytes_after_a_reply_close_the_connection() {
    let second: fn(&Call) -> Vec<u8> = Call::echo;
    let junk: fn(&Call) -> Vec<u8> = |_| b"junk".to_vec();
    for dialect in DIALECTS {
        for more in [second, junk] {
            let at_once = move |call: &Call| vec![Step::Send([call.echo(), more(call)].concat())];
            let later = move |call: &Call| {
                vec![Step::Send(call.echo()), Step::Wait(Duration::from_millis(5)), Step::Send(more(call))]
            };
            for (number, script) in
                [Box::new(at_once) as Box<dyn Fn(&Call) -> Vec<Step> + Send + Sync>, Box::new(later)]
                    .into_iter()
                    .enumerate()
            {
                let backend = Backend::speaking(dialect, script);
                let gateway = before(&backend, dialect, "");
                for token in ["a", "b", "c"] {
                    assert_eq!(gateway.call("echoString", json!({"value": token})).success(), token);
                    // What comes later is there before the connection is used again.
                    std::thread::sleep(Duration::from_millis(20));
                }
                assert_eq!((backend.connections(), backend.calls()), (3, 3), "{dialect:?} {number}");
            }
        }
    }
}

// Case 61.
#[test]
fn oneway() {
    for dialect in DIALECTS {
        // Quiet, as it should be; answering nevertheless; closing.
        type Script = fn(&Call) -> Vec<Step>;
        let quiet: Script = |_| vec![];
        let answering: Script = |call| vec![Step::Send(call.reply(|_| {}))];
        let closing: Script = |_| vec![Step::Close];
        for (script, connections) in [(quiet, 1), (answering, 2), (closing, 2)] {
            let backend = Backend::speaking(dialect, move |call| match call.kind {
                MessageKind::Oneway => script(call),
                _ => vec![Step::Send(call.echo())],
            });
            let gateway = before(&backend, dialect, "");
            let reply = gateway.call("notify", json!({"event": "e"}));
            assert_eq!((reply.status, reply.text().as_str()), (202, r#"{"method":"notify","result":{}}"#));
            assert_eq!(reply.header("thrift-outcome"), Some("success"));
            eventually("the backend has the call", || backend.calls() == 1);
            if connections == 2 {
                // The answer is there before the connection is used again.
                std::thread::sleep(Duration::from_millis(20));
            }
            assert_eq!(gateway.call("echoString", json!({"value": "x"})).success(), "x");
            assert_eq!(backend.connections(), connections);
        }
    }
}

// Case 49.
#[test]
fn a_late_reply_reaches_nobody() {
    let backend = Backend::start(|call| {
        if call.number == 0 {
            vec![Step::Wait(Duration::from_millis(200)), Step::Send(call.echo())]
        } else {
            vec![Step::Send(call.echo())]
        }
    });
    let gateway = Gateway::before(EVERYTHING, backend.address(), "deadline: 50ms, max_connections: 1");
    let late = gateway.call("echoString", json!({"value": "late"}));
    assert_eq!(late.failure(), (504, "DEADLINE_EXCEEDED".into(), "maybe".into()));
    for token in 0..5 {
        let token = token.to_string();
        assert_eq!(gateway.call("echoString", json!({"value": token})).success(), json!(token));
    }
    assert_eq!(backend.connections(), 2);
}

#[test]
fn declared_exceptions_and_their_statuses() {
    let backend = Backend::start(|call| {
        let id = i16::try_from(call.number % 5).expect("a small id");
        vec![Step::Send(call.reply(|writer| {
            writer.field_begin(WireType::Struct, id);
            writer.struct_begin();
            match id {
                1 | 2 => write_string(writer, 1, "it"),
                _ => {
                    write_i32(writer, 1, 16);
                    write_string(writer, 2, "burnt");
                }
            }
            writer.struct_end();
            writer.field_end();
        }))]
    });
    let gateway = Gateway::start(&format!(
        "
idl: everything.thrift
backends: {{backend: \"{}\"}}
routes:
  - {{path: /configured, exception_statuses: {{NotFound: 410, Fault: 503}}}}
  - {{path: /}}
",
        backend.address()
    ));
    // Calls 0 and 3 of five: no such member of the result, or a success of another type.
    let expected = [
        ("/", "fail", 502, ""),
        ("/", "fail", 404, "notFound"),
        ("/configured", "failVoid", 200, "denied"),
        ("/", "fail", 502, ""),
        ("/configured", "fail", 503, "fault"),
        ("/", "fail", 502, ""),
        ("/configured", "fail", 410, "notFound"),
        ("/", "fail", 200, "denied"),
        ("/", "fail", 502, ""),
        ("/", "fail", 200, "fault"),
        ("/", "fail", 502, ""),
        ("/configured", "failVoid", 410, "notFound"),
        ("/", "failVoid", 403, "denied"),
    ];
    for (path, method, status, member) in expected {
        let reply = gateway.post(path, &json!({"method": method}).to_string());
        let (reply_status, json) = (reply.status, reply.json());
        if member.is_empty() {
            assert_eq!(reply_status, status, "{json}");
            continue;
        }
        let status =
            if (path, method, member) == ("/configured", "failVoid", "denied") { 403 } else { status };
        assert_eq!((reply_status, reply.header("thrift-outcome")), (status, Some("error")), "{path} {json}");
        let members: Vec<_> = json["result"].as_object().expect("a result").keys().collect();
        assert_eq!(members, [member]);
    }
}

// Case 51.
#[test]
fn a_caller_that_leaves_takes_the_call_along() {
    let backend = Backend::start(|_| vec![Step::Stall]);
    let gateway = Gateway::before(EVERYTHING, backend.address(), "deadline: 30s, max_connections: 2");
    for round in 1..=6 {
        let mut connection = thriftgate_tests::client::Connection::open(gateway.address());
        let body = br#"{"method":"answer"}"#;
        connection.send(&thriftgate_tests::client::post("/", &[("Content-Type", "application/json")], body));
        eventually("the backend has the call", || backend.calls() == round);
        drop(connection);
        eventually("the backend's connection is closed", || backend.open() == 0);
    }
    let counts = gateway.settle();
    assert_eq!((counts.open, counts.calls), (0, 0));
    assert_eq!((backend.calls(), backend.connections()), (6, 6));
    eventually("the calls are counted", || gateway.metrics().contains(r#"outcome="abandoned"} 6"#));
}

// Case 53.
#[test]
fn a_stale_connection_is_replaced_silently() {
    for end in [Step::Close, Step::Reset] {
        let last = end.clone();
        let backend = Backend::start(move |call| vec![Step::Send(call.echo()), last.clone()]);
        let gateway = Gateway::before(EVERYTHING, backend.address(), "max_connections: 1");
        for token in 0..10 {
            let token = token.to_string();
            assert_eq!(
                gateway.call("echoString", json!({"value": token})).success(),
                json!(token),
                "{end:?}"
            );
            eventually("the backend has closed", || backend.open() == 0);
        }
        assert_eq!((backend.calls(), backend.connections()), (10, 10));
    }
}

// Case 62.
#[test]
fn framed_and_buffered_mixed_up() {
    for (gateway_transport, backend_transport) in
        [("buffered", Transport::Framed), ("framed", Transport::Unframed)]
    {
        let dialect = Dialect { transport: backend_transport, ..Dialect::default() };
        let backend = Backend::speaking(dialect, |call| vec![Step::Send(call.echo())]);
        let settings = format!("transport: {gateway_transport}, deadline: 300ms");
        let gateway = Gateway::before(EVERYTHING, backend.address(), &settings);
        let reply = gateway.call("echoString", json!({"value": "x"}));
        assert!(matches!(reply.status, 502 | 504), "{}", reply.text());
        assert_eq!(reply.failure().2, "maybe");
        assert_eq!(gateway.settle().open, 0);
    }
}

// Case 56, where the system's buffers are full: the backend never sees a whole message.
#[test]
fn a_backend_that_does_not_read() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let address = listener.local_addr().expect("an address");
    let gateway = Gateway::before(EVERYTHING, address, "deadline: 200ms, max_connections: 1");
    let text = "x".repeat(12 << 20);
    let reply = gateway.call("echoString", json!({"value": text}));
    assert_eq!(reply.failure(), (504, "DEADLINE_EXCEEDED".into(), "maybe".into()));
    let (mut stream, _) = listener.accept().expect("the gateway connected");
    stream.set_read_timeout(Some(PATIENCE)).expect("a live socket");
    let mut received = Vec::new();
    let _reset = stream.read_to_end(&mut received);
    assert!(!received.is_empty() && received.len() < text.len(), "{}", received.len());
    let counts = gateway.settle();
    assert_eq!((counts.open, counts.calls), (0, 0));
}
