//! A call that a backend received, and the messages that answer it.

use std::borrow::Cow;

use thriftgate_protocols::framing::{self, Transport};
use thriftgate_protocols::message::{ApplicationException, split_name};
use thriftgate_protocols::wire::{
    BinaryReader, BinaryWriter, CompactReader, CompactWriter, JsonReader, JsonWriter, MessageHeader,
    MessageKind, Protocol, Reader, WireType, Writer,
};

use super::{Carrier, DEPTH};

/// A call that a backend received.
#[derive(Debug)]
pub struct Call {
    /// The number of its connection, from 0
    pub connection: usize,
    /// How many whole calls came before it, on all connections
    pub number: usize,
    /// Its method, as it was sent
    pub name: String,
    /// What it says it is
    pub kind: MessageKind,
    /// Its number
    pub sequence_id: i32,
    /// The whole message, without what the transport puts around it
    pub message: Vec<u8>,
    protocol: Protocol,
    carrier: Carrier,
}

impl Call {
    pub(super) fn read(
        message: Vec<u8>,
        protocol: Protocol,
        carrier: Carrier,
        connection: usize,
        number: usize,
    ) -> Option<Self> {
        let header = reader(protocol, &message).message_begin().ok()?;
        let (name, kind, sequence_id) = (header.name.into_owned(), header.kind, header.sequence_id);
        Some(Self { connection, number, name, kind, sequence_id, message, protocol, carrier })
    }

    /// Argument 1, of a call that has an integer there.
    ///
    /// # Panics
    /// Where it has none.
    #[must_use]
    pub fn integer(&self) -> i64 {
        const MISSING: &str = "argument 1 is an integer";
        let mut reader = reader(self.protocol, &self.message);
        reader.message_begin().expect("the header was read before");
        reader.struct_begin().expect(MISSING);
        match reader.field_begin().expect(MISSING) {
            Some((WireType::I32, 1)) => reader.i32().expect(MISSING).into(),
            Some((WireType::I64, 1)) => reader.i64().expect(MISSING),
            other => panic!("{MISSING}, not {other:?}"),
        }
    }

    /// The header of a right reply.
    #[must_use]
    pub fn header(&self) -> MessageHeader<'_> {
        let (_, bare) = split_name(&self.name);
        MessageHeader { name: bare.into(), kind: MessageKind::Reply, sequence_id: self.sequence_id }
    }

    /// A message with this header and these fields, as it is sent.
    pub fn message(&self, header: &MessageHeader<'_>, fields: impl FnOnce(&mut dyn Writer)) -> Vec<u8> {
        self.framed(|out| {
            let mut writer = writer(self.protocol, out);
            writer.message_begin(header);
            writer.struct_begin();
            fields(&mut *writer);
            writer.struct_end();
            writer.message_end();
        })
    }

    /// A reply with these fields, as it is sent.
    pub fn reply(&self, fields: impl FnOnce(&mut dyn Writer)) -> Vec<u8> {
        self.message(&self.header(), fields)
    }

    /// The reply that has argument 1 as its success; a result with nothing set where there is none.
    #[must_use]
    pub fn echo(&self) -> Vec<u8> {
        self.message(&self.header(), |writer| self.write_echo(writer))
    }

    /// Writes argument 1 as the success of a result.
    ///
    /// # Panics
    /// Where the call is malformed.
    pub fn write_echo(&self, writer: &mut dyn Writer) {
        let mut reader = reader(self.protocol, &self.message);
        reader.message_begin().expect("the header was read before");
        reader.struct_begin().expect("arguments");
        while let Some((ty, id)) = reader.field_begin().expect("a field") {
            if id == 1 {
                writer.field_begin(ty, 0);
                copy(&mut *reader, writer, ty);
                writer.field_end();
            } else {
                reader.skip(ty).expect("a value");
            }
            reader.field_end().expect("the end of a field");
        }
    }

    /// A TApplicationException, as it is sent.
    #[must_use]
    pub fn exception(&self, kind: i32, message: &str) -> Vec<u8> {
        let header = MessageHeader { kind: MessageKind::Exception, ..self.header() };
        let exception = ApplicationException { kind, message: message.to_owned() };
        self.framed(|out| exception.write_message(self.protocol, &header, out))
    }

    /// What `write` appends, as this backend's transport sends it.
    pub fn framed(&self, write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let mut bytes = Vec::new();
        match self.carrier {
            Carrier::Socket(Transport::Framed) => {
                let start = framing::begin_frame(&mut bytes);
                write(&mut bytes);
                framing::end_frame(&mut bytes, start, usize::MAX).expect("a frame of a usual size");
                bytes
            }
            Carrier::Socket(Transport::Unframed) => {
                write(&mut bytes);
                bytes
            }
            Carrier::Http => {
                write(&mut bytes);
                let head = "HTTP/1.1 200 OK\r\nContent-Type: application/x-thrift\r\nContent-Length: ";
                [format!("{head}{}\r\n\r\n", bytes.len()).as_bytes(), &bytes].concat()
            }
        }
    }
}

/// Writes a field that is a string.
pub fn write_string(writer: &mut dyn Writer, id: i16, value: &str) {
    writer.field_begin(WireType::String, id);
    writer.string(value);
    writer.field_end();
}

/// Writes a field that is an `i32`.
pub fn write_i32(writer: &mut dyn Writer, id: i16, value: i32) {
    writer.field_begin(WireType::I32, id);
    writer.i32(value);
    writer.field_end();
}

fn reader<'a>(protocol: Protocol, bytes: &'a [u8]) -> Box<dyn Reader<'a> + 'a> {
    match protocol {
        Protocol::Binary => Box::new(BinaryReader::new(bytes, DEPTH)),
        Protocol::Compact => Box::new(CompactReader::new(bytes, DEPTH)),
        Protocol::Json => Box::new(JsonReader::new(bytes, DEPTH)),
    }
}

fn writer(protocol: Protocol, out: &mut Vec<u8>) -> Box<dyn Writer + '_> {
    match protocol {
        Protocol::Binary => Box::new(BinaryWriter::new(out)),
        Protocol::Compact => Box::new(CompactWriter::new(out)),
        Protocol::Json => Box::new(JsonWriter::new(out)),
    }
}

/// Copies one value. Text in TJSON stays text; elsewhere it is copied as bytes.
fn copy<'a>(reader: &mut (dyn Reader<'a> + 'a), writer: &mut dyn Writer, ty: WireType) {
    const WELL_FORMED: &str = "the gateway sends what is well formed";
    match ty {
        WireType::Bool => writer.bool(reader.bool().expect(WELL_FORMED)),
        WireType::I8 => writer.i8(reader.i8().expect(WELL_FORMED)),
        WireType::I16 => writer.i16(reader.i16().expect(WELL_FORMED)),
        WireType::I32 => writer.i32(reader.i32().expect(WELL_FORMED)),
        WireType::I64 => writer.i64(reader.i64().expect(WELL_FORMED)),
        WireType::Double => writer.double(reader.double().expect(WELL_FORMED)),
        WireType::Uuid => writer.uuid(&reader.uuid().expect(WELL_FORMED)),
        WireType::String => writer.string(&reader.string().expect(WELL_FORMED)),
        WireType::Struct => {
            reader.struct_begin().expect(WELL_FORMED);
            writer.struct_begin();
            while let Some((ty, id)) = reader.field_begin().expect(WELL_FORMED) {
                writer.field_begin(ty, id);
                copy(reader, writer, ty);
                writer.field_end();
                reader.field_end().expect(WELL_FORMED);
            }
            reader.struct_end().expect(WELL_FORMED);
            writer.struct_end();
        }
        WireType::List | WireType::Set => {
            let (element, count) = reader.list_begin(ty).expect(WELL_FORMED);
            let mark = writer.list_begin_sized(ty, element, count);
            (0..count).for_each(|_| copy(reader, writer, element));
            writer.list_end(mark, count);
            reader.list_end().expect(WELL_FORMED);
        }
        WireType::Map => {
            let (key, value, count) = reader.map_begin().expect(WELL_FORMED);
            let mark = writer.map_begin_sized(key, value, count);
            for _ in 0..count {
                copy(reader, writer, key);
                copy(reader, writer, value);
            }
            writer.map_end(mark, count);
            reader.map_end().expect(WELL_FORMED);
        }
    }
}

/// A header that a call has in a message of another kind, name or number.
#[must_use]
pub fn header(name: &str, kind: MessageKind, sequence_id: i32) -> MessageHeader<'static> {
    MessageHeader { name: Cow::Owned(name.to_owned()), kind, sequence_id }
}
