//! What the headers of a request decide: language, coding, style, deadline, and who may call at all.

use std::time::{Duration, Instant};

use serde_json::json;
use thriftgate_tests::Gateway;
use thriftgate_tests::backend::{Backend, Step};
use thriftgate_tests::client::{Reply, exchange};

const JSON: (&str, &str) = ("Content-Type", "application/json");
const CALL: &[u8] = br#"{"method":"echoString","arguments":{"value":"x"}}"#;

fn gateway() -> (Gateway, Backend) {
    let backend = Backend::echoing();
    (Gateway::before("everything.thrift", backend.address(), ""), backend)
}

// Case 44.
#[test]
fn content_types() {
    let (gateway, backend) = gateway();
    let spoken = [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json ;charset=latin1",
        "application/x-thrift",
        "application/x-thrift; protocol=nonsense",
    ];
    for content_type in spoken {
        let reply = gateway.post_with("/", &[("Content-Type", content_type)], CALL);
        assert_eq!(reply.success(), "x", "{content_type}");
        assert_eq!(reply.header("content-type"), Some("application/json"), "{content_type}");
    }
    assert_eq!(backend.calls(), spoken.len());
    let refused = [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "application/problem+json",
        "text/json",
        "json",
        "application/json, text/plain",
        "*/*",
    ];
    for content_type in refused {
        let reply = gateway.post_with("/", &[("Content-Type", content_type)], CALL);
        assert_unsupported(&reply);
    }
    assert_unsupported(&gateway.post_with("/", &[], CALL));
    assert_unsupported(&gateway.post_with("/Everything/answer", &[], b""));
    assert_eq!(backend.calls(), spoken.len());
}

#[track_caller]
fn assert_unsupported(reply: &Reply) {
    assert_eq!(reply.failure(), (415, "UNSUPPORTED_MEDIA_TYPE".into(), "no".into()));
    assert_eq!(reply.exception("type"), 9);
    let message = reply.exception("message");
    assert!(message.as_str().is_some_and(|message| message.contains("application/json")), "{message}");
}

// Case 98.
#[test]
fn pages_of_other_origins_are_refused() {
    let (gateway, backend) = gateway();
    let port = gateway.address().port();
    let host = format!("127.0.0.1:{port}");
    let own = format!("http://{host}");
    let call = |headers: &[(&str, &str)]| {
        let mut request = format!("POST / HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n");
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str(&format!("Content-Length: {}\r\n\r\n", CALL.len()));
        exchange(gateway.address(), &[request.as_bytes(), CALL].concat())
    };
    let allowed: [&[(&str, &str)]; 5] = [
        &[],
        &[("Origin", &own)],
        &[("Origin", &own), ("Sec-Fetch-Site", "same-origin")],
        &[("Sec-Fetch-Site", "same-site")],
        &[("Sec-Fetch-Site", "none")],
    ];
    for headers in allowed {
        assert_eq!(call(headers).status, 200, "{headers:?}");
    }
    let other_port = "http://127.0.0.1:1";
    let suffix = format!("http://{host}.evil.example");
    let refused: [&[(&str, &str)]; 7] = [
        &[("Origin", "http://evil.example")],
        &[("Origin", "null")],
        &[("Origin", "")],
        &[("Origin", other_port)],
        &[("Origin", &suffix)],
        &[("Sec-Fetch-Site", "cross-site")],
        &[("Origin", "http://evil.example"), ("Sec-Fetch-Site", "same-origin")],
    ];
    for headers in refused {
        let reply = call(headers);
        assert_eq!(reply.failure(), (403, "PERMISSION_DENIED".into(), "no".into()), "{headers:?}");
        assert_eq!(reply.header("access-control-allow-origin"), None);
    }
    assert_eq!(backend.calls(), allowed.len());
}

#[test]
fn style_of_the_caller() {
    let backend = Backend::echoing();
    let yaml = |route: &str| {
        format!(
            "idl: everything.thrift\nbackends: {{backend: \"{}\"}}\nroutes: [{{path: /, {route}}}]",
            backend.address()
        )
    };
    let body = json!({"method": "echoEverything", "arguments": {"value": {
        "scalars": {"anI64": "9007199254740993", "aColor": "BLUE"}, "colorNames": {"GREEN": "g"},
    }}})
    .to_string();
    let plain =
        json!({"scalars": {"anI64": 9007199254740993_i64, "aColor": "BLUE"}, "colorNames": {"GREEN": "g"}});
    let text =
        json!({"scalars": {"anI64": "9007199254740993", "aColor": "BLUE"}, "colorNames": {"GREEN": "g"}});
    let numbers = json!({"scalars": {"anI64": 9007199254740993_i64, "aColor": 5}, "colorNames": {"1": "g"}});
    let both = json!({"scalars": {"anI64": "9007199254740993", "aColor": 5}, "colorNames": {"1": "g"}});
    let cases = [
        ("style: {}", "*/*", &plain),
        ("style: {}", "application/json", &plain),
        ("style: {}", "application/json; i64=string", &text),
        ("style: {}", "application/json;i64=string;enums=number", &both),
        ("style: {}", "text/html, application/json; enums=number; q=0.5", &numbers),
        ("style: {}", "application/json; i64=hexadecimal; colour=blue", &plain),
        ("style: {}", "text/html; i64=string", &plain),
        ("style: {i64: string}", "*/*", &text),
        ("style: {i64: string, enums: number}", "application/json; i64=number", &numbers),
        ("style: {i64: string}, caller_style: forbid", "application/json; i64=number; enums=number", &text),
    ];
    for (route, accept, expected) in cases {
        let gateway = Gateway::start(&yaml(route));
        let reply = gateway.post_with("/", &[JSON, ("Accept", accept)], body.as_bytes());
        assert_eq!(&reply.success(), expected, "{route} {accept}");
    }
    let gateway = Gateway::start(&yaml("style: {unknown_fields: ignore, missing_arguments: refuse}"));
    assert_eq!(gateway.call("echoI32", json!({"value": 1, "more": [{}]})).success(), 1);
    assert_eq!(gateway.call("echoI32", json!({})).exception("path"), "arguments.value");
}

#[test]
fn the_caller_may_shorten_the_deadline() {
    let backend = Backend::start(|_| vec![Step::Stall]);
    let gateway = Gateway::before("everything.thrift", backend.address(), "deadline: 300ms");
    let took = |timeout: &str| {
        let began = Instant::now();
        let reply = gateway.post_with("/", &[JSON, ("X-Request-Timeout", timeout)], CALL);
        assert_eq!(reply.failure(), (504, "DEADLINE_EXCEEDED".into(), "maybe".into()), "{timeout}");
        began.elapsed()
    };
    assert!(took("0.05") < Duration::from_millis(250));
    for longer in ["60", "0.3", "1e3"] {
        let took = took(longer);
        assert!(took >= Duration::from_millis(300) && took < Duration::from_secs(2), "{longer}: {took:?}");
    }
    for wrong in ["soon", "-1", "NaN", "inf", "1s", ""] {
        let reply = gateway.post_with("/", &[JSON, ("X-Request-Timeout", wrong)], CALL);
        assert_eq!(reply.failure(), (400, "INVALID_ARGUMENT".into(), "no".into()), "{wrong}");
    }
    assert_eq!(backend.calls(), 4);
}

// Case 45.
#[test]
fn cors() {
    let backend = Backend::echoing();
    let gateway = Gateway::start(&format!(
        "
idl: everything.thrift
backends: {{backend: \"{}\"}}
routes: [{{path: /, cors: {{origins: [\"https://app.example.com\"], headers: [X-Tenant], max_age: 5m}}}}]
",
        backend.address()
    ));
    let preflight = |origin: &str| {
        let request = format!(
            "OPTIONS / HTTP/1.1\r\nHost: gateway\r\nOrigin: {origin}\r\nAccess-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: content-type, x-tenant\r\n\r\n"
        );
        exchange(gateway.address(), request.as_bytes())
    };
    let reply = preflight("https://app.example.com");
    assert_eq!((reply.status, reply.body.len()), (204, 0));
    assert_eq!(reply.header("access-control-allow-origin"), Some("https://app.example.com"));
    assert_eq!(reply.header("access-control-allow-methods"), Some("POST"));
    assert_eq!(reply.header("access-control-max-age"), Some("300"));
    let headers = reply.header("access-control-allow-headers").expect("headers").to_ascii_lowercase();
    for name in ["content-type", "accept", "x-tenant"] {
        assert!(headers.contains(name), "{headers}");
    }
    let call = |origin: &str| gateway.post_with("/", &[JSON, ("Origin", origin)], CALL);
    let reply = call("https://app.example.com");
    assert_eq!(reply.success(), "x");
    assert_eq!(reply.header("access-control-allow-origin"), Some("https://app.example.com"));
    let exposed = reply.header("access-control-expose-headers").expect("headers").to_ascii_lowercase();
    for name in ["retry-after", "thrift-status", "thrift-outcome", "x-request-id"] {
        assert!(exposed.contains(name), "{exposed}");
    }
    let others = [
        "null",
        "http://app.example.com",
        "https://app.example.com:8443",
        "https://app.example.com.evil.example",
        "https://evil-app.example.com",
        "https://example.com",
    ];
    for origin in others {
        assert_eq!(preflight(origin).header("access-control-allow-origin"), None, "{origin}");
        let reply = call(origin);
        assert_eq!(reply.failure().0, 403, "{origin}");
        assert_eq!(reply.header("access-control-allow-origin"), None, "{origin}");
        assert_eq!(reply.header("vary").map(str::to_ascii_lowercase).as_deref(), Some("origin"), "{origin}");
    }
    assert_eq!(backend.calls(), 1);
}
