//! How many calls may be sent again: a share of those that came lately, so that a backend in trouble is not
//! called several times as often.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use thriftgate_config as config;

use super::window::{Counts, Window};

/// The time in which calls and retries are counted, in seconds.
const WINDOW: u64 = 10;

/// The retries of one backend. Only they take its lock: calls are counted by their sequence numbers.
#[derive(Debug)]
pub(super) struct Budget {
    settings: config::Retries,
    recent: Mutex<Recent>,
    count: AtomicU64,
}

#[derive(Debug)]
struct Recent {
    window: Window,
    /// The sequence number up to which calls are counted.
    sequence: u32,
}

impl Budget {
    pub(super) fn new(settings: &config::Retries, now: Instant) -> Self {
        let window = Window::new(Duration::from_secs(WINDOW), now);
        Self {
            settings: settings.clone(),
            recent: Mutex::new(Recent { window, sequence: 0 }),
            count: AtomicU64::new(0),
        }
    }

    /// Takes one retry out of the budget, where it has one; `sequence` is the number of the next call.
    pub(super) fn withdraw(&self, sequence: u32, now: Instant) -> bool {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.count(sequence, now);
        let Counts { all, marked } = recent.window.sum(now);
        let least = self.settings.min_per_second as u64 * WINDOW;
        let allowed = marked < least || (marked + 1) as f64 <= self.settings.budget * all as f64;
        if allowed {
            recent.window.add(now, Counts { all: 0, marked: 1 });
        }
        allowed
    }

    /// Counts the calls of the last second in their time.
    pub(super) fn tend(&self, sequence: u32, now: Instant) {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner).count(sequence, now);
    }

    /// A call is sent again, out of the budget or because nothing of it was sent.
    pub(super) fn retried(&self) {
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    /// How often a call was sent again.
    pub(super) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }
}

impl Recent {
    fn count(&mut self, sequence: u32, now: Instant) {
        // Numbers come out of order between threads: a lower one is no lap of the counter.
        let calls = sequence.wrapping_sub(self.sequence);
        if calls < u32::MAX / 2 {
            self.sequence = sequence;
            self.window.add(now, Counts { all: u64::from(calls), marked: 0 });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn granted(budget: &Budget, from: u32, calls: u32, now: Instant) -> usize {
        (from..from + calls).filter(|&call| budget.withdraw(call + 1, now)).count()
    }

    #[test]
    fn a_share_of_the_calls() {
        let start = Instant::now();
        let budget = Budget::new(&config::Retries::default(), start);
        assert_eq!(granted(&budget, 0, 1000, start), 200);
        assert_eq!(granted(&budget, 1000, 1000, start + Duration::from_secs(5)), 200);
    }

    #[test]
    fn a_quiet_backend_has_some() {
        let start = Instant::now();
        let budget = Budget::new(&config::Retries::default(), start);
        assert_eq!(granted(&budget, 0, 50, start), 30);
        assert_eq!(granted(&budget, 50, 50, start + Duration::from_secs(9)), 0);
        assert_eq!(granted(&budget, 100, 50, start + Duration::from_secs(10)), 30);
    }

    #[test]
    fn good_times_do_not_pay_for_bad_ones() {
        let start = Instant::now();
        let budget = Budget::new(&config::Retries { min_per_second: 0, ..Default::default() }, start);
        budget.tend(1_000_000, start);
        let later = start + Duration::from_secs(11);
        assert_eq!(granted(&budget, 1_000_000, 100, later), 20);
    }

    #[test]
    fn the_numbers_wrap() {
        let start = Instant::now();
        let budget = Budget::new(&config::Retries { min_per_second: 0, ..Default::default() }, start);
        budget.tend(u32::MAX / 4, start);
        budget.tend(u32::MAX / 2, start);
        budget.tend(u32::MAX / 4 * 3, start);
        budget.tend(u32::MAX - 49, start);
        let later = start + Duration::from_secs(11);
        budget.tend(u32::MAX - 49, later);
        budget.tend(50, later);
        assert_eq!((0..100).filter(|_| budget.withdraw(50, later)).count(), 20);
    }
}
