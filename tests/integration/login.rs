//! The first call that anybody makes: every way that a login can go.

use serde_json::{Value, json};
use thriftgate_tests::Gateway;
use thriftgate_tests::client::Reply;

use crate::demo;

const EMAIL: &str = "ada@example.com";

/// Posts a body and checks what holds for every reply: JSON that begins with the method, and the headers.
fn post(gateway: &Gateway, body: &str, outcome: &str) -> Reply {
    let reply = gateway.post("/", body);
    let json = reply.json();
    let first = json.as_object().and_then(|object| object.keys().next());
    assert_eq!(first.map(String::as_str), Some("method"), "{json}");
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("thrift-outcome"), Some(outcome), "{json}");
    let id = reply.header("x-request-id").expect("a request id");
    if outcome == "exception" {
        assert_eq!(json["exception"]["requestId"], id);
    }
    reply
}

#[test]
fn success() {
    let gateway = demo::gateway();
    let body = format!(r#"{{"method":"login","arguments":{{"email":"{EMAIL}","password":"lovelace"}}}}"#);
    let reply = post(&gateway, &body, "success");
    assert_eq!(reply.status, 200);
    assert_eq!(
        reply.text(),
        format!(
            r#"{{"method":"login","result":{{"success":{{"user":{{"id":1815,"email":"{EMAIL}","displayName":"Ada Lovelace","roles":["analyst","admin"]}},"token":"5b1f0c6e-demo","expiresIn":3600}}}}}}"#
        )
    );
    let turned =
        format!(r#" {{"arguments" : {{"password":"lovelace","email":"{EMAIL}"}} , "method":"login"}} "#);
    assert_eq!(post(&gateway, &turned, "success").body, reply.body);
}

#[test]
fn declared_exception() {
    let gateway = demo::gateway();
    let body = format!(r#"{{"method":"login","arguments":{{"email":"{EMAIL}","password":"byron"}}}}"#);
    let reply = post(&gateway, &body, "error");
    let err = json!({"errorCode": 401, "message": "The email or the password is wrong"});
    assert_eq!((reply.status, reply.json()), (200, json!({"method": "login", "result": {"err": err}})));
}

#[test]
fn wrong_calls() {
    let gateway = demo::gateway();
    let number = r#"{"method":"login","arguments":{"email":"a@b.c","password":7}}"#;
    let unknown = r#"{"method":"loginUser","arguments":{}}"#;
    let broken = "{\"method\":\"login\",\n \"arguments\":{\"email\" \"a\"}}";
    let missing_method = r#"{"arguments":{}}"#;
    let beside = r#"{"method":"login","arguments":{},"argumentz":{}}"#;
    let array = "[1]";
    let method_is_number = r#"{"method":7}"#;
    // Body, status, method, code, type, and members of the exception.
    let cases: [(&str, u16, Value, &str, i32, Value); 7] = [
        (
            number,
            400,
            json!("login"),
            "INVALID_ARGUMENT",
            7,
            json!({"path": "arguments.password", "expected": "string", "actual": "number"}),
        ),
        (unknown, 404, json!("loginUser"), "UNKNOWN_METHOD", 1, json!({"suggestion": "login"})),
        (broken, 400, json!("login"), "INVALID_JSON", 7, json!({})),
        (missing_method, 400, Value::Null, "INVALID_ARGUMENT", 7, json!({})),
        (beside, 400, json!("login"), "INVALID_ARGUMENT", 7, json!({"suggestion": "arguments"})),
        (array, 400, Value::Null, "INVALID_ARGUMENT", 7, json!({"actual": "array"})),
        (method_is_number, 400, Value::Null, "INVALID_ARGUMENT", 7, json!({"path": "method"})),
    ];
    for (body, status, method, code, kind, members) in cases {
        let reply = post(&gateway, body, "exception");
        let json = reply.json();
        let exception = &json["exception"];
        assert_eq!((reply.status, &json["method"]), (status, &method), "{body}\n{json}");
        assert_eq!((&exception["code"], &exception["type"]), (&json!(code), &json!(kind)), "{body}\n{json}");
        assert_eq!((&exception["executed"], &exception["retryable"]), (&json!("no"), &json!(false)));
        for (name, value) in members.as_object().expect("an object") {
            assert_eq!(&exception[name], value, "{body}\n{json}");
        }
    }
    let message = post(&gateway, unknown, "exception").exception("message");
    assert_eq!(message, "Unknown function loginUser");
    let message = post(&gateway, broken, "exception").exception("message");
    let message = message.as_str().expect("a message");
    assert!(message.contains("line 2") && message.contains("column 23"), "{message}");
}

#[test]
fn every_fault_is_told_at_once() {
    let gateway = demo::gateway();
    let body = r#"{"method":"login","arguments":{"email":true,"password":7,"pasword":"x"}}"#;
    let reply = post(&gateway, body, "exception");
    let errors = reply.exception("errors");
    let told: Vec<_> = errors
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| (error["path"].clone(), error["expected"].clone(), error["suggestion"].clone()))
        .collect();
    let expected = [
        (json!("arguments.email"), json!("string"), Value::Null),
        (json!("arguments.password"), json!("string"), Value::Null),
        (json!("arguments.pasword"), Value::Null, json!("password")),
    ];
    assert_eq!(told, expected);
    assert_eq!(reply.exception("message"), errors[0]["message"]);
    assert_eq!(reply.exception("path"), "arguments.email");
}

#[test]
fn a_request_id_of_the_caller_is_kept() {
    let gateway = demo::gateway();
    let headers = [("Content-Type", "application/json"), ("X-Request-Id", "vendor-7")];
    let reply = gateway.post_with("/", &headers, b"{}");
    assert_eq!(reply.header("x-request-id"), Some("vendor-7"));
    assert_eq!(reply.exception("requestId"), "vendor-7");
}

#[test]
fn phonebook() {
    let gateway = demo::gateway();
    let call = |method: &str, arguments: Value| {
        gateway.post(&format!("/ContactSvc/{method}"), &arguments.to_string())
    };
    let made = call("create", json!({"name": "Grace Hopper", "phone": "+1"})).success();
    assert_eq!(call("read", json!({"id": made["id"]})).success(), made);
    let gone = call("read", json!({"id": "nobody"}));
    assert_eq!(gone.status, 404);
    assert!(gone.json()["result"]["notFound"]["message"].is_string(), "{}", gone.text());
    assert_eq!(call("destroy", json!({"id": made["id"]})).success(), made);
    assert_eq!(call("reset", json!({})).text(), r#"{"method":"reset","result":{}}"#);
    assert_eq!(call("fetch", json!({})).text(), r#"{"method":"fetch","result":{"success":[]}}"#);
}
