//! Which method a URL and a body lead to.

use serde_json::json;
use thriftgate_tests::backend::{Backend, Dialect, Step, write_string};
use thriftgate_tests::client::exchange;
use thriftgate_tests::{Folder, Gateway};

const IDL: &str = "
service Base { string who(1: string value), string common() }
service Left extends Base { string left() }
service Right { string right(), string who(1: string value), string Left() }
service Other { string other() }
";

/// A gateway whose backend answers every call with the name that it was called by.
fn gateway() -> (Gateway, Backend) {
    let folder = Folder::new();
    let idl = folder.write("urls.thrift", IDL);
    let backend = Backend::speaking(Dialect::default(), |call| {
        vec![Step::Send(call.reply(|writer| write_string(writer, 0, &call.name)))]
    });
    let gateway = Gateway::start(&format!(
        "
idl: {}
backends: {{backend: {{address: \"{}\", multiplexed: true}}}}
routes:
  - {{path: /single, services: [Right]}}
  - {{path: /deep/er, services: [urls.Other]}}
  - {{path: /, services: [Left, Base, Right]}}
",
        idl.display(),
        backend.address()
    ));
    (gateway, backend)
}

#[test]
fn every_form_leads_to_its_method() {
    let (gateway, _backend) = gateway();
    // Path, body, the method that the backend was asked for.
    let cases = [
        ("/", r#"{"method":"left"}"#, "Left:left"),
        ("/", r#"{"method":"right","arguments":null}"#, "Right:right"),
        ("/", r#"{"method":"right","arguments":{}}"#, "Right:right"),
        ("/", r#"{"method":"common"}"#, "Left:common"),
        ("/", r#"{"method":"who","service":"Base"}"#, "Base:who"),
        ("/", r#"{"service":"Right","arguments":{"value":"x"},"method":"who"}"#, "Right:who"),
        ("/", r#"{"method":"who","service":"urls.Left"}"#, "Left:who"),
        ("/Left", r#"{"method":"who"}"#, "Left:who"),
        ("/Left/", r#"{"method":"who"}"#, "Left:who"),
        ("/Left", r#"{"method":"who","service":"Left"}"#, "Left:who"),
        ("/urls.Base", r#"{"method":"who"}"#, "Base:who"),
        ("/Right/who", r#"{"value":"x"}"#, "Right:who"),
        ("/Right/who/", "{}", "Right:who"),
        ("/Right/who", "", "Right:who"),
        ("/Base/common", " \n", "Base:common"),
        ("/single", r#"{"method":"who"}"#, "Right:who"),
        ("/single/", r#"{"method":"who"}"#, "Right:who"),
        ("/single/who", r#"{"value":"x"}"#, "Right:who"),
        ("/single/Right/who", "{}", "Right:who"),
        ("/single/Left", "{}", "Right:Left"),
        ("/single?method=left", r#"{"method":"who"}"#, "Right:who"),
        ("/deep/er/other", "{}", "Other:other"),
    ];
    for (path, body, called) in cases {
        let reply = gateway.post(path, body);
        assert_eq!(reply.status, 200, "{path} {body} {}", reply.text());
        assert_eq!(reply.success(), called, "{path} {body}");
    }
}

#[test]
fn what_leads_nowhere_is_refused() {
    let (gateway, backend) = gateway();
    // Path, body, status, code, suggestion.
    let cases = [
        ("/", r#"{"method":"who"}"#, 400, "AMBIGUOUS_METHOD", None),
        ("/", r#"{"method":"other"}"#, 404, "UNKNOWN_METHOD", None),
        ("/", r#"{"method":"Who"}"#, 404, "UNKNOWN_METHOD", Some("who")),
        ("/", r#"{"method":"lefty"}"#, 404, "UNKNOWN_METHOD", Some("left")),
        ("/", r#"{"method":"who","service":"Rigth"}"#, 404, "UNKNOWN_SERVICE", Some("Right")),
        ("/", r#"{"method":"left","service":"Right"}"#, 404, "UNKNOWN_METHOD", None),
        ("/Left", r#"{"method":"who","service":"Right"}"#, 404, "UNKNOWN_SERVICE", None),
        ("/who", "{}", 404, "UNKNOWN_SERVICE", None),
        ("/Lefty", r#"{"method":"who"}"#, 404, "UNKNOWN_SERVICE", Some("Left")),
        ("/Left/righty", "{}", 404, "UNKNOWN_METHOD", None),
        ("/Left//who", "{}", 404, "UNKNOWN_ROUTE", None),
        ("/Left/who/x", "{}", 404, "UNKNOWN_ROUTE", None),
        ("/deep", "{}", 404, "UNKNOWN_SERVICE", None),
        ("/single/Right/Right/who", "{}", 404, "UNKNOWN_ROUTE", None),
        ("/single//", "{}", 404, "UNKNOWN_SERVICE", None),
        ("//", r#"{"method":"left"}"#, 404, "UNKNOWN_ROUTE", None),
    ];
    for (path, body, status, code, suggestion) in cases {
        let reply = gateway.post(path, body);
        assert_eq!(reply.failure(), (status, code.into(), "no".into()), "{path} {body}");
        if suggestion.is_some() {
            assert_eq!(reply.exception("suggestion"), json!(suggestion), "{path} {body}");
        }
    }
    let candidates = gateway.post("/", r#"{"method":"who"}"#).exception("candidates");
    assert_eq!(candidates, json!(["Left.who", "Right.who"]));
    let reply = gateway.post("/", &json!({"method": "x".repeat(100_000)}).to_string());
    assert_eq!(reply.failure().1, "UNKNOWN_METHOD");
    assert!(reply.exception("message").as_str().is_some_and(|message| message.len() < 200));
    assert_eq!(backend.calls(), 0);
}

#[test]
fn a_route_is_a_prefix_of_whole_segments() {
    let folder = Folder::new();
    let idl = folder.write("urls.thrift", IDL);
    let backend = Backend::echoing();
    let yaml = format!(
        "idl: {}\nbackends: {{backend: \"{}\"}}\nroutes: [{{path: /single, services: [Right]}}]",
        idl.display(),
        backend.address()
    );
    let gateway = Gateway::start(&yaml);
    for path in ["/", "/singled", "/singl", "/Single", "/x/single", "/%73ingle", "//single"] {
        let reply = gateway.post(path, r#"{"method":"right"}"#);
        assert_eq!(reply.failure(), (404, "UNKNOWN_ROUTE".into(), "no".into()), "{path}");
        assert_eq!(reply.exception("type"), 1);
        assert_eq!(reply.json()["method"], json!(null));
    }
}

#[test]
fn calls_are_posts() {
    let (gateway, backend) = gateway();
    for verb in ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"] {
        let request = format!(
            "{verb} /Right/who HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
        );
        if verb == "HEAD" {
            let mut connection = thriftgate_tests::client::Connection::open(gateway.address());
            connection.send(request.as_bytes());
            let received = connection.until_closed(thriftgate_tests::PATIENCE);
            assert!(received.starts_with(b"HTTP/1.1 405"), "{}", received.escape_ascii());
            continue;
        }
        let reply = exchange(gateway.address(), request.as_bytes());
        assert_eq!(reply.failure(), (405, "METHOD_NOT_ALLOWED".into(), "no".into()), "{verb}");
        assert_eq!(reply.header("allow"), Some("POST"), "{verb}");
    }
    let request = "GET / HTTP/1.1\r\nHost: gateway\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    let reply = exchange(gateway.address(), request.as_bytes());
    assert_eq!(reply.failure().1, "METHOD_NOT_ALLOWED");
    assert!(reply.exception("message").as_str().is_some_and(|message| message.contains("WebSocket")));
    assert_eq!(backend.calls(), 0);
}
