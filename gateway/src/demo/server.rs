//! A small Thrift server: framed, binary, a thread for each connection.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use thriftgate_protocols::framing::{self, Framing, FramingLimits, Progress, Transport};
use thriftgate_protocols::message::ApplicationException;
use thriftgate_protocols::wire::{
    BinaryReader, BinaryWriter, MessageHeader, MessageKind, Protocol, Reader, WireError, WireType, Writer,
};

/// Nesting that is read; the demo's types have two levels.
const DEPTH: usize = 16;

/// What answers the calls of a server.
pub(super) trait Service: Send + Sync + 'static {
    /// Reads the arguments of the method, and writes the fields of its result.
    fn answer(
        &self,
        method: &str,
        arguments: &mut BinaryReader<'_>,
        result: &mut BinaryWriter<'_>,
    ) -> Result<(), Refusal>;
}

/// Why a service wrote no result.
#[derive(Debug)]
pub(super) enum Refusal {
    /// It has no such method.
    UnknownMethod,
    /// The arguments are malformed.
    Malformed,
}

impl From<WireError> for Refusal {
    fn from(_: WireError) -> Self {
        Self::Malformed
    }
}

/// A listening server; it runs to the end of the process.
#[derive(Debug)]
pub(super) struct Server {
    address: SocketAddr,
}

impl Server {
    /// Starts a server on a port that the system picks.
    pub(super) fn start(name: &str, service: impl Service) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let service = Arc::new(service);
        thread::Builder::new().name(name.into()).spawn(move || {
            for stream in listener.incoming().flatten() {
                let service = service.clone();
                let spawned = thread::Builder::new().spawn(move || serve(stream, &*service));
                if let Err(error) = spawned {
                    tracing::warn!(%error, "the demo's backend cannot serve a connection");
                }
            }
        })?;
        Ok(Self { address })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Serves one connection until the peer leaves or sends what is no call.
fn serve(mut stream: TcpStream, service: &impl Service) {
    let _slower_without = stream.set_nodelay(true);
    let mut buffer = Vec::new();
    while let Ok(Some(end)) = receive(&mut stream, &mut buffer) {
        let Some(reply) = answer(&buffer[4..end], service) else { return };
        if stream.write_all(&reply).is_err() {
            return;
        }
        buffer.drain(..end);
    }
}

/// Reads until a frame is whole and returns where it ends, `None` where the peer has left.
fn receive(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<Option<usize>> {
    let mut framing = Framing::new(Transport::Framed, Protocol::Binary, FramingLimits::default());
    loop {
        match framing.advance(buffer).map_err(io::Error::other)? {
            Progress::Complete { end, .. } => return Ok(Some(end)),
            Progress::More(_) => {
                let mut chunk = [0; 4096];
                let count = stream.read(&mut chunk)?;
                if count == 0 {
                    return Ok(None);
                }
                buffer.extend_from_slice(&chunk[..count]);
            }
        }
    }
}

/// The framed reply to one message; `None` for what is no message.
fn answer(message: &[u8], service: &impl Service) -> Option<Vec<u8>> {
    let mut reader = BinaryReader::new(message, DEPTH);
    let header = reader.message_begin().ok()?;
    let mut reply = Vec::new();
    let start = framing::begin_frame(&mut reply);
    let mut writer = BinaryWriter::new(&mut reply);
    writer.message_begin(&MessageHeader { kind: MessageKind::Reply, ..header.clone() });
    writer.struct_begin();
    match service.answer(&header.name, &mut reader, &mut writer) {
        Ok(()) => {
            writer.struct_end();
            writer.message_end();
        }
        Err(refusal) => {
            let (kind, message) = match refusal {
                Refusal::UnknownMethod => {
                    (ApplicationException::UNKNOWN_METHOD, format!("Unknown function {}", header.name))
                }
                Refusal::Malformed => (ApplicationException::PROTOCOL_ERROR, "Malformed arguments".into()),
            };
            reply.truncate(start + 4);
            let header = MessageHeader { kind: MessageKind::Exception, ..header };
            ApplicationException { kind, message }.write_message(Protocol::Binary, &header, &mut reply);
        }
    }
    framing::end_frame(&mut reply, start, usize::MAX).ok()?;
    Some(reply)
}

/// Reads the fields of a struct that are strings, by id; others are passed over.
pub(super) fn read_strings(reader: &mut BinaryReader<'_>) -> Result<Vec<(i16, String)>, WireError> {
    let mut fields = Vec::new();
    reader.struct_begin()?;
    while let Some((ty, id)) = reader.field_begin()? {
        if ty == WireType::String {
            fields.push((id, reader.string()?.into_owned()));
        } else {
            reader.skip(ty)?;
        }
        reader.field_end()?;
    }
    reader.struct_end()?;
    Ok(fields)
}

/// Writes a field that is a string.
pub(super) fn write_string(writer: &mut BinaryWriter<'_>, id: i16, value: &str) {
    writer.field_begin(WireType::String, id);
    writer.string(value);
    writer.field_end();
}
