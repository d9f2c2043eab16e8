//! How long an endpoint takes, as far as its last calls tell.
//!
//! A peak EWMA, as in Finagle: a call that took longer than the estimate raises it at once, others lower it
//! by and by, and so does time without any, so that an endpoint that was slow is tried again.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// In this time the weight of what was before falls to 1/e.
const DECAY: f32 = 2_000_000.0;
/// What a failure counts at least, in microseconds: one that comes fast must not look like a good answer.
const PENALTY: f32 = 100_000.0;
/// What failures raise an estimate to at most, in microseconds.
const CEILING: f32 = 60_000_000.0;

/// The estimate of one endpoint. Concurrent observations may lose one another, which does no harm.
#[derive(Debug)]
pub(super) struct Latency {
    epoch: Instant,
    /// The estimate in microseconds, as an `f32`, above the time of the last observation in milliseconds
    /// since the epoch; 0 before the first.
    packed: AtomicU64,
}

impl Latency {
    pub(super) fn new(now: Instant) -> Self {
        Self { epoch: now, packed: AtomicU64::new(0) }
    }

    /// A good answer took this long.
    pub(super) fn observe(&self, elapsed: Duration, now: Instant) {
        let sample = micros(elapsed);
        let (estimate, age) = self.load(now);
        let weight = (-age / DECAY).exp();
        let next = if sample >= estimate { sample } else { estimate * weight + sample * (1.0 - weight) };
        self.store(next, now);
    }

    /// An answer came that says nothing of how long a good one takes, as an exception does: it may raise the
    /// estimate, but not lower it.
    pub(super) fn observe_exception(&self, elapsed: Duration, now: Instant) {
        let (estimate, _) = self.load(now);
        self.store(micros(elapsed).max(estimate), now);
    }

    /// A call failed after this long. The estimate at least doubles.
    pub(super) fn penalize(&self, elapsed: Duration, now: Instant) {
        let (estimate, _) = self.load(now);
        self.store(micros(elapsed).max(2.0 * estimate).clamp(PENALTY, CEILING), now);
    }

    /// The estimate in microseconds; `None` before the first answer.
    pub(super) fn estimate(&self, now: Instant) -> Option<f32> {
        let (estimate, age) = self.load(now);
        (estimate > 0.0).then(|| estimate * (-age / DECAY).exp())
    }

    /// The estimate at its last observation, and the age of that, in microseconds.
    fn load(&self, now: Instant) -> (f32, f32) {
        let packed = self.packed.load(Ordering::Relaxed);
        let stamp = packed & u64::from(u32::MAX);
        let age = self.millis(now).saturating_sub(stamp);
        (f32::from_bits((packed >> 32) as u32), age as f32 * 1_000.0)
    }

    fn store(&self, estimate: f32, now: Instant) {
        let packed = u64::from(estimate.max(1.0).to_bits()) << 32 | self.millis(now);
        self.packed.store(packed, Ordering::Relaxed);
    }

    /// Wraps after 49 days, when one estimate looks old once.
    fn millis(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.epoch).as_millis() as u64 & u64::from(u32::MAX)
    }
}

fn micros(duration: Duration) -> f32 {
    duration.as_secs_f32() * 1_000_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_peak_counts_at_once_and_fades() {
        let start = Instant::now();
        let latency = Latency::new(start);
        assert_eq!(latency.estimate(start), None);
        latency.observe(10 * MS, start);
        latency.observe(50 * MS, start + MS);
        assert_eq!(latency.estimate(start + MS), Some(50_000.0));
        latency.observe(10 * MS, start + 2001 * MS);
        let faded = latency.estimate(start + 2001 * MS).expect("an estimate");
        assert!((24_000.0..25_500.0).contains(&faded), "{faded}");
        let unused = latency.estimate(start + 20_000 * MS).expect("an estimate");
        assert!(unused < 10.0, "{unused}");
    }

    #[test]
    fn a_fast_failure_is_no_good_answer() {
        let start = Instant::now();
        let latency = Latency::new(start);
        latency.observe(200 * MS, start);
        latency.penalize(MS, start);
        assert_eq!(latency.estimate(start), Some(400_000.0));
        latency.observe_exception(MS, start);
        assert_eq!(latency.estimate(start), Some(400_000.0));
        let fresh = Latency::new(start);
        fresh.penalize(MS, start);
        assert_eq!(fresh.estimate(start), Some(PENALTY));
        (0..100).for_each(|_| fresh.penalize(MS, start));
        assert_eq!(fresh.estimate(start), Some(CEILING));
    }
}
