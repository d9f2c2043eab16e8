//! Backends: where calls go.
//!
//! A [`Backend`] is asked for one exchange at a time: a whole message out, a whole message in. It keeps the
//! limits, chooses one of its endpoints, leases a connection, watches the deadline, and closes every connection
//! that is not proven to stand at a message boundary. It knows nothing of what the messages say.
//!
//! Endpoints are a set that is swapped whole (`care`). A call chooses two at random and takes the better one
//! (`balance`), unless they failed too often lately (`ejection`); what fails may go on to another (`attempts`),
//! within a `budget`. With one endpoint there is nothing to choose, and none of it is on the way of a call.

mod attempts;
mod balance;
mod budget;
mod care;
mod connection;
mod connector;
mod discovery;
mod ejection;
mod endpoint;
mod error;
mod health;
mod http;
mod latency;
mod pool;
mod socket;
mod upkeep;
mod window;

pub use endpoint::{Endpoint, EndpointHealth, EndpointStatus, EndpointTarget};
pub use error::{BackendError, BackendErrorKind, BackendSetupError};
pub use upkeep::Upkeep;
pub(crate) use upkeep::jittered;

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ::http::{HeaderMap, StatusCode};
use arc_swap::ArcSwap;
use bytes::Bytes;
use thriftgate_config as config;
use thriftgate_protocols::framing::{FramingLimits, Transport};
use thriftgate_protocols::wire::{Dialect, Protocol};

use crate::telemetry::TracedCall;
use crate::tls;
use attempts::Trial;
use balance::{EndpointSet, Member};
use budget::Budget;
use endpoint::Template;
use pool::Queue;
use socket::{Received, Wire};

/// One backend and what is under way to it. Shared by all cores.
#[derive(Debug)]
pub struct Backend {
    /// Its name in the configuration
    pub name: Box<str>,
    template: Template,
    dialect: Dialect,
    carrier: Carrier,
    /// Swapped whole, so that a call sees one set.
    set: ArcSwap<EndpointSet>,
    /// Held while the set, or what it has of available endpoints, becomes another.
    changing: Mutex<()>,
    /// Whether the last endpoint that was not ejected fails as well, so that all are called.
    panicking: AtomicBool,
    /// Whether any answered since.
    answered: AtomicBool,
    budget: Budget,
    /// Attempts that failed, by kind.
    failures: [AtomicU64; BackendErrorKind::WORDS.len()],
    under_way: AtomicUsize,
    sequence: AtomicI32,
    upkeep: upkeep::Tasks,
}

/// What carries the messages of a backend.
#[derive(Clone, Copy, Debug)]
enum Carrier {
    Sockets(Wire),
    Http,
}

/// What belongs to a call beside its message.
#[derive(Clone, Copy, Debug)]
pub struct CallContext<'c> {
    /// The number of the runtime that it happens on
    pub core: usize,
    /// When it has to have ended
    pub deadline: Instant,
    /// Whether the deadline is sooner than the method's, as the caller asks for: passing it is no failure of the
    /// endpoint then, or any caller could have endpoints ejected
    pub hurried: bool,
    /// The headers of the caller; a backend over HTTP is sent those that its configuration names
    pub headers: &'c HeaderMap,
    /// Whether running the call twice does what running it once does, so that it may be sent again
    pub idempotent: bool,
    /// After how long an attempt of an idempotent call is given up; `None` is as the backend's settings say
    pub attempt_timeout: Option<Duration>,
    /// How many more attempts there may be after the first; `None` is as the backend's settings say
    pub retries: Option<usize>,
    /// The trace that it is part of, where one is kept
    pub trace: Option<TracedCall<'c>>,
}

/// A message on its way to a backend. Before it stands room for the length of a frame, so that the message
/// is the same whichever transport the backend turns out to have.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Empty once it is shared.
    buffer: Vec<u8>,
    shared: Bytes,
}

impl Outgoing {
    const ROOM: usize = 4;

    /// Where the message is appended.
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    /// What is written to a connection of this transport.
    fn on(&mut self, transport: Transport) -> &[u8] {
        match transport {
            Transport::Unframed => &self.buffer[Self::ROOM..],
            Transport::Framed => {
                let length = u32::try_from(self.buffer.len() - Self::ROOM).expect("limits are below 4 GiB");
                self.buffer[..Self::ROOM].copy_from_slice(&length.to_be_bytes());
                &self.buffer
            }
        }
    }

    /// The message alone, for a client that keeps it.
    fn share(&mut self) -> Bytes {
        if !self.buffer.is_empty() {
            self.shared = Bytes::from(std::mem::take(&mut self.buffer)).slice(Self::ROOM..);
        }
        self.shared.clone()
    }
}

impl Default for Outgoing {
    fn default() -> Self {
        Self { buffer: vec![0; Self::ROOM], shared: Bytes::new() }
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
    /// Of these, calls that wait for a connection
    pub waiting: usize,
    /// How often a call was sent again, ever
    pub retries: u64,
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
        let wire = |transport| {
            let limits = FramingLimits { size: limits.frame, depth: limits.depth };
            Carrier::Sockets(Wire { transport, protocol, limits })
        };
        let carrier = match &settings.transport {
            config::Transport::Framed => wire(Transport::Framed),
            config::Transport::Buffered => wire(Transport::Unframed),
            config::Transport::Http(_) => Carrier::Http,
        };
        let template = Template {
            tls: settings.tls.as_ref().map(tls::client).transpose()?.map(Arc::new),
            settings: settings.clone(),
            protocol,
            limit: limits.frame,
            runtimes: cores + 1,
            queue: Arc::new(Queue::new(settings.max_waiting)),
        };
        let mut members = Vec::new();
        for endpoint in &settings.endpoints {
            if !matches!(endpoint.address, config::BackendAddress::Srv(_)) {
                let target = EndpointTarget::from(endpoint);
                members.push(Member::new(&template, &target)?);
            }
        }
        Ok(Self {
            name: settings.name.as_str().into(),
            budget: Budget::new(&settings.retries, Instant::now()),
            template,
            dialect,
            carrier,
            set: ArcSwap::from_pointee(EndpointSet::new(members)),
            changing: Mutex::default(),
            panicking: AtomicBool::new(false),
            answered: AtomicBool::new(false),
            failures: Default::default(),
            under_way: AtomicUsize::new(0),
            sequence: AtomicI32::new(0),
            upkeep: upkeep::Tasks::default(),
        })
    }

    /// Where calls go that are answered from the IDL: it has no endpoints, and messages for it are made and never sent.
    ///
    /// # Errors
    /// Never, since it has no TLS.
    pub(crate) fn sandbox(limits: &config::Limits) -> Result<Self, BackendSetupError> {
        let nowhere = config::BackendAddress::Tcp { host: String::new(), port: 0 };
        let settings = config::Backend::new("sandbox", nowhere, limits);
        Self::new(&config::Backend { endpoints: Vec::new(), ..settings }, limits, 1)
    }

    /// What it was built from.
    #[must_use]
    pub fn settings(&self) -> &config::Backend {
        &self.template.settings
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
        self.template.settings.deadline
    }

    /// Whether its own exception messages reach callers.
    #[must_use]
    pub fn passes_messages(&self) -> bool {
        self.template.settings.messages == config::BackendMessages::Pass
    }

    /// How it is spoken to, for people: `framed binary`.
    #[must_use]
    pub fn description(&self) -> String {
        let transport = match &self.template.settings.transport {
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

    /// Sends a message and waits for the one that answers it. Endpoint, retries and attempt timeouts are as the
    /// settings and the context say.
    ///
    /// A socket goes back to the pool by [`Reply::accept`] alone.
    ///
    /// # Errors
    /// See [`BackendErrorKind`]; the error tells whether any of the message may have been sent.
    pub async fn exchange(
        &self,
        context: &CallContext<'_>,
        mut message: Outgoing,
    ) -> Result<Reply<'_>, BackendError> {
        let under_way = self.admit()?;
        let (message, trial) = self.run(context, &mut message, false).await?;
        let message = message.expect("a call that is not oneway ends with a reply");
        Ok(Reply { message, verdict: Verdict { backend: self, trial }, _under_way: under_way })
    }

    /// Hands over a message that no reply follows.
    ///
    /// # Errors
    /// As [`Self::exchange`].
    pub async fn hand_over(
        &self,
        context: &CallContext<'_>,
        mut message: Outgoing,
    ) -> Result<(), BackendError> {
        let _under_way = self.admit()?;
        self.run(context, &mut message, true).await.map(drop)
    }

    /// Counts a call in, unless as many as allowed are under way.
    fn admit(&self) -> Result<UnderWay<'_>, BackendError> {
        let before = self.under_way.fetch_add(1, Ordering::AcqRel);
        let admitted = UnderWay { backend: self };
        if before < self.template.settings.max_calls {
            Ok(admitted)
        } else {
            Err(BackendError::new(BackendErrorKind::Overloaded, false))
        }
    }

    /// How many attempts failed, ever, by a word for each kind of failure.
    pub fn failures(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let counts = self.failures.iter().map(|count| count.load(Ordering::Relaxed));
        BackendErrorKind::WORDS.into_iter().zip(counts)
    }

    /// What is open and under way now.
    #[must_use]
    pub fn counts(&self) -> BackendCounts {
        let (mut open, mut idle) = (0, 0);
        for member in &self.set.load().members {
            let (more_open, more_idle) = member.endpoint.connections();
            open += more_open;
            idle += more_idle;
        }
        let calls = self.under_way.load(Ordering::Acquire);
        BackendCounts { open, idle, calls, waiting: self.template.queue.len(), retries: self.budget.count() }
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

/// A whole message from a backend. Dropped, the socket that it came by is closed, and the endpoint has failed
/// the call.
#[derive(Debug)]
pub struct Reply<'b> {
    message: Message,
    verdict: Verdict<'b>,
    _under_way: UnderWay<'b>,
}

#[derive(Debug)]
enum Message {
    Socket(Received),
    Http(StatusCode, Bytes),
}

/// What the caller finds of a reply; one that is dropped without a word is none to the call.
#[derive(Debug)]
struct Verdict<'b> {
    backend: &'b Backend,
    trial: Option<Trial>,
}

impl Drop for Verdict<'_> {
    fn drop(&mut self) {
        if let Some(trial) = self.trial.take() {
            self.backend.blame(&trial, &"its reply is none to the call", Instant::now());
        }
    }
}

impl Reply<'_> {
    /// The message, without what the transport puts around it.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match &self.message {
            Message::Socket(received) => received.bytes(),
            Message::Http(_, bytes) => bytes,
        }
    }

    /// Returns the socket to the pool: the message is the reply to the call, a result or a declared exception.
    /// One that brought more than the message is closed all the same. Over HTTP there is nothing to return: the
    /// end of a message is that of a response.
    pub fn accept(self) {
        self.conclude(false);
    }

    /// As [`Self::accept`] where the message is a TApplicationException. The endpoint has not failed, but how
    /// fast it answered says nothing of how fast it works.
    pub fn accept_exception(self) {
        self.conclude(true);
    }

    fn conclude(mut self, exception: bool) {
        if let Some(trial) = self.verdict.trial.take() {
            self.verdict.backend.praise(&trial, exception);
        }
        if let Message::Socket(received) = self.message {
            received.accept();
        }
    }
}
