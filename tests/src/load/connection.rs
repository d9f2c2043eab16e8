//! A client connection: one call at a time, in human-readable JSON.

use std::io::{self, ErrorKind, Write};
use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::fates::{Fate, Refusal};

/// What is sent and received on a connection. Dropped in the middle of a call, it is closed.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    /// The request, and after it the response.
    buffer: Vec<u8>,
}

impl Connection {
    pub(super) async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::new() })
    }

    /// Whether the peer has not closed it, as far as is known without waiting.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.stream.try_read(&mut [0]), Err(error) if error.kind() == ErrorKind::WouldBlock)
    }

    /// Calls a method of a path with a token, and tells whether the connection can be used again.
    pub(super) async fn call(&mut self, path: &str, method: &str, token: usize) -> io::Result<(Fate, bool)> {
        self.buffer.clear();
        let body = format!("{{\"method\":\"{method}\",\"arguments\":{{\"value\":{token}}}}}");
        write!(
            self.buffer,
            "POST {path} HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        self.stream.write_all(&self.buffer).await?;
        self.buffer.clear();
        let (head, length) = loop {
            self.fill().await?;
            if let Some(head) = Head::read(&self.buffer) {
                let length = head.end + head.length;
                break (head, length);
            }
        };
        while self.buffer.len() < length {
            self.fill().await?;
        }
        let body = &self.buffer[head.end..];
        let expected = format!("{{\"method\":\"{method}\",\"result\":{{\"success\":{token}}}}}");
        let fate = match head.status {
            200 if body == expected.as_bytes() => Fate::Answered,
            200 => Fate::Crossed(String::from_utf8_lossy(body).into()),
            status => Fate::Refused(refusal(status, body)),
        };
        Ok((fate, head.keeps))
    }

    async fn fill(&mut self) -> io::Result<()> {
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err(io::Error::new(ErrorKind::UnexpectedEof, "closed before the end of the response")),
            _ => Ok(()),
        }
    }
}

/// The header section of a response.
struct Head {
    status: u16,
    /// Of its body.
    length: usize,
    /// Whether the connection stays open.
    keeps: bool,
    /// Where the body begins.
    end: usize,
}

impl Head {
    /// Reads a section that is whole.
    fn read(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
        let text = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
        let header = |name| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let status = text.get(9..12).and_then(|status| status.parse().ok());
        let length = header("content-length:").and_then(|length| length.parse().ok());
        Some(Self {
            status: status.expect("a status"),
            length: length.expect("a length"),
            keeps: header("connection:") != Some("close"),
            end,
        })
    }
}

fn refusal(status: u16, body: &[u8]) -> Refusal {
    let json: Value = serde_json::from_slice(body).unwrap_or_default();
    let word = |member: &str| json["exception"][member].as_str().unwrap_or("?").into();
    Refusal { status, code: word("code"), executed: word("executed") }
}
