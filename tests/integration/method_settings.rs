//! What holds for one method, and who says it.

use std::time::{Duration, Instant};

use serde_json::json;
use thrift::protocol::TMessageType;
use thriftgate::router::{Method, Setting, SettingSource};
use thriftgate::snapshot::Snapshot;
use thriftgate::telemetry::Metrics;
use thriftgate_config::Settings;
use thriftgate_protocols::wire::WireType;
use thriftgate_tests::backend::{Backend, Step};
use thriftgate_tests::client::{Connection, post};
use thriftgate_tests::{Folder, Gateway, data};

use crate::native::{WIRES, message, read};

const IDL: &str = r#"
service Base { string inherited(1: string value) (thriftgate.retries = "1") } (thriftgate.idempotent, thriftgate.body = "9KiB")
service Users extends Base {
  string getUser(1: string value),
  string getRole(1: string value) (thriftgate.deadline = "3s", thriftgate.idempotent = "false", thriftgate.body = "1KiB"),
  string setUser(1: string value),
  i64 count(1: i64 value)
} (thriftgate.deadline = "4s", thriftgate.attempt_timeout = "200ms")
service Plain { string plain(1: string value) }
"#;

fn yaml(folder: &Folder, address: &str, route: &str) -> String {
    let idl = folder.write("users.thrift", IDL);
    format!(
        "idl: {}\nbackends: {{a: {{address: \"{address}\", deadline: 7s}}}}\nroutes: [{{path: /, {route}}}]\n",
        idl.display()
    )
}

fn gateway(backend: &Backend, route: &str) -> (Gateway, Folder) {
    let folder = Folder::new();
    (Gateway::start(&yaml(&folder, &backend.address().to_string(), route)), folder)
}

/// `method_settings` before the route, that before the method's annotation, that before its service's, and so on.
#[test]
fn the_nearest_wins() {
    use SettingSource::{Backend, Default, MethodAnnotation, MethodSettings, Route, ServiceAnnotation};
    let folder = Folder::new();
    let build = |route: &str| {
        let settings =
            Settings::parse(&data("gateway.yaml"), &yaml(&folder, "127.0.0.1:1", route), &|_| None);
        let settings = settings.unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
        Snapshot::build(&settings, &Metrics::default(), 1).unwrap_or_else(|error| panic!("{error}"))
    };
    let method = |snapshot: &Snapshot, service: &str, name: &str, check: &dyn Fn(&Method)| {
        let route = &snapshot.router.routes()[0];
        let is_it =
            |method: &&Method| *method.name == *name && *route.services[method.service].name == *service;
        check(route.methods.iter().find(is_it).expect("the method"));
    };
    let deadline = |method: &Method| {
        let Setting { value, source } = method.destinations.all()[0].deadline;
        (value.as_secs(), source)
    };
    let plain = build("backend: a");
    method(&plain, "Users", "getRole", &|method| {
        assert_eq!(deadline(method), (3, MethodAnnotation));
        assert_eq!(method.idempotent, Setting { value: false, source: MethodAnnotation });
        assert_eq!(method.body, Setting { value: 1024, source: MethodAnnotation });
        let attempt = Setting { value: Some(Duration::from_millis(200)), source: ServiceAnnotation };
        assert_eq!(method.attempt_timeout, attempt);
    });
    method(&plain, "Users", "getUser", &|method| {
        assert_eq!(deadline(method), (4, ServiceAnnotation));
        assert_eq!(method.idempotent, Setting { value: false, source: Default });
    });
    method(&plain, "Users", "inherited", &|method| {
        assert_eq!(deadline(method), (4, ServiceAnnotation));
        assert_eq!(method.retries, Setting { value: Some(1), source: MethodAnnotation });
        assert_eq!(method.idempotent, Setting { value: true, source: ServiceAnnotation });
        assert_eq!(method.body, Setting { value: 9 * 1024, source: ServiceAnnotation });
    });
    method(&plain, "Plain", "plain", &|method| {
        assert_eq!(deadline(method), (7, Backend));
        assert_eq!(method.body, Setting { value: 16 << 20, source: Default });
    });
    let full = build(
        "backend: a, deadline: 2s, idempotent: true, method_settings: {'get*': {deadline: 1s, retries: 1, body: 2KiB}, getUser: {body: 3KiB}, 'Users.getU*': {body: 4KiB, retries: 2}}",
    );
    method(&full, "Users", "getUser", &|method| {
        assert_eq!(deadline(method), (1, MethodSettings));
        // An exact name before a longer prefix, and that before a shorter one: each for what it says.
        assert_eq!(method.body.value, 3 * 1024);
        assert_eq!(method.retries.value, Some(2));
        assert_eq!(method.idempotent, Setting { value: true, source: Route });
    });
    method(&full, "Users", "getRole", &|method| {
        assert_eq!((deadline(method), method.body.value), ((1, MethodSettings), 2 * 1024));
        assert_eq!(method.idempotent, Setting { value: true, source: Route });
    });
    method(&full, "Users", "setUser", &|method| assert_eq!(deadline(method), (2, Route)));
}

/// A body that another method of the route might have is read, and refused when its method is known (nothing is executed).
#[test]
fn the_body_of_a_method_has_a_limit_of_its_own() {
    let backend = Backend::echoing();
    let (gateway, _folder) =
        gateway(&backend, "services: [Users], body: 8KiB, method_settings: {'get*': {body: 1KiB}}");
    let value = |bytes: usize| json!({"value": "x".repeat(bytes)});
    let named = |method: &str, bytes| json!({"method": method, "arguments": value(bytes)}).to_string();
    let late = |method: &str, bytes| format!("{{\"arguments\":{},\"method\":\"{method}\"}}", value(bytes));
    for (path, body, status) in [
        ("/", named("getUser", 900), 200),
        ("/", named("getUser", 1100), 413),
        ("/", late("getUser", 1100), 413),
        ("/Users", named("getUser", 1100), 413),
        ("/Users/getUser", value(1100).to_string(), 413),
        ("/", named("setUser", 7000), 200),
        ("/Users/setUser", value(7000).to_string(), 200),
        ("/", named("setUser", 9000), 413),
    ] {
        let calls = backend.calls();
        let reply = gateway.post(path, &body);
        assert_eq!(reply.status, status, "{path} {} bytes: {}", body.len(), reply.text());
        if status == 413 {
            assert_eq!(reply.failure(), (413, "BODY_TOO_LARGE".into(), "no".into()), "{path}");
            assert_eq!(backend.calls(), calls);
        }
    }
    for wire in WIRES {
        let body = message(wire, TMessageType::Call, "getUser", 3, Some(&"x".repeat(1100)));
        let reply = gateway.post_with("/", &[("Content-Type", wire.content_type())], &body);
        assert_eq!(reply.header("thrift-status"), Some("413"), "{wire:?}");
        assert_eq!(read(wire, &reply.body).kind, TMessageType::Exception);
    }
}

/// Where the path names the method, what is over its limit is not even read.
#[test]
fn a_body_over_the_limit_of_its_path_is_not_read() {
    let backend = Backend::echoing();
    let (gateway, _folder) = gateway(&backend, "services: [Users], method_settings: {getUser: {body: 1KiB}}");
    let mut connection = Connection::open(gateway.address());
    let whole = post("/Users/getUser", &[("Content-Type", "application/json")], &vec![b' '; 5000]);
    connection.send(&whole[..whole.len() - 5000]);
    assert_eq!(connection.reply().failure(), (413, "BODY_TOO_LARGE".into(), "no".into()));
}

/// FAULTS 47: a reply after the deadline, which is that of the method. A caller may shorten it and not lengthen it.
#[test]
fn the_deadline_is_that_of_the_method() {
    let backend = Backend::start(|_| vec![Step::Stall]);
    let (gateway, _folder) =
        gateway(&backend, "services: [Users], deadline: 30s, method_settings: {'get*': {deadline: 300ms}}");
    let timed = |path: &str, seconds: &str| {
        let began = Instant::now();
        let headers = [("Content-Type", "application/json"), ("X-Request-Timeout", seconds)];
        let reply = gateway.post_with(path, &headers, b"{}");
        assert_eq!(reply.failure().1, "DEADLINE_EXCEEDED");
        began.elapsed()
    };
    let took = timed("/Users/getUser", "20");
    assert!(took >= Duration::from_millis(290) && took < Duration::from_secs(8), "{took:?}");
    let took = timed("/Users/setUser", "0.4");
    assert!(took >= Duration::from_millis(390) && took < Duration::from_secs(8), "{took:?}");
}

#[test]
fn the_style_is_that_of_the_method() {
    let backend = Backend::start(|call| {
        let reply = call.reply(|writer| {
            writer.field_begin(WireType::I64, 0);
            writer.i64(7);
            writer.field_end();
        });
        vec![Step::Send(reply)]
    });
    let (gateway, _folder) = gateway(
        &backend,
        "services: [Users], style: {unknown_fields: refuse}, method_settings: {count: {style: {i64: string, unknown_fields: ignore}}}",
    );
    // The body names the method, which says how the body is read.
    for body in [
        r#"{"method":"count","arguments":{"value":1,"more":2}}"#,
        r#"{"arguments":{"value":1,"more":2},"method":"count"}"#,
    ] {
        assert_eq!(gateway.post("/", body).success(), "7");
    }
    assert_eq!(gateway.post("/Users/count", r#"{"value":1,"more":2}"#).success(), "7");
    let headers = [("Content-Type", "application/json"), ("Accept", "application/json; i64=number")];
    assert_eq!(gateway.post_with("/Users/count", &headers, br#"{"value":1}"#).success(), 7);
    let reply = gateway.post("/", r#"{"method":"getUser","arguments":{"value":"x","more":2}}"#);
    assert_eq!(reply.failure(), (400, "INVALID_ARGUMENT".into(), "no".into()));
}
