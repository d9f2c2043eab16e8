//! Which fields of a struct were seen, in room that follows what was seen rather than what is declared.

/// Positions that are kept in the set itself.
const LOW: usize = 64;
/// Positions in one word of the stack, where they are bits.
const BITS: usize = u16::BITS as usize;
/// The length from which on the stack grows by less than its own.
const LARGE: usize = 4096;

/// A set of positions in one struct: the first 64 of them here, the others on the [`SeenStack`].
#[derive(Debug)]
pub(crate) struct Seen {
    low: u64,
    base: usize,
    count: usize,
    /// The positions there can be.
    size: usize,
    /// Whether the others are bits, and no longer a list.
    is_dense: bool,
}

impl Seen {
    /// How many positions are in the set.
    #[inline]
    pub(crate) fn count(&self) -> usize {
        self.count
    }
}

/// What is in the sets that are open beyond their first 64 positions. Each set has a list in rising order, and
/// once that would be as long as a bit for each position, these bits.
#[derive(Debug, Default)]
pub(crate) struct SeenStack {
    words: Vec<u16>,
}

impl SeenStack {
    /// An empty set for positions below `size`, which is 65,536 at most.
    #[inline]
    pub(crate) fn open(&mut self, size: usize) -> Seen {
        Seen { low: 0, base: self.words.len(), count: 0, size, is_dense: false }
    }

    /// Puts a position into the set that was opened last; `false` if it was there.
    #[inline]
    pub(crate) fn insert(&mut self, seen: &mut Seen, position: usize) -> bool {
        let is_new = if position < LOW {
            let bit = 1 << position;
            let is_new = seen.low & bit == 0;
            seen.low |= bit;
            is_new
        } else {
            self.insert_high(seen, position)
        };
        seen.count += usize::from(is_new);
        is_new
    }

    /// Whether the set that was opened last has this position.
    #[inline]
    pub(crate) fn contains(&self, seen: &Seen, position: usize) -> bool {
        if position < LOW {
            return seen.low & 1 << position != 0;
        }
        let words = &self.words[seen.base..];
        if seen.is_dense {
            words[(position - LOW) / BITS] & bit(position) != 0
        } else {
            words.binary_search(&(position as u16)).is_ok()
        }
    }

    /// The lowest position of the set that was opened last.
    pub(crate) fn first(&self, seen: &Seen) -> Option<usize> {
        if seen.low != 0 {
            return Some(seen.low.trailing_zeros() as usize);
        }
        let words = &self.words[seen.base..];
        if seen.is_dense {
            let index = words.iter().position(|&word| word != 0)?;
            return Some(LOW + index * BITS + words[index].trailing_zeros() as usize);
        }
        words.first().map(|&position| position.into())
    }

    /// Closes the set that was opened last.
    #[inline]
    pub(crate) fn close(&mut self, seen: &Seen) {
        self.words.truncate(seen.base);
    }

    #[inline(never)]
    fn insert_high(&mut self, seen: &mut Seen, position: usize) -> bool {
        if seen.is_dense {
            let word = &mut self.words[seen.base + (position - LOW) / BITS];
            let is_new = *word & bit(position) == 0;
            *word |= bit(position);
            return is_new;
        }
        let list = &self.words[seen.base..];
        let wanted = position as u16;
        // Fields mostly come in their order.
        let found = if list.last().is_none_or(|&last| last < wanted) {
            Err(list.len())
        } else {
            list.binary_search(&wanted)
        };
        let Err(at) = found else { return false };
        if list.len() == (seen.size - LOW).div_ceil(BITS) {
            self.make_dense(seen);
            return self.insert_high(seen, position);
        }
        if self.words.len() == self.words.capacity() {
            self.grow();
        }
        self.words.insert(seen.base + at, wanted);
        true
    }

    /// Makes bits of the list, which is as long as they are.
    #[cold]
    fn make_dense(&mut self, seen: &mut Seen) {
        let list = self.words.split_off(seen.base);
        self.words.resize(seen.base + list.len(), 0);
        for position in list.into_iter().map(usize::from) {
            self.words[seen.base + (position - LOW) / BITS] |= bit(position);
        }
        seen.is_dense = true;
    }

    #[cold]
    fn grow(&mut self) {
        let length = self.words.len();
        self.words.reserve_exact(if length < LARGE { length.max(16) } else { length / 4 });
    }
}

/// The bit of a position in its word.
fn bit(position: usize) -> u16 {
    1 << ((position - LOW) % BITS)
}

#[cfg(test)]
mod tests {
    use super::SeenStack;

    #[test]
    fn sets_inside_of_each_other() {
        let mut stack = SeenStack::default();
        // Each is opened on what the one before it holds; 1 and 77 have no common factor with the size.
        for (step, size) in [(1, 70), (77, 1000), (1, 1000), (77, 65_536), (1, 64)] {
            let mut seen = stack.open(size);
            let position = |index: usize| (index * step) % size;
            for index in 0..size {
                assert!(!stack.contains(&seen, position(index)));
                assert!(stack.insert(&mut seen, position(index)), "{index}");
                assert!(!stack.insert(&mut seen, position(index)), "{index}");
            }
            assert_eq!((seen.count(), stack.first(&seen)), (size, Some(0)));
            assert!((0..size).all(|position| stack.contains(&seen, position)));
        }
    }

    #[test]
    fn few_of_many() {
        let mut stack = SeenStack::default();
        let outer = stack.open(30_000);
        let mut seen = stack.open(30_000);
        assert_eq!(stack.first(&seen), None);
        for position in [29_999, 64, 500] {
            assert!(stack.insert(&mut seen, position));
            assert!(!stack.insert(&mut seen, position));
        }
        assert_eq!((stack.first(&seen), stack.words.len()), (Some(64), 3));
        assert!(!stack.contains(&seen, 65));
        stack.close(&seen);
        assert!(!stack.contains(&outer, 64));
    }
}
