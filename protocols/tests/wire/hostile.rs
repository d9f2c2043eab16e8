//! What is made of bytes that mean harm, by the numbers of the catalogue of faults.

use proptest::prelude::*;
use thriftgate_protocols::message::{ApplicationException, read_header, sniff};
use thriftgate_protocols::wire::{
    BinaryReader, CompactReader, JsonReader, MAX_NAME, Protocol, Reader, WireError, WireErrorKind, WireType,
};

use crate::tree::{Body, DEPTH, PROTOCOLS, parse};

fn binary(fields: &[u8]) -> Vec<u8> {
    [b"\x80\x01\0\x01\0\0\0\x01m\0\0\0\0", fields].concat()
}

fn compact(fields: &[u8]) -> Vec<u8> {
    [b"\x82\x21\0\x01m", fields].concat()
}

fn json(fields: &str) -> Vec<u8> {
    format!("[1,\"m\",1,0,{{{fields}}}]").into_bytes()
}

fn kind(protocol: Protocol, bytes: &[u8]) -> Option<WireErrorKind> {
    parse(protocol, bytes, &Body::Skip).err().map(|error| error.kind)
}

fn assert_kind(protocol: Protocol, bytes: &[u8], expected: WireErrorKind) {
    assert_eq!(kind(protocol, bytes), Some(expected), "{protocol:?} {}", bytes.escape_ascii());
}

// Case 17. Readers make nothing of a count but a number, so that a refused one costs no memory.
#[test]
fn case_17_counts_beyond_the_message() {
    for fields in [
        &b"\x0f\0\x01\x08\x7f\xff\xff\xff\0\0\0\0\0\0\0\0"[..],
        b"\x0e\0\x01\x0b\0\0\0\x05\0\0\0\0\0\0\0\0\0",
        b"\x0d\0\x01\x08\x0a\x7f\xff\xff\xff\0\0\0\0\0\0\0\0",
        b"\x0f\0\x01\x08\xff\xff\xff\xff\0\0\0\0\0",
        b"\x0f\0\x01\x0a\0\0\0\x02\0\0\0\0\0\0\0\0\0\0\0\0",
    ] {
        assert_kind(Protocol::Binary, &binary(fields), WireErrorKind::Size);
    }
    for fields in [
        &b"\x19\xf5\xff\xff\xff\xff\x07\0\0\0"[..],
        b"\x1a\x58\0\0\0",
        b"\x1b\xff\xff\xff\xff\x07\x55\0\0\0",
        b"\x19\xf5\xff\xff\xff\xff\x0f\0\0\0",
        b"\x19\x27\0\0\0\0\0\0\0\0\0\0\0\0\0",
    ] {
        assert_kind(Protocol::Compact, &compact(fields), WireErrorKind::Size);
    }
    for fields in [
        r#""1":{"lst":["i32",2147483647,1,2]}"#,
        r#""1":{"set":["i32",99999999999,1,2]}"#,
        r#""1":{"lst":["i32",-1]}"#,
        r#""1":{"map":["i32","i32",2147483647,{"1":2}]}"#,
    ] {
        assert_kind(Protocol::Json, &json(fields), WireErrorKind::Size);
    }
}

// Case 18. No element is shorter than a byte: empty structs and bools have one each, void and stop are no
// types of elements.
#[test]
fn case_18_counts_of_the_smallest_elements() {
    assert_kind(Protocol::Binary, &binary(b"\x0f\0\x01\x0c\0\0\0\x09\0\0\0\0\0"), WireErrorKind::Size);
    assert_kind(Protocol::Binary, &binary(b"\x0f\0\x01\x02\0\0\0\x09\0\0\0\0\0"), WireErrorKind::Size);
    assert_kind(Protocol::Compact, &compact(b"\x19\xfc\x10\0\0\0\0"), WireErrorKind::Size);
    for void in [0, 1] {
        let fields = [&b"\x0f\0\x01"[..], &[void], b"\0\0\0\x01\0\0"].concat();
        assert_kind(Protocol::Binary, &binary(&fields), WireErrorKind::Type);
        let fields = [&b"\x0d\0\x01"[..], &[void, void], b"\0\0\0\x01\0\0"].concat();
        assert_kind(Protocol::Binary, &binary(&fields), WireErrorKind::Type);
    }
    assert_kind(Protocol::Compact, &compact(b"\x19\x10\0"), WireErrorKind::Type);
    assert_kind(Protocol::Compact, &compact(b"\x1b\x01\0\0"), WireErrorKind::Type);
    assert_eq!(kind(Protocol::Binary, &binary(b"\x0f\0\x01\x0c\0\0\0\x03\0\0\0\0")), None);
    assert_eq!(kind(Protocol::Compact, &compact(b"\x19\x3c\0\0\0\0")), None);
}

// Case 19.
#[test]
fn case_19_string_lengths() {
    for length in [-1, 6, i32::MAX, i32::MIN] {
        let fields = [&b"\x0b\0\x01"[..], &length.to_be_bytes(), b"abcd\0"].concat();
        assert_kind(Protocol::Binary, &binary(&fields), WireErrorKind::Size);
    }
    assert_kind(Protocol::Compact, &compact(b"\x18\x06abcd\0"), WireErrorKind::Size);
    assert_kind(Protocol::Compact, &compact(b"\x18\xff\xff\xff\xff\x0fabcd\0"), WireErrorKind::Size);
    // An old-style name that is longer than the message, or than any name.
    assert_kind(Protocol::Binary, b"\0\0\0\x20login\x01\0\0\0\0\0", WireErrorKind::Size);
    assert_kind(Protocol::Binary, b"\x7f\xff\xff\xfflogin\x01\0\0\0\0\0", WireErrorKind::Name);
}

/// A value nested so deep, below the struct of the message.
fn nested(protocol: Protocol, mix: &[usize], levels: usize) -> Vec<u8> {
    // The type of a struct, list and map with the number of the type, and what a level is.
    let binary_types: [u8; 3] = [12, 15, 13];
    let compact_types: [u8; 3] = [12, 9, 11];
    let json_types = ["rec", "lst", "map"];
    let chosen: Vec<usize> = mix.iter().copied().cycle().take(levels).collect();
    let mut bytes = Vec::new();
    let mut closing: Vec<&str> = Vec::new();
    for (at, &container) in chosen.iter().enumerate() {
        let inner = chosen.get(at + 1).copied();
        match protocol {
            Protocol::Binary => {
                let ty = inner.map_or(3, |inner| binary_types[inner]);
                match container {
                    0 => bytes.extend_from_slice(&[ty, 0, 1]),
                    1 => bytes.extend_from_slice(&[ty, 0, 0, 0, 1]),
                    _ => bytes.extend_from_slice(&[3, ty, 0, 0, 0, 1, 9]),
                }
            }
            Protocol::Compact => {
                let ty = inner.map_or(3, |inner| compact_types[inner]);
                match container {
                    0 => bytes.push(0x10 | ty),
                    1 => bytes.push(0x10 | ty),
                    _ => bytes.extend_from_slice(&[1, 0x30 | ty, 9]),
                }
            }
            Protocol::Json => {
                let ty = inner.map_or("i8", |inner| json_types[inner]);
                let (open, close) = match container {
                    0 => (format!("{{\"1\":{{\"{ty}\":"), "}}"),
                    1 => (format!("[\"{ty}\",1,"), "]"),
                    _ => (format!("[\"i8\",\"{ty}\",1,{{\"9\":"), "}]"),
                };
                bytes.extend_from_slice(open.as_bytes());
                closing.push(close);
            }
        }
    }
    bytes.push(if protocol == Protocol::Json { b'7' } else { 7 });
    match protocol {
        Protocol::Json => closing.iter().rev().for_each(|close| bytes.extend_from_slice(close.as_bytes())),
        _ => bytes.extend(chosen.iter().filter(|&&container| container == 0).map(|_| 0)),
    }
    bytes
}

fn skip_alone(protocol: Protocol, ty: WireType, bytes: &[u8]) -> Result<(), WireError> {
    match protocol {
        Protocol::Binary => BinaryReader::new(bytes, DEPTH).skip(ty),
        Protocol::Compact => CompactReader::new(bytes, DEPTH).skip(ty),
        Protocol::Json => JsonReader::new(bytes, DEPTH).skip(ty),
    }
}

// Case 20.
#[test]
fn case_20_nesting() {
    for protocol in PROTOCOLS {
        for mix in [&[0][..], &[1], &[2], &[0, 1, 2], &[2, 1], &[1, 0]] {
            let ty = [WireType::Struct, WireType::List, WireType::Map][mix[0]];
            assert_eq!(
                skip_alone(protocol, ty, &nested(protocol, mix, DEPTH)),
                Ok(()),
                "{protocol:?} {mix:?}"
            );
            for levels in [DEPTH + 1, 100_000] {
                let error = skip_alone(protocol, ty, &nested(protocol, mix, levels)).expect_err("too deep");
                assert_eq!(error.kind, WireErrorKind::Depth, "{protocol:?} {mix:?} {levels}");
            }
        }
    }
}

// Case 21.
#[test]
fn case_21_varints() {
    let unending = compact(&[&b"\x15"[..], &[0xff; 1000]].concat());
    assert_kind(Protocol::Compact, &unending, WireErrorKind::Varint);
    for (fields, expected) in [
        // An i64 of 11 bytes, and one of 10 with bits past the 64th.
        (&b"\x16\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\0"[..], Some(WireErrorKind::Varint)),
        (b"\x16\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02\0", Some(WireErrorKind::Varint)),
        (b"\x16\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\0", None),
        (b"\x15\xff\xff\xff\xff\x1f\0", Some(WireErrorKind::Varint)),
        (b"\x15\xff\xff\xff\xff\x0f\0", None),
        (b"\x14\xff\xff\x07\0", Some(WireErrorKind::Varint)),
        (b"\x14\xff\xff\x03\0", None),
        // An id past 16 bits, told at length and by a delta.
        (b"\x03\x80\x80\x04\x07\0", Some(WireErrorKind::FieldId)),
        (b"\x03\xfe\xff\x03\x07\x13\x07\0", Some(WireErrorKind::FieldId)),
        (b"\x03\xfc\xff\x03\x07\x13\x07\0", None),
    ] {
        assert_eq!(kind(Protocol::Compact, &compact(fields)), expected, "{}", fields.escape_ascii());
    }
    let mut reader =
        CompactReader::new(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\xff\xff\xff\xff\x0f\xff\xff\x03", 1);
    assert_eq!((reader.i64(), reader.i32(), reader.i16()), (Ok(i64::MIN), Ok(i32::MIN), Ok(i16::MIN)));
    assert_kind(Protocol::Json, &json(r#""32768":{"i8":1}"#), WireErrorKind::FieldId);
    assert_kind(Protocol::Json, &json(r#""-32769":{"i8":1}"#), WireErrorKind::FieldId);
}

// Case 23: little-endian, another version, another protocol.
#[test]
fn case_23_other_versions() {
    assert_kind(Protocol::Binary, b"\x80\x02\0\x01\0\0\0\x01m\0\0\0\0\0", WireErrorKind::Version);
    assert_kind(Protocol::Binary, b"\x01\0\x01\x80\x01\0\0\0m\0\0\0\0\0", WireErrorKind::Name);
    assert_kind(Protocol::Compact, b"\x82\x22\0\x01m\0", WireErrorKind::Version);
    assert_kind(Protocol::Compact, b"\x80\x01\0\x01\0\0\0\x01m", WireErrorKind::Version);
    assert_kind(Protocol::Json, b"[2,\"m\",1,0,{}]", WireErrorKind::Version);
    assert_kind(Protocol::Json, b"{\"method\":\"m\"}", WireErrorKind::Syntax);
}

// Case 24, what a reader alone can see.
#[test]
fn case_24_types_stops_and_bools() {
    assert_kind(Protocol::Binary, &binary(b"\x7f\0\x01\0\0"), WireErrorKind::Type);
    assert_kind(Protocol::Binary, &binary(b"\x01\0\x01\0\0"), WireErrorKind::Type);
    assert_kind(Protocol::Binary, &binary(b"\x0f\0\x01\x7f\0\0\0\x01\0\0"), WireErrorKind::Type);
    assert_kind(Protocol::Binary, &binary(b"\x08\0\x01\0\0\0\x07"), WireErrorKind::UnexpectedEnd);
    assert_kind(Protocol::Binary, &binary(b"\x02\0\x01\x02\0"), WireErrorKind::Bool);
    assert_kind(Protocol::Binary, &binary(b"\x0f\0\x01\x02\0\0\0\x02\x01\x02\0"), WireErrorKind::Bool);
    assert_kind(Protocol::Binary, &binary(b"\x0d\0\x01\x03\x02\0\0\0\x01\x01\x02\0"), WireErrorKind::Bool);
    assert_kind(Protocol::Compact, &compact(b"\x1e\0\0"), WireErrorKind::Type);
    assert_kind(Protocol::Compact, &compact(b"\x10\0"), WireErrorKind::Type);
    assert_kind(Protocol::Compact, &compact(b"\x15\x0e"), WireErrorKind::UnexpectedEnd);
    assert_kind(Protocol::Compact, &compact(b"\x19\x11\x03\0"), WireErrorKind::Bool);
    assert_kind(Protocol::Json, &json(r#""1":{"tf":2}"#), WireErrorKind::Bool);
    assert_kind(Protocol::Json, &json(r#""1":{"tf":true}"#), WireErrorKind::Number);
    assert_kind(Protocol::Json, &json(r#""1":{"xyz":1}"#), WireErrorKind::Type);
}

// Case 25, names and kinds.
#[test]
fn case_25_names_and_kinds() {
    for name in ["", "a\r\nb", "a\0", "\u{7f}", "a\u{85}", &"a".repeat(MAX_NAME + 1), &"a".repeat(65536)] {
        let strict =
            [b"\x80\x01\0\x01", &(name.len() as u32).to_be_bytes()[..], name.as_bytes(), b"\0\0\0\0\0"]
                .concat();
        assert_kind(Protocol::Binary, &strict, WireErrorKind::Name);
        let text = format!("[1,{},1,0,{{}}]", serde_json::Value::from(name));
        assert_kind(Protocol::Json, text.as_bytes(), WireErrorKind::Name);
        if name.len() < 128 {
            let bytes = [b"\x82\x21\0", &[name.len() as u8][..], name.as_bytes(), b"\0"].concat();
            assert_kind(Protocol::Compact, &bytes, WireErrorKind::Name);
        }
    }
    assert_kind(Protocol::Binary, b"\x80\x01\0\x01\0\0\0\x01\xff\0\0\0\0\0", WireErrorKind::Utf8);
    for kind in [0, 5, 7] {
        assert_kind(
            Protocol::Binary,
            &[b"\x80\x01\0", &[kind][..], b"\0\0\0\x01m\0\0\0\0\0"].concat(),
            WireErrorKind::Kind,
        );
        assert_kind(Protocol::Compact, &[0x82, kind << 5 | 1, 0, 1, b'm', 0], WireErrorKind::Kind);
        assert_kind(Protocol::Json, format!("[1,\"m\",{kind},0,{{}}]").as_bytes(), WireErrorKind::Kind);
    }
    assert_kind(Protocol::Json, b"[1,\"m\",1,2147483648,{}]", WireErrorKind::Number);
}

// Case 26.
#[test]
fn case_26_trailing_bytes() {
    for protocol in PROTOCOLS {
        let message = match protocol {
            Protocol::Binary => binary(b"\0"),
            Protocol::Compact => compact(b"\0"),
            Protocol::Json => json(""),
        };
        assert_eq!(kind(protocol, &message), None);
        assert_kind(protocol, &[&message[..], b"x"].concat(), WireErrorKind::TrailingBytes);
        assert_kind(protocol, &message.repeat(2), WireErrorKind::TrailingBytes);
    }
}

// Case 27.
#[test]
fn case_27_tjson() {
    use WireErrorKind::{Base64, Number, Size, Syntax, UnexpectedEnd, Utf8, Uuid};
    for (fields, expected) in [
        // Counts that are not those of the elements.
        (r#""1":{"lst":["i8",1,1,2]}"#, Some(Size)),
        (r#""1":{"lst":["i8",3,1,2]}"#, Some(Size)),
        (r#""1":{"lst":["i8",0,1]}"#, Some(Size)),
        (r#""1":{"map":["i8","i8",1,{"1":2,"3":4}]}"#, Some(Size)),
        (r#""1":{"map":["i8","i8",2,{"1":2}       ]}"#, Some(Size)),
        (r#""1":{"map":["i8","i8",1,{"1":2},5]}"#, Some(Syntax)),
        // Ranges.
        (r#""1":{"i8":300}"#, Some(Number)),
        (r#""1":{"i8":-129}"#, Some(Number)),
        (r#""1":{"i16":32768}"#, Some(Number)),
        (r#""1":{"i32":2147483648}"#, Some(Number)),
        (r#""1":{"i64":9223372036854775808}"#, Some(Number)),
        (r#""1":{"i64":-9223372036854775808}"#, None),
        (r#""1":{"i64":0000000000000000000000000000001}"#, None),
        (r#""1":{"map":["i8","i8",1,{"300":2}]}"#, Some(Number)),
        // Numbers that are none.
        (r#""1":{"i32":1.0}"#, Some(Number)),
        (r#""1":{"i32":1e2}"#, Some(Number)),
        (r#""1":{"i32":-}"#, Some(Number)),
        (r#""1":{"i32":+1}"#, Some(Number)),
        (r#""1":{"i32":"1"}"#, Some(Syntax)),
        (r#""1":{"map":["i8","i8",1,{1:2}]}"#, Some(Syntax)),
        (r#""1":{"dbl":1e400}"#, Some(Number)),
        (r#""1":{"dbl":infinity}"#, Some(Number)),
        (r#""1":{"dbl":.5}"#, Some(Number)),
        (r#""1":{"dbl":0x10}"#, Some(Number)),
        (r#""1":{"dbl":"1.5"}"#, Some(Number)),
        (r#""1":{"dbl":--1}"#, Some(Number)),
        (r#""1":{"dbl":}"#, Some(Syntax)),
        // Strings.
        (r#""1":{"str":"\x"}"#, Some(Syntax)),
        (r#""1":{"str":"\ud800"}"#, Some(Syntax)),
        (r#""1":{"str":"\udc00\ud800"}"#, Some(Syntax)),
        (r#""1":{"str":"\ud800\u0041"}"#, Some(Syntax)),
        (r#""1":{"str":"\u12"}"#, Some(Syntax)),
        (r#""1":{"str":"abc\"#, Some(UnexpectedEnd)),
        (r#""1":{"uid":"00010203-0405-0607-0809-0a0b0c0d0ef"}"#, Some(Uuid)),
        (r#""1":{"uid":"0001020300405-0607-0809-0a0b0c0d0eff"}"#, Some(Uuid)),
        (r#""1":{"uid":"00010203-0405-0607-0809-0a0b0c0d0efg"}"#, Some(Uuid)),
        // Structure.
        (r#""__proto__":{"i8":1}"#, Some(Number)),
        (r#""1":{"map":["str","i8",1,{"__proto__":1}]}"#, None),
        (r#""1":{"i8":1},"#, Some(Syntax)),
        (r#""1":{"i8":1}"2":{"i8":1}"#, Some(Syntax)),
        (r#""1":{"i8":1,"i8":2}"#, Some(Syntax)),
        (r#""1":null"#, Some(Syntax)),
        (r#""1":{"i8":null}"#, Some(Number)),
        (r#"1:{"i8":1}"#, Some(Syntax)),
    ] {
        assert_eq!(kind(Protocol::Json, &json(fields)), expected, "{fields}");
    }
    assert_kind(Protocol::Json, b"[1,\"m\",1,0,{\"1\":{\"str\":\"\xff\"}}]", Utf8);
    let mut reader = JsonReader::new(b"\"a!b=\"", DEPTH);
    assert_eq!(reader.binary().expect_err("no base64").kind, Base64);
}

// Case 27: a giant string or number takes linear time.
#[test]
fn case_27_giant_tokens() {
    let size = 4 * 1024 * 1024;
    let text = json(&format!("\"1\":{{\"str\":\"{}\"}}", "\\u0041".repeat(size / 6)));
    assert_eq!(kind(Protocol::Json, &text), None);
    let digits = json(&format!("\"1\":{{\"i64\":{}1}}", "0".repeat(size)));
    assert_eq!(kind(Protocol::Json, &digits), None);
    let digits = json(&format!("\"1\":{{\"dbl\":1.{}}}", "3".repeat(size)));
    assert_eq!(kind(Protocol::Json, &digits), None);
    let blanks = json(&format!("\"1\":{{\"i64\":{}1}}", " ".repeat(size)));
    assert_eq!(kind(Protocol::Json, &blanks), None);
}

// Case 28.
#[test]
fn case_28_text_that_is_not_utf8() {
    let mut reader = BinaryReader::new(b"\0\0\0\x03a\xffb", DEPTH);
    assert_eq!(reader.string(), Err(WireError { kind: WireErrorKind::Utf8, position: 5 }));
    let mut reader = CompactReader::new(b"\x03a\xffb", DEPTH);
    assert_eq!(reader.string(), Err(WireError { kind: WireErrorKind::Utf8, position: 2 }));
    // As bytes it is as good as any.
    let mut reader = CompactReader::new(b"\x03a\xffb", DEPTH);
    assert_eq!(&*reader.binary().expect("bytes"), b"a\xffb");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn random_bytes_end_in_a_result(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = sniff(&bytes);
        for protocol in PROTOCOLS {
            let start: &[u8] = match protocol {
                Protocol::Binary => b"\x80\x01\0\x01\0\0\0\x01m\0\0\0\0",
                Protocol::Compact => b"\x82\x21\0\x01m",
                Protocol::Json => b"[1,\"m\",1,0,{\"1\":",
            };
            for bytes in [bytes.clone(), [start, &bytes].concat()] {
                let _ = read_header(protocol, &bytes);
                let _ = ApplicationException::read_message(protocol, &bytes, DEPTH);
                let _ = parse(protocol, &bytes, &Body::Skip);
            }
        }
    }

    #[test]
    fn random_tokens_end_in_a_result(
        tokens in proptest::collection::vec(
            proptest::sample::select(vec![
                "{", "}", "[", "]", ",", ":", "\"", "\\", "\"1\"", "\"i8\"", "\"str\"", "\"lst\"", "\"map\"",
                "\"rec\"", "1", "0", "-", "NaN", " ", "\\u00e9", "\"dbl\"", "{\"1\":{\"lst\":[\"str\",2,",
            ]),
            0..40,
        ),
    ) {
        let text = format!("[1,\"m\",1,0,{{{}", tokens.concat());
        let _ = parse(Protocol::Json, text.as_bytes(), &Body::Skip);
    }
}
