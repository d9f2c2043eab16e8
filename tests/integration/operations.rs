//! What operators see: health, metrics, and the access log.

use serde_json::{Value, json};
use thriftgate_tests::backend::{Backend, Step};
use thriftgate_tests::client::{Connection, get, post};
use thriftgate_tests::{Gateway, eventually};

use crate::process::Process;

const HEADERS: &[(&str, &str)] = &[("Content-Type", "application/json")];

fn gateway() -> (Gateway, Backend) {
    let backend = Backend::echoing();
    (Gateway::before("everything.thrift", backend.address(), ""), backend)
}

// Case 95.
#[test]
fn the_admin_listener_is_not_the_public_one() {
    let (gateway, _backend) = gateway();
    for (path, body) in [("/healthz", "ok\n"), ("/readyz", "ready\n")] {
        let reply = get(gateway.admin(), path);
        assert_eq!((reply.status, reply.text().as_str()), (200, body));
    }
    for path in
        ["/healthz", "/readyz", "/metrics", "/config", "/backends", "/routes", "/version", "/log-level"]
    {
        let reply = get(gateway.address(), path);
        assert!(matches!(reply.status, 404 | 405), "{path} {}", reply.text());
        assert_eq!(reply.exception("executed"), "no", "{path}");
    }
    assert_eq!(get(gateway.admin(), "/answer").status, 404);
    let call = post("/", HEADERS, br#"{"method":"answer"}"#);
    assert_eq!(thriftgate_tests::client::exchange(gateway.admin(), &call).status, 405);
}

/// The samples of a text in the format of OpenMetrics, which is checked: name with labels, and value.
fn samples(text: &str) -> Vec<(String, f64)> {
    let mut families: Vec<(String, String)> = Vec::new();
    let mut samples = Vec::new();
    let body = text.strip_suffix("# EOF\n").expect("the end is marked");
    for line in body.lines() {
        if let Some(comment) = line.strip_prefix("# ") {
            let words: Vec<&str> = comment.splitn(3, ' ').collect();
            match words[..] {
                ["TYPE", name, kind] => {
                    assert!(!families.iter().any(|(of, _)| of == name), "{name} comes twice");
                    families.push((name.to_owned(), kind.to_owned()));
                }
                ["HELP" | "UNIT", ..] => {}
                _ => panic!("{line}"),
            }
            continue;
        }
        let (name, value) = line.rsplit_once(' ').expect("a name and a value");
        let value: f64 = value.parse().unwrap_or_else(|_| panic!("{line}"));
        let bare = name.split('{').next().expect("a name");
        assert!(bare.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'), "{line}");
        if let Some(labels) = name.strip_prefix(bare).filter(|labels| !labels.is_empty()) {
            assert!(labels.starts_with('{') && labels.ends_with("\"}"), "{line}");
        }
        let (family, kind) = families.last().expect("a family before its samples");
        let suffix =
            bare.strip_prefix(family.as_str()).unwrap_or_else(|| panic!("{line} is not of {family}"));
        let fits = match kind.as_str() {
            "counter" => suffix == "_total",
            "histogram" => matches!(suffix, "_bucket" | "_sum" | "_count"),
            "gauge" => suffix.is_empty(),
            "info" => suffix == "_info",
            _ => false,
        };
        assert!(fits, "{line} is no sample of a {kind}");
        assert!(!samples.iter().any(|(of, _)| of == name), "{line} comes twice");
        samples.push((name.to_owned(), value));
    }
    samples
}

/// The sum of the samples of this name that have all these labels.
fn sum(samples: &[(String, f64)], name: &str, labels: &[(&str, &str)]) -> f64 {
    let wanted = |sample: &str| {
        sample.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('{'))
            && labels.iter().all(|(label, value)| sample.contains(&format!("{label}=\"{value}\"")))
    };
    samples.iter().filter(|(sample, _)| wanted(sample)).map(|(_, value)| value).sum()
}

#[test]
fn metrics_by_route_method_and_outcome() {
    let backend = Backend::start(|call| match call.name.as_str() {
        "answer" => vec![Step::Send(call.exception(6, "no"))],
        _ => vec![Step::Send(call.echo())],
    });
    let gateway = Gateway::start(&format!(
        "idl: everything.thrift\nbackends: {{main: \"{}\"}}\nroutes: [{{path: /v1}}, {{path: /v2}}]\n",
        backend.address()
    ));
    let call = |path: &str, method: &str, arguments: Value| {
        gateway.post(path, &json!({"method": method, "arguments": arguments}).to_string()).status
    };
    for value in 0..3 {
        assert_eq!(call("/v1", "echoI32", json!({"value": value})), 200);
    }
    assert_eq!(call("/v2", "echoI32", json!({"value": 1})), 200);
    assert_eq!(call("/v1", "echoI32", json!({"value": "x"})), 400);
    assert_eq!(call("/v1", "answer", json!({})), 500);
    assert_eq!(call("/v1", "no\nsuch{method}", json!({})), 404);
    assert_eq!(call("/v3", "answer", json!({})), 404);
    let reply = get(gateway.admin(), "/metrics");
    assert!(
        reply.header("content-type").is_some_and(|kind| kind.starts_with("application/openmetrics-text"))
    );
    let samples = samples(&reply.text());
    let calls = |labels: &[(&str, &str)]| sum(&samples, "thriftgate_calls_total", labels);
    let expected: [(&[(&str, &str)], f64); 7] = [
        (&[], 8.0),
        (&[("route", "/v1"), ("service", "Everything"), ("method", "echoI32"), ("outcome", "success")], 3.0),
        (&[("route", "/v2"), ("method", "echoI32"), ("outcome", "success")], 1.0),
        (&[("route", "/v1"), ("method", "echoI32"), ("outcome", "INVALID_ARGUMENT")], 1.0),
        (&[("method", "answer"), ("outcome", "BACKEND_EXCEPTION")], 1.0),
        (&[("outcome", "UNKNOWN_METHOD")], 1.0),
        (&[("route", ""), ("method", ""), ("outcome", "UNKNOWN_ROUTE")], 1.0),
    ];
    for (labels, count) in expected {
        assert!((calls(labels) - count).abs() < 0.5, "{labels:?}: {}", reply.text());
    }
    // Labels are names of the configuration and the IDL, never a caller's.
    assert!(!reply.text().contains("such"));
    let method = [("route", "/v1"), ("method", "echoI32")];
    let count = sum(&samples, "thriftgate_call_duration_seconds_count", &method);
    assert!((count - 4.0).abs() < 0.5, "{count}");
    let count = sum(&samples, "thriftgate_backend_duration_seconds_count", &method);
    assert!((count - 3.0).abs() < 0.5, "{count}");
    let open = sum(&samples, "thriftgate_backend_connections", &[("backend", "main")]);
    let idle = sum(&samples, "thriftgate_backend_idle_connections", &[("backend", "main")]);
    assert!(open >= 1.0 && (open - idle).abs() < 0.5, "{open} {idle}");
}

#[test]
fn client_connections_are_counted() {
    let (gateway, _backend) = gateway();
    let count = || sum(&samples(&gateway.metrics()), "thriftgate_client_connections", &[]);
    // The one that asks is one of them.
    eventually("none but the one that asks", || (count() - 1.0).abs() < 0.5);
    let connections: Vec<Connection> = (0..7).map(|_| Connection::open(gateway.address())).collect();
    eventually("seven more", || (count() - 8.0).abs() < 0.5);
    drop(connections);
    eventually("none of them", || (count() - 1.0).abs() < 0.5);
}

// Case 94, and invariant 7: one line a call, whatever the caller writes.
#[test]
fn access_log() {
    for format in ["json", "text"] {
        let backend = Backend::start(|call| match call.name.as_str() {
            "answer" => vec![Step::Send(call.exception(6, "line one\nline two \u{1b}[31m"))],
            "slow" => vec![Step::Stall],
            _ => vec![Step::Send(call.echo())],
        });
        let process = Process::serve(&format!(
            "idl: IDL/everything.thrift\nbackends: {{b: \"{}\"}}\nlogging: {{format: {format}}}\n",
            backend.address()
        ));
        let forged = "x\n{\"method\":\"forged\",\"status\":200}\r\n\u{2028}\u{85}";
        let id = ("X-Request-Id", "vendor\"7,status=200");
        let bodies = [
            json!({"method": "echoI32", "arguments": {"value": 1}}),
            json!({"method": forged}),
            json!({"method": "echoI32", "service": forged}),
            json!({"method": "echoI32", "arguments": {forged: 1}}),
            json!({"method": "answer"}),
        ];
        for body in &bodies {
            let _status = process.post_with("/", &[HEADERS[0], id], body.to_string().as_bytes());
        }
        let _refused = process.post("/%0aforged?q=%0a", "{}");
        let mut leaving = Connection::open(process.address());
        leaving.send(&post("/", HEADERS, br#"{"method":"slow","arguments":{"milliseconds":1}}"#));
        eventually("the call is under way", || backend.calls() == 3);
        drop(leaving);
        eventually("the call is given up", || backend.open() <= 1);
        process.signal("TERM");
        let (code, log) = process.end();
        assert_eq!((code, log.len()), (Some(0), bodies.len() + 2), "{log:#?}");
        assert!(!log.iter().any(|line| line.contains(|c: char| c.is_ascii_control())), "{log:#?}");
        if format == "json" {
            assert_lines(&log);
        } else {
            let success = log.iter().find(|line| line.contains(" 200 success ")).expect("a success");
            assert!(success.contains(" service=Everything method=echoI32 "), "{success}");
        }
    }
}

fn assert_lines(log: &[String]) {
    let lines: Vec<Value> =
        log.iter().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect();
    let told: Vec<_> = lines
        .iter()
        .map(|line| (line["status"].clone(), line["outcome"].clone(), line["method"].clone()))
        .collect();
    let expected = [
        (json!(200), json!("success"), json!("echoI32")),
        (json!(404), json!("UNKNOWN_METHOD"), Value::Null),
        (json!(404), json!("UNKNOWN_SERVICE"), Value::Null),
        (json!(400), json!("INVALID_ARGUMENT"), json!("echoI32")),
        (json!(500), json!("BACKEND_EXCEPTION"), json!("answer")),
        (Value::Null, json!("abandoned"), json!("slow")),
    ];
    for line in expected {
        assert!(told.contains(&line), "{line:?} is not in {told:?}");
    }
    let success = lines.iter().find(|line| line["outcome"] == "success").expect("a success");
    assert_eq!(success["request_id"], "vendor\"7,status=200");
    assert_eq!((&success["route"], &success["service"]), (&json!("/"), &json!("Everything")));
    assert_eq!((&success["protocol"], &success["bytes_in"]), (&json!("human"), &json!(44)));
    assert!(success["duration_ms"].as_f64() >= success["backend_ms"].as_f64());
    assert!(success["client"].as_str().is_some_and(|client| client.starts_with("127.0.0.1:")));
    let time = success["time"].as_str().expect("a time");
    assert!(time.len() == "2026-01-01T00:00:00.000Z".len() && time.ends_with('Z'), "{time}");
    let failed = lines.iter().find(|line| line["outcome"] == "BACKEND_EXCEPTION").expect("a failure");
    // The operator reads what the caller is not told.
    assert!(failed["detail"].as_str().is_some_and(|detail| detail.contains("line two")), "{failed}");
}
