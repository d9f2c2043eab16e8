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
/// Digests that are not moved without need.
const LARGE: usize = 4096;
/// Bytes of text, at the least, for each of many elements of a set that all differ, or keys of a map.
const ELEMENT: usize = 5;

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

    /// Takes the present digest as the group's next; `ahead` bytes of the text follow. Whether it is time to
    /// look for equal ones.
    #[inline]
    pub(super) fn add(&mut self, group: &mut Group, ahead: usize) -> bool {
        if self.digests.len() == self.digests.capacity() {
            self.grow(ahead);
        }
        self.digests.push(self.digest);
        let count = self.digests.len() - group.base;
        let is_due = count == group.next_check;
        if is_due {
            // Before they have to grow, lest equal ones make them do so.
            let room = self.digests.capacity() - group.base;
            group.next_check = if room > count { room.min(count * 2) } else { count * 2 };
        }
        is_due
    }

    /// Makes room for more digests: twice as many, until they are large. From then on it is for all that the
    /// text may have, if it has no more of them than different elements can be, so that they need not be moved
    /// again while there are two of them.
    #[cold]
    #[inline(never)]
    fn grow(&mut self, ahead: usize) {
        let count = self.digests.len();
        let more = if count < LARGE { count.max(8) } else { (ahead / ELEMENT).max(count / 4) };
        self.digests.reserve_exact(more);
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
        let digest_at = |&position: &u32| digests[position as usize];
        let mut order: Vec<u32> = (0..digests.len() as u32).collect();
        order.sort_unstable_by_key(|position| (digest_at(position), *position));
        let mut kept = 0;
        let mut before = None;
        for index in 0..order.len() {
            let digest = digest_at(&order[index]);
            if before.replace(digest) == Some(digest) {
                order[kept] = order[index];
                kept += 1;
            }
        }
        order.truncate(kept);
        order.sort_unstable();
        order.truncate(most);
        order.into_iter().map(|position| position as usize).collect()
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
