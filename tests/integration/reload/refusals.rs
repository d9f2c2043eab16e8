//! What a reload refuses: files that are wrong, and what only a new process can do.

use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::json;
use thriftgate_tests::client::{Connection, get, post};
use thriftgate_tests::{Folder, Gateway, eventually};

use super::{Site, UNWATCHED, changed, idl, state, status};
use crate::process::{Process, run};

/// Whether a metric has this value.
fn has_metric(gateway: &Gateway, name: &str, value: usize) -> bool {
    gateway.metrics().lines().any(|line| line == format!("{name} {value}"))
}

// FAULTS 77.
#[test]
fn bad_files_change_nothing() {
    let site = Site::new(UNWATCHED);
    let gateway = site.gateway();
    let file = |name: &str| site.folder.path().join(name);
    let configuration = |rest: &str| ("gateway.yaml", site.configuration(&format!("{UNWATCHED}{rest}")));
    let secured = |tls: &str| {
        let other = format!(", other: {{address: \"127.0.0.1:1\", tls: {{{tls}}}}}");
        let rest =
            format!("{UNWATCHED}routes: [{{path: /other, backend: other}}, {{path: /, backend: main}}]\n");
        ("gateway.yaml", site.configuration_with(&other, &rest))
    };
    site.folder.write("empty.pem", "");
    let bad = [
        (("gateway.yaml", "idl: [".to_owned()), "unclosed bracket"),
        (("gateway.yaml", String::new()), "there is no IDL"),
        (configuration("lissten: 1\n"), "unknown key `lissten`"),
        (configuration("idl: other.thrift\n"), "there twice"),
        (configuration("limits: {calls: none}\n"), "none"),
        (("gateway.yaml", site.configuration("").replace("echo.thrift", "gone.thrift")), "does not exist"),
        (("echo.thrift", "service Echo { i32 first(1: i32 value }".into()), "echo.thrift:1:"),
        (("echo.thrift", "include \"gone.thrift\"\nservice Echo {}".into()), "gone.thrift"),
        (secured("ca: gone.pem"), "gone.pem"),
        (secured("ca: empty.pem"), "empty.pem"),
    ];
    for (number, ((name, text), expected)) in bad.into_iter().enumerate() {
        let before = fs::read_to_string(file(name)).expect("a file");
        site.folder.write(name, &text);
        let reply = gateway.reload();
        assert_eq!(reply.status, 422, "{expected}: {}", reply.text());
        assert!(reply.text().contains(expected), "{expected}: {}", reply.text());
        let checked = run(&["check", "--config", &site.file().display().to_string()]);
        assert_eq!(checked.status.code(), Some(1));
        assert_eq!(reply.text(), String::from_utf8(checked.stderr).expect("text"), "as `check` tells it");
        let state = state(gateway.admin());
        assert_eq!((&state["version"], &state["last"]["result"]), (&json!(1), &json!("refused")));
        assert_eq!(state["last"]["errors"].as_str().map(str::trim), Some(reply.text().trim()));
        assert_eq!(status(&gateway, "first"), 200, "{expected}");
        assert!(has_metric(&gateway, "thriftgate_reloads_total{result=\"refused\"}", number + 1));
        assert!(has_metric(&gateway, "thriftgate_config_last_reload_success", 0));
        site.folder.write(name, &before);
    }
    let changed = changed(&gateway.reload());
    // Each of them was written anew, though as it had been.
    let files = ["echo.thrift", "gateway.yaml"].map(|name| file(name).display().to_string());
    assert_eq!(changed["files"], json!(files));
    assert!(has_metric(&gateway, "thriftgate_reloads_total{result=\"reloaded\"}", 1));
    assert!(has_metric(&gateway, "thriftgate_config_last_reload_success", 1));
    assert!(gateway.metrics().contains("\nthriftgate_config_last_reload_success_timestamp_seconds 1"));
}

#[test]
fn error_is_logged_once() {
    let site = Site::new("logging: {access: false, format: text}\n");
    let logs = Folder::new();
    let log = logs.path().join("log");
    let process = Process::serve_logging(&site.file().display().to_string(), &log);
    let said = |what: &str| fs::read_to_string(&log).expect("a log").matches(what).count();
    let good = fs::read_to_string(site.file()).expect("a file");
    site.folder.write("gateway.yaml", &format!("{good}lissten: 1\n"));
    eventually("the file is refused", || said("unknown key `lissten`") == 1);
    assert_eq!(said("^^^^^^^"), 1, "with its caret");
    for repeated in 1..3 {
        process.signal("HUP");
        eventually("it is tried again", || said("same reasons") == repeated);
    }
    assert_eq!(said("unknown key `lissten`"), 1);
    site.folder.write("gateway.yaml", &format!("{good}limits: {{calls: 7}}\n"));
    eventually("the good one is taken", || state(process.admin())["version"] == 2);
    site.folder.write("gateway.yaml", &format!("{good}lissten: 1\n"));
    eventually("the error is news again", || said("unknown key `lissten`") == 2);
}

// FAULTS 87: nobody reads the log, and only the reload waits.
#[test]
fn blocked_log_stops_no_call() {
    let site = Site::new("logging: {access: false, format: text}\nreload: {watch: false}\n");
    let folder = Folder::new();
    let log = folder.path().join("log");
    let made = std::process::Command::new("mkfifo").arg(&log).status().expect("mkfifo runs");
    assert!(made.success());
    let _unread = fs::File::options().read(true).write(true).open(&log).expect("a pipe");
    let process = Process::serve_logging(&site.file().display().to_string(), &log);
    // A line as long as a pipe holds.
    site.configure(&format!("{UNWATCHED}x{}: 1\n", "y".repeat(80_000)));
    let mut asking = Connection::open(process.admin());
    asking.send(&post("/reload", &[], b""));
    eventually("it is refused", || state(process.admin())["last"]["result"] == "refused");
    let call = json!({"method": "first", "arguments": {"value": 7}}).to_string();
    (0..20).for_each(|_| assert_eq!(process.post("/", &call).success(), 7));
    assert_eq!(get(process.admin(), "/readyz").status, 200);
    assert_eq!(get(process.admin(), "/metrics").status, 200);
}

#[test]
fn level_of_the_log_changes() {
    let site = Site::new("logging: {access: false, format: text, level: error}\nreload: {watch: false}\n");
    let logs = Folder::new();
    let log = logs.path().join("log");
    let process = Process::serve_logging(&site.file().display().to_string(), &log);
    let said = |what: &str| fs::read_to_string(&log).expect("a log").matches(what).count();
    let version = || state(process.admin())["version"].clone();
    process.signal("HUP");
    eventually("it has reloaded", || version() == 2);
    assert_eq!(said("reloaded"), 0);
    site.configure("logging: {access: false, format: text, level: debug}\nreload: {watch: false}\n");
    process.signal("HUP");
    eventually("it has reloaded", || version() == 3);
    eventually("it is told", || said("reloaded") == 1);
}

// FAULTS 78: a file that is written bit by bit is read when it is whole, or read again.
#[test]
fn half_written_file() {
    let site = Site::new("");
    let gateway = site.gateway();
    let methods = ["first", "second", "third"];
    for (name, text, method) in [
        ("echo.thrift", idl(&methods[..2]), "second"),
        ("gateway.yaml", site.configuration("limits: {calls: 512, backend_calls: 128}\n"), "first"),
        ("echo.thrift", idl(&methods), "third"),
    ] {
        let mut file = fs::File::create(site.folder.path().join(name)).expect("a file");
        for part in text.as_bytes().chunks(text.len().div_ceil(8)) {
            file.write_all(part).expect("it is written");
            thread::sleep(Duration::from_millis(30));
            assert_eq!(status(&gateway, "first"), 200);
        }
        eventually("it is taken up", || status(&gateway, method) == 200);
    }
    eventually("the last attempt took effect", || state(gateway.admin())["last"]["result"] == "reloaded");
    // Between the parts it may have been refused, but never half taken.
    assert_eq!(
        (status(&gateway, "first"), status(&gateway, "second"), status(&gateway, "third")),
        (200, 200, 200)
    );
}

// FAULTS 78: files that belong together are read together.
#[test]
fn set_of_files_is_all_old_or_all_new() {
    let site = Site::new(UNWATCHED);
    let folder = site.folder.path();
    let write = |number: usize| {
        let name = format!("set{number}");
        fs::create_dir(folder.join(&name)).expect("a folder");
        let echo = format!(
            "include \"base.thrift\"\nservice Echo extends base.Base {{ i32 a{number}(1: i32 value) }}"
        );
        site.folder.write(&format!("{name}/echo.thrift"), &echo);
        site.folder.write(
            &format!("{name}/base.thrift"),
            &format!("service Base {{ i32 b{number}(1: i32 value) }}"),
        );
        symlink(&name, folder.join("new")).expect("a link");
        fs::rename(folder.join("new"), folder.join("current")).expect("it is swapped");
    };
    write(0);
    let yaml = site.configuration(UNWATCHED).replace("echo.thrift", "current/echo.thrift");
    site.folder.write("gateway.yaml", &yaml);
    let gateway = site.gateway();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for number in 1..40 {
                write(number);
                thread::sleep(Duration::from_millis(7 + number as u64));
            }
            done.store(true, Ordering::SeqCst);
        });
        while !done.load(Ordering::SeqCst) {
            let changed = changed(&gateway.reload());
            let names = changed["methods"]["exposed"].as_array().expect("a list").clone();
            let numbers: Vec<&str> = names
                .iter()
                .filter_map(|name| name.as_str()?.rsplit_once('.'))
                .map(|(_, method)| &method[1..])
                .collect();
            assert!(numbers.is_empty() || numbers.len() == 2 && numbers[0] == numbers[1], "{names:?}");
        }
    });
    changed(&gateway.reload());
    assert_eq!((status(&gateway, "a39"), status(&gateway, "b39"), status(&gateway, "b38")), (200, 200, 404));
}

#[test]
fn what_needs_a_restart() {
    let site = Site::new(UNWATCHED);
    let gateway = site.gateway();
    let keys = [
        ("listen", "[\"127.0.0.1:0\", \"127.0.0.1:1\"]", "`listen`"),
        ("listen", "{address: \"127.0.0.1:0\", tls: {certificate: a.pem, key: a.key}}", "`listen`"),
        ("runtime", "{threads: 3}", "`runtime.threads`"),
        ("runtime", "{scheduling: shared}", "`runtime.scheduling`"),
        ("limits", "{connections: 77}", "`limits.connections`"),
        ("logging", "{format: json}", "`logging.format`"),
        ("drain", "{delay: 1s, grace: 2s}", "`drain.grace`"),
    ];
    // What else the file says is not taken either.
    let rest = format!("{UNWATCHED}routes: [{{path: /v1, backend: main}}]\n");
    for (key, value, said) in keys {
        site.configure(&format!("{rest}{key}: {value}\n"));
        let reply = gateway.reload();
        assert_eq!(reply.status, 409, "{said}: {}", reply.text());
        let text = reply.text();
        assert!(text.contains(said) && text.contains("needs a restart"), "{said}: {text}");
        assert!(text.contains("gateway.yaml:5:") && text.contains("5 | ") && text.contains('^'), "{text}");
        assert_eq!(status(&gateway, "first"), 200);
    }
    assert_eq!(state(gateway.admin())["version"], 1);
    site.configure(&rest);
    changed(&gateway.reload());
    assert_eq!(status(&gateway, "first"), 404);
}

#[test]
fn admin_listener_needs_a_restart() {
    let site = Site::new(UNWATCHED);
    let port = |port: u16| format!("{UNWATCHED}admin: {{listen: \"127.0.0.1:{port}\"}}\n");
    let settings = |rest: &str| {
        let yaml = site.configuration(rest);
        thriftgate_config::Settings::parse(&site.file(), &yaml, &|_| None).expect("a configuration")
    };
    // It listens where the file said first; another place later is refused.
    let mut first = settings(&port(0));
    first.listen[0].address = thriftgate_config::ListenAddress::Tcp(([127, 0, 0, 1], 0).into());
    let listen = first.listen.clone();
    let (file, files) = (site.file(), thriftgate::reload::Files::default());
    let read = move || {
        let read = thriftgate_config::Settings::read(&file, &|_| None);
        read.map(|settings| thriftgate_config::Settings { listen: listen.clone(), ..settings })
            .map_err(|error| error.to_string())
    };
    let source = thriftgate::reload::Source::new(Some(site.file()), read);
    site.configure(&port(0));
    let nothing = thriftgate::supervisor::Inherited::default();
    let gateway = thriftgate::server::Gateway::start_from(source, &first, files, nothing).expect("a gateway");
    let admin = gateway.admin.as_ref().and_then(thriftgate::server::Listening::tcp).expect("a port");
    let reload =
        || thriftgate_tests::client::exchange(admin, &thriftgate_tests::client::post("/reload", &[], b""));
    assert_eq!(reload().status, 200);
    for (rest, said) in
        [(port(1), "`admin.listen`"), (format!("{UNWATCHED}admin: {{enabled: false}}\n"), "`admin.enabled`")]
    {
        site.configure(&rest);
        let reply = reload();
        assert_eq!(reply.status, 409, "{}", reply.text());
        assert!(reply.text().contains(said) && reply.text().contains('^'), "{}", reply.text());
    }
    gateway.stop();
}

#[test]
fn breaking_idl_is_refused_where_that_is_wished() {
    let wishing = "reload: {watch: false, refuse_breaking: true}\n";
    let site = Site::new(wishing);
    let gateway = site.gateway();
    site.folder.write("echo.thrift", &idl(&["first", "second"]));
    changed(&gateway.reload());
    site.folder.write("echo.thrift", &idl(&["second"]));
    let reply = gateway.reload();
    assert_eq!(reply.status, 409, "{}", reply.text());
    assert!(reply.text().contains("Echo.first: method removed"), "{}", reply.text());
    assert_eq!((status(&gateway, "first"), state(gateway.admin())["version"].clone()), (200, json!(2)));
    site.configure(UNWATCHED);
    changed(&gateway.reload());
    assert_eq!((status(&gateway, "first"), status(&gateway, "second")), (404, 200));
}
