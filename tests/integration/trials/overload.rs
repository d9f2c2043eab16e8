//! More load than a backend takes.

use std::thread;
use std::time::Duration;

use thriftgate_tests::Gateway;
use thriftgate_tests::ledger::{Ledger, Recording};
use thriftgate_tests::load::{Load, ONCE, Pace};

use super::{alone, bound, calls, report};

/// How many calls the backend serves at once, how long each takes there, and how many a second it is offered: ten
/// times what it serves. Other builds than that for release could not offer as many.
const AT_ONCE: usize = if cfg!(debug_assertions) { 2 } else { 8 };
const SERVED_IN: Duration = Duration::from_millis(if cfg!(debug_assertions) { 50 } else { 20 });
const RATE: u32 = if cfg!(debug_assertions) { 400 } else { 4000 };

// Case 67.
#[test]
fn ten_times_what_the_backend_serves() {
    let _alone = alone();
    let calls = calls(3 * RATE as usize);
    let warming = 40 * AT_ONCE;
    let ledger = Ledger::new(warming + calls);
    let backend = Recording::start(&ledger);
    backend.pause(SERVED_IN);
    let gateway = Gateway::before(
        "everything.thrift",
        backend.backend.address(),
        &format!("max_connections: {AT_ONCE}, max_waiting: 16"),
    );
    let peak =
        Load { path: "/", tokens: 0..warming, pace: Pace::Closed(AT_ONCE), method: |_| ONCE, leaving: None };
    let load = Load { tokens: warming..warming + calls, pace: Pace::Open(RATE), ..peak.clone() };
    let peak = peak.run(gateway.address());
    report("overload, at the peak", &peak);
    let peak = peak.answered(ONCE) as f64 / peak.took.as_secs_f64();
    let fates = load.run(gateway.address());
    let goodput = fates.answered(ONCE) as f64 / fates.took.as_secs_f64();
    let p99 = fates.quantile(0.99, |fate| fate.is_refused("OVERLOADED"));
    let seen = format!("{fates}; {goodput:.0} of {peak:.0} a second, refused within {p99:.1?} at p99");
    report("overload, ten times that", seen);
    fates.check(&ledger);
    assert_eq!(fates.answered(ONCE) + fates.refused("OVERLOADED"), calls, "{:?}", fates.failed(ONCE));
    assert!(backend.most_at_once() <= AT_ONCE);
    assert!(p99 <= bound(Duration::from_millis(10)), "refused within {p99:?} at p99");
    // In a debug build, beside other tests, the machine may stand still for a while.
    let share = if cfg!(debug_assertions) { 0.5 } else { 0.95 };
    assert!(goodput >= share * peak, "{goodput} of {peak} a second");
}

// Cases 69 and 74.
#[test]
fn a_slow_backend_leaves_another_alone() {
    let _alone = alone();
    let calls = calls(500);
    let ledger = Ledger::new(3 * calls);
    let (slow, quick) = (Recording::start(&ledger), Recording::start(&ledger));
    let gateway = Gateway::start(&format!(
        "
idl: everything.thrift
backends:
  slow: {{address: \"{}\", deadline: 2s, max_connections: 8, max_waiting: 64}}
  quick: \"{}\"
routes:
  - {{path: /slow, backend: slow}}
  - {{path: /, backend: quick}}
",
        slow.backend.address(),
        quick.backend.address()
    ));
    let loud = Load {
        path: "/slow",
        tokens: 2 * calls..3 * calls,
        pace: Pace::Open(RATE / 4),
        method: |_| ONCE,
        leaving: None,
    };
    let load = |tokens| Load { path: "/", tokens, pace: Pace::Steady(8, 250), ..loud.clone() };
    let alone = load(0..calls).run(gateway.address());
    report("a quick backend, alone", &alone);
    slow.stall(true);
    let beside = thread::scope(|scope| {
        scope.spawn(|| report("a stalled backend", loud.run(gateway.address())));
        load(calls..2 * calls).run(gateway.address())
    });
    report("a quick backend, beside a stalled one", &beside);
    assert_eq!((alone.answered(ONCE), beside.answered(ONCE)), (calls, calls), "{:?}", beside.failed(ONCE));
    let [alone, beside] = [alone, beside].map(|fates| fates.quantile(0.99, |_| true));
    assert!(beside <= alone * 2 + bound(Duration::from_millis(5)), "{alone:?} alone, {beside:?} beside");
}
