//! What a translation holds at most: 4 × (input + output) + 64 KiB, whatever the input. What is refused has no
//! output, wherever the fault is.

use proptest::prelude::*;
use serde_json::json;
use thriftgate_metadata::{FunctionId, Schema};
use thriftgate_protocols::framing::{Framing, FramingLimits, Transport};
use thriftgate_protocols::json::{self, CallError, Expected, Target, Translation};
use thriftgate_protocols::message::read_header;
use thriftgate_protocols::style::{Limits, Style};
use thriftgate_protocols::transcode::{Source, Transcoding};
use thriftgate_protocols::wire::{MessageHeader, MessageKind, Protocol};
use thriftgate_tests::allocator::most_held;

use crate::random::{sample, schema};

const PROTOCOLS: [Protocol; 3] = [Protocol::Binary, Protocol::Compact, Protocol::Json];

#[track_caller]
fn assert_bounded(what: &str, held: usize, input: usize, output: usize) {
    let bound = 4 * (input + output) + 64 * 1024;
    assert!(held <= bound, "{what}: {held} bytes held for {input} in and {output} out; {bound} are allowed");
}

fn translation(schema: &Schema) -> Translation<'_> {
    Translation { schema, style: Style::default(), limits: Limits { depth: 64, output: 64 << 20 } }
}

/// Translates arguments to a message, which is empty where they are refused.
fn to_thrift(
    schema: &Schema,
    function: FunctionId,
    protocol: Protocol,
    arguments: &[u8],
) -> (Vec<u8>, usize) {
    let target = Target {
        function,
        dialect: protocol.into(),
        name: "echo".into(),
        sequence_id: 7,
        style: Style::default(),
        injected: None,
    };
    most_held(|| {
        let mut bytes = Vec::new();
        if let Ok(text) = json::text(arguments) {
            let _refused = json::arguments(text, &translation(schema), &target, &mut bytes);
        }
        bytes
    })
}

fn from_thrift(
    schema: &Schema,
    function: FunctionId,
    protocol: Protocol,
    message: &[u8],
) -> (Vec<u8>, usize) {
    let expected =
        Expected { function, dialect: protocol.into(), name: "echo", sequence_id: 7, method: "echo" };
    most_held(|| {
        let mut text = Vec::new();
        let _refused = json::reply(message, &translation(schema), &expected, &mut text);
        text
    })
}

fn transcode(
    schema: &Schema,
    function: FunctionId,
    (from, message): (Protocol, &[u8]),
    to: Protocol,
) -> (Vec<u8>, usize) {
    let transcoding = Transcoding { schema, limits: Limits { depth: 64, output: 64 << 20 } };
    let header = MessageHeader { name: "echo".into(), kind: MessageKind::Reply, sequence_id: 7 };
    most_held(|| {
        let mut bytes = Vec::new();
        let source = Source { dialect: from.into(), bytes: message };
        let _refused = transcoding.message(schema[function].result, source, to.into(), &header, &mut bytes);
        bytes
    })
}

/// The reply that echoes a message of arguments: the success has id 0 where the argument had 1.
fn as_reply(protocol: Protocol, call: &[u8]) -> Vec<u8> {
    let mut reply = call.to_vec();
    match protocol {
        Protocol::Binary => {
            reply[3] = 2;
            let header = 4 + 4 + "echo".len() + 4;
            reply[header + 2] = 0;
        }
        Protocol::Compact => {
            reply[1] = (reply[1] & 0x1f) | (2 << 5);
            let header = 2 + 1 + 1 + "echo".len();
            // The id 1 is a step in the type's byte; 0 is told at length.
            reply[header] &= 0x0f;
            reply.insert(header + 1, 0);
        }
        Protocol::Json => {
            let text = String::from_utf8(reply).expect("text");
            reply = text.replacen("[1,\"echo\",1,7,{\"1\":", "[1,\"echo\",2,7,{\"0\":", 1).into_bytes();
        }
    }
    reply
}

const LARGE: usize = 40_000;

fn list(element: &str) -> String {
    format!("[{}{element}]", format!("{element},").repeat(LARGE - 1))
}

fn numbered(item: impl Fn(usize) -> String) -> String {
    (0..LARGE).map(item).collect::<Vec<_>>().join(",")
}

/// The type of the argument, and its JSON: large values, and what means harm.
fn cases() -> Vec<(&'static str, String)> {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(LARGE), close.repeat(LARGE));
    vec![
        ("string", format!("\"{}\"", "x".repeat(4 << 20))),
        ("string", format!("\"{}\"", "\\u0001".repeat(LARGE))),
        ("string", format!("\"{}\"", "\\ud83d\\ude00".repeat(LARGE))),
        ("binary", format!("\"{}\"", "QUJD".repeat(LARGE))),
        ("list<bool>", list("true")),
        ("list<i8>", list("7")),
        ("list<i64>", list("7")),
        ("list<double>", list("0.1")),
        ("list<string>", list("\"\"")),
        ("list<Empty>", list("{}")),
        ("list<Point>", list("{\"x\":1}")),
        ("list<list<i32>>", list("[]")),
        ("list<Defaults>", list("{}")),
        ("set<i32>", format!("[{}]", numbered(|index| index.to_string()))),
        ("set<double>", format!("[{}]", numbered(|index| format!("{index}.5")))),
        ("set<string>", format!("[{}]", numbered(|index| format!("\"{index}\"")))),
        ("set<list<i32>>", format!("[{}]", numbered(|index| format!("[{index}]")))),
        ("set<Point>", format!("[{}]", numbered(|index| format!("{{\"x\":{index}}}")))),
        ("map<string, i32>", format!("{{{}}}", numbered(|index| format!("\"{index}\":1")))),
        ("map<i32, bool>", format!("{{{}}}", numbered(|index| format!("\"{index}\":true")))),
        ("map<list<i32>, i32>", format!("[{}]", numbered(|index| format!("[[{index}],1]")))),
        ("Tree", deep("{\"children\":[", "]}")),
        ("list<i32>", deep("[", "]")),
        ("i32", deep("[", "]")),
        ("i64", "9".repeat(1 << 20)),
        ("double", format!("0.{}1", "0".repeat(1 << 20))),
        ("i32", format!("{}1", " ".repeat(1 << 20))),
        ("Point", format!("{{\"y\":{}}}", list("{\"a\":[1,\"two\"]}"))),
        ("Point", format!("{{{}}}", numbered(|index| format!("\"k{index}\":1")))),
        ("Point", format!("{{\"x\":1{}}}", ",\"x\":1".repeat(LARGE))),
        ("list<string>", format!("{},7]", list("\"xx\"").trim_end_matches(']'))),
        ("list<string>", list("7")),
        ("string", format!("\"{}", "x".repeat(1 << 20))),
        ("uuid", format!("\"{}\"", "0".repeat(1 << 20))),
    ]
}

const TYPES: &str = "
struct Empty {}
struct Point { 1: optional i32 x }
struct Tree { 1: optional list<Tree> children }
struct Defaults { 1: string text = \"a text of thirty characters xx\" 2: i64 number = 7 }
";

// Cases 2, 14, 15 and 17.
#[test]
fn large_and_hostile_arguments() {
    for (ty, value) in cases() {
        let (schema, function) = schema(&format!("{TYPES} service S {{ {ty} echo(1: {ty} value) }}"));
        let arguments = format!("{{\"value\":{value}}}");
        for protocol in PROTOCOLS {
            let what = format!("{ty} {}… {protocol:?}", value.chars().take(20).collect::<String>());
            let (call, held) = to_thrift(&schema, function, protocol, arguments.as_bytes());
            assert_bounded(&what, held, arguments.len(), call.len());
            if call.is_empty() {
                continue;
            }
            let reply = as_reply(protocol, &call);
            let (text, held) = from_thrift(&schema, function, protocol, &reply);
            assert!(!text.is_empty(), "{what} does not come back");
            assert_bounded(&format!("back from {what}"), held, reply.len(), text.len());
            for to in PROTOCOLS {
                let (bytes, held) = transcode(&schema, function, (protocol, &reply), to);
                assert!(!bytes.is_empty(), "{what} cannot be written as {to:?}");
                assert_bounded(&format!("{what} to {to:?}"), held, reply.len(), bytes.len());
            }
        }
    }
}

/// A type of which little input makes much output.
const WIDE: &str = "
struct Flags { 1: optional bool is_one_flag 2: optional bool is_another_flag 3: optional bool is_a_third_flag }
";

/// Valid values that become longer on one way or another, or hold much beside.
fn expanding() -> Vec<(&'static str, String)> {
    let list = |element: &str| format!("[{}{element}]", format!("{element},").repeat(8000));
    let distinct =
        |count: usize, item: &dyn Fn(usize) -> String| (0..count).map(item).collect::<Vec<_>>().join(",");
    let escaped = format!("\"{}\"", "a\\n".repeat(LARGE));
    let numbers = |count| distinct(count, &|index| format!("\"{index:04}\""));
    let keys = |count| distinct(count, &|index| format!("\"{index:04}\":1"));
    vec![
        ("string", escaped.clone()),
        ("binary", format!("\"{}\"", "QU\\/D".repeat(LARGE))),
        ("list<bool>", list("true")),
        ("list<i64>", list("7")),
        ("list<string>", list("\"\"")),
        ("list<list<i32>>", list("[]")),
        ("list<Point>", list("{\"x\":1}")),
        ("list<Defaults>", list("{}")),
        ("list<Flags>", list("{\"is_another_flag\":true,\"is_one_flag\":false}")),
        ("set<Point>", format!("[{}]", distinct(5000, &|index| format!("{{\"x\":{index}}}")))),
        ("set<i32>", format!("[{}]", distinct(40_000, &|index| index.to_string()))),
        ("map<string, i8>", format!("{{{}}}", distinct(20_000, &|index| format!("\"{index:x}\":1")))),
        ("map<list<i32>, i8>", format!("[{}]", distinct(8000, &|index| format!("[[{index}],1]")))),
        ("set<string>", format!("[{},{escaped}]", distinct(20_000, &|index| format!("\"{index:x}\"")))),
        // The digests of many elements are held beside bytes that are nearly the whole text.
        ("set<binary>", format!("[{},\"{}\"]", numbers(5000), "QU\\/D".repeat(LARGE * 4))),
        ("set<binary>", format!("[{},\"\\/AAA{}\"]", numbers(5000), "QUJD".repeat(LARGE * 4))),
        ("map<binary, i8>", format!("{{{},\"\\/AAA{}\":1}}", keys(5000), "QUJD".repeat(LARGE * 4))),
        ("set<set<i32>>", format!("[{}]", distinct(10_000, &|index| format!("[{index}]")))),
        (
            "set<set<i32>>",
            format!(
                "[{}]",
                distinct(7, &|first| {
                    format!("[{}]", distinct(6000, &|index| (first * 10_000 + index).to_string()))
                })
            ),
        ),
    ]
}

#[test]
fn what_is_refused_at_its_end() {
    for (ty, value) in expanding() {
        check_refusals(&format!("{TYPES}{WIDE}"), ty, &value);
    }
}

/// A struct of very many fields, of which a value has few, inside of itself as deep as may be.
#[test]
fn very_wide_structs() {
    const FIELDS: usize = 30_000;
    const DEPTH: usize = 30;
    let fields: Vec<String> = (1..FIELDS).map(|id| format!("{id}: optional bool f{id}")).collect();
    let wide = format!(
        "struct Wide {{ {} {FIELDS}: optional set<Wide> inner -1: optional map<Wide, bool> keys }}",
        fields.join(" ")
    );
    let nested = |open: &str, close: &str| format!("{}{{}}{}", open.repeat(DEPTH), close.repeat(DEPTH));
    let many: Vec<String> = (1..FIELDS).rev().map(|id| format!("\"f{id}\":true")).collect();
    let values = [
        ("Wide", nested("{\"inner\":[", "]}")),
        ("set<Wide>", format!("[{}]", nested("{\"inner\":[", "]}"))),
        ("Wide", nested("{\"f29999\":true,\"f100\":false,\"keys\":[[", ",true]]}")),
        ("list<Wide>", format!("[{}{{}}]", "{},".repeat(20_000))),
        ("set<Wide>", format!("[{{{}}}]", many.join(","))),
        ("list<Wide>", format!("[{{{}}}]", many.join(","))),
    ];
    for (ty, value) in values {
        check_refusals(&wide, ty, &value);
    }
}

/// What is held of a value, where it is right and where something is wrong at the end of it.
fn check_refusals(types: &str, ty: &str, value: &str) {
    let (schema, function) = schema(&format!("{types} service S {{ {ty} echo(1: {ty} value) }}"));
    let right = format!("{{\"value\":{value}}}");
    let refused = refused_at_their_end(ty, value);
    for protocol in PROTOCOLS {
        let what = format!("{ty} {}… {protocol:?}", value.chars().take(20).collect::<String>());
        for arguments in &refused {
            let (nothing, held) = to_thrift(&schema, function, protocol, arguments.as_bytes());
            assert!(nothing.is_empty(), "{what} is not refused");
            assert_bounded(&what, held, arguments.len(), 0);
        }
        let (call, held) = to_thrift(&schema, function, protocol, right.as_bytes());
        assert!(!call.is_empty(), "{what} is refused");
        assert_bounded(&what, held, right.len(), call.len());
        let reply = as_reply(protocol, &call);
        for message in [&reply[..reply.len() - 1], &[&reply[..], b"x"].concat()] {
            let (nothing, held) = from_thrift(&schema, function, protocol, message);
            assert!(nothing.is_empty(), "the reply of {what} is not refused");
            assert_bounded(&format!("back from {what}"), held, message.len(), 0);
            for to in PROTOCOLS {
                let (nothing, held) = transcode(&schema, function, (protocol, message), to);
                assert!(nothing.is_empty(), "{what} is not refused on its way to {to:?}");
                assert_bounded(&format!("{what} to {to:?}"), held, message.len(), 0);
            }
        }
    }
}

/// Arguments that have this value, and at their end a fault: an argument twice, text behind them, and where
/// the value is a container, a last element that is of another type, or equal to the one before it.
fn refused_at_their_end(ty: &str, value: &str) -> Vec<String> {
    let mut refused = vec![format!("{{\"value\":{value},\"value\":1}}"), format!("{{\"value\":{value}}}x")];
    if let Some(open) = value.strip_suffix([']', '}']).filter(|_| ty.contains('<')) {
        let wrong = if value.ends_with('}') { "\"0\":[[[7]]]" } else { "[[[7]]]" };
        refused.push(format!("{{\"value\":{open},{wrong}{}}}", &value[open.len()..]));
        if let Some((_, last)) = open.rsplit_once(",\"").or_else(|| open.rsplit_once(',')) {
            let quote = if open.contains(",\"") { "\"" } else { "" };
            if ty.starts_with("set<string>") || ty.starts_with("set<i32>") || ty.starts_with("map<string") {
                refused.push(format!("{{\"value\":{open},{quote}{last}{}}}", &value[open.len()..]));
            }
        }
    }
    refused
}

/// A limit on the output that is passed: nothing of it was held.
#[test]
fn a_message_over_its_limit() {
    let (schema, function) =
        schema(&format!("{TYPES} service S {{ list<Defaults> echo(1: list<Defaults> value) }}"));
    let arguments = format!("{{\"value\":{}}}", list("{}"));
    let limits = Limits { depth: 64, output: 1 << 20 };
    let translation = Translation { schema: &schema, style: Style::default(), limits };
    for protocol in PROTOCOLS {
        let target = Target {
            function,
            dialect: protocol.into(),
            name: "echo".into(),
            sequence_id: 7,
            style: Style::default(),
            injected: None,
        };
        let (made, held) = most_held(|| json::arguments(&arguments, &translation, &target, &mut Vec::new()));
        assert_eq!(made, Err(CallError::TooLarge));
        assert_bounded(&format!("{protocol:?}"), held, arguments.len(), 0);
    }
}

/// Everything that reads bytes of a peer, with what it holds.
fn read_all(schema: &Schema, function: FunctionId, bytes: &[u8]) {
    for protocol in PROTOCOLS {
        read_as(schema, function, protocol, bytes);
    }
}

fn read_as(schema: &Schema, function: FunctionId, protocol: Protocol, bytes: &[u8]) {
    let ((), held) = most_held(|| {
        let _refused = read_header(protocol, bytes);
        for transport in [Transport::Framed, Transport::Unframed] {
            let _refused = Framing::new(transport, protocol, FramingLimits::default()).advance(bytes);
        }
    });
    assert_bounded(&format!("framing of {protocol:?}"), held, bytes.len(), 0);
    let (text, held) = from_thrift(schema, function, protocol, bytes);
    assert_bounded(&format!("reply in {protocol:?}"), held, bytes.len(), text.len());
    for to in PROTOCOLS {
        let (out, held) = transcode(schema, function, (protocol, bytes), to);
        assert_bounded(&format!("{protocol:?} to {to:?}"), held, bytes.len(), out.len());
    }
    let (call, held) = to_thrift(schema, function, protocol, bytes);
    assert_bounded(&format!("JSON to {protocol:?}"), held, bytes.len(), call.len());
}

/// What may happen to bytes on their way.
#[derive(Clone, Debug)]
enum Mutation {
    Truncate,
    Flip(u8),
    /// Some bytes in the middle are left out.
    Remove(usize),
    /// Some bytes stand there once more.
    Repeat(usize),
    /// Nothing is as it was from there on.
    Tail(Vec<u8>),
}

impl Mutation {
    fn any() -> impl Strategy<Value = Self> {
        prop_oneof![
            Just(Self::Truncate),
            any::<u8>().prop_map(Self::Flip),
            (1..2000_usize).prop_map(Self::Remove),
            (1..2000_usize).prop_map(Self::Repeat),
            prop::collection::vec(any::<u8>(), 1..200).prop_map(Self::Tail),
        ]
    }

    fn apply(&self, bytes: &mut Vec<u8>, at: usize) {
        let end = |length: &usize| bytes.len().min(at + length);
        match self {
            Self::Truncate => bytes.truncate(at),
            Self::Flip(byte) => bytes[at] ^= byte,
            Self::Remove(length) => drop(bytes.drain(at..end(length))),
            Self::Repeat(length) => {
                let again = bytes[at..end(length)].to_vec();
                bytes.splice(at..at, again);
            }
            Self::Tail(tail) => {
                bytes.truncate(at);
                bytes.extend_from_slice(tail);
            }
        }
    }
}

/// About the length that a large value has.
const LONG: usize = 60_000;

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn large_messages_that_are_damaged(
        sample in sample(), mutation in Mutation::any(), at in prop::sample::Index::arbitrary(), is_late: bool,
    ) {
        let declared = sample.idl.rsplit_once("service").expect("a service").0;
        let ty = sample.idl.rsplit_once("value)").expect("an argument").0.rsplit_once("1: ").expect("its id").1;
        let (schema, function) =
            schema(&format!("{declared} service S {{ list<{ty}> echo(1: list<{ty}> value) }}"));
        let element = sample.value.to_string();
        let count = LONG / element.len() + 1;
        let arguments = format!("{{\"value\":[{}]}}", vec![element; count].join(","));
        // Late is where much was written.
        let place = |length: usize| {
            if is_late { length - 1 - at.index(length.min(200)) } else { at.index(length) }
        };
        for protocol in PROTOCOLS {
            let (call, held) = to_thrift(&schema, function, protocol, arguments.as_bytes());
            assert_bounded("to Thrift", held, arguments.len(), call.len());
            let mut reply = as_reply(protocol, &call);
            let at = place(reply.len());
            mutation.apply(&mut reply, at);
            read_as(&schema, function, protocol, &reply);
            let mut text = arguments.clone().into_bytes();
            let at = place(text.len());
            mutation.apply(&mut text, at);
            let (call, held) = to_thrift(&schema, function, protocol, &text);
            assert_bounded("damaged to Thrift", held, text.len(), call.len());
        }
    }

    #[test]
    fn long_random_bytes(
        sample in sample(), noise in prop::collection::vec(any::<u8>(), 1..4000), count in 1..256_usize,
    ) {
        let (schema, function) = schema(&sample.idl);
        read_all(&schema, function, &noise.repeat(count));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_values(sample in sample()) {
        let (schema, function) = schema(&sample.idl);
        let arguments = json!({"value": sample.value}).to_string();
        for protocol in PROTOCOLS {
            let (call, held) = to_thrift(&schema, function, protocol, arguments.as_bytes());
            assert_bounded("to Thrift", held, arguments.len(), call.len());
            read_all(&schema, function, &as_reply(protocol, &call));
        }
    }

    // Case 16 and all of B: bytes that are anything, or nearly a message, neither panic nor hold much.
    #[test]
    fn random_bytes(
        sample in sample(), noise in prop::collection::vec(any::<u8>(), 0..400), at: prop::sample::Index,
    ) {
        let (schema, function) = schema(&sample.idl);
        read_all(&schema, function, &noise);
        let arguments = json!({"value": sample.value}).to_string();
        for protocol in PROTOCOLS {
            let (call, _) = to_thrift(&schema, function, protocol, arguments.as_bytes());
            let mut message = as_reply(protocol, &call);
            // Some bytes in the middle are others.
            let at = at.index(message.len());
            let end = message.len().min(at + noise.len() % 9);
            message[at..end].copy_from_slice(&noise[..end - at]);
            read_all(&schema, function, &message);
        }
        let mut text = arguments.into_bytes();
        let at = at.index(text.len());
        text[at] = noise.first().copied().unwrap_or(b'"');
        for protocol in PROTOCOLS {
            let (call, held) = to_thrift(&schema, function, protocol, &text);
            assert_bounded("to Thrift", held, text.len(), call.len());
        }
    }
}

#[test]
fn the_allocator_counts() {
    let ((), held) = most_held(|| drop(vec![0_u8; 1 << 20]));
    assert!((1 << 20..2 << 20).contains(&held), "{held}");
    let (kept, held) = most_held(|| vec![0_u8; 1 << 20]);
    assert_eq!((kept.len(), held >= 1 << 20), (1 << 20, true));
}
