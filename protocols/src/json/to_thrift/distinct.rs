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
/// Digests that all groups have room for together. One that needs more is set apart.
const LARGE: usize = 4096;

#[derive(Debug, Default)]
pub(super) struct Distinct {
    /// Whether digests are needed: inside of a set's element or a map's key.
    pub(super) is_active: bool,
    /// Of the value that was read last, while they are needed.
    pub(super) digest: u64,
    seed: RandomState,
    /// Of the elements of all open sets and the keys of all open maps, but for those that are set apart.
    digests: Vec<u64>,
}

/// An open set, or the keys of an open map.
#[derive(Debug)]
pub(super) struct Group {
    base: usize,
    /// Its digests, where they are set apart: room for all of them is made at once, since they would be held
    /// twice while they are moved.
    apart: Vec<u64>,
    next_check: usize,
    /// Whether the set or map is itself in the element of a set or the key of a map.
    pub(super) is_inner: bool,
    /// Whether equal ones were reported.
    pub(super) is_told: bool,
}

impl Group {
    /// Its digests, where `stack` has those that are not set apart.
    fn digests<'d>(&'d mut self, stack: &'d mut [u64]) -> &'d mut [u64] {
        if self.apart.is_empty() { &mut stack[self.base..] } else { &mut self.apart }
    }

    /// Looks for equal digests before more room has to be made, lest equal ones make that large.
    fn check_when_full(&mut self) {
        let room = self.apart.capacity();
        if room > self.apart.len() {
            self.next_check = self.next_check.min(room);
        }
    }
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
        Group {
            base: self.digests.len(),
            apart: Vec::new(),
            next_check: FIRST_CHECK,
            is_inner: self.is_active,
            is_told: false,
        }
    }

    /// Takes the present digest as the group's next; `most` tells how many it may have, if they differ. Whether
    /// it is time to look for equal ones.
    #[inline]
    pub(super) fn add(&mut self, group: &mut Group, most: impl FnOnce() -> usize) -> bool {
        let count = if self.digests.len() < LARGE && group.apart.is_empty() {
            self.digests.push(self.digest);
            self.digests.len() - group.base
        } else {
            self.add_apart(group, most)
        };
        let is_due = count == group.next_check;
        if is_due {
            group.next_check = count * 2;
            group.check_when_full();
        }
        is_due
    }

    #[inline(never)]
    fn add_apart(&mut self, group: &mut Group, most: impl FnOnce() -> usize) -> usize {
        let Group { apart, base, .. } = group;
        if apart.is_empty() {
            let digests = self.digests.drain(*base..);
            apart.reserve_exact(most().max(digests.len() + 1));
            apart.extend(digests);
            group.check_when_full();
        } else if apart.len() == apart.capacity() {
            apart.reserve_exact(apart.len() / 4 + 1);
        }
        group.apart.push(self.digest);
        group.apart.len()
    }

    /// Whether two of the group are equal. Their order is lost.
    pub(super) fn has_equal(&mut self, group: &mut Group) -> bool {
        let digests = group.digests(&mut self.digests);
        if let [first, second] = digests {
            return first == second;
        }
        digests.sort_unstable();
        digests.windows(2).any(|pair| pair[0] == pair[1])
    }

    /// The first few positions in the group, in rising order, whose digest equals one before it.
    #[cold]
    pub(super) fn equal(&mut self, group: &mut Group, most: usize) -> Vec<usize> {
        let digests = group.digests(&mut self.digests);
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
    pub(super) fn close(&mut self, group: &mut Group) -> u64 {
        self.is_active = group.is_inner;
        let mut digest = 0;
        if group.is_inner {
            let digests = group.digests(&mut self.digests);
            digests.sort_unstable();
            digest = self.seed.hash_one(&*digests);
        }
        self.digests.truncate(group.base);
        digest
    }
}
