//! From one protocol to another by the schema, whatever the schema is.

use std::fmt::Write as _;

use proptest::prelude::*;
use thriftgate_metadata::{Builder, Schema, StructId};
use thriftgate_protocols::style::Limits;
use thriftgate_protocols::transcode::{Source, TranscodeError, TranscodeErrorKind, Transcoding};
use thriftgate_protocols::wire::{
    BinaryWriter, CompactWriter, JsonReader, JsonWriter, MessageHeader, MessageKind, Protocol, Reader,
    WireError, WireErrorKind, WireType, Writer,
};

use crate::tree::{Body, PROTOCOLS, Shape, Tree, header, message, parse, structure_of};

const IDL: &str = r#"
enum Color { RED = 1 }
struct User { 1: required string name, 2: optional list<string> roles, 3: map<string, i32> prices, 4: binary key }
union Choice { 1: i32 number, 2: string text }
struct Tree { 1: list<Tree> children }
exception Fault { 1: string why }
service S {
  User save(1: User user, 2: Choice choice, 3: Color color, 4: i8 small, 5: Tree tree, 6: list<bool> flags)
    throws (1: Fault fault)
}
"#;

fn schema(text: &str) -> Schema {
    let mut builder = Builder::new(Vec::new(), |_| Ok(Some(text.to_owned())));
    builder.thrift("test.thrift");
    builder.finish().unwrap_or_else(|errors| panic!("{text}\n{errors:?}")).schema
}

/// The arguments and the result of the only method.
fn method(schema: &Schema) -> (StructId, StructId) {
    let (_, function) = schema.functions().next().expect("a method");
    (function.arguments, function.result)
}

/// Writes the IDL of a type into `declarations`; returns how the type is written.
fn idl(shape: &Shape, declarations: &mut String, count: &mut usize) -> String {
    match shape {
        Shape::Leaf(WireType::String) => "binary".to_owned(),
        Shape::Leaf(ty) => ty.name().to_owned(),
        Shape::Text => "string".to_owned(),
        Shape::List(ty, element) => format!("{}<{}>", ty.name(), idl(element, declarations, count)),
        Shape::Map(key, value) => {
            let key = idl(key, declarations, count);
            format!("map<{key}, {}>", idl(value, declarations, count))
        }
        Shape::Struct(fields) => {
            let fields = idl_fields(fields, declarations, count);
            *count += 1;
            writeln!(declarations, "struct S{count} {{ {fields} }}").expect("a string takes all");
            format!("S{count}")
        }
    }
}

fn idl_fields(fields: &[(i16, Shape)], declarations: &mut String, count: &mut usize) -> String {
    let fields = fields.iter().map(|(id, shape)| format!("{id}: {} f{id}", idl(shape, declarations, count)));
    fields.collect::<Vec<_>>().join(", ")
}

/// The schema of a method with these arguments.
fn schema_of(shape: &Shape) -> Schema {
    let Shape::Struct(fields) = shape else { panic!("arguments are a struct") };
    let mut text = String::new();
    let arguments = idl_fields(fields, &mut text, &mut 0);
    writeln!(text, "service Service {{ void method({arguments}) }}").expect("a string takes all");
    schema(&text)
}

fn call() -> MessageHeader<'static> {
    MessageHeader { name: "save".into(), kind: MessageKind::Call, sequence_id: 5 }
}

fn transcode(
    schema: &Schema,
    body: StructId,
    from: (Protocol, &[u8]),
    to: Protocol,
    limits: Limits,
) -> Result<(Vec<u8>, Option<usize>), Box<TranscodeError>> {
    let mut output = b"before".to_vec();
    let source = Source { dialect: from.0.into(), bytes: from.1 };
    let result = Transcoding { schema, limits }.message(body, source, to.into(), &call(), &mut output);
    assert!(output.starts_with(b"before"));
    match result {
        Ok(first) => Ok((output.split_off(6), first)),
        Err(error) => {
            assert_eq!(output, b"before", "nothing is left of what failed");
            Err(error)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn any_value_comes_out_the_same((shape, tree) in structure_of(1..=i16::MAX), header in header()) {
        let schema = schema_of(&shape);
        let (arguments, _) = method(&schema);
        for from in PROTOCOLS {
            let bytes = message(from, &header, &shape, &tree, true);
            for to in PROTOCOLS {
                let (output, _) = transcode(&schema, arguments, (from, &bytes), to, Limits::default())
                    .map_err(|error| TestCaseError::fail(format!("{from:?} {to:?} {error}")))?;
                let mut expected = tree.clone();
                if from == Protocol::Json || to == Protocol::Json {
                    expected.one_nan();
                }
                let (head, found) = parse(to, &output, &Body::Read(&shape)).expect("what was written is read");
                prop_assert_eq!(head, call());
                prop_assert_eq!(found, expected, "{:?} {:?}", from, to);
            }
        }
    }

    #[test]
    fn a_message_cut_short_or_changed_never_panics(
        (shape, tree) in structure_of(1..=i16::MAX), header in header(), at: proptest::sample::Index, byte: u8,
    ) {
        let schema = schema_of(&shape);
        let (arguments, _) = method(&schema);
        for from in PROTOCOLS {
            let mut bytes = message(from, &header, &shape, &tree, true);
            for to in PROTOCOLS {
                let end = at.index(bytes.len());
                prop_assert!(
                    transcode(&schema, arguments, (from, &bytes[..end]), to, Limits::default()).is_err()
                );
            }
            let at = at.index(bytes.len());
            bytes[at] = byte;
            for to in PROTOCOLS {
                let _ = transcode(&schema, arguments, (from, &bytes), to, Limits::default());
            }
        }
    }

    #[test]
    fn unknown_fields_are_dropped_or_passed_on(
        (shape, tree) in structure_of(1..=i16::MAX), header in header(), keep in any::<u64>(),
    ) {
        let (Shape::Struct(shapes), Tree::Struct(values)) = (&shape, &tree) else { panic!("a struct") };
        let is_known = |id: i16| keep >> (id % 64) & 1 == 1;
        let known = Shape::Struct(shapes.iter().filter(|(id, _)| is_known(*id)).cloned().collect());
        let mut expected = Tree::Struct(values.iter().filter(|(id, _)| is_known(*id)).cloned().collect());
        let schema = schema_of(&known);
        let (arguments, _) = method(&schema);
        for from in PROTOCOLS {
            let bytes = message(from, &header, &shape, &tree, true);
            for to in PROTOCOLS {
                let (output, _) =
                    transcode(&schema, arguments, (from, &bytes), to, Limits::default()).expect("a known type");
                if from == to && to != Protocol::Json {
                    prop_assert_eq!(output, message(to, &call(), &shape, &tree, true));
                    continue;
                }
                let (_, mut found) = parse(to, &output, &Body::Read(&known)).expect("what was written is read");
                // A NaN on the way through TJSON loses its bits.
                expected.one_nan();
                found.one_nan();
                prop_assert_eq!(&found, &expected, "{:?} {:?}", from, to);
            }
        }
    }
}

/// Writes again what is read, by the types on the wire alone.
fn copy<'a>(reader: &mut impl Reader<'a>, writer: &mut impl Writer, ty: WireType) -> Result<(), WireError> {
    match ty {
        WireType::Bool => writer.bool(reader.bool()?),
        WireType::I8 => writer.i8(reader.i8()?),
        WireType::I16 => writer.i16(reader.i16()?),
        WireType::I32 => writer.i32(reader.i32()?),
        WireType::I64 => writer.i64(reader.i64()?),
        WireType::Double => writer.double(reader.double()?),
        WireType::String => writer.string(&reader.string()?),
        WireType::Uuid => writer.uuid(&reader.uuid()?),
        WireType::Struct => {
            reader.struct_begin()?;
            writer.struct_begin();
            while let Some((ty, id)) = reader.field_begin()? {
                writer.field_begin(ty, id);
                copy(reader, writer, ty)?;
                writer.field_end();
                reader.field_end()?;
            }
            reader.struct_end()?;
            writer.struct_end();
        }
        WireType::List | WireType::Set => {
            let (element, count) = reader.list_begin(ty)?;
            let mark = writer.list_begin(ty, element);
            (0..count).try_for_each(|_| copy(reader, writer, element))?;
            reader.list_end()?;
            writer.list_end(mark, count);
        }
        WireType::Map => {
            let (key, value, count) = reader.map_begin()?;
            let mark = writer.map_begin(key, value);
            for _ in 0..count {
                copy(reader, writer, key)?;
                copy(reader, writer, value)?;
            }
            reader.map_end()?;
            writer.map_end(mark, count);
        }
    }
    Ok(())
}

/// A message with this struct, given in TJSON, in each protocol.
fn in_each_protocol(body: &str) -> [(Protocol, Vec<u8>); 3] {
    fn all<'a>(mut reader: impl Reader<'a>, mut writer: impl Writer) {
        writer.message_begin(&call());
        copy(&mut reader, &mut writer, WireType::Struct).expect("the test's TJSON is well-formed");
        writer.message_end();
    }
    PROTOCOLS.map(|protocol| {
        let mut bytes = Vec::new();
        let reader = JsonReader::new(body.as_bytes(), 100);
        match protocol {
            Protocol::Binary => all(reader, BinaryWriter::new(&mut bytes)),
            Protocol::Compact => all(reader, CompactWriter::new(&mut bytes)),
            Protocol::Json => all(reader, JsonWriter::new(&mut bytes)),
        }
        (protocol, bytes)
    })
}

/// Every way between two protocols of a struct that is given in TJSON.
fn every_way(
    schema: &Schema,
    body: StructId,
    json: &str,
    limits: Limits,
    mut look: impl FnMut(Result<(Vec<u8>, Option<usize>), Box<TranscodeError>>, (Protocol, Protocol)),
) {
    for (from, bytes) in in_each_protocol(json) {
        for to in PROTOCOLS {
            look(transcode(schema, body, (from, &bytes), to, limits), (from, to));
        }
    }
}

// Case 24, what needs the schema.
#[test]
fn case_24_what_contradicts_the_schema() {
    use TranscodeErrorKind::{Mismatch, Missing, Repeated, ResultArity, UnionArity};
    let schema = schema(IDL);
    let (arguments, result) = method(&schema);
    let found = |found| Mismatch { found };
    for (body, json, kind, text) in [
        (
            arguments,
            r#"{"1":{"str":"x"}}"#,
            found(WireType::String),
            "arguments.user must be User, not string",
        ),
        (
            arguments,
            r#"{"1":{"rec":{"1":{"str":"x"},"2":{"lst":["i32",1,7]}}}}"#,
            found(WireType::I32),
            "arguments.user.roles[0] must be string, not i32",
        ),
        (
            arguments,
            r#"{"1":{"rec":{"1":{"str":"x"},"3":{"map":["str","str",1,{"a":"b"}]}}}}"#,
            found(WireType::String),
            "arguments.user.prices must be map<string, i32>, not string",
        ),
        (arguments, r#"{"3":{"i64":1}}"#, found(WireType::I64), "arguments.color must be Color, not i64"),
        (
            arguments,
            r#"{"6":{"set":["tf",1,1]}}"#,
            found(WireType::Set),
            "arguments.flags must be list<bool>, not set",
        ),
        (
            arguments,
            r#"{"5":{"rec":{"1":{"lst":["rec",2,{},{"1":{"i8":1}}]}}}}"#,
            found(WireType::I8),
            "arguments.tree.children[1].children must be list<Tree>, not i8",
        ),
        (arguments, r#"{"1":{"rec":{}}}"#, Missing, "arguments.user.name is required: string"),
        (arguments, r#"{"4":{"i8":1},"4":{"i8":1}}"#, Repeated, "arguments.small is given twice"),
        (
            arguments,
            r#"{"2":{"rec":{}}}"#,
            UnionArity,
            "arguments.choice must have exactly one member of the union Choice",
        ),
        (
            arguments,
            r#"{"2":{"rec":{"1":{"i32":1},"2":{"str":"x"}}}}"#,
            UnionArity,
            "arguments.choice must have exactly one member of the union Choice",
        ),
        (
            result,
            r#"{"0":{"rec":{"1":{"str":"x"}}},"1":{"rec":{}}}"#,
            ResultArity,
            "result has more than one outcome",
        ),
    ] {
        every_way(&schema, body, json, Limits::default(), |result, ways| {
            let error = result.expect_err("it contradicts the schema");
            assert_eq!(error.kind, kind, "{json} {ways:?}");
            assert_eq!(error.to_string(), text, "{ways:?}");
        });
    }
}

#[test]
fn what_fits_goes_through() {
    let schema = schema(IDL);
    let (arguments, result) = method(&schema);
    for (body, json, expected) in [
        (arguments, "{}", None),
        (arguments, r#"{"3":{"i32":77}}"#, Some(2)),
        (arguments, r#"{"6":{"lst":["tf",3,1,0,1]},"4":{"i8":-1}}"#, Some(5)),
        (arguments, r#"{"1":{"rec":{"1":{"str":"x"},"3":{"map":["str","i32",1,{"a":1}]}}}}"#, Some(0)),
        (result, "{}", None),
        (result, r#"{"0":{"rec":{"1":{"str":"x"}}}}"#, Some(0)),
        (result, r#"{"1":{"rec":{"1":{"str":"why"}}}}"#, Some(1)),
        (result, r#"{"9":{"i8":1}}"#, None),
    ] {
        every_way(&schema, body, json, Limits::default(), |result, ways| {
            let (_, first) = result.unwrap_or_else(|error| panic!("{json} {ways:?} {error}"));
            assert_eq!(first, expected, "{json} {ways:?}");
        });
    }
}

#[test]
fn a_member_that_only_newer_peers_know() {
    let schema = schema(IDL);
    let (arguments, _) = method(&schema);
    every_way(
        &schema,
        arguments,
        r#"{"2":{"rec":{"9":{"i8":1}}}}"#,
        Limits::default(),
        |result, (from, to)| {
            let passed_on = from == to && to != Protocol::Json;
            assert_eq!(result.is_ok(), passed_on, "{from:?} {to:?}");
        },
    );
}

#[test]
fn tjson_tells_text_from_bytes_by_the_schema() {
    let schema = schema(IDL);
    let (arguments, _) = method(&schema);
    let json = br#"[1,"m",1,0,{"1":{"rec":{"1":{"str":"+/8="},"4":{"str":"+/8="}}}}]"#;
    let (output, _) =
        transcode(&schema, arguments, (Protocol::Json, json), Protocol::Binary, Limits::default())
            .expect("fits");
    assert!(output.ends_with(b"\x0b\0\x01\0\0\0\x04+/8=\x0b\0\x04\0\0\0\x02\xfb\xff\0\0"));
    let json = br#"[1,"m",1,0,{"1":{"rec":{"4":{"str":"?"}}}}]"#;
    let error = transcode(&schema, arguments, (Protocol::Json, json), Protocol::Binary, Limits::default())
        .expect_err("no base64");
    assert_eq!(error.path, "arguments.user.key");
    assert!(matches!(error.kind, TranscodeErrorKind::Wire(error) if error.kind == WireErrorKind::Base64));
}

// Case 20.
#[test]
fn case_20_depth_of_known_fields() {
    let schema = schema(IDL);
    let (arguments, _) = method(&schema);
    // The arguments, then a struct and a list at each step.
    let nested = |steps: usize| {
        let open = r#"{"1":{"lst":["rec",1,"#.repeat(steps);
        format!(r#"{{"5":{{"rec":{open}{{}}{}}}}}"#, "]}}".repeat(steps))
    };
    let limits = Limits { depth: 64, ..Limits::default() };
    every_way(&schema, arguments, &nested(31), limits, |result, ways| {
        assert!(result.is_ok(), "64 levels {ways:?}");
    });
    every_way(&schema, arguments, &nested(32), limits, |result, ways| {
        let error = result.expect_err("66 levels");
        assert!(
            matches!(error.kind, TranscodeErrorKind::Wire(error) if error.kind == WireErrorKind::Depth),
            "{error} {ways:?}"
        );
    });
}

#[test]
fn the_output_is_bounded() {
    let schema = schema(IDL);
    let (arguments, _) = method(&schema);
    let json =
        format!(r#"{{"1":{{"rec":{{"1":{{"str":"{}"}}}}}},"6":{{"lst":["tf",3,1,0,1]}}}}"#, "x".repeat(500));
    for (from, bytes) in in_each_protocol(&json) {
        for to in PROTOCOLS {
            let run =
                |output| transcode(&schema, arguments, (from, &bytes), to, Limits { depth: 64, output });
            let size = run(usize::MAX).expect("no limit").0.len();
            assert_eq!(run(size).expect("at the limit").0.len(), size);
            for limit in [size - 1, 100, 0] {
                let error = run(limit).expect_err("over the limit");
                assert_eq!(error.kind, TranscodeErrorKind::TooLarge { limit }, "{from:?} {to:?}");
            }
        }
    }
}

// Case 26.
#[test]
fn case_26_trailing_bytes_are_refused_every_way() {
    let schema = schema(IDL);
    let (arguments, _) = method(&schema);
    for (from, bytes) in in_each_protocol(r#"{"4":{"i8":1}}"#) {
        for more in [b"x".to_vec(), bytes.clone()] {
            let bytes = [&bytes[..], &more].concat();
            for to in PROTOCOLS {
                let error = transcode(&schema, arguments, (from, &bytes), to, Limits::default())
                    .expect_err("more than a message");
                assert!(
                    matches!(error.kind, TranscodeErrorKind::Wire(error) if error.kind == WireErrorKind::TrailingBytes)
                );
                assert_eq!(error.path, "");
            }
        }
    }
}

// Case 28.
#[test]
fn case_28_text_is_checked_where_it_is_written_again() {
    let schema = schema(IDL);
    let (arguments, _) = method(&schema);
    let bytes = b"\x80\x01\0\x01\0\0\0\x01m\0\0\0\0\x0c\0\x01\x0b\0\x01\0\0\0\x01\xff\0\0";
    for to in [Protocol::Compact, Protocol::Json] {
        let error = transcode(&schema, arguments, (Protocol::Binary, bytes), to, Limits::default())
            .expect_err("no UTF-8");
        assert_eq!(error.path, "arguments.user.name");
        assert!(matches!(error.kind, TranscodeErrorKind::Wire(error) if error.kind == WireErrorKind::Utf8));
    }
    assert!(
        transcode(&schema, arguments, (Protocol::Binary, bytes), Protocol::Binary, Limits::default()).is_ok()
    );
}

#[test]
fn old_style_messages_are_passed_on_strict() {
    let schema = schema(IDL);
    let (arguments, _) = method(&schema);
    let bytes = b"\0\0\0\x04save\x01\0\0\0\x09\x03\0\x04\x07\0";
    let (output, first) =
        transcode(&schema, arguments, (Protocol::Binary, bytes), Protocol::Binary, Limits::default())
            .expect("fits");
    assert_eq!(output, b"\x80\x01\0\x01\0\0\0\x04save\0\0\0\x05\x03\0\x04\x07\0");
    assert_eq!(first, Some(3));
}
