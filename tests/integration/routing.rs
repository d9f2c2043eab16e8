//! Which route a request takes, in the gateway and as `explain` tells it.

use std::cell::Cell;
use std::net::SocketAddr;

use http::request::Parts;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;
use serde_json::Value;
use thriftgate::http::{Explained, explain};
use thriftgate::snapshot::Snapshot;
use thriftgate::telemetry::Metrics;
use thriftgate_config::Settings;
use thriftgate_tests::backend::{Backend, Dialect, Step, write_string};
use thriftgate_tests::client::{Reply, exchange};
use thriftgate_tests::{Folder, Gateway, data};

use crate::process::run;

pub(super) const IDL: &str = "
service Users {
  string getUser(1: string value), string getRole(1: string value), string setUser(1: string value),
  string login(1: string value), oneway void note(1: string value)
}
service Admin { string purge(1: string value), string getUser(1: string value) }
";

/// A backend that answers every call with its own name and the name that it was called by.
pub(super) fn named(name: &'static str, dialect: Dialect) -> Backend {
    Backend::speaking(dialect, move |call| {
        let says = format!("{name} {}", call.name);
        vec![Step::Send(call.reply(|writer| write_string(writer, 0, &says)))]
    })
}

/// Three backends, `a`, `b` and `c`, and IDL before them.
pub(super) struct World {
    pub(super) folder: Folder,
    backends: [Backend; 3],
}

impl World {
    pub(super) fn new() -> Self {
        let folder = Folder::new();
        folder.write("users.thrift", IDL);
        Self { folder, backends: ["a", "b", "c"].map(|name| named(name, Dialect::default())) }
    }

    /// A configuration with these routes.
    pub(super) fn yaml(&self, routes: &str) -> String {
        let [a, b, c] = self.backends.each_ref().map(Backend::address);
        let backend = |address: SocketAddr| format!("{{address: \"{address}\", multiplexed: true}}");
        format!(
            "idl: {}\nbackends: {{a: {}, b: {}, c: {}}}\nroutes:\n{routes}",
            self.folder.path().join("users.thrift").display(),
            backend(a),
            backend(b),
            backend(c)
        )
    }

    pub(super) fn gateway(&self, routes: &str) -> Gateway {
        Gateway::start(&self.yaml(routes))
    }

    pub(super) fn settings(&self, routes: &str) -> Settings {
        Settings::parse(&data("gateway.yaml"), &self.yaml(routes), &|_| None)
            .unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
    }

    pub(super) fn snapshot(&self, routes: &str) -> Snapshot {
        Snapshot::build(&self.settings(routes), &Metrics::default(), 1)
            .unwrap_or_else(|error| panic!("{error}"))
    }
}

/// A request as a test writes it: host, path, one more header line or nothing, body.
type Written<'a> = (&'a str, &'a str, &'a str, &'a str);

fn send(gateway: &Gateway, (host, path, header, body): Written<'_>) -> Reply {
    let header = if header.is_empty() { String::new() } else { format!("{header}\r\n") };
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\n{header}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    exchange(gateway.address(), request.as_bytes())
}

/// What a request led to: the backend and the name that it was called by, or the status and the code.
fn led(reply: &Reply) -> String {
    if reply.status == 200 {
        return reply.success().as_str().expect("a string").to_owned();
    }
    let (status, code, executed) = reply.failure();
    assert_eq!(executed, "no");
    format!("{status} {code}")
}

#[test]
fn the_first_route_that_takes_a_call_gets_it() {
    let routes = r#"
  - {path: /v1, host: api.example.com, headers: {X-Tenant: acme}, backend: c}
  - {path: /v1, host: ["api.example.com", "*.example.org"], methods: ["get*", Users.login], services: [Users], backend: a}
  - {path: /v1, host: "*.example.org", hide: [purge], backend: b}
  - {path: /v1/deep, backend: c}
  - {path: /only, methods: [Admin.*], backend: c}
  - {path: /, services: [Users], backend: a}
  - {path: /, services: [Admin], backend: b}
"#;
    let get = r#"{"method":"getUser"}"#;
    let cases: &[(Written<'_>, &str)] = &[
        (("api.example.com", "/v1", "X-Tenant: acme", r#"{"method":"purge"}"#), "c Admin:purge"),
        (("API.example.com:8443", "/v1/", "x-tenant: acme", r#"{"method":"login"}"#), "c Users:login"),
        (("api.example.com", "/v1", "X-Tenant: ACME", get), "a Users:getUser"),
        (("api.example.com", "/v1", "", get), "a Users:getUser"),
        (("x.example.org.", "/v1", "", get), "a Users:getUser"),
        (("x.y.example.org", "/v1", "", r#"{"method":"login"}"#), "a Users:login"),
        (("x.example.org", "/v1/Users/getRole", "", ""), "a Users:getRole"),
        (("x.example.org", "/v1/Users", "", r#"{"method":"getRole"}"#), "a Users:getRole"),
        // What the second does not take goes on to the third.
        (("x.example.org", "/v1", "", r#"{"method":"setUser"}"#), "b Users:setUser"),
        (("x.example.org", "/v1", "", r#"{"arguments":{},"method":"setUser"}"#), "b Users:setUser"),
        (("x.example.org", "/v1/Users/setUser", "", ""), "b Users:setUser"),
        (("x.example.org", "/v1/Admin/getUser", "", ""), "b Admin:getUser"),
        (("x.example.org", "/v1", "", r#"{"method":"getUser","service":"Admin"}"#), "b Admin:getUser"),
        (("x.example.org", "/v1/Admin", "", get), "b Admin:getUser"),
        // The third takes all that is left for its hosts, and hides one.
        (("x.example.org", "/v1", "", r#"{"method":"purge"}"#), "404 UNKNOWN_METHOD"),
        (("x.example.org", "/v1/Admin/purge", "", ""), "404 UNKNOWN_METHOD"),
        (("x.example.org", "/v1/deep", "", get), "404 UNKNOWN_METHOD"),
        // Nobody below takes it by that path.
        (("api.example.com", "/v1", "", r#"{"method":"setUser"}"#), "404 UNKNOWN_METHOD"),
        (("example.org", "/v1", "", get), "404 UNKNOWN_METHOD"),
        (("other", "/v1/deep", "", r#"{"method":"setUser"}"#), "c Users:setUser"),
        (("other", "/only", "", r#"{"method":"getUser"}"#), "c Admin:getUser"),
        (("other", "/only", "", r#"{"method":"setUser"}"#), "404 UNKNOWN_METHOD"),
        // One path, told apart by services.
        (("other", "/", "", r#"{"method":"getUser"}"#), "a Users:getUser"),
        (("other", "/", "", r#"{"method":"getUser","service":"Admin"}"#), "b Admin:getUser"),
        (("other", "/", "", r#"{"service":"Admin","arguments":{},"method":"getUser"}"#), "b Admin:getUser"),
        (("other", "/", "", r#"{"arguments":{},"method":"purge"}"#), "b Admin:purge"),
        (("other", "/Admin", "", r#"{"method":"purge"}"#), "b Admin:purge"),
        (("other", "/purge", "", ""), "b Admin:purge"),
        (("other", "/", "", r#"{"method":"purges"}"#), "404 UNKNOWN_METHOD"),
    ];
    let world = World::new();
    let (gateway, snapshot) = (world.gateway(routes), world.snapshot(routes));
    for (request, expected) in cases {
        assert_eq!(led(&send(&gateway, *request)), *expected, "{request:?}");
        assert_eq!(explained(&snapshot, *request), *expected, "explain {request:?}");
    }
}

/// HTTP/2 has the host in `:authority`.
#[test]
fn the_authority_of_http_2_is_the_host() {
    let world = World::new();
    let gateway = world.gateway("  - {path: /, host: '127.0.0.1', backend: b}\n  - {path: /, backend: a}\n");
    let client = reqwest::Client::builder().no_proxy().http2_prior_knowledge().build().expect("a client");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (address, port) = (gateway.address(), gateway.address().port());
    let call = |host: &'static str| {
        let client = if host == "127.0.0.1" {
            client.clone()
        } else {
            let builder = reqwest::Client::builder().no_proxy().http2_prior_knowledge();
            builder.resolve(host, address).build().expect("a client")
        };
        runtime.block_on(async move {
            let request =
                client.post(format!("http://{host}:{port}/")).header("Content-Type", "application/json");
            let reply = request.body(r#"{"method":"login"}"#).send().await.expect("a reply");
            reply.text().await.expect("a body")
        })
    };
    assert!(call("127.0.0.1").contains("b Users:login"));
    assert!(call("elsewhere.test").contains("a Users:login"));
}

/// A page that the first route lets call is not let through to a route that does not.
#[test]
fn origins_are_those_of_the_route_that_takes_the_call() {
    let world = World::new();
    let gateway = world.gateway(
        "  - {path: /, methods: ['get*'], services: [Users], cors: {origins: ['https://shop.example']}, backend: a}\n  - {path: /, backend: b}\n",
    );
    let origin = "Origin: https://shop.example";
    let reply = send(&gateway, ("gateway", "/", origin, r#"{"method":"getUser"}"#));
    assert_eq!(led(&reply), "a Users:getUser");
    assert_eq!(reply.header("access-control-allow-origin"), Some("https://shop.example"));
    let reply = send(&gateway, ("gateway", "/", origin, r#"{"method":"setUser"}"#));
    assert_eq!(led(&reply), "403 PERMISSION_DENIED");
    assert_eq!(reply.header("access-control-allow-origin"), None);
    assert_eq!(led(&send(&gateway, ("gateway", "/", "", r#"{"method":"setUser"}"#))), "b Users:setUser");
}

fn parts((host, path, header, _): Written<'_>) -> Parts {
    let mut request =
        http::Request::post(path).header("Host", host).header("Content-Type", "application/json");
    if let Some((name, value)) = header.split_once(": ") {
        request = request.header(name, value);
    }
    request.body(()).expect("a request").into_parts().0
}

/// What `explain` says in the words of [`led`].
fn explained(snapshot: &Snapshot, request: Written<'_>) -> String {
    match explain(snapshot, None, &parts(request), request.3.as_bytes()).outcome {
        Ok(Explained::Call(found)) => {
            let [to] = found.method.destinations.all() else { panic!("one backend") };
            format!("{} {}", to.backend.name, to.wire_name)
        }
        Ok(Explained::Preflight(_)) => "204".to_owned(),
        Ok(Explained::Document) => "200".to_owned(),
        Err(refusal) => format!("{} {}", refusal.status.as_u16(), refusal.code),
    }
}

/// Some routes, as far as a configuration with them is legal.
fn any_routes() -> impl Strategy<Value = String> {
    let matcher = |key: &'static str, values: &'static [&'static str]| {
        prop_oneof![
            6 => Just(String::new()),
            2 => select(values).prop_map(move |value| format!(", {key}: {value}")),
        ]
    };
    let route = (
        select(&["/", "/", "/v1", "/v1", "/v1/Users", "/v1/x"][..]),
        matcher("host", &["a.test", "'*.test'", "[a.test, b.other]"]),
        matcher("headers", &["{X-A: one}", "{X-A: two, X-B: b}"]),
        matcher("services", &["[Users]", "[Admin]", "[Admin, Users]"]),
        matcher("methods", &["['get*']", "[login, purge]", "['Users.*']", "[Admin.getUser]"]),
        matcher("hide", &["[getUser]", "['get*']", "[getRole]"]),
        select(&["a", "b", "c"][..]),
    );
    let route = route.prop_map(|(path, host, headers, services, methods, hide, backend)| {
        format!("  - {{path: {path}{host}{headers}{services}{methods}{hide}, backend: {backend}}}\n")
    });
    prop::collection::vec(route, 1..6).prop_map(|routes| routes.concat())
}

fn any_request() -> impl Strategy<Value = (&'static str, &'static str, &'static str, String)> {
    let body = (
        select(&["getUser", "getRole", "setUser", "login", "purge", "nothing"][..]),
        select(&["", r#","service":"Users""#, r#","service":"Admin""#, r#","service":"users.Users""#][..]),
        any::<bool>(),
    );
    (
        select(&["a.test", "A.test:80", "b.other", "c.b.test", "test"][..]),
        select(
            &[
                "/",
                "/",
                "/v1",
                "/v1",
                "/v1/",
                "/v1/Users",
                "/v1/Admin",
                "/v1/Users/login",
                "/v1/x/purge",
                "/v1/Users/Users/getRole",
                "/Admin/getUser",
                "/x",
            ][..],
        ),
        select(&["", "", "X-A: one", "X-A: two", "X-B: b"][..]),
        body.prop_map(|(method, service, before)| match before {
            true => format!(r#"{{"arguments":{{"value":"x"}},"method":"{method}"{service}}}"#),
            false => format!(r#"{{"method":"{method}"{service}}}"#),
        }),
    )
}

/// Whatever the routes and the request, `explain` tells what the gateway does.
#[test]
fn explain_and_a_call_agree() {
    let world = World::new();
    let mut runner =
        TestRunner::new(ProptestConfig { cases: 40, failure_persistence: None, ..Default::default() });
    let (calls, refusals) = (Cell::new(0), Cell::new(0));
    let tried =
        runner.run(&(any_routes(), prop::collection::vec(any_request(), 12)), |(routes, requests)| {
            let Ok(settings) = Settings::parse(&data("gateway.yaml"), &world.yaml(&routes), &|_| None) else {
                return Err(TestCaseError::reject("a route that nothing reaches"));
            };
            let Ok(snapshot) = Snapshot::build(&settings, &Metrics::default(), 1) else {
                return Err(TestCaseError::reject("a pattern that fits no method"));
            };
            let gateway = Gateway::with(settings);
            for (host, path, header, body) in &requests {
                let request = (*host, *path, *header, body.as_str());
                let says = explained(&snapshot, request);
                prop_assert_eq!(&led(&send(&gateway, request)), &says, "{:?} on\n{}", request, routes);
                let count = if says.starts_with('4') { &refusals } else { &calls };
                count.set(count.get() + 1);
            }
            Ok(())
        });
    tried.unwrap_or_else(|failure| panic!("{failure}"));
    let (calls, refusals) = (calls.get(), refusals.get());
    assert!(calls > 20 && refusals > 20, "{calls} calls and {refusals} refusals say little");
}

#[test]
fn explain_and_routes_on_the_command_line() {
    let world = World::new();
    let yaml = world.yaml(
        r#"
  - {path: /v1, host: internal.test, backend: c}
  - {path: /v1, headers: {X-Tenant: acme}, methods: ["get*"], backend: {a: 95, b: 5}, mirror: {backend: c, share: 0.5},
     deadline: 2s, method_settings: {getUser: {deadline: 1s, idempotent: true, retries: 1, style: {i64: string}}}}
  - {path: /v1, backend: b, hide: [purge]}
"#,
    );
    let file = world.folder.write("explain.yaml", &yaml).display().to_string();
    let told = |arguments: &[&str]| {
        let output = run(arguments);
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let url = "http://api.example.com/v1/Users/getUser";
    let (code, output, errors) =
        told(&["explain", "POST", url, "-H", "X-Tenant: acme", "-d", r#"{"value":"x"}"#, "--config", &file]);
    assert_eq!((code, &*errors), (Some(0), ""), "{output}");
    for line in [
        "route 1         internal.test/v1 is passed over: it is not for the host \"api.example.com\"",
        "route 2         /v1 [x-tenant: acme] takes it",
        "service         users.Users",
        "backend         a 95 % (framed binary), b 5 % (framed binary)",
        "deadline        a: 1s (method_settings)",
        "idempotent      true (method_settings)",
        "retries         a: 1 (method_settings)",
        "style           i64: string",
    ] {
        assert!(output.lines().any(|said| said == line), "{line}\n{output}");
    }
    assert!(output.contains("mirror          c 50 %: 127.0.0.1:"), "{output}");
    let (code, output, errors) = told(&["explain", "POST", "/v1/Admin/purge", "--config", &file]);
    assert_eq!(
        (code, &*errors),
        (Some(1), "refused: 404 UNKNOWN_METHOD: Unknown function purge\n"),
        "{output}"
    );
    assert!(
        output.contains("route 2         /v1 [x-tenant: acme] is passed over: the header x-tenant"),
        "{output}"
    );
    let (code, _, errors) = told(&["explain", "GET", "/v1", "--config", &file]);
    assert!(code == Some(1) && errors.starts_with("refused: 405 METHOD_NOT_ALLOWED"), "{errors}");

    let (code, output, _) = told(&["routes", "--format", "json", "--config", &file]);
    assert_eq!(code, Some(0));
    let rows: Value = serde_json::from_str(&output).expect("JSON");
    let row = rows.as_array().expect("rows").iter().find(|row| {
        row["headers"]["x-tenant"] == "acme" && row["service"] == "Users" && row["method"] == "getUser"
    });
    let row = row.expect("the method");
    assert_eq!((&row["url"], &row["backends"][1]["weight"]), (&"/v1/Users/getUser".into(), &5.into()));
    assert_eq!((&row["mirror"]["share"], &row["backends"][0]["deadline"]), (&0.5.into(), &1.0.into()));
    assert!(
        !output.contains("purge\"")
            || rows.as_array().expect("rows").iter().all(|row| {
                row["method"] != "purge" || row["hosts"] == serde_json::json!(["internal.test"])
            })
    );
    let (_, output, _) = told(&["routes", "--config", &file]);
    assert!(
        output.lines().any(|line| line.contains("mirror=c 50 %") && line.contains("idempotent")),
        "{output}"
    );
}
