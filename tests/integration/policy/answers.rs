//! What callers are answered who are known, and who are not, by each door.

use thrift::protocol::TMessageType;
use thriftgate_tests::Gateway;
use thriftgate_tests::client::{Reply, exchange, post};

use crate::doors::Door;
use crate::native::read;

/// Calls by this door with these headers, and checks that the call is answered.
#[track_caller]
pub(super) fn opens(gateway: &Gateway, door: Door, headers: &[(&str, &str)]) {
    let reply = call(gateway, door, headers);
    assert_eq!(reply.status, 200, "{door:?}: {}", reply.body.escape_ascii());
    door.check(&reply.body, "x", 5);
}

/// Calls by this door with these headers, and checks that the credentials are refused.
#[track_caller]
pub(super) fn refused(gateway: &Gateway, door: Door, headers: &[(&str, &str)], what: &str) {
    let reply = call(gateway, door, headers);
    let status = reply.header("thrift-status").map(str::to_owned);
    check_refusal(
        door,
        (reply.status, status.as_deref()),
        &reply.body,
        "The credentials are not valid",
        what,
    );
}

/// Checks that a reply refuses its caller with this message.
#[track_caller]
pub(super) fn check_refusal(door: Door, status: (u16, Option<&str>), body: &[u8], message: &str, what: &str) {
    match door {
        Door::Envelope | Door::Url => {
            assert_eq!(status.0, 401, "{what}, {door:?}: {}", body.escape_ascii());
            let body: serde_json::Value = serde_json::from_slice(body).expect("JSON");
            assert_eq!(body["exception"]["code"], "UNAUTHENTICATED", "{what}, {door:?}");
            assert_eq!(body["exception"]["message"], message, "{what}, {door:?}");
        }
        Door::Native(wire) | Door::Sniffed(wire) => {
            assert_eq!(status, (200, Some("401")), "{what}, {door:?}: {}", body.escape_ascii());
            let reply = read(wire, body);
            assert_eq!((reply.kind, reply.number), (TMessageType::Exception, 5), "{what}, {door:?}");
            assert_eq!(reply.strings[0].1, message, "{what}, {door:?}");
        }
    }
}

fn call(gateway: &Gateway, door: Door, headers: &[(&str, &str)]) -> Reply {
    let mut all = vec![("Content-Type", door.content_type())];
    all.extend(headers);
    exchange(gateway.address(), &post(door.path(), &all, &door.body("x", 5)))
}
