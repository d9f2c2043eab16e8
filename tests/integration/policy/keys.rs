//! API keys: without a good one nothing is called, and nothing is told.

use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use thrift::protocol::TMessageType;
use thriftgate::snapshot::Snapshot;
use thriftgate::telemetry::Metrics;
use thriftgate_config::Settings;
use thriftgate_tests::client::{Connection, exchange};
use thriftgate_tests::{Folder, eventually};

use super::{Door, Site, entry, key, send};
use crate::native::{WIRES, message, read};
use crate::process::{Process, run};

const GROUP: &str = "groups: {partners: {}}\n";

fn site() -> Site {
    let entries = [
        entry("good", "acme", "partners", ", label: \"the one in use\", created: 2026-01-01T00:00:00Z"),
        entry("second", "acme", "partners", ", attributes: {tenant: a}"),
        entry("expired", "acme", "partners", ", expires: 2020-01-01T00:00:00Z"),
        entry("revoked", "acme", "gone", ", revoked: 2020-01-01T00:00:00Z"),
    ];
    Site::new(&entries, GROUP)
}

/// The doors of a method, and of one that does not exist: who is not known cannot tell them apart.
fn doors() -> Vec<Door> {
    [("Users", "get"), ("Vault", "wipe"), ("Nothing", "here")]
        .into_iter()
        .flat_map(|(service, method)| Door::all(service, method))
        .collect()
}

#[test]
fn no_door_opens_without_a_good_key() {
    let site = site();
    let gateway = site.gateway();
    let bearer = |name: &str| format!("Bearer {}", key(name));
    let bad: Vec<Vec<(&str, String)>> = vec![
        vec![],
        vec![("X-API-Key", key("wrong"))],
        vec![("X-API-Key", "tg_short".into())],
        vec![("X-API-Key", String::new())],
        vec![("X-API-Key", format!("{}x", key("good")))],
        vec![("X-API-Key", key("good").to_uppercase())],
        vec![("X-API-Key", key("expired"))],
        vec![("X-API-Key", key("revoked"))],
        vec![("Authorization", bearer("revoked"))],
        vec![("Authorization", "Bearer ".into())],
        vec![("Authorization", format!("Basic {}", key("good")))],
        vec![("X-API-Key", key("good")), ("Authorization", bearer("second"))],
        vec![("X-API-Key", key("good")), ("X-API-Key", key("wrong"))],
    ];
    for credentials in &bad {
        let headers: Vec<(&str, &str)> = credentials.iter().map(|(name, value)| (*name, &**value)).collect();
        for door in doors() {
            let reply = send(&gateway, &door.request(&headers));
            let told = match door.wire() {
                None => {
                    assert_eq!(reply.failure(), (401, "UNAUTHENTICATED".into(), "no".into()), "{door:?}");
                    assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
                    reply.exception("message").as_str().expect("a message").to_owned()
                }
                Some(wire) => {
                    assert_eq!((reply.status, reply.header("thrift-status")), (200, Some("401")), "{door:?}");
                    let mut read = read(wire, &reply.body);
                    assert_eq!((read.kind, read.number), (TMessageType::Exception, 7), "{door:?}");
                    assert_eq!(read.numbers, [(2, 0)]);
                    read.strings.remove(0).1
                }
            };
            // Which of the bad ones it is, is nobody's business.
            let is_shown = !credentials.is_empty() && !credentials[0].1.starts_with("Basic");
            let expected = if is_shown { "The credentials are not valid" } else { "Credentials are missing" };
            assert_eq!(told, expected, "{credentials:?}");
        }
    }
    assert_eq!(site.backend.calls(), 0);
}

#[test]
fn a_good_key_opens_every_door() {
    let site = site();
    let gateway = site.gateway();
    let (good, second) = (key("good"), key("second"));
    let (bearer, lower) = (format!("Bearer {good}"), format!("bearer  {second}"));
    for headers in [
        vec![("X-API-Key", &*good)],
        vec![("x-api-key", &*second)],
        vec![("Authorization", &*bearer)],
        vec![("authorization", &*lower)],
        vec![("X-API-Key", &*good), ("Authorization", &*bearer)],
    ] {
        for door in Door::all("Vault", "wipe") {
            let reply = send(&gateway, &door.request(&headers));
            // Without its service a path does not name the method here.
            let expected =
                if matches!(&door, Door::Arguments { path } if path == "/wipe") { 404 } else { 200 };
            assert_eq!(reply.status, expected, "{door:?}");
            assert!(door.wire().is_none() || reply.header("thrift-status") == Some("200"), "{door:?}");
        }
    }
}

/// The answer comes before the body is sent, of which a native client has to send the message's header.
#[test]
fn who_is_not_known_is_refused_before_the_body() {
    let gateway = site().gateway();
    let head = |content_type: &str| {
        format!(
            "POST / HTTP/1.1\r\nHost: gateway\r\nContent-Type: {content_type}\r\nContent-Length: 1000000\r\n\r\n"
        )
    };
    let mut connection = Connection::open(gateway.address());
    connection.send(head("application/json").as_bytes());
    assert_eq!(connection.reply().status, 401);
    for wire in WIRES {
        let mut connection = Connection::open(gateway.address());
        connection.send(head(wire.content_type()).as_bytes());
        let message = message(wire, TMessageType::Call, "get", -5, Some(&"x".repeat(100)));
        for byte in &message[..100] {
            connection.send(&[*byte]);
        }
        let reply = connection.reply();
        assert_eq!((reply.status, reply.header("thrift-status")), (200, Some("401")), "{wire:?}");
        assert_eq!(read(wire, &reply.body).number, -5);
    }
    // What has no header within the first 4 KiB gets the status of HTTP.
    for wire in WIRES {
        let message = message(wire, TMessageType::Call, &"n".repeat(5000), 1, None);
        let mut connection = Connection::open(gateway.address());
        connection.send(head(wire.content_type()).as_bytes());
        connection.send(&message[..4500]);
        assert_eq!(connection.reply().failure().0, 401, "{wire:?}");
    }
    for (content_type, body) in
        [("application/x-thrift", "garbage"), ("application/x-thrift", ""), ("text/plain", "x"), ("", "x")]
    {
        let reply = gateway.post_with("/", &[("Content-Type", content_type)], body.as_bytes());
        assert_eq!(reply.failure().0, 401, "{content_type}");
    }
    let reply = gateway.post_with("/", &[("Content-Type", "application/x-thrift")], b"{\"method\": \"get\"}");
    assert_eq!(reply.failure().0, 401);
}

#[test]
fn a_oneway_message_is_refused_without_a_body() {
    let gateway = site().gateway();
    for wire in WIRES {
        let message = message(wire, TMessageType::OneWay, "touch", 3, Some("x"));
        let reply = gateway.post_with("/", &[("Content-Type", wire.content_type())], &message);
        assert_eq!((reply.status, reply.header("thrift-status")), (200, Some("401")));
        assert_eq!(reply.body, b"");
    }
}

#[test]
fn other_verbs_tell_nothing() {
    let site = site();
    site.configure(
        "routes: [{path: /v1, cors: {origins: [\"https://app.example\"]}}]\ngroups: {partners: {}}\n",
    );
    let gateway = site.gateway();
    let ask = |verb: &str, path: &str, more: &str| {
        let request = format!("{verb} {path} HTTP/1.1\r\nHost: gateway\r\n{more}\r\n");
        exchange(gateway.address(), request.as_bytes()).status
    };
    let browser = "Origin: https://app.example\r\nAccess-Control-Request-Method: POST\r\n";
    for path in ["/v1", "/v1/Users/get", "/v1/Users/nothing", "/v1/Nothing/get"] {
        assert_eq!(ask("OPTIONS", path, browser), 204, "{path}");
        assert_eq!(ask("OPTIONS", path, ""), 401, "{path}");
        assert_eq!(ask("GET", path, ""), 401, "{path}");
    }
    assert_eq!(ask("GET", "/nothing", ""), 401);
    assert_eq!(ask("GET", "/v1", &format!("X-API-Key: {}\r\n", key("good"))), 405);
}

#[test]
fn a_key_ends_by_the_clock() {
    let ends = SystemTime::now() + Duration::from_secs(2);
    let seconds = ends.duration_since(SystemTime::UNIX_EPOCH).expect("it is later").as_secs();
    let (day, second) = (seconds / 86_400, seconds % 86_400);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let date = date(i64::try_from(day).expect("a day"));
    let expires = format!(", expires: {date}T{hour:02}:{minute:02}:{second:02}Z");
    let site = Site::new(&[entry("short", "acme", "partners", &expires)], GROUP);
    let gateway = site.gateway();
    let request = Door::all("Users", "getAll")[1].request(&[("X-API-Key", &key("short"))]);
    let is_over = SystemTime::now() >= SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    assert!(is_over || send(&gateway, &request).status == 200);
    eventually("the key has ended", || send(&gateway, &request).status == 401);
}

/// The date of a day since 1970, by the civil calendar.
fn date(day: i64) -> String {
    let z = day + 719_468;
    let (era, of_era) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let (day, month) =
        (of_year - (153 * shifted + 2) / 5 + 1, if shifted < 10 { shifted + 3 } else { shifted - 9 });
    let year = year + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Old and new key work together, then the old one stops, and no call of the new one fails meanwhile.
#[test]
fn rotation_under_load() {
    let old = entry("old", "acme", "partners", "");
    let site = Site::new(std::slice::from_ref(&old), GROUP);
    let gateway = site.gateway();
    let (done, stopped) = (AtomicBool::new(false), AtomicBool::new(false));
    let calls = AtomicUsize::new(0);
    thread::scope(|scope| {
        let caller = |name: &'static str, may_stop: bool| {
            let (gateway, done, stopped, calls) = (&gateway, &done, &stopped, &calls);
            move || {
                let requests: Vec<(Door, Vec<u8>)> = Door::all("Users", "getAll")
                    .into_iter()
                    .filter(|door| !matches!(door, Door::Arguments { path } if path == "/getAll"))
                    .map(|door| (door.clone(), door.request(&[("X-API-Key", &key(name))])))
                    .collect();
                let mut connection = Connection::open(gateway.address());
                for (door, request) in requests.iter().cycle() {
                    if done.load(Ordering::SeqCst) {
                        return;
                    }
                    connection.send(request);
                    let reply = connection.try_reply().unwrap_or_else(|| {
                        connection = Connection::open(gateway.address());
                        connection.send(request);
                        connection.reply()
                    });
                    let status = reply.header("thrift-status").map(str::to_owned);
                    match status.unwrap_or_else(|| reply.status.to_string()).as_str() {
                        "200" => _ = calls.fetch_add(1, Ordering::SeqCst),
                        "401" if may_stop => stopped.store(true, Ordering::SeqCst),
                        other => panic!("{name} {door:?}: {other} {}", reply.body.escape_ascii()),
                    }
                }
            }
        };
        let reload = |entries: &[String]| {
            site.write_keys(entries);
            let reply = gateway.reload();
            assert_eq!(reply.status, 200, "{}", reply.text());
            let reached = calls.load(Ordering::SeqCst) + 200;
            eventually("many calls", || calls.load(Ordering::SeqCst) >= reached);
        };
        scope.spawn(caller("old", true));
        let new = entry("new", "acme", "partners", "");
        reload(&[old.clone(), new.clone()]);
        scope.spawn(caller("new", false));
        scope.spawn(caller("new", false));
        reload(&[old.clone(), new.clone()]);
        assert!(!stopped.load(Ordering::SeqCst));
        reload(&[entry("old", "acme", "partners", ", revoked: 2026-01-01T00:00:00Z"), new.clone()]);
        eventually("the old key has stopped", || stopped.load(Ordering::SeqCst));
        reload(&[new]);
        done.store(true, Ordering::SeqCst);
    });
}

#[test]
fn a_bad_key_file_changes_nothing() {
    let site = site();
    let gateway = site.gateway();
    let request = Door::all("Users", "getAll")[1].request(&[("X-API-Key", &key("good"))]);
    for text in [
        "keys: [",
        "keys: [{id: a}]",
        "kyes: []",
        &format!("keys:\n{}", entry("good", "acme", "partnrs", "")),
    ] {
        site.folder.write("keys.yaml", text);
        let reply = gateway.reload();
        assert_ne!(reply.status, 200, "{text}");
        assert!(reply.text().contains("keys.yaml"), "{}", reply.text());
        assert_eq!(send(&gateway, &request).status, 200);
    }
}

#[test]
fn the_key_file_is_watched() {
    let site = site();
    let path = site.configure(GROUP);
    let watched =
        std::fs::read_to_string(&path).expect("a configuration").replace("watch: false", "watch: true");
    site.folder.write("gateway.yaml", &watched);
    let gateway = site.gateway();
    let request = Door::all("Users", "getAll")[1].request(&[("X-API-Key", &key("later"))]);
    assert_eq!(send(&gateway, &request).status, 401);
    site.write_keys(&[entry("later", "acme", "partners", "")]);
    eventually("the new key is known", || send(&gateway, &request).status == 200);
}

#[test]
fn a_missing_key_file_is_an_error_with_its_cure() {
    let site = site();
    std::fs::remove_file(site.folder.path().join("keys.yaml")).expect("it was there");
    let path = site.folder.path().join("gateway.yaml");
    let settings = Settings::read(&path, &|_| None).unwrap_or_else(|error| panic!("{error}"));
    let error =
        Snapshot::build(&settings, &Metrics::default(), 1).expect_err("a key file is missing").to_string();
    assert!(error.contains("gateway.yaml:4") && error.contains("thriftgate keys new --caller"), "{error}");
}

#[test]
fn a_key_is_made_listed_and_revoked() {
    let site = site();
    std::fs::remove_file(site.folder.path().join("keys.yaml")).expect("it was there");
    let config = site.folder.path().join("gateway.yaml").display().to_string();
    let keys = |arguments: &[&str]| {
        let output = run(&[&["keys"], arguments, &["--config", &config]].concat());
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let new = [
        "new",
        "--caller",
        "acme",
        "--group",
        "partners",
        "--label",
        "a \"label\"",
        "--attribute",
        "tenant=a",
    ];
    let (code, first, told) = keys(&new);
    let first = first.trim_end();
    assert!(code == Some(0) && first.len() == 46 && first.starts_with("tg_"), "{first} {told}");
    let (_, second, _) = keys(&[&new[..], &["--expires", "90d"]].concat());
    let gateway = site.gateway();
    let status =
        |key: &str| send(&gateway, &Door::all("Users", "getAll")[1].request(&[("X-API-Key", key)])).status;
    assert_eq!((status(first), status(second.trim_end())), (200, 200));
    let (_, list, _) = keys(&["list"]);
    let file = std::fs::read_to_string(site.folder.path().join("keys.yaml")).expect("a file");
    for text in [&list, &file, &told] {
        assert!(!text.contains(&first[3..]) && !text.contains(&second.trim_end()[3..]), "{text}");
    }
    let id = list.lines().nth(1).and_then(|line| line.split_whitespace().next()).expect("an id");
    assert_eq!(keys(&["revoke", id]).0, Some(0));
    assert_eq!(gateway.reload().status, 200);
    assert_eq!((status(first), status(second.trim_end())), (401, 200));
    assert!(keys(&["list"]).1.contains("revoked"));
    let (code, _, told) = keys(&["new", "--caller", "acme", "--group", "partnrs"]);
    assert!(code == Some(1) && told.contains("did you mean `partners`?"), "{told}");
    let (code, _, told) = keys(&["revoke", "nobody"]);
    assert!(code == Some(1) && told.contains("no key `nobody`"), "{told}");
}

/// The access log names callers and keys, and of keys that are not good which and why.
#[test]
fn who_called_is_logged() {
    let site = site();
    site.configure("groups: {partners: {}}\nlogging: {format: json}\ndrain: {delay: 0s}\n");
    let process = Process::serve_file(&site.folder.path().join("gateway.yaml").display().to_string());
    let door = &Door::all("Users", "getAll")[1];
    let names = ["good", "expired", "revoked", "unknown"];
    for name in names {
        let _reply = exchange(process.address(), &door.request(&[("X-API-Key", &key(name))]));
    }
    process.signal("TERM");
    let (_, lines) = process.end();
    let lines: Vec<serde_json::Value> =
        lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
    // Each core has lines of its own, in its own order.
    let members = |line: &serde_json::Value| {
        ["caller", "key", "detail"].map(|name| line[name].as_str().unwrap_or_default().to_owned())
    };
    let mut told: Vec<[String; 3]> = lines.iter().map(members).collect();
    told.sort();
    let expected = [
        ["", "", "the key expired has expired"],
        ["", "", "the key is not known"],
        ["", "", "the key revoked is revoked"],
        ["acme", "good", ""],
    ];
    assert_eq!(told, expected);
    assert!(names.iter().all(|name| !format!("{lines:?}").contains(&key(name))));
}

/// Who makes keys at the same time loses none.
#[test]
fn keys_made_at_once() {
    let folder = Folder::new();
    let file = folder.path().join("keys.yaml").display().to_string();
    thread::scope(|scope| {
        for number in 0..8 {
            let file = &file;
            scope.spawn(move || {
                let caller = format!("caller-{number}");
                let output = run(&["keys", "new", "--caller", &caller, "--group", "a", "--file", file]);
                assert!(output.status.success(), "{output:?}");
            });
        }
    });
    let listed = run(&["keys", "list", "--file", &file]).stdout;
    assert_eq!(String::from_utf8(listed).expect("text").lines().count(), 9);
    let mode = std::fs::metadata(&file).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
