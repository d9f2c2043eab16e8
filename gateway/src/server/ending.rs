//! How the gateway ends: in which steps, and what moves it from one to the next.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

/// How far the end has come. Each step includes those before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Phase {
    /// It has not begun.
    Running,
    /// Everything is served, and replies tell clients to go elsewhere.
    Leaving,
    /// Nothing is accepted any more; calls under way are finished, idle connections closed.
    Closing,
    /// Calls under way are given up.
    Cutting,
}

/// The end of a gateway, which others may hurry.
#[derive(Debug)]
pub struct Ending {
    phase: watch::Sender<Phase>,
    pace: Mutex<Pace>,
    moved: Condvar,
}

/// Waits for a phase after this one, and returns it.
pub(super) async fn phase_after(phase: Phase, phases: &mut watch::Receiver<Phase>) -> Phase {
    let next = phases.wait_for(|next| *next > phase).await.ok().map(|next| *next);
    match next {
        Some(next) => next,
        None => std::future::pending().await,
    }
}

/// What a step of the end waits for.
#[derive(Debug, Default)]
struct Pace {
    /// Requests to go on that no step has taken yet.
    hurries: usize,
    /// Workers at work.
    workers: usize,
}

impl Ending {
    pub(super) fn new() -> Self {
        Self { phase: watch::Sender::new(Phase::Running), pace: Mutex::default(), moved: Condvar::new() }
    }

    /// Ends the wait of the current step of the end, or of the next that waits: first the delay in which the
    /// gateway still accepts, then the grace of calls under way.
    pub fn hurry(&self) {
        self.pace().hurries += 1;
        self.moved.notify_all();
    }

    pub(super) fn phase(&self) -> watch::Receiver<Phase> {
        self.phase.subscribe()
    }

    pub(super) fn enter(&self, phase: Phase) {
        self.phase.send_replace(phase);
    }

    /// Counts a worker as at work until what is returned is dropped.
    pub(super) fn at_work(self: &Arc<Self>) -> AtWork {
        self.pace().workers += 1;
        AtWork(self.clone())
    }

    /// Waits for this time, unless it is hurried.
    pub(super) fn pause(&self, time: Duration) {
        self.wait(time, |_| false);
    }

    /// Waits until no worker is at work, for this time at most, unless it is hurried.
    pub(super) fn await_workers(&self, time: Duration) {
        self.wait(time, |pace| pace.workers == 0);
    }

    fn wait(&self, time: Duration, done: impl Fn(&Pace) -> bool) {
        let end = Instant::now() + time;
        let mut pace = self.pace();
        while !done(&pace) {
            if pace.hurries > 0 {
                pace.hurries -= 1;
                return;
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            pace = self.moved.wait_timeout(pace, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A worker that is counted as at work, to its end or its panic.
#[derive(Debug)]
pub(super) struct AtWork(Arc<Ending>);

impl Drop for AtWork {
    fn drop(&mut self) {
        self.0.pace().workers -= 1;
        self.0.moved.notify_all();
    }
}
