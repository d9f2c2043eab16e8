//! What becomes of a call when its backend misbehaves: each time the status, the code, whether the call may
//! have been executed, what becomes of the connection, and that the next call is served well.

use std::time::{Duration, Instant};

use serde_json::json;
use thriftgate_protocols::framing::Transport;
use thriftgate_protocols::wire::{MessageHeader, MessageKind, Protocol, WireType};
use thriftgate_tests::backend::{Backend, Call, Dialect, Step, header, write_i32, write_string};
use thriftgate_tests::{Gateway, eventually};

pub(crate) const EVERYTHING: &str = "everything.thrift";
pub(crate) const DIALECTS: [Dialect; 4] = [
    Dialect { protocol: Protocol::Binary, transport: Transport::Framed, serial: false },
    Dialect { protocol: Protocol::Binary, transport: Transport::Unframed, serial: false },
    Dialect { protocol: Protocol::Compact, transport: Transport::Framed, serial: false },
    Dialect { protocol: Protocol::Compact, transport: Transport::Unframed, serial: false },
];

/// A gateway that may hold one connection, so that a leaked one, or a leaked permit, stops the next call.
pub(crate) fn before(backend: &Backend, dialect: Dialect, settings: &str) -> Gateway {
    let protocol = format!("{:?}", dialect.protocol).to_lowercase();
    let transport = if dialect.transport == Transport::Framed { "framed" } else { "buffered" };
    let settings = format!("protocol: {protocol}, transport: {transport}, max_connections: 1, {settings}");
    Gateway::before(EVERYTHING, backend.address(), &settings)
}

/// What became of the connection on which a call failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum After {
    /// It is closed.
    Closed,
    /// It serves the next call.
    Pooled,
}

/// A misbehaviour on the call of `echoString("x")`, and what comes of it.
struct Fault {
    name: &'static str,
    /// What the backend does with its first call.
    act: fn(&Call) -> Vec<Step>,
    /// Status, code and `executed`.
    failure: (u16, &'static str, &'static str),
    kind: i32,
    after: After,
}

const MISMATCH: (u16, &str, &str) = (502, "BACKEND_MISMATCH", "maybe");
const BROKEN: (u16, &str, &str) = (502, "BACKEND_ERROR", "maybe");

const FAULTS: &[Fault] = &[
    Fault {
        name: "47 another sequence id",
        act: |call| {
            let header = MessageHeader { sequence_id: call.sequence_id.wrapping_add(1), ..call.header() };
            vec![Step::Send(call.message(&header, |writer| call.write_echo(writer)))]
        },
        failure: BROKEN,
        kind: 6,
        after: After::Closed,
    },
    Fault {
        name: "47 an exception under another sequence id",
        act: |call| {
            let other = header(&call.name, MessageKind::Exception, call.sequence_id.wrapping_sub(1));
            vec![Step::Send(call.message(&other, |writer| write_i32(writer, 2, 6)))]
        },
        failure: BROKEN,
        kind: 6,
        after: After::Closed,
    },
    Fault {
        name: "48 another method",
        act: |call| {
            let other = header("echoBinary", MessageKind::Reply, call.sequence_id);
            vec![Step::Send(call.message(&other, |writer| call.write_echo(writer)))]
        },
        failure: BROKEN,
        kind: 6,
        after: After::Closed,
    },
    Fault {
        name: "a call in place of a reply",
        act: |call| {
            let other = header(&call.name, MessageKind::Call, call.sequence_id);
            vec![Step::Send(call.message(&other, |writer| call.write_echo(writer)))]
        },
        failure: BROKEN,
        kind: 6,
        after: After::Closed,
    },
    Fault {
        name: "54 a close after the call",
        act: |_| vec![Step::Close],
        failure: BROKEN,
        kind: 6,
        after: After::Closed,
    },
    Fault {
        name: "54 a reset after the call",
        act: |_| vec![Step::Reset],
        failure: BROKEN,
        kind: 6,
        after: After::Closed,
    },
    Fault {
        name: "57 silence",
        act: |_| vec![Step::Stall],
        failure: (504, "DEADLINE_EXCEEDED", "maybe"),
        kind: 6,
        after: After::Closed,
    },
    Fault {
        name: "half a reply and silence",
        act: |call| vec![Step::Send(half(call)), Step::Stall],
        failure: (504, "DEADLINE_EXCEEDED", "maybe"),
        kind: 6,
        after: After::Closed,
    },
    Fault {
        name: "55 half a reply and a close",
        act: |call| vec![Step::Send(half(call)), Step::Close],
        failure: BROKEN,
        kind: 6,
        after: After::Closed,
    },
    Fault {
        name: "58 a reply in drips",
        act: |call| vec![Step::Drip(call.echo(), Duration::from_millis(100))],
        failure: (504, "DEADLINE_EXCEEDED", "maybe"),
        kind: 6,
        after: After::Closed,
    },
    Fault {
        name: "60 neither result nor exception",
        act: |call| vec![Step::Send(call.reply(|_| {}))],
        failure: (502, "MISSING_RESULT", "maybe"),
        kind: 5,
        after: After::Pooled,
    },
    Fault {
        name: "another type under the id of the success",
        act: |call| vec![Step::Send(call.reply(|writer| write_i32(writer, 0, 7)))],
        failure: MISMATCH,
        kind: 7,
        after: After::Closed,
    },
    Fault {
        name: "28 a string that is not UTF-8",
        act: |call| {
            vec![Step::Send(call.reply(|writer| {
                writer.field_begin(WireType::String, 0);
                writer.binary(b"\xff");
                writer.field_end();
            }))]
        },
        failure: MISMATCH,
        kind: 7,
        after: After::Closed,
    },
    Fault {
        name: "59 a count beyond the message",
        act: |call| {
            vec![Step::Send(call.reply(|writer| {
                writer.field_begin(WireType::List, 1);
                let mark = writer.list_begin(WireType::List, WireType::I32);
                writer.list_end(mark, 50_000_000);
                writer.field_end();
                write_string(writer, 0, &"x".repeat(40_000));
            }))]
        },
        failure: BROKEN_OR_MISMATCH,
        kind: 0,
        after: After::Closed,
    },
    Fault {
        name: "59 nesting beyond the limit",
        act: |call| {
            vec![Step::Send(call.reply(|writer| {
                for _ in 0..100_000 {
                    writer.field_begin(WireType::Struct, 1);
                    writer.struct_begin();
                }
            }))]
        },
        failure: BROKEN_OR_MISMATCH,
        kind: 0,
        after: After::Closed,
    },
    Fault {
        name: "bytes that are no message",
        act: |call| vec![Step::Send(call.framed(|out| out.extend_from_slice(&[0x80; 40]))), Step::Stall],
        failure: BROKEN_OR_MISMATCH,
        kind: 0,
        after: After::Closed,
    },
    Fault {
        name: "62 another protocol",
        act: |_| {
            vec![Step::Send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".to_vec()), Step::Stall]
        },
        failure: BROKEN_OR_MISMATCH,
        kind: 0,
        after: After::Closed,
    },
];

/// What is refused when its frame is read, or when its end is looked for, or when it is translated.
const BROKEN_OR_MISMATCH: (u16, &str, &str) = (502, "BACKEND_", "maybe");

fn half(call: &Call) -> Vec<u8> {
    let mut reply = call.echo();
    reply.truncate(reply.len() / 2);
    reply
}

// Cases 47, 48, 54, 55, 57 to 60, 62.
#[test]
fn faults() {
    for fault in FAULTS {
        for dialect in DIALECTS {
            let name = format!("{}, {dialect:?}", fault.name);
            let act = fault.act;
            let backend = Backend::speaking(dialect, move |call| {
                if call.number == 0 { act(call) } else { vec![Step::Send(call.echo())] }
            });
            let gateway = before(&backend, dialect, "deadline: 400ms");
            let began = Instant::now();
            let reply = gateway.call("echoString", json!({"value": "x"}));
            let took = began.elapsed();
            let (status, code, executed) = reply.failure();
            assert_eq!((status, &*executed), (fault.failure.0, fault.failure.2), "{name} {}", reply.text());
            if fault.failure == BROKEN_OR_MISMATCH {
                assert!(code.starts_with("BACKEND_"), "{name} {}", reply.text());
            } else {
                assert_eq!((&*code, reply.exception("type")), (fault.failure.1, json!(fault.kind)), "{name}");
            }
            assert_eq!(reply.json()["method"], "echoString", "{name}");
            assert_eq!(reply.exception("retryable"), false, "{name}");
            if status == 504 {
                assert!(took >= Duration::from_millis(390) && took < Duration::from_secs(2), "{took:?}");
            }
            assert_quiet_about_the_backend(&reply.text(), &backend);
            // A call is sent once.
            assert_eq!(backend.calls(), 1, "{name}");
            let open = gateway.settle().open;
            assert_eq!(open, usize::from(fault.after == After::Pooled), "{name}");
            eventually("the backend sees the same", || backend.open() == open);
            assert_eq!(gateway.call("echoString", json!({"value": "next"})).success(), "next", "{name}");
            assert_eq!(backend.connections(), if fault.after == After::Pooled { 1 } else { 2 }, "{name}");
        }
    }
}

// Case 92.
fn assert_quiet_about_the_backend(text: &str, backend: &Backend) {
    let port = backend.address().port().to_string();
    for secret in ["127.0.0.1", "localhost", &port, "os error", ".rs:", "panicked"] {
        assert!(!text.contains(secret), "{text}");
    }
}

// Case 55.
#[test]
fn a_reply_cut_at_every_byte() {
    for dialect in DIALECTS {
        for end in [Step::Close, Step::Reset] {
            let cut = end.clone();
            let backend = Backend::speaking(dialect, move |call| {
                let reply = call.echo();
                match call.number.checked_sub(1) {
                    Some(at) if at < reply.len() => vec![Step::Send(reply[..at].to_vec()), cut.clone()],
                    _ => vec![Step::Send(reply)],
                }
            });
            let gateway = before(&backend, dialect, "");
            let call = || gateway.call("echoString", json!({"value": "token"}));
            assert_eq!(call().success(), "token");
            let mut cuts = 0;
            loop {
                let reply = call();
                if reply.status == 200 {
                    assert_eq!(reply.success(), "token");
                    break;
                }
                assert_eq!(reply.failure(), (502, "BACKEND_ERROR".into(), "maybe".into()), "{cuts}");
                cuts += 1;
            }
            assert!(cuts > 20, "{dialect:?}: {cuts}");
            assert_eq!(backend.calls(), cuts + 2);
            eventually("one connection is left", || backend.open() == 1);
        }
    }
}

// Case 60.
#[test]
fn application_exceptions() {
    const SECRET: &str = "SELECT * FROM users; at Handler.java:42";
    for dialect in DIALECTS {
        for messages in ["replace", "pass"] {
            let backend = Backend::speaking(dialect, |call| {
                vec![Step::Send(call.exception(i32::try_from(call.number).expect("few calls"), SECRET))]
            });
            let gateway = before(&backend, dialect, &format!("backend_messages: {messages}"));
            for kind in 0..13 {
                let reply = gateway.call("echoString", json!({"value": "x"}));
                let expected = if matches!(kind, 0 | 6) {
                    (500, "BACKEND_EXCEPTION".into(), "yes".into())
                } else {
                    (502, "BACKEND_MISMATCH".into(), "maybe".into())
                };
                assert_eq!(reply.failure(), expected, "{kind}");
                assert_eq!(reply.exception("type"), kind);
                assert_eq!(reply.exception("message") == SECRET, messages == "pass", "{}", reply.text());
            }
            // They are whole messages: the connection serves on.
            assert_eq!((backend.connections(), backend.calls()), (1, 13));
        }
    }
}

// Case 59.
#[test]
fn a_frame_that_claims_too_much() {
    let cases: [([u8; 4], &str); 4] = [
        (0x7fff_ffff_u32.to_be_bytes(), "2 GiB"),
        (0xffff_ffff_u32.to_be_bytes(), "negative"),
        (0_u32.to_be_bytes(), "empty"),
        ((16 * 1024 * 1024 + 1_u32).to_be_bytes(), "one over the limit"),
    ];
    for (length, name) in cases {
        let backend = Backend::start(move |call| {
            if call.number == 0 {
                vec![Step::Send(length.to_vec()), Step::Stall]
            } else {
                vec![Step::Send(call.echo())]
            }
        });
        let gateway = Gateway::before(EVERYTHING, backend.address(), "max_connections: 1");
        let began = Instant::now();
        let reply = gateway.call("echoString", json!({"value": "x"}));
        assert_eq!(reply.failure(), (502, "BACKEND_ERROR".into(), "maybe".into()), "{name}");
        assert!(began.elapsed() < Duration::from_secs(5), "{name}");
        assert_eq!(gateway.call("echoString", json!({"value": "y"})).success(), "y");
    }
}
