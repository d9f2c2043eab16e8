//! Clients that are slow hold neither a connection to a backend nor the place of a call, and not for ever
//! their own connection.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread::sleep;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};
use thriftgate_tests::backend::{Backend, Step, write_string};
use thriftgate_tests::client::{Connection, post};
use thriftgate_tests::{Gateway, PATIENCE, eventually};

use crate::frames::{DATA, Http2, INITIAL_WINDOW};

const JSON: &[(&str, &str)] = &[("Content-Type", "application/json")];
const LARGE: &str = r#"{"method":"echoString","arguments":{"value":"large"}}"#;
const SMALL: &str = r#"{"method":"echoI32","arguments":{"value":1}}"#;
/// More than the system holds of a connection.
const SIZE: usize = 12 << 20;

/// One call, one connection to the backend, and little time for everything.
fn gateway() -> (Gateway, Backend) {
    let backend = Backend::start(|call| match call.name.as_str() {
        "echoString" => {
            let text = "x".repeat(SIZE);
            vec![Step::Send(call.reply(|writer| write_string(writer, 0, &text)))]
        }
        _ => vec![Step::Send(call.echo())],
    });
    let gateway = Gateway::start(&format!(
        "idl: everything.thrift\nlimits: {{calls: 1, bodies: 16MiB, header_timeout: 400ms, body_timeout: 800ms, reply_timeout: 800ms}}\nbackends: {{b: {{address: \"{}\", max_connections: 1, max_calls: 1}}}}\n",
        backend.address()
    ));
    (gateway, backend)
}

/// A connection on which the system takes little of what comes.
fn narrow(address: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a live socket");
    socket.connect(&address.into()).expect("somebody listens");
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(PATIENCE)).expect("a live socket");
    stream
}

#[track_caller]
fn nobody_is_connected(gateway: &Gateway) {
    eventually("no client is connected", || gateway.metrics().contains("thriftgate_client_connections 1\n"));
}

// Case 41, reading.
#[test]
fn a_reply_that_nobody_takes_holds_no_place() {
    let (gateway, backend) = gateway();
    let mut slow: Vec<TcpStream> = Vec::new();
    for number in 1..=3 {
        let mut stream = narrow(gateway.address());
        stream.write_all(&post("/", JSON, LARGE.as_bytes())).expect("a live socket");
        slow.push(stream);
        eventually("the backend has answered", || backend.calls() == number);
        assert_eq!(gateway.settle().open, 1);
    }
    assert_eq!(gateway.post("/", SMALL).success(), 1);
    nobody_is_connected(&gateway);
    for mut stream in slow {
        let mut got = Vec::new();
        let _reset = stream.read_to_end(&mut got);
        assert!(got.len() < SIZE, "{}", got.len());
    }
    assert_eq!(backend.connections(), 1);
}

// Some progress is not enough, but a client that is merely slow has its reply.
#[test]
fn a_reply_is_taken_at_a_rate() {
    let (gateway, _backend) = gateway();
    let mut drip = narrow(gateway.address());
    drip.write_all(&post("/", JSON, LARGE.as_bytes())).expect("a live socket");
    let began = Instant::now();
    let mut bytes = [0; 50];
    while drip.read_exact(&mut bytes).is_ok() {
        assert!(began.elapsed() < PATIENCE, "it still drips");
        sleep(Duration::from_millis(20));
        if gateway.metrics().contains("thriftgate_client_connections 1\n") {
            break;
        }
    }
    nobody_is_connected(&gateway);
    let mut slow = narrow(gateway.address());
    slow.write_all(&post("/", &[JSON[0], ("Connection", "close")], LARGE.as_bytes())).expect("a live socket");
    let (mut got, mut chunk, began) = (0, vec![0; 1 << 20], Instant::now());
    loop {
        match slow.read(&mut chunk).expect("a reply that goes on") {
            0 => break,
            count => got += count,
        }
        let due = Duration::from_millis(1600).mul_f64(got as f64 / SIZE as f64);
        sleep(due.saturating_sub(began.elapsed()));
    }
    assert!(got > SIZE && began.elapsed() > Duration::from_millis(1500), "{got} {:?}", began.elapsed());
}

// Case 42, the window that stays shut.
#[test]
fn a_window_that_stays_shut_closes_the_connection() {
    for window in [0, 1] {
        let (gateway, backend) = gateway();
        let mut client = Http2::open(gateway.address(), &[(INITIAL_WINDOW, window)]);
        for stream in [1, 3] {
            client.post(stream, SMALL);
            eventually("the backend has answered", || backend.calls() == (stream as usize).div_ceil(2));
            gateway.settle();
        }
        assert_eq!(gateway.post("/", SMALL).success(), 1);
        let mut got = 0;
        while let Some(frame) = client.next() {
            got += usize::from(frame.kind == DATA) * frame.payload.len();
        }
        assert_eq!(got, 2 * window as usize);
        nobody_is_connected(&gateway);
    }
}

// Case 41, bodies: they hold no place, and give back what was held of them.
#[test]
fn half_bodies_hold_no_place() {
    let (gateway, backend) = gateway();
    let whole = post("/", JSON, &vec![b' '; 4 << 20]);
    let mut slow: Vec<Connection> = (0..3).map(|_| Connection::open(gateway.address())).collect();
    for connection in &mut slow {
        connection.send(&whole[..whole.len() - 1]);
    }
    let mut http2 = Http2::open(gateway.address(), &[]);
    assert!(http2.head(1) && http2.send(DATA, 0, 1, b"{"));
    assert_eq!(gateway.post("/", SMALL).success(), 1);
    for connection in &mut slow {
        assert_eq!(connection.reply().failure(), (408, "REQUEST_TIMEOUT".to_owned(), "no".to_owned()));
    }
    assert!(http2.reply(1).expect("an answer").contains("REQUEST_TIMEOUT"));
    // What they held of all bodies together is free again.
    for _ in 0..3 {
        let reply = gateway.post_with("/", JSON, &[&vec![b' '; 14 << 20], SMALL.as_bytes()].concat());
        assert_eq!(reply.success(), 1);
    }
    assert_eq!(backend.connections(), 1);
}
