//! Listening sockets.

use std::io;
use std::net::SocketAddr;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};

use crate::http::Peer;

/// The connections that the system queues before they are accepted.
const BACKLOG: i32 = 4096;

/// A socket that is not yet part of a runtime.
#[derive(Debug)]
pub(super) struct Bound(std::net::TcpListener);

/// An accepting socket of one runtime.
#[derive(Debug)]
pub(super) struct Listener(TcpListener);

impl Bound {
    /// Binds an address `count` times, for as many runtimes, and returns the address with its true port.
    ///
    /// The first bind is without SO_REUSEPORT, so that an address that another process has is noticed.
    pub(super) fn group(address: SocketAddr, count: usize) -> io::Result<(SocketAddr, Vec<Self>)> {
        let alone = bind(address, false)?;
        let address = alone.local_addr()?.as_socket().ok_or(io::ErrorKind::AddrNotAvailable)?;
        if count == 1 {
            alone.listen(BACKLOG)?;
            return Ok((address, vec![Self(alone.into())]));
        }
        drop(alone);
        let listen = |_| {
            let socket = bind(address, true)?;
            socket.listen(BACKLOG)?;
            Ok(Self(socket.into()))
        };
        Ok((address, (0..count).map(listen).collect::<io::Result<_>>()?))
    }

    /// Makes it part of the runtime of the calling task.
    pub(super) fn listen(self) -> io::Result<Listener> {
        Ok(Listener(TcpListener::from_std(self.0)?))
    }
}

fn bind(address: SocketAddr, shared: bool) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    if shared {
        socket.set_reuse_port(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

impl Listener {
    pub(super) async fn accept(&self) -> io::Result<(TcpStream, Peer)> {
        let (stream, peer) = self.0.accept().await?;
        stream.set_nodelay(true)?;
        Ok((stream, Peer(Some(peer))))
    }
}
