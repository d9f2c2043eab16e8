//! What is sent again and what is not, in which coding, and with which headers.

use std::io::Read;
use std::time::Duration;

use flate2::read::GzDecoder;
use thriftgate_tests::Gateway;
use thriftgate_tests::client::Connection;

use super::get;

fn gateway(rest: &str) -> Gateway {
    Gateway::start(&format!(
        "idl: everything.thrift\nbackends: {{main: \"127.0.0.1:1\"}}\ndocuments: true\n{rest}"
    ))
}

/// What tells of the API, by the names that its types have in any style.
const DOCUMENTS: [&str; 4] = ["/openapi.json", "/openapi.yaml", "/openapi/root.json", "/docs/api.json"];

#[test]
fn a_document_that_is_known_is_not_sent_again() {
    let gateway = gateway("");
    for path in DOCUMENTS.into_iter().chain(["/docs/"]) {
        let first = get(&gateway, path, &[]);
        let tag = first.header("etag").expect("a tag").to_owned();
        assert_eq!(first.header("cache-control"), Some("no-cache"), "{path}");
        assert_eq!(get(&gateway, path, &[]).body, first.body, "{path}");
        let packed = get(&gateway, path, &[("Accept-Encoding", "gzip")]);
        let other = packed.header("etag").expect("a tag").to_owned();
        assert_ne!(tag, other, "{path}: bytes that are not the same have not the same tag");
        for known in [tag.as_str(), &other, "*", &format!("W/{tag}"), &format!("\"x\", {tag}")] {
            let again = get(&gateway, path, &[("If-None-Match", known)]);
            assert_eq!((again.status, again.body.len()), (304, 0), "{path} {known}");
            assert_eq!(again.header("etag"), Some(&*tag), "{path}");
            assert_eq!(again.header("cache-control"), Some("no-cache"), "{path}");
        }
        assert_eq!(get(&gateway, path, &[("If-None-Match", "\"x\"")]).status, 200, "{path}");
    }
}

#[test]
fn documents_are_compressed_for_who_takes_it() {
    let gateway = gateway("");
    for path in DOCUMENTS {
        let plain = get(&gateway, path, &[]);
        assert_eq!(plain.header("content-encoding"), None, "{path}");
        let packed = get(&gateway, path, &[("Accept-Encoding", "br;q=1, gzip;q=0.2")]);
        assert_eq!(packed.header("content-encoding"), Some("gzip"), "{path}");
        assert_eq!(packed.header("vary"), Some("accept-encoding"), "{path}");
        assert!(packed.body.len() * 2 < plain.body.len(), "{path}");
        let mut text = Vec::new();
        GzDecoder::new(&*packed.body).read_to_end(&mut text).expect("gzip");
        assert_eq!(text, plain.body, "{path}");
        let unwanted = get(&gateway, path, &[("Accept-Encoding", "gzip;q=0, br")]);
        assert_eq!(unwanted.header("content-encoding"), None, "{path}");
    }
}

#[test]
fn the_head_alone_is_that_of_the_whole() {
    let gateway = gateway("");
    for path in DOCUMENTS.into_iter().chain(["/docs/"]) {
        for encoding in ["gzip", "identity"] {
            let whole = get(&gateway, path, &[("Accept-Encoding", encoding)]);
            let mut connection = Connection::open(gateway.address());
            let request = format!(
                "HEAD {path} HTTP/1.1\r\nHost: gateway\r\nAccept-Encoding: {encoding}\r\nConnection: close\r\n\r\n"
            );
            connection.send(request.as_bytes());
            let head = String::from_utf8(connection.until_closed(Duration::from_secs(10))).expect("text");
            assert!(head.starts_with("HTTP/1.1 200 ") && head.ends_with("\r\n\r\n"), "{head}");
            assert!(head.contains(&format!("content-length: {}\r\n", whole.body.len())), "{path}: {head}");
            assert!(head.contains(&format!("etag: {}\r\n", whole.header("etag").expect("a tag"))), "{head}");
        }
    }
}

/// Whatever is answered is data for whoever asked, and no page may make more of it.
#[test]
fn answers_are_closed_to_other_pages() {
    let gateway = gateway("");
    for path in DOCUMENTS.into_iter().chain(["/docs/", "/docs", "/openapi/none.json"]) {
        let reply = get(&gateway, path, &[("Origin", "https://elsewhere.example")]);
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(reply.header("cross-origin-resource-policy"), Some("same-origin"), "{path}");
        assert_eq!(reply.header("access-control-allow-origin"), None, "{path}");
        let policy = reply.header("content-security-policy").expect("a policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(reply.header("x-request-id").is_some(), "{path}");
    }
}

/// Reading counts for the address as calling does.
#[test]
fn addresses_are_limited() {
    let gateway = gateway("limits: {address_rate: {requests: 3, per: 1h}}\n");
    for path in ["/docs/", "/docs/api.json", "/openapi.json"] {
        assert_eq!(get(&gateway, path, &[]).status, 200, "{path}");
    }
    for path in ["/docs/", "/docs/api.json", "/openapi.json"] {
        let reply = get(&gateway, path, &[]);
        assert_eq!((reply.status, reply.exception("code")), (429, "RATE_LIMITED".into()), "{path}");
        assert!(reply.header("retry-after").is_some() && reply.header("ratelimit").is_some(), "{path}");
    }
}
