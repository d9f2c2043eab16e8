//! What is around the arguments and the result: envelopes, limits, faults in number, and what is checked of
//! a reply's header.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use thriftgate_metadata::Schema;
use thriftgate_protocols::json::{
    self, CallError, ExceptionReply, Expected, FaultKind, Outcome, ReplyError, Selector, Target, Translation,
};
use thriftgate_protocols::message::ApplicationException;
use thriftgate_protocols::style::{Limits, Style};
use thriftgate_protocols::wire::{MessageHeader, MessageKind, Protocol};

use crate::schema;

fn translation(schema: &Schema) -> Translation<'_> {
    Translation { schema, style: Style::default(), limits: Limits::default() }
}

fn target(schema: &Schema, method: &'static str) -> Target<'static> {
    let function = schema::function(schema, method);
    Target {
        function,
        dialect: Protocol::Binary.into(),
        name: Cow::Borrowed(method),
        sequence_id: 1,
        style: Style::default(),
    }
}

/// A resolver that needs the service for `guarded`, and knows it by two names.
fn resolve<'s>(schema: &'s Schema) -> impl Fn(Selector<'_>) -> Result<Target<'static>, &'static str> + 's {
    |selector| match (selector.method, selector.service) {
        ("guarded", None) => Err("ambiguous"),
        ("guarded", Some("A")) | ("add", None) => Ok(target(schema, "add")),
        ("guarded", Some("B")) | ("add", Some("B")) => Ok(target(schema, "guarded")),
        _ => Err("unknown"),
    }
}

/// What is missing is told where the text ends, even before it has begun.
#[test]
fn an_empty_body_without_the_arguments_that_have_to_be_there() {
    let schema = schema::parse("service S { void save(1: required string name) }");
    for text in ["", " ", "null", "{}"] {
        let refused = json::arguments(text, &translation(&schema), &target(&schema, "save"), &mut Vec::new());
        let Err(CallError::Fault(faults)) = refused else { panic!("{text:?} is not refused") };
        let first = faults.first();
        assert_eq!((first.kind, first.path.as_str()), (FaultKind::Missing, "arguments.name"), "{text:?}");
    }
}

#[test]
fn the_keys_come_in_any_order() {
    let schema = schema::types();
    let cases = [
        (r#"{"method":"add","arguments":{"left":1}}"#, Ok("add")),
        (r#"{"arguments":{"left":1},"method":"add"}"#, Ok("add")),
        (r#"{"arguments":null,"method":"add"}"#, Ok("add")),
        (r#"{"method":"add","service":null}"#, Ok("add")),
        (r#"{"method":"\u0061dd"}"#, Ok("add")),
        (r#"{"service":"A","method":"guarded","arguments":{"left":1}}"#, Ok("add")),
        (r#"{"method":"guarded","arguments":{"left":1},"service":"A"}"#, Ok("add")),
        (r#"{"method":"guarded","arguments":{"name":"x"},"service":"B"}"#, Ok("guarded")),
        (r#"{"arguments":{"name":"x"},"method":"guarded","service":"B"}"#, Ok("guarded")),
        (r#"{"method":"add","arguments":{},"service":"B"}"#, Ok("guarded")),
        (r#"{"method":"add","arguments":{"name":"x"},"service":"B"}"#, Ok("guarded")),
        (r#"{"method":"guarded","arguments":{"left":1}}"#, Err("ambiguous")),
        (r#"{"method":"guarded","arguments":{"whatever":1},"service":"C"}"#, Err("unknown")),
        (r#"{"method":"sub"}"#, Err("unknown")),
    ];
    for (text, expected) in cases {
        let mut out = Vec::new();
        match (json::call(text, &translation(&schema), resolve(&schema), &mut out), expected) {
            (Ok(made), Ok(name)) => {
                assert_eq!(made.name, name, "{text}");
                assert_eq!(&out[8..8 + name.len()], name.as_bytes(), "{text}");
            }
            (Err(CallError::Refused(error)), Err(expected)) => assert_eq!(error, expected, "{text}"),
            (result, _) => panic!("{text}: {result:?}"),
        }
    }
}

#[test]
fn faults_of_the_envelope() {
    let schema = schema::types();
    let cases = [
        ("[]", "WrongType"),
        ("{}", "Missing method"),
        (r#"{"method":null}"#, "Null method"),
        (r#"{"method":7,"service":7}"#, "WrongType method, WrongType service"),
        (r#"{"metod":"add"}"#, "UnknownField metod (method), Missing method"),
        (r#"{"method":"add","method":"add"}"#, "DuplicateField method"),
        (r#"{"method":"add","arguments":{},"arguments":{}}"#, "DuplicateField arguments"),
        (r#"{"method":"add","id":1,"arguments":{"left":true}}"#, "UnknownField id, WrongType arguments.left"),
        (r#"{"method":"sub","id":1}"#, "UnknownField id"),
        (r#"{"method":"add","arguments":[]}"#, "WrongType arguments"),
    ];
    for (text, expected) in cases {
        let error = json::call(text, &translation(&schema), resolve(&schema), &mut Vec::new());
        let Err(CallError::Fault(faults)) = error else { panic!("{text}: {error:?}") };
        let found: Vec<_> = faults
            .all()
            .iter()
            .map(|fault| match &fault.suggestion {
                Some(name) => format!("{:?} {} ({name})", fault.kind, fault.path),
                None => format!("{:?} {}", fault.kind, fault.path).trim_end().to_owned(),
            })
            .collect();
        assert_eq!(found.join(", "), expected, "{text}");
    }
}

#[test]
fn the_arguments_alone() {
    let schema = schema::types();
    let target = target(&schema, "add");
    let mut empty = Vec::new();
    json::arguments("{}", &translation(&schema), &target, &mut empty).expect("no arguments");
    for text in ["", " \r\n\t", " {} ", "null"] {
        let mut out = Vec::new();
        json::arguments(text, &translation(&schema), &target, &mut out).expect(text);
        assert_eq!(out, empty, "{text:?}");
    }
    for text in ["{} {}", "{", "nul", "x", "[]"] {
        let mut out = Vec::new();
        assert!(json::arguments(text, &translation(&schema), &target, &mut out).is_err(), "{text}");
        assert!(out.is_empty());
    }
}

#[test]
fn at_most_twenty_faults_and_no_values() {
    let schema = schema::types();
    let elements = vec!["\"hunter2\""; 50].join(",");
    let text = format!("{{\"value\":[{elements}]}}");
    let error = json::arguments(&text, &translation(&schema), &target(&schema, "echo_list"), &mut Vec::new());
    let Err(CallError::Fault(faults)) = error else { panic!("{error:?}") };
    assert_eq!(faults.all().len(), 20);
    assert_eq!(faults.all()[19].path, "arguments.value[19]");
    assert!(!format!("{faults:?}").contains("hunter2"));
    let mut out = Vec::new();
    let reply = ExceptionReply {
        method: Some("a\"b"),
        message: &faults.to_string(),
        kind: 7,
        code: "INVALID_ARGUMENT",
        errors: Some(&faults),
        retryable: Some(false),
        executed: Some("no"),
        ..ExceptionReply::default()
    };
    reply.write(&mut out);
    let value: serde_json::Value = serde_json::from_slice(&out).expect("a reply in JSON");
    assert_eq!(value["method"], "a\"b");
    assert_eq!(value["exception"]["type"], 7);
    assert_eq!(value["exception"]["errors"][19]["path"], "arguments.value[19]");
    assert_eq!(value["exception"]["errors"][0]["actual"], "string");
    assert_eq!(value["exception"]["executed"], "no");
    assert!(value["exception"].get("requestId").is_none());
}

#[test]
fn names_in_messages_are_cut() {
    let schema = schema::types();
    let text = format!("{{\"{}\":1}}", "x".repeat(100_000));
    let error = json::arguments(&text, &translation(&schema), &target(&schema, "add"), &mut Vec::new());
    let Err(CallError::Fault(faults)) = error else { panic!("{error:?}") };
    assert!(faults.to_string().len() < 200);
}

fn nested(levels: usize) -> String {
    let inner = levels - 2;
    format!("{{\"value\":{}{}{}}}", "{\"next\":".repeat(inner), "{}", "}".repeat(inner))
}

#[test]
fn depth_is_bounded_on_a_small_stack() {
    let run = || {
        let schema = schema::types();
        let target = target(&schema, "echo_node");
        let read = |text: &str| json::arguments(text, &translation(&schema), &target, &mut Vec::new());
        read(&nested(64)).expect("64 levels");
        for levels in [65, 127, 128, 50_000] {
            let error = read(&nested(levels));
            let Err(CallError::Fault(faults)) = error else { panic!("{levels}: {error:?}") };
            assert_eq!(faults.first().kind, FaultKind::Depth, "{levels}");
        }
        let mut ignoring = target.clone();
        ignoring.style.unknown_fields = thriftgate_protocols::style::UnknownFields::Ignore;
        for (levels, is_right) in [(62, true), (63, true), (64, false), (100_000, false)] {
            let text = format!("{{\"new\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
            let read = json::arguments(&text, &translation(&schema), &ignoring, &mut Vec::new());
            assert_eq!(read.is_ok(), is_right, "{levels} levels in an unknown field");
        }
    };
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(run).expect("a thread");
    thread.join().expect("no overflow");
}

#[test]
fn the_output_is_bounded() {
    let schema = schema::types();
    let mut translation = translation(&schema);
    let target = target(&schema, "echo_string");
    let text = "{\"value\":\"0123456789\"}";
    let mut whole = Vec::new();
    json::arguments(text, &translation, &target, &mut whole).expect("no limit");
    for (limit, is_right) in [(whole.len(), true), (whole.len() - 1, false), (0, false)] {
        translation.limits.output = limit;
        let mut out = vec![0; 100];
        let made = json::arguments(text, &translation, &target, &mut out);
        assert_eq!(made.is_ok(), is_right, "{limit}");
        assert!(is_right || (made == Err(CallError::TooLarge) && out.len() == 100));
    }
    // Every element brings a struct of defaults with it.
    translation.limits.output = 10_000;
    let many = format!("{{\"value\":[{}1]}}", "{},".repeat(1_000));
    let many_defaults = self::target(&schema, "echo_many_defaults");
    let made = json::arguments(&many, &translation, &many_defaults, &mut Vec::new());
    assert_eq!(made, Err(CallError::TooLarge));
}

/// Bodies of some megabytes, in which something comes very often.
fn large_bodies() -> Vec<(&'static str, String)> {
    let keys: Vec<_> = (0..200_000).map(|key| format!("\"{key}\":1")).collect();
    let elements: Vec<_> = (0..300_000).map(|element| element.to_string()).collect();
    vec![
        ("echo_map_string", format!("{{{}}}", keys.join(","))),
        ("echo_map_i32", format!("{{{}}}", keys.join(","))),
        ("echo_set_i32", format!("[{}]", elements.join(","))),
        ("echo_set_i32", format!("[{}1]", "1,".repeat(1_000_000))),
        ("echo_many_defaults", format!("[{}{{}}]", "{},".repeat(100_000))),
        ("echo_set_defaults", format!("[{}{{}}]", "{},".repeat(100_000))),
        ("echo_double", "1".repeat(2_000_000)),
        ("echo_double", format!("0.{}1", "0".repeat(2_000_000))),
        ("echo_i64", format!("{}e-1999999", "1".to_owned() + &"0".repeat(1_999_999))),
        ("echo_i64", format!("1e{}", "9".repeat(2_000_000))),
        ("echo_string", format!("\"{}\"", "\\n".repeat(1_000_000))),
        ("echo_string", format!("\"{}\"", "\\ud834\\udd1e".repeat(200_000))),
        ("echo_binary", format!("\"{}\"", "AAAA".repeat(500_000))),
        ("echo_list", format!("[{}1]", " ".repeat(2_000_000))),
        ("echo_set_set", format!("[{}[1]]", "[],".repeat(500_000))),
    ]
}

#[test]
fn the_time_is_linear() {
    let schema = schema::types();
    for (method, value) in large_bodies() {
        let text = format!("{{\"arguments\":{{\"value\":{value}}},\"method\":\"m\"}}");
        let begin = Instant::now();
        let target = target(&schema, method);
        let _ = json::call(&text, &translation(&schema), |_| Ok::<_, ()>(target.clone()), &mut Vec::new());
        let took = begin.elapsed();
        assert!(took < Duration::from_secs(8), "{method}, {} bytes: {took:?}", text.len());
    }
}

fn reply(message: &[u8], schema: &Schema, name: &str) -> Result<(Outcome, String), ReplyError> {
    let function = schema::function(schema, "guarded");
    let expected =
        Expected { function, dialect: Protocol::Binary.into(), name, sequence_id: -5, method: "guarded" };
    let mut out = b"head".to_vec();
    match json::reply(message, &translation(schema), &expected, &mut out) {
        Ok(outcome) => Ok((outcome, String::from_utf8(out.split_off(4)).expect("UTF-8"))),
        Err(error) => {
            assert_eq!(out, b"head");
            Err(error)
        }
    }
}

fn message(name: &str, kind: u8, sequence_id: i32, result: &[u8]) -> Vec<u8> {
    let length = u32::try_from(name.len()).expect("a short name").to_be_bytes();
    [&[0x80, 1, 0, kind][..], &length, name.as_bytes(), &sequence_id.to_be_bytes(), result].concat()
}

#[test]
fn the_header_of_a_reply_is_checked() {
    let schema = schema::types();
    let success = [11, 0, 0, 0, 0, 0, 1, b'x', 0];
    let text = r#"{"method":"guarded","result":{"success":"x"}}"#.to_owned();
    let right = message("guarded", 2, -5, &success);
    assert_eq!(reply(&right, &schema, "guarded"), Ok((Outcome::Success, text.clone())));
    assert_eq!(reply(&right, &schema, "Types:guarded"), Ok((Outcome::Success, text)));
    assert_eq!(reply(&right, &schema, "Types:other"), Err(ReplyError::Name));
    let multiplexed = message("Types:guarded", 2, -5, &success);
    assert!(reply(&multiplexed, &schema, "Types:guarded").is_ok());
    assert_eq!(reply(&multiplexed, &schema, "guarded"), Err(ReplyError::Name));
    let other = message("guarded", 2, 5, &success);
    assert_eq!(reply(&other, &schema, "guarded"), Err(ReplyError::SequenceId));
    for kind in [1, 4] {
        let call = message("guarded", kind, -5, &success);
        assert_eq!(reply(&call, &schema, "guarded"), Err(ReplyError::Kind));
    }
    let declared = message("guarded", 2, -5, &[12, 0, 2, 0, 0]);
    let (outcome, text) = reply(&declared, &schema, "guarded").expect("a declared exception");
    assert_eq!(outcome, Outcome::Declared { position: 2 });
    assert_eq!(text, r#"{"method":"guarded","result":{"missing":{}}}"#);
    for end in 0..right.len() {
        assert!(matches!(reply(&right[..end], &schema, "guarded"), Err(ReplyError::Wire(_))), "cut at {end}");
    }
    let longer = [&right[..], &[0]].concat();
    assert!(matches!(reply(&longer, &schema, "guarded"), Err(ReplyError::Wire(_))));
}

#[test]
fn an_exception_of_the_server_is_told() {
    let schema = schema::types();
    let exception = ApplicationException { kind: 6, message: "no".to_owned() };
    let header =
        MessageHeader { name: Cow::Borrowed("guarded"), kind: MessageKind::Exception, sequence_id: -5 };
    let mut message = Vec::new();
    exception.write_message(Protocol::Binary, &header, &mut message);
    assert_eq!(reply(&message, &schema, "guarded"), Err(ReplyError::Application(exception)));
}

#[test]
fn the_reply_to_a_oneway_call() {
    let mut out = Vec::new();
    json::oneway("log", &mut out);
    assert_eq!(out, br#"{"method":"log","result":{}}"#);
    let schema = schema::types();
    let mut call = Vec::new();
    json::arguments("", &translation(&schema), &target(&schema, "log"), &mut call).expect("a call");
    assert_eq!(call[3], MessageKind::Oneway as u8);
}
