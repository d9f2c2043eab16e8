//! What stands around a call: which protocol its first bytes are, whose method it names, and the exception
//! that takes the place of a reply.

use std::fmt;

use crate::wire::{
    BinaryReader, BinaryWriter, CompactReader, CompactWriter, JsonReader, JsonWriter, MessageHeader,
    Protocol, Reader, WireError, WireType, Writer,
};

/// What the first bytes of a body or connection are.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Sniffed {
    /// A message in a wire protocol of Thrift
    Wire(Protocol),
    /// A call in human-readable JSON
    HumanReadable,
    /// Something that is known and not spoken
    Foreign(Foreign),
}

/// What is recognised only to be refused by its name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Foreign {
    /// A message behind its length, where messages stand alone
    Framed,
    /// THeader, as fbthrift and some Apache libraries speak it
    Header,
    /// TZlibTransport
    Zlib,
    /// TSaslTransport
    Sasl,
    /// TLS, where plain bytes are expected
    Tls,
    /// HTTP, where Thrift alone is expected
    Http,
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Framed => "framed transport: a length stands before the message, which is expected alone",
            Self::Header => "THeader transport: use binary, compact or TJSON",
            Self::Zlib => "TZlibTransport: send the message uncompressed",
            Self::Sasl => "TSaslTransport: send the message without SASL",
            Self::Tls => "TLS: plain bytes are expected here",
            Self::Http => "HTTP: a Thrift message alone is expected here",
        })
    }
}

/// Tells from the first bytes what follows, `None` where there are no bytes. Some 16 bytes are enough. What
/// is nothing else is old-style binary, which has no mark of its own: its reader refuses what is not.
#[must_use]
pub fn sniff(bytes: &[u8]) -> Option<Sniffed> {
    let text = bytes.trim_ascii_start();
    Some(match text.first()? {
        b'[' => Sniffed::Wire(Protocol::Json),
        b'{' => Sniffed::HumanReadable,
        _ => match bytes {
            [0x82, ..] => Sniffed::Wire(Protocol::Compact),
            _ => foreign(bytes).map_or(Sniffed::Wire(Protocol::Binary), Sniffed::Foreign),
        },
    })
}

/// Recognises what is not spoken. None of it can be a message of TBinaryProtocol: taken as the length of a
/// name, its first bytes are too large, or the name would begin with a control character or not be UTF-8.
fn foreign(bytes: &[u8]) -> Option<Foreign> {
    const VERBS: [&[u8]; 9] =
        [b"GET ", b"POST ", b"PUT ", b"HEAD ", b"DELETE ", b"OPTIONS ", b"PATCH ", b"PRI * ", b"HTTP/"];
    if VERBS.iter().any(|verb| bytes.starts_with(verb)) {
        return Some(Foreign::Http);
    }
    match bytes {
        [0x16, 0x03, ..] => Some(Foreign::Tls),
        [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => Some(Foreign::Zlib),
        // The status START, then the length of the mechanism's name.
        [0x01, 0, 0, 0, 1..=20, b'A'..=b'Z', ..] => Some(Foreign::Sasl),
        [0..=0x7f, _, _, _, 0x0f, 0xff, ..] => Some(Foreign::Header),
        [0..=0x7f, _, _, _, 0x80, 0x01, ..] | [0..=0x7f, _, _, _, 0x82, _, ..] => Some(Foreign::Framed),
        [0..=0x7f, _, _, _, b'[', b'1', b',', ..] => Some(Foreign::Framed),
        // Old-style binary in a frame: the high bytes of the length of a name.
        [0..=0x7f, _, _, _, 0, 0, ..] => Some(Foreign::Framed),
        _ => None,
    }
}

/// Reads the header of a message, of which no more need be there.
pub fn read_header(protocol: Protocol, bytes: &[u8]) -> Result<MessageHeader<'_>, WireError> {
    match protocol {
        Protocol::Binary => BinaryReader::new(bytes, 0).message_begin(),
        Protocol::Compact => CompactReader::new(bytes, 0).message_begin(),
        Protocol::Json => JsonReader::new(bytes, 0).message_begin(),
    }
}

/// Splits the name of a multiplexed message, `Service:method`, at its first colon. The service is `None`
/// where there is no colon.
#[must_use]
pub fn split_name(name: &str) -> (Option<&str>, &str) {
    match name.split_once(':') {
        Some((service, method)) => (Some(service), method),
        None => (None, name),
    }
}

/// A TApplicationException: what a server sends when it has no reply and no declared exception to send.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApplicationException {
    /// One of the constants, or any other number
    pub kind: i32,
    /// For a reader; may be empty
    pub message: String,
}

impl ApplicationException {
    /// Nothing more is known
    pub const UNKNOWN: i32 = 0;
    /// The service has no such method
    pub const UNKNOWN_METHOD: i32 = 1;
    /// The message is of a kind that does not fit
    pub const INVALID_MESSAGE_TYPE: i32 = 2;
    /// The reply names another method
    pub const WRONG_METHOD_NAME: i32 = 3;
    /// The reply has another sequence id
    pub const BAD_SEQUENCE_ID: i32 = 4;
    /// The reply has neither a result nor an exception
    pub const MISSING_RESULT: i32 = 5;
    /// The handler failed
    pub const INTERNAL_ERROR: i32 = 6;
    /// The message is malformed, or its values are not allowed
    pub const PROTOCOL_ERROR: i32 = 7;
    /// THeader: an unknown transform
    pub const INVALID_TRANSFORM: i32 = 8;
    /// The protocol is not spoken
    pub const INVALID_PROTOCOL: i32 = 9;
    /// The kind of client is not served
    pub const UNSUPPORTED_CLIENT_TYPE: i32 = 10;

    /// Reads the struct. A field that is absent has its default, the empty message or [`UNKNOWN`]
    /// (Node's library leaves the kind out); fields that are unknown or of another type are passed over.
    ///
    /// [`UNKNOWN`]: Self::UNKNOWN
    pub fn read<'a, R: Reader<'a>>(reader: &mut R) -> Result<Self, WireError> {
        let mut exception = Self { kind: Self::UNKNOWN, message: String::new() };
        reader.struct_begin()?;
        while let Some((ty, id)) = reader.field_begin()? {
            match (id, ty) {
                (1, WireType::String) => exception.message = reader.string()?.into_owned(),
                (2, WireType::I32) => exception.kind = reader.i32()?,
                _ => reader.skip(ty)?,
            }
            reader.field_end()?;
        }
        reader.struct_end()?;
        Ok(exception)
    }

    /// Writes the struct.
    pub fn write<W: Writer>(&self, writer: &mut W) {
        writer.struct_begin();
        writer.field_begin(WireType::String, 1);
        writer.string(&self.message);
        writer.field_end();
        writer.field_begin(WireType::I32, 2);
        writer.i32(self.kind);
        writer.field_end();
        writer.struct_end();
    }

    /// Reads a whole message of kind [`Exception`](crate::wire::MessageKind::Exception), whose header was
    /// looked at before. `depth_limit` holds for what a peer may have added to it.
    pub fn read_message(protocol: Protocol, bytes: &[u8], depth_limit: usize) -> Result<Self, WireError> {
        fn read<'a>(mut reader: impl Reader<'a>) -> Result<ApplicationException, WireError> {
            reader.message_begin()?;
            let exception = ApplicationException::read(&mut reader)?;
            reader.message_end()?;
            Ok(exception)
        }
        match protocol {
            Protocol::Binary => read(BinaryReader::new(bytes, depth_limit)),
            Protocol::Compact => read(CompactReader::new(bytes, depth_limit)),
            Protocol::Json => read(JsonReader::new(bytes, depth_limit)),
        }
    }

    /// Appends a whole message.
    pub fn write_message(&self, protocol: Protocol, header: &MessageHeader<'_>, output: &mut Vec<u8>) {
        fn write(exception: &ApplicationException, header: &MessageHeader<'_>, mut writer: impl Writer) {
            writer.message_begin(header);
            exception.write(&mut writer);
            writer.message_end();
        }
        match protocol {
            Protocol::Binary => write(self, header, BinaryWriter::new(output)),
            Protocol::Compact => write(self, header, CompactWriter::new(output)),
            Protocol::Json => write(self, header, JsonWriter::new(output)),
        }
    }
}
