//! Listening sockets.

use std::io;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use socket2::{Domain, Protocol, SockAddr, SockRef, Socket, Type};
use thriftgate_config::ListenAddress;
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

use crate::http::Peer;
use crate::stream::Stream;
use crate::tls::CurrentServerTls;

/// The connections that the system queues before they are accepted.
const BACKLOG: i32 = 4096;

/// A socket that is not yet part of a runtime.
#[derive(Debug)]
pub(super) struct Bound {
    socket: Socket,
    unix: bool,
    inherited: bool,
}

/// An accepting socket of one runtime.
pub(super) struct Listener {
    socket: Accepting,
    /// How TLS is spoken on what it accepts.
    pub(super) tls: Option<CurrentServerTls>,
    /// Whether the socket, and what is queued on it, stays when it is dropped.
    pub(super) inherited: bool,
}

enum Accepting {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Bound {
    /// Binds an address `count` times, for as many runtimes, and returns it with its true port.
    ///
    /// The first bind of a port is without SO_REUSEPORT, so that an address that another process has is
    /// noticed. The sockets of a Unix path are one socket.
    pub(super) fn group(address: &ListenAddress, count: usize) -> io::Result<(ListenAddress, Vec<Self>)> {
        let bound = |socket, unix| Self { socket, unix, inherited: false };
        let tcp = match address {
            ListenAddress::Inherited(_) => return Err(io::ErrorKind::AddrNotAvailable.into()),
            ListenAddress::Tcp(address) => address,
            ListenAddress::Unix(path) => {
                let socket = bind_unix(path)?;
                socket.listen(BACKLOG)?;
                let group = (0..count).map(|_| Ok(bound(socket.try_clone()?, true)));
                return Ok((address.clone(), group.collect::<io::Result<_>>()?));
            }
        };
        let alone = bind(&(*tcp).into(), false)?;
        let address = alone.local_addr()?;
        let told = ListenAddress::Tcp(address.as_socket().ok_or(io::ErrorKind::AddrNotAvailable)?);
        if count == 1 {
            alone.listen(BACKLOG)?;
            return Ok((told, vec![bound(alone, false)]));
        }
        drop(alone);
        let listen = |_| {
            let socket = bind(&address, true)?;
            socket.listen(BACKLOG)?;
            Ok(bound(socket, false))
        };
        Ok((told, (0..count).map(listen).collect::<io::Result<_>>()?))
    }

    /// Shares a socket of the supervisor between `count` runtimes, and returns it with its address.
    pub(super) fn inherited(socket: &Socket, count: usize) -> io::Result<(ListenAddress, Vec<Self>)> {
        let local = socket.local_addr()?;
        let address = match (local.as_socket(), local.as_pathname()) {
            (Some(address), _) => ListenAddress::Tcp(address),
            // A socket in the abstract namespace has no path.
            (None, path) => ListenAddress::Unix(path.unwrap_or(Path::new("")).to_owned()),
        };
        let unix = local.is_unix();
        let group = (0..count).map(|_| Ok(Self { socket: socket.try_clone()?, unix, inherited: true }));
        Ok((address, group.collect::<io::Result<_>>()?))
    }

    /// Makes it part of the runtime of the calling task.
    pub(super) fn listen(self, tls: Option<CurrentServerTls>) -> io::Result<Listener> {
        let socket = if self.unix {
            Accepting::Unix(UnixListener::from_std(self.socket.into())?)
        } else {
            Accepting::Tcp(TcpListener::from_std(self.socket.into())?)
        };
        Ok(Listener { socket, tls, inherited: self.inherited })
    }
}

fn bind(address: &SockAddr, shared: bool) -> io::Result<Socket> {
    let socket = Socket::new(address.domain(), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    if shared {
        socket.set_reuse_port(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// Binds a path. The socket of a process that has gone is replaced; nothing else that has the path is.
fn bind_unix(path: &Path) -> io::Result<Socket> {
    let address = SockAddr::unix(path)?;
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    match socket.bind(&address) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse && is_deserted(path, &address)? => {
            std::fs::remove_file(path)?;
            socket.bind(&address)?;
        }
        bound => bound?,
    }
    Ok(socket)
}

/// Whether a path is a socket on which nobody listens.
fn is_deserted(path: &Path, address: &SockAddr) -> io::Result<bool> {
    if !std::fs::symlink_metadata(path)?.file_type().is_socket() {
        return Ok(false);
    }
    let connected = Socket::new(Domain::UNIX, Type::STREAM, None)?.connect(address);
    Ok(connected.is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused))
}

impl Listener {
    /// The next connection.
    pub(super) async fn accept(&self) -> io::Result<(Stream, Peer)> {
        match &self.socket {
            Accepting::Tcp(listener) => {
                let (stream, peer) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Ok((Stream::Tcp(stream), Peer(Some(peer))))
            }
            Accepting::Unix(listener) => {
                let (stream, _) = listener.accept().await?;
                Ok((Stream::Unix(stream), Peer(None)))
            }
        }
    }

    /// The next connection that the system has queued, if there is one. This asks the system rather than the
    /// runtime, whose knowledge may be a turn of its loop old.
    pub(super) fn accept_queued(&self) -> Option<io::Result<(Stream, Peer)>> {
        let accepted = match &self.socket {
            Accepting::Tcp(listener) => SockRef::from(listener).accept().and_then(|(socket, peer)| {
                socket.set_nonblocking(true)?;
                socket.set_tcp_nodelay(true)?;
                Ok((Stream::Tcp(TcpStream::from_std(socket.into())?), Peer(peer.as_socket())))
            }),
            Accepting::Unix(listener) => SockRef::from(listener).accept().and_then(|(socket, _)| {
                socket.set_nonblocking(true)?;
                Ok((Stream::Unix(UnixStream::from_std(socket.into())?), Peer(None)))
            }),
        };
        match accepted {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
            accepted => Some(accepted),
        }
    }
}
