//! How often callers may call, and how much at once.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use socket2::{Domain, Socket, Type};
use thrift::protocol::TMessageType;
use thriftgate_tests::backend::{Backend, Step};
use thriftgate_tests::client::{Connection, Reply, post};
use thriftgate_tests::{Gateway, eventually};

use super::{Door, Site, entry, key, send};
use crate::native;

/// Two callers of one group, of whom one has two keys, and one caller of another group.
fn site(rest: &str) -> Site {
    let entries = [
        entry("ada", "ada", "partners", ""),
        entry("ada2", "ada", "partners", ""),
        entry("bob", "bob", "partners", ""),
        entry("eve", "eve", "others", ""),
    ];
    Site::new(&entries, rest)
}

/// Calls a method over the route `/` with this key.
fn call(gateway: &Gateway, name: &str, method: &str) -> Reply {
    let body = json!({"service": "Users", "method": method, "arguments": {"value": "x"}}).to_string();
    send(
        gateway,
        &post("/", &[("Content-Type", "application/json"), ("X-API-Key", &key(name))], body.as_bytes()),
    )
}

/// The statuses of so many calls.
fn calls(gateway: &Gateway, name: &str, method: &str, count: usize) -> Vec<u16> {
    (0..count).map(|_| call(gateway, name, method).status).collect()
}

/// The status of the human-readable protocol, by whichever door.
fn told(reply: &Reply) -> String {
    reply.header("thrift-status").map_or(reply.status.to_string(), str::to_owned)
}

/// The item of a structured field: name and parameters.
#[track_caller]
fn item(reply: &Reply, header: &str) -> (String, Vec<(String, u64)>) {
    let value = reply.header(header).unwrap_or_else(|| panic!("{header} of {reply:?}"));
    let mut parts = value.split(';');
    let name = parts.next().and_then(|name| name.strip_prefix('"')?.strip_suffix('"')).expect("a string");
    let parameter = |part: &str| {
        let (name, value) = part.split_once('=').expect("a parameter");
        (name.to_owned(), value.parse().expect("an integer"))
    };
    (name.to_owned(), parts.map(parameter).collect())
}

/// Checks that a call was refused for this rate, and returns the seconds after which it may be made again.
#[track_caller]
fn refused(reply: &Reply, of: &str) -> u64 {
    let after = reply.header("retry-after").and_then(|after| after.parse().ok()).expect("Retry-After");
    let (name, parameters) = item(reply, "ratelimit");
    assert_eq!((&*name, &*parameters), (of, &[("r".to_owned(), 0), ("t".to_owned(), after)][..]));
    assert_eq!(item(reply, "ratelimit-policy").0, of);
    after
}

#[test]
fn each_caller_has_its_rate_over_every_door() {
    let site = site("groups: {partners: {caller: {rate: {requests: 1, per: 1h, burst: 3}}}, others: {}}\n");
    let gateway = site.gateway();
    for (left, name) in [(2, "ada"), (1, "ada2"), (0, "ada")] {
        let reply = call(&gateway, name, "get");
        assert_eq!(reply.success(), "x");
        let (name, parameters) = item(&reply, "ratelimit");
        assert_eq!((&*name, &parameters[0]), ("caller", &("r".to_owned(), left)));
        assert_eq!(parameters[1], ("t".to_owned(), 3600 * (3 - left)));
        assert_eq!(reply.header("ratelimit-policy"), Some("\"caller\";q=1;w=3600"));
        assert_eq!(reply.header("retry-after"), None);
    }
    for door in Door::all("Users", "getAll") {
        let reply = send(&gateway, &door.request(&[("X-API-Key", &key("ada"))]));
        assert!((3500..=3600).contains(&refused(&reply, "caller")), "{door:?}");
        match door.wire() {
            Some(wire) => {
                assert_eq!((reply.status, reply.header("thrift-status")), (200, Some("429")), "{door:?}");
                let read = native::read(wire, &reply.body);
                assert_eq!((read.kind, &*read.numbers), (TMessageType::Exception, &[(2, 6)][..]), "{door:?}");
            }
            None => {
                assert_eq!(reply.failure(), (429, "RATE_LIMITED".into(), "no".into()), "{door:?}");
                assert_eq!((reply.exception("type"), reply.exception("retryable")), (json!(6), json!(true)));
            }
        }
    }
    assert_eq!(site.backend.calls(), 3, "nothing that is refused reaches the backend");
    assert_eq!(calls(&gateway, "bob", "get", 4), [200, 200, 200, 429]);
    let free = call(&gateway, "eve", "get");
    assert_eq!((free.status, free.header("ratelimit"), free.header("ratelimit-policy")), (200, None, None));
    assert!(gateway.metrics().contains("RATE_LIMITED"));
}

#[test]
fn the_rate_comes_back() {
    let site = site("groups: {partners: {caller: {rate: {requests: 2, per: 1s, burst: 1}}}, others: {}}\n");
    let gateway = site.gateway();
    let first = Instant::now();
    assert_eq!(call(&gateway, "ada", "get").status, 200);
    let second = call(&gateway, "ada", "get");
    assert!(second.status == 429 || first.elapsed() >= Duration::from_millis(500), "{second:?}");
    if second.status == 429 {
        assert_eq!(refused(&second, "caller"), 1);
        assert_eq!(second.header("ratelimit-policy"), Some("\"caller\";q=2;w=1"));
    }
    eventually("a call is allowed again", || call(&gateway, "ada", "get").status == 200);
    assert!(first.elapsed() >= Duration::from_millis(500));
}

#[test]
fn methods_have_rates_by_the_most_specific_pattern() {
    let site = site(
        "groups: {partners: {methods: {\"get*\": {rate: {requests: 1, per: 1h}}, \
         Users.getAll: {rate: {requests: 2, per: 1h}}}}, others: {}}\n",
    );
    let gateway = site.gateway();
    assert_eq!(calls(&gateway, "ada", "get", 2), [200, 429]);
    assert_eq!(calls(&gateway, "ada", "getAll", 3), [200, 200, 429]);
    refused(&call(&gateway, "ada", "get"), "method");
    assert_eq!(
        call(&gateway, "ada", "get").exception("message"),
        "Over the rate limit of the method: 1 in 1h"
    );
    assert_eq!(calls(&gateway, "ada", "remove", 3), [200; 3], "a method without one");
    assert_eq!(calls(&gateway, "bob", "get", 2), [200, 429], "each caller has its own");
    for door in Door::all("Users", "get") {
        let reply = send(&gateway, &door.request(&[("X-API-Key", &key("ada"))]));
        match &*told(&reply) {
            "429" => assert!(refused(&reply, "method") > 3500),
            // Of two services that have the method none is called, and a path of one name is that of a service.
            status => assert!(
                matches!(status, "400" | "404") && reply.header("ratelimit").is_none(),
                "{door:?} {reply:?}"
            ),
        }
    }
}

#[test]
fn a_caller_over_its_own_rate_takes_nothing_of_its_group() {
    let site = site(
        "groups: {partners: {rate: {requests: 1, per: 1h, burst: 5}, \
         caller: {rate: {requests: 1, per: 1h, burst: 3}}, \
         methods: {getAll: {rate: {requests: 1, per: 1h}}}}, others: {}}\n",
    );
    let gateway = site.gateway();
    assert_eq!(calls(&gateway, "ada", "getAll", 2), [200, 429]);
    assert_eq!(calls(&gateway, "ada", "get", 9), [[200].as_slice(), &[429; 8]].concat());
    let reply = call(&gateway, "bob", "get");
    assert_eq!(
        (reply.status, item(&reply, "ratelimit").0),
        (200, "group".into()),
        "bob has 2 left, as the group"
    );
    assert_eq!(calls(&gateway, "bob", "get", 1), [200]);
    assert_eq!(calls(&gateway, "bob", "get", 1), [200]);
    let site = self::site("groups: {partners: {rate: {requests: 1, per: 1h, burst: 2}}, others: {}}\n");
    let gateway = site.gateway();
    assert_eq!(calls(&gateway, "ada", "get", 1), [200]);
    assert_eq!(calls(&gateway, "bob", "get", 2), [200, 429]);
    refused(&call(&gateway, "ada", "get"), "group");
    assert_eq!(calls(&gateway, "eve", "get", 3), [200; 3]);
}

#[test]
fn addresses_have_a_rate_before_credentials_are_looked_at() {
    let site = site(
        "limits: {address_rate: {requests: 1, per: 1h, burst: 3}}\ngroups: {partners: {}, others: {}}\n",
    );
    let gateway = site.gateway();
    assert_eq!(calls(&gateway, "guess", "get", 2), [401, 401]);
    let last = call(&gateway, "ada", "get");
    assert_eq!((last.status, item(&last, "ratelimit").1[0].1), (200, 0));
    for door in Door::all("Users", "get") {
        let reply = send(&gateway, &door.request(&[("X-API-Key", &key("ada"))]));
        refused(&reply, "address");
        assert_eq!(told(&reply), "429", "{door:?}");
    }
    assert_eq!(site.backend.calls(), 1);
    let mut unsent = Connection::open(gateway.address());
    unsent.send(
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n",
    );
    refused(&unsent.reply(), "address");
    let mut other = from([127, 0, 0, 2], gateway.address());
    other.send(&post(
        "/Users/get",
        &[("X-API-Key", &key("ada")), ("Content-Type", "application/json")],
        b"{}",
    ));
    assert_eq!(item(&other.reply(), "ratelimit").1[0].1, 2, "another address has its own");
}

/// A connection from this address.
fn from(address: [u8; 4], to: SocketAddr) -> Connection {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    socket.bind(&SocketAddr::from((address, 0)).into()).expect("an address of this machine");
    socket.connect(&to.into()).expect("somebody listens");
    Connection::over(socket.into())
}

#[test]
fn a_reload_keeps_what_is_used_of_a_rate_that_stays() {
    let groups = |burst: u32, other: u32| {
        format!(
            "groups: {{partners: {{caller: {{rate: {{requests: 1, per: 1h, burst: {burst}}}}}}}, \
             others: {{caller: {{rate: {{requests: 1, per: 1h, burst: {other}}}}}}}}}\n"
        )
    };
    let site = site(&groups(2, 1));
    let gateway = site.gateway();
    assert_eq!(calls(&gateway, "ada", "get", 3), [200, 200, 429]);
    assert_eq!(calls(&gateway, "eve", "get", 2), [200, 429]);
    site.configure(&groups(2, 3));
    assert_eq!(gateway.reload().status, 200);
    assert_eq!(calls(&gateway, "ada", "get", 1), [429]);
    assert_eq!(calls(&gateway, "eve", "get", 4), [200, 200, 200, 429]);
}

#[test]
fn a_caller_has_so_many_calls_under_way() {
    let rest = "groups: {partners: {caller: {calls: 2}}, others: {}}\n";
    let mut site = site(rest);
    let released = Arc::new(AtomicBool::new(false));
    let held = released.clone();
    site.backend = Backend::start(move |call| {
        while !held.load(Ordering::Acquire) {
            thread::sleep(Duration::from_millis(1));
        }
        vec![Step::Send(call.echo())]
    });
    site.configure(rest);
    let gateway = site.gateway();
    thread::scope(|scope| {
        let under_way: Vec<_> = ["ada", "ada2", "bob"]
            .map(|name| scope.spawn(|| call(&gateway, name, "get")))
            .into_iter()
            .collect();
        eventually("three calls are under way", || site.backend.calls() == 3);
        for door in Door::all("Users", "get") {
            let reply = send(&gateway, &door.request(&[("X-API-Key", &key("ada"))]));
            assert_eq!((&*told(&reply), reply.header("retry-after")), ("429", Some("1")), "{door:?}");
        }
        let failure = call(&gateway, "ada", "get").failure();
        released.store(true, Ordering::Release);
        assert_eq!(failure, (429, "RATE_LIMITED".into(), "no".into()));
        for call in under_way {
            assert_eq!(call.join().expect("a reply").status, 200);
        }
    });
    assert_eq!(calls(&gateway, "ada", "get", 3), [200; 3]);
}

#[test]
fn browsers_may_read_how_they_stand() {
    let site = site(
        "routes: [{path: /, cors: {origins: [\"https://app.example\"]}}]\n\
         groups: {partners: {caller: {rate: {requests: 1, per: 1h}}}, others: {}}\n",
    );
    let gateway = site.gateway();
    for status in [200, 429] {
        let headers = [
            ("Content-Type", "application/json"),
            ("X-API-Key", &*key("ada")),
            ("Origin", "https://app.example"),
        ];
        let reply = gateway.post_with("/Users/get", &headers, br#"{"value": "x"}"#);
        assert_eq!(reply.status, status);
        let exposed = reply.header("access-control-expose-headers").expect("what a page may read");
        for name in ["Retry-After", "RateLimit", "RateLimit-Policy"] {
            assert!(exposed.split(", ").any(|exposed| exposed == name), "{exposed}");
        }
    }
}

/// A caller at a hundred times its rate. The other calls alone and beside it in turns, so that what else the machine does meets both.
/// The times are compared in a release build; others, which run beside other tests, only have a bound.
#[test]
fn a_loud_caller_leaves_another_alone() {
    const ROUNDS: usize = if cfg!(debug_assertions) { 2 } else { 40 };
    let site = site(
        "groups: {partners: {caller: {rate: {requests: 10, per: 1s, burst: 10}}}, \
         others: {caller: {rate: {requests: 1000, per: 1s, burst: 1000}}}}\n",
    );
    let gateway = site.gateway();
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    let (mut allowed, mut refused, mut took) = (0, 0, Duration::ZERO);
    for _ in 0..ROUNDS {
        alone.extend(whisper(&gateway));
        let ended = AtomicBool::new(false);
        thread::scope(|scope| {
            let began = Instant::now();
            let loud = scope.spawn(|| shout(&gateway, &ended));
            beside.extend(whisper(&gateway));
            ended.store(true, Ordering::Release);
            let (more_allowed, more_refused) = loud.join().expect("the loud caller ends");
            (allowed, refused, took) =
                (allowed + more_allowed, refused + more_refused, took + began.elapsed());
        });
    }
    // While the loud caller is silent its burst comes back.
    let most = ROUNDS as f64 * 11.0 + 10.0 * took.as_secs_f64();
    assert!(allowed as f64 <= most, "{allowed} in {took:?}");
    assert!(refused > allowed, "{refused} refused, {allowed} allowed");
    let (alone, beside) = (p99(alone), p99(beside));
    let bound = if cfg!(debug_assertions) { alone * 4 + Duration::from_secs(1) } else { alone.mul_f64(1.1) };
    assert!(
        beside <= bound + Duration::from_micros(20),
        "p99 {alone:?} alone, {beside:?} beside {refused} refused calls in {took:?}"
    );
}

/// The times of calls of a quiet caller, some 300 a second, none of which is refused.
fn whisper(gateway: &Gateway) -> Vec<Duration> {
    let mut connection = Connection::open(gateway.address());
    let mut call = || {
        thread::sleep(Duration::from_millis(2));
        let began = Instant::now();
        assert_eq!(call_over(&mut connection, gateway, "eve").status, 200);
        began.elapsed()
    };
    (0..200).map(|_| call()).collect()
}

fn p99(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() * 99 / 100]
}

/// Calls a thousand times a second until it is told to end; how many calls were allowed, and how many refused.
fn shout(gateway: &Gateway, ended: &AtomicBool) -> (usize, usize) {
    let mut connection = Connection::open(gateway.address());
    let (mut allowed, mut refused) = (0, 0);
    let began = Instant::now();
    while !ended.load(Ordering::Acquire) {
        match call_over(&mut connection, gateway, "ada").status {
            200 => allowed += 1,
            429 => refused += 1,
            status => panic!("status {status}"),
        }
        let due = Duration::from_millis(allowed + refused);
        thread::sleep(due.saturating_sub(began.elapsed()));
    }
    (allowed as usize, refused as usize)
}

/// Calls over a connection that is kept, or over a new one where that was closed.
fn call_over(connection: &mut Connection, gateway: &Gateway, name: &str) -> Reply {
    let headers = [("Content-Type", "application/json"), ("X-API-Key", &*key(name))];
    let request = post("/Users/get", &headers, br#"{"value": "x"}"#);
    loop {
        connection.send(&request);
        match connection.try_reply() {
            Some(reply) => return reply,
            None => *connection = Connection::open(gateway.address()),
        }
    }
}
