//! The level of the log, while the gateway runs.

use std::fs;

use serde_json::json;
use thriftgate_tests::client::{Reply, exchange, get};
use thriftgate_tests::{Gateway, eventually};

use super::Site;
use crate::process::Process;

fn put(process: &Process, level: &str) -> Reply {
    let length = level.len();
    let request =
        format!("PUT /log-level HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n\r\n{level}");
    exchange(process.admin(), request.as_bytes())
}

#[test]
fn it_changes_by_request_and_by_reload() {
    let site = Site::new("");
    let configure =
        |level: &str| site.configure(&format!("logging: {{access: false, format: json, level: {level}}}\n"));
    let path = configure("error");
    let log = site.folder.path().join("log");
    let process = Process::serve_logging(&path, &log);
    let level = || get(process.admin(), "/log-level").json()["level"].clone();
    let text = || fs::read_to_string(&log).expect("the log");
    let reload = || exchange(process.admin(), &thriftgate_tests::client::post("/reload", &[], b"")).status;
    assert_eq!((level(), reload()), (json!("error"), 200));
    assert_eq!(text(), "", "nothing is that severe");
    assert_eq!((put(&process, "info").status, level()), (200, json!("info")));
    assert_eq!(reload(), 200);
    eventually("the reload is told", || text().contains("\"reloaded\""));
    assert_eq!((put(&process, "{\"level\": \"trace\"}\n").status, level()), (200, json!("trace")));
    for wrong in ["loud", "", "{\"level\": 3}", "{}", "\u{fffd}"] {
        let reply = put(&process, wrong);
        assert_eq!((reply.status, level()), (400, json!("trace")), "{wrong}");
    }
    // A reload that leaves the level as it was in the file leaves it as it is.
    assert_eq!((reload(), level()), (200, json!("trace")));
    configure("warn");
    assert_eq!((reload(), level()), (200, json!("warn")));
    process.signal("TERM");
    assert_eq!(process.end().0, Some(0));
}

#[test]
fn without_a_log_there_is_none() {
    let site = Site::new("");
    let gateway = Gateway::by_file(&site.folder.path().join("gateway.yaml"));
    assert_eq!(get(gateway.admin(), "/log-level").json(), json!({"level": null}));
}
