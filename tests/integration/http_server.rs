//! A Thrift server over HTTP that answers as its script says, and keeps what it was sent.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use thriftgate_protocols::wire::{
    BinaryReader, BinaryWriter, CompactReader, CompactWriter, JsonReader, JsonWriter, MessageHeader,
    MessageKind, Protocol, Reader, Writer,
};

/// A request that a server received.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// The number of its connection, from 0.
    pub(crate) connection: usize,
    /// Its first line.
    pub(crate) line: String,
    /// Its headers, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// The values of a header, joined.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let values = self.headers.iter().filter(|(of, _)| of == name);
        let values: Vec<&str> = values.map(|(_, value)| value.as_str()).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }
}

/// Writes the answer to a request; `false` closes the connection.
type Script = dyn Fn(&Request, &mut dyn Write) -> bool + Send + Sync;

/// A running server; its threads end with the test.
pub(crate) struct HttpServer {
    address: Option<SocketAddr>,
    shared: Arc<Shared>,
}

struct Shared {
    script: Box<Script>,
    accepted: AtomicUsize,
    requests: Mutex<Vec<Request>>,
}

impl HttpServer {
    pub(crate) fn start(script: impl Fn(&Request, &mut dyn Write) -> bool + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let shared = Shared::new(script);
        let serving = shared.clone();
        thread::spawn(move || listener.incoming().flatten().for_each(|stream| serving.spawn(stream)));
        Self { address: Some(address), shared }
    }

    /// A server whose methods answer their first argument, a string.
    pub(crate) fn echoing(protocol: Protocol) -> Self {
        Self::start(move |request, out| out.write_all(&ok(&echo(protocol, &request.body))).is_ok())
    }

    /// As [`Self::echoing`], for binary on a Unix socket.
    pub(crate) fn echoing_at(path: &Path) -> Self {
        let listener = UnixListener::bind(path).expect("a free path");
        let shared =
            Shared::new(|request, out| out.write_all(&ok(&echo(Protocol::Binary, &request.body))).is_ok());
        let serving = shared.clone();
        thread::spawn(move || listener.incoming().flatten().for_each(|stream| serving.spawn(stream)));
        Self { address: None, shared }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address.expect("it listens on a port")
    }

    /// How many connections it accepted.
    pub(crate) fn connections(&self) -> usize {
        self.shared.accepted.load(Ordering::SeqCst)
    }

    /// The requests that it received.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.shared.requests().clone()
    }
}

impl Shared {
    fn new(script: impl Fn(&Request, &mut dyn Write) -> bool + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { script: Box::new(script), accepted: AtomicUsize::new(0), requests: Mutex::default() })
    }

    fn requests(&self) -> MutexGuard<'_, Vec<Request>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Serves a connection on a thread of its own until its end.
    fn spawn(self: &Arc<Self>, mut stream: impl Read + Write + Send + 'static) {
        let connection = self.accepted.fetch_add(1, Ordering::SeqCst);
        let shared = self.clone();
        thread::spawn(move || {
            while let Some(request) = receive(&mut stream, connection) {
                shared.requests().push(request.clone());
                if !(shared.script)(&request, &mut stream) {
                    return;
                }
            }
        });
    }
}

/// Reads one request, whose body has a length; `None` at the end of the connection.
fn receive(stream: &mut impl Read, connection: usize) -> Option<Request> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).expect("a header section of text");
    let mut lines = head.trim_end().split("\r\n").map(str::to_owned);
    let line = lines.next()?;
    let header = |line: String| {
        let (name, value) = line.split_once(": ").expect("a header");
        (name.to_ascii_lowercase(), value.to_owned())
    };
    let request = Request { connection, line, headers: lines.map(header).collect(), body: Vec::new() };
    let length = request.header("content-length").expect("a length").parse().expect("a number");
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some(Request { body, ..request })
}

/// A response with status 200 and this message.
pub(crate) fn ok(body: &[u8]) -> Vec<u8> {
    response("200 OK", "Content-Type: application/x-thrift\r\n", body)
}

/// A response with these headers beside its length.
pub(crate) fn response(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes =
        format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// The reply that has argument 1, a string, as its success.
pub(crate) fn echo(protocol: Protocol, call: &[u8]) -> Vec<u8> {
    let mut reply = Vec::new();
    match protocol {
        Protocol::Binary => copy(BinaryReader::new(call, 8), BinaryWriter::new(&mut reply)),
        Protocol::Compact => copy(CompactReader::new(call, 8), CompactWriter::new(&mut reply)),
        Protocol::Json => copy(JsonReader::new(call, 8), JsonWriter::new(&mut reply)),
    }
    reply
}

fn copy<'a>(mut reader: impl Reader<'a>, mut writer: impl Writer) {
    let header = reader.message_begin().expect("a message of the gateway");
    writer.message_begin(&MessageHeader { kind: MessageKind::Reply, ..header });
    reader.struct_begin().expect("arguments");
    writer.struct_begin();
    let (ty, _) = reader.field_begin().expect("a field").expect("argument 1");
    writer.field_begin(ty, 0);
    writer.string(&reader.string().expect("a string"));
    writer.field_end();
    writer.struct_end();
    writer.message_end();
}

/// An address on which nobody listens.
pub(crate) fn deserted() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let address = listener.local_addr().expect("a bound socket has an address");
    drop(listener);
    assert!(TcpStream::connect(address).is_err(), "somebody listens on a port just left");
    address
}
