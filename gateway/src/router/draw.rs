//! Shares of calls.

use std::sync::atomic::{AtomicU32, Ordering};

/// Draws numbers that are spread evenly, so that every run of calls is shared as the weights say and not only a
/// long one. Steps of an irrational part of the whole do that; two draws with different steps do not follow each other.
#[derive(Debug)]
pub struct Draw {
    next: AtomicU32,
    step: u32,
}

impl Draw {
    /// By the golden ratio.
    #[must_use]
    pub fn golden() -> Self {
        Self { next: AtomicU32::new(0), step: 0x9E37_79B9 }
    }

    /// By the square root of two.
    #[must_use]
    pub fn silver() -> Self {
        Self { next: AtomicU32::new(0), step: 0x6A09_E667 }
    }

    /// A number below `bound`; the first is 0.
    #[must_use]
    pub fn below(&self, bound: u32) -> u32 {
        let ticket = self.next.fetch_add(self.step, Ordering::Relaxed);
        let scaled = (u64::from(ticket) * u64::from(bound)) >> u32::BITS;
        u32::try_from(scaled).expect("a part of a number is below it")
    }
}
