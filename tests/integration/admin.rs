//! The pages of the admin listener: all of them, what they show, and who may use them.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};
use thriftgate_tests::backend::{Backend, Step};
use thriftgate_tests::client::{Reply, exchange, get, post};
use thriftgate_tests::{Gateway, eventually};

fn page(gateway: &Gateway, path: &str) -> Value {
    let reply = get(gateway.admin(), path);
    assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    assert_eq!(reply.header("content-type"), Some("application/json"), "{path}");
    reply.json()
}

/// A request to the admin listener with this line and these headers.
fn send(gateway: &Gateway, line: &str, headers: &[&str]) -> Reply {
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    exchange(gateway.admin(), format!("{line} HTTP/1.1\r\n{headers}Content-Length: 0\r\n\r\n").as_bytes())
}

/// `config/REFERENCE.md` has every page with its methods, and no other.
#[test]
fn pages_are_those_of_the_reference() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/REFERENCE.md");
    let text = std::fs::read_to_string(path).expect("the reference");
    let section = text.split("\n## Admin pages\n").nth(1).expect("the section of the pages");
    let rows =
        section.lines().take_while(|line| !line.starts_with("## ")).filter(|line| line.starts_with("| `"));
    let listed: BTreeSet<&str> =
        rows.flat_map(|row| row.split('|').nth(1).expect("a cell").split('`').skip(1).step_by(2)).collect();
    let backend = Backend::echoing();
    let gateway = Gateway::before("everything.thrift", backend.address(), "");
    let verbs = ["GET", "POST", "PUT", "DELETE", "PATCH"];
    let list = get(gateway.admin(), "/").text();
    let paths: BTreeSet<&str> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(paths, listed.iter().filter_map(|page| page.split(' ').nth(1)).collect());
    for path in paths {
        for verb in verbs {
            let status = send(&gateway, &format!("{verb} {path}"), &["Host: localhost"]).status;
            let is_listed = listed.contains(&*format!("{verb} {path}"));
            assert_eq!(status != 405, is_listed, "{verb} {path}: {status}");
            assert_ne!(status, 404, "{path}");
        }
    }
}

#[test]
fn the_settings_in_effect_without_secrets() {
    let gateway = Gateway::start(
        "idl: everything.thrift\nbackends:\n  a:\n    address: http://127.0.0.1:9\n    http:\n      headers: {Authorization: \
         Bearer the-backends-secret}\n  b: {address: 127.0.0.1:9, deadline: 1m30s, health_check: {type: call, method: Everything.answer}}\n\
         routes: [{path: /a, backend: {a: 1, b: 3}}, {path: /b, backend: b, headers: {X-Tenant: acme}}]\n\
         admin: {ready_requires: [a]}\n",
    );
    let settings = page(&gateway, "/config");
    assert_eq!(settings["backends"][0]["transport"]["http"]["headers"], json!({"authorization": "***"}));
    assert_eq!(settings["backends"][1]["deadline"], "1m30s");
    assert_eq!(settings["backends"][1]["endpoints"][0]["address"], "127.0.0.1:9");
    assert_eq!(settings["backends"][1]["health_check"]["probe"]["call"], "Everything.answer");
    assert_eq!(
        settings["routes"][0]["backends"],
        json!([{"backend": "a", "weight": 1}, {"backend": "b", "weight": 3}])
    );
    assert_eq!(settings["routes"][1]["headers"], json!({"x-tenant": "acme"}));
    assert_eq!(settings["ready_requires"], json!(["a"]));
    assert_eq!(settings["limits"]["deadline"], "10s", "defaults are there");
    assert!(!settings.to_string().contains("the-backends-secret"));
}

#[test]
fn backends_as_they_do_now() {
    let (good, bad) = (Backend::echoing(), Backend::start(|_| vec![Step::Close]));
    let gateway = Gateway::start(&format!(
        "idl: everything.thrift\nbackends: {{main: {{endpoints: [\"{}\", \"{}\"], \
         ejection: {{consecutive_failures: 1, time: 1h, max_time: 1h}}}}}}\n",
        good.address(),
        bad.address()
    ));
    eventually("the bad endpoint is ejected", || {
        gateway.call("echoString", json!({"value": "x"}));
        page(&gateway, "/backends")[0]["endpoints"][1]["health"] == "ejected"
    });
    gateway.settle();
    let backend = page(&gateway, "/backends")[0].clone();
    assert_eq!(backend["name"], "main");
    assert_eq!(backend["speaks"], "framed binary");
    assert_eq!(backend["healthy"], true);
    assert_eq!(backend["calls"]["under_way"], 0);
    assert_eq!(backend["failures"]["closed"], 1);
    let [first, second] = [&backend["endpoints"][0], &backend["endpoints"][1]];
    assert_eq!(
        (&first["address"], &first["health"]),
        (&json!(good.address().to_string()), &json!("healthy"))
    );
    assert_eq!((&second["ejections"], &second["connections"]["open"]), (&json!(1), &json!(0)));
}

#[test]
fn readiness_can_require_backends() {
    let server = Backend::echoing();
    let config = |required: &str| {
        format!(
            "idl: everything.thrift\nbackends:\n  main: {{address: \"{}\", health_check: {{interval: 50ms, unhealthy_after: 1}}}}\n\
             admin: {{ready_requires: [{required}]}}\n",
            server.address()
        )
    };
    let (strict, lenient) = (Gateway::start(&config("main")), Gateway::start(&config("")));
    let ready = |gateway: &Gateway| get(gateway.admin(), "/readyz");
    assert_eq!((ready(&strict).status, ready(&lenient).status), (200, 200));
    server.stop();
    eventually("it is not ready", || ready(&strict).status == 503);
    assert_eq!(ready(&strict).text(), "not ready: the backend main has no healthy endpoint\n");
    assert!(strict.metrics().contains("thriftgate_ready 0"));
    eventually("the other has noticed as well", || page(&lenient, "/backends")[0]["healthy"] == false);
    assert_eq!(ready(&lenient).status, 200);
    server.listen();
    eventually("it is ready again", || ready(&strict).status == 200);
}

#[test]
fn routes_are_shown_for_each_group() {
    let gateway = Gateway::start(
        "idl: everything.thrift\nbackends: {main: \"127.0.0.1:9\"}\nauthentication: {anonymous: readers}\n\
         groups: {readers: {allow: [\"echo*\"]}, writers: {}}\n",
    );
    let shown = page(&gateway, "/routes");
    let names = |list: &Value| -> BTreeSet<String> {
        list.as_array()
            .expect("a list")
            .iter()
            .map(|entry| entry["method"].as_str().expect("a name").to_owned())
            .collect()
    };
    assert_eq!(names(&shown["groups"]["writers"]), names(&shown["routes"]));
    let readers = names(&shown["groups"]["readers"]);
    assert!(readers.contains("echoString") && !readers.contains("notify"), "{readers:?}");
    let entry = |method: &str| {
        let all = shown["routes"].as_array().expect("a list");
        all.iter().find(|entry| entry["method"] == method).expect("the method")["groups"].clone()
    };
    assert_eq!(entry("echoString"), json!(["readers", "writers"]));
    assert_eq!(entry("notify"), json!(["writers"]));
}

#[test]
fn what_runs() {
    let backend = Backend::echoing();
    let gateway = Gateway::before("everything.thrift", backend.address(), "");
    let version = page(&gateway, "/version");
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(version["configuration"]["version"], page(&gateway, "/reload")["version"]);
    gateway.reload();
    assert_eq!(page(&gateway, "/version")["configuration"]["version"], 2);
}

/// No page in a browser changes anything, nor reads what is shown by giving a name to this machine (FAULTS 91).
#[test]
fn browsers_are_kept_out() {
    let backend = Backend::echoing();
    let gateway = Gateway::before("everything.thrift", backend.address(), "");
    for (line, headers, status) in [
        ("GET /config", &["Host: 127.0.0.1:9901"][..], 200),
        ("GET /config", &["Host: localhost"], 200),
        ("GET /config", &["Host: [::1]:9901"], 200),
        ("GET /config", &["Host: evil.example"], 421),
        ("GET /config", &["Host: localhost.evil.example:9901"], 421),
        ("GET /config", &["Host: localhost", "Host: evil.example"], 400),
        ("GET /config", &[], 400),
        ("POST /reload", &["Host: localhost"], 200),
        ("POST /reload", &["Host: localhost", "Origin: http://localhost:9901"], 403),
        ("POST /reload", &["Host: localhost", "Sec-Fetch-Site: cross-site"], 403),
        ("PUT /log-level", &["Host: localhost", "Origin: null"], 403),
    ] {
        let reply = send(&gateway, line, headers);
        assert_eq!(reply.status, status, "{line} {headers:?}: {}", reply.text());
        assert!(
            reply.header("content-security-policy").is_some()
                && reply.header("access-control-allow-origin").is_none()
        );
    }
    let reply = exchange(gateway.admin(), &post("/config", &[], b""));
    assert_eq!(reply.status, 405);
}
