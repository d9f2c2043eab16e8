//! Routes that answer from the IDL alone.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use thrift::protocol::TMessageType;
use thriftgate_tests::client::Reply;
use thriftgate_tests::{Folder, Gateway};

use super::{answer_schema, check_calls, document};
use crate::doors::{Door, doors};
use crate::native::{WIRES, message, read};

const IDL: &str = "
exception Missing { 1: string what }
exception Denied { 1: i32 level, 2: string why } (http.status = \"403\")
struct User { 1: required i64 id, 2: string name }
service Users {
  User getUser(1: i64 id) throws (1: Missing missing, 2: Denied denied)
  string echoString(1: string value) throws (1: Missing missing)
  void reset()
  oneway void note(1: string value)
}
";

fn gateway(sandbox: &str) -> Gateway {
    let folder = Folder::new();
    let idl = folder.write("api.thrift", IDL);
    Gateway::start(&format!(
        "idl: {}\ndocuments: true\nroutes: [{{path: /, sandbox: {sandbox}, deadline: 2s, style: {{i64: string}}}}]\n",
        idl.display()
    ))
}

fn call(gateway: &Gateway, method: &str, arguments: &str, headers: &[(&str, &str)]) -> Reply {
    let mut all = vec![("Content-Type", "application/json")];
    all.extend(headers);
    gateway.post_with(&format!("/Users/{method}"), &all, arguments.as_bytes())
}

/// All methods of an IDL that has every type, by what its document says.
#[test]
fn replies_are_what_the_document_says() {
    for style in ["{}", "{i64: string, enums: number}"] {
        let gateway = Gateway::start(&format!(
            "idl: everything.thrift\ndocuments: true\nroutes: [{{path: /, sandbox: true, style: {style}}}]\n"
        ));
        check_calls(&gateway, &document(&gateway, "/openapi.json", &[]), &[]);
    }
    let gateway = gateway("true");
    check_calls(&gateway, &document(&gateway, "/openapi.json", &[]), &[]);
}

#[test]
fn replies_are_the_same_each_time_and_say_that_they_are_made_up() {
    let gateway = gateway("true");
    let first = call(&gateway, "getUser", r#"{"id": 1}"#, &[]);
    assert_eq!((first.status, first.header("thrift-outcome")), (200, Some("success")));
    assert_eq!(first.header("x-sandbox"), Some("true"));
    assert!(first.success()["id"].is_string(), "the style of the route holds: {}", first.text());
    assert_eq!(call(&gateway, "getUser", r#"{"id": "2"}"#, &[]).body, first.body);
    assert_eq!(call(&gateway, "reset", "", &[]).json(), json!({"method": "reset", "result": {}}));
    let oneway = call(&gateway, "note", r#"{"value": "x"}"#, &[]);
    assert_eq!((oneway.status, oneway.json()), (202, json!({"method": "note", "result": {}})));
    // Another gateway with the same IDL answers the same.
    let again = self::gateway("{latency: 1ms}");
    assert_eq!(call(&again, "getUser", r#"{"id": 1}"#, &[]).body, first.body);
}

/// Arguments are checked as for a backend, and other routes know nothing of it.
#[test]
fn arguments_are_checked() {
    let gateway = gateway("true");
    for (method, arguments, path) in [
        ("getUser", r#"{"id": "many"}"#, "arguments.id"),
        ("getUser", r#"{"id": 1, "extra": 2}"#, "arguments.extra"),
        ("note", r#"{"value": 1}"#, "arguments.value"),
    ] {
        let reply = call(&gateway, method, arguments, &[]);
        assert_eq!((reply.status, reply.exception("path")), (400, path.into()), "{}", reply.text());
        assert_eq!(reply.header("x-sandbox"), Some("true"));
    }
    assert_eq!(call(&gateway, "getUsr", "{}", &[]).exception("suggestion"), "getUser");
    let plain = Gateway::start("idl: user.thrift\nbackends: {main: \"127.0.0.1:1\"}\n");
    let reply = plain.post_with(
        "/",
        &[("Content-Type", "application/json"), ("X-Mock", "none")],
        b"{\"method\":\"x\"}",
    );
    assert_eq!((reply.status, reply.header("x-sandbox")), (404, None));
}

#[test]
fn declared_exceptions_come_on_request() {
    let gateway = gateway("true");
    let whole = document(&gateway, "/openapi.json", &[]);
    for (mock, status, outcome) in
        [("missing", 200, "error"), ("denied", 403, "error"), ("success", 200, "success")]
    {
        let reply = call(&gateway, "getUser", "{}", &[("X-Mock", mock)]);
        assert_eq!((reply.status, reply.header("thrift-outcome")), (status, Some(outcome)), "{mock}");
        let body = reply.json();
        assert!(body["result"][mock].is_object(), "{mock}: {body}");
        let schema = answer_schema(&whole, "/Users/getUser", status).expect("a documented answer");
        assert!(jsonschema::is_valid(&schema, &body), "{mock}: {body}");
    }
    for mock in ["absent", "", "Missing"] {
        let reply = call(&gateway, "getUser", "{}", &[("X-Mock", mock)]);
        assert_eq!((reply.status, reply.exception("code")), (400, "INVALID_ARGUMENT".into()), "{mock}");
        let said = reply.exception("message");
        assert!(said.as_str().is_some_and(|said| said.ends_with("success, missing, denied")), "{said}");
    }
    assert_eq!(call(&gateway, "note", r#"{"value": "x"}"#, &[("X-Mock", "missing")]).status, 400);
}

/// Native clients get what callers in JSON get, in their own protocol.
#[test]
fn every_door_gives_the_same() {
    let gateway = gateway("true");
    let expected = call(&gateway, "echoString", r#"{"value": "x"}"#, &[]).success();
    let thrown = call(&gateway, "echoString", "{}", &[("X-Mock", "missing")]).json();
    assert!(thrown["result"]["missing"].is_object(), "{thrown}");
    for door in doors() {
        let path = if let Door::Url = door { "/Users/echoString" } else { "/" };
        let headers = [("Content-Type", door.content_type())];
        let reply = gateway.post_with(path, &headers, &door.body("x", 7));
        assert_eq!((reply.status, reply.header("x-sandbox")), (200, Some("true")), "{door:?}");
        door.check(&reply.body, expected.as_str().expect("a string"), 7);
        let (Door::Native(wire) | Door::Sniffed(wire)) = door else { continue };
        for (mock, kind, status) in
            [("missing", TMessageType::Reply, "200"), ("nothing", TMessageType::Exception, "400")]
        {
            let headers = [("Content-Type", door.content_type()), ("X-Mock", mock)];
            let reply = gateway.post_with("/", &headers, &door.body("x", 8));
            assert_eq!((reply.status, reply.header("thrift-status")), (200, Some(status)), "{door:?} {mock}");
            let read = read(wire, &reply.body);
            assert_eq!((read.kind, read.number), (kind, 8), "{door:?} {mock}");
        }
    }
    for wire in WIRES {
        let body = message(wire, TMessageType::OneWay, "note", 9, Some("x"));
        let reply = gateway.post_with("/", &[("Content-Type", wire.content_type())], &body);
        assert_eq!((reply.status, reply.body.len()), (200, 0), "{wire:?}");
    }
}

#[test]
fn calls_take_as_long_as_they_should() {
    let quick = gateway("true");
    let slow = gateway("{latency: 150ms}");
    let timed = |gateway: &Gateway, headers: &[(&str, &str)]| {
        let began = Instant::now();
        let reply = call(gateway, "getUser", "{}", headers);
        (reply, began.elapsed())
    };
    for (gateway, headers, least) in [
        (&slow, vec![], 150),
        (&quick, vec![("X-Mock-Latency", "0.25")], 250),
        (&slow, vec![("X-Mock-Latency", "0.3"), ("X-Mock", "denied")], 300),
    ] {
        let (reply, took) = timed(gateway, &headers);
        assert!(took >= Duration::from_millis(least), "{headers:?}: {took:?}");
        assert!(matches!(reply.status, 200 | 403), "{headers:?}");
    }
    // A caller's own word counts before that of the route.
    let began = Instant::now();
    for _ in 0..20 {
        assert_eq!(call(&slow, "getUser", "{}", &[("X-Mock-Latency", "0")]).status, 200);
    }
    assert!(began.elapsed() < Duration::from_millis(20 * 150), "{:?}", began.elapsed());
    for headers in [
        vec![("X-Mock-Latency", "3600")],
        vec![("X-Mock-Latency", "1"), ("X-Request-Timeout", "0.2")],
        vec![("X-Mock-Latency", "1e18")],
    ] {
        let (reply, took) = timed(&quick, &headers);
        let (status, code, _) = reply.failure();
        assert_eq!((status, code.as_str()), (504, "DEADLINE_EXCEEDED"), "{headers:?}");
        assert!(took < Duration::from_secs(9), "{took:?}");
    }
    for latency in ["soon", "-1", "NaN", ""] {
        let (reply, _) = timed(&quick, &[("X-Mock-Latency", latency)]);
        assert_eq!(reply.status, 400, "{latency}");
        let said: Value = reply.exception("message");
        assert!(said.as_str().is_some_and(|said| said.contains("X-Mock-Latency")), "{said}");
    }
}

/// Pages that may call may ask for exceptions as well.
#[test]
fn pages_of_listed_origins_may_mock() {
    let folder = Folder::new();
    let idl = folder.write("api.thrift", IDL);
    let gateway = Gateway::start(&format!(
        "idl: {}\nroutes: [{{path: /, sandbox: true, cors: {{origins: ['https://shop.example']}}}}]\n",
        idl.display()
    ));
    let request = "OPTIONS / HTTP/1.1\r\nHost: gateway\r\nOrigin: https://shop.example\r\n\
                   Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: x-mock\r\n\r\n";
    let reply = thriftgate_tests::client::exchange(gateway.address(), request.as_bytes());
    assert_eq!(reply.status, 204);
    let allowed = reply.header("access-control-allow-headers").unwrap_or_default();
    assert!(allowed.contains("x-mock,") && allowed.contains("x-mock-latency"), "{allowed}");
    let reply = call(&gateway, "reset", "", &[("Origin", "https://shop.example")]);
    assert!(reply.header("access-control-expose-headers").is_some_and(|names| names.contains("X-Sandbox")));
}
