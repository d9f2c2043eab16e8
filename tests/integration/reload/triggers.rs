//! What asks for a reload.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::symlink;
use std::thread;
use std::time::Duration;

use serde_json::json;
use thriftgate_tests::backend::Backend;
use thriftgate_tests::client::{Reply, exchange, post};
use thriftgate_tests::{Folder, Gateway, eventually};

use super::{Site, UNWATCHED, changed, idl, state, status};
use crate::process::Process;

/// Waits until a change on disk has been taken up, and that by itself.
#[track_caller]
fn taken_up(gateway: &Gateway, method: &str) {
    eventually(&format!("{method} can be called"), || status(gateway, method) == 200);
    let state = state(gateway.admin());
    assert_eq!((&state["last"]["trigger"], &state["last"]["result"]), (&json!("watch"), &json!("reloaded")));
}

#[test]
fn request() {
    let site = Site::new(UNWATCHED);
    let gateway = site.gateway();
    assert_eq!(state(gateway.admin())["version"], 1);
    assert_eq!((status(&gateway, "first"), status(&gateway, "second")), (200, 404));
    site.folder.write("echo.thrift", &idl(&["second"]));
    let reply = gateway.reload();
    assert_eq!(reply.json()["version"], 2);
    let changed = changed(&reply);
    assert_eq!(
        changed["methods"],
        json!({"exposed": ["/ echo.Echo.second"], "withdrawn": ["/ echo.Echo.first"]})
    );
    assert_eq!(changed["backends"], json!({"kept": ["main"], "started": [], "ended": []}));
    let file = site.folder.path().join("echo.thrift").display().to_string();
    assert_eq!(changed["files"], json!([file]));
    assert_eq!((status(&gateway, "first"), status(&gateway, "second")), (404, 200));
    let state = state(gateway.admin());
    assert_eq!((&state["version"], &state["last"]["trigger"]), (&json!(2), &json!("request")));
}

// A page of anybody's must not make the gateway do things.
#[test]
fn request_of_a_browser_is_refused() {
    let site = Site::new(UNWATCHED);
    let gateway = site.gateway();
    let request = post("/reload", &[("Origin", "http://127.0.0.1:9901")], b"");
    assert_eq!(exchange(gateway.admin(), &request).status, 403);
    assert_eq!(state(gateway.admin())["last"], json!(null));
}

#[test]
fn requests_at_once_are_served_one_after_another() {
    let site = Site::new(UNWATCHED);
    let gateway = site.gateway();
    let admin = gateway.admin();
    let ask = || exchange(admin, &post("/reload", &[], b""));
    let mut versions: Vec<_> = thread::scope(|scope| {
        let asking: Vec<_> = (0..6).map(|_| scope.spawn(ask)).collect();
        let version = |reply: Reply| reply.json()["version"].as_u64();
        asking.into_iter().map(|thread| version(thread.join().expect("a reply"))).collect()
    });
    versions.sort();
    assert_eq!(versions, (2..8).map(Some).collect::<Vec<_>>());
}

// What the command line says stays above the file.
#[test]
fn hangup() {
    let site = Site::new("reload: {watch: false}\nlisten: 127.0.0.1:1\n");
    let process = Process::serve_file(&site.file().display().to_string());
    let call =
        |method: &str| process.post("/", &json!({"method": method, "arguments": {"value": 7}}).to_string());
    site.folder.write("echo.thrift", &idl(&["first", "second"]));
    site.configure("reload: {watch: false}\nlisten: 127.0.0.1:2\n");
    assert_eq!(call("second").status, 404);
    process.signal("HUP");
    eventually("the method can be called", || call("second").status == 200);
    eventually("it is told", || state(process.admin())["last"]["trigger"] == "signal");
    assert_eq!(state(process.admin())["last"]["result"], "reloaded");
}

#[test]
fn change_in_place() {
    let site = Site::new("");
    let gateway = site.gateway();
    site.folder.write("echo.thrift", &idl(&["second"]));
    taken_up(&gateway, "second");
    site.configure("routes: [{path: /v1, backend: main}]\n");
    let call = json!({"method": "second", "arguments": {"value": 7}}).to_string();
    eventually("the route is there", || gateway.post("/v1", &call).status == 200);
}

// As editors save.
#[test]
fn file_put_in_the_place_of_another() {
    let site = Site::new("");
    let gateway = site.gateway();
    for method in ["second", "third"] {
        let new = site.folder.write("echo.thrift~", &idl(&[method]));
        fs::rename(new, site.folder.path().join("echo.thrift")).expect("it is replaced");
        taken_up(&gateway, method);
    }
}

#[test]
fn included_file_and_new_file_of_a_directory() {
    let site = Site::new("");
    let path = site.folder.path().to_owned();
    fs::create_dir(path.join("idl")).expect("a folder");
    fs::create_dir(path.join("shared")).expect("a folder");
    site.folder.write("shared/base.thrift", "service Base { i32 first(1: i32 value) }");
    site.folder.write("idl/echo.thrift", "include \"base.thrift\"\nservice Echo extends base.Base {}");
    site.folder.write(
        "gateway.yaml",
        &site.configuration("").replace("idl: echo.thrift", "idl: {path: idl, include: [shared]}"),
    );
    let gateway = site.gateway();
    assert_eq!(status(&gateway, "first"), 200);
    site.folder.write("shared/base.thrift", "service Base { i32 second(1: i32 value) }");
    taken_up(&gateway, "second");
    site.folder.write("idl/more.thrift", "service More { i32 third(1: i32 value) }");
    taken_up(&gateway, "third");
    // Found before the one that was included so far.
    site.folder.write("idl/base.thrift", "service Base { i32 fourth(1: i32 value) }");
    taken_up(&gateway, "fourth");
}

/// A volume as Kubernetes mounts it: `..data` is a link to a folder, each file a link through it.
struct Volume(Folder);

impl Volume {
    fn new(files: &[(&str, String)]) -> Self {
        let volume = Self(Folder::new());
        volume.swap("..first", files);
        for (name, _) in files {
            let target = format!("..data/{name}");
            symlink(target, volume.0.path().join(name)).expect("a link");
        }
        volume
    }

    /// Puts other contents in the place of all files, at once.
    fn swap(&self, version: &str, files: &[(&str, String)]) {
        let folder = self.0.path();
        fs::create_dir(folder.join(version)).expect("a folder");
        for (name, text) in files {
            self.0.write(&format!("{version}/{name}"), text);
        }
        symlink(version, folder.join("..tmp")).expect("a link");
        let before = fs::read_link(folder.join("..data"));
        fs::rename(folder.join("..tmp"), folder.join("..data")).expect("it is swapped");
        if let Ok(before) = before {
            fs::remove_dir_all(folder.join(before)).expect("it is removed");
        }
    }
}

// FAULTS 78.
#[test]
fn swapped_link() {
    let backend = Backend::echoing();
    let yaml = format!("idl: echo.thrift\nbackends: {{main: \"{}\"}}\n", backend.address());
    let files = |method: &str| [("gateway.yaml", yaml.clone()), ("echo.thrift", idl(&[method]))];
    let volume = Volume::new(&files("first"));
    let gateway = Gateway::by_file(&volume.0.path().join("gateway.yaml"));
    assert_eq!(status(&gateway, "first"), 200);
    for method in ["second", "third"] {
        volume.swap(&format!("..{method}"), &files(method));
        taken_up(&gateway, method);
    }
}

#[test]
fn watching_ends_and_begins_with_the_setting() {
    let site = Site::new("");
    let gateway = site.gateway();
    let version = |admin: SocketAddr| state(admin)["version"].as_u64().expect("a version");
    site.configure(UNWATCHED);
    eventually("the setting is taken up", || version(gateway.admin()) == 2);
    site.folder.write("echo.thrift", &idl(&["second"]));
    // Long enough for a change to be seen.
    thread::sleep(Duration::from_millis(800));
    assert_eq!((version(gateway.admin()), status(&gateway, "second")), (2, 404));
    site.configure("");
    changed(&gateway.reload());
    assert_eq!(status(&gateway, "second"), 200);
    site.folder.write("echo.thrift", &idl(&["third"]));
    taken_up(&gateway, "third");
}

#[test]
fn other_files_of_the_folder_are_not_looked_at() {
    let site = Site::new("");
    let gateway = site.gateway();
    site.folder.write("notes.txt", "nothing");
    site.folder.write("notes.txt", "anything");
    site.folder.write("echo.thrift", &idl(&["second"]));
    taken_up(&gateway, "second");
    assert_eq!(state(gateway.admin())["version"], 2);
}
