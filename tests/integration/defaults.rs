//! With an empty configuration every limit is on.

use std::time::Duration;

use thriftgate_config::{Limits, Settings};
use thriftgate_tests::backend::Backend;
use thriftgate_tests::client::{Connection, post};
use thriftgate_tests::{Gateway, data};

const JSON: &[(&str, &str)] = &[("Content-Type", "application/json")];
const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

// Each limit is named here, so that a new one is not forgotten.
#[test]
fn every_limit_has_a_value() {
    let yaml = "idl: everything.thrift\nbackends: {b: 127.0.0.1:9090}\n";
    let settings = Settings::parse(&data("gateway.yaml"), yaml, &|_| None).expect("a configuration");
    let Limits {
        body,
        frame,
        depth,
        headers,
        header_timeout,
        body_timeout,
        deadline,
        reply,
        reply_timeout,
        connections,
        calls,
        backend_calls,
        endpoint_connections,
        bodies,
        memory,
        address_rate,
    } = settings.limits;
    assert_eq!((body, frame, reply, bodies, headers), (16 * MIB, 16 * MIB, 64 * MIB, 256 * MIB, 32 * KIB));
    assert_eq!((depth, connections, calls), (64, 10_000, 1024));
    assert_eq!((backend_calls, endpoint_connections), (256, 64));
    let seconds = [header_timeout, body_timeout, deadline, reply_timeout].map(|time| time.as_secs());
    assert_eq!(seconds, [10, 30, 10, 30]);
    assert!(memory > 0.5 && memory < 1.0, "{memory}");
    // Behind a balancer or a translation of addresses all callers may have one.
    assert_eq!(address_rate, None);
    let backend = &settings.backends[0];
    assert_eq!((backend.max_calls, backend.max_connections), (backend_calls, endpoint_connections));
    assert_eq!(backend.deadline, deadline);
    assert!(backend.connect_timeout <= deadline && backend.idle_timeout < Duration::from_secs(3600));
}

// Those that a single call meets, in force at what they are by default.
#[test]
fn limits_of_a_call_are_in_force() {
    let backend = Backend::echoing();
    let gateway = Gateway::before("everything.thrift", backend.address(), "");
    let blanks = |size: usize| vec![b' '; size];
    let nested = |depth: usize| {
        format!("{{\"method\":\"echoI32\",\"arguments\":{}{}}}", "{\"a\":".repeat(depth), "}".repeat(depth))
    };
    let large = ("X-Large", "v".repeat(33 * KIB));
    let cases = [
        ("body", post("/", JSON, &blanks(16 * MIB + 1)), 413, "BODY_TOO_LARGE"),
        ("depth", post("/", JSON, nested(65).as_bytes()), 400, "INVALID_JSON"),
        ("headers", post("/", &[JSON[0], (large.0, &large.1)], b"{}"), 431, ""),
    ];
    for (name, request, status, code) in cases {
        let mut connection = Connection::open(gateway.address());
        connection.send(&request);
        let reply = connection.reply();
        assert_eq!(reply.status, status, "{name}");
        if !code.is_empty() {
            assert_eq!(reply.failure().1, code, "{name}");
        }
    }
    assert_eq!(backend.calls(), 0);
}
