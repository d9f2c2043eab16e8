//! Choosing an endpoint: two random choices, of which the one that is likely to answer sooner is taken.

use std::cell::Cell;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::Arc;
use std::time::Instant;

use super::endpoint::Endpoint;

/// Of the calls that are an endpoint's by weight, the share that it has however slow it looks: so few that they
/// are no matter, so many that one which is well again shows it, and one which fails is ejected.
const KEPT: f32 = 1.0 / 64.0;

/// An endpoint and its part of the calls.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) endpoint: Arc<Endpoint>,
    pub(super) weight: u32,
}

/// The endpoints of a backend at one time.
#[derive(Debug)]
pub(super) struct EndpointSet {
    pub(super) members: Box<[Member]>,
    /// The sums of the weights up to each member, itself included.
    sums: Box<[u64]>,
}

impl EndpointSet {
    pub(super) fn new(members: Vec<Member>) -> Self {
        let mut sum = 0;
        let sums = members.iter().map(|member| {
            sum += u64::from(member.weight.max(1));
            sum
        });
        Self { sums: sums.collect(), members: members.into() }
    }

    /// One of the `usable` members. The first choice is by weight alone. A second takes its place where it is
    /// the better one, the more surely the better it is: so equal endpoints keep their weights, and one that
    /// looks slow, as after a single slow call, has calls enough to show what it does now.
    pub(super) fn choose(&self, now: Instant, usable: impl Fn(&Endpoint) -> bool) -> Option<&Arc<Endpoint>> {
        let usable = |index: usize| usable(&self.members[index].endpoint);
        let first = self.draw(random(), &usable)?;
        let second = self.draw(random(), &|index| index != first && usable(index));
        let better = second.filter(|&second| {
            let ratio = self.cost(second, now) / self.cost(first, now);
            (ratio * ratio).max(KEPT) < share(random())
        });
        Some(&self.members[better.unwrap_or(first)].endpoint)
    }

    /// The estimate of the fastest endpoint beside this one, in microseconds: what a fast failure counts at
    /// least.
    pub(super) fn best_other(&self, endpoint: &Endpoint, now: Instant) -> f32 {
        let others = self.members.iter().filter(|member| !std::ptr::eq(&*member.endpoint, endpoint));
        let best = others.filter_map(|other| other.endpoint.latency.estimate(now)).reduce(f32::min);
        best.unwrap_or_default()
    }

    /// A member by weight: `random` is any number.
    fn draw(&self, random: u64, usable: &impl Fn(usize) -> bool) -> Option<usize> {
        let at = random % self.sums.last()?;
        let index = self.sums.partition_point(|&sum| sum <= at);
        if usable(index) {
            return Some(index);
        }
        let weight = |index: &usize| u64::from(self.members[*index].weight.max(1));
        let all = || (0..self.members.len()).filter(|&index| usable(index));
        let mut at = random % all().map(|index| weight(&index)).sum::<u64>().max(1);
        all().find(|index| match at.checked_sub(weight(index)) {
            Some(rest) => {
                at = rest;
                false
            }
            None => true,
        })
    }

    /// How long the next call would take, as far as it is known, in no unit: that of an endpoint which was not
    /// called yet is next to nothing, but with a call under way anything.
    fn cost(&self, index: usize, now: Instant) -> f32 {
        let Member { endpoint, weight } = &self.members[index];
        let pending = endpoint.pool.pending() as f32 / (*weight).max(1) as f32;
        match endpoint.latency.estimate(now) {
            Some(estimate) => estimate * (1.0 + pending),
            None if pending == 0.0 => 1.0,
            None => f32::MAX,
        }
    }
}

/// A part of 1 by a random number of 48 bits.
fn share(random: u64) -> f32 {
    (random >> 24) as f32 / (1_u32 << 24) as f32
}

/// A number of 48 bits that nobody need fear to guess (xorshift64*, Vigna 2014).
pub(super) fn random() -> u64 {
    thread_local! {
        static STATE: Cell<u64> = Cell::new(RandomState::new().hash_one(0) | 1);
    }
    STATE.with(|state| {
        let mut next = state.get();
        next ^= next >> 12;
        next ^= next << 25;
        next ^= next >> 27;
        state.set(next);
        next.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    })
}
