//! Backends that want binary messages without a version, or uuids in the order of old Java.

use serde_json::json;
use thriftgate_protocols::message::read_header;
use thriftgate_protocols::wire::{MessageHeader, MessageKind, Protocol};
use thriftgate_tests::Gateway;
use thriftgate_tests::backend::{Backend, Step};

const UUID: &str = "00112233-4455-6677-8899-aabbccddeeff";
const IN_ORDER: &[u8] = b"\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff";
const EXCHANGED: &[u8] = b"\x88\x99\xaa\xbb\xcc\xdd\xee\xff\x00\x11\x22\x33\x44\x55\x66\x77";

/// A backend that echoes, where the bytes of each call hold `part`, and begin with a version or without.
fn checking(part: &'static [u8], strict: bool) -> Backend {
    Backend::start(move |call| {
        assert_eq!(call.message.starts_with(&[0x80, 1]), strict, "{}", call.message.escape_ascii());
        assert!(call.message.windows(part.len()).any(|window| window == part));
        vec![Step::Send(call.echo())]
    })
}

#[test]
fn human_readable_json() {
    for (settings, part, strict) in [
        ("", IN_ORDER, true),
        ("strict: false", IN_ORDER, false),
        ("legacy_uuid: true", EXCHANGED, true),
        ("legacy_uuid: true, strict: false", EXCHANGED, false),
    ] {
        let backend = checking(part, strict);
        let gateway = Gateway::before("uuid.thrift", backend.address(), settings);
        assert_eq!(gateway.call("echoUuid", json!({"value": UUID})).success(), UUID, "{settings}");
        let labels = json!({UUID: "x"});
        let parcel = json!({"id": UUID, "contents": [UUID], "labels": labels});
        assert_eq!(gateway.call("echoParcel", json!({"value": parcel})).success(), parcel, "{settings}");
    }
}

/// A native client keeps the specified order, whatever the backend's is.
#[test]
fn native_binary() {
    for (settings, part, strict) in
        [("", IN_ORDER, true), ("strict: false", IN_ORDER, false), ("legacy_uuid: true", EXCHANGED, true)]
    {
        let backend = checking(part, strict);
        let gateway = Gateway::before("uuid.thrift", backend.address(), settings);
        let call = [b"\x80\x01\0\x01\0\0\0\x08echoUuid\0\0\0\x05\x10\0\x01", IN_ORDER, b"\0"].concat();
        let reply = gateway.post_with("/", &[("Content-Type", "application/x-thrift")], &call);
        let header = read_header(Protocol::Binary, &reply.body).expect("a message");
        let expected = MessageHeader { name: "echoUuid".into(), kind: MessageKind::Reply, sequence_id: 5 };
        assert_eq!(header, expected, "{settings}");
        assert!(reply.body.ends_with(&[b"\x10\0\0", IN_ORDER, b"\0"].concat()), "{settings}");
    }
}
