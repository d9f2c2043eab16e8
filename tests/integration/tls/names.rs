//! Endpoints found by name, whose certificates are those of the name that is configured.

use serde_json::json;
use thriftgate_tests::backend::Backend;
use thriftgate_tests::name_server::{Answer, NameServer};
use thriftgate_tests::{Folder, Gateway};

use super::certificates::{Authority, VERSIONS, server};
use super::terminator::Terminator;

#[test]
fn a_certificate_is_that_of_the_configured_name() {
    let authority = Authority::new("names");
    let folder = Folder::new();
    let ca = folder.write("ca.pem", &authority.certificate);
    let dns = NameServer::start();
    let backend = Backend::echoing();
    let identity = authority.issue(&["users.test"]);
    let terminator = Terminator::start(server(&identity, None, VERSIONS), backend.address());
    let port = terminator.address().port();
    for name in ["users.test", "other.test"] {
        dns.set(name, 60, Answer::addresses(&["127.0.0.1"]));
        let service = Answer::services(&[(1, 1, port, "users.test.")]);
        dns.set(&format!("_thrift._tcp.{name}"), 60, service);
    }
    for (address, good) in [
        (format!("users.test:{port}"), true),
        (format!("other.test:{port}"), false),
        ("srv:_thrift._tcp.users.test".to_owned(), true),
        // What an SRV record names is not what was asked for: whoever forges it would be trusted.
        ("srv:_thrift._tcp.other.test".to_owned(), false),
    ] {
        let gateway = Gateway::start(&format!(
            "idl: everything.thrift\nbackends: {{a: {{address: \"{address}\", tls: {{ca: {}}}}}}}\ndns: {{servers: [\"{}\"]}}\n",
            ca.display(),
            dns.address()
        ));
        let reply = gateway.call("echoI32", json!({"value": 5}));
        match good {
            true => assert_eq!(reply.success(), 5, "{address}"),
            false => assert_eq!(reply.failure(), (502, "BACKEND_ERROR".into(), "no".into()), "{address}"),
        }
    }
    assert_eq!(backend.calls(), 2);
}
