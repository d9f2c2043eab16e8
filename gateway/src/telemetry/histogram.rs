//! Times, counted in buckets.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, MetricEncoder, NoLabelSet};

/// The upper bounds, in microseconds: from half a millisecond to half a minute.
const BOUNDS: [u64; 15] = [
    500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000,
    5_000_000, 10_000_000, 30_000_000,
];

/// A histogram of durations. Counting takes no lock: cores count in it at the same time.
#[derive(Debug, Default)]
pub(super) struct Histogram {
    /// The last one is for what is over every bound.
    buckets: [AtomicU64; BOUNDS.len() + 1],
    nanoseconds: AtomicU64,
}

impl Histogram {
    /// Counts a duration.
    pub(super) fn observe(&self, duration: Duration) {
        let nanoseconds = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        let bucket = BOUNDS.iter().position(|bound| nanoseconds <= bound * 1_000).unwrap_or(BOUNDS.len());
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.nanoseconds.fetch_add(nanoseconds, Ordering::Relaxed);
    }

    /// Writes what was counted in all of these together, if anything was.
    pub(super) fn encode<'h, L: EncodeLabelSet>(
        all: &(impl Iterator<Item = &'h Self> + Clone),
        labels: &L,
        encoder: &mut MetricEncoder<'_>,
    ) -> std::fmt::Result {
        let seconds = BOUNDS.iter().map(|bound| *bound as f64 / 1e6).chain([f64::INFINITY]);
        let total = |bucket: usize| all.clone().map(|one| one.buckets[bucket].load(Ordering::Relaxed)).sum();
        let buckets: Vec<(f64, u64)> = seconds.enumerate().map(|(at, bound)| (bound, total(at))).collect();
        let nanoseconds: u64 = all.clone().map(|one| one.nanoseconds.load(Ordering::Relaxed)).sum();
        match buckets.iter().map(|(_, count)| count).sum() {
            0 => Ok(()),
            count => {
                let sum = nanoseconds as f64 / 1e9;
                encoder.encode_family(labels)?.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)
            }
        }
    }
}
