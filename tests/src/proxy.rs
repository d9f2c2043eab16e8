//! A network between two peers that passes on what it is told to, byte for byte.
//!
//! What a network does to packets, TCP hides: duplicates and disorder never reach an application, and loss
//! is a pause, or one that never ends. So what a proxy can do is all there is to see.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// A direction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// From who connected to who listens
    There,
    /// The other
    Back,
}

/// A point of a connection where a rule is asked.
#[derive(Clone, Copy, Debug)]
pub struct Position {
    /// The number of the connection, from 0
    pub connection: usize,
    /// The direction
    pub way: Way,
    /// How many bytes passed in this direction
    pub passed: usize,
}

/// What passes next.
#[derive(Clone, Copy, Debug)]
pub enum Passing {
    /// Whatever there is
    All,
    /// At most so many bytes, after which the rule is asked again; not 0
    Bytes(usize),
    /// Nothing yet; the rule is asked again and again
    Nothing,
}

type Rule = dyn Fn(Position) -> Passing + Send + Sync;
type Choice = dyn Fn() -> Option<SocketAddr> + Send + Sync;

/// A running proxy. Dropped, it takes no further connections.
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    choice: Box<Choice>,
    rule: Box<Rule>,
    accepted: AtomicUsize,
    there: AtomicUsize,
    back: AtomicUsize,
    ending: AtomicBool,
}

impl Proxy {
    /// Starts one before the listener of that address.
    pub fn start(behind: SocketAddr, rule: impl Fn(Position) -> Passing + Send + Sync + 'static) -> Self {
        Self::choosing(move || Some(behind), rule)
    }

    /// Starts one that asks for each connection where it goes, several times where nobody listens there.
    ///
    /// # Panics
    /// Where the system gives no port.
    pub fn choosing(
        choice: impl Fn() -> Option<SocketAddr> + Send + Sync + 'static,
        rule: impl Fn(Position) -> Passing + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let shared = Arc::new(Shared {
            choice: Box::new(choice),
            rule: Box::new(rule),
            accepted: AtomicUsize::new(0),
            there: AtomicUsize::new(0),
            back: AtomicUsize::new(0),
            ending: AtomicBool::new(false),
        });
        let accepting = shared.clone();
        thread::spawn(move || accept(&listener, &accepting));
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

    /// How many bytes passed in a direction, on all connections.
    #[must_use]
    pub fn passed(&self, way: Way) -> usize {
        self.shared.passed(way).load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.ending.store(true, Ordering::SeqCst);
        // The acceptor sees the end when it is woken by a connection.
        let _woken = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn connect(&self) -> Option<TcpStream> {
        (0..4).find_map(|_| TcpStream::connect((self.choice)()?).ok())
    }

    fn passed(&self, way: Way) -> &AtomicUsize {
        match way {
            Way::There => &self.there,
            Way::Back => &self.back,
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming().flatten() {
        if shared.ending.load(Ordering::SeqCst) {
            return;
        }
        let connection = shared.accepted.fetch_add(1, Ordering::SeqCst);
        let Some(target) = shared.connect() else { continue };
        for (way, from, to) in [(Way::There, &stream, &target), (Way::Back, &target, &stream)] {
            from.set_nodelay(true).expect("a live socket");
            let (from, to) = (from.try_clone().expect("a descriptor"), to.try_clone().expect("a descriptor"));
            let shared = shared.clone();
            thread::spawn(move || {
                pass(&from, &to, &shared, Position { connection, way, passed: 0 });
                for stream in [from, to] {
                    let _closed_already = stream.shutdown(Shutdown::Both);
                }
            });
        }
    }
}

/// Passes bytes on in one direction until either side ends.
fn pass(mut from: &TcpStream, mut to: &TcpStream, shared: &Shared, mut position: Position) {
    let mut chunk = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut chunk) {
        let mut rest = &chunk[..count];
        while !rest.is_empty() {
            let next = match (shared.rule)(position) {
                Passing::All => rest.len(),
                Passing::Bytes(most) => rest.len().min(most),
                Passing::Nothing if is_open(from) => continue,
                Passing::Nothing => return,
            };
            if to.write_all(&rest[..next]).is_err() {
                return;
            }
            rest = &rest[next..];
            position.passed += next;
            shared.passed(position.way).fetch_add(next, Ordering::SeqCst);
        }
    }
}

/// Waits a moment, and tells whether the peer has neither closed nor reset the connection.
fn is_open(stream: &TcpStream) -> bool {
    // Nobody but this direction reads from the stream.
    stream.set_read_timeout(Some(Duration::from_millis(1))).expect("a live socket");
    let seen = stream.peek(&mut [0]);
    stream.set_read_timeout(None).expect("a live socket");
    match seen {
        Ok(count) => count > 0,
        Err(error) => matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
    }
}
