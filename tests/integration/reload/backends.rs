//! What becomes of backends and limits.

use serde_json::json;
use thriftgate_tests::backend::{Backend, Step};
use thriftgate_tests::client::{Connection, post};
use thriftgate_tests::eventually;

use super::{Site, UNWATCHED, changed, idl, status};

#[test]
fn unchanged_backend_keeps_its_connection() {
    let site = Site::new(UNWATCHED);
    let gateway = site.gateway();
    assert_eq!(status(&gateway, "first"), 200);
    let files = [
        ("echo.thrift", idl(&["first", "second"])),
        ("gateway.yaml", format!("# A line above moves everything.\n{}", site.configuration(UNWATCHED))),
        ("gateway.yaml", site.configuration(&format!("{UNWATCHED}limits: {{calls: 99}}\n"))),
        (
            "gateway.yaml",
            site.configuration(&format!("{UNWATCHED}routes: [{{path: /, backend: main, deadline: 3s}}]\n")),
        ),
    ];
    for (name, text) in files {
        site.folder.write(name, &text);
        let changed = changed(&gateway.reload());
        assert_eq!(changed["backends"], json!({"kept": ["main"], "started": [], "ended": []}));
        // Whichever core is asked, it takes the connection that there is.
        (0..3).for_each(|_| assert_eq!(status(&gateway, "first"), 200));
    }
    let counts = gateway.settle();
    assert_eq!(site.backend.connections(), counts.open, "none was closed");
}

#[test]
fn changed_backend_begins_anew_and_the_old_one_ends_with_its_last_call() {
    let backend = Backend::start(|call| match call.name.as_str() {
        "slow" => vec![Step::Wait(std::time::Duration::from_secs(2)), Step::Send(call.echo())],
        _ => vec![Step::Send(call.echo())],
    });
    let site = Site::before(backend, UNWATCHED);
    site.folder.write("echo.thrift", &idl(&["first", "slow"]));
    let gateway = site.gateway();
    assert_eq!(status(&gateway, "first"), 200);
    let mut slow = Connection::open(gateway.address());
    let headers = [("Content-Type", "application/json")];
    slow.send(&post("/", &headers, br#"{"method":"slow","arguments":{"value":7}}"#));
    eventually("the call is under way", || site.backend.calls() == 2);
    let text = site.configuration(UNWATCHED);
    let address = site.backend.address();
    let slower = format!("{{address: \"{address}\", deadline: 9s}}");
    site.folder.write("gateway.yaml", &text.replace(&format!("\"{address}\""), &slower));
    let changed = changed(&gateway.reload());
    assert_eq!(changed["backends"], json!({"kept": [], "started": ["main"], "ended": ["main"]}));
    assert_eq!(status(&gateway, "first"), 200);
    let before = site.backend.open();
    assert_eq!(slow.reply().success(), 7);
    eventually("the connections of the old one are closed", || site.backend.open() < before);
    let counts = gateway.settle();
    eventually("those of the new one alone are open", || site.backend.open() == counts.open);
}

#[test]
fn removed_backend_leaves_the_metrics() {
    let site = Site::new(UNWATCHED);
    let one = site.configuration(UNWATCHED);
    let other = format!(", other: \"{}\"", site.backend.address());
    let routes = "routes: [{path: /a, backend: main}, {path: /b, backend: other}]\n";
    let two = site.configuration_with(&other, &format!("{UNWATCHED}{routes}"));
    site.folder.write("gateway.yaml", &two);
    let gateway = site.gateway();
    let body = json!({"method": "first", "arguments": {"value": 7}}).to_string();
    assert_eq!(gateway.post("/b", &body).status, 200);
    assert!(gateway.metrics().contains("backend=\"other\"") && gateway.metrics().contains("route=\"/b\""));
    site.folder.write("gateway.yaml", &one);
    changed(&gateway.reload());
    eventually("nothing is told of what has gone", || {
        let metrics = gateway.metrics();
        !metrics.contains("\"other\"") && !metrics.contains("\"/b\"")
    });
}

#[test]
fn limits_change() {
    let site = Site::new(UNWATCHED);
    let gateway = site.gateway();
    let body = format!("{}{}", json!({"method": "first", "arguments": {"value": 7}}), " ".repeat(2000));
    assert_eq!(gateway.post("/", &body).status, 200);
    site.configure(&format!("{UNWATCHED}limits: {{body: 1KiB, bodies: 1KiB}}\n"));
    changed(&gateway.reload());
    assert_eq!(gateway.post("/", &body).status, 413);
    site.configure(&format!("{UNWATCHED}limits: {{body: 16MiB, bodies: 16MiB}}\n"));
    changed(&gateway.reload());
    assert_eq!(gateway.post("/", &body).status, 200);
}
