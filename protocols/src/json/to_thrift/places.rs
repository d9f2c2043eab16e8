//! Where the values of objects are, for structs that are written in the order of their ids.

use thriftgate_metadata::Struct;

/// Places that are not moved without need.
const LARGE: usize = 4096;
/// Bytes of text, at the least, of one member of an object and its comma.
const MEMBER: usize = 6;
/// The bits of a place, of which the text has fewer; the field's position is in those above.
const PLACE_BITS: u32 = 48;

/// The places of all objects that are open.
#[derive(Debug, Default)]
pub(super) struct Places {
    stack: Vec<u64>,
}

/// The places of one object, and what follows of them.
#[derive(Debug)]
pub(super) struct Located<'s> {
    structure: &'s Struct,
    base: usize,
    next: usize,
    telling: &'s [u16],
}

impl Places {
    pub(super) fn open<'s>(&self, structure: &'s Struct) -> Located<'s> {
        let base = self.stack.len();
        Located { structure, base, next: base, telling: structure.telling() }
    }

    /// Notes where the value of the field at `position` is; `ahead` bytes of the text follow.
    #[inline]
    pub(super) fn push(&mut self, position: usize, place: usize, ahead: usize) {
        if self.stack.len() == self.stack.capacity() {
            self.grow(ahead);
        }
        self.stack.push((position as u64) << PLACE_BITS | place as u64);
    }

    /// Brings the places of the object that was opened last into the order of the ids.
    pub(super) fn sort(&mut self, located: &Located<'_>) {
        let fields = &located.structure.fields;
        self.stack[located.base..].sort_unstable_by_key(|&entry| fields[position(entry)].id);
        if self.stack.capacity() > LARGE {
            self.stack.shrink_to_fit();
        }
    }

    /// The next field of the object that was opened last, and where its value is: of those that are given, and
    /// of those whose absence says something.
    #[inline]
    pub(super) fn next(&self, located: &mut Located<'_>) -> Option<(usize, Option<usize>)> {
        let fields = &located.structure.fields;
        let given = self.stack.get(located.next).copied();
        let telling = located.telling.split_first().map(|(&first, rest)| (usize::from(first), rest));
        match (given, telling) {
            (Some(entry), telling)
                if telling.is_none_or(|(at, _)| fields[position(entry)].id <= fields[at].id) =>
            {
                located.next += 1;
                if let Some((at, rest)) = telling
                    && at == position(entry)
                {
                    located.telling = rest;
                }
                Some((position(entry), Some((entry & ((1 << PLACE_BITS) - 1)) as usize)))
            }
            (_, Some((at, rest))) => {
                located.telling = rest;
                Some((at, None))
            }
            _ => None,
        }
    }

    pub(super) fn close(&mut self, located: &Located<'_>) {
        self.stack.truncate(located.base);
        if self.stack.is_empty() && self.stack.capacity() > LARGE {
            self.stack = Vec::new();
        }
    }

    /// Makes room for more: twice as much, until that is large, and then for all that the text may have.
    #[cold]
    #[inline(never)]
    fn grow(&mut self, ahead: usize) {
        let count = self.stack.len();
        let more = if count < LARGE { count.max(8) } else { (ahead / MEMBER).max(count / 4) };
        self.stack.reserve_exact(more);
    }
}

fn position(entry: u64) -> usize {
    (entry >> PLACE_BITS) as usize
}
