//! All doors at once: every language of a body, over every form of HTTP, to one backend.

use std::thread;

use reqwest::{Client, Version};
use serde_json::json;
use thrift::protocol::TMessageType;
use thriftgate_tests::Gateway;
use thriftgate_tests::backend::Backend;
use thriftgate_tests::client::{Connection, post};

use super::native::{WIRES, Wire, message, read};

/// A way to call `echoString`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Door {
    /// Human-readable JSON that names the method
    Envelope,
    /// Human-readable JSON below the method's URL
    Url,
    /// A message under the content type of its protocol
    Native(Wire),
    /// A message that is known by its first bytes
    Sniffed(Wire),
}

/// Every door.
pub(super) fn doors() -> Vec<Door> {
    let native = WIRES.into_iter().flat_map(|wire| [Door::Native(wire), Door::Sniffed(wire)]);
    [Door::Envelope, Door::Url].into_iter().chain(native).collect()
}

impl Door {
    pub(super) fn path(self) -> &'static str {
        if let Self::Url = self { "/Everything/echoString" } else { "/" }
    }

    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Envelope | Self::Url => "application/json",
            Self::Native(wire) => wire.content_type(),
            Self::Sniffed(_) => "application/x-thrift",
        }
    }

    pub(super) fn body(self, token: &str, number: i32) -> Vec<u8> {
        match self {
            Self::Envelope => {
                json!({"method": "echoString", "arguments": {"value": token}}).to_string().into_bytes()
            }
            Self::Url => json!({"value": token}).to_string().into_bytes(),
            Self::Native(wire) | Self::Sniffed(wire) => {
                message(wire, TMessageType::Call, "echoString", number, Some(token))
            }
        }
    }

    /// Checks that a reply is the one to the call with this token and number.
    #[track_caller]
    pub(super) fn check(self, body: &[u8], token: &str, number: i32) {
        match self {
            Self::Envelope | Self::Url => {
                let reply: serde_json::Value = serde_json::from_slice(body).expect("JSON");
                assert_eq!(reply, json!({"method": "echoString", "result": {"success": token}}), "{self:?}");
            }
            Self::Native(wire) | Self::Sniffed(wire) => {
                let reply = read(wire, body);
                assert_eq!((reply.kind, reply.number), (TMessageType::Reply, number), "{self:?}");
                assert_eq!(reply.strings, [(0, token.to_owned())], "{self:?}");
            }
        }
    }
}

fn gateway() -> (Gateway, Backend) {
    let backend = Backend::echoing();
    let gateway = Gateway::before("everything.thrift", backend.address(), "max_connections: 4");
    (gateway, backend)
}

/// Ten thousand callers' tokens, over few connections to the backend: none reaches another caller (50).
#[test]
fn each_caller_gets_its_own_token() {
    const THREADS: usize = 16;
    const CALLS: usize = 625;
    let (gateway, backend) = gateway();
    let doors = doors();
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (doors, address) = (&doors, gateway.address());
            scope.spawn(move || {
                let mut connection = Connection::open(address);
                for call in 0..CALLS {
                    let door = doors[(thread + call) % doors.len()];
                    let (token, number) = (format!("{thread}/{call}"), (thread * CALLS + call) as i32);
                    let headers = [("Content-Type", door.content_type())];
                    connection.send(&post(door.path(), &headers, &door.body(&token, number)));
                    let reply = connection.reply();
                    assert_eq!(reply.status, 200, "{door:?}");
                    door.check(&reply.body, &token, number);
                }
            });
        }
    });
    assert_eq!(backend.calls(), THREADS * CALLS);
    assert!(backend.connections() <= 4, "{} connections", backend.connections());
}

#[test]
fn chunked_bodies() {
    let (gateway, _backend) = gateway();
    let mut connection = Connection::open(gateway.address());
    for (number, door) in doors().into_iter().enumerate() {
        let body = door.body("in pieces", number as i32);
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: gateway\r\nContent-Type: {}\r\nTransfer-Encoding: chunked\r\n\r\n",
            door.path(),
            door.content_type()
        );
        connection.send(head.as_bytes());
        for piece in body.chunks(7) {
            let mut chunk = format!("{:x}\r\n", piece.len()).into_bytes();
            chunk.extend_from_slice(piece);
            chunk.extend_from_slice(b"\r\n");
            connection.send(&chunk);
        }
        connection.send(b"0\r\n\r\n");
        door.check(&connection.reply().body, "in pieces", number as i32);
    }
}

#[test]
fn bodies_that_wait_to_be_asked_for() {
    let (gateway, _backend) = gateway();
    let mut connection = Connection::open(gateway.address());
    for (number, door) in doors().into_iter().enumerate() {
        let headers = [("Content-Type", door.content_type()), ("Expect", "100-continue")];
        let request = post(door.path(), &headers, &door.body("asked for", number as i32));
        let end = request.windows(4).position(|window| window == b"\r\n\r\n").expect("a header's end") + 4;
        connection.send(&request[..end]);
        assert!(connection.continues(), "{door:?}");
        connection.send(&request[end..]);
        door.check(&connection.reply().body, "asked for", number as i32);
    }
}

/// Many calls at once on one HTTP/2 connection, with prior knowledge.
#[test]
fn http_2() {
    let (gateway, _backend) = gateway();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let client = Client::builder().no_proxy().http2_prior_knowledge().build().expect("a client");
    runtime.block_on(async {
        let mut calls = tokio::task::JoinSet::new();
        for number in 0..200 {
            let (client, address) = (client.clone(), gateway.address());
            calls.spawn(async move {
                let doors = doors();
                let door = doors[number % doors.len()];
                let (token, number) = (number.to_string(), number as i32);
                let reply = client
                    .post(format!("http://{address}{}", door.path()))
                    .header("Content-Type", door.content_type())
                    .body(door.body(&token, number))
                    .send()
                    .await
                    .expect("a reply");
                assert_eq!(reply.version(), Version::HTTP_2);
                door.check(&reply.bytes().await.expect("a body"), &token, number);
            });
        }
        while let Some(call) = calls.join_next().await {
            call.expect("no call failed");
        }
    });
}
