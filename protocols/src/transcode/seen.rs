//! Which fields of a struct have come.

/// A set of positions in one struct. Up to 64 fields cost no allocation.
#[derive(Default)]
pub(super) struct Seen {
    low: u64,
    high: Vec<u64>,
}

impl Seen {
    /// Puts a position into the set; false if it was there.
    #[inline]
    pub(super) fn insert(&mut self, position: usize) -> bool {
        let word = self.word(position / 64);
        let bit = 1 << (position % 64);
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    /// Whether the set has this position.
    #[inline]
    pub(super) fn contains(&self, position: usize) -> bool {
        let word = match position / 64 {
            0 => self.low,
            index => self.high.get(index - 1).copied().unwrap_or(0),
        };
        word & 1 << (position % 64) != 0
    }

    #[inline]
    fn word(&mut self, index: usize) -> &mut u64 {
        if index == 0 {
            return &mut self.low;
        }
        if self.high.len() < index {
            self.high.resize(index, 0);
        }
        &mut self.high[index - 1]
    }
}
