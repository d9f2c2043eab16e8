//! What becomes of a connection to a backend that is left, closed, mixed up, or brings more than it should.

use std::thread;
use std::time::Duration;

use serde_json::json;
use thriftgate_protocols::framing::Transport;
use thriftgate_protocols::wire::{MessageKind, WireType};
use thriftgate_tests::backend::{Backend, Call, Dialect, Step, write_i32, write_string};
use thriftgate_tests::{Gateway, eventually};

use super::{DOORS, EVERYTHING, ONE_CONNECTION, PEERS, assert_counted, with_each_peer};

// Case 52.
#[test]
fn bytes_after_a_reply_close_the_connection() {
    type More = fn(&Call) -> Vec<u8>;
    let second: More = Call::echo;
    let junk: More = |_| b"junk".to_vec();
    with_each_peer(|peer| {
        for (more, pause) in [second, junk].into_iter().flat_map(|more| [0, 5].map(|pause| (more, pause))) {
            let backend = peer.backend(move |call| {
                if pause == 0 {
                    vec![Step::Send([call.echo(), more(call)].concat())]
                } else {
                    let pause = Duration::from_millis(pause);
                    vec![Step::Send(call.echo()), Step::Wait(pause), Step::Send(more(call))]
                }
            });
            let gateway = peer.gateway(backend.address(), ONE_CONNECTION);
            for (token, door) in ["a", "b", "c", "d"].into_iter().zip(DOORS.into_iter().cycle()) {
                assert_eq!(door.echo(&gateway, token).as_deref(), Ok(token), "{peer:?}");
                // What comes later is there before the connection is used again.
                thread::sleep(Duration::from_millis(50));
            }
            assert_eq!((backend.connections(), backend.calls()), (4, 4), "{peer:?} {pause}");
            assert_counted(&gateway, &[("success", 4)]);
        }
    });
}

// Case 61. Over HTTP see `http_backend`.
#[test]
fn oneway() {
    type Script = fn(&Call) -> Vec<Step>;
    let quiet: Script = |_| vec![];
    let answering: Script = |call| vec![Step::Send(call.reply(|_| {}))];
    let closing: Script = |_| vec![Step::Close];
    for peer in PEERS.into_iter().filter(|peer| !peer.is_http()) {
        for (script, connections) in [(quiet, 1), (answering, 2), (closing, 2)] {
            let backend = peer.backend(move |call| match call.kind {
                MessageKind::Oneway => script(call),
                _ => vec![Step::Send(call.echo())],
            });
            let gateway = peer.gateway(backend.address(), ONE_CONNECTION);
            let reply = gateway.call("notify", json!({"event": "e"}));
            assert_eq!((reply.status, reply.text().as_str()), (202, r#"{"method":"notify","result":{}}"#));
            assert_eq!(reply.header("thrift-outcome"), Some("success"));
            eventually("the backend has the call", || backend.calls() == 1);
            if connections == 2 {
                // The answer is there before the connection is used again.
                thread::sleep(Duration::from_millis(50));
            }
            assert_eq!(gateway.call("echoString", json!({"value": "x"})).success(), "x");
            assert_eq!(backend.connections(), connections);
        }
    }
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

// Case 53.
#[test]
fn a_stale_connection_is_replaced_silently() {
    with_each_peer(|peer| {
        for end in [Step::Close, Step::Reset] {
            let last = end.clone();
            let backend = peer.backend(move |call| vec![Step::Send(call.echo()), last.clone()]);
            let gateway = peer.gateway(backend.address(), ONE_CONNECTION);
            for (token, door) in (0..8).zip(DOORS.into_iter().cycle()) {
                let token = token.to_string();
                assert_eq!(door.echo(&gateway, &token).as_ref(), Ok(&token), "{peer:?} {end:?}");
                eventually("the backend has closed", || backend.open() == 0);
            }
            assert_eq!((backend.calls(), backend.connections()), (8, 8), "{peer:?} {end:?}");
            assert_counted(&gateway, &[("success", 8)]);
        }
    });
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
