//! Several endpoints of a backend, of which some fail.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use thriftgate_tests::ledger::{Ledger, Recording};
use thriftgate_tests::load::{Fate, Fates, IDEMPOTENT, Load, ONCE, Pace};
use thriftgate_tests::{Gateway, eventually};

use super::{alone, calls, report};

/// How long an ejected endpoint is left alone, at first and at most.
const EJECTED: Duration = Duration::from_millis(200);
const MAX_EJECTED: Duration = Duration::from_secs(1);
/// How often it is looked whether that time is over.
const PROBING: Duration = Duration::from_secs(1);

/// Three endpoints of one backend, and a gateway before them.
struct Trio {
    ledger: Arc<Ledger>,
    endpoints: [Recording; 3],
    gateway: Gateway,
}

impl Trio {
    fn start(calls: usize) -> Self {
        let ledger = Ledger::new(calls);
        let endpoints = [(); 3].map(|()| Recording::start(&ledger));
        let addresses: Vec<String> = endpoints
            .iter()
            .map(|endpoint| format!("{:?}", endpoint.backend.address().to_string()))
            .collect();
        let gateway = Gateway::start(&format!(
            "
idl: everything.thrift
backends:
  backend:
    endpoints: [{}]
    deadline: 2s
    attempt_timeout: 250ms
    ejection: {{time: {}ms, max_time: {}ms}}
routes: [{{path: /, method_settings: {{{IDEMPOTENT}: {{idempotent: true}}}}}}]
",
            addresses.join(", "),
            EJECTED.as_millis(),
            MAX_EJECTED.as_millis(),
        ));
        Self { ledger, endpoints, gateway }
    }

    /// Whether the gateway calls an endpoint.
    fn is_healthy(&self, endpoint: &Recording) -> bool {
        let address = endpoint.backend.address();
        let sample = format!("thriftgate_endpoint_healthy{{backend=\"backend\",endpoint=\"{address}\"}} 1");
        self.gateway.metrics().lines().any(|line| line == sample)
    }
}

fn by_turns(token: usize) -> &'static str {
    if token.is_multiple_of(2) { IDEMPOTENT } else { ONCE }
}

/// No idempotent call failed, and of the others at most one for each of so many connections that broke.
#[track_caller]
fn assert_spared(fates: &Fates, ledger: &Ledger, broken: usize) {
    fates.check(ledger);
    let failed = fates.failed(IDEMPOTENT);
    assert!(failed.is_empty(), "{} idempotent calls failed, as {:?}", failed.len(), failed[0]);
    let failed = fates.failed(ONCE);
    assert!(
        failed.len() <= broken,
        "{broken} connections broke, {} calls failed, as {:?}",
        failed.len(),
        failed[0]
    );
    assert!(failed.iter().all(|fate| matches!(fate, Fate::Refused(_))), "{failed:?}");
}

// Cases 63 and 70.
#[test]
fn one_killed_and_one_stalled() {
    let _alone = alone();
    let calls = calls(4_000);
    let trio = Trio::start(calls);
    let [killed, stalled, fine] = &trio.endpoints;
    let bad = [killed, stalled];
    let load =
        Load { path: "/", tokens: 0..calls, pace: Pace::Steady(16, 1000), method: by_turns, leaving: None };
    let (fates, cut, out, back) = thread::scope(|scope| {
        let (load, address) = (&load, trio.gateway.address());
        let running = scope.spawn(move || load.run(address));
        eventually("all are called", || trio.endpoints.iter().all(|endpoint| endpoint.backend.calls() > 100));
        stalled.stall(true);
        let cut = killed.backend.stop();
        let began = Instant::now();
        eventually("both are out", || bad.iter().all(|endpoint| !trio.is_healthy(endpoint)));
        let out = began.elapsed();
        killed.backend.listen();
        stalled.stall(false);
        let began = Instant::now();
        eventually("both are back, while there are calls", || {
            running.is_finished() || bad.iter().all(|endpoint| trio.is_healthy(endpoint))
        });
        let back = bad.iter().all(|endpoint| trio.is_healthy(endpoint)).then(|| began.elapsed());
        (running.join().expect("the load ends"), cut, out, back)
    });
    // Of the stalled one, those break whose call was given up.
    let given_up = stalled.backend.connections() - stalled.backend.open();
    report(
        "endpoints, one killed and one stalled",
        format!("{fates}; {cut} cut and {given_up} given up, out after {out:.1?}, back after {back:.1?}"),
    );
    assert_spared(&fates, &trio.ledger, cut + given_up);
    assert!(fine.backend.calls() > calls / 3, "the fine one takes what the others do not");
    let sent: usize = trio.endpoints.iter().map(|endpoint| endpoint.backend.calls()).sum();
    assert!(sent * 10 <= calls * 12, "{sent} were sent of {calls}");
    let back = back.expect("they are back before the load ends");
    assert!(back < MAX_EJECTED + 4 * PROBING, "{back:?}");
}

// Case 85, of backends.
#[test]
fn restarted_in_turn() {
    let _alone = alone();
    let calls = calls(4_000);
    let trio = Trio::start(calls);
    let load =
        Load { path: "/", tokens: 0..calls, pace: Pace::Steady(16, 1000), method: by_turns, leaving: None };
    let (fates, cut, restarts) = thread::scope(|scope| {
        let (load, address) = (&load, trio.gateway.address());
        let running = scope.spawn(move || load.run(address));
        let (mut cut, mut restarts) = (0, 0);
        for endpoint in trio.endpoints.iter().cycle() {
            let before = endpoint.backend.calls();
            eventually("it is called, and the others are back", || {
                let healthy = trio.endpoints.iter().all(|endpoint| trio.is_healthy(endpoint));
                running.is_finished() || (healthy && endpoint.backend.calls() > before + 20)
            });
            if running.is_finished() {
                break;
            }
            cut += endpoint.backend.stop();
            thread::sleep(Duration::from_millis(100));
            endpoint.backend.listen();
            restarts += 1;
        }
        (running.join().expect("the load ends"), cut, restarts)
    });
    report("endpoints restarted in turn", format!("{fates}; {restarts} restarts, {cut} connections cut"));
    assert!(restarts >= 3, "each is restarted");
    assert_spared(&fates, &trio.ledger, cut);
}

// Case 63: after five failures none is sent to it but those that are under way, until it is probed.
#[test]
fn out_within_five_failures() {
    const CALLERS: usize = 8;
    let _alone = alone();
    let calls = 3_000;
    let trio = Trio::start(calls);
    let [bad, others @ ..] = &trio.endpoints;
    // So slow that who does not look at failures goes where they come fast.
    others.iter().for_each(|endpoint| endpoint.pause(Duration::from_millis(2)));
    bad.sulk(true);
    let load =
        Load { path: "/", tokens: 0..calls, pace: Pace::Closed(CALLERS), method: |_| ONCE, leaving: None };
    let fates = load.run(trio.gateway.address());
    report("endpoints, one sulking", format!("{fates}; {} came to it", bad.backend.calls()));
    fates.check(&trio.ledger);
    let failed = fates.failed(ONCE).len();
    assert_eq!(failed, bad.backend.calls(), "each failure is one of its calls");
    // Each return, and there is time for some, is a trial with one call.
    let returns = fates.took.as_millis() / EJECTED.as_millis();
    assert!(failed <= 5 + (CALLERS - 1) + usize::try_from(returns).expect("a few"), "{failed}");
}
