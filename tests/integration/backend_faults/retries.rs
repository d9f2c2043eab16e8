//! Case 54 over every transport and door: what is sent again, and what is not.

use std::time::{Duration, Instant};

use thriftgate_tests::Gateway;
use thriftgate_tests::backend::{Backend, Call, Step};

use super::{DOORS, EVERYTHING, Peer, assert_counted, with_each_peer};

const TIMEOUT: Duration = Duration::from_millis(100);

/// A gateway before a backend, with these settings of it and of its method `echoString`.
fn before(peer: Peer, backend: &Backend, of_backend: &str, of_method: &str) -> Gateway {
    let (protocol, transport) = peer.names();
    Gateway::start(&format!(
        "
idl: {EVERYTHING}
runtime: {{threads: 1}}
backends: {{backend: {{address: \"{}\", protocol: {protocol}, transport: {transport}, {of_backend}}}}}
routes: [{{path: /, method_settings: {{echoString: {{{of_method}}}}}}}]
",
        backend.address()
    ))
}

/// A backend that does this with its first calls, and answers the others.
fn failing(peer: Peer, first: usize, act: fn(&Call) -> Vec<Step>) -> Backend {
    peer.backend(move |call| if call.number < first { act(call) } else { vec![Step::Send(call.echo())] })
}

const FAULTS: [fn(&Call) -> Vec<Step>; 3] = [
    |_| vec![Step::Reset],
    |_| vec![Step::Close],
    |call| vec![Step::Send(call.echo()[..7].to_vec()), Step::Reset],
];

#[test]
fn an_idempotent_call_is_sent_again_once() {
    with_each_peer(|peer| {
        for fault in FAULTS {
            let backend = failing(peer, 1, fault);
            let gateway = before(peer, &backend, "", "idempotent: true");
            assert_eq!(DOORS[0].echo(&gateway, "x").as_deref(), Ok("x"), "{peer:?}");
            assert_eq!((backend.calls(), backend.connections()), (2, 2), "{peer:?}");
            assert_counted(&gateway, &[("success", 1)]);
            // A backend that fails on is not asked on and on.
            let backend = failing(peer, usize::MAX, fault);
            let gateway = before(peer, &backend, "", "idempotent: true");
            for (number, door) in (1..).zip(DOORS) {
                let failure = door.echo(&gateway, "x").expect_err("nothing answers");
                assert_eq!(failure.status, 502, "{peer:?} {}", failure.text);
                assert_eq!(backend.calls(), 2 * number, "{peer:?}");
            }
        }
    });
}

#[test]
fn no_other_is_sent_again() {
    let settings = [
        ("", "idempotent: false"),
        ("", "deadline: 5s"),
        ("retries: {attempts: 0}", "idempotent: true"),
        ("retries: {budget: 0, min_per_second: 0}", "idempotent: true"),
        ("", "idempotent: true, retries: 0"),
    ];
    with_each_peer(|peer| {
        for (of_backend, of_method) in settings {
            let backend = failing(peer, 1, FAULTS[0]);
            let gateway = before(peer, &backend, of_backend, of_method);
            let failure = DOORS[0].echo(&gateway, "x").expect_err("it is not sent again");
            assert_eq!(failure.status, 502, "{peer:?} {of_backend} {of_method} {}", failure.text);
            assert_eq!(backend.calls(), 1, "{peer:?} {of_backend} {of_method}");
        }
    });
}

#[test]
fn an_attempt_that_takes_too_long_is_given_up() {
    with_each_peer(|peer| {
        let settings = format!("attempt_timeout: {}ms", TIMEOUT.as_millis());
        for (mark, calls, deadline) in [("true", 2, 10_000), ("false", 1, 600)] {
            let backend = failing(peer, 1, |_| vec![Step::Stall]);
            let method = format!("idempotent: {mark}, deadline: {deadline}ms");
            let gateway = before(peer, &backend, &settings, &method);
            let began = Instant::now();
            let answer = DOORS[1].echo(&gateway, "x");
            assert!(began.elapsed() >= TIMEOUT, "{peer:?}");
            match answer {
                Ok(text) => assert_eq!((text.as_str(), mark), ("x", "true"), "{peer:?}"),
                Err(failure) => {
                    assert_eq!((failure.status, mark), (504, "false"), "{peer:?} {}", failure.text);
                    assert!(began.elapsed() >= 6 * TIMEOUT, "{peer:?}");
                }
            }
            assert_eq!(backend.calls(), calls, "{peer:?} {mark}");
            assert_eq!(gateway.settle().calls, 0);
        }
    });
}
