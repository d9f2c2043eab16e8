//! Case 50: every call has a token of its own, while connections to the backend are killed, replies are cut and
//! delayed, and callers leave. No reply reaches another caller, and no call that is not idempotent is run twice.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use thriftgate_tests::backend::{Backend, Call, Step};
use thriftgate_tests::ledger::Ledger;
use thriftgate_tests::load::{Fate, IDEMPOTENT, Leaving, Load, ONCE, Pace, Random};
use thriftgate_tests::{Gateway, eventually};

use super::{alone, calls, report};

/// What a backend does with a call: well, mostly.
fn act(call: &Call) -> Vec<Step> {
    let mut random = Random::new(call.number as u64);
    let pause = Duration::from_micros(random.below(3000));
    match random.below(100) {
        0 => vec![Step::Reset],
        1 => vec![Step::Close],
        2 => {
            let mut cut = call.echo();
            cut.truncate(usize::try_from(random.below(cut.len() as u64)).expect("a small number"));
            vec![Step::Send(cut), Step::Reset]
        }
        3..6 => vec![Step::Wait(pause), Step::Send(call.echo())],
        // What comes after a reply must never be taken for the next one.
        6 => vec![Step::Send([call.echo(), call.echo()].concat())],
        7 => vec![Step::Send(call.echo()), Step::Wait(pause), Step::Send(call.echo())],
        _ => vec![Step::Send(call.echo())],
    }
}

#[test]
fn every_caller_gets_its_own_reply() {
    let _alone = alone();
    let calls = calls(20_000);
    let ledger = Ledger::new(calls);
    let backends = [(); 2].map(|()| {
        let ledger = ledger.clone();
        Backend::start(move |call| {
            ledger.note(call);
            act(call)
        })
    });
    let gateway = Gateway::start(&format!(
        "
idl: everything.thrift
backends: {{backend: {{endpoints: [\"{}\", \"{}\"], max_connections: 8}}}}
routes: [{{path: /, method_settings: {{{IDEMPOTENT}: {{idempotent: true}}}}}}]
",
        backends[0].address(),
        backends[1].address(),
    ));
    let load = Load {
        path: "/",
        tokens: 0..calls,
        pace: Pace::Closed(32),
        method: |token| if token.is_multiple_of(4) { IDEMPOTENT } else { ONCE },
        leaving: Some(Leaving { one_in: 12, within: Duration::from_millis(3) }),
    };
    let (ended, killed) = (AtomicBool::new(false), AtomicUsize::new(0));
    let fates = thread::scope(|scope| {
        scope.spawn(|| {
            let mut random = Random::new(1);
            while !ended.load(Ordering::SeqCst) {
                let which = random.below(8) as usize;
                let cut = backends[which % 2].cut(|connection| connection % 8 == which);
                killed.fetch_add(cut, Ordering::SeqCst);
                thread::sleep(Duration::from_millis(5));
            }
        });
        let fates = load.run(gateway.address());
        ended.store(true, Ordering::SeqCst);
        fates
    });
    report("tokens", format!("{fates}; {} connections killed", killed.load(Ordering::SeqCst)));
    gateway.settle();
    fates.check(&ledger);
    for (token, method, fate) in fates.iter() {
        match fate {
            Fate::Answered | Fate::Left => {}
            Fate::Refused(refusal) => {
                assert!(matches!(refusal.status, 502 | 503), "{method} {token}: {fate:?}");
            }
            _ => panic!("{method} {token}: {fate:?}"),
        }
    }
    assert!(fates.answered(ONCE) * 10 > calls * 5, "most calls are answered");
    let open = || backends.iter().map(Backend::open).sum::<usize>();
    eventually("the backends have no connection that the gateway does not know", || {
        open() <= gateway.counts().open
    });
    drop(gateway);
    eventually("every connection is closed", || open() == 0);
}
