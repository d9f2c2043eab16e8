//! Backends over HTTP: what they are sent, and what becomes of what they answer.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use thriftgate_protocols::wire::Protocol;
use thriftgate_tests::client::Reply;
use thriftgate_tests::{Folder, Gateway, eventually};

use crate::http_server::{HttpServer, deserted, echo, ok, response};

/// A gateway before a server over HTTP at this address, or URL, with these settings.
fn before(address: impl std::fmt::Display, settings: &str) -> Gateway {
    Gateway::start(&format!(
        "idl: everything.thrift\nruntime: {{threads: 1}}\nbackends: {{backend: {{address: \"{address}\", {settings}}}}}\n"
    ))
}

fn url(server: &HttpServer) -> String {
    format!("http://{}", server.address())
}

fn echo_string(gateway: &Gateway, text: &str) -> Reply {
    gateway.call("echoString", json!({"value": text}))
}

#[test]
fn request() {
    let server = HttpServer::echoing(Protocol::Binary);
    let settings = "http: {path: /thrift/v1?tenant=7, host: inner.example, headers: {X-Key: secret, X-Tenant: default}, forward_headers: [Authorization, X-Tenant, X-Hop]}";
    let gateway = before(url(&server), settings);
    assert_eq!(echo_string(&gateway, "ä").success(), "ä");
    let headers = [
        ("Content-Type", "application/json"),
        ("Authorization", "Bearer 1"),
        ("X-Tenant", "seven"),
        ("X-Tenant", "eight"),
        ("X-Other", "stays"),
        ("X-Hop", "stays"),
        ("Cookie", "stays"),
        ("Connection", "keep-alive, x-hop"),
    ];
    let body = br#"{"method":"echoString","arguments":{"value":"x"}}"#;
    assert_eq!(gateway.post_with("/", &headers, body).success(), "x");
    let [first, second] = server.requests().try_into().expect("two requests");
    assert_eq!(first.line, "POST /thrift/v1?tenant=7 HTTP/1.1");
    let mut names: Vec<&str> = first.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["accept", "content-length", "content-type", "host", "x-key", "x-tenant"]);
    let header = |name| first.header(name).expect("the header is there");
    assert_eq!(header("host"), "inner.example");
    assert_eq!(header("content-type"), "application/x-thrift");
    assert_eq!(header("accept"), "application/x-thrift");
    assert_eq!((header("x-key"), header("x-tenant")), ("secret".to_owned(), "default".to_owned()));
    assert!(first.body.starts_with(b"\x80\x01\x00\x01"), "a bare message, not {:?}", first.body);
    assert_eq!(second.header("authorization").as_deref(), Some("Bearer 1"));
    assert_eq!(second.header("x-tenant").as_deref(), Some("seven, eight"));
    for name in ["x-other", "x-hop", "cookie", "connection"] {
        assert_eq!(second.header(name), None, "{name}");
    }
    assert_eq!((first.connection, second.connection), (0, 0), "a connection serves another call");
}

#[test]
fn defaults_of_the_address() {
    let server = HttpServer::echoing(Protocol::Binary);
    let gateway = before(server.address(), "transport: http, reuse: false");
    assert_eq!(echo_string(&gateway, "1").success(), "1");
    assert_eq!(echo_string(&gateway, "2").success(), "2");
    let request = &server.requests()[0];
    assert_eq!(request.line, "POST / HTTP/1.1");
    assert_eq!(request.header("host"), Some(server.address().to_string()));
    assert_eq!(server.connections(), 2, "none serves another call");
}

#[test]
fn protocols() {
    for (protocol, name) in
        [(Protocol::Binary, "binary"), (Protocol::Compact, "compact"), (Protocol::Json, "json")]
    {
        let server = HttpServer::echoing(protocol);
        let gateway = before(url(&server), &format!("protocol: {name}"));
        assert_eq!(echo_string(&gateway, "text").success(), "text", "{name}");
    }
}

#[test]
fn unix_socket() {
    let folder = Folder::new();
    let path = folder.path().join("thrift.sock");
    let server = HttpServer::echoing_at(&path);
    let gateway = before(format!("unix:{}", path.display()), "transport: http, http: {path: /t}");
    assert_eq!(echo_string(&gateway, "text").success(), "text");
    let request = &server.requests()[0];
    assert_eq!(
        (request.line.as_str(), request.header("host").as_deref()),
        ("POST /t HTTP/1.1", Some("localhost"))
    );
}

#[test]
fn chunks() {
    let server = HttpServer::start(|request, out| {
        let reply = echo(Protocol::Binary, &request.body);
        let mut bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
        for chunk in reply.chunks(7) {
            bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            bytes.extend_from_slice(chunk);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"0\r\n\r\n");
        bytes.iter().all(|byte| out.write_all(&[*byte]).is_ok())
    });
    let gateway = before(url(&server), "max_connections: 2");
    for text in ["in several pieces", ""] {
        assert_eq!(echo_string(&gateway, text).success(), text);
    }
    assert_eq!(server.connections(), 1);
}

#[test]
fn answers_that_are_no_message() {
    let html = "Content-Type: text/html\r\n";
    let elsewhere = "Location: /elsewhere\r\n";
    let cases: [(&str, Vec<u8>); 7] = [
        ("not found", response("404 Not Found", html, b"<html>no</html>")),
        ("failed", response("500 Internal Server Error", "", b"stack of 10.0.0.1")),
        ("moved", response("302 Found", elsewhere, b"")),
        ("moved with the body", response("307 Temporary Redirect", elsewhere, b"")),
        ("a page", response("200 OK", html, b"<html>log in</html>")),
        ("nothing", response("200 OK", "", b"")),
        ("no content", b"HTTP/1.1 204 No Content\r\n\r\n".to_vec()),
    ];
    for (name, answer) in cases {
        let server = HttpServer::start(move |_, out| out.write_all(&answer).is_ok());
        let gateway = before(url(&server), "");
        let reply = echo_string(&gateway, "x");
        assert_eq!(reply.failure(), (502, "BACKEND_ERROR".into(), "maybe".into()), "{name}");
        assert_eq!(reply.exception("message"), "The backend's reply is no Thrift message", "{name}");
        assert_eq!(server.requests().len(), 1, "{name}: it is sent once");
    }
}

#[test]
fn broken_answers() {
    let whole = |request: &[u8]| ok(&echo(Protocol::Binary, request));
    let cut = HttpServer::start(move |request, out| {
        let answer = whole(&request.body);
        let _written = out.write_all(&answer[..answer.len() - 3]);
        false
    });
    let closed = HttpServer::start(|_, _| false);
    let garbage = HttpServer::start(|_, out| out.write_all(b"\x80\x01\x00\x02 what\r\n\r\n").is_ok());
    for (name, server) in [("cut", cut), ("closed", closed), ("garbage", garbage)] {
        let gateway = before(url(&server), "");
        let reply = echo_string(&gateway, "x");
        assert_eq!(reply.failure(), (502, "BACKEND_ERROR".into(), "maybe".into()), "{name}");
        assert_eq!(server.requests().len(), 1, "{name}: it is sent once");
    }
}

#[test]
fn reply_of_another_call() {
    let server = HttpServer::start(|request, out| {
        let mut reply = echo(Protocol::Binary, &request.body);
        let sequence_id = 8 + "echoString".len();
        reply[sequence_id + 3] ^= 1;
        out.write_all(&ok(&reply)).is_ok()
    });
    let reply = echo_string(&before(url(&server), ""), "x");
    assert_eq!(reply.failure(), (502, "BACKEND_ERROR".into(), "maybe".into()));
}

#[test]
fn endless_reply_is_bounded() {
    let written = Arc::new(AtomicUsize::new(0));
    let counting = written.clone();
    let server = HttpServer::start(move |_, out| {
        let chunk = [b"10000\r\n".as_slice(), &[0x80; 0x10000], b"\r\n"].concat();
        let _begun = out.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        while counting.load(Ordering::SeqCst) < 1 << 30 && out.write_all(&chunk).is_ok() {
            counting.fetch_add(chunk.len(), Ordering::SeqCst);
        }
        counting.fetch_add(1 << 40, Ordering::SeqCst);
        false
    });
    let gateway = Gateway::start(&format!(
        "idl: everything.thrift\nlimits: {{frame: 1MiB}}\nbackends: {{backend: {{address: \"{}\"}}}}\n",
        url(&server)
    ));
    let reply = echo_string(&gateway, "x");
    assert_eq!(reply.failure(), (502, "BACKEND_ERROR".into(), "maybe".into()));
    eventually("the server cannot write on", || written.load(Ordering::SeqCst) >= 1 << 40);
    let written = written.load(Ordering::SeqCst) - (1 << 40);
    assert!(written < 64 << 20, "{written} bytes were taken");
}

#[test]
fn announced_reply_over_the_limit() {
    let server = HttpServer::start(|_, out| {
        let _begun = out.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999999\r\n\r\n\x80\x01");
        thread::sleep(Duration::from_secs(60));
        false
    });
    let began = Instant::now();
    let reply = echo_string(&before(url(&server), "deadline: 30s"), "x");
    assert_eq!(reply.failure(), (502, "BACKEND_ERROR".into(), "maybe".into()));
    assert!(began.elapsed() < Duration::from_secs(10), "it was refused by its length");
}

#[test]
fn nobody_listens() {
    let reply = echo_string(&before(format!("http://{}", deserted()), ""), "x");
    assert_eq!(reply.failure(), (503, "UNAVAILABLE".into(), "no".into()));
    assert_eq!(reply.header("retry-after"), Some("1"));
}

#[test]
fn deadline() {
    let stall = |_: &mut dyn Write| {
        thread::sleep(Duration::from_secs(60));
        false
    };
    let silent = HttpServer::start(move |_, out| stall(out));
    let half = HttpServer::start(move |_, out| {
        let _begun = out.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n\x80\x01");
        stall(out)
    });
    for server in [silent, half] {
        let gateway = before(url(&server), "deadline: 200ms");
        let began = Instant::now();
        let reply = echo_string(&gateway, "x");
        let took = began.elapsed();
        assert_eq!(reply.failure(), (504, "DEADLINE_EXCEEDED".into(), "maybe".into()));
        assert!(took >= Duration::from_millis(200) && took < Duration::from_secs(5), "{took:?}");
    }
}

#[test]
fn deadline_before_sending() {
    let server = HttpServer::start(|_, _| {
        thread::sleep(Duration::from_millis(500));
        false
    });
    let gateway = Arc::new(before(url(&server), "max_connections: 1, deadline: 300ms"));
    let first = {
        let gateway = gateway.clone();
        thread::spawn(move || echo_string(&gateway, "first"))
    };
    eventually("the first call is at the server", || !server.requests().is_empty());
    let headers = [("Content-Type", "application/json"), ("X-Request-Timeout", "0.1")];
    let body = br#"{"method":"echoString","arguments":{"value":"second"}}"#;
    let second = gateway.post_with("/", &headers, body);
    assert_eq!(second.failure(), (504, "DEADLINE_EXCEEDED".into(), "no".into()));
    assert_eq!(second.exception("retryable"), true);
    assert_eq!(first.join().expect("a reply").status, 504);
    assert_eq!(server.requests().len(), 1);
}

/// A oneway call is handed over once it has left; what the server makes of it reaches nobody.
#[test]
fn oneway() {
    let cases: [(&str, Option<Vec<u8>>); 5] = [
        ("as a stock server does", Some(ok(b""))),
        ("with a body nobody reads", Some(ok(b"surprise"))),
        ("without content", Some(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec())),
        ("refused", Some(response("503 Service Unavailable", "", b""))),
        ("never answered, as by servers in C++", None),
    ];
    for (name, answer) in cases {
        let server = HttpServer::start(move |_, out| match &answer {
            Some(answer) => out.write_all(answer).is_ok(),
            None => true,
        });
        let gateway = before(url(&server), "deadline: 2s");
        let began = Instant::now();
        for _ in 0..2 {
            let reply = gateway.call("notify", json!({"event": "x"}));
            assert_eq!(reply.status, 202, "{name}");
        }
        assert!(began.elapsed() < Duration::from_secs(1), "{name}: nobody waits for an answer");
        eventually(name, || server.requests().len() == 2);
    }
    let gateway = before(deserted(), "");
    let reply = gateway.call("notify", json!({"event": "x"}));
    assert_eq!(reply.failure(), (503, "UNAVAILABLE".into(), "no".into()));
}

#[test]
fn calls_at_once() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (counted, seen) = (now.clone(), most.clone());
    let server = HttpServer::start(move |request, out| {
        seen.fetch_max(counted.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        thread::sleep(Duration::from_millis(20));
        counted.fetch_sub(1, Ordering::SeqCst);
        out.write_all(&ok(&echo(Protocol::Binary, &request.body))).is_ok()
    });
    let gateway = Gateway::start(&format!(
        "idl: everything.thrift\nbackends: {{backend: {{address: \"{}\", max_connections: 2}}}}\n",
        url(&server)
    ));
    thread::scope(|scope| {
        for number in 0..8 {
            let gateway = &gateway;
            scope.spawn(move || {
                let text = format!("call {number}");
                assert_eq!(echo_string(gateway, &text).success(), text);
            });
        }
    });
    assert_eq!(most.load(Ordering::SeqCst), 2);
    eventually("no call is under way", || gateway.counts().calls == 0);
    assert_eq!(gateway.counts().open, 0);
}
