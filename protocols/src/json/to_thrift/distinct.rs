//! Equality of set elements and map keys, by digests of 64 bits under a random seed.
//!
//! A digest is of the value, not of its bytes on the wire or in the text: -0.0 is 0.0, all NaN are one, the
//! order inside of sets and maps does not matter, and a struct is digested in the order of its ids, defaults
//! included. It is made while the value is written, and kept for the elements of open sets and the keys of
//! open maps alone. The elements are sorted by digest to find equal ones; that is done whenever their number
//! has doubled, so that a set of millions of equal elements ends early.

use std::hash::BuildHasher;

use foldhash::quality::RandomState;

/// Elements of a set between its first two checks.
const FIRST_CHECK: usize = 1024;

#[derive(Debug, Default)]
pub(super) struct Distinct {
    /// Whether digests are needed: inside of a set's element or a map's key.
    pub(super) is_active: bool,
    /// Of the value that was read last, while they are needed.
    pub(super) digest: u64,
    seed: RandomState,
    /// Of the elements of all open sets and the keys of all open maps.
    digests: Vec<u64>,
}

/// An open set, or the keys of an open map.
#[derive(Debug)]
pub(super) struct Group {
    base: usize,
    next_check: usize,
    /// Whether the set or map is itself in the element of a set or the key of a map.
    pub(super) is_inner: bool,
    /// Whether equal ones were reported.
    pub(super) is_told: bool,
}

impl Distinct {
    /// Digests the value that was read last.
    #[inline]
    pub(super) fn word(&mut self, word: u64) {
        if self.is_active {
            self.digest = self.seed.hash_one(word);
        }
    }

    /// As [`Distinct::word`], of a double.
    #[inline]
    pub(super) fn double(&mut self, value: f64) {
        if self.is_active {
            let value = if value.is_nan() { f64::NAN } else { value + 0.0 };
            self.digest = self.seed.hash_one(value.to_bits());
        }
    }

    /// As [`Distinct::word`], of a string or bytes.
    #[inline]
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        if self.is_active {
            self.digest = self.seed.hash_one(bytes);
        }
    }

    /// A digest of two, their order included.
    #[inline]
    pub(super) fn pair(&self, first: u64, second: u64) -> u64 {
        self.seed.hash_one((first, second))
    }

    /// Makes the present digest one that equals no other, after a fault.
    pub(super) fn spoil(&mut self, at: usize) {
        self.digest = self.seed.hash_one(("", at));
    }

    pub(super) fn open(&mut self) -> Group {
        Group { base: self.digests.len(), next_check: FIRST_CHECK, is_inner: self.is_active, is_told: false }
    }

    /// Takes the present digest as the group's next. Whether it is time to look for equal ones.
    #[inline]
    pub(super) fn add(&mut self, group: &mut Group) -> bool {
        let count = self.digests.len();
        if count == self.digests.capacity() {
            // Doubling would hold three words for each element while they are moved.
            self.digests.reserve_exact(count / 2 + 8);
        }
        self.digests.push(self.digest);
        let is_due = self.digests.len() - group.base == group.next_check;
        if is_due {
            group.next_check *= 2;
        }
        is_due
    }

    /// Whether two of the group are equal. Their order is lost.
    pub(super) fn has_equal(&mut self, group: &Group) -> bool {
        let digests = &mut self.digests[group.base..];
        if let [first, second] = digests {
            return first == second;
        }
        digests.sort_unstable();
        digests.windows(2).any(|pair| pair[0] == pair[1])
    }

    /// The first few positions in the group, in rising order, whose digest equals one before it.
    #[cold]
    pub(super) fn equal(&self, group: &Group, most: usize) -> Vec<usize> {
        let digests = &self.digests[group.base..];
        let mut repeated = digests.to_vec();
        repeated.sort_unstable();
        let mut kept = 0;
        for index in 1..repeated.len() {
            if repeated[index] == repeated[index - 1] && (kept == 0 || repeated[kept - 1] != repeated[index])
            {
                repeated[kept] = repeated[index];
                kept += 1;
            }
        }
        repeated.truncate(kept);
        let mut met = vec![false; kept];
        let again = digests.iter().enumerate().filter_map(|(position, digest)| {
            let found = repeated.binary_search(digest).ok()?;
            std::mem::replace(&mut met[found], true).then_some(position)
        });
        again.take(most).collect()
    }

    /// Closes the group that was opened last. Its digest, of whatever order, where that is needed.
    pub(super) fn close(&mut self, group: &Group) -> u64 {
        self.is_active = group.is_inner;
        let mut digest = 0;
        if group.is_inner {
            let digests = &mut self.digests[group.base..];
            digests.sort_unstable();
            digest = self.seed.hash_one(&*digests);
        }
        self.digests.truncate(group.base);
        digest
    }
}
