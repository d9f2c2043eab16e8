//! Certificates that are replaced while the gateway runs, on both sides.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConnection, HandshakeKind, StreamOwned};
use serde_json::json;
use thriftgate_tests::backend::Backend;
use thriftgate_tests::client::post;
use thriftgate_tests::{Folder, Gateway, PATIENCE};

use super::certificates::{Authority, VERSIONS, client, server};
use super::terminator::Terminator;

const BODY: &[u8] = br#"{"method":"echoString","arguments":{"value":"x"}}"#;

type Tls = StreamOwned<ClientConnection, TcpStream>;

/// A connection of a client that trusts this configuration's authority, with its handshake made.
fn connect(address: SocketAddr, config: &Arc<rustls::ClientConfig>) -> std::io::Result<Tls> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let name = ServerName::try_from("127.0.0.1").expect("a name");
    let connection = ClientConnection::new(config.clone(), name).expect("a client");
    let mut stream = StreamOwned::new(connection, stream);
    stream.conn.complete_io(&mut stream.sock)?;
    Ok(stream)
}

/// Makes one call; whether it was answered well.
fn call(stream: &mut Tls) -> bool {
    let request = post("/", &[("Content-Type", "application/json")], BODY);
    stream.write_all(&request).expect("a live connection");
    let mut answer = Vec::new();
    while !answer.ends_with(b"}}") {
        let mut chunk = [0; 1024];
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => return false,
            Ok(count) => answer.extend_from_slice(&chunk[..count]),
        }
    }
    answer.starts_with(b"HTTP/1.1 200 ")
}

fn configuration(folder: &Folder, backend: &Backend, rest: &str) -> std::path::PathBuf {
    folder.write(
        "gateway.yaml",
        &format!(
            "idl: {}\nlisten: [{{address: \"127.0.0.1:0\", tls: {{certificate: server.pem, key: server.key}}}}]\nbackends: {{backend: \"{}\"}}\n{rest}",
            thriftgate_tests::data("everything.thrift").display(),
            backend.address()
        ),
    )
}

// FAULTS 86.
#[test]
fn certificates_of_a_listener_change_under_load() {
    let (folder, backend) = (Folder::new(), Backend::echoing());
    let (old, new) = (Authority::new("old"), Authority::new("new"));
    old.issue(&["127.0.0.1"]).write(&folder, "server");
    let file = configuration(&folder, &backend, "reload: {watch: false}\n");
    let gateway = Gateway::by_file(&file);
    let address = gateway.address();
    let trusting = |authority: &Authority| Arc::new(client(authority, None, VERSIONS));
    let (to_old, to_new) = (trusting(&old), trusting(&new));
    let (done, calls) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        // Connections that stay go on by the certificate that they began with.
        for _ in 0..2 {
            let mut stream = connect(address, &to_old).expect("it is trusted");
            scope.spawn({
                let (done, calls) = (&done, &calls);
                move || {
                    while !done.load(Ordering::SeqCst) {
                        assert!(call(&mut stream));
                        calls.fetch_add(1, Ordering::SeqCst);
                    }
                }
            });
        }
        // Every handshake is by one of the two, and whole.
        scope.spawn(|| {
            while !done.load(Ordering::SeqCst) {
                // It may be replaced between two attempts.
                let either = || connect(address, &to_old).or_else(|_| connect(address, &to_new)).ok();
                let mut stream = (0..4).find_map(|_| either()).expect("one of both");
                assert!(call(&mut stream));
            }
        });
        for round in 0..10 {
            let issuer = if round % 2 == 0 { &new } else { &old };
            issuer.issue(&["127.0.0.1"]).write(&folder, "server");
            let reply = gateway.reload();
            assert_eq!(reply.status, 200, "{}", reply.text());
            assert_eq!(reply.json()["changed"]["certificates"].as_array().map(Vec::len), Some(1));
            assert_eq!(connect(address, &trusting(&new)).is_ok(), round % 2 == 0);
        }
        done.store(true, Ordering::SeqCst);
    });
    assert!(calls.load(Ordering::SeqCst) > 10);
    assert!(connect(address, &trusting(&old)).is_ok(), "the last of them");
}

// FAULTS 86.
#[test]
fn bad_pair_keeps_the_old_one() {
    let (folder, backend) = (Folder::new(), Backend::echoing());
    let authority = Authority::new("authority");
    authority.issue(&["127.0.0.1"]).write(&folder, "server");
    let gateway = Gateway::by_file(&configuration(&folder, &backend, "reload: {watch: false}\n"));
    let to_it = Arc::new(client(&authority, None, VERSIONS));
    let other = authority.issue(&["127.0.0.1"]);
    let key = std::fs::read_to_string(folder.path().join("server.key")).expect("a key");
    for bad in [other.key.as_str(), "", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
        folder.write("server.key", bad);
        let reply = gateway.reload();
        assert_eq!(reply.status, 422, "{}", reply.text());
        assert!(reply.text().contains("server."), "{}", reply.text());
        assert!(call(&mut connect(gateway.address(), &to_it).expect("the old one")));
    }
    folder.write("server.key", &key);
    assert_eq!(gateway.reload().status, 200);
}

// A reload that leaves the certificate alone leaves the sessions that clients may resume.
#[test]
fn sessions_outlive_a_reload() {
    let (folder, backend) = (Folder::new(), Backend::echoing());
    let authority = Authority::new("authority");
    authority.issue(&["127.0.0.1"]).write(&folder, "server");
    let gateway = Gateway::by_file(&configuration(&folder, &backend, "reload: {watch: false}\n"));
    let to_it = Arc::new(client(&authority, None, VERSIONS));
    for kind in [HandshakeKind::Full, HandshakeKind::Resumed] {
        let mut stream = connect(gateway.address(), &to_it).expect("it is trusted");
        assert!(call(&mut stream));
        assert_eq!(stream.conn.handshake_kind(), Some(kind));
        assert_eq!(gateway.reload().json()["changed"]["certificates"], json!([]));
    }
}

// By the watcher, as a certificate manager replaces files.
#[test]
fn replaced_files_are_taken_up() {
    let (folder, backend) = (Folder::new(), Backend::echoing());
    let (old, new) = (Authority::new("old"), Authority::new("new"));
    old.issue(&["127.0.0.1"]).write(&folder, "server");
    let gateway = Gateway::by_file(&configuration(&folder, &backend, ""));
    let to_new = Arc::new(client(&new, None, VERSIONS));
    assert!(connect(gateway.address(), &to_new).is_err());
    let identity = new.issue(&["127.0.0.1"]);
    let replace = |name: &str, text: &str| {
        let other: &Path = &folder.write(&format!("{name}.new"), text);
        std::fs::rename(other, folder.path().join(name)).expect("it is replaced");
    };
    replace("server.pem", &identity.certificate);
    // Between the two they are no pair.
    thread::sleep(Duration::from_millis(300));
    replace("server.key", &identity.key);
    thriftgate_tests::eventually("the new one is shown", || connect(gateway.address(), &to_new).is_ok());
}

// FAULTS 86, toward a backend: what counts is what the files hold, not when they were written.
#[test]
fn certificates_toward_a_backend() {
    let (folder, backend) = (Folder::new(), Backend::echoing());
    let (authority, stranger) = (Authority::new("authority"), Authority::new("stranger"));
    let config = server(&authority.issue(&["127.0.0.1"]), Some(&authority), VERSIONS);
    let terminator = Terminator::start(config, backend.address());
    folder.write("ca.pem", &authority.certificate);
    stranger.issue(&["gateway"]).write(&folder, "gateway");
    let file = folder.write(
        "gateway.yaml",
        &format!(
            "idl: {}\nreload: {{watch: false}}\nbackends: {{secure: {{address: \"{}\", tls: {{ca: ca.pem, certificate: gateway.pem, key: gateway.key}}}}}}\n",
            thriftgate_tests::data("everything.thrift").display(),
            terminator.address()
        ),
    );
    let gateway = Gateway::by_file(&file);
    let status = || gateway.call("echoString", json!({"value": "x"})).status;
    assert_eq!(status(), 502, "the backend does not trust it");
    let identity = authority.issue(&["gateway"]);
    identity.write(&folder, "gateway");
    assert_eq!(gateway.reload().json()["changed"]["backends"]["started"], json!(["secure"]));
    assert_eq!(status(), 200);
    let accepted = terminator.accepted();
    identity.write(&folder, "gateway");
    assert_eq!(gateway.reload().json()["changed"]["backends"]["kept"], json!(["secure"]));
    assert_eq!(status(), 200);
    // Another core may have opened one of its own.
    assert!(terminator.accepted() <= accepted + 1);
    folder.write("gateway.key", "");
    assert_eq!((gateway.reload().status, status()), (422, 200));
}
