//! Documents, page and calls are of one version, whatever is reloaded meanwhile.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use serde_json::Value;
use thriftgate_tests::client::{Connection, Reply, post};
use thriftgate_tests::{Folder, Gateway};

use super::get;

const DOCUMENTS: [&str; 5] = [
    "/openapi.json",
    "/openapi.yaml",
    "/openapi/root.json",
    "/docs/api.json",
    "/openapi/schemas/Value-Output.json",
];

/// A service whose names all have the number of its version.
fn idl(version: usize) -> String {
    format!(
        "/** Of version{version}. */\nstruct Value {{ 1: string field{version} }}\n\
         service Api {{ Value method{version}(1: Value argument{version}) }}\n"
    )
}

/// The version of which every name in a text is.
#[track_caller]
fn version_of(text: &str) -> usize {
    let mut found: Option<usize> = None;
    for word in ["version", "field", "method", "argument"] {
        for (at, _) in text.match_indices(word) {
            let digits: String = text[at + word.len()..].chars().take_while(char::is_ascii_digit).collect();
            let Ok(version) = digits.parse() else { continue };
            assert!(found.is_none_or(|before| before == version), "versions are mixed: {text}");
            found = Some(version);
        }
    }
    found.unwrap_or_else(|| panic!("of no version: {text}"))
}

fn call(version: usize) -> Vec<u8> {
    let body = format!("{{\"argument{version}\": {{\"field{version}\": \"x\"}}}}");
    post(&format!("/Api/method{version}"), &[("Content-Type", "application/json")], body.as_bytes())
}

/// Whether a call of a version is answered, by that version.
fn is_answered(reply: &Reply, version: usize) -> bool {
    let success: &Value = &reply.json()["result"]["success"];
    match reply.status {
        200 => {
            assert!(success[format!("field{version}")].is_string(), "{success}");
            true
        }
        404 => false,
        other => panic!("{other}: {}", reply.body.escape_ascii()),
    }
}

/// Reads and calls until all is done: no answer is older than the one before it.
fn read_on(address: SocketAddr, done: &AtomicBool, reads: &AtomicUsize, first: usize) {
    let mut connection = Connection::open(address);
    let mut newest = 0;
    for path in DOCUMENTS.into_iter().cycle().skip(first) {
        if done.load(Ordering::SeqCst) {
            return;
        }
        connection.send(format!("GET {path} HTTP/1.1\r\nHost: gateway\r\n\r\n").as_bytes());
        let reply = connection.reply();
        assert_eq!(reply.status, 200, "{path}");
        let version = version_of(&reply.text());
        assert!(version >= newest, "{path} is of version {version} after {newest}");
        connection.send(&call(version));
        // A version that is called in vain was replaced since.
        newest = if is_answered(&connection.reply(), version) { version } else { version + 1 };
        reads.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn all_are_of_one_version() {
    const VERSIONS: usize = 25;
    struct Done<'d>(&'d AtomicBool);
    impl Drop for Done<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }
    let folder = Folder::new();
    folder.write("api.thrift", &idl(0));
    let file = folder.write(
        "gateway.yaml",
        "idl: api.thrift\ndocuments: true\nreload: {watch: false}\nroutes: [{path: /, sandbox: true}]\n",
    );
    let gateway = Gateway::by_file(&file);
    let (done, reads) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        for reader in 0..4 {
            let (done, reads, address) = (&done, &reads, gateway.address());
            scope.spawn(move || read_on(address, done, reads, reader));
        }
        let _done = Done(&done);
        for version in 1..=VERSIONS {
            folder.write("api.thrift", &idl(version));
            let reply = gateway.reload();
            assert_eq!(reply.status, 200, "{}", reply.text());
            for path in DOCUMENTS {
                assert_eq!(version_of(&get(&gateway, path, &[]).text()), version, "{path}");
            }
            let mut connection = Connection::open(gateway.address());
            connection.send(&call(version));
            assert!(is_answered(&connection.reply(), version));
            connection.send(&call(version - 1));
            assert!(!is_answered(&connection.reply(), version - 1));
        }
    });
    assert!(reads.load(Ordering::SeqCst) > VERSIONS, "{reads:?}");
}

/// Who kept a document learns that it is another, and documents move and go by a reload.
#[test]
fn documents_change_with_the_configuration() {
    let folder = Folder::new();
    folder.write("api.thrift", &idl(1));
    let configure = |documents: &str| {
        folder.write(
            "gateway.yaml",
            &format!(
                "idl: api.thrift\nreload: {{watch: false}}\nroutes: [{{path: /, sandbox: true}}]\n{documents}"
            ),
        )
    };
    let file = configure("documents: true\n");
    let gateway = Gateway::by_file(&file);
    let tag = get(&gateway, "/openapi.json", &[]).header("etag").expect("a tag").to_owned();
    let known = |path: &str| get(&gateway, path, &[("If-None-Match", &tag)]).status;
    assert_eq!(gateway.reload().status, 200);
    assert_eq!(known("/openapi.json"), 304);
    configure("documents: {title: Another}\n");
    assert_eq!(gateway.reload().status, 200);
    assert_eq!(known("/openapi.json"), 200);
    configure("documents: {openapi: /spec}\n");
    assert_eq!(gateway.reload().status, 200);
    assert_eq!((known("/openapi.json"), known("/spec.json")), (404, 304));
    configure("");
    assert_eq!(gateway.reload().status, 200);
    assert_eq!((known("/spec.json"), known("/docs/")), (404, 404));
}
