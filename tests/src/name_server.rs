//! A name server that answers as it is told, and counts what it is asked.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use hickory_proto::op::{Message, Query, ResponseCode};
use hickory_proto::rr::rdata::SRV;
use hickory_proto::rr::{Name, RData, Record, RecordType};

/// How often the server looks whether it has ended.
const TURN: Duration = Duration::from_millis(20);

/// What a name is answered.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Records, of which those of the type that is asked for are sent; where none is, the answer is empty
    Records(Vec<RData>),
    /// There is no such name
    NxDomain,
    /// The server could not find out
    ServFail,
    /// Nothing at all
    Silence,
    /// Records of one type, and nothing at all where another is asked for
    Only(RecordType, Vec<RData>),
}

impl Answer {
    /// IPv4 and IPv6 addresses.
    ///
    /// # Panics
    /// Where one of them is none.
    #[must_use]
    pub fn addresses(addresses: &[&str]) -> Self {
        Self::Records(addresses.iter().map(|address| address_record(address)).collect())
    }

    /// IPv4 addresses from a server that says nothing when it is asked for IPv6.
    ///
    /// # Panics
    /// Where one of them is none.
    #[must_use]
    pub fn only_ipv4(addresses: &[&str]) -> Self {
        Self::Only(RecordType::A, addresses.iter().map(|address| address_record(address)).collect())
    }

    /// Services, each as priority, weight, port and host.
    ///
    /// # Panics
    /// Where a host is no name.
    #[must_use]
    pub fn services(services: &[(u16, u16, u16, &str)]) -> Self {
        let record = |&(priority, weight, port, host): &(u16, u16, u16, &str)| {
            RData::SRV(SRV::new(priority, weight, port, Name::from_ascii(host).expect("a name")))
        };
        Self::Records(services.iter().map(record).collect())
    }
}

fn address_record(address: &str) -> RData {
    match address.parse().expect("an IP address") {
        IpAddr::V4(address) => RData::A(address.into()),
        IpAddr::V6(address) => RData::AAAA(address.into()),
    }
}

/// A running name server, over UDP and TCP. Dropped, it ends.
pub struct NameServer {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    ending: AtomicBool,
}

#[derive(Default)]
struct State {
    /// By names in lower case, without the last dot; what is not there does not exist.
    zone: HashMap<String, (Answer, u32)>,
    asked: HashMap<String, usize>,
    truncating: bool,
    asked_over_tcp: usize,
}

impl NameServer {
    /// Starts a server that knows no name.
    ///
    /// # Panics
    /// Where the system gives no port or thread.
    #[must_use]
    pub fn start() -> Self {
        let (udp, tcp) = bind();
        let address = udp.local_addr().expect("a bound socket has an address");
        let shared = Arc::new(Shared::default());
        let serving = shared.clone();
        thread::spawn(move || serve_udp(&udp, &serving));
        let serving = shared.clone();
        thread::spawn(move || serve_tcp(&tcp, &serving));
        Self { address, shared }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers a name so from now on; `ttl` is the time to live of its records, in seconds.
    pub fn set(&self, name: &str, ttl: u32, answer: Answer) {
        self.shared.state().zone.insert(name.to_owned(), (answer, ttl));
    }

    /// Whether answers over UDP are cut off, so that one has to ask again over TCP.
    pub fn truncate(&self, truncating: bool) {
        self.shared.state().truncating = truncating;
    }

    /// How often a name was asked for, by any type.
    #[must_use]
    pub fn asked(&self, name: &str) -> usize {
        self.shared.state().asked.get(name).copied().unwrap_or_default()
    }

    /// How often anything was asked.
    #[must_use]
    pub fn questions(&self) -> usize {
        self.shared.state().asked.values().sum()
    }

    /// How often anything was asked over TCP.
    #[must_use]
    pub fn asked_over_tcp(&self) -> usize {
        self.shared.state().asked_over_tcp
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.shared.ending.store(true, Ordering::SeqCst);
        // The acceptor sees the end when it is woken by a connection.
        let _woken = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer to one message; `None` for silence, and for what is no question.
    fn answer(&self, message: &[u8], over_tcp: bool) -> Option<Vec<u8>> {
        let message = Message::from_vec(message).ok()?;
        let query = message.queries.first()?.clone();
        let name = query.name().to_ascii().to_lowercase().trim_end_matches('.').to_owned();
        let mut state = self.state();
        *state.asked.entry(name.clone()).or_default() += 1;
        state.asked_over_tcp += usize::from(over_tcp);
        let (answer, ttl) = state.zone.get(&name).cloned().unwrap_or((Answer::NxDomain, 0));
        let mut response = Message::response(message.metadata.id, message.metadata.op_code);
        response.metadata.recursion_desired = message.metadata.recursion_desired;
        response.metadata.recursion_available = true;
        match answer {
            Answer::NxDomain => response.metadata.response_code = ResponseCode::NXDomain,
            Answer::ServFail => response.metadata.response_code = ResponseCode::ServFail,
            Answer::Silence => return None,
            Answer::Only(of_type, _) if of_type != query.query_type() => return None,
            Answer::Records(_) | Answer::Only(..) if state.truncating && !over_tcp => {
                response.metadata.truncation = true;
            }
            Answer::Records(records) | Answer::Only(_, records) => add(&mut response, &query, ttl, records),
        }
        response.add_query(query);
        Some(response.to_vec().expect("a message of records"))
    }
}

fn add(response: &mut Message, query: &Query, ttl: u32, records: Vec<RData>) {
    for record in records.into_iter().filter(|record| record.record_type() == query.query_type()) {
        response.add_answer(Record::from_rdata(query.name().clone(), ttl, record));
    }
}

/// One port for both.
fn bind() -> (UdpSocket, TcpListener) {
    let mut tries = (0..100).map(|_| {
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let udp = UdpSocket::bind(tcp.local_addr().expect("a bound socket has an address"));
        udp.map(|udp| (udp, tcp))
    });
    tries.find_map(Result::ok).expect("a port that is free for UDP and TCP")
}

fn serve_udp(socket: &UdpSocket, shared: &Shared) {
    socket.set_read_timeout(Some(TURN)).expect("a live socket");
    let mut buffer = [0; 4096];
    while !shared.ending.load(Ordering::SeqCst) {
        if let Ok((length, peer)) = socket.recv_from(&mut buffer)
            && let Some(answer) = shared.answer(&buffer[..length], false)
        {
            let _gone = socket.send_to(&answer, peer);
        }
    }
}

fn serve_tcp(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming().flatten() {
        if shared.ending.load(Ordering::SeqCst) {
            return;
        }
        let serving = shared.clone();
        thread::spawn(move || serve_connection(stream, &serving));
    }
}

/// Serves a connection until its end: each message stands behind its length.
fn serve_connection(mut stream: TcpStream, shared: &Shared) {
    let mut length = [0; 2];
    while stream.read_exact(&mut length).is_ok() {
        let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
        if stream.read_exact(&mut message).is_err() {
            return;
        }
        if let Some(answer) = shared.answer(&message, true) {
            let length = u16::try_from(answer.len()).expect("a message of a usual size");
            let bytes = [&length.to_be_bytes()[..], &answer].concat();
            if stream.write_all(&bytes).is_err() {
                return;
            }
        }
    }
}
