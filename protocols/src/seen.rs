//! Which fields of a struct were seen, without an allocation for each struct.

/// A set of positions in one struct: the first 64 of them here, the others on the [`SeenStack`].
#[derive(Debug)]
pub(crate) struct Seen {
    low: u64,
    base: usize,
    count: usize,
}

impl Seen {
    /// How many positions are in the set.
    #[inline]
    pub(crate) fn count(&self) -> usize {
        self.count
    }
}

/// The words of all sets that are open, for structs of more than 64 fields.
#[derive(Debug, Default)]
pub(crate) struct SeenStack {
    words: Vec<u64>,
}

impl SeenStack {
    /// An empty set for positions below `size`.
    #[inline]
    pub(crate) fn open(&mut self, size: usize) -> Seen {
        let base = self.words.len();
        if size > 64 {
            self.words.resize(base + (size - 1) / 64, 0);
        }
        Seen { low: 0, base, count: 0 }
    }

    /// Puts a position into the set; `false` if it was there.
    #[inline]
    pub(crate) fn insert(&mut self, seen: &mut Seen, position: usize) -> bool {
        let word = if position < 64 { &mut seen.low } else { &mut self.words[seen.base + position / 64 - 1] };
        let bit = 1 << (position % 64);
        let is_new = *word & bit == 0;
        *word |= bit;
        seen.count += usize::from(is_new);
        is_new
    }

    /// Whether the set has this position.
    #[inline]
    pub(crate) fn contains(&self, seen: &Seen, position: usize) -> bool {
        let word = if position < 64 { seen.low } else { self.words[seen.base + position / 64 - 1] };
        word & 1 << (position % 64) != 0
    }

    /// Closes the set that was opened last.
    #[inline]
    pub(crate) fn close(&mut self, seen: &Seen) {
        self.words.truncate(seen.base);
    }
}
