//! TLS toward backends, over sockets and over HTTP alike.

use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::thread;
use std::time::Duration;

use rcgen::DnType;
use rustls::version::{TLS12, TLS13};
use serde_json::json;
use thriftgate_config::{ListenAddress, Settings};
use thriftgate_protocols::wire::Protocol;
use thriftgate_tests::backend::{Backend, Step};
use thriftgate_tests::client::Reply;
use thriftgate_tests::{Folder, Gateway, data, eventually};

use super::certificates::{Authority, Identity, VERSIONS, expired, not_yet_valid, server};
use super::terminator::Terminator;
use crate::http_server::HttpServer;

const TRANSPORTS: [&str; 2] = ["framed", "http"];

/// A server of the transport behind a terminator.
enum Server {
    Framed(Backend, Terminator),
    Http(HttpServer, Terminator),
}

impl Server {
    fn start(transport: &str, config: rustls::ServerConfig) -> Self {
        if transport == "http" {
            let server = HttpServer::echoing(Protocol::Binary);
            let terminator = Terminator::start(config, server.address());
            return Self::Http(server, terminator);
        }
        let backend = Backend::echoing();
        let terminator = Terminator::start(config, backend.address());
        Self::Framed(backend, terminator)
    }

    fn terminator(&self) -> &Terminator {
        let (Self::Framed(_, terminator) | Self::Http(_, terminator)) = self;
        terminator
    }

    /// How many connections reached the server itself.
    fn connections(&self) -> usize {
        match self {
            Self::Framed(backend, _) => backend.connections(),
            Self::Http(server, _) => server.connections(),
        }
    }
}

fn gateway(transport: &str, server: &Server, tls: &str) -> Gateway {
    Gateway::start(&format!(
        "idl: everything.thrift\nruntime: {{threads: 1}}\nbackends: {{backend: {{address: \"{}\", transport: {transport}, tls: {{{tls}}}}}}}\n",
        server.terminator().address()
    ))
}

fn call(gateway: &Gateway) -> Reply {
    gateway.call("echoString", json!({"value": "x"}))
}

fn ca(path: &Path) -> String {
    format!("ca: {}", path.display())
}

/// Calls a server with this certificate, verified by the authority and these settings, and checks that it is
/// accepted, or refused before anything of the call was sent.
#[track_caller]
fn check(name: &str, authority: &Path, identity: &Identity, settings: &str, accepted: bool) {
    for transport in TRANSPORTS {
        let server = Server::start(transport, server(identity, None, VERSIONS));
        let gateway = gateway(transport, &server, &format!("{}, {settings}", ca(authority)));
        let reply = call(&gateway);
        let terminator = server.terminator();
        if accepted {
            assert_eq!(reply.success(), "x", "{name}, {transport}");
            assert!(terminator.bytes() > 0, "{name}, {transport}");
            continue;
        }
        assert_eq!(reply.failure(), (502, "BACKEND_ERROR".into(), "no".into()), "{name}, {transport}");
        eventually("the server sees the refusal", || terminator.refused() == terminator.accepted());
        assert_eq!((terminator.accepted(), terminator.bytes(), server.connections()), (1, 0, 0), "{name}");
    }
}

#[test]
fn names_and_times() {
    let folder = Folder::new();
    let (authority, stranger) = (Authority::new("authority"), Authority::new("stranger"));
    let ca = folder.write("ca.pem", &authority.certificate);
    let wildcard = authority.issue(&["*.example.test"]);
    let cases = [
        ("the address", authority.issue(&["127.0.0.1"]), "", true),
        ("a name", authority.issue(&["thrift.example.test"]), "server_name: thrift.example.test", true),
        (
            "a name in other case",
            authority.issue(&["Thrift.Example.Test"]),
            "server_name: thrift.example.test",
            true,
        ),
        ("another address", authority.issue(&["127.0.0.2"]), "", false),
        ("a name in place of the address", authority.issue(&["localhost"]), "", false),
        ("another name", authority.issue(&["other.example.test"]), "server_name: thrift.example.test", false),
        (
            "the address in place of the name",
            authority.issue(&["127.0.0.1"]),
            "server_name: thrift.example.test",
            false,
        ),
        (
            "a common name alone",
            authority.issue_as(&[], |params| {
                params.distinguished_name.push(DnType::CommonName, "thrift.example.test");
            }),
            "server_name: thrift.example.test",
            false,
        ),
        ("expired", authority.issue_as(&["127.0.0.1"], expired), "", false),
        ("not yet valid", authority.issue_as(&["127.0.0.1"], not_yet_valid), "", false),
        ("an unknown authority", stranger.issue(&["127.0.0.1"]), "", false),
    ];
    for (name, identity, settings, accepted) in &cases {
        check(name, &ca, identity, settings, *accepted);
    }
    for (name, accepted) in [
        ("a.example.test", true),
        ("a.b.example.test", false),
        ("example.test", false),
        ("a.other.test", false),
    ] {
        check(name, &ca, &wildcard, &format!("server_name: {name}"), accepted);
    }
}

#[test]
fn authorities_of_the_system_know_no_stranger() {
    let identity = Authority::new("authority").issue(&["127.0.0.1"]);
    for transport in TRANSPORTS {
        let server = Server::start(transport, server(&identity, None, VERSIONS));
        let reply = call(&gateway(transport, &server, ""));
        assert_eq!(reply.failure(), (502, "BACKEND_ERROR".into(), "no".into()), "{transport}");
        assert_eq!(server.terminator().bytes(), 0);
    }
}

#[test]
fn versions() {
    let folder = Folder::new();
    let authority = Authority::new("authority");
    let path = folder.write("ca.pem", &authority.certificate);
    let identity = authority.issue(&["127.0.0.1"]);
    for transport in TRANSPORTS {
        for version in [&TLS12, &TLS13] {
            let server = Server::start(transport, server(&identity, None, &[version]));
            let gateway = gateway(transport, &server, &ca(&path));
            for _ in 0..3 {
                assert_eq!(call(&gateway).success(), "x", "{transport}, {version:?}");
            }
            assert_eq!(server.terminator().accepted(), 1, "a connection serves another call");
        }
    }
}

/// Passes the bytes of each connection to this path on to an address.
fn relay(path: &Path, to: SocketAddr) {
    let listener = UnixListener::bind(path).expect("a free path");
    thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let mut server = TcpStream::connect(to).expect("somebody listens");
            let mut calls = client.try_clone().expect("a descriptor");
            let mut out = server.try_clone().expect("a descriptor");
            thread::spawn(move || std::io::copy(&mut calls, &mut out));
            thread::spawn(move || std::io::copy(&mut server, &mut client));
        }
    });
}

#[test]
fn unix_socket() {
    let folder = Folder::new();
    let authority = Authority::new("authority");
    let path = folder.write("ca.pem", &authority.certificate);
    let identity = authority.issue(&["thrift.example.test"]);
    for transport in TRANSPORTS {
        let server = Server::start(transport, server(&identity, None, VERSIONS));
        let socket = folder.path().join(transport);
        relay(&socket, server.terminator().address());
        for (name, accepted) in [("thrift.example.test", true), ("other.example.test", false)] {
            let gateway = Gateway::start(&format!(
                "idl: everything.thrift\nbackends: {{backend: {{address: \"unix:{}\", transport: {transport}, tls: {{{}, server_name: {name}}}}}}}\n",
                socket.display(),
                ca(&path)
            ));
            let before = server.terminator().bytes();
            let reply = call(&gateway);
            if accepted {
                assert_eq!(reply.success(), "x", "{transport}");
            } else {
                assert_eq!(reply.failure(), (502, "BACKEND_ERROR".into(), "no".into()), "{transport}");
                assert_eq!(server.terminator().bytes(), before, "{transport}");
            }
        }
    }
}

#[test]
fn client_certificates() {
    let folder = Folder::new();
    let (authority, stranger) = (Authority::new("authority"), Authority::new("stranger"));
    let path = folder.write("ca.pem", &authority.certificate);
    let identity = authority.issue(&["127.0.0.1"]);
    let cases = [
        ("right", Some(authority.issue(&["gateway"])), true),
        ("none", None, false),
        ("expired", Some(authority.issue_as(&["gateway"], expired)), false),
        ("of an unknown authority", Some(stranger.issue(&["gateway"])), false),
    ];
    for transport in TRANSPORTS {
        for version in [&TLS12, &TLS13] {
            for (name, shown, accepted) in &cases {
                let server = Server::start(transport, server(&identity, Some(&authority), &[version]));
                let mut settings = ca(&path);
                if let Some(shown) = shown {
                    let (certificate, key) = shown.write(&folder, "client");
                    settings += &format!(", certificate: {}, key: {}", certificate.display(), key.display());
                }
                let reply = call(&gateway(transport, &server, &settings));
                if *accepted {
                    assert_eq!(reply.success(), "x", "{name}, {transport}");
                    continue;
                }
                let (status, code, _) = reply.failure();
                assert_eq!(
                    (status, code.as_str()),
                    (502, "BACKEND_ERROR"),
                    "{name}, {transport}, {version:?}"
                );
                assert_eq!((server.terminator().bytes(), server.connections()), (0, 0), "{name}");
            }
        }
    }
}

#[test]
fn plain_server() {
    let folder = Folder::new();
    let path = folder.write("ca.pem", &Authority::new("authority").certificate);
    let http = HttpServer::start(|_, out| {
        let _closed = out.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        false
    });
    let framed = Backend::echoing();
    for (transport, address) in [("http", http.address()), ("framed", framed.address())] {
        let gateway = Gateway::start(&format!(
            "idl: everything.thrift\nbackends: {{backend: {{address: \"{address}\", transport: {transport}, connect_timeout: 500ms, tls: {{{}}}}}}}\n",
            ca(&path)
        ));
        let reply = call(&gateway);
        assert_eq!(reply.exception("executed"), "no", "{transport}");
        assert!(matches!(reply.status, 502 | 503), "{transport}: {}", reply.status);
    }
    assert_eq!((http.requests().len(), framed.calls()), (0, 0));
}

/// What comes after a reply, decrypted with it or later, ends the connection.
#[test]
fn bytes_after_the_reply() {
    let folder = Folder::new();
    let authority = Authority::new("authority");
    let path = folder.write("ca.pem", &authority.certificate);
    let identity = authority.issue(&["127.0.0.1"]);
    let pause = Duration::from_millis(50);
    // With frame and message around it, the second text makes a reply that fills the buffer of the connection, so
    // that what comes after it stays where it was decrypted.
    for (length, late) in [(1, false), (16384 - 34, false), (1, true)] {
        let backend = Backend::start(move |call| {
            let (mut reply, extra) = (call.echo(), b"extra".to_vec());
            if late {
                return vec![Step::Send(reply), Step::Wait(pause), Step::Send(extra)];
            }
            assert!(length == 1 || reply.len() == 16384, "{}", reply.len());
            reply.extend_from_slice(&extra);
            vec![Step::Send(reply)]
        });
        let terminator = Terminator::start(server(&identity, None, VERSIONS), backend.address());
        let server = Server::Framed(backend, terminator);
        let gateway = gateway("framed", &server, &ca(&path));
        for calls in 1..4 {
            let text = "x".repeat(length);
            assert_eq!(gateway.call("echoString", json!({"value": text})).success(), text);
            assert_eq!(server.terminator().accepted(), calls, "{length} bytes, {late}");
            thread::sleep(if late { pause * 4 } else { Duration::ZERO });
        }
    }
}

/// An idle TLS connection of one core is no use to another: it makes room for a new one.
#[test]
fn one_connection_for_two_cores() {
    let folder = Folder::new();
    let authority = Authority::new("authority");
    let path = folder.write("ca.pem", &authority.certificate);
    let server = Server::start("framed", server(&authority.issue(&["127.0.0.1"]), None, VERSIONS));
    let gateway = Gateway::start(&format!(
        "idl: everything.thrift\nruntime: {{threads: 2}}\nbackends: {{backend: {{address: \"{}\", max_connections: 1, tls: {{{}}}}}}}\n",
        server.terminator().address(),
        ca(&path)
    ));
    for _ in 0..40 {
        assert_eq!(call(&gateway).success(), "x");
        assert_eq!(gateway.settle().open, 1);
    }
    assert!(server.terminator().accepted() > 1, "the calls came on both cores");
}

#[test]
fn files_that_cannot_be_used() {
    let folder = Folder::new();
    let authority = Authority::new("authority");
    let (certificate, key) = authority.issue(&["gateway"]).write(&folder, "client");
    let (_, other_key) = authority.issue(&["gateway"]).write(&folder, "other");
    let ca = folder.write("ca.pem", &authority.certificate);
    let empty = folder.write("empty.pem", "nothing\n");
    let missing = folder.path().join("missing.pem");
    let identity = |certificate: &Path, key: &Path| {
        format!("ca: {}, certificate: {}, key: {}", ca.display(), certificate.display(), key.display())
    };
    let cases = [
        (format!("ca: {}", missing.display()), &missing),
        (format!("ca: {}", empty.display()), &empty),
        (format!("ca: {}", key.display()), &key),
        (identity(&missing, &key), &missing),
        (identity(&certificate, &empty), &empty),
        (identity(&certificate, &other_key), &certificate),
    ];
    for transport in TRANSPORTS {
        for (tls, path) in &cases {
            let yaml = format!(
                "idl: everything.thrift\nbackends: {{inner: {{address: \"localhost:9\", transport: {transport}, tls: {{{tls}}}}}}}\n"
            );
            let mut settings =
                Settings::parse(&data("gateway.yaml"), &yaml, &|_| None).expect("a configuration");
            settings.listen[0].address = ListenAddress::Tcp(([127, 0, 0, 1], 0).into());
            let error = thriftgate::server::Gateway::start(&settings).expect_err("no gateway").to_string();
            let begin = format!("error: backend inner: {}: ", path.display());
            assert!(error.starts_with(&begin) && error.len() > begin.len(), "{error}");
        }
    }
}
