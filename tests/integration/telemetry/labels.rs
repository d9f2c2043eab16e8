//! The labels of metrics: what clients send adds nothing to them.

use serde_json::json;
use thrift::protocol::TMessageType;
use thriftgate_tests::Gateway;
use thriftgate_tests::backend::{Backend, Step};
use thriftgate_tests::client::{Connection, post};

use super::Site;
use super::samples::{labels, metrics};
use crate::native::{WIRES, message};

/// Calls of a name, a path, a service and a host that nobody knows, by every door.
fn call_nonsense(connection: &mut Connection, nonsense: &str) {
    let body =
        json!({"method": nonsense, "service": nonsense, "arguments": {nonsense: nonsense}}).to_string();
    let json = |host: &'_ str| {
        [("Content-Type", "application/json"), ("X-Forwarded-Host", host), ("X-Request-Id", host)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    let headers = json(nonsense);
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (&**name, &**value)).collect();
    let mut requests = vec![
        post("/", &headers, body.as_bytes()),
        post("/", &headers, json!({"method": nonsense}).to_string().as_bytes()),
        post("/", &headers, json!({"method": "get", "arguments": {nonsense: 1}}).to_string().as_bytes()),
        post(&format!("/{nonsense}"), &headers, b"{}"),
        post(&format!("/Shop/{nonsense}"), &headers, b"{}"),
        post(&format!("/Shop/get/{nonsense}"), &headers, b"{}"),
        post("/", &[("Content-Type", nonsense)], b"{}"),
        post("/", &[headers[0], ("User-Agent", nonsense), ("Authorization", nonsense)], b"{"),
        format!("{nonsense} / HTTP/1.1\r\nHost: {nonsense}\r\nContent-Length: 0\r\n\r\n")
            .replace("\\r\\n", "\r\n")
            .into_bytes(),
    ];
    for wire in WIRES {
        let call = message(wire, TMessageType::Call, nonsense, 1, Some(nonsense));
        requests.push(post("/", &[("Content-Type", wire.content_type())], &call));
    }
    for request in requests {
        connection.send(&request);
        if connection.try_reply().is_none() {
            panic!("no answer to {}", String::from_utf8_lossy(&request));
        }
    }
}

#[test]
fn clients_add_none() {
    let site = Site::new("routes: [{path: /, host: [gateway, \"*\"]}]\n");
    site.configure("");
    let gateway = Gateway::by_file(&site.folder.path().join("gateway.yaml"));
    let series = || {
        let all = metrics(&gateway.metrics()).into_values().flat_map(|metric| metric.samples);
        let mut all: Vec<String> = all.map(|(series, _)| series).collect();
        all.sort();
        all
    };
    let mut connection = Connection::open(gateway.address());
    call_nonsense(&mut connection, "nonsense0");
    let before = series();
    for number in 1..100 {
        call_nonsense(&mut connection, &format!("nonsense{number}"));
    }
    assert_eq!(series(), before);
    assert!(!before.iter().any(|series| series.contains("nonsense")), "{before:#?}");
}

/// Names of the configuration may hold what ends a label.
#[test]
fn names_are_escaped() {
    let backend = Backend::start(|call| vec![Step::Send(call.echo())]);
    let gateway = Gateway::start(&format!(
        "idl: everything.thrift\nbackends: {{'a \"b\" \\c': \"{}\"}}\n",
        backend.address()
    ));
    gateway.call("echoI32", json!({"value": 1}));
    let metrics = metrics(&gateway.metrics());
    let (series, _) = &metrics["thriftgate_backend_connections"].samples[0];
    assert_eq!(labels(series), [("backend".to_owned(), r#"a \"b\" \\c"#.to_owned())]);
}

/// Refusals are told by the group of the caller.
#[test]
fn refusals_by_group() {
    let site = Site::new("");
    let keys = site.folder.path().join("keys.yaml").display().to_string();
    let new_key = |group: &str| {
        let made =
            crate::process::run(&["keys", "new", "--file", &keys, "--caller", "acme", "--group", group]);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        String::from_utf8(made.stdout).expect("a key").trim().to_owned()
    };
    let (partner, trial) = (new_key("partners"), new_key("trial"));
    site.configure(
        "authentication: {keys: {file: keys.yaml}}\ngroups:\n  partners: {deny: [Shop.pay]}\n  \
         trial: {rate: {requests: 1, per: 1h}}\n",
    );
    let gateway = Gateway::by_file(&site.folder.path().join("gateway.yaml"));
    let call = |key: &str, method: &str| {
        let headers = [("Content-Type", "application/json"), ("X-API-Key", key)];
        gateway.post_with(&format!("/Shop/{method}"), &headers, br#"{"value":"x"}"#).status
    };
    assert_eq!([call(&partner, "get"), call(&partner, "pay")], [200, 404]);
    assert_eq!([call(&trial, "get"), call(&trial, "get"), call(&trial, "get")], [200, 429, 429]);
    assert_eq!(call("tg_nobody", "get"), 401);
    let metrics = metrics(&gateway.metrics());
    let mut refusals: Vec<(String, String, f64)> = Vec::new();
    for (series, count) in &metrics["thriftgate_refusals_total"].samples {
        let [(_, group), (_, reason)] = <[_; 2]>::try_from(labels(series)).expect("two labels");
        refusals.push((group, reason, *count));
    }
    refusals.sort_by(|one, other| one.0.cmp(&other.0));
    let expected =
        [("", "UNAUTHENTICATED", 1.0), ("partners", "UNKNOWN_METHOD", 1.0), ("trial", "RATE_LIMITED", 2.0)];
    assert_eq!(refusals, expected.map(|(group, reason, count)| (group.to_owned(), reason.to_owned(), count)));
}

/// Outcomes are told with protocol and, where the method declares it, the name of the exception.
#[test]
fn calls_by_protocol_and_exception() {
    let site = Site::new("");
    let gateway = Gateway::by_file(&site.folder.path().join("gateway.yaml"));
    for method in ["get", "refuse", "refuse", "fail"] {
        gateway.call(method, json!({"value": "x"}));
    }
    for wire in WIRES {
        for method in ["get", "refuse"] {
            let call = message(wire, TMessageType::Call, method, 1, Some("x"));
            gateway.post_with("/", &[("Content-Type", wire.content_type())], &call);
        }
    }
    let text = gateway.metrics();
    assert!(text.contains("thriftgate_call_duration_seconds_bucket{le=\"+Inf\","), "{text}");
    let metrics = metrics(&text);
    let count = |wanted: &[(&str, &str)]| -> f64 {
        let has = |series: &str| {
            let all = labels(series);
            wanted.iter().all(|(name, value)| all.iter().any(|(of, is)| of == name && is == value))
        };
        let samples = &metrics["thriftgate_calls_total"].samples;
        samples.iter().filter(|(series, _)| has(series)).map(|(_, count)| count).sum()
    };
    assert_eq!(count(&[("method", "refuse"), ("exception", "Refused"), ("outcome", "error")]), 6.0);
    assert_eq!(count(&[("method", "refuse"), ("protocol", "human")]), 2.0);
    // Both kinds of the binary protocol are one.
    for (protocol, calls) in [("human", 1.0), ("binary", 2.0), ("compact", 1.0), ("tjson", 1.0)] {
        assert_eq!(
            count(&[("method", "get"), ("protocol", protocol), ("outcome", "success")]),
            calls,
            "{protocol}"
        );
    }
    assert_eq!(count(&[("method", "fail"), ("exception", ""), ("outcome", "BACKEND_EXCEPTION")]), 1.0);
    assert_eq!(count(&[("exception", "Gone")]), 0.0);
}

/// Nothing is counted of calls where that is switched off.
#[test]
fn calls_are_not_counted_where_that_is_off() {
    let site = Site::new("metrics: {calls: false}\n");
    let gateway = Gateway::by_file(&site.folder.path().join("gateway.yaml"));
    gateway.call("get", json!({"value": "x"}));
    gateway.post("/nothing", "{}");
    let metrics = metrics(&gateway.metrics());
    for name in ["thriftgate_calls_total", "thriftgate_call_duration_seconds", "thriftgate_refusals_total"] {
        assert!(metrics[name].samples.is_empty(), "{name}");
    }
    assert!(!metrics["thriftgate_backend_connections"].samples.is_empty());
}
