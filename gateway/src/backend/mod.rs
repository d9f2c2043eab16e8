//! Backends: where calls go.
//!
//! A [`Backend`] is asked for one exchange at a time: a whole message out, a whole message in. It keeps the
//! limits, leases a connection, watches the deadline, and closes every connection that is not proven to
//! stand at a message boundary. It knows nothing of what the messages say.

mod connection;
mod endpoint;
mod error;
mod http;
mod pool;
mod socket;

pub use error::{BackendError, BackendErrorKind, BackendSetupError};

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ::http::HeaderMap;
use bytes::Bytes;
use thriftgate_config as config;
use thriftgate_protocols::framing::{FramingLimits, Transport};
use thriftgate_protocols::wire::{Dialect, Protocol};

use self::http::Http;
use crate::tls;
use endpoint::Endpoint;
use pool::{Pool, PoolSettings};
use socket::{Received, Sockets};

/// One backend and what is under way to it. Shared by all cores.
#[derive(Debug)]
pub struct Backend {
    /// Its name in the configuration
    pub name: Box<str>,
    /// What it was built from
    settings: config::Backend,
    dialect: Dialect,
    link: Link,
    under_way: AtomicUsize,
    sequence: AtomicI32,
}

/// What carries the messages of a backend.
#[derive(Debug)]
enum Link {
    Sockets(Sockets),
    Http(Arc<Http>),
}

/// What belongs to a call beside its message.
#[derive(Clone, Copy, Debug)]
pub struct CallContext<'c> {
    /// The number of the runtime that it happens on
    pub core: usize,
    /// When it has to have ended
    pub deadline: Instant,
    /// The headers of the caller; a backend over HTTP is sent those that its configuration names
    pub headers: &'c HeaderMap,
    /// Whether running the call twice does what running it once does, so that it may be sent again
    pub idempotent: bool,
    /// After how long an attempt of an idempotent call is given up; `None` is as the backend's settings say
    pub attempt_timeout: Option<Duration>,
    /// How many more attempts there may be after the first; `None` is as the backend's settings say
    pub retries: Option<usize>,
}

/// A message on its way to a backend. Before it stands room for the length of a frame, so that the message
/// is the same whichever transport the backend turns out to have.
#[derive(Debug)]
pub struct Outgoing(Vec<u8>);

impl Outgoing {
    const ROOM: usize = 4;

    /// Where the message is appended.
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }

    /// What is written to a connection of this transport.
    fn on(&mut self, transport: Transport) -> &[u8] {
        match transport {
            Transport::Unframed => &self.0[Self::ROOM..],
            Transport::Framed => {
                let length = u32::try_from(self.0.len() - Self::ROOM).expect("limits are below 4 GiB");
                self.0[..Self::ROOM].copy_from_slice(&length.to_be_bytes());
                &self.0
            }
        }
    }

    /// The message alone.
    fn into_message(self) -> Bytes {
        Bytes::from(self.0).slice(Self::ROOM..)
    }
}

impl Default for Outgoing {
    fn default() -> Self {
        Self(vec![0; Self::ROOM])
    }
}

/// How many connections of a backend are open and idle, and how many calls are under way.
#[derive(Clone, Copy, Debug)]
pub struct BackendCounts {
    /// Open connections; over HTTP, those in use alone
    pub open: usize,
    /// Of these, idle ones
    pub idle: usize,
    /// Calls under way
    pub calls: usize,
}

impl Backend {
    /// A backend without connections; `cores` is the number of runtimes that will use it.
    ///
    /// # Errors
    /// Files of TLS that cannot be used, and settings that no HTTP request can be made of.
    pub fn new(
        settings: &config::Backend,
        limits: &config::Limits,
        cores: usize,
    ) -> Result<Self, BackendSetupError> {
        let protocol = match settings.protocol {
            config::Protocol::Binary => Protocol::Binary,
            config::Protocol::Compact => Protocol::Compact,
            config::Protocol::Json => Protocol::Json,
        };
        let dialect = Dialect { protocol, strict: settings.strict, legacy_uuid: settings.legacy_uuid };
        let sockets = |transport| {
            let limits = FramingLimits { size: limits.frame, depth: limits.depth };
            Ok::<_, BackendSetupError>(Link::Sockets(Sockets {
                transport,
                protocol,
                limits,
                pool: pool(settings, cores)?,
            }))
        };
        let link = match &settings.transport {
            config::Transport::Framed => sockets(Transport::Framed)?,
            config::Transport::Buffered => sockets(Transport::Unframed)?,
            config::Transport::Http(http) => {
                Link::Http(Arc::new(Http::new(settings, http, protocol, limits.frame, cores)?))
            }
        };
        Ok(Self {
            name: settings.name.as_str().into(),
            settings: settings.clone(),
            dialect,
            link,
            under_way: AtomicUsize::new(0),
            sequence: AtomicI32::new(0),
        })
    }

    /// What it was built from.
    #[must_use]
    pub fn settings(&self) -> &config::Backend {
        &self.settings
    }

    /// The protocol that it speaks.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        self.dialect.protocol
    }

    /// In which way it speaks it.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The deadline of a call to it, unless the caller shortens it.
    #[must_use]
    pub fn deadline(&self) -> Duration {
        self.settings.deadline
    }

    /// Whether its own exception messages reach callers.
    #[must_use]
    pub fn passes_messages(&self) -> bool {
        self.settings.messages == config::BackendMessages::Pass
    }

    /// How it is spoken to, for people: `framed binary`.
    #[must_use]
    pub fn description(&self) -> String {
        let transport = match &self.settings.transport {
            config::Transport::Framed => "framed",
            config::Transport::Buffered => "buffered",
            config::Transport::Http(_) => "http",
        };
        let protocol = match self.dialect.protocol {
            Protocol::Binary => "binary",
            Protocol::Compact => "compact",
            Protocol::Json => "json",
        };
        format!("{transport} {protocol}")
    }

    /// A number for the next call.
    #[must_use]
    pub fn next_sequence_id(&self) -> i32 {
        self.sequence.fetch_add(1, Ordering::Relaxed)
    }

    /// Sends a message and waits for the one that answers it.
    ///
    /// A socket goes back to the pool by [`Reply::accept`] alone.
    ///
    /// # Errors
    /// See [`BackendErrorKind`]; the error tells whether any of the message may have been sent.
    pub async fn exchange(
        &self,
        context: &CallContext<'_>,
        message: Outgoing,
    ) -> Result<Reply<'_>, BackendError> {
        let under_way = self.admit()?;
        let message = match &self.link {
            Link::Sockets(sockets) => Message::Socket(sockets.exchange(context, message).await?),
            // On the heap, so that the calls to sockets do not make room for it.
            Link::Http(http) => Message::Http(Box::pin(http.exchange(context, message)).await?),
        };
        Ok(Reply { message, _under_way: under_way })
    }

    /// Hands over a message that no reply follows.
    ///
    /// # Errors
    /// As [`Self::exchange`].
    pub async fn hand_over(&self, context: &CallContext<'_>, message: Outgoing) -> Result<(), BackendError> {
        let _under_way = self.admit()?;
        match &self.link {
            Link::Sockets(sockets) => sockets.hand_over(context, message).await,
            Link::Http(http) => Box::pin(http.hand_over(context, message)).await,
        }
    }

    /// Counts a call in, unless as many as allowed are under way.
    fn admit(&self) -> Result<UnderWay<'_>, BackendError> {
        let before = self.under_way.fetch_add(1, Ordering::AcqRel);
        let admitted = UnderWay { backend: self };
        if before < self.settings.max_calls {
            Ok(admitted)
        } else {
            Err(BackendError::new(BackendErrorKind::Overloaded, false))
        }
    }

    /// Closes connections that were idle for too long.
    pub fn reap(&self, now: Instant) {
        match &self.link {
            Link::Sockets(sockets) => sockets.pool.reap(now),
            // Its clients do so themselves.
            Link::Http(_) => {}
        }
    }

    /// What is open and under way now.
    #[must_use]
    pub fn counts(&self) -> BackendCounts {
        let (open, idle) = match &self.link {
            Link::Sockets(sockets) => sockets.pool.counts(),
            Link::Http(http) => (http.in_use(), 0),
        };
        BackendCounts { open, idle, calls: self.under_way.load(Ordering::Acquire) }
    }
}

/// The pool of a backend that is reached over sockets.
fn pool(settings: &config::Backend, cores: usize) -> Result<Pool, BackendSetupError> {
    let tls = match &settings.tls {
        None => None,
        Some(tls) => {
            let name = match (&tls.server_name, &settings.address) {
                (Some(name), _) => name,
                (None, config::BackendAddress::Tcp { host, .. }) => host,
                (None, config::BackendAddress::Unix(_)) => "",
            };
            Some((Arc::new(tls::client(tls)?), tls::server_name(name)?))
        }
    };
    let endpoint = Endpoint { address: settings.address.clone(), tls };
    let bounds = PoolSettings {
        max_connections: settings.max_connections,
        connect_timeout: settings.connect_timeout,
        idle_timeout: settings.idle_timeout,
        reuse: settings.reuse,
    };
    Ok(Pool::new(endpoint, bounds, cores))
}

/// A call that is counted as under way.
#[derive(Debug)]
struct UnderWay<'b> {
    backend: &'b Backend,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.backend.under_way.fetch_sub(1, Ordering::AcqRel);
    }
}

/// A whole message from a backend. Dropped, the socket that it came by is closed.
#[derive(Debug)]
pub struct Reply<'b> {
    message: Message<'b>,
    _under_way: UnderWay<'b>,
}

#[derive(Debug)]
enum Message<'b> {
    Socket(Received<'b>),
    Http(Bytes),
}

impl Reply<'_> {
    /// The message, without what the transport puts around it.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match &self.message {
            Message::Socket(received) => received.bytes(),
            Message::Http(bytes) => bytes,
        }
    }

    /// Returns the socket to the pool: the message is the reply to the call. One that brought more than the
    /// message is closed all the same. Over HTTP there is nothing to return: the end of a message is that of
    /// a response.
    pub fn accept(self) {
        if let Message::Socket(received) = self.message {
            received.accept();
        }
    }
}
