//! The process: its threads, its listeners, and its end.
//!
//! Calls run on one single-threaded runtime a core, each with listeners of its own, or, by a setting, on one
//! work-stealing runtime. Beside them one more thread runs what is not a call: the admin listener and the
//! care of idle connections.

mod connection;
mod listener;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use std::{fmt, io};

use thriftgate_config::{Limits, ListenAddress, Scheduling, Settings};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Semaphore, watch};

use crate::http;
use crate::process::{Core, Process};
use crate::snapshot::{Snapshot, SnapshotError};
use crate::telemetry::{AccessLog, Metrics, is_json};
use connection::Acceptor;
use listener::Bound;

/// How often idle connections are looked at.
const CARE: Duration = Duration::from_secs(1);

/// Why the gateway did not start.
#[derive(Debug)]
pub enum StartError {
    /// The IDL, or what the configuration says of it, is wrong
    Snapshot(SnapshotError),
    /// An address cannot be listened on
    Listen(SocketAddr, io::Error),
    /// The system refused a thread or a runtime
    System(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Snapshot(error) => error.fmt(f),
            Self::Listen(address, error) => write!(f, "error: cannot listen on {address}: {error}"),
            Self::System(error) => write!(f, "error: {error}"),
        }
    }
}

impl std::error::Error for StartError {}

impl From<SnapshotError> for StartError {
    fn from(error: SnapshotError) -> Self {
        Self::Snapshot(error)
    }
}

impl From<io::Error> for StartError {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

/// A running gateway. Dropped without [`Gateway::stop`], it runs to the end of the process.
#[derive(Debug)]
pub struct Gateway {
    /// Where it listens, with the true ports
    pub listen: Vec<SocketAddr>,
    /// Where its admin listener is
    pub admin: Option<SocketAddr>,
    /// What its cores share
    pub process: Arc<Process>,
    ending: watch::Sender<bool>,
    connections: Arc<Semaphore>,
    limits: Limits,
    grace: Duration,
    threads: Vec<JoinHandle<()>>,
}

impl Gateway {
    /// Starts the gateway and returns when it accepts connections.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(settings: &Settings) -> Result<Self, StartError> {
        let threads = settings.runtime.threads.unwrap_or_else(available_cores);
        let cores = match settings.runtime.scheduling {
            Scheduling::PerCore => threads,
            Scheduling::Shared => 1,
        };
        let metrics = Arc::new(Metrics::default());
        let snapshot = Snapshot::build(settings, &metrics, cores)?;
        for warning in &snapshot.warnings {
            tracing::warn!("{warning}");
        }
        let output = settings.logging.access.then(|| Box::new(io::stdout()) as _);
        let access = AccessLog::new(is_json(settings.logging.format, &io::stdout()), cores, output);
        let process = Arc::new(Process::new(snapshot, metrics, access));
        let (ending, _) = watch::channel(false);
        let mut gateway = Self {
            listen: Vec::new(),
            admin: None,
            process,
            ending,
            connections: Arc::new(Semaphore::new(settings.limits.connections)),
            limits: settings.limits.clone(),
            grace: settings.drain.grace,
            threads: Vec::new(),
        };
        gateway.start_cores(settings, threads, cores)?;
        gateway.start_care(settings)?;
        gateway.process.listening.store(true, Ordering::Release);
        Ok(gateway)
    }

    /// Binds the public listeners and starts what accepts on them.
    fn start_cores(&mut self, settings: &Settings, threads: usize, cores: usize) -> Result<(), StartError> {
        let mut bound: Vec<Vec<Bound>> = (0..cores).map(|_| Vec::new()).collect();
        for listener in &settings.listen {
            let address = tcp(&listener.address)?;
            let (address, group) =
                Bound::group(address, cores).map_err(|error| StartError::Listen(address, error))?;
            self.listen.push(address);
            bound.iter_mut().zip(group).for_each(|(core, listener)| core.push(listener));
        }
        for (index, listeners) in bound.into_iter().enumerate() {
            let runtime = match settings.runtime.scheduling {
                Scheduling::PerCore => Builder::new_current_thread().enable_all().build()?,
                Scheduling::Shared => {
                    Builder::new_multi_thread().worker_threads(threads).enable_all().build()?
                }
            };
            let core = Arc::new(Core { index, process: self.process.clone() });
            let acceptor = self.acceptor(http::router(core));
            self.run(format!("core-{index}"), runtime, listeners, acceptor)?;
        }
        Ok(())
    }

    /// Starts the thread for everything that is not a call.
    fn start_care(&mut self, settings: &Settings) -> Result<(), StartError> {
        let mut listeners = Vec::new();
        if let Some(address) = &settings.admin {
            let address = tcp(address)?;
            let (address, group) =
                Bound::group(address, 1).map_err(|error| StartError::Listen(address, error))?;
            self.admin = Some(address);
            listeners = group;
        }
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let process = self.process.clone();
        runtime.spawn(async move {
            let mut interval = tokio::time::interval(CARE);
            loop {
                interval.tick().await;
                let now = Instant::now();
                process.snapshot.load().backends.iter().for_each(|backend| backend.reap(now));
            }
        });
        let acceptor = self.acceptor(http::admin_router(self.process.clone()));
        self.run("admin".into(), runtime, listeners, acceptor)
    }

    fn acceptor(&self, router: axum::Router) -> Acceptor {
        Acceptor {
            router,
            limits: self.limits.clone(),
            metrics: self.process.metrics.clone(),
            connections: self.connections.clone(),
            ending: self.ending.subscribe(),
        }
    }

    /// Runs a runtime on a thread of its own until the gateway has stopped.
    fn run(
        &mut self,
        name: String,
        runtime: Runtime,
        listeners: Vec<Bound>,
        acceptor: Acceptor,
    ) -> Result<(), StartError> {
        let listeners = {
            let _entered = runtime.enter();
            listeners.into_iter().map(Bound::listen).collect::<io::Result<Vec<_>>>()?
        };
        let (grace, total) = (self.grace, self.limits.connections);
        let thread = std::thread::Builder::new().name(name).spawn(move || {
            runtime.block_on(async move {
                let mut ending = acceptor.ending.clone();
                let connections = acceptor.connections.clone();
                for listener in listeners {
                    tokio::spawn(acceptor.clone().run(listener));
                }
                drop(acceptor);
                let _ended = ending.wait_for(|ending| *ending).await;
                // Every connection holds a permit: all of them together are free when all have ended.
                let all = u32::try_from(total).unwrap_or(u32::MAX);
                let _in_time = tokio::time::timeout(grace, connections.acquire_many(all)).await;
            });
            runtime.shutdown_background();
        })?;
        self.threads.push(thread);
        Ok(())
    }

    /// Stops accepting, lets calls under way end within the grace period, and ends the threads.
    pub fn stop(self) {
        self.process.draining.store(true, Ordering::Release);
        self.ending.send_replace(true);
        for thread in self.threads {
            if thread.join().is_err() {
                tracing::error!("a thread of the gateway panicked");
            }
        }
        self.process.access.close();
    }
}

fn available_cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn tcp(address: &ListenAddress) -> Result<SocketAddr, StartError> {
    match address {
        ListenAddress::Tcp(address) => Ok(*address),
        ListenAddress::Unix(_) => Err(StartError::System(io::ErrorKind::Unsupported.into())),
    }
}
