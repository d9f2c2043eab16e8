//! Connections that end, or stop, at every byte of a reply and of a call.

use std::io::Read;
use std::net::TcpListener;
use std::thread;

use socket2::SockRef;
use thriftgate_tests::backend::Step;
use thriftgate_tests::proxy::{Passing, Proxy, Way};
use thriftgate_tests::{Gateway, PATIENCE, eventually};

use super::{DOORS, Door, EVERYTHING, ONE_CONNECTION, Peer, assert_counted, with_each_peer_and_door};

// Case 55, and 54 where nothing of the reply came.
#[test]
fn a_reply_cut_at_every_byte() {
    with_each_peer_and_door(|peer, door| {
        cut_replies(peer, door, &Step::Close);
        cut_replies(peer, door, &Step::Reset);
    });
}

fn cut_replies(peer: Peer, door: Door, end: &Step) {
    let cut = end.clone();
    let backend = peer.backend(move |call| {
        let reply = call.echo();
        match call.number.checked_sub(1) {
            Some(at) if at < reply.len() => vec![Step::Send(reply[..at].to_vec()), cut.clone()],
            _ => vec![Step::Send(reply)],
        }
    });
    let gateway = peer.gateway(backend.address(), ONE_CONNECTION);
    let call = || door.echo(&gateway, "token");
    assert_eq!(call().as_deref(), Ok("token"));
    let mut cuts = 0;
    while let Err(failure) = call() {
        assert_eq!((failure.status, failure.kind), (502, 6), "{peer:?} {end:?} {cuts}");
        if let Some((code, executed, _)) = failure.told {
            assert_eq!((code.as_str(), executed.as_str()), ("BACKEND_ERROR", "maybe"), "{peer:?} {cuts}");
        }
        cuts += 1;
    }
    assert!(cuts > 20, "{peer:?}: {cuts}");
    assert_eq!(backend.calls(), cuts + 2, "none was sent twice");
    eventually("one connection is left", || backend.open() == 1);
    assert_counted(&gateway, &[("BACKEND_ERROR", cuts), ("success", 2)]);
}

// Case 56: the network takes so many bytes of a call, and then no more.
#[test]
fn a_call_stalled_at_every_byte() {
    with_each_peer_and_door(stall_calls);
}

fn stall_calls(peer: Peer, door: Door) {
    const AT_ONCE: usize = 32;
    let backend = peer.backend(|call| vec![Step::Send(call.echo())]);
    let whole = Proxy::start(backend.address(), |_| Passing::All);
    assert_eq!(door.echo(&peer.gateway(whole.address(), ""), "token").as_deref(), Ok("token"));
    let length = whole.passed(Way::There);
    // Connection N stalls at byte N, and each call has a connection of its own, because the one before it
    // failed.
    let network = Proxy::start(backend.address(), move |at| match at.way {
        Way::There if at.connection >= length => Passing::All,
        Way::There if at.passed < at.connection => Passing::Bytes(at.connection - at.passed),
        Way::There => Passing::Nothing,
        Way::Back => Passing::All,
    });
    let gateway = peer.gateway(network.address(), "deadline: 800ms");
    thread::scope(|scope| {
        for first in 0..AT_ONCE {
            let gateway = &gateway;
            scope.spawn(move || {
                for _ in (first..length).step_by(AT_ONCE) {
                    let failure = door.echo(gateway, "token").expect_err("nothing can be answered");
                    assert_eq!((failure.status, failure.kind), (504, 6), "{peer:?} {}", failure.text);
                    let executed = failure.told.map(|(_, executed, _)| executed);
                    assert!(executed.is_none_or(|executed| executed == "maybe"), "{peer:?} {}", failure.text);
                }
            });
        }
    });
    assert_eq!(gateway.settle().open, 0, "{peer:?}");
    eventually("the backend sees every end", || backend.open() <= 1);
    assert_eq!(network.passed(Way::There), length * (length - 1) / 2, "{peer:?}: every prefix passed");
    assert_eq!(backend.calls(), 1, "{peer:?}: the backend never sees a whole message of what was stalled");
    assert_counted(&gateway, &[("DEADLINE_EXCEEDED", length)]);
}

// Case 56, where the gateway itself cannot write any further.
#[test]
fn a_backend_that_reads_a_part() {
    const LENGTH: usize = 4 << 20;
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    SockRef::from(&listener).set_recv_buffer_size(4096).expect("an option of every socket");
    let address = listener.local_addr().expect("an address");
    let gateway = Gateway::before(EVERYTHING, address, "deadline: 150ms, max_connections: 1");
    let text = "x".repeat(LENGTH);
    for door in DOORS {
        for part in [0, 1, 4, 31, 100_000] {
            let received = thread::scope(|scope| {
                let listener = &listener;
                let backend = scope.spawn(move || {
                    let (mut stream, _) = listener.accept().expect("the gateway connects");
                    stream.set_read_timeout(Some(PATIENCE)).expect("a live socket");
                    let mut received = vec![0; part];
                    stream.read_exact(&mut received).expect("so much is sent");
                    (stream, received)
                });
                let failure = door.echo(&gateway, &text).expect_err("nothing answers");
                assert_eq!((failure.status, failure.kind), (504, 6), "{door:?} {part}");
                let (mut stream, mut received) = backend.join().expect("a connection");
                let _reset = stream.read_to_end(&mut received);
                received
            });
            assert!(received.len() >= part && received.len() < LENGTH, "{door:?} {part} {}", received.len());
            if let Some(size) = received.first_chunk::<4>() {
                assert!(u32::from_be_bytes(*size) as usize > LENGTH, "the frame is longer than what came");
            }
            let counts = gateway.settle();
            assert_eq!((counts.open, counts.calls), (0, 0));
        }
    }
}
