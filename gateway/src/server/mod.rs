//! The process: its threads, its listeners, and its end.
//!
//! Calls run on one single-threaded runtime a core, each with listeners of its own, or, by a setting, on one
//! work-stealing runtime. Beside them one more thread runs what is not a call: the admin listener and the
//! care of idle connections and of what changes.

mod client_stream;
mod connection;
mod ending;
mod listener;
mod replies;
mod streams;
mod surface;
mod worker;

pub use ending::Ending;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use std::{fmt, io};

use arc_swap::ArcSwap;
use thriftgate_config::{Drain, ListenAddress, Listener, Scheduling, Settings};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::Semaphore;

use crate::backend::Upkeep;
use crate::http;
use crate::idl;
use crate::overload;
use crate::policy;
use crate::process::{Core, Process};
use crate::reload::{self, Files, Reloader, Source};
use crate::snapshot::{Snapshot, SnapshotError, exposure};
use crate::supervisor::{self, Inherited, attend_watchdog};
use crate::telemetry::{CallLog, LogFiles, Metrics, Tracer};
use crate::tls::{CurrentServerTls, ServerTls, TlsError};
use ending::Phase;
use listener::Bound;
use surface::Surface;
use worker::Worker;

/// How often idle connections are looked at.
const CARE: Duration = Duration::from_secs(1);
/// Connections of the admin listener, which are not among those of the clients: where these take all there
/// are, the operator still sees why.
const ADMIN_CONNECTIONS: usize = 64;
/// How long the admin listener's last answers may take.
const ADMIN_GRACE: Duration = Duration::from_millis(100);

/// Why the gateway did not start.
#[derive(Debug)]
pub enum StartError {
    /// The IDL, or what the configuration says of it, is wrong
    Snapshot(SnapshotError),
    /// An address cannot be listened on
    Listen(ListenAddress, io::Error),
    /// The file of a log cannot be opened, as the text that an operator reads
    Log(String),
    /// Traces cannot be sent, as the reason
    Tracing(String),
    /// TLS of a listener cannot be spoken
    Tls(TlsError),
    /// The system refused a thread or a runtime
    System(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Snapshot(error) => error.fmt(f),
            Self::Listen(address, error) => write!(f, "error: cannot listen on {address}: {error}"),
            Self::Log(text) => f.write_str(text),
            Self::Tracing(reason) => write!(f, "error: traces cannot be sent: {reason}"),
            Self::Tls(error) => write!(f, "error: {error}"),
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

impl From<TlsError> for StartError {
    fn from(error: TlsError) -> Self {
        Self::Tls(error)
    }
}

impl From<io::Error> for StartError {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

/// Where a gateway listens. It displays as `http://127.0.0.1:8080`, with `https` where TLS is spoken, or as
/// `unix:` and a path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listening {
    /// The address, with the true port
    pub address: ListenAddress,
    /// Whether TLS is spoken
    pub tls: bool,
    /// Whether the socket is a supervisor's, who keeps it when this process ends
    pub inherited: bool,
}

impl Listening {
    /// The address and port, unless it is a Unix socket.
    #[must_use]
    pub fn tcp(&self) -> Option<SocketAddr> {
        match self.address {
            ListenAddress::Tcp(address) => Some(address),
            ListenAddress::Unix(_) | ListenAddress::Inherited(_) => None,
        }
    }

    /// Removes the path of a Unix socket of this process.
    fn remove_socket(&self) {
        if let ListenAddress::Unix(path) = &self.address
            && !self.inherited
            && let Err(error) = std::fs::remove_file(path)
        {
            tracing::warn!(%error, path = %path.display(), "a socket cannot be removed");
        }
    }
}

impl fmt::Display for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.address, self.tls) {
            (ListenAddress::Tcp(address), false) => write!(f, "http://{address}"),
            (ListenAddress::Tcp(address), true) => write!(f, "https://{address}"),
            (other, _) => other.fmt(f),
        }
    }
}

/// A running gateway. Dropped without [`Gateway::stop`], it runs to the end of the process.
#[derive(Debug)]
pub struct Gateway {
    /// Where it listens, in the order of the settings
    pub listen: Vec<Listening>,
    /// Where its admin listener is
    pub admin: Option<Listening>,
    /// What its cores share
    pub process: Arc<Process>,
    /// What reads everything again
    pub reloader: Arc<Reloader>,
    /// The end of what serves callers
    ending: Arc<Ending>,
    /// The end of the admin listener, which is the last
    admin_ending: Arc<Ending>,
    drain: Drain,
    cores: Vec<JoinHandle<()>>,
    care: Option<JoinHandle<()>>,
}

impl Gateway {
    /// Starts the gateway and returns when it accepts connections. A reload finds the same settings, but reads IDL
    /// and certificates again.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(settings: &Settings) -> Result<Self, StartError> {
        let source = Source::fixed(settings.clone());
        let mut files = Files::default();
        Source::note_files(settings, &mut files);
        Self::start_from(source, settings, files, Inherited::default())
    }

    /// Starts the gateway by settings that were read from `source`, when the files that they are of were as `files`
    /// says. A reload reads them again. Listeners that name sockets of a supervisor take them from `inherited`.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start_from(
        source: Source,
        settings: &Settings,
        mut files: Files,
        mut inherited: Inherited,
    ) -> Result<Self, StartError> {
        let threads = settings.runtime.threads.unwrap_or_else(available_cores);
        let cores = match settings.runtime.scheduling {
            Scheduling::PerCore => threads,
            Scheduling::Shared => 1,
        };
        let metrics = Arc::new(Metrics::default());
        let idl = idl::load_noting(&settings.idl, &mut files)?;
        let snapshot = Snapshot::of(settings, idl, &metrics, cores, None)?;
        for warning in &snapshot.warnings {
            tracing::warn!("{warning}");
        }
        let care = Builder::new_current_thread().enable_all().build()?;
        let upkeep = Upkeep::new(care.handle().clone(), metrics.clone());
        snapshot.policy.begin(upkeep.runtime());
        // The first call finds the endpoints, if the name servers answer in their time.
        care.block_on(upkeep.begin(&settings.dns, &snapshot.backends));
        let access = CallLog::new("access log", cores, metrics.access_lost.clone());
        let audit = CallLog::new("audit log", cores, metrics.audit_lost.clone());
        let tracer = settings.tracing.as_ref();
        let tracer = tracer.map(|tracing| Tracer::new(tracing, metrics.spans_lost.clone(), care.handle()));
        let tracer = tracer.transpose().map_err(StartError::Tracing)?;
        let process = Arc::new(Process::new(snapshot, metrics, (access, audit), tracer, upkeep));
        process.log_to(LogFiles::open(settings).map_err(StartError::Log)?);
        let certificates = settings.listen.iter().map(certificates).collect::<Result<_, _>>()?;
        let read = (settings.clone(), files);
        let reloader = Arc::new(Reloader::new(process.clone(), source, read, certificates, cores));
        let mut gateway = Self {
            listen: Vec::new(),
            admin: None,
            process,
            reloader,
            ending: Arc::new(Ending::new()),
            admin_ending: Arc::new(Ending::new()),
            drain: settings.drain.clone(),
            cores: Vec::new(),
            care: None,
        };
        let started = gateway
            .start_cores(settings, threads, cores, &mut inherited)
            .and_then(|cores| gateway.start_care(settings, cores, care, &mut inherited));
        if let Err(error) = started {
            gateway.stop();
            return Err(error);
        }
        for name in inherited.names() {
            tracing::warn!("the socket `{name}` was passed, and no listener is `systemd:{name}`");
        }
        gateway.process.listening.store(true, Ordering::Release);
        Ok(gateway)
    }

    /// Binds the public listeners and starts what accepts on them, each core with a runtime.
    fn start_cores(
        &mut self,
        settings: &Settings,
        threads: usize,
        cores: usize,
        inherited: &mut Inherited,
    ) -> Result<Vec<Handle>, StartError> {
        let mut runtimes = Vec::new();
        let mut bound: Vec<Vec<_>> = (0..cores).map(|_| Vec::new()).collect();
        for (listener, tls) in settings.listen.iter().zip(self.reloader.certificates()) {
            for (mut listening, group) in bind(&listener.address, cores, inherited)? {
                listening.tls = tls.is_some();
                warn_of_strangers(settings, listener, &listening);
                self.listen.push(listening);
                bound.iter_mut().zip(group).for_each(|(core, listener)| core.push((listener, tls.clone())));
            }
        }
        let connections = Arc::new(Semaphore::new(settings.limits.connections));
        for (index, listeners) in bound.into_iter().enumerate() {
            let runtime = match settings.runtime.scheduling {
                Scheduling::PerCore => Builder::new_current_thread().enable_all().build()?,
                Scheduling::Shared => {
                    Builder::new_multi_thread().worker_threads(threads).enable_all().build()?
                }
            };
            runtimes.push(runtime.handle().clone());
            let core = Arc::new(Core { index, process: self.process.clone() });
            let worker = Worker {
                name: format!("core-{index}"),
                runtime,
                listeners,
                surface: Surface::Public(Arc::new(http::Front::new(core))),
                process: self.process.clone(),
                connections: connections.clone(),
                ending: self.ending.clone(),
            };
            self.cores.push(worker.start()?);
        }
        Ok(runtimes)
    }

    /// Starts the thread for everything that is not a call.
    fn start_care(
        &mut self,
        settings: &Settings,
        cores: Vec<Handle>,
        runtime: Runtime,
        inherited: &mut Inherited,
    ) -> Result<(), StartError> {
        let mut listeners = Vec::new();
        if let Some(address) = &settings.admin {
            for (listening, group) in bind(address, 1, inherited)? {
                self.admin.get_or_insert(listening);
                listeners.extend(group.into_iter().map(|listener| (listener, None)));
            }
        }
        runtime.spawn(attend_watchdog(cores.clone(), self.process.clone()));
        let reloader = self.reloader.clone();
        runtime.spawn(async move {
            let mut interval = tokio::time::interval(CARE);
            loop {
                interval.tick().await;
                let now = Instant::now();
                reloader
                    .process
                    .snapshot
                    .load()
                    .backends
                    .iter()
                    .for_each(|backend| backend.tend(now, &cores));
                reloader.release_retired();
            }
        });
        runtime.spawn(overload::watch(self.process.clone()));
        runtime.spawn(reload::watch(self.reloader.clone()));
        runtime.spawn(policy::sweep(self.process.clone()));
        let worker = Worker {
            name: "admin".into(),
            runtime,
            listeners,
            surface: Surface::Admin(http::admin_router(self.reloader.clone())),
            process: self.process.clone(),
            connections: Arc::new(Semaphore::new(ADMIN_CONNECTIONS)),
            ending: self.admin_ending.clone(),
        };
        self.care = Some(worker.start()?);
        Ok(())
    }

    /// What hurries [`Self::stop`].
    #[must_use]
    pub fn ending(&self) -> Arc<Ending> {
        self.ending.clone()
    }

    /// Turns not ready, and after the delay stops accepting, lets calls under way end within the grace period,
    /// answers those that have not, and ends the threads. The admin listener answers until then.
    pub fn stop(self) {
        let (process, ending) = (&self.process, &self.ending);
        supervisor::stopping(self.drain.delay + self.drain.grace);
        process.draining.store(true, Ordering::Release);
        ending.enter(Phase::Leaving);
        if process.listening.load(Ordering::Acquire) {
            ending.pause(self.drain.delay);
        }
        // While this process still listens nobody else takes the path: what is removed is its own.
        self.listen.iter().for_each(Listening::remove_socket);
        ending.enter(Phase::Closing);
        ending.await_workers(self.drain.grace);
        process.cutting.store(true, Ordering::Release);
        ending.enter(Phase::Cutting);
        self.cores.into_iter().for_each(join);
        process.tracer.iter().for_each(Tracer::close);
        self.admin.iter().for_each(Listening::remove_socket);
        self.admin_ending.enter(Phase::Closing);
        self.admin_ending.await_workers(ADMIN_GRACE);
        self.admin_ending.enter(Phase::Cutting);
        self.care.into_iter().for_each(join);
        process.access.close();
        process.audit.close();
    }
}

fn join(thread: JoinHandle<()>) {
    if thread.join().is_err() {
        tracing::error!("a thread of the gateway panicked");
    }
}

fn available_cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// The sockets of an address, each for as many runtimes: one, or those of a supervisor that have the name.
fn bind(
    address: &ListenAddress,
    count: usize,
    inherited: &mut Inherited,
) -> Result<Vec<(Listening, Vec<Bound>)>, StartError> {
    let groups = match address {
        ListenAddress::Inherited(name) => inherited
            .take(name)
            .and_then(|sockets| sockets.iter().map(|socket| Bound::inherited(socket, count)).collect()),
        _ => Bound::group(address, count).map(|group| vec![group]),
    };
    let is_inherited = matches!(address, ListenAddress::Inherited(_));
    let listening = |address| Listening { address, tls: false, inherited: is_inherited };
    let groups: Vec<_> = groups.map_err(|error| StartError::Listen(address.clone(), error))?;
    Ok(groups.into_iter().map(|(address, group)| (listening(address), group)).collect())
}

/// Warns of a supervisor's socket as the snapshot does of addresses that the configuration tells.
fn warn_of_strangers(settings: &Settings, listener: &Listener, listening: &Listening) {
    if let Some(address) = listening.tcp().filter(|_| listening.inherited)
        && let Some(warning) = exposure::warning_of(settings, listener, address)
    {
        tracing::warn!("{warning}");
    }
}

/// How a listener speaks TLS, if it does.
fn certificates(listener: &Listener) -> Result<Option<CurrentServerTls>, TlsError> {
    let read = |tls| Ok(Arc::new(ArcSwap::new(ServerTls::read(tls, None)?)));
    listener.tls.as_ref().map(read).transpose()
}
