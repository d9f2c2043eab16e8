//! Replies that are wrong, late or cut off: cases 47, 48, 54, 55, 57 to 60 and 62.

use std::time::{Duration, Instant};

use serde_json::json;
use thriftgate_protocols::wire::{MessageHeader, MessageKind, WireType};
use thriftgate_tests::backend::{Backend, Call, Step, header, write_i32, write_string};
use thriftgate_tests::{Gateway, eventually};

use super::{
    Door, EVERYTHING, ONE_CONNECTION, PEERS, Peer, assert_counted, assert_quiet_about,
    with_each_peer_and_door,
};

/// The deadline of a call that is expected to miss it.
const DEADLINE: Duration = Duration::from_millis(150);

/// What became of the connection on which a call failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum After {
    /// It is closed.
    Closed,
    /// It serves the next call.
    Pooled,
    /// It is closed, but for HTTP, where the reply was a whole response, whatever it says.
    ClosedUnlessHttp,
}

impl After {
    fn is_pooled(self, peer: Peer) -> bool {
        self == Self::Pooled || (self == Self::ClosedUnlessHttp && peer.is_http())
    }
}

/// A misbehaviour on the call of `echoString("x")`, and what comes of it.
struct Fault {
    name: &'static str,
    /// What the backend does with its first call.
    act: fn(&Call) -> Vec<Step>,
    /// Status and code; `executed` is always `maybe`.
    failure: (u16, &'static str),
    /// The type of the exception; none where it depends on where the fault is found.
    kind: Option<i32>,
    after: After,
}

const MISMATCH: (u16, &str) = (502, "BACKEND_MISMATCH");
const BROKEN: (u16, &str) = (502, "BACKEND_ERROR");
const LATE: (u16, &str) = (504, "DEADLINE_EXCEEDED");
/// What is refused when its frame is read, or when its end is looked for, or when it is translated.
const BROKEN_OR_MISMATCH: (u16, &str) = (502, "BACKEND_");

const FAULTS: &[Fault] = &[
    Fault {
        name: "47 another sequence id",
        act: |call| {
            let header = MessageHeader { sequence_id: call.sequence_id.wrapping_add(1), ..call.header() };
            vec![Step::Send(call.message(&header, |writer| call.write_echo(writer)))]
        },
        failure: BROKEN,
        kind: Some(6),
        after: After::ClosedUnlessHttp,
    },
    Fault {
        name: "47 an exception under another sequence id",
        act: |call| {
            let other = header(&call.name, MessageKind::Exception, call.sequence_id.wrapping_sub(1));
            vec![Step::Send(call.message(&other, |writer| write_i32(writer, 2, 6)))]
        },
        failure: BROKEN,
        kind: Some(6),
        after: After::ClosedUnlessHttp,
    },
    Fault {
        name: "48 another method",
        act: |call| {
            let other = header("echoBinary", MessageKind::Reply, call.sequence_id);
            vec![Step::Send(call.message(&other, |writer| call.write_echo(writer)))]
        },
        failure: BROKEN,
        kind: Some(6),
        after: After::ClosedUnlessHttp,
    },
    Fault {
        name: "a call in place of a reply",
        act: |call| {
            let other = header(&call.name, MessageKind::Call, call.sequence_id);
            vec![Step::Send(call.message(&other, |writer| call.write_echo(writer)))]
        },
        failure: BROKEN,
        kind: Some(6),
        after: After::ClosedUnlessHttp,
    },
    Fault {
        name: "54 a close after the call",
        act: |_| vec![Step::Close],
        failure: BROKEN,
        kind: Some(6),
        after: After::Closed,
    },
    Fault {
        name: "54 a reset after the call",
        act: |_| vec![Step::Reset],
        failure: BROKEN,
        kind: Some(6),
        after: After::Closed,
    },
    Fault {
        name: "57 silence",
        act: |_| vec![Step::Stall],
        failure: LATE,
        kind: Some(6),
        after: After::Closed,
    },
    Fault {
        name: "half a reply and silence",
        act: |call| vec![Step::Send(half(call)), Step::Stall],
        failure: LATE,
        kind: Some(6),
        after: After::Closed,
    },
    Fault {
        name: "55 half a reply and a close",
        act: |call| vec![Step::Send(half(call)), Step::Close],
        failure: BROKEN,
        kind: Some(6),
        after: After::Closed,
    },
    Fault {
        name: "58 a reply in drips",
        act: |call| vec![Step::Drip(call.echo(), Duration::from_millis(20))],
        failure: LATE,
        kind: Some(6),
        after: After::Closed,
    },
    Fault {
        name: "60 neither result nor exception",
        act: |call| vec![Step::Send(call.reply(|_| {}))],
        failure: (502, "MISSING_RESULT"),
        kind: Some(5),
        after: After::Pooled,
    },
    Fault {
        name: "another type under the id of the success",
        act: |call| vec![Step::Send(call.reply(|writer| write_i32(writer, 0, 7)))],
        failure: MISMATCH,
        kind: Some(7),
        after: After::ClosedUnlessHttp,
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
        kind: None,
        after: After::ClosedUnlessHttp,
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
        kind: None,
        after: After::ClosedUnlessHttp,
    },
    Fault {
        name: "bytes that are no message",
        act: |call| vec![Step::Send(call.framed(|out| out.extend_from_slice(&[0x80; 40])))],
        failure: BROKEN_OR_MISMATCH,
        kind: None,
        after: After::ClosedUnlessHttp,
    },
];

fn half(call: &Call) -> Vec<u8> {
    let mut reply = call.echo();
    reply.truncate(reply.len() / 2);
    reply
}

#[test]
fn faults() {
    with_each_peer_and_door(|peer, door| FAULTS.iter().for_each(|fault| fault.drive(peer, door)));
}

impl Fault {
    fn drive(&self, peer: Peer, door: Door) {
        let name = format!("{}, {peer:?}, {door:?}", self.name);
        let act = self.act;
        let backend = peer.backend(
            move |call| {
                if call.number == 0 { act(call) } else { vec![Step::Send(call.echo())] }
            },
        );
        let gateway = peer.gateway(backend.address(), ONE_CONNECTION);
        // The call after it has all the time that a busy machine may take.
        let time = (self.failure == LATE).then_some(DEADLINE);
        let began = Instant::now();
        let failure = door.echo_within(time, &gateway, "x").expect_err(&name);
        let took = began.elapsed();
        let (status, code) = self.failure;
        assert_eq!(failure.status, status, "{name} {}", failure.text);
        assert!(self.kind.is_none_or(|kind| kind == failure.kind), "{name} {}", failure.text);
        if let Some((told, executed, retryable)) = &failure.told {
            assert!(told.starts_with(code), "{name} {}", failure.text);
            assert_eq!((executed.as_str(), *retryable), ("maybe", false), "{name}");
        }
        if self.failure == LATE {
            assert!(took >= DEADLINE && took < DEADLINE + Duration::from_secs(3), "{name} {took:?}");
        }
        assert_quiet_about(backend.address(), &failure.text);
        assert_eq!(backend.calls(), 1, "{name}: a call is sent once");
        let pooled = self.after.is_pooled(peer);
        let counts = gateway.settle();
        // What an HTTP client keeps is not counted.
        assert_eq!(counts.open, usize::from(pooled && !peer.is_http()), "{name}");
        eventually(&format!("{name}: the backend sees the same"), || backend.open() == usize::from(pooled));
        assert_eq!(door.echo(&gateway, "next").as_deref(), Ok("next"), "{name}");
        assert_eq!(backend.connections(), if pooled { 1 } else { 2 }, "{name}");
        assert_counted(&gateway, &[(code, 1), ("success", 1)]);
    }
}

// Case 28. A native caller of the same protocol is passed the bytes as they are.
#[test]
fn a_string_that_is_not_utf8() {
    for peer in PEERS {
        let backend = peer.backend(|call| {
            vec![Step::Send(call.reply(|writer| {
                writer.field_begin(WireType::String, 0);
                writer.binary(b"\xff");
                writer.field_end();
            }))]
        });
        let gateway = peer.gateway(backend.address(), "");
        let failure = Door::Json.echo(&gateway, "x").expect_err("it cannot be written");
        assert_eq!((failure.status, failure.kind), (502, 7), "{peer:?} {}", failure.text);
        assert_counted(&gateway, &[("BACKEND_MISMATCH", 1)]);
    }
}

// Case 60.
#[test]
fn application_exceptions() {
    const SECRET: &str = "SELECT * FROM users; at Handler.java:42";
    for peer in PEERS {
        for messages in ["replace", "pass"] {
            let backend = peer.backend(|call| {
                vec![Step::Send(call.exception(i32::try_from(call.number).expect("few calls"), SECRET))]
            });
            let settings = format!("{ONE_CONNECTION}, backend_messages: {messages}");
            let gateway = peer.gateway(backend.address(), &settings);
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
