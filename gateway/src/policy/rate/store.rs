//! How much of a rate is used, by key.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use foldhash::fast::RandomState;
use governor::clock::{Clock, MonotonicClock};
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::{DashMapStateStore, ShrinkableKeyedStateStore};
use governor::state::{InMemoryState, NotKeyed, StateStore};
use governor::{Quota, RateLimiter};
use thriftgate_config::Rate;

/// Keys that one store holds; each takes some 32 bytes.
pub(super) const MOST_KEYS: usize = 1 << 18;
/// The longest time that a burst may take to come back, in nanoseconds: what is added to it on the way still fits 64 bits.
const LONGEST: u64 = u64::MAX / 8;

/// What each key has used of one rate, by the generic cell rate algorithm.
///
/// It is the one place that knows where that is kept: here in the memory of this process. Who calls gives a key of 64 bits
/// and gets a [`Decision`], and nothing else.
///
/// It holds a limited number of keys. Those whose burst is whole again are forgotten by [`Self::sweep`], which changes
/// nothing for them. Where that many are in use all the same, keys are forgotten at once that have used a quarter of their
/// burst at most, then half, and so on until a quarter of the store is free: they have a whole burst again, while those that
/// are over their rate are remembered for longest.
pub(crate) struct LimitStore {
    limiter: RateLimiter<u64, Keys, MonotonicClock, StateInformationMiddleware>,
    keys: Keys,
    /// As far as the clock tells, that of the limiter.
    started: Instant,
    burst: u32,
    /// In which time one call comes back.
    interval: Duration,
    /// Held by who makes room.
    making_room: Mutex<()>,
    most_keys: usize,
}

/// Whether a call is within its rate, and how much of that is left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Decision {
    /// Whether it is; then it was counted.
    pub(crate) allowed: bool,
    /// How many more calls could be made at once.
    pub(crate) remaining: u32,
    /// Until a call is allowed where none is now, else until the whole burst is there again.
    pub(crate) reset: Duration,
}

/// The states, shared by the limiter, which asks for them, and the store, which makes room among them.
#[derive(Clone, Default)]
struct Keys(Arc<States>);

#[derive(Default)]
struct States {
    by_key: DashMapStateStore<u64, RandomState>,
    /// How many there are: asking the map takes all its locks.
    count: AtomicUsize,
}

impl LimitStore {
    /// Of a rate of which nothing is used.
    pub(crate) fn new(rate: Rate) -> Self {
        Self::holding(MOST_KEYS, rate)
    }

    fn holding(most_keys: usize, rate: Rate) -> Self {
        let burst = NonZeroU32::new(rate.burst).unwrap_or(NonZeroU32::MIN);
        let longest = Duration::from_nanos(LONGEST / u64::from(burst.get()));
        let interval = (rate.per / rate.requests.max(1)).clamp(Duration::from_nanos(1), longest);
        let quota = Quota::with_period(interval).expect("the interval is not zero").allow_burst(burst);
        let keys = Keys::default();
        Self {
            limiter: RateLimiter::new(quota, keys.clone(), MonotonicClock),
            keys,
            started: Instant::now(),
            burst: burst.get(),
            interval,
            making_room: Mutex::new(()),
            most_keys,
        }
    }

    /// Counts a call of this key, if it is within the rate.
    pub(crate) fn check(&self, key: u64) -> Decision {
        let decision = match self.limiter.check_key(&key) {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity();
                let used = self.burst.saturating_sub(remaining);
                Decision { allowed: true, remaining, reset: self.interval.saturating_mul(used) }
            }
            Err(until) => {
                let reset = until.wait_time_from(self.limiter.clock().now());
                Decision { allowed: false, remaining: 0, reset }
            }
        };
        if self.len() >= self.most_keys {
            self.make_room();
        }
        decision
    }

    /// Forgets the keys whose burst is whole again.
    pub(crate) fn sweep(&self) {
        let before = self.len();
        self.forget(Duration::ZERO);
        if self.len() < before / 4 {
            self.keys.0.by_key.shrink_to_fit();
        }
    }

    /// How many keys are remembered.
    pub(crate) fn len(&self) -> usize {
        self.keys.0.count.load(Ordering::Relaxed)
    }

    /// Takes some milliseconds, of one call in as many as there is room made for.
    #[cold]
    fn make_room(&self) {
        let Ok(_alone) = self.making_room.try_lock() else { return };
        let whole = self.interval.saturating_mul(self.burst);
        for quarter in 0..=4 {
            self.forget(whole / 4 * quarter);
            if self.len() <= self.most_keys / 4 * 3 {
                return;
            }
        }
    }

    /// Forgets the keys whose burst is whole again within this time.
    fn forget(&self, within: Duration) {
        let States { by_key, count } = &*self.keys.0;
        let now = self.started.elapsed() + within;
        by_key.retain_recent(Nanos::new(u64::try_from(now.as_nanos()).unwrap_or(u64::MAX)));
        count.store(by_key.len(), Ordering::Relaxed);
    }
}

impl StateStore for Keys {
    type Key = u64;

    fn measure_and_replace<T, F, E>(&self, key: &u64, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let States { by_key, count } = &*self.0;
        if let Some(state) = by_key.get(key) {
            return state.measure_and_replace(&NotKeyed::NonKey, decide);
        }
        let state = by_key.entry(*key).or_insert_with(|| {
            count.fetch_add(1, Ordering::Relaxed);
            InMemoryState::default()
        });
        state.measure_and_replace(&NotKeyed::NonKey, decide)
    }
}

impl fmt::Debug for LimitStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { burst, interval, .. } = self;
        f.debug_struct("LimitStore").field("burst", burst).field("interval", interval).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(requests: u32, per: Duration, burst: u32) -> Rate {
        Rate { requests, per, burst }
    }

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn a_burst_and_no_more() {
        let store = LimitStore::new(rate(1, HOUR, 5));
        let remaining: Vec<u32> = (0..5).map(|_| store.check(7).remaining).collect();
        assert_eq!(remaining, [4, 3, 2, 1, 0]);
        let refused = store.check(7);
        assert!(!refused.allowed && refused.remaining == 0);
        assert!(refused.reset <= HOUR && refused.reset > HOUR - Duration::from_secs(60), "{refused:?}");
        assert!(store.check(8).allowed, "another key has its own");
        store.sweep();
        assert!(!store.check(7).allowed, "what is used up is remembered");
    }

    #[test]
    fn what_is_used_comes_back_at_the_rate() {
        let store = LimitStore::new(rate(20, Duration::from_secs(1), 2));
        assert_eq!(store.check(1).reset, Duration::from_millis(50));
        assert_eq!(store.check(1).reset, Duration::from_millis(100));
        let refused = store.check(1);
        assert!(!refused.allowed && refused.reset <= Duration::from_millis(50), "{refused:?}");
        std::thread::sleep(refused.reset + Duration::from_millis(5));
        assert!(store.check(1).allowed);
    }

    #[test]
    fn extreme_rates() {
        for requests in [1, u32::MAX] {
            for per in [Duration::from_nanos(1), Duration::from_secs(1), Duration::from_secs(u64::MAX / 2)] {
                for burst in [1, u32::MAX] {
                    let store = LimitStore::new(rate(requests, per, burst));
                    assert!(store.check(1).allowed, "{requests} in {per:?}, {burst} at once");
                    store.check(1);
                    store.make_room();
                }
            }
        }
    }

    #[test]
    fn keys_are_bounded() {
        let store = LimitStore::holding(10_000, rate(1, HOUR, 8));
        for _ in 0..=8 {
            store.check(0);
        }
        let mut most = 0;
        for key in 1..=100_000 {
            assert!(store.check(key).allowed);
            most = most.max(store.len());
        }
        assert!(most <= 10_000, "{most}");
        assert_eq!(store.len(), store.keys.0.by_key.len());
        assert!(!store.check(0).allowed, "who is over the rate is remembered before those who called once");
    }

    #[test]
    fn keys_that_are_whole_again_are_swept() {
        let store = LimitStore::new(rate(1000, Duration::from_secs(1), 1));
        for key in 0..1000 {
            store.check(key);
        }
        std::thread::sleep(Duration::from_millis(5));
        store.sweep();
        assert_eq!((store.len(), store.keys.0.by_key.len()), (0, 0));
    }

    #[test]
    fn cores_together_allow_the_burst() {
        let store = LimitStore::new(rate(1, HOUR, 1000));
        let allowed = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..1000 {
                        allowed.fetch_add(usize::from(store.check(1).allowed), Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!(allowed.into_inner(), 1000);
    }
}
