//! What accepted files stand for.

use crate::{parse, read};
use std::path::{Path, PathBuf};
use std::time::Duration;
use thriftgate_config::{
    Backend, BackendAddress, BackendMessages, ClientCertificates, Dns, Documents, HealthCheck, HealthMethod,
    HealthProbe, Limits, ListenAddress, Protocol, Services, Settings, Transport, WeightedBackend,
};

const MIB: usize = 1024 * 1024;

fn accepted(text: &str) -> Settings {
    parse(text).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

/// One backend written as `backend`, in flow style.
fn backend(backend: &str) -> Backend {
    accepted(&format!("idl: a.thrift\nbackends: {{a: {backend}}}")).backends.remove(0)
}

fn tcp(host: &str, port: u16) -> BackendAddress {
    BackendAddress::Tcp { host: host.to_owned(), port }
}

#[test]
fn idl_and_an_address_are_complete_and_limited() {
    let settings = accepted("idl: a.thrift\nbackends: {a: 127.0.0.1:9090}");
    let limits = Limits {
        body: 16 * MIB,
        frame: 16 * MIB,
        depth: 64,
        headers: 32 * 1024,
        header_timeout: Duration::from_secs(10),
        body_timeout: Duration::from_secs(30),
        deadline: Duration::from_secs(10),
        reply: 64 * MIB,
        reply_timeout: Duration::from_secs(30),
        connections: 10_000,
        calls: 1024,
        backend_calls: 256,
        endpoint_connections: 64,
        bodies: 256 * MIB,
        memory: 0.92,
        address_rate: None,
    };
    assert_eq!(settings.limits, limits);
    assert_eq!(settings.listen[0].address, ListenAddress::Tcp("127.0.0.1:8080".parse().unwrap()));
    assert_eq!(settings.admin, Some(ListenAddress::Tcp("127.0.0.1:9901".parse().unwrap())));
    let [route] = settings.routes.as_slice() else { panic!("one route") };
    assert_eq!((route.path.as_str(), &route.services), ("/", &Services::All));
    assert_eq!(route.backends, [WeightedBackend { backend: 0, weight: 1 }]);
    let backend = &settings.backends[0];
    assert_eq!(backend.endpoints[0].address, tcp("127.0.0.1", 9090));
    assert_eq!((backend.protocol, &backend.transport), (Protocol::Binary, &Transport::Framed));
    assert_eq!((backend.max_connections, backend.max_calls), (64, 256));
    assert_eq!(backend.messages, BackendMessages::Replace);
    assert!(backend.strict && backend.reuse && !backend.multiplexed && backend.tls.is_none());
}

#[test]
fn no_file_gives_the_same_as_the_smallest_one() {
    let limits = Limits::default();
    let backend = Backend::new("a", tcp("127.0.0.1", 9090), &limits);
    let mut file = accepted("idl: a.thrift\nbackends: {a: 127.0.0.1:9090}");
    file.idl[0].origin = None;
    let idl = vec![PathBuf::from("etc/a.thrift")];
    assert_eq!(Settings::single(idl, backend, ListenAddress::DEFAULT), file);
}

#[test]
fn fifty_services_are_fifty_routes() {
    let settings = read("examples/fifty-services.yaml").expect("an example");
    assert_eq!((settings.routes.len(), settings.backends.len(), settings.idl.len()), (50, 50, 50));
    let route = &settings.routes[7];
    assert_eq!(route.path, "/CampaignService");
    let Services::Named(names) = &route.services else { panic!("a service") };
    assert_eq!((names[0].name.as_str(), names[0].idl.as_slice()), ("CampaignService", [7].as_slice()));
    assert_eq!(
        settings.backends[route.backends[0].backend].endpoints[0].address,
        tcp("campaign.internal", 9090)
    );
    assert_eq!(settings.idl[7].path, Path::new("examples/idl/campaign.thrift"));
}

#[test]
fn services_come_before_routes_and_share_what_they_name_twice() {
    let text = "
routes: [{path: /, services: [Login], backend: 127.0.0.1:9092}]
services:
  A: {idl: shared.thrift, backend: 127.0.0.1:9091}
  B: {idl: {path: shared.thrift, include: [inc]}, backend: 127.0.0.1:9091, path: /b/}
  C: {idl: [c.json, /abs/d.thrift], backend: {address: 127.0.0.1:9091, max_connections: 1}}";
    let settings = accepted(text);
    let paths: Vec<&str> = settings.routes.iter().map(|route| route.path.as_str()).collect();
    assert_eq!(paths, ["/A", "/b", "/C", "/"]);
    let backends: Vec<&str> = settings.backends.iter().map(|backend| backend.name.as_str()).collect();
    assert_eq!(backends, ["127.0.0.1:9091", "C", "127.0.0.1:9092"]);
    let leads: Vec<usize> = settings.routes.iter().map(|route| route.backends[0].backend).collect();
    assert_eq!(leads, [0, 0, 1, 2]);
    let idl: Vec<&Path> = settings.idl.iter().map(|source| source.path.as_path()).collect();
    assert_eq!(idl, [Path::new("etc/shared.thrift"), Path::new("etc/c.json"), Path::new("/abs/d.thrift")]);
    assert_eq!(settings.idl[0].include, [Path::new("etc/inc")]);
}

#[test]
fn addresses_of_backends() {
    let cases = [
        ("localhost:9090", tcp("localhost", 9090)),
        ("'[::1]:9090'", tcp("::1", 9090)),
        ("'srv:_thrift._tcp.users.internal'", BackendAddress::Srv("_thrift._tcp.users.internal".to_owned())),
        ("unix:run/a.sock", BackendAddress::Unix("etc/run/a.sock".into())),
        ("unix:/run/a.sock", BackendAddress::Unix("/run/a.sock".into())),
        ("'${HOST}:9090'", tcp("auth.internal", 9090)),
        ("\"${UNSET:-10.0.0.1}:${EMPTY:-9091}\"", tcp("10.0.0.1", 9091)),
    ];
    for (text, address) in cases {
        assert_eq!(backend(text).endpoints[0].address, address, "{text}");
    }
}

#[test]
fn addresses_are_displayed_as_they_are_read() {
    for text in ["localhost:9090", "[::1]:9090", "unix:/run/a.sock", "10.0.0.1:1", "srv:_a._tcp.b"] {
        assert_eq!(text.parse::<BackendAddress>().expect(text).to_string(), text);
    }
    for text in ["127.0.0.1:8080", "[::]:0", "unix:a.sock", "systemd:http", "systemd:thriftgate.socket"] {
        assert_eq!(text.parse::<ListenAddress>().expect(text).to_string(), text);
    }
    for text in
        ["", "a", "a:", "a:0", "a:65536", ":1", "a b:1", "::1:9090", "[::1]", "[a]:1", "http://a", "unix:"]
    {
        let error = text.parse::<BackendAddress>().expect_err(text).to_string();
        assert!(error.contains("write `"), "{error}");
    }
    for text in
        ["", "8080", ":8080", "localhost:8080", "http://127.0.0.1:8080", "unix:", "systemd:", "systemd:a:b"]
    {
        text.parse::<ListenAddress>().expect_err(text);
    }
}

#[test]
fn urls_imply_transport_tls_path_and_port() {
    let plain = backend("http://a.internal/thrift?tenant=1");
    assert_eq!(plain.endpoints[0].address, tcp("a.internal", 80));
    assert!(plain.tls.is_none());
    let Transport::Http(http) = &plain.transport else { panic!("http") };
    assert_eq!(http.path, "/thrift?tenant=1");
    let secure = backend("https://a.internal");
    assert_eq!(secure.endpoints[0].address, tcp("a.internal", 443));
    let tls = secure.tls.expect("https has TLS");
    assert_eq!((tls.ca, tls.identity, tls.server_name), (None, None, None));
    let Transport::Http(http) = &secure.transport else { panic!("http") };
    assert_eq!(http.path, "/");
}

#[test]
fn quantities() {
    for (text, bytes) in [
        ("1", 1),
        ("1024", 1024),
        ("512B", 512),
        ("64KiB", 65_536),
        ("16MiB", 16 * MIB),
        ("1GB", 1_000_000_000),
        ("'2 MB'", 2_000_000),
        ("'${TWO}KiB'", 2048),
    ] {
        let settings = accepted(&format!("idl: a\nbackends: {{a: a:1}}\nlimits: {{frame: {text}}}"));
        assert_eq!(settings.limits.frame, bytes, "{text}");
    }
    for (text, milliseconds) in
        [("500ms", 500), ("10s", 10_000), ("1m30s", 90_000), ("2h", 7_200_000), ("1s5ms", 1005)]
    {
        let deadline = backend(&format!("{{address: 'a:1', deadline: {text}}}")).deadline;
        assert_eq!(deadline, Duration::from_millis(milliseconds), "{text}");
    }
}

#[test]
fn variables_stand_for_numbers_and_words_and_a_doubled_dollar_is_one() {
    let text = "
idl: a.thrift
backends: {a: {address: 'http://a:1', max_connections: '${TWO}', reuse: '${UNSET:-false}', http: {headers: {X-A: '$$5 $${X} $x'}}}}";
    let settings = accepted(text);
    let backend = &settings.backends[0];
    assert_eq!((backend.max_connections, backend.reuse), (2, false));
    let Transport::Http(http) = &backend.transport else { panic!("http") };
    assert_eq!(http.headers, [("x-a".to_owned(), "$5 ${X} $x".to_owned())]);
}

#[test]
fn the_environment_is_asked_for_what_the_text_names_alone() {
    let asked = std::cell::RefCell::new(Vec::new());
    let environment = |name: &str| {
        asked.borrow_mut().push(name.to_owned());
        Some("9090".to_owned())
    };
    let text = "idl: a.thrift\nbackends: {a: 'a:${PORT}'}";
    Settings::parse(Path::new("a.yaml"), text, &environment)
        .unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
    assert_eq!(asked.into_inner(), ["PORT"]);
}

#[test]
fn limits_are_the_defaults_of_backends() {
    let text = "
idl: a.thrift
limits: {deadline: 3s, backend_calls: 7, endpoint_connections: 5}
backends: {a: a:1, b: {address: 'b:1', deadline: 4s, max_calls: 9, max_connections: 1}}
routes: [{path: /a, backend: a}, {path: /b, backend: b}]";
    let settings = accepted(text);
    let figures =
        |backend: &Backend| (backend.deadline.as_secs(), backend.max_calls, backend.max_connections);
    assert_eq!(figures(&settings.backends[0]), (3, 7, 5));
    assert_eq!(figures(&settings.backends[1]), (4, 9, 1));
}

#[test]
fn client_certificates_are_required_once_they_can_be_verified() {
    let clients = |keys: &str| {
        let text = format!(
            "idl: a\nbackends: {{a: a:1}}\nlisten: {{address: '[::]:1', tls: {{certificate: c, key: k{keys}}}}}"
        );
        accepted(&text).listen.remove(0).tls.expect("TLS").clients
    };
    assert_eq!(clients(""), ClientCertificates::None);
    assert_eq!(clients(", client_ca: ca"), ClientCertificates::Required("etc/ca".into()));
    let optional = clients(", client_ca: ca, client_certificates: optional");
    assert_eq!(optional, ClientCertificates::Optional("etc/ca".into()));
}

#[test]
fn origins_are_written_as_browsers_send_them() {
    let text = "
idl: a
routes:
  - {path: /, backend: a:1, cors: {origins: ['https://App.example.com:443', 'http://localhost:5173'], headers: [X-A]}}";
    let settings = accepted(text);
    let cors = settings.routes[0].cors.as_ref().expect("cors");
    assert_eq!(cors.origins, ["https://app.example.com", "http://localhost:5173"]);
    assert_eq!(
        (cors.headers.as_slice(), cors.max_age),
        (["x-a".to_owned()].as_slice(), Duration::from_secs(600))
    );
}

#[test]
fn a_service_that_says_nothing_leads_to_the_only_backend() {
    let settings = accepted("idl: a\nbackends: {a: a:1}\nservices:\n  Auth:\n  Stock: {}");
    let paths: Vec<&str> = settings.routes.iter().map(|route| route.path.as_str()).collect();
    assert_eq!(paths, ["/Auth", "/Stock"]);
}

#[test]
fn a_plain_scalar_of_a_block_needs_no_quotes_for_its_variables() {
    let settings =
        accepted("idl: a\nbackends:\n  a:\n    address: ${HOST}:9090\n    reuse: ${UNSET:-false}\n");
    assert_eq!(settings.backends[0].endpoints[0].address, tcp("auth.internal", 9090));
    assert!(!settings.backends[0].reuse);
}

#[test]
fn the_admin_listener_can_be_switched_off() {
    assert_eq!(accepted("idl: a\nbackends: {a: a:1}\nadmin: {enabled: false}").admin, None);
}

#[test]
fn empty_sections_and_merges_are_what_yaml_says() {
    let text = "
idl: a.thrift
limits:
admin:
backends:
  a: &base {address: 'a:1', protocol: compact, deadline: 3s}
  b: {<<: *base, address: 'b:1'}
routes: [{path: /a, backend: a}, {path: /, backend: b}]";
    let settings = accepted(text);
    let b = &settings.backends[1];
    assert_eq!(
        (&b.endpoints[0].address, b.protocol, b.deadline),
        (&tcp("b", 1), Protocol::Compact, Duration::from_secs(3))
    );
}

#[test]
fn values_of_headers_are_not_shown() {
    let backend = backend("{address: 'http://a:1', http: {headers: {X-Key: hunter2}}}");
    let shown = format!("{backend:?}");
    assert!(shown.contains("x-key") && !shown.contains("hunter2"), "{shown}");
}

#[test]
fn certificates_are_those_of_the_host_of_an_address() {
    for (text, host) in [
        ("a.internal:1", Some("a.internal")),
        ("[::1]:1", Some("::1")),
        ("srv:_thrift._tcp.a.internal", Some("a.internal")),
        ("srv:a.service.consul", Some("a.service.consul")),
        ("unix:/a.sock", None),
    ] {
        assert_eq!(text.parse::<BackendAddress>().expect(text).host(), host, "{text}");
    }
}

#[test]
fn names_are_resolved_by_the_system_every_half_minute_unless_the_file_says_otherwise() {
    assert_eq!(accepted("idl: a\nbackends: {a: a:1}").dns, Dns::default());
    let text = "
idl: a
backends: {a: a:1}
dns: {servers: [10.0.0.2, '10.0.0.3:5353', 'fd00::2', '[fd00::2]', '[fd00::2]:5353'], refresh: 5s, timeout: 500ms}";
    let servers = ["10.0.0.2:53", "10.0.0.3:5353", "[fd00::2]:53", "[fd00::2]:53", "[fd00::2]:5353"];
    let expected = Dns {
        servers: servers.iter().map(|server| server.parse().expect("an address")).collect(),
        refresh: Duration::from_secs(5),
        timeout: Duration::from_millis(500),
    };
    assert_eq!(accepted(text).dns, expected);
}

#[test]
fn health_checks_connect_unless_a_method_is_named() {
    let check = |check: &str| backend(&format!("{{address: 'a:1', health_check: {check}}}")).health_check;
    assert_eq!(backend("a:1").health_check, None);
    for text in ["{}", "{type: tcp}"] {
        assert_eq!(check(text), Some(HealthCheck::new(HealthProbe::Tcp)), "{text}");
    }
    let method =
        |service: &str| HealthMethod { service: service.to_owned(), method: "ping".to_owned(), origin: None };
    let call = |service| HealthCheck::new(HealthProbe::Call(method(service)));
    assert_eq!(check("{method: Users.ping}"), Some(call("Users")));
    assert_eq!(check("{type: call, method: users.Users.ping}"), Some(call("users.Users")));
    let every = "{method: Users.ping, interval: 1s, timeout: 200ms, healthy_after: 2, unhealthy_after: 1}";
    let expected = HealthCheck {
        interval: Duration::from_secs(1),
        timeout: Duration::from_millis(200),
        healthy_after: 2,
        unhealthy_after: 1,
        ..call("Users")
    };
    assert_eq!(check(every), Some(expected));
}

#[test]
fn documents_are_off_unless_the_file_has_them() {
    let settings = |documents: &str| accepted(&format!("idl: a.thrift\n{documents}\nbackends: {{a: 'a:1'}}"));
    assert_eq!(settings("").documents, None);
    assert_eq!(settings("documents: false").documents, None);
    for on in ["documents: true", "documents: {}"] {
        assert_eq!(settings(on).documents, Some(Documents::default()), "{on}");
    }
    let moved =
        settings("documents: {path: /help/, servers: ['https://a.example/', 'https://b.example/v1/']}");
    let moved = moved.documents.expect("they are on");
    assert_eq!((&*moved.path, &*moved.openapi), ("/help", "/openapi"));
    assert_eq!(moved.servers, ["https://a.example", "https://b.example/v1"]);
}

#[test]
fn a_sandbox_needs_no_backend() {
    let text = "idl: a.thrift\nservices: {A: {sandbox: true}, B: {sandbox: {latency: 20ms}}, C: {sandbox: false, backend: 'a:1'}}";
    let settings = accepted(text);
    let found: Vec<_> = settings
        .routes
        .iter()
        .map(|route| (route.sandbox.map(|it| it.latency), route.backends.len()))
        .collect();
    assert_eq!(found, [(Some(Duration::ZERO), 0), (Some(Duration::from_millis(20)), 0), (None, 1)]);
    assert!(settings.routes.iter().all(|route| route.documents));
}
