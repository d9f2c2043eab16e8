//! Calls that end before their reply: by their deadline, or because the caller left.

use std::time::{Duration, Instant};

use serde_json::json;
use thriftgate_tests::backend::Step;
use thriftgate_tests::client::{Connection, post};
use thriftgate_tests::eventually;

use super::{DOORS, ONE_CONNECTION, PEERS, assert_counted, with_each_peer};

// Case 57. No reply comes early; how late the earliest of some comes is the gateway's doing, not the machine's.
#[test]
fn a_deadline_is_kept() {
    const LATE: Duration = Duration::from_millis(50);
    for peer in PEERS {
        let backend = peer.backend(|_| vec![Step::Stall]);
        for deadline in [40, 160].map(Duration::from_millis) {
            let gateway = peer.gateway(backend.address(), &format!("deadline: {}ms", deadline.as_millis()));
            let (mut earliest, mut tries) = (Duration::MAX, 0);
            while earliest > deadline + LATE && tries < 10 {
                let began = Instant::now();
                let failure = DOORS[tries % 2].echo(&gateway, "x").expect_err("nothing answers");
                let took = began.elapsed();
                assert_eq!(failure.status, 504, "{peer:?} {}", failure.text);
                assert!(took >= deadline, "{peer:?} {took:?}");
                (earliest, tries) = (earliest.min(took), tries + 1);
            }
            assert!(earliest <= deadline + LATE, "{peer:?} {earliest:?}");
        }
    }
}

// Case 58. Each byte comes soon after the one before it, and the whole never.
#[test]
fn a_drip_does_not_prolong_a_deadline() {
    const DEADLINE: Duration = Duration::from_millis(300);
    with_each_peer(|peer| {
        let backend = peer.backend(|call| vec![Step::Drip(call.echo(), DEADLINE / 6)]);
        let gateway = peer.gateway(backend.address(), &format!("deadline: {}ms", DEADLINE.as_millis()));
        for door in DOORS {
            let began = Instant::now();
            let failure = door.echo(&gateway, "x").expect_err("the end never comes");
            assert_eq!(failure.status, 504, "{peer:?} {}", failure.text);
            assert!(began.elapsed() >= DEADLINE && began.elapsed() < 4 * DEADLINE, "{peer:?}");
        }
        eventually("the backend sees the ends", || backend.open() == 0);
        assert_counted(&gateway, &[("DEADLINE_EXCEEDED", 2)]);
    });
}

// Case 49.
#[test]
fn a_late_reply_reaches_nobody() {
    with_each_peer(|peer| {
        let backend = peer.backend(|call| {
            let pause = Duration::from_millis(if call.number == 0 { 200 } else { 0 });
            vec![Step::Wait(pause), Step::Send(call.echo())]
        });
        let gateway = peer.gateway(backend.address(), &format!("deadline: 100ms, {ONE_CONNECTION}"));
        for door in DOORS {
            let late = if backend.calls() == 0 { door.echo(&gateway, "late").err() } else { None };
            assert!(late.is_none_or(|late| late.status == 504), "{peer:?}");
            for token in ["a", "b", "c"] {
                // A machine that is busy may take longer than the deadline; what counts is what a reply says.
                eventually("a call is answered", || match door.echo(&gateway, token) {
                    Ok(reply) => {
                        assert_eq!(reply, token, "{peer:?}");
                        true
                    }
                    Err(failure) => {
                        assert_eq!(failure.status, 504, "{peer:?} {}", failure.text);
                        false
                    }
                });
            }
        }
        assert!(backend.connections() >= 2, "{peer:?}: the first connection is not used again");
        assert_eq!(gateway.settle().calls, 0);
    });
}

// Case 51.
#[test]
fn a_caller_that_leaves_takes_the_call_along() {
    with_each_peer(|peer| {
        let backend = peer.backend(|_| vec![Step::Stall]);
        let gateway = peer.gateway(backend.address(), "deadline: 30s, max_connections: 2");
        for round in 1..=4 {
            let mut connection = Connection::open(gateway.address());
            let body = json!({"method": "echoString", "arguments": {"value": "x"}}).to_string();
            connection.send(&post("/", &[("Content-Type", "application/json")], body.as_bytes()));
            eventually("the backend has the call", || backend.calls() == round);
            drop(connection);
            eventually("the backend's connection is closed", || backend.open() == 0);
        }
        let counts = gateway.settle();
        assert_eq!((counts.open, counts.calls), (0, 0), "{peer:?}");
        assert_eq!((backend.calls(), backend.connections()), (4, 4), "{peer:?}");
        assert_counted(&gateway, &[("abandoned", 4)]);
    });
}
