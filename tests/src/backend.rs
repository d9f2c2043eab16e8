//! A Thrift server that does as its script says, well or badly, and counts what it sees.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use thriftgate_protocols::framing::{self, Framing, FramingLimits, Progress, Transport};
use thriftgate_protocols::message::{ApplicationException, split_name};
use thriftgate_protocols::wire::{
    BinaryReader, BinaryWriter, CompactReader, CompactWriter, JsonReader, JsonWriter, MessageHeader,
    MessageKind, Protocol, Reader, WireType, Writer,
};

const DEPTH: usize = 64;

/// How a backend speaks and serves.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    /// Its protocol
    pub protocol: Protocol,
    /// Its transport
    pub transport: Transport,
    /// Whether it serves one connection until that ends, and only then the next, as TSimpleServer does
    pub serial: bool,
}

impl Default for Dialect {
    fn default() -> Self {
        Self { protocol: Protocol::Binary, transport: Transport::Framed, serial: false }
    }
}

/// What a backend does next on a connection. After the last step it reads the next call.
#[derive(Clone, Debug)]
pub enum Step {
    /// Send these bytes
    Send(Vec<u8>),
    /// Send them one at a time, with a pause after each
    Drip(Vec<u8>, Duration),
    /// Wait
    Wait(Duration),
    /// Say nothing until the peer closes
    Stall,
    /// Close
    Close,
    /// Close with a reset
    Reset,
}

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
    dialect: Dialect,
}

impl Call {
    fn read(message: &[u8], dialect: Dialect, connection: usize, number: usize) -> Option<Self> {
        let header = reader(dialect.protocol, message).message_begin().ok()?;
        let MessageHeader { name, kind, sequence_id } = header;
        let (name, message) = (name.into_owned(), message.to_vec());
        Some(Self { connection, number, name, kind, sequence_id, message, dialect })
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
            let mut writer = writer(self.dialect.protocol, out);
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
        let mut reader = reader(self.dialect.protocol, &self.message);
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
        self.framed(|out| exception.write_message(self.dialect.protocol, &header, out))
    }

    /// What `write` appends, as this backend's transport sends it.
    pub fn framed(&self, write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let mut bytes = Vec::new();
        if self.dialect.transport == Transport::Framed {
            let start = framing::begin_frame(&mut bytes);
            write(&mut bytes);
            framing::end_frame(&mut bytes, start, usize::MAX).expect("a frame of a usual size");
        } else {
            write(&mut bytes);
        }
        bytes
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

type Script = dyn Fn(&Call) -> Vec<Step> + Send + Sync;

/// A running backend. Dropped, it closes every connection.
pub struct Backend {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    dialect: Dialect,
    script: Box<Script>,
    accepted: AtomicUsize,
    calls: AtomicUsize,
    open: Mutex<HashMap<usize, TcpStream>>,
    ending: AtomicBool,
}

impl Backend {
    /// Starts a framed binary backend that answers each call as the script says.
    pub fn start(script: impl Fn(&Call) -> Vec<Step> + Send + Sync + 'static) -> Self {
        Self::speaking(Dialect::default(), script)
    }

    /// Starts a framed binary backend whose methods answer their first argument.
    #[must_use]
    pub fn echoing() -> Self {
        Self::start(|call| vec![Step::Send(call.echo())])
    }

    /// Starts a backend of this dialect.
    ///
    /// # Panics
    /// Where the system gives no port or thread.
    pub fn speaking(dialect: Dialect, script: impl Fn(&Call) -> Vec<Step> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let shared = Arc::new(Shared {
            dialect,
            script: Box::new(script),
            accepted: AtomicUsize::new(0),
            calls: AtomicUsize::new(0),
            open: Mutex::default(),
            ending: AtomicBool::new(false),
        });
        let serving = shared.clone();
        thread::spawn(move || accept(&listener, &serving));
        Self { address, shared }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections it accepted.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.accepted.load(Ordering::SeqCst)
    }

    /// How many connections are open.
    #[must_use]
    pub fn open(&self) -> usize {
        self.shared.streams().len()
    }

    /// How many whole calls it received.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.shared.calls.load(Ordering::SeqCst)
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.shared.ending.store(true, Ordering::SeqCst);
        // The acceptor sees the end when it is woken by a connection.
        let _woken = TcpStream::connect(self.address);
        for stream in self.shared.streams().values() {
            let _closed_already = stream.shutdown(Shutdown::Both);
        }
    }
}

impl Shared {
    fn streams(&self) -> std::sync::MutexGuard<'_, HashMap<usize, TcpStream>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming().flatten() {
        if shared.ending.load(Ordering::SeqCst) {
            return;
        }
        stream.set_nodelay(true).expect("a live socket");
        let connection = shared.accepted.fetch_add(1, Ordering::SeqCst);
        shared.streams().insert(connection, stream.try_clone().expect("a descriptor"));
        let serving = shared.clone();
        let serve = move || {
            serve(stream, connection, &serving);
            serving.streams().remove(&connection);
        };
        if shared.dialect.serial {
            serve();
        } else {
            thread::spawn(serve);
        }
    }
}

/// Serves a connection until its end.
fn serve(mut stream: TcpStream, connection: usize, shared: &Shared) {
    let mut buffer = Vec::new();
    while let Some((message, end)) = receive(&mut stream, &mut buffer, shared.dialect) {
        let number = shared.calls.fetch_add(1, Ordering::SeqCst);
        let Some(call) = Call::read(&message, shared.dialect, connection, number) else { return };
        buffer.drain(..end);
        for step in (shared.script)(&call) {
            if !take(&mut stream, step) {
                return;
            }
        }
    }
}

/// Does one step; `false` where the connection is at its end.
fn take(stream: &mut TcpStream, step: Step) -> bool {
    match step {
        Step::Send(bytes) => stream.write_all(&bytes).is_ok(),
        Step::Drip(bytes, pause) => bytes.iter().all(|byte| {
            thread::sleep(pause);
            stream.write_all(&[*byte]).is_ok()
        }),
        Step::Wait(time) => {
            thread::sleep(time);
            true
        }
        Step::Stall => {
            let mut ignored = [0; 1024];
            while matches!(stream.read(&mut ignored), Ok(count) if count > 0) {}
            false
        }
        Step::Close => {
            let _closed_already = stream.shutdown(Shutdown::Both);
            false
        }
        Step::Reset => {
            let _closed_already = socket2::SockRef::from(&*stream).set_linger(Some(Duration::ZERO));
            false
        }
    }
}

/// Reads one message, and where it ends in the buffer; `None` at the end of the connection, and where no
/// message comes.
fn receive(stream: &mut TcpStream, buffer: &mut Vec<u8>, dialect: Dialect) -> Option<(Vec<u8>, usize)> {
    let limits = FramingLimits { size: 64 << 20, depth: DEPTH };
    let mut framing = Framing::new(dialect.transport, dialect.protocol, limits);
    loop {
        match framing.advance(buffer).ok()? {
            Progress::Complete { body, end } => return Some((buffer[body].to_vec(), end)),
            Progress::More(_) => {
                let mut chunk = [0; 16 * 1024];
                match stream.read(&mut chunk) {
                    Ok(0) | Err(_) => return None,
                    Ok(count) => buffer.extend_from_slice(&chunk[..count]),
                }
            }
        }
    }
}
