//! HTTP/2 by frames of our own: what a library would not send.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use thriftgate_tests::PATIENCE;

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const RESET: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PING: u8 = 6;
pub(crate) const GO_AWAY: u8 = 7;
pub(crate) const CONTINUATION: u8 = 9;

/// The last frame of a stream's data or headers; of settings and pings, an answer.
pub(crate) const END: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;

/// The identifier of the initial window in settings.
pub(crate) const INITIAL_WINDOW: u16 = 4;

/// A frame that was received.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) stream: u32,
    pub(crate) payload: Vec<u8>,
}

/// A client connection on which settings and pings are answered, and nothing else is done by itself.
pub(crate) struct Http2 {
    stream: TcpStream,
}

impl Http2 {
    /// Connects with these settings.
    pub(crate) fn open(address: SocketAddr, settings: &[(u16, u32)]) -> Self {
        let stream = TcpStream::connect(address).expect("somebody listens");
        stream.set_nodelay(true).expect("a live socket");
        stream.set_read_timeout(Some(PATIENCE)).expect("a live socket");
        stream.set_write_timeout(Some(PATIENCE)).expect("a live socket");
        let mut connection = Self { stream };
        connection.stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").expect("a live socket");
        let settings = settings
            .iter()
            .flat_map(|(identifier, value)| [&identifier.to_be_bytes()[..], &value.to_be_bytes()].concat());
        connection.send(SETTINGS, 0, 0, &settings.collect::<Vec<u8>>());
        connection
    }

    /// Sends a frame; `false` where the peer no longer takes it.
    pub(crate) fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> bool {
        self.send_many(1, kind, flags, stream, payload)
    }

    /// Sends a frame so many times at once.
    pub(crate) fn send_many(
        &mut self,
        times: usize,
        kind: u8,
        flags: u8,
        stream: u32,
        payload: &[u8],
    ) -> bool {
        let length = u32::try_from(payload.len()).expect("a short frame").to_be_bytes();
        let mut bytes = vec![length[1], length[2], length[3], kind, flags];
        bytes.extend_from_slice(&stream.to_be_bytes());
        bytes.extend_from_slice(payload);
        self.stream.write_all(&bytes.repeat(times)).is_ok()
    }

    /// Sends the header section of a POST of JSON to `/`; `false` where the peer no longer takes it.
    pub(crate) fn head(&mut self, stream: u32) -> bool {
        // Indexed fields of the static table, then literal ones that are not to be indexed.
        let mut block = vec![0x83, 0x86, 0x84];
        for (name, value) in [(&[0x01][..], "gateway"), (&[0x0f, 0x10], "application/json")] {
            block.extend_from_slice(name);
            block.push(u8::try_from(value.len()).expect("a short value"));
            block.extend_from_slice(value.as_bytes());
        }
        self.send(HEADERS, END_HEADERS, stream, &block)
    }

    /// Posts JSON to `/`.
    pub(crate) fn post(&mut self, stream: u32, body: &str) {
        self.head(stream);
        self.send(DATA, END, stream, body.as_bytes());
    }

    /// The next frame, after settings and pings were answered; `None` at the end of the connection.
    pub(crate) fn next(&mut self) -> Option<Frame> {
        loop {
            let mut head = [0; 9];
            self.stream.read_exact(&mut head).ok()?;
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            let mut payload = vec![0; length as usize];
            self.stream.read_exact(&mut payload).ok()?;
            let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
            let frame = Frame { kind: head[3], flags: head[4], stream, payload };
            match (frame.kind, frame.flags & END) {
                (SETTINGS, 0) => drop(self.send(SETTINGS, END, 0, &[])),
                (PING, 0) => drop(self.send(PING, END, 0, &frame.payload)),
                (SETTINGS | PING, _) => {}
                _ => return Some(frame),
            }
        }
    }

    /// The whole data of a stream; `None` where the connection ends before.
    pub(crate) fn reply(&mut self, stream: u32) -> Option<String> {
        let mut data = Vec::new();
        loop {
            let frame = self.next()?;
            if frame.stream == stream && frame.kind == DATA {
                data.extend_from_slice(&frame.payload);
                if frame.flags & END != 0 {
                    return Some(String::from_utf8(data).expect("a reply of text"));
                }
            }
        }
    }

    /// The code of the GOAWAY with which the peer ends the connection; `None` where it just closes it.
    pub(crate) fn go_away(&mut self) -> Option<u32> {
        loop {
            let frame = self.next()?;
            if frame.kind == GO_AWAY {
                return Some(u32::from_be_bytes(frame.payload[4..8].try_into().expect("four bytes")));
            }
        }
    }
}
