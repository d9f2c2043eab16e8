//! Bytes worked out by hand, or seen from stock libraries.

use thriftgate_protocols::message::{ApplicationException, Foreign, Sniffed, sniff, split_name};
use thriftgate_protocols::wire::{
    BinaryReader, CompactReader, CompactWriter, JsonReader, JsonWriter, MessageHeader, MessageKind, Protocol,
    Reader, WireErrorKind, WireType, Writer,
};

use crate::tree::DEPTH;

fn json(write: impl FnOnce(&mut JsonWriter<'_>)) -> String {
    let mut buffer = Vec::new();
    write(&mut JsonWriter::new(&mut buffer));
    String::from_utf8(buffer).expect("TJSON is text")
}

#[test]
fn tjson_is_written_as_every_reader_takes_it() {
    let text = json(|writer| {
        writer.message_begin(&MessageHeader {
            name: "a\"b".into(),
            kind: MessageKind::Call,
            sequence_id: -7,
        });
        writer.struct_begin();
        writer.field_begin(WireType::Bool, 1);
        writer.bool(true);
        writer.field_end();
        writer.field_begin(WireType::String, -2);
        writer.string("é/\n\u{1f}\"\\");
        writer.field_end();
        writer.field_begin(WireType::Map, 3);
        let map = writer.map_begin(WireType::I64, WireType::List);
        writer.i64(i64::MIN);
        let list = writer.list_begin(WireType::List, WireType::Double);
        for value in [1.5, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            writer.double(value);
        }
        writer.list_end(list, 5);
        writer.i64(2);
        let empty = writer.list_begin(WireType::List, WireType::Double);
        writer.list_end(empty, 0);
        writer.map_end(map, 2);
        writer.field_end();
        writer.field_begin(WireType::String, 4);
        writer.binary(&[0xfb, 0xff]);
        writer.field_end();
        writer.field_begin(WireType::Uuid, 5);
        writer.uuid(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255]);
        writer.field_end();
        writer.field_begin(WireType::Struct, 6);
        writer.struct_begin();
        writer.struct_end();
        writer.field_end();
        writer.struct_end();
        writer.message_end();
    });
    assert_eq!(
        text,
        concat!(
            r#"[1,"a\"b",1,-7,{"1":{"tf":1},"-2":{"str":"é/\u000a\u001f\"\\"},"#,
            r#""3":{"map":["i64","lst",2,{"-9223372036854775808":["#,
            r#""dbl",5,1.5,-0.0,"NaN","Infinity","-Infinity"],"2":["dbl",0]}]},"#,
            r#""4":{"str":"+/8="},"5":{"uid":"00010203-0405-0607-0809-0a0b0c0d0eff"},"6":{"rec":{}}}]"#,
        )
    );
}

#[test]
fn tjson_lengths_of_any_digits_are_patched() {
    for count in [0, 1, 9, 10, 99, 100, 1234] {
        let text = json(|writer| {
            let mark = writer.list_begin(WireType::Set, WireType::I8);
            (0..count).for_each(|_| writer.i8(1));
            writer.list_end(mark, count);
        });
        assert!(text.starts_with(&format!("[\"i8\",{count}")), "{text}");
        let mut reader = JsonReader::new(text.as_bytes(), DEPTH);
        reader.skip(WireType::Set).expect("the count fits");
    }
}

#[test]
fn tjson_is_read_as_any_writer_writes_it() {
    let text = concat!(
        " [ 1 , \"m\" , 2 , 0 , { \"1\" : { \"i64\" : -000000000005 } , ",
        "\"2\":{\"dbl\":nan},\"3\":{\"dbl\":inf},\"4\":{\"dbl\":-inf},\"5\":{\"dbl\":NaN},",
        "\"6\":{\"dbl\":Infinity},\"7\":{\"dbl\":\"-Infinity\"},\"8\":{\"dbl\":1.0E300},\"9\":{\"dbl\":7},",
        "\"10\":{\"str\":\"a\tb\u{1}\\/\\u00e9\\ud83d\\ude00\"},\"11\":{\"str\":\"+/8\"},\"12\":{\"str\":\"+/8=\"},",
        "\"13\":{\"map\":[\"dbl\",\"tf\",2,{\"NaN\":1,\"1.5\":0}]},",
        "\"14\":{\"uid\":\"00010203-0405-0607-0809-0A0B0C0D0EFF\"},",
        "\"15\":{\"map\":[\"rec\",\"i8\",1,{{\"1\":{\"i8\":1}}:2}]}}]\n",
    );
    let mut reader = JsonReader::new(text.as_bytes(), DEPTH);
    assert_eq!(reader.message_begin().expect("a header").name, "m");
    reader.struct_begin().expect("a struct");
    let mut doubles = Vec::new();
    while let Some((ty, id)) = reader.field_begin().expect("a field") {
        match id {
            1 => assert_eq!(reader.i64(), Ok(-5)),
            2..=9 => doubles.push(reader.double().expect("a double")),
            10 => assert_eq!(reader.string().expect("text"), "a\tb\u{1}/é😀"),
            11 | 12 => assert_eq!(reader.binary().expect("bytes")[..], [0xfb, 0xff]),
            13 => {
                assert_eq!(reader.map_begin(), Ok((WireType::Double, WireType::Bool, 2)));
                assert!(reader.double().expect("a key").is_nan());
                assert_eq!(reader.bool(), Ok(true));
                assert_eq!(reader.double(), Ok(1.5));
                assert_eq!(reader.bool(), Ok(false));
                reader.map_end().expect("its end");
            }
            14 => assert_eq!(reader.uuid().expect("a uuid")[14..], [14, 255]),
            _ => reader.skip(ty).expect("a value"),
        }
        reader.field_end().expect("its end");
    }
    reader.struct_end().expect("its end");
    reader.message_end().expect("its end");
    let expected =
        [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, 7.0];
    for (found, expected) in doubles.iter().zip(expected) {
        assert!(*found == expected || (found.is_nan() && expected.is_nan()), "{found} {expected}");
    }
    assert_eq!(doubles.len(), expected.len());
}

#[test]
fn compact_headers_and_lengths() {
    let mut bytes = Vec::new();
    let mut writer = CompactWriter::new(&mut bytes);
    writer.message_begin(&MessageHeader { name: "m".into(), kind: MessageKind::Call, sequence_id: -1 });
    writer.struct_begin();
    writer.field_begin(WireType::Bool, 1);
    writer.bool(false);
    writer.field_end();
    writer.field_begin(WireType::I32, 17);
    writer.i32(-1);
    writer.field_end();
    writer.field_begin(WireType::Map, 18);
    let map = writer.map_begin(WireType::I8, WireType::Bool);
    writer.map_end(map, 0);
    writer.field_end();
    writer.field_begin(WireType::Map, 19);
    let map = writer.map_begin(WireType::I8, WireType::Bool);
    for key in 0..130_u8 {
        writer.i8(key as i8);
        writer.bool(true);
    }
    writer.map_end(map, 130);
    writer.field_end();
    writer.struct_end();
    writer.message_end();
    let header = [0x82, 0x21, 0xff, 0xff, 0xff, 0xff, 0x0f, 1, b'm'];
    let fields = [0x12, 0x05, 34, 1, 0x1b, 0, 0x1b, 0x82, 0x01, 0x31];
    assert_eq!(bytes[..header.len()], header);
    assert_eq!(bytes[header.len()..][..fields.len()], fields);
    assert_eq!(bytes.len(), header.len() + fields.len() + 2 * 130 + 1);
}

#[test]
fn compact_reads_every_bool_that_is_written_somewhere() {
    for (byte, expected) in [(0, Ok(false)), (1, Ok(true)), (2, Ok(false)), (3, Err(WireErrorKind::Bool))] {
        for ty in [1, 2] {
            let bytes = [0x10 | ty, byte];
            let mut reader = CompactReader::new(&bytes, DEPTH);
            assert_eq!(reader.list_begin(WireType::List), Ok((WireType::Bool, 1)));
            assert_eq!(reader.bool().map_err(|error| error.kind), expected);
        }
    }
}

#[test]
fn an_empty_container_may_have_no_types() {
    let mut reader = BinaryReader::new(&[0; 11], DEPTH);
    assert_eq!(reader.list_begin(WireType::List).expect("a list").1, 0);
    reader.list_end().expect("its end");
    assert_eq!(reader.map_begin().expect("a map").2, 0);
    let mut reader = CompactReader::new(&[0], DEPTH);
    assert_eq!(reader.list_begin(WireType::List).expect("a list").1, 0);
}

#[test]
fn first_bytes_are_told_apart() {
    let cases: [(&[u8], Option<Sniffed>); 20] = [
        (b"", None),
        (b" \n", None),
        (b"\x80\x01\0\x01", Some(Sniffed::Wire(Protocol::Binary))),
        (b"\0\0\0\x05login\x01", Some(Sniffed::Wire(Protocol::Binary))),
        (b"\x82\x21\0", Some(Sniffed::Wire(Protocol::Compact))),
        (b"[1,\"m\"", Some(Sniffed::Wire(Protocol::Json))),
        (b"\n [1,", Some(Sniffed::Wire(Protocol::Json))),
        (b"{\"method\"", Some(Sniffed::HumanReadable)),
        (b"\0\0\0\x20\x80\x01\0\x01", Some(Sniffed::Foreign(Foreign::Framed))),
        (b"\0\0\0\x20\x82\x21\0", Some(Sniffed::Foreign(Foreign::Framed))),
        (b"\0\0\0\x20[1,\"m\"", Some(Sniffed::Foreign(Foreign::Framed))),
        (b"\0\0\0\x20\0\0\0\x05login\x01", Some(Sniffed::Foreign(Foreign::Framed))),
        (b"\0\0\0\x20\x0f\xff\0\0", Some(Sniffed::Foreign(Foreign::Header))),
        (b"\x78\x9c\0\0", Some(Sniffed::Foreign(Foreign::Zlib))),
        (b"\x01\0\0\0\x05PLAIN", Some(Sniffed::Foreign(Foreign::Sasl))),
        (b"\x16\x03\x01\x02\0\x01", Some(Sniffed::Foreign(Foreign::Tls))),
        (b"GET / HTTP/1.1\r\n", Some(Sniffed::Foreign(Foreign::Http))),
        (b"PRI * HTTP/2.0", Some(Sniffed::Foreign(Foreign::Http))),
        (b"HTTP/1.1 400", Some(Sniffed::Foreign(Foreign::Http))),
        (b"\xff\xff", Some(Sniffed::Wire(Protocol::Binary))),
    ];
    for (bytes, expected) in cases {
        assert_eq!(sniff(bytes), expected, "{}", bytes.escape_ascii());
    }
    assert!(Foreign::Framed.to_string().starts_with("framed transport: "));
}

#[test]
fn multiplexed_names_split_at_the_first_colon() {
    assert_eq!(split_name("login"), (None, "login"));
    assert_eq!(split_name("Auth:login"), (Some("Auth"), "login"));
    assert_eq!(split_name("a:b:c"), (Some("a"), "b:c"));
    assert_eq!(split_name(":m"), (Some(""), "m"));
}

#[test]
fn an_application_exception_round_trips_and_tolerates() {
    let exception = ApplicationException {
        kind: ApplicationException::UNKNOWN_METHOD,
        message: "Unknown function x".into(),
    };
    let header = MessageHeader { name: "x".into(), kind: MessageKind::Exception, sequence_id: 3 };
    for protocol in [Protocol::Binary, Protocol::Compact, Protocol::Json] {
        let mut bytes = Vec::new();
        exception.write_message(protocol, &header, &mut bytes);
        assert_eq!(ApplicationException::read_message(protocol, &bytes, DEPTH), Ok(exception.clone()));
    }
    // Node leaves the type out; a newer peer may add fields or change them.
    let text = br#"[1,"m",3,0,{"9":{"rec":{"1":{"i8":1}}},"1":{"str":"no"}}]"#;
    let read = ApplicationException::read_message(Protocol::Json, text, DEPTH).expect("an exception");
    assert_eq!(read, ApplicationException { kind: 0, message: "no".into() });
    let text = br#"[1,"m",3,0,{"1":{"i32":1},"2":{"i32":6}}]"#;
    let read = ApplicationException::read_message(Protocol::Json, text, DEPTH).expect("an exception");
    assert_eq!(read, ApplicationException { kind: 6, message: String::new() });
}
