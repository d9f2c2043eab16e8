//! Calls under way, by caller.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};

use foldhash::fast::RandomState;

/// Parts that are locked on their own, so that cores seldom meet.
const SHARDS: u64 = 64;

/// By the keys of callers, which are hashes already.
type Calls = HashMap<u64, usize, RandomState>;

/// How many calls each caller has under way. Who has none is not in it.
#[derive(Debug)]
pub(crate) struct CallsUnderWay {
    shards: Box<[Mutex<Calls>]>,
}

/// A call that is counted as under way, until this is dropped.
#[derive(Debug)]
pub(crate) struct CallPermit<'c> {
    calls: &'c CallsUnderWay,
    caller: u64,
}

impl Default for CallsUnderWay {
    fn default() -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect() }
    }
}

impl CallsUnderWay {
    /// Counts a call of this caller in, unless it has `limit` under way.
    pub(crate) fn begin(&self, caller: u64, limit: usize) -> Option<CallPermit<'_>> {
        let mut shard = self.shard(caller);
        let calls = shard.entry(caller).or_insert(0);
        if *calls >= limit {
            return None;
        }
        *calls += 1;
        Some(CallPermit { calls: self, caller })
    }

    fn shard(&self, caller: u64) -> MutexGuard<'_, Calls> {
        let shard = &self.shards[(caller % SHARDS) as usize];
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for CallPermit<'_> {
    fn drop(&mut self) {
        if let Entry::Occupied(mut calls) = self.calls.shard(self.caller).entry(self.caller) {
            *calls.get_mut() -= 1;
            if *calls.get() == 0 {
                calls.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_has_as_many_as_it_may() {
        let calls = CallsUnderWay::default();
        let first = calls.begin(1, 2);
        let second = calls.begin(1, 2);
        assert!(first.is_some() && second.is_some() && calls.begin(1, 2).is_none());
        assert!(calls.begin(1 + SHARDS, 2).is_some(), "another caller has its own");
        drop(first);
        assert!(calls.begin(1, 2).is_some());
        drop(second);
        assert!(calls.shards.iter().all(|shard| shard.lock().unwrap().is_empty()), "who is idle is not held");
    }
}
