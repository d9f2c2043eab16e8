//! Sockets that the supervisor opened and passed.

use std::{env, io};

use listenfd::ListenFd;
use socket2::Socket;

/// Sockets that were passed to the process, each under a name, and that nobody has taken yet.
///
/// They stay open in the supervisor: what is queued on them when this process ends is the next one's to accept.
#[derive(Debug, Default)]
pub struct Inherited {
    sockets: Vec<(String, Socket)>,
}

impl Inherited {
    /// What this process was passed. It must be the first to ask, before there are threads: the variables are used up.
    ///
    /// # Errors
    /// Where something else was passed than sockets that listen for streams.
    pub fn from_environment() -> io::Result<Self> {
        let names = env::var("LISTEN_FDNAMES").unwrap_or_default();
        let mut names = names.split(':').filter(|name| !name.is_empty());
        let mut passed = ListenFd::from_env();
        let mut sockets = Vec::new();
        for index in 0..passed.len() {
            // The name that systemd itself gives to what has none.
            let name = names.next().unwrap_or("unknown").to_owned();
            let socket = take(&mut passed, index).map_err(|error| {
                io::Error::new(error.kind(), format!("the socket `{name}` that was passed: {error}"))
            })?;
            sockets.push((name, socket));
        }
        Ok(Self { sockets })
    }

    /// Takes all sockets of a name, in the order in which they were passed.
    ///
    /// # Errors
    /// Where there is none; the text says which there are.
    pub(crate) fn take(&mut self, name: &str) -> io::Result<Vec<Socket>> {
        let taken: Vec<_> =
            self.sockets.extract_if(.., |(has, _)| has == name).map(|(_, socket)| socket).collect();
        if !taken.is_empty() {
            return Ok(taken);
        }
        let others = self.names();
        let text = if others.is_empty() {
            "no supervisor has passed any socket".to_owned()
        } else {
            format!("no socket of this name was passed; there are {}", others.join(", "))
        };
        Err(io::Error::new(io::ErrorKind::NotFound, text))
    }

    /// The names of those that are left.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.sockets.iter().map(|(name, _)| &**name).collect()
    }
}

fn take(passed: &mut ListenFd, index: usize) -> io::Result<Socket> {
    let gone = || io::Error::from(io::ErrorKind::NotFound);
    let socket = match passed.take_unix_listener(index) {
        Ok(socket) => Socket::from(socket.ok_or_else(gone)?),
        Err(_) => Socket::from(passed.take_tcp_listener(index)?.ok_or_else(gone)?),
    };
    if !socket.is_listener()? {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is a connection, where one that listens is needed",
        ));
    }
    socket.set_nonblocking(true)?;
    Ok(socket)
}
