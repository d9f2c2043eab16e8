//! Reading everything again while the gateway runs.
//!
//! A reload reads configuration, IDL and certificates whole and builds a new snapshot of them, on a thread that no
//! call waits for. Where anything is wrong nothing changes. Otherwise the snapshot is swapped at once: calls under
//! way end on the old one, and the backends that both have go on with their connections. Reloads happen one after
//! another, whatever asks for them.

mod attempt;
mod changes;
mod files;
mod restart;
mod source;
mod watch;

pub use attempt::{Attempt, Refusal, Status, Trigger};
pub use changes::Changes;
pub use files::Files;
pub use source::Source;
pub(crate) use watch::watch;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use thriftgate_config::Settings;
use tokio::runtime::Handle;

use crate::idl;
use crate::process::Process;
use crate::snapshot::{Snapshot, at};
use crate::supervisor;
use crate::telemetry::{self, LogFiles};
use crate::tls::{CurrentServerTls, ServerTls};

/// How often files are read again that change while they are read, and the time between.
const MOST_READINGS: usize = 40;
const PAUSE: Duration = Duration::from_millis(25);

/// Replaces what calls are answered by.
#[derive(Debug)]
pub struct Reloader {
    /// What is replaced in
    pub process: Arc<Process>,
    source: Source,
    cores: usize,
    listeners: Vec<Option<CurrentServerTls>>,
    current: Arc<tokio::sync::Mutex<Current>>,
    status: Mutex<Status>,
    retired: Mutex<Vec<Arc<Snapshot>>>,
    /// Counts the attempts.
    attempts: tokio::sync::watch::Sender<u64>,
}

/// What the last reading found.
#[derive(Debug)]
struct Current {
    /// The settings in effect.
    settings: Settings,
    /// The files that they, the IDL and the certificates in effect were read from.
    read: Files,
    /// The files of the last attempt, refused or not: it is worth another when one of them changes.
    files: Files,
}

/// Everything that was read, good to be put into effect.
struct Candidate {
    settings: Settings,
    snapshot: Snapshot,
    listeners: Vec<Option<Arc<ServerTls>>>,
    /// The files of the logs of calls, opened again: those before may have been moved away.
    logs: LogFiles,
}

impl Reloader {
    /// A reloader of a process that runs by `settings`, which `source` gave when `files` were as noted; `listeners`
    /// is the TLS of its listeners, in their order, and `cores` the number of runtimes.
    pub(crate) fn new(
        process: Arc<Process>,
        source: Source,
        (settings, files): (Settings, Files),
        listeners: Vec<Option<CurrentServerTls>>,
        cores: usize,
    ) -> Self {
        Self {
            process,
            source,
            cores,
            listeners,
            current: Arc::new(tokio::sync::Mutex::new(Current { settings, read: files.clone(), files })),
            status: Mutex::new(Status::first()),
            retired: Mutex::default(),
            attempts: tokio::sync::watch::Sender::new(0),
        }
    }

    /// The TLS of the listeners, in their order.
    pub(crate) fn certificates(&self) -> &[Option<CurrentServerTls>] {
        &self.listeners
    }

    /// Reads everything again, and puts it into effect where it is good. Waits for the reload that is under way, if
    /// there is one. Must be called within a runtime of tokio; once begun, the reload ends even where nobody waits
    /// for it any more.
    pub async fn reload(self: &Arc<Self>, trigger: Trigger) -> Attempt {
        let mut current = self.current.clone().lock_owned().await;
        let reloader = self.clone();
        let work = tokio::task::spawn_blocking(move || {
            supervisor::reloading();
            let outcome = reloader.attempt(&mut current);
            reloader.conclude(trigger, outcome)
        });
        match work.await {
            Ok(attempt) => attempt,
            Err(error) => {
                tracing::error!(%error, "a reload panicked");
                self.conclude(trigger, Err(Refusal::Internal))
            }
        }
    }

    /// What is in effect, and the last attempt to change it.
    pub fn status(&self) -> Status {
        lock(&self.status).clone()
    }

    /// Frees the snapshots that no call needs any more, and with them the backends that have gone.
    pub(crate) fn release_retired(&self) {
        // Nobody can get hold of a snapshot that has been replaced, so that one is the last.
        let (unused, used) = std::mem::take(&mut *lock(&self.retired))
            .into_iter()
            .partition::<Vec<_>, _>(|snapshot| Arc::strong_count(snapshot) == 1);
        lock(&self.retired).extend(used);
        drop(unused);
    }

    fn attempt(&self, current: &mut Current) -> Result<Changes, Refusal> {
        for _ in 0..MOST_READINGS {
            let mut files = Files::default();
            let candidate = self.read(&current.settings, &mut files);
            let settled = files.are_settled();
            current.files = files;
            if settled {
                return candidate.map(|candidate| self.publish(current, candidate));
            }
            std::thread::sleep(PAUSE);
        }
        Err(Refusal::Unsettled)
    }

    fn read(&self, running: &Settings, files: &mut Files) -> Result<Candidate, Refusal> {
        let settings = self.source.read(files).map_err(Refusal::Invalid)?;
        restart::check(running, &settings).map_err(Refusal::NeedsRestart)?;
        let mut errors = Vec::new();
        let mut listeners = Vec::new();
        for (listener, current) in settings.listen.iter().zip(&self.listeners) {
            let before = current.as_ref().map(|current| current.load_full());
            let read = listener.tls.as_ref().map(|tls| ServerTls::read(tls, before.as_ref())).transpose();
            match read {
                Ok(tls) => listeners.push(tls),
                Err(error) => errors.push(at(listener.origin.as_ref(), error.to_string(), None)),
            }
        }
        let logs = LogFiles::open(&settings).map_err(|error| errors.push(error));
        let old = self.process.snapshot.load_full();
        let snapshot = idl::load_noting(&settings.idl, files)
            .and_then(|idl| Snapshot::of(&settings, idl, &self.process.metrics, self.cores, Some(&old)));
        let snapshot = match snapshot {
            Ok(snapshot) => Some(snapshot),
            Err(error) => {
                errors.push(error.to_string());
                None
            }
        };
        let (Some(snapshot), Ok(logs), []) = (snapshot, logs, &*errors) else {
            return Err(Refusal::Invalid(errors.join("\n")));
        };
        match changes::breaking(&old, &snapshot).filter(|_| settings.reload.refuse_breaking) {
            Some(breaking) => Err(Refusal::Breaking(breaking)),
            None => Ok(Candidate { settings, snapshot, listeners, logs }),
        }
    }

    /// Puts what was read into effect.
    fn publish(&self, current: &mut Current, candidate: Candidate) -> Changes {
        let Candidate { settings, snapshot, listeners, logs } = candidate;
        snapshot.policy.begin(self.process.upkeep.runtime());
        // The first call finds the endpoints of new backends, if the name servers answer in their time.
        Handle::current().block_on(self.process.upkeep.begin(&settings.dns, &snapshot.backends));
        let files =
            current.files.changed_since(&current.read).map(|path| path.display().to_string()).collect();
        for warning in &snapshot.warnings {
            tracing::warn!("{warning}");
        }
        let mut changes = Changes { files, ..Changes::between(&self.process.snapshot.load(), &snapshot) };
        for ((listener, cell), tls) in settings.listen.iter().zip(&self.listeners).zip(listeners) {
            if let (Some(cell), Some(tls)) = (cell, tls)
                && !Arc::ptr_eq(&cell.swap(tls.clone()), &tls)
            {
                changes.certificates.push(listener.address.to_string());
            }
        }
        if settings.logging.level != current.settings.logging.level {
            telemetry::set_level(settings.logging.level);
        }
        self.process.log_to(logs);
        if let (Some(tracer), Some(tracing)) = (&self.process.tracer, &settings.tracing) {
            tracer.set_share(tracing.sample);
        }
        self.process.bodies.set_limit(settings.limits.bodies);
        let old = self.process.snapshot.swap(Arc::new(snapshot));
        let is_gone = |name: &&String| !settings.backends.iter().any(|backend| backend.name == **name);
        changes.ended.iter().filter(is_gone).for_each(|name| self.process.metrics.forget(name));
        lock(&self.retired).push(old);
        self.release_retired();
        current.settings = settings;
        current.read = current.files.clone();
        changes
    }

    /// Tells everybody how an attempt ended.
    fn conclude(&self, trigger: Trigger, outcome: Result<Changes, Refusal>) -> Attempt {
        let time = SystemTime::now();
        self.process.metrics.reloads.attempted(outcome.is_ok());
        let (attempt, before) = {
            let mut status = lock(&self.status);
            if outcome.is_ok() {
                (status.version, status.since) = (status.version + 1, time);
            }
            let attempt = Attempt { time, trigger, version: status.version, outcome };
            let before = status.last.replace(attempt.clone());
            (attempt, before)
        };
        let failed =
            if attempt.outcome.is_ok() { "" } else { "; the last reload was refused, the log says why" };
        supervisor::ready(&format!("Answering calls, configuration {}{failed}", attempt.version));
        // Nobody who asks for the status waits for a reader of the log.
        log(&attempt, before.as_ref());
        self.attempts.send_modify(|attempts| *attempts += 1);
        attempt
    }
}

/// Logs an attempt. Errors that the one before had as well are not told twice.
fn log(attempt: &Attempt, before: Option<&Attempt>) {
    let Attempt { trigger, version, outcome, .. } = attempt;
    match outcome {
        Ok(changes) => {
            tracing::info!(%trigger, version, files = ?changes.files, "reloaded");
            if !changes.exposed.is_empty() {
                tracing::warn!(methods = ?changes.exposed, "newly exposed: these methods can be called now");
            }
        }
        Err(refusal) if before.is_some_and(|before| before.outcome.as_ref() == Err(refusal)) => {
            tracing::info!(%trigger, version, "the reload is refused for the same reasons as before");
        }
        Err(refusal) => {
            tracing::error!(%trigger, version, "the reload is refused, nothing has changed:\n{refusal}");
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
