//! Messages without a version, and uuids with their halves exchanged.

use std::borrow::Cow;

use thriftgate_metadata::{Builder, Schema};
use thriftgate_protocols::json::{self, Expected, Target, Translation};
use thriftgate_protocols::style::{Limits, Style};
use thriftgate_protocols::transcode::{Source, Transcoding};
use thriftgate_protocols::wire::{Dialect, MessageHeader, MessageKind, Protocol};

const IDL: &str = "
struct Parcel { 1: uuid id, 2: map<uuid, string> labels }
service Tracking { Parcel echo(1: uuid id, 2: list<uuid> all, 3: Parcel parcel) }
";
const UUID: &str = "00112233-4455-6677-8899-aabbccddeeff";
const IN_ORDER: &[u8] = b"\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff";
const EXCHANGED: &[u8] = b"\x88\x99\xaa\xbb\xcc\xdd\xee\xff\x00\x11\x22\x33\x44\x55\x66\x77";

fn schema() -> Schema {
    let mut builder = Builder::new(Vec::new(), |_| Ok(Some(IDL.to_owned())));
    builder.thrift("tracking.thrift");
    builder.finish().expect("the IDL is right").schema
}

/// Every dialect that differs on the wire.
fn dialects() -> Vec<Dialect> {
    let plain = [Protocol::Binary, Protocol::Compact, Protocol::Json].map(Dialect::from);
    let [binary, compact, _] = plain;
    let mut dialects = plain.to_vec();
    dialects.push(Dialect { strict: false, ..binary });
    dialects.push(Dialect { legacy_uuid: true, ..binary });
    dialects.push(Dialect { strict: false, legacy_uuid: true, ..binary });
    dialects.push(Dialect { legacy_uuid: true, ..compact });
    dialects
}

/// The call with [`UUID`] in every place, in TJSON.
fn in_json() -> String {
    let parcel = format!(r#"{{"1":{{"uid":"{UUID}"}},"2":{{"map":["uid","str",1,{{"{UUID}":"x"}}]}}}}"#);
    let arguments =
        format!(r#"{{"1":{{"uid":"{UUID}"}},"2":{{"lst":["uid",1,"{UUID}"]}},"3":{{"rec":{parcel}}}}}"#);
    format!(r#"[1,"echo",1,7,{arguments}]"#)
}

fn count(bytes: &[u8], part: &[u8]) -> usize {
    bytes.windows(part.len()).filter(|window| *window == part).count()
}

#[test]
fn every_dialect_to_every_other() {
    let schema = schema();
    let (_, function) = schema.functions().next().expect("a method");
    let limits = Limits { depth: 16, output: 1 << 16 };
    let header = MessageHeader { name: "echo".into(), kind: MessageKind::Call, sequence_id: 7 };
    let transcode = |dialect: Dialect, bytes: &[u8], to: Dialect| {
        let mut output = Vec::new();
        Transcoding { schema: &schema, limits }
            .message(function.arguments, Source { dialect, bytes }, to, &header, &mut output)
            .unwrap_or_else(|error| panic!("{dialect:?} to {to:?}: {error}"));
        output
    };
    let text = in_json();
    let messages: Vec<(Dialect, Vec<u8>)> = dialects()
        .into_iter()
        .map(|to| (to, transcode(Protocol::Json.into(), text.as_bytes(), to)))
        .collect();
    for (from, message) in &messages {
        let in_order = match (from.protocol, from.legacy_uuid) {
            (Protocol::Json, _) => (0, 0),
            (_, false) => (4, 0),
            (_, true) => (0, 4),
        };
        assert_eq!((count(message, IN_ORDER), count(message, EXCHANGED)), in_order, "{from:?}");
        if from.protocol == Protocol::Binary {
            let begin: &[u8] = if from.strict {
                b"\x80\x01\0\x01\0\0\0\x04echo\0\0\0\x07"
            } else {
                b"\0\0\0\x04echo\x01\0\0\0\x07"
            };
            assert!(message.starts_with(begin), "{from:?}: {}", message.escape_ascii());
        }
        for (to, expected) in &messages {
            assert_eq!(&transcode(*from, message, *to), expected, "{from:?} to {to:?}");
        }
    }
}

#[test]
fn every_dialect_and_human_readable_json() {
    let schema = schema();
    let (function, _) = schema.functions().next().expect("a method");
    let limits = Limits { depth: 16, output: 1 << 16 };
    let translation = Translation { schema: &schema, style: Style::default(), limits };
    let parcel = format!(r#"{{"id":"{UUID}","labels":{{"{UUID}":"x"}}}}"#);
    let arguments = format!(r#"{{"id":"{UUID}","all":["{UUID}"],"parcel":{parcel}}}"#);
    for dialect in dialects() {
        let target = Target {
            function,
            dialect,
            name: Cow::Borrowed("echo"),
            sequence_id: 7,
            style: Style::default(),
            injected: None,
        };
        let mut message = Vec::new();
        let text = json::text(arguments.as_bytes()).expect("UTF-8");
        json::arguments(text, &translation, &target, &mut message).expect("arguments of the method");
        let uuids = (count(&message, IN_ORDER), count(&message, EXCHANGED));
        let expected = match (dialect.protocol, dialect.legacy_uuid) {
            (Protocol::Json, _) => (0, 0),
            (_, false) => (4, 0),
            (_, true) => (0, 4),
        };
        assert_eq!(uuids, expected, "{dialect:?}");

        let result = Transcoding { schema: &schema, limits };
        let reply = format!(
            r#"[1,"echo",2,7,{{"0":{{"rec":{{"1":{{"uid":"{UUID}"}},"2":{{"map":["uid","str",1,{{"{UUID}":"x"}}]}}}}}}}}]"#
        );
        let header = MessageHeader { name: "echo".into(), kind: MessageKind::Reply, sequence_id: 7 };
        let source = Source { dialect: Protocol::Json.into(), bytes: reply.as_bytes() };
        let mut message = Vec::new();
        result
            .message(schema[function].result, source, dialect, &header, &mut message)
            .expect("a result of the method");
        let expected = Expected { function, dialect, name: "echo", sequence_id: 7, method: "echo" };
        let mut text = Vec::new();
        json::reply(&message, &translation, &expected, &mut text).expect("a reply");
        let text = String::from_utf8(text).expect("text");
        assert_eq!(text, format!(r#"{{"method":"echo","result":{{"success":{parcel}}}}}"#), "{dialect:?}");
    }
}
