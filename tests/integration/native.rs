//! Native clients: Thrift messages over HTTP POST, written and read by Apache's `thrift` crate where it has
//! the protocol, and by hand in TJSON.

use thrift::protocol::{
    TBinaryInputProtocol, TBinaryOutputProtocol, TCompactInputProtocol, TCompactOutputProtocol,
    TFieldIdentifier, TInputProtocol, TMessageIdentifier, TMessageType, TOutputProtocol, TStructIdentifier,
    TType,
};
use thriftgate_tests::Gateway;
use thriftgate_tests::backend::{Backend, Dialect, Step, write_string};
use thriftgate_tests::client::{Reply, exchange};

const BINARY: &str = "application/vnd.apache.thrift.binary";
const COMPACT: &str = "application/vnd.apache.thrift.compact";
const TJSON: &str = "application/vnd.apache.thrift.json";
const X_THRIFT: &str = "application/x-thrift";

#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Wire {
    Binary,
    OldBinary,
    Compact,
    Json,
}

pub(super) const WIRES: [Wire; 4] = [Wire::Binary, Wire::OldBinary, Wire::Compact, Wire::Json];

impl Wire {
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Binary | Self::OldBinary => BINARY,
            Self::Compact => COMPACT,
            Self::Json => TJSON,
        }
    }
}

const JSON_KINDS: [(TMessageType, u8); 4] = [
    (TMessageType::Call, 1),
    (TMessageType::Reply, 2),
    (TMessageType::Exception, 3),
    (TMessageType::OneWay, 4),
];

/// A message whose struct has one string under id 1, or nothing.
pub(super) fn message(
    wire: Wire,
    kind: TMessageType,
    name: &str,
    number: i32,
    text: Option<&str>,
) -> Vec<u8> {
    fn write(
        to: &mut dyn TOutputProtocol,
        id: &TMessageIdentifier,
        text: Option<&str>,
    ) -> thrift::Result<()> {
        to.write_message_begin(id)?;
        to.write_struct_begin(&TStructIdentifier::new("args"))?;
        if let Some(text) = text {
            to.write_field_begin(&TFieldIdentifier::new("value", TType::String, 1))?;
            to.write_string(text)?;
            to.write_field_end()?;
        }
        to.write_field_stop()?;
        to.write_struct_end()?;
        to.write_message_end()
    }
    let id = TMessageIdentifier::new(name, kind, number);
    let mut bytes = Vec::new();
    let written = match wire {
        Wire::Binary => write(&mut TBinaryOutputProtocol::new(&mut bytes, true), &id, text),
        Wire::OldBinary => write(&mut TBinaryOutputProtocol::new(&mut bytes, false), &id, text),
        Wire::Compact => write(&mut TCompactOutputProtocol::new(&mut bytes), &id, text),
        Wire::Json => {
            let kind = JSON_KINDS.iter().find(|(of, _)| *of == kind).map_or(0, |(_, kind)| *kind);
            let body = text.map(|text| format!("\"1\":{{\"str\":{}}}", serde_json::Value::from(text)));
            let body = body.unwrap_or_default();
            bytes = format!("[1,\"{name}\",{kind},{number},{{{body}}}]").into_bytes();
            Ok(())
        }
    };
    written.expect("a vector takes all");
    bytes
}

/// What a client reads of a reply: kind, name, number, and the string and the number that its struct has, by
/// id.
#[derive(PartialEq, Debug)]
pub(super) struct Read {
    pub(super) kind: TMessageType,
    name: String,
    pub(super) number: i32,
    pub(super) strings: Vec<(i16, String)>,
    pub(super) numbers: Vec<(i16, i32)>,
}

pub(super) fn read(wire: Wire, bytes: &[u8]) -> Read {
    fn read(from: &mut dyn TInputProtocol) -> thrift::Result<Read> {
        let id = from.read_message_begin()?;
        let (mut strings, mut numbers) = (Vec::new(), Vec::new());
        from.read_struct_begin()?;
        loop {
            let field = from.read_field_begin()?;
            let id = field.id.unwrap_or_default();
            match field.field_type {
                TType::Stop => break,
                TType::String => strings.push((id, from.read_string()?)),
                TType::I32 => numbers.push((id, from.read_i32()?)),
                ty => from.skip(ty)?,
            }
            from.read_field_end()?;
        }
        from.read_struct_end()?;
        from.read_message_end()?;
        Ok(Read { kind: id.message_type, name: id.name, number: id.sequence_number, strings, numbers })
    }
    let mut rest = bytes;
    let read = match wire {
        Wire::Binary | Wire::OldBinary => read(&mut TBinaryInputProtocol::new(&mut rest, true)),
        Wire::Compact => read(&mut TCompactInputProtocol::new(&mut rest)),
        Wire::Json => return read_json(bytes),
    };
    assert!(rest.is_empty(), "more than a message");
    read.unwrap_or_else(|error| panic!("{error}: {}", bytes.escape_ascii()))
}

fn read_json(bytes: &[u8]) -> Read {
    assert!(!bytes.iter().any(u8::is_ascii_whitespace) || bytes.contains(&b' '), "no layout");
    let json: serde_json::Value = serde_json::from_slice(bytes).expect("JSON");
    assert_eq!(json[0], 1);
    let kind = JSON_KINDS.iter().find(|(_, kind)| json[2] == *kind).expect("a kind").0;
    let (mut strings, mut numbers) = (Vec::new(), Vec::new());
    for (id, value) in json[4].as_object().expect("a struct") {
        let id = id.parse().expect("an id");
        if let Some(text) = value["str"].as_str() {
            strings.push((id, text.to_owned()));
        }
        if let Some(number) = value["i32"].as_i64() {
            numbers.push((id, i32::try_from(number).expect("an i32")));
        }
    }
    let number = json[3].as_i64().and_then(|number| i32::try_from(number).ok()).expect("a sequence id");
    Read { kind, name: json[1].as_str().expect("a name").to_owned(), number, strings, numbers }
}

fn gateway(more: &str) -> (Gateway, Backend) {
    let backend = Backend::start(|call| match call.name.as_str() {
        "notify" => vec![],
        "fail" => vec![Step::Send(call.reply(|writer| {
            writer.field_begin(thriftgate_protocols::wire::WireType::Struct, 1);
            writer.struct_begin();
            write_string(writer, 1, "it");
            writer.struct_end();
            writer.field_end();
        }))],
        "version" => vec![Step::Send(call.exception(6, "SECRET"))],
        "join" => vec![Step::Stall],
        _ => vec![Step::Send(call.echo())],
    });
    let yaml = format!(
        "idl: everything.thrift\nbackends: {{backend: {{address: \"{}\", deadline: 200ms}}}}\n{more}",
        backend.address()
    );
    (Gateway::start(&yaml), backend)
}

/// Posts a message; the answer is 200 in the same content type, with this true status.
#[track_caller]
fn post(gateway: &Gateway, path: &str, content_type: &str, body: &[u8], status: &str) -> Reply {
    let reply = gateway.post_with(path, &[("Content-Type", content_type)], body);
    assert_eq!(reply.status, 200, "{}", reply.body.escape_ascii());
    assert_eq!(reply.header("thrift-status"), Some(status), "{}", reply.body.escape_ascii());
    assert_eq!(reply.header("content-type"), Some(content_type.split(';').next().unwrap_or_default()));
    reply
}

fn call(wire: Wire, name: &str, number: i32) -> Vec<u8> {
    message(wire, TMessageType::Call, name, number, Some("x"))
}

#[test]
fn calls_by_content_type_and_by_their_first_bytes() {
    let (gateway, _backend) = gateway("");
    let numbers = [1, 0, -1, i32::MAX, i32::MIN, 77];
    for (wire, number) in WIRES.into_iter().flat_map(|wire| numbers.map(|number| (wire, number))) {
        for content_type in [wire.content_type(), X_THRIFT] {
            for path in ["/", "/Everything", "/Everything/echoString", "/echoString/"] {
                let body = call(wire, "echoString", number);
                let reply = post(&gateway, path, content_type, &body, "200");
                assert_eq!(reply.header("thrift-outcome"), Some("success"));
                let expected = Read {
                    kind: TMessageType::Reply,
                    name: "echoString".into(),
                    number,
                    strings: vec![(0, "x".into())],
                    numbers: vec![],
                };
                assert_eq!(read(wire, &reply.body), expected, "{wire:?} {content_type} {path}");
            }
        }
    }
    for (wire, protocol) in
        [(Wire::Binary, "TBINARY"), (Wire::Compact, "tcompact"), (Wire::Json, "\"TJSON\"")]
    {
        let content_type = format!("{X_THRIFT}; charset=utf-8; protocol={protocol}");
        let reply = gateway.post_with("/", &[("Content-Type", &content_type)], &call(wire, "echoString", 5));
        assert_eq!(read(wire, &reply.body).strings, [(0, "x".into())], "{protocol}");
        assert_eq!(reply.header("content-type"), Some(wire.content_type()));
    }
}

#[test]
fn multiplexed_names() {
    let (gateway, backend) = gateway("");
    for wire in WIRES {
        let body = message(wire, TMessageType::Call, "Everything:echoString", 9, Some("x"));
        let reply = post(&gateway, "/", X_THRIFT, &body, "200");
        let read_reply = read(wire, &reply.body);
        assert_eq!((read_reply.name.as_str(), read_reply.number), ("echoString", 9));
        let calls = backend.calls();
        for (name, status) in
            [("Nothing:echoString", "404"), ("Everything:nothing", "404"), (":echoString", "404")]
        {
            let body = message(wire, TMessageType::Call, name, 9, Some("x"));
            let reply = post(&gateway, "/", X_THRIFT, &body, status);
            assert_eq!(read(wire, &reply.body).kind, TMessageType::Exception, "{name}");
        }
        let other = message(wire, TMessageType::Call, "Base:echoString", 9, Some("x"));
        post(&gateway, "/Everything", X_THRIFT, &other, "404");
        assert_eq!(backend.calls(), calls);
    }
    // Toward the backend.
    let backend = Backend::speaking(Dialect::default(), |call| {
        vec![Step::Send(call.reply(|writer| write_string(writer, 0, &call.name)))]
    });
    let gateway = Gateway::before("everything.thrift", backend.address(), "multiplexed: true");
    for wire in WIRES {
        let reply = post(&gateway, "/", X_THRIFT, &call(wire, "echoString", 3), "200");
        let got = read(wire, &reply.body);
        assert_eq!(
            (got.name.as_str(), &got.strings[..]),
            ("echoString", &[(0, "Everything:echoString".into())][..])
        );
    }
}

// Cases 24 to 26 at the door.
#[test]
fn refusals_are_exceptions_under_the_callers_number() {
    let (gateway, backend) = gateway("limits: {frame: 4KiB, body: 64KiB}\n");
    for wire in WIRES {
        // Message, path, status, type of the exception, outcome.
        let reply_for_call = message(wire, TMessageType::Reply, "echoString", 8, Some("x"));
        let wrong_type = call(wire, "echoI32", 8);
        let too_large = message(wire, TMessageType::Call, "echoString", 8, Some(&"x".repeat(5000)));
        let cases = [
            (call(wire, "nothing", 8), "/", "404", 1),
            (call(wire, "echoString", 8), "/Everything/answer", "400", 7),
            (reply_for_call, "/", "400", 2),
            (wrong_type, "/", "400", 7),
            (too_large, "/", "413", 7),
            (call(wire, "version", 8), "/", "500", 6),
            (call(wire, "join", 8), "/", "504", 6),
        ];
        for (body, path, status, kind) in cases {
            let reply = post(&gateway, path, wire.content_type(), &body, status);
            assert_eq!(reply.header("thrift-outcome"), Some("exception"));
            let got = read(wire, &reply.body);
            assert_eq!((got.kind, got.number), (TMessageType::Exception, 8), "{wire:?} {path} {status}");
            assert_eq!(got.numbers, [(2, kind)], "{wire:?} {path} {status}");
            let [(1, text)] = &got.strings[..] else { panic!("{got:?}") };
            assert!(!text.is_empty() && !text.contains("SECRET"), "{text}");
        }
        let reply = post(&gateway, "/", wire.content_type(), &call(wire, "fail", 8), "404");
        assert_eq!(reply.header("thrift-outcome"), Some("error"));
        assert_eq!(read(wire, &reply.body).kind, TMessageType::Reply);
        let calls = backend.calls();
        // Bytes left over, or a second message: neither is executed.
        let once = call(wire, "echoString", 8);
        for more in [&b"\0"[..], b"x", &once] {
            let body = [&once, more].concat();
            let reply = post(&gateway, "/", wire.content_type(), &body, "400");
            assert_eq!(read(wire, &reply.body).kind, TMessageType::Exception);
        }
        assert_eq!(backend.calls(), calls);
    }
}

#[test]
fn what_has_no_header_is_answered_by_http() {
    let (gateway, backend) = gateway("limits: {body: 64KiB}\n");
    let whole = call(Wire::Binary, "echoString", 1);
    let framed = [&u32::try_from(whole.len()).expect("short").to_be_bytes()[..], &whole].concat();
    let cases: [(&str, &[u8], u16); 12] = [
        (X_THRIFT, b"", 400),
        (BINARY, b"", 400),
        (TJSON, b"[", 400),
        (TJSON, b"{\"method\":\"answer\"}", 400),
        (BINARY, &whole[..9], 400),
        (BINARY, b"\x80\x02\0\x01\0\0\0\x01m\0\0\0\0\0", 400),
        (COMPACT, &whole, 400),
        (X_THRIFT, &framed, 400),
        (X_THRIFT, b"GET / HTTP/1.1\r\n", 400),
        (X_THRIFT, b"\x16\x03\x01\x02\x00\x01", 400),
        (X_THRIFT, &[b'x'; 70_000], 413),
        ("application/vnd.apache.thrift.header", &whole, 415),
    ];
    for (content_type, body, status) in cases {
        let reply = gateway.post_with("/", &[("Content-Type", content_type)], body);
        assert_eq!(reply.status, status, "{content_type} {}", body[..body.len().min(30)].escape_ascii());
        assert_eq!(reply.exception("executed"), "no");
        assert_eq!(reply.header("content-type"), Some("application/json"));
    }
    assert_eq!(backend.calls(), 0);
}

#[test]
fn oneway_by_the_metadata() {
    let (gateway, backend) = gateway("");
    let mut calls = 0;
    for wire in WIRES {
        // The message type is the client's own affair.
        for kind in [TMessageType::Call, TMessageType::OneWay] {
            let body = message(wire, kind, "notify", 4, Some("event"));
            let reply = post(&gateway, "/", wire.content_type(), &body, "202");
            assert_eq!(reply.body, b"", "{wire:?}");
            let body = message(wire, kind, "echoString", 4, Some("x"));
            let reply = post(&gateway, "/", wire.content_type(), &body, "200");
            assert_eq!(read(wire, &reply.body).strings, [(0, "x".into())]);
            calls += 2;
        }
    }
    thriftgate_tests::eventually("all calls have come", || backend.calls() == calls);
}

#[test]
fn a_first_byte_tells_the_protocol_where_a_route_allows_it() {
    let (gateway, _backend) = gateway("routes: [{path: /plain}, {path: /, legacy_first_byte: true}]\n");
    for (byte, wire) in [(1, Wire::Binary), (1, Wire::OldBinary), (2, Wire::Compact), (3, Wire::Json)] {
        let body = [&[byte][..], &call(wire, "echoString", 6)].concat();
        let reply = gateway.post_with("/", &[("Content-Type", "application/octet-stream")], &body);
        assert_eq!((reply.status, reply.body[0]), (200, byte));
        assert_eq!(read(wire, &reply.body[1..]).strings, [(0, "x".into())]);
        let body = [&[byte][..], &call(wire, "nothing", 6)].concat();
        let reply = gateway.post_with("/", &[], &body);
        assert_eq!((reply.status, reply.body[0]), (200, byte));
        assert_eq!(read(wire, &reply.body[1..]).kind, TMessageType::Exception);
        let reply = gateway.post_with("/plain", &[], &body);
        assert_eq!(reply.failure().0, 415);
    }
    let human = b"\x04{\"method\":\"echoString\",\"arguments\":{\"value\":\"x\"}}";
    let reply = gateway.post_with("/", &[], human);
    assert_eq!(reply.body, b"\x04{\"method\":\"echoString\",\"result\":{\"success\":\"x\"}}");
    let reply = gateway.post_with("/", &[], b"\x04{\"method\":\"nothing\"}");
    assert_eq!((reply.status, reply.body[0]), (404, 4));
    for other in [&b"\x05{}"[..], b"\0", b"", b"{}"] {
        assert_eq!(gateway.post_with("/", &[], other).failure().0, 415);
    }
}

#[test]
fn the_same_limits_and_refusals_as_in_json() {
    let (gateway, backend) = gateway("");
    for wire in WIRES {
        let content_type = wire.content_type();
        let body = call(wire, "echoString", 2);
        let reply = gateway.post_with(
            "/",
            &[("Content-Type", content_type), ("Origin", "http://evil.example")],
            &body,
        );
        // Refused by its header alone, before the message was read.
        assert_eq!(reply.failure().0, 403);
        let headers = [("Content-Type", content_type), ("X-Request-Timeout", "0.02")];
        let reply = gateway.post_with("/", &headers, &call(wire, "join", 2));
        assert_eq!((reply.status, reply.header("thrift-status")), (200, Some("504")));
        let get = format!("GET / HTTP/1.1\r\nHost: gateway\r\nContent-Type: {content_type}\r\n\r\n");
        assert_eq!(exchange(gateway.address(), get.as_bytes()).status, 405);
    }
    assert_eq!(backend.calls(), WIRES.len());
}
