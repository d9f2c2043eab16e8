//! Finding the endpoints of backends by name.
//!
//! Each name of a backend is resolved by a task of its own, again and again, so that no call ever waits for a
//! name server. What it leads to becomes endpoints of the backend; when an answer differs from the one before,
//! only the difference changes. Names that cannot be resolved keep the endpoints that they had.

mod known;
mod resolver;

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use thriftgate_config as config;
use thriftgate_config::BackendAddress;
use tokio::sync::{Notify, oneshot};

use self::known::{Change, Known};
use self::resolver::{Answer, ResolveError, Resolver, Target};
use super::upkeep::jittered;
use super::{Backend, EndpointTarget};
use crate::telemetry::Metrics;

/// How names are resolved, for all backends.
#[derive(Debug)]
pub(super) struct Discovery {
    state: Mutex<State>,
    /// Wakes the tasks that wait for their next turn.
    configured: Notify,
    metrics: Arc<Metrics>,
}

#[derive(Default, Debug)]
struct State {
    dns: config::Dns,
    /// Made when the first name is resolved: without one nothing of the system is read.
    resolver: Option<Resolver>,
}

impl Discovery {
    pub(super) fn new(metrics: Arc<Metrics>) -> Self {
        Self { state: Mutex::default(), configured: Notify::new(), metrics }
    }

    /// Resolves by these settings from now on, and by the system's files as they are then; every name anew.
    pub(super) fn configure(&self, dns: &config::Dns) {
        *self.state() = State { dns: dns.clone(), resolver: None };
        self.configured.notify_waiters();
    }

    fn resolver(&self) -> Result<Resolver, ResolveError> {
        let mut state = self.state();
        let State { dns, resolver } = &mut *state;
        match resolver {
            Some(resolver) => Ok(resolver.clone()),
            None => Ok(resolver.insert(Resolver::new(dns)?).clone()),
        }
    }

    /// The longest time until a name is resolved again.
    fn refresh(&self) -> Duration {
        self.state().dns.refresh
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The targets of all endpoints of a backend, as far as they are known.
#[derive(Debug)]
struct Targets {
    backend: Weak<Backend>,
    /// By the backend's endpoints in the configuration.
    of: Mutex<Box<[Vec<EndpointTarget>]>>,
}

impl Targets {
    /// Replaces those of one endpoint of the configuration, and gives the backend all of them.
    fn replace(&self, index: usize, targets: Vec<EndpointTarget>) {
        // The lock is held until the backend has them, so that an older set never comes after a newer one.
        let mut of = self.of();
        of[index] = targets;
        self.apply(&of);
    }

    fn apply(&self, of: &[Vec<EndpointTarget>]) {
        let mut all: Vec<EndpointTarget> = of.iter().flatten().cloned().collect();
        // Two names may lead to one address: the first has it.
        let mut seen = HashSet::new();
        all.retain(|target| seen.insert(target.address.to_string()));
        if let Some(backend) = self.backend.upgrade() {
            backend.set_endpoints(&all);
        }
    }

    fn of(&self) -> MutexGuard<'_, Box<[Vec<EndpointTarget>]>> {
        self.of.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A name that is to be resolved again and again.
#[derive(Debug)]
pub(super) struct WatchedName {
    discovery: Arc<Discovery>,
    backend: Box<str>,
    endpoint: config::Endpoint,
    index: usize,
    targets: Arc<Targets>,
}

/// The names of a backend.
pub(super) fn watch(discovery: &Arc<Discovery>, backend: &Arc<Backend>) -> Vec<WatchedName> {
    let endpoints = &backend.settings().endpoints;
    let fixed = |endpoint: &config::Endpoint| match is_name(&endpoint.address) {
        true => Vec::new(),
        false => vec![EndpointTarget::from(endpoint)],
    };
    let targets = Arc::new(Targets {
        backend: Arc::downgrade(backend),
        of: Mutex::new(endpoints.iter().map(fixed).collect()),
    });
    let watched = endpoints.iter().enumerate().filter(|(_, endpoint)| is_name(&endpoint.address));
    let watched: Vec<_> = watched
        .map(|(index, endpoint)| WatchedName {
            discovery: discovery.clone(),
            backend: backend.name.clone(),
            endpoint: endpoint.clone(),
            index,
            targets: targets.clone(),
        })
        .collect();
    if !watched.is_empty() {
        // A name that is not known yet is no endpoint: a call to it would have to resolve it.
        targets.apply(&targets.of());
    }
    watched
}

/// Whether an address has to be resolved.
fn is_name(address: &BackendAddress) -> bool {
    match address {
        BackendAddress::Tcp { host, .. } => host.parse::<IpAddr>().is_err(),
        BackendAddress::Srv(_) => true,
        BackendAddress::Unix(_) => false,
    }
}

/// The endpoint that a name of the configuration leads to. It is verified by that name, whatever its own is.
fn found(endpoint: &config::Endpoint, target: Target) -> EndpointTarget {
    EndpointTarget {
        address: BackendAddress::Tcp { host: target.address.ip().to_string(), port: target.address.port() },
        name: endpoint.address.host().map(str::to_owned),
        weight: endpoint.weight.saturating_mul(target.weight),
    }
}

impl WatchedName {
    /// Resolves the name for as long as it is polled; `asked` is dropped after the first time.
    pub(super) async fn run(self, asked: oneshot::Sender<()>) {
        let mut known = Known::default();
        let mut asked = Some(asked);
        loop {
            let answer = match self.discovery.resolver() {
                Ok(resolver) => resolver.resolve(&self.endpoint.address).await,
                Err(error) => Err(error),
            };
            let change = known.learn(&answer);
            self.report(&answer, change, known.targets());
            if change.targets {
                let targets = known.targets().iter().map(|&target| found(&self.endpoint, target));
                self.targets.replace(self.index, targets.collect());
            }
            asked.take();
            let pause = jittered(known.pause(self.discovery.refresh()));
            let _woken = tokio::time::timeout(pause, self.discovery.configured.notified()).await;
        }
    }

    /// Logs what is new, and counts failures.
    fn report(&self, answer: &Result<Answer, ResolveError>, change: Change, known: &[Target]) {
        let (backend, name) = (&*self.backend, &self.endpoint.address);
        match answer {
            Err(error) => {
                self.discovery.metrics.discovery_failed(backend);
                match known.len() {
                    _ if !change.state => {
                        tracing::debug!(backend, %name, %error, "a name is still not resolved");
                    }
                    0 => {
                        tracing::warn!(backend, %name, %error, "a name is not resolved: it has no endpoint yet");
                    }
                    kept => {
                        tracing::warn!(backend, %name, %error, kept, "a name is not resolved: its endpoints are kept");
                    }
                }
            }
            Ok(_) if change.targets => {
                let addresses: Vec<_> = known.iter().map(|target| target.address).collect();
                tracing::info!(backend, %name, ?addresses, "a name has other endpoints than before");
            }
            Ok(_) if change.state => tracing::info!(backend, %name, "a name is resolved again"),
            Ok(_) => {}
        }
    }
}
