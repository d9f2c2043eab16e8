//! The audit log: every call is in it, and no more of the arguments than is asked for.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};
use thrift::protocol::TMessageType;
use thriftgate_tests::client::{get, post};
use thriftgate_tests::{Gateway, eventually};

use super::{Door, Site, entry, key, send};
use crate::native::{WIRES, message};
use crate::process::run;

const SHOP: &str = "
typedef string Secret (sensitive = \"1\")
struct Card { 1: string holder, 2: string number (sensitive), 3: Secret pin }
struct Vault { 1: string inside } (sensitive)
struct Order { 1: list<Card> cards, 2: map<string, Card> named, 3: map<Card, i32> counts, 4: Vault vault, 5: i64 sum }
service Shop {
  string buy(1: string note, 2: Order order, 3: string password (sensitive)),
  string show(1: string value), string unlock(1: string secret (sensitive)), string quiet(1: string value),
  oneway void touch(1: string value)
}
";

fn site(rest: &str) -> Site {
    let site = Site::new(&[entry("good", "acme", "partners", ""), entry("limited", "slow", "trial", "")], "");
    site.folder.write("vendor.thrift", SHOP);
    site.configure(&format!(
        "groups: {{partners: {{deny: [Shop.quiet]}}, trial: {{caller: {{rate: {{requests: 1, per: 1h}}}}}}}}\n\
         audit: {{file: audit.jsonl, arguments: [Shop.buy, Shop.show, Shop.unlock]}}\n{rest}"
    ));
    site
}

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).expect("the audit log");
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

/// What the audit log has of the next request, when it has it.
fn audited(site: &Site, gateway: &Gateway, request: &[u8]) -> Value {
    let path = site.folder.path().join("audit.jsonl");
    let before = lines(&path).len();
    send(gateway, request);
    eventually("the call is in the audit log", || lines(&path).len() > before);
    let mut lines = lines(&path);
    assert_eq!(lines.len(), before + 1);
    lines.pop().expect("a line")
}

fn call(name: &str, path: &str, body: &Value) -> Vec<u8> {
    let headers =
        [("Content-Type", "application/json"), ("X-API-Key", &key(name)), ("X-Request-Id", "its-id")];
    post(path, &headers, body.to_string().as_bytes())
}

#[test]
fn who_called_what_and_what_came_of_it() {
    let site = site("");
    let gateway = site.gateway();
    let mode = fs::metadata(site.folder.path().join("audit.jsonl")).expect("it is made").permissions().mode();
    assert_eq!(mode & 0o137, 0, "nobody else reads or writes it: {mode:o}");
    for door in Door::all("Shop", "touch") {
        let line = audited(&site, &gateway, &door.request(&[("X-API-Key", &key("good"))]));
        let protocol = if door.wire().is_none() { "human" } else { line["protocol"].as_str().expect("one") };
        for (member, value) in [
            ("request_id", "test"),
            ("caller", "acme"),
            ("key", "good"),
            ("group", "partners"),
            ("protocol", protocol),
            ("service", "Shop"),
            ("method", "touch"),
            ("outcome", "success"),
            ("executed", "maybe"),
        ] {
            assert_eq!(line[member], value, "{member} of {line} by {door:?}");
        }
        assert!(line["client"].as_str().is_some_and(|client| client.starts_with("127.0.0.1:")), "{line}");
        assert!(line["duration_ms"].is_number() && line["status"].is_number(), "{line}");
        assert!(line["time"].as_str().is_some_and(|time| time.ends_with('Z') && time.len() == 24), "{line}");
        assert_eq!(line["arguments"], Value::Null, "nobody asks for them");
    }
    let line = audited(&site, &gateway, &call("good", "/Shop/show", &json!({"value": "x"})));
    assert_eq!(
        (&line["executed"], &line["status"], &line["arguments"]),
        (&json!("yes"), &json!(200), &json!({"value": "x"}))
    );
}

/// FAULTS, part G: what is refused is told as well, with who it was as far as that is known.
#[test]
fn refused_calls_are_in_it() {
    let site = site("");
    let gateway = site.gateway();
    let refused = |request: &[u8], outcome: &str, status: u16| {
        let line = audited(&site, &gateway, request);
        assert_eq!((&line["outcome"], &line["status"]), (&json!(outcome), &json!(status)), "{line}");
        assert_eq!(line["executed"], "no", "{line}");
        line
    };
    let body = json!({"value": "x"});
    let line = refused(&call("nobody", "/Shop/show", &body), "UNAUTHENTICATED", 401);
    assert!(line["caller"].is_null() && line["arguments"].is_null(), "{line}");
    for wire in WIRES {
        let request = message(wire, TMessageType::Call, "show", 1, Some("x"));
        refused(&post("/", &[("Content-Type", wire.content_type())], &request), "UNAUTHENTICATED", 401);
    }
    refused(&call("good", "/Shop/nothing", &body), "UNKNOWN_METHOD", 404);
    let line = refused(&call("good", "/Shop/quiet", &body), "UNKNOWN_METHOD", 404);
    assert_eq!((&line["caller"], &line["group"]), (&json!("acme"), &json!("partners")));
    let line =
        refused(&call("good", "/Shop/show", &json!({"value": 5, "pasword": "x"})), "INVALID_ARGUMENT", 400);
    assert_eq!(
        line["arguments"],
        json!({"value": 5, "pasword": "***"}),
        "what the IDL does not know is masked"
    );
    let line = audited(&site, &gateway, &call("limited", "/Shop/show", &body));
    assert_eq!(line["status"], 200);
    let line = refused(&call("limited", "/Shop/show", &body), "RATE_LIMITED", 429);
    assert_eq!((&line["caller"], &line["key"]), (&json!("slow"), &json!("limited")));
    assert!(gateway.metrics().contains("thriftgate_audit_lines_lost_total 0"));
}

#[test]
fn sensitive_arguments_are_masked_wherever_they_are() {
    let site = site("");
    let gateway = site.gateway();
    let card = json!({"holder": "Ada", "number": "4711", "pin": "1234"});
    let arguments = json!({
        "note": "n",
        "password": "hunter2",
        "order": {
            "cards": [card, card],
            "named": {"a": card},
            "counts": [[card, 1]],
            "vault": {"inside": "gold"},
            "sum": 9_007_199_254_740_993_i64,
        },
    });
    let masked = json!({"holder": "Ada", "number": "***", "pin": "***"});
    let expected = json!({
        "note": "n",
        "password": "***",
        "order": {
            "cards": [masked, masked],
            "named": {"a": masked},
            "counts": [[masked, 1]],
            "vault": {"inside": "***"},
            "sum": 9_007_199_254_740_993_i64,
        },
    });
    let line = audited(&site, &gateway, &call("good", "/Shop/buy", &arguments));
    assert_eq!((&line["arguments"], &line["status"]), (&expected, &json!(200)));
    let line =
        audited(&site, &gateway, &call("good", "/", &json!({"method": "buy", "arguments": arguments})));
    assert_eq!(line["arguments"], expected);
    // What has another form than the IDL says is not told either.
    let odd = json!({"note": {"a": 1}, "order": {"cards": "4711", "named": [["a"]], "sum": ["4711"]}});
    let line = audited(&site, &gateway, &call("good", "/Shop/buy", &odd));
    let expected = json!({"note": "***", "order": {"cards": "***", "named": ["***"], "sum": "***"}});
    assert_eq!(line["arguments"], expected);
    for wire in WIRES {
        for (method, expected) in [("show", json!({"value": "hi"})), ("unlock", json!({"secret": "***"}))] {
            let message = message(wire, TMessageType::Call, method, 1, Some("hi"));
            let headers = [("Content-Type", wire.content_type()), ("X-API-Key", &key("good"))];
            let line = audited(&site, &gateway, &post("/", &headers, &message));
            assert_eq!((&line["arguments"], &line["status"]), (&expected, &json!(200)), "{wire:?}");
        }
    }
    let long = "x".repeat(17_000);
    let line = audited(&site, &gateway, &call("good", "/Shop/show", &json!({"value": long})));
    assert!(line["arguments"].is_null() && line["status"] == 200, "{line}");
    let text = fs::read_to_string(site.folder.path().join("audit.jsonl")).expect("the audit log");
    for secret in ["hunter2", "4711", "1234", "gold"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

/// What rotates logs moves the file away, and then asks for a reload.
#[test]
fn a_reload_opens_the_file_again() {
    let site = site("");
    let gateway = site.gateway();
    let request = call("good", "/Shop/show", &json!({"value": "x"}));
    audited(&site, &gateway, &request);
    let (path, moved) = (site.folder.path().join("audit.jsonl"), site.folder.path().join("audit.1"));
    fs::rename(&path, &moved).expect("it is moved");
    send(&gateway, &request);
    eventually("the moved file goes on", || lines(&moved).len() == 2);
    assert_eq!(gateway.reload().status, 200);
    assert!(path.exists());
    audited(&site, &gateway, &request);
    assert_eq!(lines(&moved).len(), 2);
    // A file that cannot be opened changes nothing.
    site.configure("groups: {partners: {}, trial: {}}\naudit: {file: nowhere/audit.jsonl}\n");
    let reply = gateway.reload();
    assert!(reply.status == 422 && reply.text().contains("the audit log"), "{}", reply.text());
    audited(&site, &gateway, &request);
    site.configure("groups: {partners: {}, trial: {}}\n");
    assert_eq!(gateway.reload().status, 200);
    send(&gateway, &request);
    drop(gateway);
    assert_eq!(lines(&path).len(), 2, "none is written any more");
}

#[test]
fn without_its_file_it_does_not_start() {
    let site = site("");
    let path = site.configure("groups: {partners: {}, trial: {}}\naudit: {file: nowhere/audit.jsonl}\n");
    let output = run(&["serve", "--config", &path.display().to_string(), "--listen", "127.0.0.1:0"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && told.contains("nowhere/audit.jsonl cannot be opened"), "{told}");
}

/// A disk that is full costs lines, which are counted, and no calls.
#[test]
fn lost_lines_are_counted() {
    let site = site("");
    site.configure("groups: {partners: {}, trial: {}}\naudit: {file: /dev/full}\n");
    let gateway = site.gateway();
    let request = call("good", "/Shop/show", &json!({"value": "x"}));
    for _ in 0..3 {
        assert_eq!(send(&gateway, &request).status, 200);
    }
    eventually("three lines are lost", || {
        get(gateway.admin(), "/metrics").text().contains("thriftgate_audit_lines_lost_total 3")
    });
}

#[test]
fn a_pattern_that_fits_nothing_is_told() {
    let site = site("");
    let path = site.configure(
        "groups: {partners: {}, trial: {}}\naudit: {file: audit.jsonl, arguments: [\"Shop.pay*\"]}\n",
    );
    let output = run(&["check", "--config", &path.display().to_string()]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.contains("Shop.pay*"), "{told}");
    assert!(!site.folder.path().join("audit.jsonl").exists(), "checking writes nothing");
}
