//! Counts of what happened lately.

use std::time::{Duration, Instant};

/// Into how many slots a window is divided.
const SLOTS: usize = 10;

/// How many things happened in a window that slides, to a tenth of it, and how many of them were marked.
#[derive(Debug)]
pub(super) struct Window {
    slots: [Counts; SLOTS],
    slot: Duration,
    /// When the current slot began.
    began: Instant,
    current: usize,
}

/// How many, and how many of them marked.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Counts {
    pub(super) all: u64,
    pub(super) marked: u64,
}

impl Window {
    /// An empty window of this length.
    pub(super) fn new(length: Duration, now: Instant) -> Self {
        let slot = (length / SLOTS as u32).max(Duration::from_nanos(1));
        Self { slots: [Counts::default(); SLOTS], slot, began: now, current: 0 }
    }

    /// Counts what happened now.
    pub(super) fn add(&mut self, now: Instant, counts: Counts) {
        self.slide(now);
        let slot = &mut self.slots[self.current];
        slot.all += counts.all;
        slot.marked += counts.marked;
    }

    /// What is in the window.
    pub(super) fn sum(&mut self, now: Instant) -> Counts {
        self.slide(now);
        self.slots.iter().fold(Counts::default(), |sum, slot| Counts {
            all: sum.all + slot.all,
            marked: sum.marked + slot.marked,
        })
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.slots = [Counts::default(); SLOTS];
    }

    fn slide(&mut self, now: Instant) {
        let mut passed = 0;
        while passed < SLOTS && now.saturating_duration_since(self.began) >= self.slot {
            self.current = (self.current + 1) % SLOTS;
            self.slots[self.current] = Counts::default();
            self.began += self.slot;
            passed += 1;
        }
        if passed == SLOTS {
            self.began = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_older_than_the_window_is_forgotten() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut window = Window::new(Duration::from_secs(10), start);
        window.add(at(0), Counts { all: 5, marked: 1 });
        window.add(at(4), Counts { all: 2, marked: 2 });
        assert_eq!(window.sum(at(9)), Counts { all: 7, marked: 3 });
        assert_eq!(window.sum(at(10)), Counts { all: 2, marked: 2 });
        assert_eq!(window.sum(at(13)), Counts { all: 2, marked: 2 });
        assert_eq!(window.sum(at(14)), Counts::default());
        window.add(at(1000), Counts { all: 1, marked: 0 });
        assert_eq!(window.sum(at(1009)), Counts { all: 1, marked: 0 });
        assert_eq!(window.sum(at(1010)), Counts::default());
    }
}
