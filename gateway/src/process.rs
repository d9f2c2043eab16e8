//! What is one for the whole process, and what each core adds.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use arc_swap::ArcSwap;

use crate::backend::Upkeep;
use crate::http::BodyBudget;
use crate::snapshot::Snapshot;
use crate::telemetry::{CallLog, LogFiles, Metrics, Tracer};

/// What all cores share.
#[derive(Debug)]
pub struct Process {
    /// What calls are answered by; loaded once a call
    pub snapshot: ArcSwap<Snapshot>,
    /// The metrics
    pub metrics: Arc<Metrics>,
    /// The access log
    pub access: CallLog,
    /// The audit log
    pub audit: CallLog,
    /// What traces calls, where they are traced
    pub tracer: Option<Tracer>,
    /// What is done for the backends beside their calls
    pub upkeep: Upkeep,
    /// Bodies held at once
    pub bodies: BodyBudget,
    /// Whether the listeners are open
    pub listening: AtomicBool,
    /// Whether the process is ending
    pub draining: AtomicBool,
    /// Whether calls under way are given up
    pub cutting: AtomicBool,
    /// Whether there is so little memory left that new calls are refused
    pub short_of_memory: AtomicBool,
    calls: AtomicUsize,
}

impl Process {
    /// A process that answers by `snapshot` and has no call under way.
    #[must_use]
    pub fn new(
        snapshot: Snapshot,
        metrics: Arc<Metrics>,
        (access, audit): (CallLog, CallLog),
        tracer: Option<Tracer>,
        upkeep: Upkeep,
    ) -> Self {
        Self {
            bodies: BodyBudget::new(snapshot.limits.bodies),
            snapshot: ArcSwap::from_pointee(snapshot),
            metrics,
            access,
            audit,
            tracer,
            upkeep,
            listening: AtomicBool::new(false),
            draining: AtomicBool::new(false),
            cutting: AtomicBool::new(false),
            short_of_memory: AtomicBool::new(false),
            calls: AtomicUsize::new(0),
        }
    }

    /// Counts a call in, unless `limit` are under way.
    pub(crate) fn admit(&self, limit: usize) -> Option<Admitted<'_>> {
        let before = self.calls.fetch_add(1, Ordering::AcqRel);
        let admitted = Admitted { calls: &self.calls };
        (before < limit).then_some(admitted)
    }

    /// Writes the logs of calls to these files from now on.
    pub(crate) fn log_to(&self, LogFiles { access, audit }: LogFiles) {
        self.access.write_to(access);
        self.audit.write_to(audit);
    }

    /// How many calls are under way.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    /// Whether a balancer should send calls here.
    ///
    /// # Errors
    /// Why it should not.
    pub fn readiness(&self) -> Result<(), Unready> {
        if !self.listening.load(Ordering::Acquire) {
            return Err(Unready::Starting);
        }
        if self.is_draining() {
            return Err(Unready::Ending);
        }
        let snapshot = self.snapshot.load();
        let required = snapshot.settings.ready_requires.iter().map(|&index| &snapshot.backends[index]);
        match required.into_iter().find(|backend| !backend.is_well()) {
            Some(unwell) => Err(Unready::Backend(unwell.name.clone())),
            None => Ok(()),
        }
    }

    /// Whether the process is ending.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }
}

/// Why calls should go elsewhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unready {
    /// The listeners are not open yet
    Starting,
    /// The process is ending
    Ending,
    /// A backend that readiness requires has no healthy endpoint
    Backend(Box<str>),
}

impl fmt::Display for Unready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Starting => f.write_str("the listeners are not open"),
            Self::Ending => f.write_str("the process is ending"),
            Self::Backend(name) => write!(f, "the backend {name} has no healthy endpoint"),
        }
    }
}

/// A call that is counted as under way.
#[derive(Debug)]
pub(crate) struct Admitted<'p> {
    calls: &'p AtomicUsize,
}

impl Drop for Admitted<'_> {
    fn drop(&mut self) {
        self.calls.fetch_sub(1, Ordering::AcqRel);
    }
}

/// What a call sees: the process, and the core that runs it.
#[derive(Debug)]
pub struct Core {
    /// Below the number of cores
    pub index: usize,
    /// Shared
    pub process: Arc<Process>,
}
