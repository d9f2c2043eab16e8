//! What the callers of a group may call: the same over every door, and beside it there is nothing.

use serde_json::{Value, json};
use thriftgate::snapshot::Snapshot;
use thriftgate::telemetry::Metrics;
use thriftgate_config::Settings;
use thriftgate_protocols::wire::WireType;
use thriftgate_tests::backend::{Backend, Step, write_string};
use thriftgate_tests::client::Reply;
use thriftgate_tests::{Folder, Gateway, eventually};

use super::{Door, IDL, Site, echoing, entry, key, send};

/// The groups of these tests, and the IDL that is left of [`IDL`] for each.
const GROUPS: [(&str, &str, &str); 4] = [
    ("everything", "{}", IDL),
    (
        "partners",
        "{allow: [\"Users.*\", Vault.get], deny: [Users.remove]}",
        "service Users { string get(1: string value), string getAll(1: string value), oneway void touch(1: string value) }
         service Vault { string get(1: string value) }",
    ),
    ("readers", "{allow: [\"get*\"], deny: [\"Vault.*\", \"Staff.*\"]}",
        "service Users { string get(1: string value), string getAll(1: string value) }"),
    ("none", "{deny: [\"*\"]}", ""),
];

fn site() -> Site {
    let groups = GROUPS.map(|(name, group, _)| format!("  {name}: {group}\n")).concat();
    let entries = GROUPS.map(|(name, ..)| entry(name, name, name, ""));
    Site::new(&entries, &format!("groups:\n{groups}"))
}

/// What a caller sees of an answer.
fn seen(reply: &Reply) -> (u16, Option<&str>, Option<&str>, String) {
    let body = reply.body.escape_ascii().to_string();
    (reply.status, reply.header("thrift-status"), reply.header("content-type"), body)
}

/// For each group, over all doors, the gateway answers byte for byte as one would whose IDL has no more than the group may
/// call, and the backend is called as often.
#[test]
fn what_may_not_be_called_does_not_exist() {
    let site = site();
    let gateway = site.gateway();
    for (group, _, idl) in GROUPS {
        let folder = Folder::new();
        // Without any method the services of the IDL cannot be told from others.
        let idl = if idl.is_empty() { "service None {}" } else { idl };
        let file = folder.write("vendor.thrift", idl);
        let backend = echoing();
        let alone = Gateway::start(&format!(
            "idl: {}\nbackends: {{main: \"{}\"}}\n",
            file.display(),
            backend.address()
        ));
        let before = site.backend.calls();
        let key = key(group);
        let mut asked = 0;
        for service in ["Users", "Staff", "Vault", "Vaul"] {
            for method in ["get", "getAll", "remove", "touch", "hire", "wipe", "remov", "wip"] {
                for door in Door::all(service, method) {
                    let answer = send(&gateway, &door.request(&[("X-API-Key", &key)]));
                    let expected = send(&alone, &door.request(&[]));
                    if group != "none" {
                        assert_eq!(seen(&answer), seen(&expected), "{group} {door:?}");
                    } else {
                        assert!(!seen(&answer).3.contains("suggestion"), "{door:?}");
                    }
                    asked += 1;
                }
            }
        }
        eventually("oneway calls have come", || site.backend.calls() - before == backend.calls());
        let calls = backend.calls();
        let some = if group == "none" { calls == 0 } else { calls > 0 };
        assert!(some && calls < asked, "{group}: {calls} of {asked}");
    }
}

#[test]
fn a_route_that_is_not_for_a_group_is_refused() {
    let entries = [entry("inside", "inside", "inside", ""), entry("vendor", "vendor", "vendors", "")];
    let site = Site::new(
        &entries,
        "routes: [{path: /v1}, {path: /internal}]\ngroups: {inside: {}, vendors: {routes: [/v1]}}\n",
    );
    let gateway = site.gateway();
    for service in ["Users", "Vault"] {
        for door in Door::all(service, "get") {
            for (name, path, status) in [
                ("inside", "/v1", None),
                ("inside", "/internal", None),
                ("vendor", "/v1", None),
                ("vendor", "/internal", Some("403")),
            ] {
                let request =
                    String::from_utf8_lossy(&door.request(&[("X-API-Key", &key(name))])).into_owned();
                if door.wire().is_some_and(|wire| wire != crate::native::Wire::Json) {
                    continue;
                }
                let request = request.replacen("POST /", &format!("POST {path}/"), 1);
                let reply = send(&gateway, request.as_bytes());
                let told = match door.wire() {
                    Some(_) => reply.header("thrift-status").unwrap_or_default().to_owned(),
                    None => reply.status.to_string(),
                };
                assert_eq!(told == "403", status.is_some(), "{name} {path} {door:?}");
            }
        }
    }
}

#[test]
fn a_group_speaks_in_its_own_style() {
    const STYLED: &str = "groups: {plain: {}, strings: {style: {i64: string, enums: number, unknown_fields: ignore}, \
        exception_statuses: {Gone: 410}, caller: {body: 200B}}}\n";
    let entries = [entry("plain", "a", "plain", ""), entry("strings", "b", "strings", "")];
    let mut site = Site::new(&entries, STYLED);
    site.backend = Backend::start(|call| match call.name.as_str() {
        "fail" => vec![Step::Send(call.reply(|writer| {
            writer.field_begin(WireType::Struct, 1);
            writer.struct_begin();
            write_string(writer, 1, "it");
            writer.struct_end();
            writer.field_end();
        }))],
        _ => vec![Step::Send(call.echo())],
    });
    site.configure(STYLED);
    site.folder.write(
        "vendor.thrift",
        "enum Color { RED = 1 }\nexception Gone { 1: string why }\n\
         service Style { i64 long(1: i64 value), Color color(1: Color value), void fail(1: string value) throws (1: Gone gone) }",
    );
    let gateway = site.gateway();
    let call = |name: &str, method: &str, arguments: Value| {
        let body = json!({"method": method, "arguments": arguments}).to_string();
        let headers = [("Content-Type", "application/json"), ("X-API-Key", &key(name))];
        gateway.post_with("/", &headers, body.as_bytes())
    };
    assert_eq!(call("plain", "long", json!({"value": 5})).success(), json!(5));
    assert_eq!(call("strings", "long", json!({"value": 5})).success(), json!("5"));
    assert_eq!(call("plain", "color", json!({"value": 1})).success(), json!("RED"));
    assert_eq!(call("strings", "color", json!({"value": 1})).success(), json!(1));
    assert_eq!(call("plain", "long", json!({"value": 5, "more": 1})).failure().0, 400);
    assert_eq!(call("strings", "long", json!({"value": 5, "more": 1})).success(), json!("5"));
    assert_eq!(call("plain", "fail", json!({"value": "x"})).status, 200);
    let failed = call("strings", "fail", json!({"value": "x"}));
    assert_eq!((failed.status, failed.json()["result"]["gone"]["why"].clone()), (410, json!("it")));
    let long = "x".repeat(300);
    assert_eq!(call("plain", "fail", json!({"value": long})).status, 200);
    assert_eq!(call("strings", "fail", json!({"value": long})).failure().0, 413);
}

#[test]
fn a_reload_tells_what_a_group_can_call_that_it_could_not() {
    let site = site();
    let gateway = site.gateway();
    let request = Door::all("Vault", "wipe")[1].request(&[("X-API-Key", &key("partners"))]);
    assert_eq!(send(&gateway, &request).status, 404);
    site.configure(
        "groups: {everything: {}, partners: {allow: [\"Users.*\", \"Vault.*\"]}, readers: {}, none: {}}\n",
    );
    let reply = gateway.reload();
    assert_eq!(reply.status, 200, "{}", reply.text());
    let exposed = reply.json()["changed"]["methods"]["exposed"].to_string();
    assert!(
        exposed.contains("partners: / vendor.Vault.wipe") && !exposed.contains("everything"),
        "{exposed}"
    );
    assert_eq!(send(&gateway, &request).status, 200);
}

#[test]
fn what_a_group_names_has_to_be_there() {
    let site = site();
    for (group, told) in [
        ("{allow: [\"Usrs.*\"]}", "did you mean `Users`?"),
        ("{deny: [Users.remov]}", "did you mean `remove`?"),
        ("{allow: [getal]}", "no service of the routes of the group has a method getal"),
        ("{methods: {hiree: {rate: {requests: 1}}}}", "did you mean `hire`?"),
        ("{exception_statuses: {Nope: 404}}", "no method throws Nope"),
    ] {
        let path = site.configure(&format!(
            "groups: {{everything: {group}, partners: {{}}, readers: {{}}, none: {{}}}}\n"
        ));
        let settings = Settings::read(&path, &|_| None).unwrap_or_else(|error| panic!("{error}"));
        let error = Snapshot::build(&settings, &Metrics::default(), 1).expect_err(group).to_string();
        assert!(error.contains(told) && error.contains("gateway.yaml:5"), "{error}");
    }
}
