//! Weights between the backends of one route.

use serde_json::json;
use thriftgate_protocols::framing::Transport;
use thriftgate_protocols::wire::Protocol;
use thriftgate_tests::backend::{Backend, Dialect, Step};
use thriftgate_tests::client::{Connection, post};
use thriftgate_tests::{Folder, Gateway};

use crate::native::{WIRES, message, read};
use crate::routing::{IDL, named};

const JSON: &[(&str, &str)] = &[("Content-Type", "application/json")];

/// The canary speaks another protocol over another transport, and is multiplexed.
fn gateway(stable: &Backend, canary: &Backend, weights: &str) -> (Gateway, Folder) {
    let folder = Folder::new();
    let idl = folder.write("users.thrift", IDL);
    let yaml = format!(
        "
idl: {}
backends:
  stable: {{address: \"{}\"}}
  canary: {{address: \"{}\", protocol: compact, transport: buffered, multiplexed: true, retries: {{attempts: 0}}}}
routes: [{{path: /, services: [Users], backend: {weights}}}]
",
        idl.display(),
        stable.address(),
        canary.address()
    );
    (Gateway::start(&yaml), folder)
}

fn canary() -> Dialect {
    Dialect { protocol: Protocol::Compact, transport: Transport::Unframed, ..Dialect::default() }
}

#[test]
fn calls_are_shared_by_weight_over_every_door() {
    const CALLS: usize = 400;
    let (first, second) = (named("stable", Dialect::default()), named("canary", canary()));
    let (gateway, _folder) = gateway(&first, &second, "{stable: 95, canary: 5}");
    let mut connection = Connection::open(gateway.address());
    for number in 0..CALLS {
        if number % 2 == 0 {
            // Arguments before the method: the choice is made once, though the method is asked for twice.
            let body = json!({"arguments": {"value": "x"}, "method": "login"}).to_string();
            connection.send(&post("/", JSON, body.as_bytes()));
            let says = connection.reply().success();
            assert!(says == "stable login" || says == "canary Users:login", "{says}");
        } else {
            let wire = WIRES[number / 2 % WIRES.len()];
            let number = i32::try_from(number).expect("few calls");
            let body = message(wire, thrift::protocol::TMessageType::Call, "login", number, Some("x"));
            connection.send(&post("/", &[("Content-Type", wire.content_type())], &body));
            let reply = read(wire, &connection.reply().body);
            assert_eq!(reply.number, number);
            assert!(matches!(&*reply.strings[0].1, "stable login" | "canary Users:login"), "{reply:?}");
        }
    }
    assert_eq!(first.calls() + second.calls(), CALLS);
    assert!((12..=28).contains(&second.calls()), "{} of {CALLS}", second.calls());
}

#[test]
fn a_weight_of_nothing_gets_nothing() {
    let (first, second) = (named("stable", Dialect::default()), named("canary", canary()));
    let (gateway, _folder) = gateway(&first, &second, "{stable: 0, canary: 1}");
    for _ in 0..20 {
        assert_eq!(gateway.call("login", json!({"value": "x"})).success(), "canary Users:login");
    }
    assert_eq!((first.calls(), second.calls()), (0, 20));
}

/// The canary's failures stay its own: they are its share of the calls, and the other backend gets no more than its own.
#[test]
fn failures_do_not_spill_over() {
    const CALLS: usize = 200;
    let stable = named("stable", Dialect::default());
    let broken = Backend::speaking(canary(), |_| vec![Step::Close]);
    let (gateway, _folder) = gateway(&stable, &broken, "{stable: 3, canary: 1}");
    let failed = (0..CALLS).filter(|_| gateway.call("login", json!({"value": "x"})).status != 200).count();
    assert_eq!(stable.calls() + failed, CALLS);
    assert!((40..=60).contains(&failed), "{failed} of {CALLS}");
}
