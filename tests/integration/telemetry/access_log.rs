//! The access log: what is in its lines, and where they go.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use thriftgate_tests::{Gateway, eventually};

use super::Site;

/// What the log has of a call of `get`, when it has it.
fn logged(site: &Site, gateway: &Gateway) -> String {
    let path = site.folder.path().join("access.log");
    let before = lines(&path).len();
    assert_eq!(gateway.call("get", json!({"value": "x y"})).status, 200);
    eventually("the call is in the access log", || lines(&path).len() > before);
    lines(&path).pop().expect("a line")
}

fn lines(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
    whole.lines().map(str::to_owned).collect()
}

fn gateway(site: &Site) -> Gateway {
    Gateway::by_file(&site.folder.path().join("gateway.yaml"))
}

#[test]
fn its_fields_are_chosen() {
    let access = |fields: &str| format!("logging: {{access: {{file: access.log, {fields}}}}}\n");
    let site = Site::new(&access("fields: [method, bytes_in, arguments]"));
    let gateway = gateway(&site);
    let line: Value = serde_json::from_str(&logged(&site, &gateway)).expect("a file has JSON");
    assert_eq!(line, json!({"method": "get", "bytes_in": 44, "arguments": {"value": "x y"}}));
    // A reload changes fields, form and file.
    for (fields, expected) in [
        ("fields: [route, arguments, outcome], format: text", r#"success route=/ arguments={"value":"x y"}"#),
        ("fields: [status, outcome, exception, caller], format: text", "200 success"),
        ("fields: [host, protocol], format: json", r#"{"protocol":"human","host":"gateway"}"#),
        ("fields: [], format: text", ""),
        ("fields: []", "{}"),
    ] {
        site.configure(&access(fields));
        assert_eq!(gateway.reload().status, 200, "{fields}");
        assert_eq!(logged(&site, &gateway), expected, "{fields}");
    }
    site.configure(&access("format: text"));
    assert_eq!(gateway.reload().status, 200);
    let line = logged(&site, &gateway);
    assert!(
        line.contains(" 200 success duration_ms=") && line.contains(" method=get backend=main "),
        "{line}"
    );
}

/// What rotates logs moves the file away, and then asks for a reload.
#[test]
fn a_reload_opens_the_file_again() {
    let site = Site::new("logging: {access: {file: access.log, fields: [method]}}\n");
    let gateway = gateway(&site);
    logged(&site, &gateway);
    let (path, moved) = (site.folder.path().join("access.log"), site.folder.path().join("access.1"));
    fs::rename(&path, &moved).expect("it is moved");
    assert_eq!(gateway.reload().status, 200);
    assert_eq!(logged(&site, &gateway), r#"{"method":"get"}"#);
    assert_eq!(lines(&moved).len(), 1);
    // A file that cannot be opened changes nothing.
    site.configure("logging: {access: {file: nowhere/access.log}}\n");
    let reply = gateway.reload();
    assert!(
        reply.status == 422 && reply.text().contains("nowhere/access.log cannot be opened"),
        "{}",
        reply.text()
    );
    logged(&site, &gateway);
    site.configure("logging: {access: false}\n");
    assert_eq!(gateway.reload().status, 200);
    assert_eq!(gateway.call("get", json!({"value": "x"})).status, 200);
    drop(gateway);
    assert_eq!(lines(&path).len(), 2, "none is written any more");
}

/// Case 94: what a client says cannot forge a line, a member or a word.
#[test]
fn clients_forge_nothing() {
    for (format, quote) in
        [("json", r#""user_agent":"a\" status=500 \"x"#), ("text", r#"user_agent="a\" status=500 \""#)]
    {
        let site = Site::new(&format!(
            "logging: {{access: {{file: access.log, format: {format}, fields: [user_agent, host, status]}}}}\n"
        ));
        let gateway = gateway(&site);
        let agent = format!("a\" status=500 \"{}", "x".repeat(400));
        let headers = [("Content-Type", "application/json"), ("User-Agent", &*agent)];
        assert_eq!(gateway.post_with("/get", &headers, br#"{"value":"x"}"#).status, 200);
        let path = site.folder.path().join("access.log");
        eventually("the call is in the access log", || !lines(&path).is_empty());
        let line = lines(&path).remove(0);
        assert!(line.contains(quote) && line.len() < 360, "{line}");
    }
}
