//! Endpoints found by name, with a name server of the tests' own. FAULTS 64.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use thriftgate_protocols::wire::Protocol;
use thriftgate_tests::backend::{Backend, Step};
use thriftgate_tests::client::{Connection, post};
use thriftgate_tests::name_server::{Answer, NameServer};
use thriftgate_tests::{Folder, Gateway, PATIENCE, data, eventually};

const HEADERS: &[(&str, &str)] = &[("Content-Type", "application/json")];

fn at(ip: &str, port: u16) -> SocketAddr {
    SocketAddr::new(ip.parse::<IpAddr>().expect("an IP address"), port)
}

/// An echoing backend at this IP address, on the port of `other`.
fn beside(other: &Backend, ip: &str) -> Backend {
    Backend::at(at(ip, other.address().port()), |call| vec![Step::Send(call.echo())])
}

/// A configuration whose only backend is at `address`; names are asked of `dns` again and again.
fn configuration(dns: &NameServer, address: &str) -> String {
    format!(
        "idl: everything.thrift\nbackends: {{users: \"{address}\"}}\ndns: {{servers: [\"{}\"], refresh: 30ms, timeout: 300ms}}\n",
        dns.address()
    )
}

/// A gateway whose only backend is `users.test`, on the port of `backend`.
fn gateway(dns: &NameServer, backend: &Backend) -> Gateway {
    Gateway::start(&configuration(dns, &format!("users.test:{}", backend.address().port())))
}

/// Where the gateway's backend listens now.
fn endpoints(gateway: &Gateway) -> Vec<String> {
    let mut endpoints: Vec<String> =
        gateway.endpoints().iter().map(|endpoint| endpoint.address.to_string()).collect();
    endpoints.sort();
    endpoints
}

#[track_caller]
fn await_endpoints(gateway: &Gateway, expected: &[SocketAddr]) {
    let mut expected: Vec<String> = expected.iter().map(ToString::to_string).collect();
    expected.sort();
    eventually("the endpoints are those of the name", || endpoints(gateway) == expected);
}

/// Calls so many times, each time with success.
#[track_caller]
fn call(gateway: &Gateway, times: usize) {
    for value in 0..times {
        assert_eq!(gateway.call("echoI32", json!({"value": value})).success(), value);
    }
}

/// Waits until a name was asked for some times more.
#[track_caller]
fn await_questions(dns: &NameServer, name: &str) {
    let before = dns.asked(name);
    eventually("the name is asked for again and again", || dns.asked(name) >= before + 6);
}

#[test]
fn an_address_that_appears_is_called_and_one_that_goes_is_not() {
    let dns = NameServer::start();
    let first = Backend::echoing();
    let second = beside(&first, "127.0.0.2");
    dns.set("users.test", 60, Answer::addresses(&["127.0.0.1"]));
    let gateway = gateway(&dns, &first);
    call(&gateway, 10);
    assert_eq!((first.calls(), second.calls()), (10, 0));

    dns.set("users.test", 60, Answer::addresses(&["127.0.0.2", "127.0.0.1"]));
    await_endpoints(&gateway, &[first.address(), second.address()]);
    eventually("both are called", || {
        call(&gateway, 10);
        first.calls() > 10 && second.calls() > 0
    });

    dns.set("users.test", 60, Answer::addresses(&["127.0.0.2"]));
    await_endpoints(&gateway, &[second.address()]);
    eventually("its idle connections are closed", || first.open() == 0);
    let (before, connections) = (first.calls(), first.connections());
    call(&gateway, 20);
    assert_eq!((first.calls(), first.connections()), (before, connections));
}

#[test]
fn an_endpoint_that_stays_keeps_its_connections() {
    let dns = NameServer::start();
    let first = Backend::echoing();
    let second = beside(&first, "127.0.0.2");
    dns.set("users.test", 60, Answer::addresses(&["127.0.0.1"]));
    let gateway = gateway(&dns, &first);
    let mut connection = Connection::open(gateway.address());
    let mut call_on_one_core = |value: i32| {
        let body = json!({"method": "echoI32", "arguments": {"value": value}}).to_string();
        connection.send(&post("/", HEADERS, body.as_bytes()));
        assert_eq!(connection.reply().success(), value);
    };
    call_on_one_core(1);
    for addresses in [&["127.0.0.1", "127.0.0.2"][..], &["127.0.0.1"]] {
        dns.set("users.test", 60, Answer::addresses(addresses));
        eventually("the endpoints are those of the name", || endpoints(&gateway).len() == addresses.len());
    }
    let before = second.calls();
    call_on_one_core(2);
    assert_eq!((first.connections(), second.calls()), (1, before));
}

#[test]
fn a_call_under_way_at_an_address_that_goes_is_answered() {
    let dns = NameServer::start();
    let open = Arc::new(AtomicBool::new(false));
    let waited_for = open.clone();
    let slow = Backend::start(move |call| {
        eventually("the gate opens", || waited_for.load(Ordering::SeqCst));
        vec![Step::Send(call.echo())]
    });
    let other = beside(&slow, "127.0.0.2");
    dns.set("users.test", 60, Answer::addresses(&["127.0.0.1"]));
    let gateway = gateway(&dns, &slow);
    let mut under_way = Connection::open(gateway.address());
    under_way.send(&post("/", HEADERS, br#"{"method":"echoI32","arguments":{"value":7}}"#));
    eventually("the call is under way", || slow.calls() == 1);
    dns.set("users.test", 60, Answer::addresses(&["127.0.0.2"]));
    await_endpoints(&gateway, &[other.address()]);
    call(&gateway, 5);
    open.store(true, Ordering::SeqCst);
    assert_eq!(under_way.reply().success(), 7);
    eventually("its connection is closed then", || slow.open() == 0);
    assert_eq!(slow.calls(), 1);
}

#[test]
fn a_name_that_vanishes_keeps_its_last_good_addresses() {
    let dns = NameServer::start();
    let first = Backend::echoing();
    let second = beside(&first, "127.0.0.2");
    let gateway = gateway_with_both(&dns, &first, &second);
    for wrong in [Answer::NxDomain, Answer::addresses(&[]), Answer::ServFail, Answer::Silence] {
        dns.set("users.test", 1, wrong.clone());
        await_questions(&dns, "users.test");
        assert_eq!(endpoints(&gateway).len(), 2, "{wrong:?}");
        let began = Instant::now();
        call(&gateway, 20);
        assert!(began.elapsed() < PATIENCE / 2, "no call waits for a name server");
    }
    let metrics = gateway.metrics();
    let failures = "thriftgate_discovery_failures_total{backend=\"users\"}";
    let line = metrics.lines().find(|line| line.starts_with(failures)).expect("a metric");
    let count: u64 = line.rsplit(' ').next().and_then(|count| count.parse().ok()).expect("a number");
    assert!(count >= 4, "{line}");
    dns.set("users.test", 60, Answer::addresses(&["127.0.0.2"]));
    await_endpoints(&gateway, &[second.address()]);
}

fn gateway_with_both(dns: &NameServer, first: &Backend, second: &Backend) -> Gateway {
    dns.set("users.test", 60, Answer::addresses(&["127.0.0.1", "127.0.0.2"]));
    let gateway = gateway(dns, first);
    await_endpoints(&gateway, &[first.address(), second.address()]);
    gateway
}

#[test]
fn a_name_that_is_not_there_at_the_start_may_come_later() {
    for wrong in [Answer::NxDomain, Answer::ServFail, Answer::Silence] {
        let dns = NameServer::start();
        let backend = Backend::echoing();
        dns.set("users.test", 60, wrong.clone());
        let began = Instant::now();
        let gateway = gateway(&dns, &backend);
        assert!(began.elapsed() < PATIENCE / 2, "{wrong:?}: it starts all the same");
        let began = Instant::now();
        let reply = gateway.call("answer", json!({}));
        assert_eq!(reply.failure(), (503, "UNAVAILABLE".into(), "no".into()), "{wrong:?}");
        assert!(began.elapsed() < PATIENCE / 2, "no call waits for a name server");
        dns.set("users.test", 60, Answer::addresses(&["127.0.0.1"]));
        await_endpoints(&gateway, &[backend.address()]);
        call(&gateway, 3);
    }
}

#[test]
fn a_server_that_is_silent_about_ipv6_delays_nothing_but_the_start() {
    let dns = NameServer::start();
    let first = Backend::echoing();
    let second = beside(&first, "127.0.0.2");
    dns.set("users.test", 60, Answer::only_ipv4(&["127.0.0.1"]));
    let gateway = gateway(&dns, &first);
    call(&gateway, 3);
    dns.set("users.test", 60, Answer::only_ipv4(&["127.0.0.2"]));
    await_endpoints(&gateway, &[second.address()]);
    call(&gateway, 3);
}

#[test]
fn ipv6_addresses_are_called_beside_those_of_ipv4() {
    let dns = NameServer::start();
    let first = Backend::echoing();
    let second = beside(&first, "::1");
    dns.set("users.test", 60, Answer::addresses(&["::1"]));
    let gateway = gateway(&dns, &first);
    await_endpoints(&gateway, &[second.address()]);
    call(&gateway, 5);
    assert_eq!((first.calls(), second.calls()), (0, 5));
    dns.set("users.test", 60, Answer::addresses(&["127.0.0.1", "::1"]));
    await_endpoints(&gateway, &[first.address(), second.address()]);
    eventually("both are called", || {
        call(&gateway, 10);
        first.calls() > 0 && second.calls() > 5
    });
}

#[test]
fn services_have_ports_weights_and_priorities() {
    let dns = NameServer::start();
    let [heavy, light, spare] = [(); 3].map(|()| Backend::echoing());
    let port = |backend: &Backend| backend.address().port();
    for host in ["a.users.test", "b.users.test"] {
        dns.set(host, 60, Answer::addresses(&["127.0.0.1"]));
    }
    let all = [
        (10, 30, port(&heavy), "a.users.test."),
        (10, 1, port(&light), "b.users.test."),
        (20, 5, port(&spare), "a.users.test."),
        (10, 9, 9, "gone.users.test."),
    ];
    dns.set("_thrift._tcp.users.test", 60, Answer::services(&all));
    let gateway = Gateway::start(&configuration(&dns, "srv:_thrift._tcp.users.test"));
    await_endpoints(&gateway, &[heavy.address(), light.address()]);
    let mut weights: Vec<u32> = gateway.endpoints().iter().map(|endpoint| endpoint.weight).collect();
    weights.sort_unstable();
    assert_eq!(weights, [1, 30]);
    eventually("both are called", || {
        call(&gateway, 10);
        heavy.calls() > 0 && light.calls() > 0
    });
    assert_eq!(spare.calls(), 0);

    dns.set("_thrift._tcp.users.test", 60, Answer::services(&all[2..3]));
    await_endpoints(&gateway, &[spare.address()]);
    call(&gateway, 5);
    assert_eq!(spare.calls(), 5);

    // A host that cannot be asked for takes none away; what is there no more goes.
    dns.set("b.users.test", 60, Answer::ServFail);
    let both = [all[2], (20, 5, port(&heavy), "b.users.test.")];
    dns.set("_thrift._tcp.users.test", 60, Answer::services(&both));
    await_questions(&dns, "b.users.test");
    assert_eq!(endpoints(&gateway), [spare.address().to_string()]);
    dns.set("b.users.test", 60, Answer::addresses(&["127.0.0.1"]));
    await_endpoints(&gateway, &[spare.address(), heavy.address()]);
}

#[test]
fn a_time_to_live_shortens_the_time_between_questions() {
    let dns = NameServer::start();
    let first = Backend::echoing();
    let second = beside(&first, "127.0.0.2");
    let configuration = configuration(&dns, &format!("users.test:{}", first.address().port()));
    dns.set("users.test", 0, Answer::addresses(&["127.0.0.1"]));
    let began = Instant::now();
    let gateway = Gateway::start(&configuration.replace("refresh: 30ms", "refresh: 1h"));
    dns.set("users.test", 3600, Answer::addresses(&["127.0.0.2"]));
    await_endpoints(&gateway, &[second.address()]);
    // Two questions, for IPv4 and IPv6, in about a second: none lives so short that the server is flooded.
    assert!(began.elapsed() >= Duration::from_millis(900));
    assert!(dns.asked("users.test") <= 4, "asked {} times", dns.asked("users.test"));
}

#[test]
fn an_answer_that_does_not_fit_a_datagram_comes_by_tcp() {
    let dns = NameServer::start();
    dns.truncate(true);
    let backend = Backend::echoing();
    dns.set("users.test", 60, Answer::addresses(&["127.0.0.1"]));
    let gateway = gateway(&dns, &backend);
    call(&gateway, 3);
    assert!(dns.asked_over_tcp() > 0);
}

#[test]
fn addresses_and_names_of_the_hosts_file_are_not_asked_for() {
    let dns = NameServer::start();
    let backend = Backend::echoing();
    for host in ["127.0.0.1", "localhost"] {
        let address = format!("{host}:{}", backend.address().port());
        let gateway = Gateway::start(&configuration(&dns, &address));
        call(&gateway, 3);
    }
    assert_eq!(dns.questions(), 0);
}

#[test]
fn one_backend_may_have_names_and_addresses() {
    let dns = NameServer::start();
    let first = Backend::echoing();
    let [second, third] = ["127.0.0.2", "127.0.0.3"].map(|ip| beside(&first, ip));
    let port = first.address().port();
    dns.set("a.test", 60, Answer::addresses(&["127.0.0.2", "127.0.0.3"]));
    let several = format!(
        "{{endpoints: [\"{}\", {{address: \"a.test:{port}\", weight: 3}}, \"b.test:{port}\"]}}",
        first.address()
    );
    let configuration = configuration(&dns, "x").replace("\"x\"", &several);
    let gateway = Gateway::start(&configuration);
    await_endpoints(&gateway, &[first.address(), second.address(), third.address()]);
    let weights: Vec<u32> = gateway.endpoints().iter().map(|endpoint| endpoint.weight).collect();
    assert_eq!(weights, [1, 3, 3]);
    call(&gateway, 5);
}

#[test]
fn backends_over_http_have_names_as_well() {
    let dns = NameServer::start();
    let backend = Backend::over_http(Protocol::Binary, |call| vec![Step::Send(call.echo())]);
    dns.set("users.test", 60, Answer::addresses(&["127.0.0.1"]));
    let port = backend.address().port();
    let gateway = Gateway::start(&configuration(&dns, &format!("http://users.test:{port}/thrift")));
    call(&gateway, 5);
    dns.set("users.test", 60, Answer::Silence);
    await_questions(&dns, "users.test");
    call(&gateway, 5);
    let gateway = Gateway::start(&configuration(&dns, &format!("http://gone.test:{port}/thrift")));
    let reply = gateway.call("answer", json!({}));
    assert_eq!(reply.failure(), (503, "UNAVAILABLE".into(), "no".into()));
}

#[test]
fn a_reload_resolves_every_name_anew() {
    let dns = NameServer::start();
    let first = Backend::echoing();
    let second = beside(&first, "127.0.0.2");
    dns.set("users.test", 3600, Answer::addresses(&["127.0.0.1"]));
    let configuration = configuration(&dns, &format!("users.test:{}", first.address().port()));
    let gateway = Gateway::start(&configuration.replace("refresh: 30ms", "refresh: 1h"));
    assert_eq!(endpoints(&gateway), [first.address().to_string()]);
    dns.set("users.test", 3600, Answer::addresses(&["127.0.0.2"]));
    assert_eq!(gateway.reload().status, 200);
    await_endpoints(&gateway, &[second.address()]);
}

#[test]
fn a_reload_ends_what_watches_names_and_heeds_other_servers() {
    let (old, new) = (NameServer::start(), NameServer::start());
    let backend = Backend::echoing();
    let port = backend.address().port();
    for dns in [&old, &new] {
        dns.set("users.test", 60, Answer::addresses(&["127.0.0.1"]));
        dns.set("orders.test", 60, Answer::addresses(&["127.0.0.1"]));
    }
    let folder = Folder::new();
    let write = |dns: &NameServer, names: &[&str]| {
        let backends: Vec<String> = names.iter().map(|name| format!("{name}: {name}.test:{port}")).collect();
        let routes: Vec<String> =
            names.iter().map(|name| format!("{{path: /{name}, backend: {name}}}")).collect();
        let text = configuration(dns, "x")
            .replace("{users: \"x\"}", &format!("{{{}}}", backends.join(", ")))
            .replace("everything.thrift", data("everything.thrift").to_str().expect("a path in UTF-8"));
        let text = format!("{text}routes: [{}]\nreload: {{watch: false}}\n", routes.join(", "));
        folder.write("gateway.yaml", &text)
    };
    let gateway = Gateway::by_file(&write(&old, &["users", "orders"]));
    for name in ["users.test", "orders.test"] {
        await_questions(&old, name);
    }
    write(&new, &["orders"]);
    assert_eq!(gateway.reload().status, 200);
    await_questions(&new, "orders.test");
    let others = || (old.questions(), new.asked("users.test"));
    let before = others();
    await_questions(&new, "orders.test");
    assert_eq!(others(), before);
    write(&new, &["orders", "users"]);
    assert_eq!(gateway.reload().status, 200);
    let reply = gateway.post("/users", r#"{"method":"echoI32","arguments":{"value":4}}"#);
    assert_eq!(reply.success(), 4, "a new name is known when the reload takes effect");
}
