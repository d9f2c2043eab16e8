//! Names to positions: a table that is built once and asked on every call.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

/// Up to this many names a walk over them beats a hash.
const LINEAR: usize = 4;

/// An open-addressing table from names to positions. It keeps no names: the caller has them.
///
/// The names come from the IDL, so a fixed hash is no risk: what a client sends is only looked up, and a
/// look-up ends at the first free slot of a table that is at most half full.
#[derive(Clone, Debug, Default)]
pub(crate) struct NameTable {
    /// Position + 1, or 0 for a free slot; a power of two long, or empty where a walk serves.
    slots: Box<[u32]>,
    count: usize,
}

impl NameTable {
    /// Builds the table of these names; of equal names the first wins.
    pub(crate) fn new<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> Self {
        let count = names.len();
        if count <= LINEAR {
            return Self { slots: Box::default(), count };
        }
        let names: Vec<&str> = names.collect();
        let mut slots = vec![0u32; (count * 2).next_power_of_two()].into_boxed_slice();
        let mask = slots.len() - 1;
        for (position, name) in names.iter().enumerate() {
            let mut slot = hash(name) & mask;
            while slots[slot] != 0 && names[slots[slot] as usize - 1] != *name {
                slot = (slot + 1) & mask;
            }
            if slots[slot] == 0 {
                slots[slot] = u32::try_from(position + 1).expect("fewer than 2^32 names in one scope");
            }
        }
        Self { slots, count }
    }

    /// The position of `name`, where `name_at` tells the name at a position.
    #[inline]
    pub(crate) fn find<'a, N: AsRef<str> + ?Sized + 'a>(
        &self,
        name: &str,
        name_at: impl Fn(usize) -> &'a N,
    ) -> Option<usize> {
        if self.slots.is_empty() {
            return (0..self.count).find(|&position| name_at(position).as_ref() == name);
        }
        let mask = self.slots.len() - 1;
        let mut slot = hash(name) & mask;
        loop {
            match self.slots[slot] {
                0 => return None,
                found if name_at(found as usize - 1).as_ref() == name => return Some(found as usize - 1),
                _ => slot = (slot + 1) & mask,
            }
        }
    }
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "only the low bits select a slot")]
fn hash(name: &str) -> usize {
    FixedState::with_seed(0).hash_one(name.as_bytes()) as usize
}
