//! Browsers: what pages of other origins may not do, and what keeps an answer from being more than data.

use thriftgate_tests::client::{Reply, exchange, get};
use thriftgate_tests::{Folder, Gateway};

use super::{Door, Site, entry, key, send};
use crate::process::run;

const EVIL: &str = "https://evil.example";

fn site(rest: &str) -> Site {
    Site::new(&[entry("good", "acme", "partners", ""), entry("inside", "desk", "inside", "")], rest)
}

fn is_safe(reply: &Reply) -> bool {
    [
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
        ("cross-origin-resource-policy", "same-origin"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ]
    .iter()
    .all(|(name, value)| {
        let mut all = reply.headers.iter().filter(|(of, _)| of == name);
        all.next().is_some_and(|(_, told)| told == value) && all.next().is_none()
    })
}

#[test]
fn every_answer_has_the_security_headers() {
    let site = site("groups: {partners: {}, inside: {}}\n");
    let gateway = site.gateway();
    for method in ["get", "touch", "nothing"] {
        for door in Door::all("Users", method) {
            for name in ["good", "wrong"] {
                let reply = send(&gateway, &door.request(&[("X-API-Key", &key(name))]));
                assert!(is_safe(&reply), "{door:?}: {:?}", reply.headers);
            }
        }
    }
    for request in ["GET / HTTP/1.1\r\nHost: gateway\r\n\r\n", "POST / HTTP/1.1\r\n\r\n"] {
        let reply = exchange(gateway.address(), request.as_bytes());
        assert!(is_safe(&reply), "{request}: {:?}", reply.headers);
    }
    for path in ["/healthz", "/readyz", "/metrics", "/reload", "/nothing"] {
        let reply = get(gateway.admin(), path);
        assert!(is_safe(&reply), "{path}: {:?}", reply.headers);
    }
}

/// Whatever a page may send without asking, with good credentials, reaches no backend over any door.
#[test]
fn cross_site_posts_are_refused_on_every_door() {
    let site = site(
        "routes: [{path: /, cors: {origins: [\"https://app.example\"]}}]\ngroups: {partners: {}, inside: {}}\n",
    );
    let gateway = site.gateway();
    let good = key("good");
    // Without its service a path does not name the method here.
    let is_clear = |door: &Door| !matches!(door, Door::Arguments { path } if path == "/get");
    for door in Door::all("Users", "get").into_iter().filter(is_clear) {
        for headers in [
            vec![("Origin", EVIL)],
            vec![("Origin", "null")],
            vec![("Origin", EVIL), ("Sec-Fetch-Site", "same-origin")],
            vec![("Origin", "https://app.example.evil.example")],
            vec![("Sec-Fetch-Site", "cross-site")],
        ] {
            let all: Vec<_> = headers.iter().copied().chain([("X-API-Key", &*good)]).collect();
            let reply = send(&gateway, &door.request(&all));
            let status = reply
                .header("thrift-status")
                .map_or(reply.status, |status| status.parse().expect("a status"));
            assert_eq!(status, 403, "{headers:?} {door:?}");
            assert_eq!(reply.header("access-control-allow-origin"), None);
        }
    }
    assert_eq!(site.backend.calls(), 0);
    for headers in [
        vec![("Origin", "https://app.example"), ("Sec-Fetch-Site", "cross-site")],
        vec![("Origin", "http://gateway"), ("Sec-Fetch-Site", "same-origin")],
        vec![("Sec-Fetch-Site", "none")],
    ] {
        let all: Vec<_> = headers.iter().copied().chain([("X-API-Key", &*good)]).collect();
        let request = Door::all("Users", "getAll")[1].request(&all);
        assert_eq!(send(&gateway, &request).status, 200, "{headers:?}");
    }
}

fn preflight(gateway: &Gateway, path: &str, origin: &str) -> Reply {
    let request = format!(
        "OPTIONS {path} HTTP/1.1\r\nHost: gateway\r\nOrigin: {origin}\r\n\
         Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: x-api-key\r\n\r\n"
    );
    exchange(gateway.address(), request.as_bytes())
}

/// A browser asks before it sends credentials, and so is allowed what any group is; the call itself only what the caller's is.
#[test]
fn origins_by_group() {
    const ROUTE: &str = "https://route.example";
    const ACME: &str = "https://app.acme.example";
    let site = site(&format!(
        "routes: [{{path: /v1, cors: {{origins: [\"{ROUTE}\"]}}}}, {{path: /v2}}, {{path: /internal}}]\n\
         groups: {{partners: {{routes: [/v1, /v2], cors: {{origins: [\"{ACME}\"]}}}}, inside: {{}}}}\n"
    ));
    let gateway = site.gateway();
    for (path, origin, allowed) in [
        ("/v1", ROUTE, true),
        ("/v1", ACME, true),
        ("/v1/Users/get", ACME, true),
        ("/v1", EVIL, false),
        ("/v2", ACME, true),
        ("/v2", ROUTE, false),
        ("/internal", ACME, false),
    ] {
        let reply = preflight(&gateway, path, origin);
        let told = reply.header("access-control-allow-origin");
        assert_eq!(told == Some(origin), allowed, "{path} {origin}: {told:?}");
        assert!(!allowed || reply.status == 204, "{path} {origin}");
        if allowed {
            let headers = reply.header("access-control-allow-headers").unwrap_or_default();
            assert!(headers.contains("x-api-key") && headers.contains("authorization"), "{headers}");
        }
        if path != "/internal" {
            assert_eq!(reply.header("vary"), Some("origin"), "{path} {origin}");
        }
    }
    let call = |name: &str, origin: &str| {
        let headers = [("Content-Type", "application/json"), ("X-API-Key", &*key(name)), ("Origin", origin)];
        let reply = gateway.post_with("/v1/Users/get", &headers, b"{\"value\": \"x\"}");
        (reply.status, reply.header("access-control-allow-origin").map(str::to_owned))
    };
    let told = |status, origin: Option<&str>| (status, origin.map(str::to_owned));
    assert_eq!(call("good", ACME), told(200, Some(ACME)));
    assert_eq!(call("good", ROUTE), told(403, None), "the group's are in the place of the route's");
    assert_eq!(call("inside", ROUTE), told(200, Some(ROUTE)));
    assert_eq!(call("inside", ACME), told(403, None));
    // A page that may ask may also read why its credentials are refused.
    assert_eq!(call("wrong", ACME), told(401, Some(ACME)));
    assert_eq!(call("wrong", EVIL), told(401, None));
}

#[test]
fn an_open_listener_is_warned_of() {
    let folder = Folder::new();
    folder.write("vendor.thrift", super::IDL);
    let warned = |listen: &str, rest: &str| {
        let yaml =
            format!("listen: {listen}\nidl: vendor.thrift\nbackends: {{main: \"127.0.0.1:1\"}}\n{rest}");
        let path = folder.write("gateway.yaml", &yaml).display().to_string();
        let output = run(&["check", "--config", &path]);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{told}");
        told.contains("nobody is asked who they are")
    };
    for listen in ["0.0.0.0:8080", "\"[::]:8080\"", "192.0.2.1:8080"] {
        assert!(warned(listen, ""), "{listen}");
        assert!(!warned(listen, "groups: {all: {}}\nauthentication: {anonymous: all}\n"), "{listen}");
    }
    for listen in ["127.0.0.1:8080", "\"[::1]:8080\"", "unix:/tmp/gateway.sock"] {
        assert!(!warned(listen, ""), "{listen}");
    }
}
