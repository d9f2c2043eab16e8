//! Backends: where calls go.
//!
//! A [`Backend`] is asked for one exchange at a time: a whole message out, a whole message in. It keeps the
//! limits, leases a connection, watches the deadline, and closes every connection that is not proven to
//! stand at a message boundary. It knows nothing of what the messages say.

mod connection;
mod error;
mod pool;
mod stream;

pub use error::{BackendError, BackendErrorKind};

use std::ops::Range;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use thriftgate_config as config;
use thriftgate_protocols::framing::{Framing, FramingLimits, Transport};
use thriftgate_protocols::wire::Protocol;

use pool::{Lease, Pool, PoolSettings};

/// One backend and what is under way to it. Shared by all cores.
#[derive(Debug)]
pub struct Backend {
    /// Its name in the configuration
    pub name: Box<str>,
    /// What it was built from
    settings: config::Backend,
    protocol: Protocol,
    transport: Transport,
    limits: FramingLimits,
    pool: Pool,
    under_way: AtomicUsize,
    sequence: AtomicI32,
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
}

impl Default for Outgoing {
    fn default() -> Self {
        Self(vec![0; Self::ROOM])
    }
}

/// How many connections of a backend are open and idle, and how many calls are under way.
#[derive(Clone, Copy, Debug)]
pub struct BackendCounts {
    /// Open connections
    pub open: usize,
    /// Of these, idle ones
    pub idle: usize,
    /// Calls under way
    pub calls: usize,
}

impl Backend {
    /// A backend without connections; `cores` is the number of runtimes that will use it.
    #[must_use]
    pub fn new(settings: &config::Backend, limits: &config::Limits, cores: usize) -> Self {
        let pool = PoolSettings {
            max_connections: settings.max_connections,
            connect_timeout: settings.connect_timeout,
            idle_timeout: settings.idle_timeout,
            reuse: settings.reuse,
        };
        Self {
            name: settings.name.as_str().into(),
            settings: settings.clone(),
            protocol: match settings.protocol {
                config::Protocol::Binary => Protocol::Binary,
                config::Protocol::Compact => Protocol::Compact,
                config::Protocol::Json => Protocol::Json,
            },
            transport: match &settings.transport {
                config::Transport::Framed => Transport::Framed,
                config::Transport::Buffered => Transport::Unframed,
                config::Transport::Http(_) => todo!(),
            },
            limits: FramingLimits { size: limits.frame, depth: limits.depth },
            pool: Pool::new(settings.address.clone(), pool, cores),
            under_way: AtomicUsize::new(0),
            sequence: AtomicI32::new(0),
        }
    }

    /// What it was built from.
    #[must_use]
    pub fn settings(&self) -> &config::Backend {
        &self.settings
    }

    /// The protocol that it speaks.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        self.protocol
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
    pub fn dialect(&self) -> String {
        let transport = match self.transport {
            Transport::Framed => "framed",
            Transport::Unframed => "buffered",
        };
        let protocol = match self.protocol {
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
    /// The connection goes back to the pool by [`Reply::accept`] alone.
    ///
    /// # Errors
    /// See [`BackendErrorKind`]; the error tells whether any of the message may have been sent.
    pub async fn exchange(
        &self,
        core: usize,
        message: &mut Outgoing,
        deadline: Instant,
    ) -> Result<Reply<'_>, BackendError> {
        let under_way = self.admit()?;
        let mut lease = self.send(core, message, deadline).await?;
        let framing = Framing::new(self.transport, self.protocol, self.limits);
        let received =
            tokio::time::timeout_at(deadline.into(), lease.connection_mut().receive(framing)).await;
        let received = received.map_err(|_| BackendError::new(BackendErrorKind::Deadline, true))??;
        Ok(Reply { lease, body: received.body, clean: received.clean, _under_way: under_way })
    }

    /// Hands over a message that no reply follows.
    ///
    /// # Errors
    /// As [`Self::exchange`].
    pub async fn hand_over(
        &self,
        core: usize,
        message: &mut Outgoing,
        deadline: Instant,
    ) -> Result<(), BackendError> {
        let _under_way = self.admit()?;
        self.send(core, message, deadline).await?.give_back();
        Ok(())
    }

    /// Writes a message to a connection. A pooled one that turns out to be dead before the first byte left
    /// is replaced once.
    async fn send(
        &self,
        core: usize,
        message: &mut Outgoing,
        deadline: Instant,
    ) -> Result<Lease<'_>, BackendError> {
        let bytes = message.on(self.transport);
        loop {
            let leased = tokio::time::timeout_at(deadline.into(), self.pool.lease(core)).await;
            let (mut lease, reused) =
                leased.map_err(|_| BackendError::new(BackendErrorKind::Deadline, false))??;
            match tokio::time::timeout_at(deadline.into(), lease.connection_mut().send(bytes)).await {
                Ok(Ok(())) => return Ok(lease),
                Ok(Err(error)) if reused && !error.sent => {}
                Ok(Err(error)) => return Err(error),
                Err(_) => return Err(BackendError::new(BackendErrorKind::Deadline, true)),
            }
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
        self.pool.reap(now);
    }

    /// What is open and under way now.
    #[must_use]
    pub fn counts(&self) -> BackendCounts {
        let (open, idle) = self.pool.counts();
        BackendCounts { open, idle, calls: self.under_way.load(Ordering::Acquire) }
    }
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

/// A whole message from a backend, on the connection that it came by. Dropped, the connection is closed.
#[derive(Debug)]
pub struct Reply<'b> {
    lease: Lease<'b>,
    body: Range<usize>,
    clean: bool,
    _under_way: UnderWay<'b>,
}

impl Reply<'_> {
    /// The message, without what the transport puts around it.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.lease.connection().bytes()[self.body.clone()]
    }

    /// Returns the connection to the pool: the message is the reply to the call. A connection that brought
    /// more than the message is closed all the same.
    pub fn accept(self) {
        if self.clean {
            self.lease.give_back();
        }
    }
}
