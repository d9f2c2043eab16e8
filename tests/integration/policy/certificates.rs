//! Client certificates: those with a name that counts open every door, and nothing else does.

use rcgen::{CertificateParams, DnType, SanType};
use reqwest::Client;
use thriftgate_tests::backend::Backend;
use thriftgate_tests::{Folder, Gateway};
use tokio::runtime::Builder;

use super::answers::check_refusal;
use super::key;
use crate::doors::doors;
use crate::tls::certificates::{Authority, Identity, VERSIONS, client};

const RULES: &str = r#"
  certificates:
  - {name: "*.acme.example", caller: acme, group: partners}
  - {name: "spiffe://cluster/ns/billing", group: partners}
  - {name: old-client, group: partners}
groups: {partners: {}}
"#;

fn gateway(folder: &Folder, authority: &Authority, backend: &Backend, rest: &str) -> Gateway {
    authority.issue(&["127.0.0.1"]).write(folder, "server");
    folder.write("ca.pem", &authority.certificate);
    let path = folder.write(
        "gateway.yaml",
        &format!(
            "idl: {}\nlisten: [{{address: \"127.0.0.1:0\", tls: {{certificate: server.pem, key: server.key, \
             client_ca: ca.pem, client_certificates: optional}}}}]\nbackends: {{backend: \"{}\"}}\nauthentication:\n{rest}",
            thriftgate_tests::data("everything.thrift").display(),
            backend.address()
        ),
    );
    Gateway::by_file(&path)
}

/// Calls by every door with this certificate and header; `None` opens them all, a message refuses at each.
#[track_caller]
fn call(
    gateway: &Gateway,
    authority: &Authority,
    identity: Option<&Identity>,
    header: Option<&str>,
    refusal: Option<&str>,
    what: &str,
) {
    let config = client(authority, identity, VERSIONS);
    let client = Client::builder().no_proxy().tls_backend_preconfigured(config).build().expect("a client");
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        for door in doors() {
            let url = format!("https://{}{}", gateway.address(), door.path());
            let mut request =
                client.post(url).body(door.body("x", 5)).header("Content-Type", door.content_type());
            if let Some(key) = header {
                request = request.header("X-API-Key", key);
            }
            let reply = request.send().await.expect("a reply");
            let status = reply.status().as_u16();
            let thrift =
                reply.headers().get("thrift-status").map(|value| value.to_str().expect("text").to_owned());
            let body = reply.bytes().await.expect("a body");
            match refusal {
                None => door.check(&body, "x", 5),
                Some(message) => check_refusal(door, (status, thrift.as_deref()), &body, message, what),
            }
        }
    });
}

#[test]
fn names_in_certificates() {
    let (folder, backend, authority) = (Folder::new(), Backend::echoing(), Authority::new("authority"));
    let gateway = gateway(&folder, &authority, &backend, RULES);
    let uri = |uri: &'static str| {
        move |params: &mut CertificateParams| {
            params.subject_alt_names.push(SanType::URI(uri.try_into().expect("a URI")));
        }
    };
    let named = |name: &'static str| {
        move |params: &mut CertificateParams| params.distinguished_name.push(DnType::CommonName, name)
    };
    for (what, good) in [
        ("one label below", authority.issue(&["a.acme.example"])),
        ("the second name", authority.issue(&["other.example", "A.ACME.example"])),
        ("a URI", authority.issue_as(&[], uri("spiffe://cluster/ns/billing"))),
        ("a subject", authority.issue_as(&[], named("old-client"))),
    ] {
        call(&gateway, &authority, Some(&good), None, None, what);
    }
    let called = backend.calls();
    for (what, bad) in [
        ("two labels below", authority.issue(&["a.b.acme.example"])),
        ("no label below", authority.issue(&["acme.example"])),
        ("a wildcard", authority.issue(&["*.acme.example"])),
        ("another URI", authority.issue_as(&[], uri("spiffe://cluster/ns/billing/"))),
        ("a subject beside another name", authority.issue_as(&["other.example"], named("old-client"))),
        ("a subject that looks like a name of DNS", authority.issue_as(&[], named("a.acme.example"))),
        ("no name", authority.issue(&[])),
    ] {
        call(&gateway, &authority, Some(&bad), None, Some("The credentials are not valid"), what);
    }
    call(&gateway, &authority, None, None, Some("Credentials are missing"), "no certificate");
    assert_eq!(backend.calls(), called);
}

#[test]
fn keys_count_before_certificates() {
    let (folder, backend, authority) = (Folder::new(), Backend::echoing(), Authority::new("authority"));
    folder.write("keys.yaml", &format!("keys:\n{}", super::entry("good", "acme", "partners", "")));
    let gateway = gateway(&folder, &authority, &backend, &format!("  keys: {{file: keys.yaml}}{RULES}"));
    let good = authority.issue(&["a.acme.example"]);
    let invalid = Some("The credentials are not valid");
    call(&gateway, &authority, Some(&good), None, None, "the certificate alone");
    call(&gateway, &authority, None, Some(&key("good")), None, "the key alone");
    call(&gateway, &authority, Some(&good), Some(&key("bad")), invalid, "a bad key beside it");
    let other = authority.issue(&["other.example"]);
    call(&gateway, &authority, Some(&other), Some(&key("good")), None, "a good key beside another");
}
