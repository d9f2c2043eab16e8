//! Passive ejection: an endpoint that fails calls is left alone for a while.
//!
//! An endpoint is available, ejected, or half open: back on trial, one call at a time. The state is a
//! plain machine that is told the time, behind a lock that only failures, changes of state and the first
//! success after a failure take; an ordinary success counts itself in an atomic.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use thriftgate_config as config;

use super::window::{Counts, Window};

/// Why an endpoint is ejected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Cause {
    /// So many failures in a row.
    Consecutive(usize),
    /// So many failures of so many calls.
    Share(u64, u64),
    /// A call failed when it was on trial.
    Trial,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Consecutive(count) => write!(f, "{count} calls failed in a row"),
            Self::Share(failed, calls) => write!(f, "{failed} of {calls} calls failed"),
            Self::Trial => f.write_str("it failed again on its return"),
        }
    }
}

/// What the state of an endpoint means for calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(super) enum Standing {
    Available,
    Ejected,
    HalfOpen,
}

/// The state of one endpoint, shared by all cores.
#[derive(Debug)]
pub(super) struct Ejection {
    standing: AtomicU8,
    /// Whether the machine has to hear of the next success.
    attentive: AtomicBool,
    /// Those that the machine has not heard of.
    successes: AtomicU32,
    count: AtomicU64,
    machine: Mutex<Machine>,
}

impl Ejection {
    pub(super) fn new(settings: &config::Ejection, now: Instant) -> Self {
        Self {
            standing: AtomicU8::new(Standing::Available as u8),
            attentive: AtomicBool::new(false),
            successes: AtomicU32::new(0),
            count: AtomicU64::new(0),
            machine: Mutex::new(Machine::new(settings.clone(), now)),
        }
    }

    pub(super) fn standing(&self) -> Standing {
        match self.standing.load(Ordering::Acquire) {
            0 => Standing::Available,
            1 => Standing::Ejected,
            _ => Standing::HalfOpen,
        }
    }

    /// How often it was ejected.
    pub(super) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// A call that began then went well. Tells whether the endpoint is back by it.
    pub(super) fn succeeded(&self, began: Instant, now: Instant) -> bool {
        self.successes.fetch_add(1, Ordering::Relaxed);
        self.attentive.load(Ordering::Acquire) && self.change(|machine| machine.succeeded(began, now))
    }

    /// A call that began then failed. Tells why the endpoint should be ejected, where it should.
    pub(super) fn failed(&self, began: Instant, now: Instant) -> Option<Cause> {
        let successes = self.successes.swap(0, Ordering::Relaxed);
        self.change(|machine| {
            machine.count(u64::from(successes), now);
            machine.failed(began, now)
        })
    }

    /// Whether it is not ejected yet.
    pub(super) fn is_ejectable(&self) -> bool {
        self.standing() != Standing::Ejected
    }

    /// Ejects it, and says for how long.
    pub(super) fn eject(&self, now: Instant) -> Duration {
        self.count.fetch_add(1, Ordering::Relaxed);
        self.change(|machine| machine.eject(now))
    }

    /// Counts what happened lately in its time. Tells whether the ejected endpoint should be probed now, once.
    pub(super) fn tend(&self, now: Instant) -> bool {
        let successes = self.successes.swap(0, Ordering::Relaxed);
        self.change(|machine| {
            machine.count(u64::from(successes), now);
            machine.probe(now)
        })
    }

    /// How the probe of [`Self::tend`] ended.
    pub(super) fn probed(&self, well: bool, now: Instant) {
        self.change(|machine| machine.probed(well, now));
    }

    fn change<T>(&self, change: impl FnOnce(&mut Machine) -> T) -> T {
        let mut machine: MutexGuard<'_, Machine> =
            self.machine.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = change(&mut machine);
        self.standing.store(machine.standing() as u8, Ordering::Release);
        self.attentive.store(machine.is_attentive(), Ordering::Release);
        changed
    }
}

/// The states and their changes.
#[derive(Debug)]
struct Machine {
    settings: config::Ejection,
    state: State,
    /// Since when it is in this state: calls that began before say nothing of it.
    since: Instant,
    consecutive: usize,
    window: Window,
    /// How often it was ejected without having been well for `max_time` between.
    repetitions: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Available,
    Ejected { until: Instant, probing: bool },
    HalfOpen,
}

impl Machine {
    fn new(settings: config::Ejection, now: Instant) -> Self {
        let window = Window::new(settings.window, now);
        Self { settings, state: State::Available, since: now, consecutive: 0, window, repetitions: 0 }
    }

    fn standing(&self) -> Standing {
        match self.state {
            State::Available => Standing::Available,
            State::Ejected { .. } => Standing::Ejected,
            State::HalfOpen => Standing::HalfOpen,
        }
    }

    fn is_attentive(&self) -> bool {
        self.consecutive > 0 || self.state != State::Available
    }

    fn count(&mut self, successes: u64, now: Instant) {
        self.window.add(now, Counts { all: successes, marked: 0 });
    }

    fn succeeded(&mut self, began: Instant, now: Instant) -> bool {
        if began < self.since {
            return false;
        }
        self.consecutive = 0;
        let back = self.state != State::Available;
        if back {
            self.enter(State::Available, now);
            self.window.clear();
        }
        back
    }

    fn failed(&mut self, began: Instant, now: Instant) -> Option<Cause> {
        if began < self.since {
            return None;
        }
        match self.state {
            State::Ejected { .. } => return None,
            State::HalfOpen => return Some(Cause::Trial),
            State::Available => {}
        }
        self.consecutive += 1;
        self.window.add(now, Counts { all: 1, marked: 1 });
        if self.consecutive >= self.settings.consecutive_failures {
            return Some(Cause::Consecutive(self.consecutive));
        }
        let Counts { all, marked } = self.window.sum(now);
        let enough = all >= self.settings.min_calls as u64;
        let too_many = marked as f64 >= self.settings.failure_share * all as f64;
        (enough && too_many).then_some(Cause::Share(marked, all))
    }

    fn eject(&mut self, now: Instant) -> Duration {
        let well = self.state == State::Available && now - self.since >= self.settings.max_time;
        self.repetitions = if well { 0 } else { self.repetitions };
        let factor = 1_u32.checked_shl(self.repetitions).unwrap_or(u32::MAX);
        let time = self.settings.time.saturating_mul(factor).min(self.settings.max_time);
        self.repetitions = self.repetitions.saturating_add(1);
        self.consecutive = 0;
        self.window.clear();
        self.enter(State::Ejected { until: now + time, probing: false }, now);
        time
    }

    fn probe(&mut self, now: Instant) -> bool {
        let State::Ejected { until, probing: false } = self.state else { return false };
        if now < until {
            return false;
        }
        self.state = State::Ejected { until, probing: true };
        true
    }

    fn probed(&mut self, well: bool, now: Instant) {
        let State::Ejected { probing: true, .. } = self.state else { return };
        if well {
            self.enter(State::HalfOpen, now);
        } else {
            self.state = State::Ejected { until: now + self.settings.time, probing: false };
        }
    }

    fn enter(&mut self, state: State, now: Instant) {
        self.state = state;
        self.since = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn machine() -> (Machine, Instant) {
        let start = Instant::now();
        (Machine::new(config::Ejection::default(), start), start)
    }

    fn fail(machine: &mut Machine, times: usize, now: Instant) -> Option<Cause> {
        (0..times).fold(None, |_, _| machine.failed(now, now))
    }

    #[test]
    fn failures_in_a_row() {
        let (mut machine, start) = machine();
        assert_eq!(fail(&mut machine, 4, start), None);
        assert!(machine.is_attentive());
        assert!(!machine.succeeded(start, start));
        assert_eq!(fail(&mut machine, 4, start), None);
        assert_eq!(fail(&mut machine, 1, start), Some(Cause::Consecutive(5)));
        assert_eq!(machine.eject(start), 5 * SECOND);
        assert_eq!(machine.standing(), Standing::Ejected);
    }

    #[test]
    fn a_share_of_failures() {
        let (mut machine, start) = machine();
        let mut cause = None;
        for _ in 0..10 {
            machine.count(1, start);
            cause = machine.failed(start, start);
            machine.succeeded(start, start);
        }
        assert_eq!(cause, Some(Cause::Share(10, 20)));
        let (mut machine, _) = self::machine();
        machine.count(100, start);
        for second in 0..4 {
            assert_eq!(fail(&mut machine, 4, start + second * SECOND), None);
            machine.succeeded(start + second * SECOND, start + second * SECOND);
        }
    }

    #[test]
    fn a_share_is_that_of_the_window() {
        let (mut machine, start) = machine();
        machine.count(1000, start);
        let later = start + 11 * SECOND;
        machine.count(10, later);
        for _ in 0..9 {
            assert_eq!(machine.failed(later, later), None);
            machine.succeeded(later, later);
        }
        assert_eq!(machine.failed(later, later), Some(Cause::Share(10, 20)));
    }

    #[test]
    fn the_way_back_is_a_probe_and_a_trial() {
        let (mut machine, start) = machine();
        machine.eject(start);
        assert!(!machine.probe(start + 4 * SECOND));
        let due = start + 5 * SECOND;
        assert!(machine.probe(due));
        assert!(!machine.probe(due), "it is probed once");
        machine.probed(false, due);
        assert!(!machine.probe(due + 4 * SECOND));
        let due = due + 5 * SECOND;
        assert!(machine.probe(due));
        machine.probed(true, due);
        assert_eq!(machine.standing(), Standing::HalfOpen);
        assert!(machine.succeeded(due, due));
        assert_eq!(machine.standing(), Standing::Available);
        assert!(!machine.is_attentive());
    }

    #[test]
    fn it_is_out_longer_each_time() {
        let (mut machine, start) = machine();
        let mut now = start;
        let mut times = Vec::new();
        times.push(machine.eject(now));
        for _ in 0..5 {
            now += *times.last().expect("a time");
            assert!(machine.probe(now));
            machine.probed(true, now);
            assert_eq!(machine.failed(now, now), Some(Cause::Trial));
            times.push(machine.eject(now));
        }
        assert_eq!(times, [5, 10, 20, 40, 60, 60].map(|seconds| seconds * SECOND));
        now += 60 * SECOND;
        assert!(machine.probe(now));
        machine.probed(true, now);
        machine.succeeded(now, now);
        assert_eq!(machine.eject(now + 61 * SECOND), 5 * SECOND, "it was well for long enough");
    }

    #[test]
    fn calls_of_before_say_nothing() {
        let (mut machine, start) = machine();
        let later = start + SECOND;
        machine.eject(later);
        assert!(!machine.succeeded(start, later));
        assert_eq!(machine.standing(), Standing::Ejected);
        let due = later + 5 * SECOND;
        assert!(machine.probe(due));
        machine.probed(true, due);
        assert_eq!(machine.failed(start, due), None, "a call that hung since before the ejection");
        assert!(machine.succeeded(due, due));
    }

    #[test]
    fn a_success_while_all_are_tried_brings_it_back() {
        let (mut machine, start) = machine();
        machine.eject(start);
        assert!(machine.succeeded(start + SECOND, start + SECOND));
        assert_eq!(machine.standing(), Standing::Available);
    }
}
