//! What is over a bound is refused at once, and told when to come again.

use serde_json::json;
use thriftgate_config::Settings;
use thriftgate_tests::backend::{Backend, Step};
use thriftgate_tests::client::{Connection, Reply, post};
use thriftgate_tests::{Gateway, data, eventually};

const JSON: (&str, &str) = ("Content-Type", "application/json");
const TJSON: (&str, &str) = ("Content-Type", "application/vnd.apache.thrift.json");
const ANSWER: &str = r#"{"method":"answer"}"#;

#[track_caller]
fn is_refused(reply: &Reply) {
    assert_eq!(reply.failure(), (503, "OVERLOADED".to_owned(), "no".to_owned()));
    assert_eq!(reply.header("retry-after"), Some("1"));
    assert_eq!(reply.exception("retryable"), json!(true));
}

// Case 68, each bound on calls, on every door.
#[test]
fn calls_over_a_bound() {
    for bound in ["limits: {calls: 2}", "limits: {backend_calls: 2}"] {
        let backend = Backend::start(|_| vec![Step::Stall]);
        let gateway = Gateway::start(&format!(
            "idl: everything.thrift\n{bound}\nbackends: {{b: \"{}\"}}\n",
            backend.address()
        ));
        let mut under_way: Vec<Connection> = (0..2).map(|_| Connection::open(gateway.address())).collect();
        for connection in &mut under_way {
            connection.send(&post("/", &[JSON], ANSWER.as_bytes()));
        }
        eventually("two calls are under way", || backend.calls() == 2);
        is_refused(&gateway.post("/", ANSWER));
        is_refused(&gateway.post("/Everything/answer", ""));
        let reply = gateway.post_with("/", &[TJSON], br#"[1,"answer",1,7,{}]"#);
        assert_eq!((reply.status, reply.header("thrift-status")), (200, Some("503")), "{bound}");
        assert_eq!(reply.header("retry-after"), Some("1"));
        assert!(reply.text().starts_with(r#"[1,"answer",3,7,"#), "{}", reply.text());
        assert_eq!(backend.calls(), 2);
        drop(under_way);
        eventually("the bound is free again", || gateway.counts().calls == 0);
    }
}

// Case 73, without a control group: the process uses more of the machine than it may.
#[test]
fn calls_while_memory_is_short() {
    let backend = Backend::echoing();
    let yaml = format!("idl: everything.thrift\nbackends: {{b: \"{}\"}}\n", backend.address());
    let mut settings = Settings::parse(&data("gateway.yaml"), &yaml, &|_| None).expect("a configuration");
    settings.limits.memory = 1e-9;
    let gateway = Gateway::with(settings);
    eventually("calls are refused", || gateway.post("/", ANSWER).status == 503);
    is_refused(&gateway.post("/", ANSWER));
    // Before a body is read nobody knows which message it holds.
    let reply = gateway.post_with("/", &[TJSON], br#"[1,"answer",1,7,{}]"#);
    assert_eq!((reply.status, reply.header("retry-after")), (503, Some("1")));
    // A body that has not come is not waited for.
    let mut connection = Connection::open(gateway.address());
    connection.send(
        b"POST / HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n",
    );
    is_refused(&connection.reply());
    let before = backend.calls();
    is_refused(&gateway.post("/", ANSWER));
    assert_eq!(backend.calls(), before);
}
