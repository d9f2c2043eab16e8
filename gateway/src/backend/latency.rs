//! How long an endpoint takes, as far as its last calls tell.
//!
//! A moving average. A single slow call moves it, but does not make an endpoint slow; what is under way to a
//! stalled one tells sooner than any average. Without calls it fades, so that an endpoint that was slow is
//! tried again.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The weight of one more call.
const WEIGHT: f32 = 0.25;
/// How long an estimate holds without a call, in microseconds.
const HOLDS: f32 = 5_000_000.0;
/// After that it falls to 1/e in this time, in microseconds.
const DECAY: f32 = 2_000_000.0;

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
        let next = self.estimate(now).map_or(sample, |estimate| estimate + (sample - estimate) * WEIGHT);
        self.store(next, now);
    }

    /// A call ended after this long in a way that says nothing of how long a good answer takes, by a failure
    /// or an exception: the estimate does not fall, and is `least` microseconds at least, so that who fails fast
    /// does not look fast.
    pub(super) fn penalize(&self, elapsed: Duration, least: f32, now: Instant) {
        let estimate = self.estimate(now).unwrap_or_default();
        self.store(micros(elapsed).max(estimate).max(least), now);
    }

    /// Forgets the estimate, so that the endpoint is called soon.
    pub(super) fn forget(&self) {
        self.packed.store(0, Ordering::Relaxed);
    }

    /// The estimate in microseconds; `None` before the first answer.
    pub(super) fn estimate(&self, now: Instant) -> Option<f32> {
        let (estimate, age) = self.load(now);
        match age {
            _ if estimate == 0.0 => None,
            ..=HOLDS => Some(estimate),
            _ => Some((estimate * ((HOLDS - age) / DECAY).exp()).max(1.0)),
        }
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
    fn it_follows_the_calls_and_fades_without() {
        let start = Instant::now();
        let latency = Latency::new(start);
        assert_eq!(latency.estimate(start), None);
        latency.observe(10 * MS, start);
        latency.observe(50 * MS, start + MS);
        assert_eq!(latency.estimate(start + MS), Some(20_000.0));
        (0..20).for_each(|_| latency.observe(50 * MS, start + MS));
        let slow = latency.estimate(start + 5000 * MS).expect("an estimate");
        assert!((49_000.0..50_001.0).contains(&slow), "{slow}");
        let fading = latency.estimate(start + 7001 * MS).expect("an estimate");
        assert!((18_000.0..18_500.0).contains(&fading), "{fading}");
        assert_eq!(latency.estimate(start + 60_000 * MS), Some(1.0));
    }

    #[test]
    fn a_fast_failure_is_no_good_answer() {
        let start = Instant::now();
        let latency = Latency::new(start);
        latency.observe(200 * MS, start);
        latency.penalize(MS, 0.0, start);
        assert_eq!(latency.estimate(start), Some(200_000.0));
        latency.penalize(300 * MS, 0.0, start);
        assert_eq!(latency.estimate(start), Some(300_000.0));
        let fresh = Latency::new(start);
        fresh.penalize(MS, 40_000.0, start);
        assert_eq!(fresh.estimate(start), Some(40_000.0));
    }
}
