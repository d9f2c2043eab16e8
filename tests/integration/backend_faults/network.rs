//! Case 66: what a network does. Packets that are lost, doubled or out of order reach nobody over TCP but as
//! a pause: one that ends, or one that does not.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use thriftgate_tests::backend::Step;
use thriftgate_tests::eventually;
use thriftgate_tests::proxy::{Passing, Proxy, Way};

use super::{DOORS, ONE_CONNECTION, Peer, assert_counted, with_each_peer};

/// How long a caller waits for what cannot come.
const TIME: Duration = Duration::from_millis(300);

#[test]
fn a_partition_in_one_direction() {
    with_each_peer(|peer| {
        part(peer, Way::There);
        part(peer, Way::Back);
    });
}

fn part(peer: Peer, cut: Way) {
    let backend = peer.backend(|call| vec![Step::Send(call.echo())]);
    let partition = Arc::new(AtomicBool::new(false));
    let parted = partition.clone();
    let network = Proxy::start(backend.address(), move |at| {
        if at.way == cut && parted.load(Ordering::SeqCst) { Passing::Nothing } else { Passing::All }
    });
    let gateway = peer.gateway(network.address(), ONE_CONNECTION);
    for (number, door) in (1..).zip(DOORS) {
        assert_eq!(door.echo(&gateway, "whole").as_deref(), Ok("whole"), "{peer:?} {cut:?}");
        partition.store(true, Ordering::SeqCst);
        let failure = door.echo_within(Some(TIME), &gateway, "parted").expect_err("no reply can come");
        assert_eq!(failure.status, 504, "{peer:?} {cut:?} {}", failure.text);
        eventually("the backend sees the end of the connection", || backend.open() == 0);
        // Its reply was lost, or it was never asked.
        let parted = if cut == Way::Back { number } else { 0 };
        assert_eq!(backend.calls(), number + parted, "{peer:?} {cut:?}");
        partition.store(false, Ordering::SeqCst);
    }
    gateway.settle();
    assert_counted(&gateway, &[("DEADLINE_EXCEEDED", 2), ("success", 2)]);
}

#[test]
fn loss_that_is_made_good_is_a_pause() {
    with_each_peer(|peer| {
        let backend = peer.backend(|call| vec![Step::Send(call.echo())]);
        let asked = AtomicUsize::new(0);
        // Every few bytes the network pauses, in either direction.
        let network =
            Proxy::start(backend.address(), move |at| match asked.fetch_add(1, Ordering::SeqCst) % 8 {
                0 => Passing::Nothing,
                _ => Passing::Bytes(1 + at.passed % 13),
            });
        let gateway = peer.gateway(network.address(), "max_connections: 4");
        thread::scope(|scope| {
            for caller in 0..4 {
                let gateway = &gateway;
                scope.spawn(move || {
                    for (number, door) in (0..4).zip(DOORS.into_iter().cycle()) {
                        let token = format!("{caller}/{number}");
                        assert_eq!(door.echo(gateway, &token).as_ref(), Ok(&token), "{peer:?}");
                    }
                });
            }
        });
        assert_eq!(backend.calls(), 16, "{peer:?}: none is sent twice");
        assert!(peer.is_http() || network.connections() <= 4, "{peer:?}");
        assert_counted(&gateway, &[("success", 16)]);
    });
}
