//! TLS toward clients: HTTP/2 and HTTP/1.1 by ALPN, and client certificates.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::{Client, ClientBuilder, Version};
use rustls::pki_types::ServerName;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, HandshakeKind};
use thriftgate_config::{ListenAddress, Settings};
use thriftgate_tests::backend::Backend;
use thriftgate_tests::{Folder, Gateway, data, eventually};
use tokio::runtime::{Builder, Runtime};

use super::certificates::{Authority, Identity, VERSIONS, client, expired, not_yet_valid};
use crate::doors::doors;

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// The settings of TLS with this certificate, and what is said of clients beside it.
fn tls(folder: &Folder, identity: &Identity, clients: &str) -> String {
    let (certificate, key) = identity.write(folder, "server");
    format!("certificate: {}, key: {}, {clients}", certificate.display(), key.display())
}

/// A gateway that speaks TLS before this backend.
fn gateway(backend: &Backend, tls: &str, rest: &str) -> Gateway {
    Gateway::start(&format!(
        "idl: everything.thrift\nlisten: [{{address: \"127.0.0.1:0\", tls: {{{tls}}}}}]\nbackends: {{backend: \"{}\"}}\n{rest}",
        backend.address()
    ))
}

fn https(config: ClientConfig) -> ClientBuilder {
    Client::builder().no_proxy().tls_backend_preconfigured(config)
}

/// Calls through every door, on one connection where the client keeps it; tells the version of HTTP, or nothing
/// where there was no reply.
fn call(client: ClientBuilder, url: &str) -> Option<Version> {
    let client = client.build().expect("a client");
    runtime().block_on(async {
        let mut version = None;
        for door in doors() {
            let request = client.post(format!("{url}{}", door.path())).body(door.body("x", 5));
            let reply = request.header("Content-Type", door.content_type()).send().await.ok()?;
            assert_eq!(*version.get_or_insert(reply.version()), reply.version());
            door.check(&reply.bytes().await.expect("a body"), "x", 5);
        }
        version
    })
}

#[test]
fn versions_of_http() {
    let folder = Folder::new();
    let authority = Authority::new("authority");
    let backend = Backend::echoing();
    let gateway = gateway(&backend, &tls(&folder, &authority.issue(&["127.0.0.1"]), ""), "");
    let url = format!("https://{}", gateway.address());
    for version in [&TLS12, &TLS13] {
        let trusting = |protocols: &[&str]| {
            let mut config = client(&authority, None, &[version]);
            config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
            https(config)
        };
        assert_eq!(call(trusting(&["h2", "http/1.1"]), &url), Some(Version::HTTP_2), "{version:?}");
        assert_eq!(call(trusting(&["http/1.1"]), &url), Some(Version::HTTP_11), "{version:?}");
        assert_eq!(call(trusting(&[]), &url), Some(Version::HTTP_11), "{version:?}");
        assert_eq!(call(trusting(&[]).http2_prior_knowledge(), &url), Some(Version::HTTP_2), "{version:?}");
    }
}

#[test]
fn plain_versions_of_http() {
    let backend = Backend::echoing();
    let gateway = Gateway::before("everything.thrift", backend.address(), "");
    let url = format!("http://{}", gateway.address());
    let plain = || Client::builder().no_proxy();
    assert_eq!(call(plain(), &url), Some(Version::HTTP_11));
    assert_eq!(call(plain().http2_prior_knowledge(), &url), Some(Version::HTTP_2));
}

#[test]
fn server_is_verifiable() {
    let folder = Folder::new();
    let (authority, stranger) = (Authority::new("authority"), Authority::new("stranger"));
    let backend = Backend::echoing();
    let gateway = gateway(&backend, &tls(&folder, &authority.issue(&["127.0.0.1"]), ""), "");
    let url = format!("https://{}", gateway.address());
    assert_eq!(call(https(client(&stranger, None, VERSIONS)), &url), None);
    assert_eq!(backend.connections(), 0);
}

#[test]
fn client_certificates() {
    let folder = Folder::new();
    let (authority, stranger) = (Authority::new("authority"), Authority::new("stranger"));
    let ca = folder.write("clients.pem", &authority.certificate);
    let identity = authority.issue(&["127.0.0.1"]);
    let cases = [
        ("right", Some(authority.issue(&["vendor"])), [true, true]),
        ("none", None, [false, true]),
        ("expired", Some(authority.issue_as(&["vendor"], expired)), [false, false]),
        ("not yet valid", Some(authority.issue_as(&["vendor"], not_yet_valid)), [false, false]),
        ("of an unknown authority", Some(stranger.issue(&["vendor"])), [false, false]),
    ];
    for (mode, word) in ["required", "optional"].into_iter().enumerate() {
        let clients = format!("client_ca: {}, client_certificates: {word}", ca.display());
        let tls = tls(&folder, &identity, &clients);
        for (name, shown, accepted) in &cases {
            for version in [&TLS12, &TLS13] {
                let backend = Backend::echoing();
                let gateway = gateway(&backend, &tls, "");
                let url = format!("https://{}", gateway.address());
                let replied = call(https(client(&authority, shown.as_ref(), &[version])), &url).is_some();
                assert_eq!(replied, accepted[mode], "{name}, {word}, {version:?}");
                assert_eq!(backend.connections() > 0, accepted[mode], "{name}, {word}, {version:?}");
            }
        }
    }
}

/// A session may be resumed, but nothing is taken before its handshake has ended: that could be a replay.
#[test]
fn no_early_data() {
    let folder = Folder::new();
    let authority = Authority::new("authority");
    let backend = Backend::echoing();
    let gateway = gateway(&backend, &tls(&folder, &authority.issue(&["127.0.0.1"]), ""), "");
    let mut config = client(&authority, None, &[&TLS13]);
    config.enable_early_data = true;
    let config = Arc::new(config);
    let mut resumed = Vec::new();
    for _ in 0..4 {
        let name = ServerName::from(gateway.address().ip());
        let mut session = ClientConnection::new(config.clone(), name).expect("a session");
        assert!(session.early_data().is_none(), "no ticket allows it");
        let mut stream = TcpStream::connect(gateway.address()).expect("somebody listens");
        let mut stream = rustls::Stream::new(&mut session, &mut stream);
        stream.write_all(b"GET / HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n").expect("a session");
        let mut answer = String::new();
        let _no_matter_how_it_ends = stream.read_to_string(&mut answer);
        assert!(answer.starts_with("HTTP/1.1 405"), "{answer}");
        resumed.push(session.handshake_kind() == Some(HandshakeKind::Resumed));
    }
    assert!(!resumed[0] && resumed[1..].contains(&true), "{resumed:?}");
}

/// What is sent to a TLS listener that is no handshake of TLS 1.2 or 1.3, and what comes back.
#[test]
fn no_handshake() {
    let folder = Folder::new();
    let identity = Authority::new("authority").issue(&["127.0.0.1"]);
    let backend = Backend::echoing();
    let gateway = gateway(&backend, &tls(&folder, &identity, ""), "");
    // A ClientHello of TLS 1.1 (RFC 4346, section 7.4.1.2) with one suite and no extension.
    let mut hello = vec![0x16, 3, 1, 0, 45, 1, 0, 0, 41, 3, 2];
    hello.extend_from_slice(&[7; 32]);
    hello.extend_from_slice(&[0, 0, 2, 0xc0, 0x13, 1, 0]);
    let plain = b"POST / HTTP/1.1\r\nHost: gateway\r\nContent-Length: 0\r\n\r\n".to_vec();
    for (name, bytes) in [("TLS 1.1", hello), ("plain HTTP", plain)] {
        let mut stream = TcpStream::connect(gateway.address()).expect("somebody listens");
        stream.set_read_timeout(Some(thriftgate_tests::PATIENCE)).expect("a live socket");
        stream.write_all(&bytes).expect("a live socket");
        let mut answer = Vec::new();
        let _reset = stream.read_to_end(&mut answer);
        assert!(answer.first().is_none_or(|&kind| kind == 0x15), "{name}: {answer:?} is no alert");
        if name == "TLS 1.1" {
            assert_eq!((answer.len(), answer.get(5)), (7, Some(&2)), "a fatal alert");
        }
    }
    assert_eq!(backend.connections(), 0);
}

#[test]
fn stalled_handshake_ends() {
    let folder = Folder::new();
    let authority = Authority::new("authority");
    let backend = Backend::echoing();
    let tls = tls(&folder, &authority.issue(&["127.0.0.1"]), "");
    let gateway = gateway(&backend, &tls, "limits: {header_timeout: 300ms, connections: 2}\n");
    let stalled: Vec<TcpStream> = (0..4)
        .map(|_| {
            let mut stream = TcpStream::connect(gateway.address()).expect("somebody listens");
            stream.write_all(&[0x16, 3, 1]).expect("a live socket");
            stream
        })
        .collect();
    let began = Instant::now();
    for mut stream in stalled {
        stream.set_read_timeout(Some(thriftgate_tests::PATIENCE)).expect("a live socket");
        assert!(matches!(stream.read(&mut [0; 64]), Ok(0) | Err(_)), "closed without a word");
    }
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    let url = format!("https://{}", gateway.address());
    assert!(call(https(client(&authority, None, VERSIONS)), &url).is_some());
    eventually("no connection is open", || gateway.metrics().contains("connections 1"));
}

#[test]
fn files_that_cannot_be_used() {
    let folder = Folder::new();
    let authority = Authority::new("authority");
    let (certificate, key) = authority.issue(&["127.0.0.1"]).write(&folder, "server");
    let (_, other_key) = authority.issue(&["127.0.0.1"]).write(&folder, "other");
    let empty = folder.write("empty.pem", "nothing\n");
    let missing = folder.path().join("missing.pem");
    let pair = |certificate: &Path, key: &Path| {
        format!("certificate: {}, key: {}", certificate.display(), key.display())
    };
    let cases = [
        (pair(&missing, &key), &missing),
        (pair(&empty, &key), &empty),
        (pair(&certificate, &missing), &missing),
        (pair(&certificate, &certificate), &certificate),
        (pair(&certificate, &other_key), &certificate),
        (format!("{}, client_ca: {}", pair(&certificate, &key), empty.display()), &empty),
    ];
    for (tls, path) in cases {
        let yaml = format!(
            "idl: everything.thrift\nlisten: [{{address: \"127.0.0.1:0\", tls: {{{tls}}}}}]\nadmin: {{enabled: false}}\nbackends: {{backend: \"localhost:9\"}}\n"
        );
        let mut settings = Settings::parse(&data("gateway.yaml"), &yaml, &|_| None).expect("a configuration");
        settings.listen[0].address = ListenAddress::Tcp(([127, 0, 0, 1], 0).into());
        let error = thriftgate::server::Gateway::start(&settings).expect_err("no gateway").to_string();
        let begin = format!("error: {}: ", path.display());
        assert!(error.starts_with(&begin) && error.len() > begin.len(), "{error}");
    }
}

/// Browsers that come by TLS are told to come back so, unless the same host is to be had without.
#[test]
fn browsers_are_told_to_come_back_by_tls() {
    let folder = Folder::new();
    let authority = Authority::new("authority");
    let backend = Backend::echoing();
    let server = tls(&folder, &authority.issue(&["127.0.0.1"]), "");
    let told = |tls: &str, plain: &str| {
        let gateway = Gateway::start(&format!(
            "idl: everything.thrift\nlisten: [{{address: \"127.0.0.1:0\", tls: {{{tls}}}}}{plain}]\n\
             backends: {{backend: \"{}\"}}\n",
            backend.address()
        ));
        let client = https(client(&authority, None, &[&TLS13])).build().expect("a client");
        runtime().block_on(async {
            // Refusals tell it as well.
            let reply = client.get(format!("https://{}", gateway.address())).send().await.expect("a reply");
            let value = reply.headers().get("strict-transport-security");
            value.map(|value| value.to_str().expect("text").to_owned())
        })
    };
    assert_eq!(told(&server, "").as_deref(), Some("max-age=31536000"));
    assert_eq!(told(&format!("{server} hsts: 24h"), "").as_deref(), Some("max-age=86400"));
    assert_eq!(told(&format!("{server} hsts: 0s"), ""), None);
    let plain = ", \"127.0.0.2:0\"";
    assert_eq!(told(&server, plain), None);
    assert_eq!(told(&format!("{server} hsts: 1h"), plain).as_deref(), Some("max-age=3600"));
}
