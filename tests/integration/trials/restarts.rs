//! Case 85: two gateways behind a balancer, restarted in turn under steady load.

use std::thread;

use thriftgate_tests::balancer::Balancer;
use thriftgate_tests::ledger::{Ledger, Recording};
use thriftgate_tests::load::{Load, ONCE, Pace};

use super::{alone, calls, report};
use crate::process::Process;

#[test]
fn two_gateways_in_turn() {
    let _alone = alone();
    let calls = calls(4_000);
    let ledger = Ledger::new(calls);
    let backend = Recording::start(&ledger);
    let yaml = format!(
        "
idl: IDL/everything.thrift
backends: {{backend: \"{}\"}}
logging: {{access: false, level: warn}}
drain: {{delay: 500ms, grace: 10s}}
",
        backend.backend.address()
    );
    let balancer = Balancer::start();
    let start = || {
        let gateway = Process::serve(&yaml);
        balancer.add(gateway.address(), gateway.admin());
        gateway
    };
    let mut gateways = [start(), start()];
    let load =
        Load { path: "/", tokens: 0..calls, pace: Pace::Steady(16, 1000), method: |_| ONCE, leaving: None };
    let mut restarts = 0;
    let fates = thread::scope(|scope| {
        let (load, address) = (&load, balancer.address());
        let running = scope.spawn(move || load.run(address));
        for turn in (0..gateways.len()).cycle() {
            if running.is_finished() {
                break;
            }
            let gone = gateways[turn].address();
            gateways[turn].signal("TERM");
            let (code, _) = std::mem::replace(&mut gateways[turn], start()).end();
            assert_eq!(code, Some(0));
            balancer.remove(gone);
            restarts += 1;
        }
        running.join().expect("the load ends")
    });
    report("two gateways restarted in turn", format!("{fates}; {restarts} restarts"));
    assert!(restarts >= 4, "each is restarted twice");
    fates.check(&ledger);
    let failed = fates.failed(ONCE);
    assert!(failed.is_empty(), "{} failed, as {:?}", failed.len(), failed[0]);
}
