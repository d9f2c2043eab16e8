//! HTTP/1.1 at its edges, byte by byte: what is ambiguous is refused, and no request is ever made of
//! another's body.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::json;
use thriftgate_tests::backend::Backend;
use thriftgate_tests::client::{Connection, get, post};
use thriftgate_tests::{Gateway, PATIENCE, eventually};

const CALL: &str = r#"{"method":"echoString","arguments":{"value":"x"}}"#;
/// A whole request that must never be seen where it stands in the body of another.
const SMUGGLED: &str = "POST /smuggled HTTP/1.1\r\nHost: gateway\r\nContent-Length: 0\r\n\r\n";

fn gateway(limits: &str) -> (Gateway, Backend) {
    let backend = Backend::echoing();
    let yaml = format!("idl: everything.thrift\nbackends: {{backend: \"{}\"}}\n{limits}", backend.address());
    (Gateway::start(&yaml), backend)
}

/// A request of these headers, each on a line of its own, beside the usual ones.
fn request(headers: &str, body: &str) -> Vec<u8> {
    format!("POST / HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n{headers}\r\n{body}")
        .into_bytes()
}

fn with_length(headers: &str) -> Vec<u8> {
    request(&format!("{headers}Content-Length: {}\r\n", CALL.len()), CALL)
}

/// The statuses of the responses to these bytes, and then to a last request, which is left out where it is
/// answered.
fn statuses(gateway: &Gateway, bytes: &[u8]) -> Vec<u16> {
    let last = b"POST /no/such/route HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n";
    let mut connection = Connection::open(gateway.address());
    connection.send(&[bytes, last].concat());
    let mut statuses = Vec::new();
    while let Some(reply) = connection.try_reply() {
        if reply.failure().1 != "UNKNOWN_ROUTE" {
            statuses.push(reply.status);
        }
    }
    statuses
}

/// The status of the one response to these bytes, after which the gateway closes the connection by itself.
#[track_caller]
fn refusal(gateway: &Gateway, name: &str, bytes: &[u8]) -> u16 {
    let mut connection = Connection::open(gateway.address());
    connection.send(bytes);
    let status = connection.try_reply().map_or(0, |reply| reply.status);
    // What comes after is not answered.
    connection.send(SMUGGLED.as_bytes());
    let rest = connection.until_closed(PATIENCE);
    assert!(!rest.starts_with(b"HTTP/1.1"), "{name}: {}", rest.escape_ascii());
    status
}

fn chunks(text: &str) -> String {
    format!("{:x}\r\n{text}\r\n0\r\n\r\n", text.len())
}

// Case 31.
#[test]
fn content_length_beside_chunks() {
    let (gateway, backend) = gateway("");
    let body = format!("{}{SMUGGLED}", chunks(CALL));
    let length = format!("Content-Length: {}\r\n", body.len());
    let chunked = "Transfer-Encoding: chunked\r\n";
    for headers in [format!("{length}{chunked}"), format!("{chunked}{length}")] {
        let status = refusal(&gateway, &headers, &request(&headers, &body));
        assert!(matches!(status, 200 | 400), "{headers}: {status}");
    }
    assert!(backend.calls() <= 2);
}

// Case 32.
#[test]
fn lengths_that_are_none() {
    let (gateway, backend) = gateway("");
    let length = CALL.len();
    let cases = [
        format!("Content-Length: {length}\r\nContent-Length: {}\r\n", length + 1),
        format!("Content-Length: +{length}\r\n"),
        format!("Content-Length: -{length}\r\n"),
        format!("Content-Length: {length}, {}\r\n", length + 1),
        format!("Content-Length: 0x{length:x}\r\n"),
        format!("Content-Length: {length} {length}\r\n"),
        format!("Content-Length: {length}.0\r\n"),
        "Content-Length: 18446744073709551616\r\n".to_owned(),
        "Content-Length: 99999999999999999999999999\r\n".to_owned(),
        "Content-Length: \r\n".to_owned(),
        "Content-Length: many\r\n".to_owned(),
    ];
    for headers in cases {
        assert_eq!(refusal(&gateway, &headers, &request(&headers, CALL)), 400, "{headers}");
    }
    assert_eq!(backend.calls(), 0);
}

// Case 33.
#[test]
fn transfer_codings_and_chunks() {
    let (gateway, backend) = gateway("");
    let chunked = "Transfer-Encoding: chunked\r\n";
    let long_extension = format!("{:x};{}\r\n{CALL}\r\n0\r\n\r\n", CALL.len(), "e".repeat(1 << 20));
    let trailers = "Trailer-Field: value\r\n".repeat(10_000);
    let cases = [
        ("an unknown coding", request("Transfer-Encoding: rot13\r\n", CALL)),
        ("chunked not last", request("Transfer-Encoding: chunked, gzip\r\n", &chunks(CALL))),
        ("chunked in disguise", request("Transfer-Encoding: xchunked\r\n", &chunks(CALL))),
        ("a size that overflows", request(chunked, "ffffffffffffffffff\r\nx\r\n0\r\n\r\n")),
        ("a size that is none", request(chunked, "seven\r\n")),
        ("a negative size", request(chunked, "-1\r\nx\r\n0\r\n\r\n")),
        ("a chunk longer than its size", request(chunked, "1\r\nxyz\r\n0\r\n\r\n")),
        ("a long extension", request(chunked, &long_extension)),
        (
            "a flood of trailers",
            request(chunked, &format!("{:x}\r\n{CALL}\r\n0\r\n{trailers}\r\n", CALL.len())),
        ),
        (
            "chunks in HTTP/1.0",
            format!(
                "POST / HTTP/1.0\r\nHost: gateway\r\nContent-Type: application/json\r\n{chunked}\r\n{}",
                chunks(CALL)
            )
            .into_bytes(),
        ),
    ];
    for (name, bytes) in cases {
        let status = refusal(&gateway, name, &bytes);
        assert!(matches!(status, 400 | 413), "{name}: {status}");
    }
    assert_eq!(backend.calls(), 0);
    let few = format!("{:x};x=y\r\n{CALL}\r\n0\r\nTrailer-Field: value\r\n\r\n", CALL.len());
    assert_eq!(statuses(&gateway, &request(chunked, &few)), [200]);
}

// Case 34.
#[test]
fn hosts() {
    let (gateway, backend) = gateway("");
    let length = CALL.len();
    let rest = format!("Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{CALL}");
    let refused = [
        format!("POST / HTTP/1.1\r\n{rest}"),
        format!("POST / HTTP/1.1\r\nHost: gateway\r\nHost: gateway\r\n{rest}"),
        format!("POST / HTTP/1.1\r\nHost: gateway\r\nHost: other\r\n{rest}"),
        format!("POST http://other/ HTTP/1.1\r\nHost: gateway\r\n{rest}"),
        format!("POST http://gateway:81/ HTTP/1.1\r\nHost: gateway\r\n{rest}"),
        format!("POST / HTTP/1.1\r\nHost: gate way\r\n{rest}"),
        format!("POST / HTTP/1.1\r\nHost: gateway/path\r\n{rest}"),
        format!("POST / HTTP/1.1\r\nHost: user@gateway\r\n{rest}"),
    ];
    for request in refused {
        assert_eq!(refusal(&gateway, &request, request.as_bytes()), 400, "{request}");
    }
    assert_eq!(backend.calls(), 0);
    let served = [
        format!("POST / HTTP/1.1\r\nHost: gateway:8080\r\n{rest}"),
        format!("POST / HTTP/1.1\r\nHost: [::1]:8080\r\n{rest}"),
        format!("POST / HTTP/1.1\r\nHost:\r\n{rest}"),
        format!("POST http://gateway/ HTTP/1.1\r\nHost: gateway\r\n{rest}"),
        format!("POST http://GATEWAY/ HTTP/1.1\r\nHost: gateway\r\n{rest}"),
        format!("POST / HTTP/1.0\r\n{rest}"),
    ];
    for request in served {
        assert_eq!(statuses(&gateway, request.as_bytes()), [200], "{request}");
    }
}

// Case 35.
#[test]
fn lines_of_headers() {
    let (gateway, backend) = gateway("");
    let refused = [
        ("a folded line", with_length("X-Folded: one\r\n two\r\n")),
        ("a blank before the colon", with_length("X-Blank : one\r\n")),
        ("a blank before the name", with_length(" X-Blank: one\r\n")),
        ("no colon", with_length("X-Nothing\r\n")),
        ("no name", with_length(": one\r\n")),
        ("a NUL in a value", with_length("X-Nul: a\0b\r\n")),
        ("a NUL in a name", with_length("X-N\0l: ab\r\n")),
        ("a bare CR", with_length("X-Cr: a\rb\r\n")),
        ("a blank in the length's name", request("Content-Length : 5\r\n", CALL)),
        ("a blank in the coding's name", request("Transfer-Encoding : chunked\r\n", &chunks(CALL))),
        ("no version", format!("POST /\r\nHost: gateway\r\n\r\n{CALL}").into_bytes()),
        ("another version", format!("POST / HTTP/3.0\r\nHost: gateway\r\n\r\n{CALL}").into_bytes()),
    ];
    for (name, bytes) in refused {
        assert_eq!(refusal(&gateway, name, &bytes), 400, "{name}");
    }
    assert_eq!(backend.calls(), 0);
    // A bare LF ends a line, for the length too.
    let bare = String::from_utf8(with_length("")).expect("text").replace("\r\n", "\n");
    let got = statuses(&gateway, &[bare.as_bytes(), &with_length("")].concat());
    assert!(got == [200, 200] || got == [400], "{got:?}");
}

// Case 36.
#[test]
fn upgrades() {
    let (gateway, backend) = gateway("");
    let upgrades = [
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n",
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n",
    ];
    for headers in upgrades {
        let before = backend.calls();
        let got = statuses(&gateway, &[with_length(headers), with_length("")].concat());
        assert!(got == [200, 200] || got == [200], "{got:?}");
        assert_eq!(backend.calls() - before, got.len());
    }
}

// Case 37.
#[test]
fn a_refusal_before_the_body_was_read() {
    let (gateway, backend) = gateway("limits: {body: 1KiB}\n");
    // Each refused by its header alone; the body is a request itself.
    let hidden = SMUGGLED.repeat(1 + 100_000 / SMUGGLED.len());
    for size in [SMUGGLED.len(), hidden.len()] {
        let body = &hidden[..size];
        for (name, headers) in [
            ("413", format!("Content-Length: {}\r\n", 5000 + size)),
            ("415", format!("Content-Length: {size}\r\n")),
        ] {
            let kind = if name == "415" { "text/plain" } else { "application/json" };
            let head = format!("POST / HTTP/1.1\r\nHost: gateway\r\nContent-Type: {kind}\r\n{headers}\r\n");
            let mut connection = Connection::open(gateway.address());
            connection.send(head.as_bytes());
            connection.send(body.as_bytes());
            connection.send(&with_length("Connection: close\r\n"));
            let mut statuses = Vec::new();
            while let Some(reply) = connection.try_reply() {
                statuses.push(reply.status.to_string());
            }
            // One refusal; then the connection is closed, or drained up to the call that follows, never
            // `/smuggled`.
            let whole = name == "415" && statuses == ["415", "200"];
            assert!(whole || statuses == [name], "{name} {size}: {statuses:?}");
        }
    }
    assert!(backend.calls() <= 2);
}

// Case 38.
#[test]
fn too_many_headers() {
    let (gateway, backend) = gateway("");
    let many = |count: usize| (0..count).map(|index| format!("X-{index}: y\r\n")).collect::<String>();
    assert_eq!(statuses(&gateway, &with_length(&many(90))), [200]);
    assert_eq!(refusal(&gateway, "101 headers", &with_length(&many(101))), 431);
    let large = |size: usize| format!("X-Large: {}\r\n", "v".repeat(size));
    assert_eq!(statuses(&gateway, &with_length(&large(20_000))), [200]);
    assert_eq!(refusal(&gateway, "a large one", &with_length(&large(40_000))), 431);
    assert_eq!(refusal(&gateway, "one without end", &request(&"x".repeat(200_000), "")), 431);
    let target = format!("POST /{} HTTP/1.1\r\nHost: gateway\r\n\r\n", "p".repeat(100_000));
    assert!(matches!(refusal(&gateway, "a long target", target.as_bytes()), 414 | 431));
    assert_eq!(backend.calls(), 1 + 1);
}

// Case 41.
#[test]
fn slow_clients() {
    let limits = "limits: {header_timeout: 200ms, body_timeout: 200ms}\n";
    let (gateway, backend) = gateway(limits);
    let whole = with_length("");
    let head = whole.len() - CALL.len();
    // What is sent at once; the rest comes in drips, if at all.
    let cases: [(&str, usize, bool); 6] = [
        ("silence", 0, false),
        ("a header and silence", 30, false),
        ("a header in drips", 0, true),
        ("no body", head, false),
        ("half a body", head + 20, false),
        ("a body in drips", head, true),
    ];
    for (name, at_once, drips) in cases {
        let mut connection = Connection::open(gateway.address());
        let began = Instant::now();
        connection.send(&whole[..at_once]);
        if drips {
            for byte in &whole[at_once..] {
                std::thread::sleep(Duration::from_millis(10));
                if began.elapsed() > Duration::from_secs(1) || connection.try_send(&[*byte]).is_err() {
                    break;
                }
            }
        }
        let answer = connection.until_closed(Duration::from_secs(3));
        let took = began.elapsed();
        assert!(took >= Duration::from_millis(190) && took < Duration::from_millis(1500), "{name}: {took:?}");
        assert!(
            answer.is_empty() || answer.starts_with(b"HTTP/1.1 408"),
            "{name}: {}",
            answer.escape_ascii()
        );
        if at_once >= head && !drips {
            assert!(answer.ends_with(b"}}"), "{name}: {}", answer.escape_ascii());
        }
    }
    // Two requests, the second one slow: a connection is not trusted for its first.
    let mut connection = Connection::open(gateway.address());
    connection.send(&[&whole[..], &whole[..20]].concat());
    assert_eq!(connection.reply().status, 200);
    let answer = connection.until_closed(Duration::from_secs(3));
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 408"), "{}", answer.escape_ascii());
    assert_eq!(backend.calls(), 1);
    eventually("no client is connected", || gateway.metrics().contains("thriftgate_client_connections 1\n"));
}

// Case 43.
#[test]
fn expect_continue() {
    let (gateway, backend) = gateway("limits: {body: 1KiB}\n");
    let ask = |kind: &str, length: usize| {
        let mut connection = Connection::open(gateway.address());
        let head = format!(
            "POST / HTTP/1.1\r\nHost: gateway\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nExpect: 100-continue\r\n\r\n"
        );
        connection.send(head.as_bytes());
        connection
    };
    let mut connection = ask("application/json", CALL.len());
    assert!(connection.continues());
    connection.send(CALL.as_bytes());
    assert_eq!(connection.reply().success(), "x");
    for (kind, length, status) in [("application/json", 5000, 413), ("text/plain", 50, 415)] {
        let mut connection = ask(kind, length);
        assert!(!connection.continues());
        assert_eq!(connection.reply().status, status);
    }
    assert_eq!(backend.calls(), 1);
}

// Case 46, the part of the request id.
#[test]
fn a_request_id_is_echoed_where_a_log_can_hold_it() {
    let (gateway, _backend) = gateway("");
    let longest = "a".repeat(128);
    for (id, is_kept) in [
        ("\"quoted\"", true),
        (&longest, true),
        ("a b", false),
        ("x\ty", false),
        (&format!("{longest}a"), false),
        ("", false),
    ] {
        let headers = [("Content-Type", "application/json"), ("X-Request-Id", id)];
        let reply = gateway.post_with("/", &headers, b"{}");
        let echoed = reply.header("x-request-id").expect("a request id").to_owned();
        assert_eq!(echoed == id, is_kept, "{id}");
        assert_eq!(reply.exception("requestId"), json!(echoed));
    }
    let bytes = with_length("X-Request-Id: caf\u{e9}\r\n");
    let mut connection = Connection::open(gateway.address());
    connection.send(&bytes);
    assert_eq!(connection.reply().status, 200);
}

#[test]
fn requests_may_follow_one_another_without_waiting() {
    let (gateway, backend) = gateway("");
    let mut connection = Connection::open(gateway.address());
    let calls = |number: usize| {
        let body = json!({"method": "echoI32", "arguments": {"value": number}}).to_string();
        post("/", &[("Content-Type", "application/json")], body.as_bytes())
    };
    connection.send(&(0..20).flat_map(calls).collect::<Vec<u8>>());
    for number in 0..20 {
        assert_eq!(connection.reply().success(), number);
    }
    assert_eq!(backend.calls(), 20);
}

#[test]
fn a_connection_over_the_limit_waits() {
    let (gateway, backend) = gateway("limits: {connections: 2}\nruntime: {threads: 1}\n");
    let mut two: Vec<Connection> = (0..2).map(|_| Connection::open(gateway.address())).collect();
    for connection in &mut two {
        connection.send(&with_length(""));
        assert_eq!(connection.reply().status, 200);
    }
    let mut third = Connection::open(gateway.address());
    third.send(&with_length(""));
    two[0].send(&with_length(""));
    assert_eq!(two[0].reply().status, 200);
    assert_eq!(backend.calls(), 3);
    // Who looks after the gateway is not held up by its clients.
    assert_eq!(get(gateway.admin(), "/healthz").status, 200);
    two.pop();
    assert_eq!(third.reply().status, 200);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    // Whatever comes, the gateway lives, and makes no more calls of it than there were requests.
    #[test]
    fn bytes_that_are_nearly_requests(
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..3_u8, any::<u8>()), 1..12),
    ) {
        static GATEWAY: LazyLock<(Gateway, Backend)> =
            LazyLock::new(|| gateway("limits: {header_timeout: 300ms, body_timeout: 300ms}\n"));
        let (gateway, backend) = &*GATEWAY;
        let before = backend.calls();
        let last = request("Connection: close\r\nTransfer-Encoding: chunked\r\n", &chunks(CALL));
        let mut bytes = [with_length(""), last].concat();
        for (at, edit, byte) in edits {
            let at = at.index(bytes.len());
            match edit {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => drop(bytes.remove(at)),
            }
        }
        let mut connection = Connection::open(gateway.address());
        connection.send(&bytes);
        let answers = connection.until_closed(PATIENCE);
        prop_assert!(answers.is_empty() || answers.starts_with(b"HTTP/1."), "{}", answers.escape_ascii());
        let body = json!({"method": "echoI32", "arguments": {"value": 1}}).to_string();
        prop_assert_eq!(gateway.post("/", &body).success(), 1);
        prop_assert!(backend.calls() - before <= 3);
    }
}
