//! One of the places where a backend listens.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustls::ClientConfig;
use thriftgate_config as config;
use thriftgate_config::BackendAddress;
use thriftgate_protocols::wire::Protocol;

use super::BackendSetupError;
use super::connector::Connector;
use super::ejection::{Ejection, Standing};
use super::error::BackendError;
use super::http::{Http, HttpWire};
use super::latency::Latency;
use super::pool::{Pool, PoolSettings, Queue};
use crate::tls;

/// Where an endpoint is, and its part of the calls.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EndpointTarget {
    /// Where it listens; a host that is a name is resolved for each connection
    pub address: BackendAddress,
    /// The name that it was found by: the one that its certificate must have and that the `Host` header names,
    /// where the settings say nothing else; `None` is the host of the address
    pub name: Option<String>,
    /// Its part of the calls, beside the weights of the others; at least 1
    pub weight: u32,
}

impl From<&config::Endpoint> for EndpointTarget {
    fn from(endpoint: &config::Endpoint) -> Self {
        Self { address: endpoint.address.clone(), name: None, weight: endpoint.weight }
    }
}

/// One of the places where a backend listens: its connections, how well it does, and whether it is called.
#[derive(Debug)]
pub struct Endpoint {
    /// Where it listens
    pub address: BackendAddress,
    /// The name that it was found by
    pub(super) name: Option<String>,
    pub(super) pool: Pool,
    /// The client of an endpoint that is reached over HTTP.
    http: Option<Arc<Http>>,
    pub(super) latency: Latency,
    pub(super) ejection: Ejection,
    /// What the active health check says.
    healthy: AtomicBool,
}

/// Whether an endpoint is called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EndpointHealth {
    /// It is called
    Healthy,
    /// It failed calls and is left alone for a while; then a call at a time tries it
    Ejected,
    /// The active health check finds it unwell
    Unhealthy,
}

impl EndpointHealth {
    /// In one word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Ejected => "ejected",
            Self::Unhealthy => "unhealthy",
        }
    }
}

/// What is known of an endpoint now.
#[derive(Clone, Debug)]
pub struct EndpointStatus {
    /// Where it listens
    pub address: BackendAddress,
    /// Its part of the calls
    pub weight: u32,
    /// Whether it is called; while none is healthy, all are
    pub health: EndpointHealth,
    /// Open connections; over HTTP, those in use alone
    pub open: usize,
    /// Of these, idle ones
    pub idle: usize,
    /// Calls that use a connection or wait for one
    pub pending: usize,
    /// How often it was ejected
    pub ejections: u64,
    /// How long its calls take at present; `None` where nothing is known, as for the only endpoint of a backend
    pub latency: Option<Duration>,
}

/// What all endpoints of a backend are made of.
#[derive(Debug)]
pub(super) struct Template {
    pub(super) settings: config::Backend,
    /// Read once, so that an endpoint that is found later has the same authorities and certificate.
    pub(super) tls: Option<Arc<ClientConfig>>,
    pub(super) protocol: Protocol,
    /// Bytes of a reply.
    pub(super) limit: usize,
    /// The number of runtimes that will call.
    pub(super) runtimes: usize,
    pub(super) queue: Arc<Queue>,
}

impl Template {
    /// An endpoint that was not called yet.
    pub(super) fn endpoint(&self, target: &EndpointTarget) -> Result<Endpoint, BackendSetupError> {
        let settings = &self.settings;
        let http = match &settings.transport {
            config::Transport::Framed | config::Transport::Buffered => None,
            config::Transport::Http(http) => {
                let wire = HttpWire { protocol: self.protocol, limit: self.limit, runtimes: self.runtimes };
                Some(Arc::new(Http::new(settings, http, target, self.tls.as_deref(), &wire)?))
            }
        };
        let bounds = PoolSettings {
            min_connections: settings.min_connections,
            max_connections: settings.max_connections,
            idle_timeout: settings.idle_timeout,
            lifetime: settings.connection_lifetime,
            reuse: settings.reuse,
        };
        let now = Instant::now();
        Ok(Endpoint {
            address: target.address.clone(),
            name: target.name.clone(),
            pool: Pool::new(self.connector(target)?, bounds, self.queue.clone(), self.runtimes),
            http,
            latency: Latency::new(now),
            ejection: Ejection::new(&settings.ejection, now),
            healthy: AtomicBool::new(true),
        })
    }

    fn connector(&self, target: &EndpointTarget) -> Result<Connector, BackendSetupError> {
        let tls = match (&self.tls, &self.settings.tls) {
            (Some(config), Some(tls)) => {
                let own = target.name.as_deref().or_else(|| target.address.host());
                let name = tls.server_name.as_deref().or(own).unwrap_or_default();
                Some((config.clone(), tls::server_name(name)?))
            }
            _ => None,
        };
        Ok(Connector { address: target.address.clone(), tls, timeout: self.settings.connect_timeout })
    }
}

impl Endpoint {
    /// Opens a connection, TLS included, and closes it again: whether the endpoint listens.
    ///
    /// # Errors
    /// [`Connect`](super::BackendErrorKind::Connect) and [`Tls`](super::BackendErrorKind::Tls); connecting has the time that the settings
    /// give it.
    pub async fn probe(&self) -> Result<(), BackendError> {
        self.pool.connector.connect().await.map(drop)
    }

    /// Says what the active health check finds. Tells whether that is new.
    pub fn mark(&self, healthy: bool) -> bool {
        self.healthy.swap(healthy, Ordering::AcqRel) != healthy
    }

    /// Whether calls may choose it. On trial it takes one at a time.
    pub(super) fn is_available(&self) -> bool {
        let standing = match self.ejection.standing() {
            Standing::Available => true,
            Standing::Ejected => false,
            Standing::HalfOpen => self.pool.pending() == 0,
        };
        standing && self.healthy.load(Ordering::Acquire)
    }

    /// Whether it is called.
    #[must_use]
    pub fn health(&self) -> EndpointHealth {
        if !self.healthy.load(Ordering::Acquire) {
            EndpointHealth::Unhealthy
        } else if self.ejection.standing() == Standing::Available {
            EndpointHealth::Healthy
        } else {
            EndpointHealth::Ejected
        }
    }

    /// Whether it is called without reserve.
    pub(super) fn is_well(&self) -> bool {
        self.health() == EndpointHealth::Healthy
    }

    /// The client of an endpoint that is reached over HTTP.
    pub(super) fn http(&self) -> &Arc<Http> {
        self.http.as_ref().expect("every endpoint of a backend over HTTP has a client")
    }

    pub(super) fn status(&self, weight: u32, now: Instant) -> EndpointStatus {
        let (open, idle) = self.connections();
        EndpointStatus {
            address: self.address.clone(),
            weight,
            health: self.health(),
            open,
            idle,
            pending: self.pool.pending(),
            ejections: self.ejection.count(),
            latency: self.latency.estimate(now).map(|micros| Duration::from_secs_f32(micros / 1_000_000.0)),
        }
    }

    /// Open connections and, of these, idle ones.
    pub(super) fn connections(&self) -> (usize, usize) {
        match self.http {
            None => self.pool.counts(),
            Some(_) => (self.pool.in_use(), 0),
        }
    }

    /// Whether it is the endpoint that the target names.
    pub(super) fn is_at(&self, target: &EndpointTarget) -> bool {
        self.address == target.address && self.name == target.name
    }
}

impl fmt::Display for Endpoint {
    /// Its address, as it is written in a configuration.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(f)
    }
}
