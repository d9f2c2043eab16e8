//! HTTP/1.1 over plain sockets: what is sent is what the test writes, byte for byte.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::PATIENCE;

/// A client connection.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    /// What was received and not yet consumed.
    received: Vec<u8>,
}

/// A response.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reply {
    /// The status
    pub status: u16,
    /// The headers in their order, names in lower case
    pub headers: Vec<(String, String)>,
    /// The body, not chunked any more
    pub body: Vec<u8>,
}

impl Reply {
    /// The value of a header, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(of, _)| of == name).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    ///
    /// # Panics
    /// Where it is not UTF-8.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("a body of text")
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// Where it is no JSON.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {:?}", self.status, self.body.escape_ascii()))
    }

    /// A member of the `exception` of the body, null where there is none.
    #[must_use]
    #[track_caller]
    pub fn exception(&self, member: &str) -> Value {
        self.json()["exception"][member].clone()
    }

    /// The status, the code and whether the call was executed, of a call that failed.
    #[must_use]
    #[track_caller]
    pub fn failure(&self) -> (u16, String, String) {
        let word = |member| self.exception(member).as_str().unwrap_or_default().to_owned();
        (self.status, word("code"), word("executed"))
    }

    /// The success of a call.
    ///
    /// # Panics
    /// Where the status is not 200.
    #[must_use]
    #[track_caller]
    pub fn success(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body.escape_ascii());
        self.json()["result"]["success"].clone()
    }
}

impl Connection {
    /// Connects.
    ///
    /// # Panics
    /// Where nobody listens.
    #[must_use]
    #[track_caller]
    pub fn open(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).expect("somebody listens"))
    }

    /// Uses a connection that was made.
    ///
    /// # Panics
    /// Where it is closed already.
    #[must_use]
    pub fn over(stream: TcpStream) -> Self {
        stream.set_nodelay(true).expect("a live socket");
        stream.set_read_timeout(Some(PATIENCE)).expect("a live socket");
        stream.set_write_timeout(Some(PATIENCE)).expect("a live socket");
        Self { stream, received: Vec::new() }
    }

    /// Sends bytes as they are. What the peer no longer wants is not this side's fault.
    pub fn send(&mut self, bytes: &[u8]) {
        let _peer_left = self.stream.write_all(bytes);
    }

    /// Sends bytes, and tells whether the peer still took them.
    ///
    /// # Errors
    /// What the system says.
    pub fn try_send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Reads one response to its end; those with status 1xx are passed over.
    ///
    /// # Panics
    /// Where none comes.
    #[track_caller]
    pub fn reply(&mut self) -> Reply {
        match self.try_reply() {
            Some(reply) => reply,
            None => panic!("the connection was closed; before that came {:?}", self.received.escape_ascii()),
        }
    }

    /// Reads one response to its end, or `None` where the connection is closed before one comes.
    ///
    /// # Panics
    /// Where the peer stays silent, or sends what is no response.
    #[track_caller]
    pub fn try_reply(&mut self) -> Option<Reply> {
        loop {
            let head = self.until(b"\r\n\r\n")?;
            let (status, headers) = parse_head(&head);
            let reply = Reply { status, headers, body: Vec::new() };
            if (100..200).contains(&status) {
                continue;
            }
            let body = if reply.header("transfer-encoding") == Some("chunked") {
                self.chunks()
            } else {
                let length = reply.header("content-length").and_then(|length| length.parse().ok());
                self.exactly(length.unwrap_or(0))
            };
            return Some(Reply { body: body?, ..reply });
        }
    }

    /// Whether an interim response asks for the body, and nothing else came before it.
    #[track_caller]
    pub fn continues(&mut self) -> bool {
        while self.received.len() < 25 {
            if !self.fill() {
                return false;
            }
        }
        self.received.starts_with(b"HTTP/1.1 100 Continue\r\n\r\n")
    }

    /// Waits until the peer closes and returns what it sent until then.
    ///
    /// # Panics
    /// Where it does not close within the time.
    #[track_caller]
    pub fn until_closed(&mut self, within: Duration) -> Vec<u8> {
        let end = Instant::now() + within;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "still open, after {:?}", self.received.escape_ascii());
            self.stream.set_read_timeout(Some(left)).expect("a live socket");
            if !self.fill() {
                return std::mem::take(&mut self.received);
            }
        }
    }

    fn chunks(&mut self) -> Option<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = self.until(b"\r\n")?;
            let size = String::from_utf8_lossy(&line).trim().to_owned();
            let size = usize::from_str_radix(&size, 16).expect("the size of a chunk");
            let chunk = self.exactly(size + 2)?;
            if size == 0 {
                return Some(body);
            }
            body.extend_from_slice(&chunk[..size]);
        }
    }

    fn until(&mut self, end: &[u8]) -> Option<Vec<u8>> {
        loop {
            if let Some(at) = self.received.windows(end.len()).position(|window| window == end) {
                return Some(self.received.drain(..at + end.len()).collect());
            }
            if !self.fill() {
                return None;
            }
        }
    }

    fn exactly(&mut self, count: usize) -> Option<Vec<u8>> {
        while self.received.len() < count {
            if !self.fill() {
                return None;
            }
        }
        Some(self.received.drain(..count).collect())
    }

    /// Receives some bytes; `false` where the peer closed.
    #[track_caller]
    fn fill(&mut self) -> bool {
        let mut chunk = [0; 16 * 1024];
        match self.stream.read(&mut chunk) {
            Ok(0) => false,
            Ok(count) => {
                self.received.extend_from_slice(&chunk[..count]);
                true
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                panic!("the peer is silent, after {:?}", self.received.escape_ascii())
            }
            Err(_) => false,
        }
    }
}

fn parse_head(head: &[u8]) -> (u16, Vec<(String, String)>) {
    let head = String::from_utf8_lossy(head);
    let mut lines = head.trim_end().split("\r\n");
    let line = lines.next().unwrap_or_default();
    let status = line.strip_prefix("HTTP/1.1 ").or_else(|| line.strip_prefix("HTTP/1.0 "));
    let status = status.and_then(|status| status.get(..3)?.parse().ok());
    let header = |line: &str| {
        let (name, value) = line.split_once(':').expect("a header");
        (name.to_ascii_lowercase(), value.trim().to_owned())
    };
    (status.unwrap_or_else(|| panic!("no response: {head}")), lines.map(header).collect())
}

/// The bytes of a POST, with `Host` and `Content-Length` beside these headers, to be answered on a
/// connection that stays open.
#[must_use]
pub fn post(path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("POST {path} HTTP/1.1\r\nHost: gateway\r\n").into_bytes();
    for (name, value) in headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
    bytes.extend_from_slice(body);
    bytes
}

/// Sends a request on a connection of its own and reads the response.
#[must_use]
#[track_caller]
pub fn exchange(address: SocketAddr, request: &[u8]) -> Reply {
    let mut connection = Connection::open(address);
    connection.send(request);
    connection.reply()
}

/// Gets a path.
#[must_use]
#[track_caller]
pub fn get(address: SocketAddr, path: &str) -> Reply {
    exchange(address, format!("GET {path} HTTP/1.1\r\nHost: gateway\r\n\r\n").as_bytes())
}
