//! Methods that callers do not see.

use serde_json::json;
use thrift::protocol::TMessageType;
use thriftgate::snapshot::Snapshot;
use thriftgate::telemetry::Metrics;
use thriftgate_config::Settings;
use thriftgate_tests::backend::{Backend, Dialect};
use thriftgate_tests::{Folder, Gateway, data};

use crate::native::{WIRES, message, read};
use crate::routing::{World, named};

const IDL: &str = "
service Users {
  string getUser(1: string value), string getSecret(1: string value),
  string reset(1: string value) (thriftgate.hidden), string reload(1: string value)
}
service Internal { string getSecret(1: string value), string dump(1: string value) } (thriftgate.hidden = \"true\")
service Open { string dump(1: string value) (thriftgate.hidden = \"false\"), string drop(1: string value) } (thriftgate.hidden)
";

fn world(route: &str) -> (Gateway, Backend, Folder) {
    let folder = Folder::new();
    let idl = folder.write("hidden.thrift", IDL);
    let backend = named("a", Dialect::default());
    let yaml = format!(
        "idl: {}\nbackends: {{a: \"{}\"}}\nroutes: [{{path: /, {route}}}]\n",
        idl.display(),
        backend.address()
    );
    (Gateway::start(&yaml), backend, folder)
}

/// Over every door and by every form of its name, a hidden method is one that there never was.
#[test]
fn a_hidden_method_does_not_exist() {
    let (gateway, backend, _folder) = world("hide: [\"getSec*\"]");
    for name in ["getSecret", "reset", "drop"] {
        for (path, body) in [
            ("/", json!({"method": name})),
            ("/", json!({"method": name, "service": "Users"})),
            ("/Users", json!({"method": name})),
            ("/Users/".to_owned().leak(), json!({"arguments": {"value": "x"}, "method": name})),
        ] {
            let reply = gateway.post(path, &body.to_string());
            assert_eq!(reply.failure(), (404, "UNKNOWN_METHOD".into(), "no".into()), "{path} {body}");
            assert_eq!(reply.exception("message"), format!("Unknown function {name}"));
            let suggestion = reply.exception("suggestion");
            assert!([json!(null), json!("getUser"), json!("reload"), json!("dump")].contains(&suggestion));
        }
        assert_eq!(gateway.post(&format!("/Users/{name}"), "{}").status, 404);
        for wire in WIRES {
            for sent in [name.to_owned(), format!("Users:{name}"), format!("hidden.Users:{name}")] {
                let body = message(wire, TMessageType::Call, &sent, 5, Some("x"));
                let reply = gateway.post_with("/", &[("Content-Type", wire.content_type())], &body);
                let told = read(wire, &reply.body);
                assert_eq!((told.kind, told.number), (TMessageType::Exception, 5), "{wire:?} {sent}");
                assert_eq!(reply.header("thrift-status"), Some("404"), "{wire:?} {sent}");
            }
        }
    }
    assert_eq!(backend.calls(), 0);
    assert_eq!(gateway.call("getUser", json!({"value": "x"})).success(), "a getUser");
    assert_eq!(gateway.call("dump", json!({"value": "x"})).success(), "a dump");
}

/// A service of which nothing is left is no service, and is neither suggested nor a candidate.
#[test]
fn a_hidden_service_does_not_exist() {
    let (gateway, backend, _folder) = world("hide: [Users.getSecret]");
    let reply = gateway.post("/Internal", r#"{"method":"dump"}"#);
    assert_eq!(reply.failure(), (404, "UNKNOWN_SERVICE".into(), "no".into()));
    let reply = gateway.post("/Internals/dump", "{}");
    assert_eq!((reply.failure().1, reply.exception("suggestion")), ("UNKNOWN_SERVICE".into(), json!(null)));
    let reply = gateway.post("/", r#"{"method":"dumb"}"#);
    assert_eq!((reply.failure().1, reply.exception("suggestion")), ("UNKNOWN_METHOD".into(), json!("dump")));
    assert_eq!(backend.calls(), 0);
}

/// What one route hides, a later one that takes the same requests does not show.
#[test]
fn what_is_hidden_does_not_go_on() {
    let world = World::new();
    let gateway = world.gateway(
        "  - {path: /, methods: ['get*'], hide: [getRole], backend: a}\n  - {path: /, backend: b}\n",
    );
    assert_eq!(gateway.call("login", json!({})).success(), "b Users:login");
    let part = world.gateway(
        "  - {path: /, services: [Admin], methods: [purge], hide: [purge], backend: a}\n  - {path: /, backend: b}\n",
    );
    assert_eq!(part.post("/Admin", r#"{"method":"getUser"}"#).success(), "b Admin:getUser");
    assert_eq!(part.post("/Admin", r#"{"method":"purge"}"#).failure().1, "UNKNOWN_METHOD");
    for (path, body) in
        [("/", r#"{"method":"getRole"}"#), ("/Users", r#"{"method":"getRole"}"#), ("/Users/getRole", "")]
    {
        assert_eq!(gateway.post(path, body).failure().1, "UNKNOWN_METHOD", "{path}");
    }
}

#[test]
fn what_is_exposed_can_be_told() {
    let world = World::new();
    let exposed = |routes: &str| world.snapshot(routes).router.exposed();
    let before = exposed("  - {path: /v1, services: [Users], methods: ['get*'], backend: a}\n");
    let after = exposed("  - {path: /v1, services: [Users], methods: ['get*', login], backend: b}\n");
    let new: Vec<_> = after.difference(&before).collect();
    assert_eq!(new, [&("/v1".to_owned(), "users.Users.login".to_owned())]);
}

/// A pattern that fits nothing was a slip of the hand, which may leave open what was to be closed.
#[test]
fn patterns_have_to_fit() {
    let world = World::new();
    for (route, says) in [
        ("hide: [getUsr]", "no service of the route has a method getUsr"),
        ("hide: [getUsr]", "did you mean `getUser`?"),
        ("methods: [Users.purge]", "no service of the route has a method purge"),
        ("methods: ['User.get*']", "the route has no service User"),
        ("methods: ['User.get*']", "did you mean `Users`?"),
        ("method_settings: {nothing: {idempotent: true}}", "no service of the route has a method nothing"),
    ] {
        let settings = world.settings(&format!("  - {{path: /, {route}, backend: a}}\n"));
        let error = Snapshot::build(&settings, &Metrics::default(), 1).expect_err(route).to_string();
        assert!(error.contains(says) && error.contains(".yaml:4:"), "{route}: {error}");
    }
    let snapshot = world.snapshot("  - {path: /, hide: ['admin*'], backend: a}\n");
    let warned = |text: &str| snapshot.warnings.iter().any(|warning| warning.contains(text));
    assert!(warned("no method of the route is one of admin*"), "{:?}", snapshot.warnings);
}

#[test]
fn wrong_annotations_are_errors_at_their_place() {
    let folder = Folder::new();
    let text =
        "service A {\n  void go() (thriftgate.deadline = \"5\")\n  void stop() (thriftgate.hiden)\n}\n";
    let idl = folder.write("wrong.thrift", text);
    let yaml = format!("idl: {}\nbackends: {{a: \"127.0.0.1:1\"}}\n", idl.display());
    let settings = Settings::parse(&data("gateway.yaml"), &yaml, &|_| None).expect("a configuration");
    let error = Snapshot::build(&settings, &Metrics::default(), 1).expect_err("two errors").to_string();
    for says in [
        "wrong.thrift:2:8: error: the annotation `thriftgate.deadline` of `go`: `5` has no unit",
        "wrong.thrift:3:8: error: the annotation `thriftgate.hiden` of `stop`: there is no annotation",
        "did you mean `hidden`?",
    ] {
        assert!(error.contains(says), "{error}");
    }
}
