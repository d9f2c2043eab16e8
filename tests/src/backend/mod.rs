//! A Thrift server that does as its script says, well or badly, and counts what it sees.

mod call;

pub use call::{Call, header, write_i32, write_string};

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use socket2::{Domain, SockRef, Socket, Type};

use thriftgate_protocols::framing::{Framing, FramingLimits, Progress, Transport};
use thriftgate_protocols::wire::Protocol;

const DEPTH: usize = 64;
/// A port that the system chooses.
const ANYWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// What a message travels in.
#[derive(Clone, Copy, Debug)]
enum Carrier {
    Socket(Transport),
    /// The body of a request and of its response
    Http,
}

/// How a backend speaks and serves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
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

type Script = dyn Fn(&Call) -> Vec<Step> + Send + Sync;

/// A running backend. Dropped, it closes every connection.
pub struct Backend {
    address: SocketAddr,
    /// Bound and never listening: it keeps the port while the backend is stopped, and who connects is refused.
    _reserved: Socket,
    shared: Arc<Shared>,
    listening: Mutex<Option<Listening>>,
}

/// What accepts connections, until it is stopped.
struct Listening {
    socket: TcpListener,
    ending: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

struct Shared {
    protocol: Protocol,
    carrier: Carrier,
    serial: bool,
    script: Box<Script>,
    accepted: AtomicUsize,
    calls: AtomicUsize,
    open: Mutex<HashMap<usize, TcpStream>>,
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

    /// As [`Self::start`], at this address; port 0 is any.
    pub fn at(address: SocketAddr, script: impl Fn(&Call) -> Vec<Step> + Send + Sync + 'static) -> Self {
        let Dialect { protocol, transport, serial } = Dialect::default();
        Self::new(address, protocol, Carrier::Socket(transport), serial, Box::new(script))
    }

    /// Starts a backend of this dialect.
    pub fn speaking(dialect: Dialect, script: impl Fn(&Call) -> Vec<Step> + Send + Sync + 'static) -> Self {
        let Dialect { protocol, transport, serial } = dialect;
        Self::new(ANYWHERE, protocol, Carrier::Socket(transport), serial, Box::new(script))
    }

    /// Starts a backend over HTTP/1.1, whose messages are bodies of requests and responses of status 200. The
    /// bytes that a script sends are those of the whole response.
    pub fn over_http(
        protocol: Protocol,
        script: impl Fn(&Call) -> Vec<Step> + Send + Sync + 'static,
    ) -> Self {
        Self::new(ANYWHERE, protocol, Carrier::Http, false, Box::new(script))
    }

    fn new(
        address: SocketAddr,
        protocol: Protocol,
        carrier: Carrier,
        serial: bool,
        script: Box<Script>,
    ) -> Self {
        let reserved = bind(address);
        let address = reserved.local_addr().expect("a bound socket has an address");
        let address = address.as_socket().expect("an address of the Internet");
        let shared = Arc::new(Shared {
            protocol,
            carrier,
            serial,
            script,
            accepted: AtomicUsize::new(0),
            calls: AtomicUsize::new(0),
            open: Mutex::default(),
        });
        let backend = Self { address, _reserved: reserved, shared, listening: Mutex::default() };
        backend.listen();
        backend
    }

    /// Accepts connections again after [`Self::stop`].
    ///
    /// # Panics
    /// Where it accepts them already, or the system gives no socket or thread.
    pub fn listen(&self) {
        let socket = bind(self.address);
        socket.listen(1024).expect("a bound socket listens");
        let socket = TcpListener::from(socket);
        let accepting = socket.try_clone().expect("a descriptor");
        let ending = Arc::new(AtomicBool::new(false));
        let (shared, ended) = (self.shared.clone(), ending.clone());
        let thread = thread::spawn(move || accept(&accepting, &ended, &shared));
        let before = self.listening().replace(Listening { socket, ending, thread });
        assert!(before.is_none(), "it listens already");
    }

    /// Ends as a process that is killed: nobody listens any more, and every connection is closed. Returns how
    /// many were.
    pub fn stop(&self) -> usize {
        if let Some(listening) = self.listening().take() {
            listening.close();
            let _panicked = listening.thread.join();
        }
        self.cut(|_| true)
    }

    /// Closes the connections of these numbers, whatever is under way on them, and returns how many were open.
    pub fn cut(&self, which: impl Fn(usize) -> bool) -> usize {
        let streams = self.shared.streams();
        let cut = streams.iter().filter(|(connection, _)| which(**connection));
        cut.map(|(_, stream)| stream.shutdown(Shutdown::Both)).filter(Result::is_ok).count()
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

    fn listening(&self) -> MutexGuard<'_, Option<Listening>> {
        self.listening.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        if let Some(listening) = self.listening().take() {
            listening.close();
        }
        self.cut(|_| true);
    }
}

impl Listening {
    /// Refuses connections from now on, and wakes the acceptor.
    fn close(&self) {
        self.ending.store(true, Ordering::SeqCst);
        let _closed_already = SockRef::from(&self.socket).shutdown(Shutdown::Both);
    }
}

impl Shared {
    fn streams(&self) -> MutexGuard<'_, HashMap<usize, TcpStream>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A socket at this address, which others of this process may have as well.
fn bind(address: SocketAddr) -> Socket {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None).expect("a socket");
    socket.set_reuse_address(true).expect("an option of every socket");
    socket.set_reuse_port(true).expect("an option of every socket");
    socket.bind(&address.into()).expect("a port");
    socket
}

fn accept(listener: &TcpListener, ending: &AtomicBool, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if ending.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        stream.set_nodelay(true).expect("a live socket");
        let connection = shared.accepted.fetch_add(1, Ordering::SeqCst);
        shared.streams().insert(connection, stream.try_clone().expect("a descriptor"));
        let serving = shared.clone();
        let serve = move || {
            serve(stream, connection, &serving);
            serving.streams().remove(&connection);
        };
        if shared.serial {
            serve();
        } else {
            thread::spawn(serve);
        }
    }
}

/// Serves a connection until its end.
fn serve(mut stream: TcpStream, connection: usize, shared: &Shared) {
    let mut buffer = Vec::new();
    while let Some(message) = receive(&mut stream, &mut buffer, shared) {
        let number = shared.calls.fetch_add(1, Ordering::SeqCst);
        let call = Call::read(message, shared.protocol, shared.carrier, connection, number);
        let Some(call) = call else { return };
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
            let _closed_already = SockRef::from(&*stream).set_linger(Some(Duration::ZERO));
            false
        }
    }
}

/// Takes one message from what is received; `None` at the end of the connection, and where no message comes.
fn receive(stream: &mut TcpStream, buffer: &mut Vec<u8>, shared: &Shared) -> Option<Vec<u8>> {
    match shared.carrier {
        Carrier::Http => receive_body(stream, buffer),
        Carrier::Socket(transport) => {
            let limits = FramingLimits { size: 64 << 20, depth: DEPTH };
            let mut framing = Framing::new(transport, shared.protocol, limits);
            loop {
                match framing.advance(buffer).ok()? {
                    Progress::Complete { body, end } => {
                        let message = buffer[body].to_vec();
                        buffer.drain(..end);
                        return Some(message);
                    }
                    Progress::More(_) => fill(stream, buffer)?,
                }
            }
        }
    }
}

/// Takes the body of one request, which has a length.
fn receive_body(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Vec<u8>> {
    const END: &[u8] = b"\r\n\r\n";
    let head = loop {
        if let Some(at) = buffer.windows(END.len()).position(|window| window == END) {
            break buffer.drain(..at + END.len()).collect::<Vec<u8>>();
        }
        fill(stream, buffer)?;
    };
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"))?;
    let length = length.trim().parse().ok()?;
    while buffer.len() < length {
        fill(stream, buffer)?;
    }
    Some(buffer.drain(..length).collect())
}

/// Receives some bytes; `None` at the end of the connection.
fn fill(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<()> {
    let mut chunk = [0; 16 * 1024];
    match stream.read(&mut chunk) {
        Ok(0) | Err(_) => None,
        Ok(count) => {
            buffer.extend_from_slice(&chunk[..count]);
            Some(())
        }
    }
}
