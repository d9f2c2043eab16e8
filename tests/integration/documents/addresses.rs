//! Where documents are, and what each is of.

use serde_json::Value;
use thriftgate_tests::client::{Connection, exchange};
use thriftgate_tests::{Folder, Gateway};

use super::{answer_schema, check_calls, document, get, paths};

const IDL: &str = "
/** Somebody. */
struct User { 1: required i64 id, 2: string name, 3: optional User friend }
enum Colour { RED = 1, BLUE = 2 }
service Users { User getUser(1: i64 id), void paint(1: Colour colour) }
service Admin { User find(1: string name) }
";

/// A gateway before nothing, with these sections.
fn gateway(rest: &str) -> Gateway {
    let folder = Folder::new();
    let idl = folder.write("api.thrift", IDL);
    Gateway::start(&format!("idl: {}\nbackends: {{main: \"127.0.0.1:1\"}}\n{rest}", idl.display()))
}

#[test]
fn they_are_off_unless_configured() {
    for gateway in [gateway(""), gateway("documents: false\n"), gateway("routes: [{path: /v1}]\n")] {
        for path in
            ["/docs", "/docs/", "/docs/api.json", "/openapi.json", "/openapi.yaml", "/openapi/root.json"]
        {
            assert_eq!(get(&gateway, path, &[]).status, 404, "{path}");
        }
    }
}

#[test]
fn each_has_its_address() {
    let gateway = gateway(
        "documents: {title: Acme, version: '2.1', servers: ['https://api.example.com/']}\n\
         routes: [{path: /vendors/v1, services: [Users]}, {path: /, services: [Admin]}]\n",
    );
    let whole = document(&gateway, "/openapi.json", &[]);
    assert_eq!(whole["openapi"].as_str().map(|version| &version[..4]), Some("3.1."));
    assert_eq!((&whole["info"]["title"], &whole["info"]["version"]), (&"Acme".into(), &"2.1".into()));
    assert_eq!(whole["servers"][0]["url"], "https://api.example.com");
    let users = ["/vendors/v1/Users/getUser", "/vendors/v1/Users/paint"];
    assert_eq!(paths(&whole), [users[0], users[1], "/Admin/find"]);
    assert_eq!(paths(&document(&gateway, "/openapi/vendors/v1.json", &[])), users);
    assert_eq!(paths(&document(&gateway, "/openapi/root.json", &[])), ["/Admin/find"]);
    for path in ["/openapi.yaml", "/openapi/vendors/v1.yaml", "/openapi/root.yaml"] {
        let yaml = get(&gateway, path, &[]);
        assert_eq!((yaml.status, yaml.header("content-type")), (200, Some("application/yaml")), "{path}");
        let read: Value = serde_saphyr::from_str(&yaml.text()).expect("YAML");
        let json = document(&gateway, &path.replace(".yaml", ".json"), &[]);
        assert_eq!(read, json, "{path}");
    }
    let model = document(&gateway, "/docs/api.json", &[]);
    assert_eq!(model["openapi"], "/openapi.json");
    let routes: Vec<&str> = model["routes"]
        .as_array()
        .expect("routes")
        .iter()
        .filter_map(|route| route["openapi"].as_str())
        .collect();
    assert_eq!(routes, ["/openapi/vendors/v1.json", "/openapi/root.json"]);
    for path in
        ["/openapi/Users.json", "/openapi/vendors.json", "/openapi/.json", "/openapi", "/openapi/", "/docs/x"]
    {
        let reply = get(&gateway, path, &[]);
        assert_eq!(reply.status, 404, "{path}");
        assert_eq!(reply.exception("code"), "UNKNOWN_ROUTE", "{path}");
    }
    // What only begins like an address of theirs is a call.
    assert_eq!(get(&gateway, "/openapis", &[]).exception("message"), "Unknown function openapis");
}

/// A schema stands alone: what it refers to is in it.
#[test]
fn each_type_has_a_schema_of_its_own() {
    let gateway = gateway("documents: true\nroutes: [{path: /v1, services: [Users]}, {path: /}]\n");
    let whole = document(&gateway, "/openapi.json", &[]);
    let names: Vec<&String> = whole["components"]["schemas"].as_object().expect("schemas").keys().collect();
    let mut seen = 0;
    for name in names {
        for (prefix, known) in
            [("/openapi", true), ("/openapi/v1", !name.contains("Admin")), ("/openapi/root", true)]
        {
            let address = format!("{prefix}/schemas/{name}.json");
            let reply = get(&gateway, &address, &[]);
            if !known || reply.status == 404 {
                continue;
            }
            assert_eq!(reply.header("content-type"), Some("application/schema+json"), "{address}");
            let schema = reply.json();
            assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema", "{address}");
            assert_eq!(schema["$id"], *address, "{address}");
            jsonschema::validator_for(&schema).unwrap_or_else(|error| panic!("{address}: {error}"));
            seen += 1;
        }
    }
    assert!(seen >= 6, "{seen}");
    assert_eq!(get(&gateway, "/openapi/schemas/Nobody.json", &[]).status, 404);
    assert_eq!(get(&gateway, "/openapi/schemas/User.yaml", &[]).status, 404);
}

#[test]
fn they_can_be_moved() {
    let gateway = gateway(
        "documents: {path: /help/api, openapi: /spec}\nroutes: [{path: /docs, services: [Admin]}, {path: /}]\n",
    );
    let whole = document(&gateway, "/spec.json", &[]);
    assert!(paths(&whole).contains(&"/docs/Admin/find"), "{:?}", paths(&whole));
    assert_eq!(paths(&document(&gateway, "/spec/docs.json", &[])), ["/docs/Admin/find"]);
    assert_eq!(get(&gateway, "/help/api/", &[]).status, 200);
    assert_eq!(document(&gateway, "/help/api/api.json", &[])["openapi"], "/spec.json");
    let moved = get(&gateway, "/help/api", &[]);
    assert_eq!((moved.status, moved.header("location")), (308, Some("api/")));
    for path in ["/openapi.json", "/docs/api.json", "/docs/"] {
        assert!(matches!(get(&gateway, path, &[]).status, 404 | 405), "{path}");
    }
}

#[test]
fn a_route_may_be_left_out() {
    let gateway = gateway(
        "documents: true\nroutes: [{path: /inside, services: [Admin], documents: false}, {path: /v1, services: [Users]}]\n",
    );
    let whole = get(&gateway, "/openapi.json", &[]).text() + &get(&gateway, "/docs/api.json", &[]).text();
    assert!(whole.contains("getUser") && !whole.contains("inside") && !whole.contains("find"), "{whole}");
    assert_eq!(get(&gateway, "/openapi/inside.json", &[]).status, 404);
    assert_eq!(gateway.post("/inside/find", "{}").status, 503);
}

#[test]
fn the_route_of_everything_gives_way_to_one_of_its_name() {
    let gateway = gateway(
        "documents: true\nroutes: [{path: /root, services: [Admin]}, {path: /, services: [Users]}]\n",
    );
    assert_eq!(paths(&document(&gateway, "/openapi/root.json", &[])), ["/root/Admin/find"]);
    let users = paths(&document(&gateway, "/openapi/root-2.json", &[])).len();
    assert_eq!(users, 2);
}

/// They are before all routes for whoever reads, and not there for whoever calls.
#[test]
fn they_are_read_by_get_alone() {
    let gateway = gateway("documents: true\n");
    for verb in ["PUT", "DELETE", "OPTIONS", "PATCH"] {
        for path in ["/docs/", "/openapi.json", "/docs/api.json"] {
            let request = format!("{verb} {path} HTTP/1.1\r\nHost: gateway\r\nContent-Length: 0\r\n\r\n");
            let reply = exchange(gateway.address(), request.as_bytes());
            assert_eq!((reply.status, reply.header("allow")), (405, Some("GET, HEAD")), "{verb} {path}");
        }
    }
    let reply = gateway.post("/openapi.json", "{}");
    assert_eq!((reply.status, reply.exception("code")), (404, "UNKNOWN_SERVICE".into()));
    let mut connection = Connection::open(gateway.address());
    connection.send(b"GET /openapi.json HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
    assert_eq!(connection.reply().status, 400);
}

/// Every path that is documented is that of a call, by the routes as they are: one that an earlier route takes, or keeps from
/// callers, is in no document.
#[test]
fn what_is_documented_can_be_called() {
    let gateway = gateway(
        "documents: true\n\
         routes:\n\
         - {path: /v1, services: [Users], hide: [paint], sandbox: true}\n\
         - {path: /v1, sandbox: true}\n\
         - {path: /, methods: [find], sandbox: true}\n",
    );
    let whole = document(&gateway, "/openapi.json", &[]);
    let mut known = paths(&whole);
    known.sort_unstable();
    assert_eq!(known, ["/Admin/find", "/v1/Admin/find", "/v1/Users/getUser"]);
    check_calls(&gateway, &whole, &[]);
    for path in ["/v1/Users/paint", "/Users/getUser"] {
        assert_eq!(gateway.post(path, "{}").status, 404, "{path}");
    }
    assert!(answer_schema(&whole, "/Admin/find", 200).is_some());
}
