//! What became of calls, and what may have.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::IDEMPOTENT;
use crate::ledger::Ledger;

/// What became of a call, as its caller saw it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fate {
    /// It was not made.
    Unsent,
    /// Its own reply came.
    Answered,
    /// Another reply came.
    Crossed(Box<str>),
    /// It failed, and was told so.
    Refused(Refusal),
    /// The caller left.
    Left,
    /// The connection to the gateway was refused, or ended without a reply.
    Unanswered(Box<str>),
}

/// A call that failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// The status
    pub status: u16,
    /// The code
    pub code: Box<str>,
    /// Whether it was executed
    pub executed: Box<str>,
}

/// What became of all calls of a load.
#[derive(Debug)]
pub struct Fates {
    calls: Vec<(Fate, Duration)>,
    /// The token of the first call.
    first: usize,
    method: fn(usize) -> &'static str,
    /// How long it all took
    pub took: Duration,
}

impl Fates {
    pub(super) fn new(
        calls: Vec<(Fate, Duration)>,
        first: usize,
        method: fn(usize) -> &'static str,
        took: Duration,
    ) -> Self {
        Self { calls, first, method, took }
    }

    /// The tokens with their method and fate.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &'static str, &Fate)> {
        (self.first..).zip(&self.calls).map(|(token, (fate, _))| (token, (self.method)(token), fate))
    }

    /// How many calls of a method were answered.
    #[must_use]
    pub fn answered(&self, method: &str) -> usize {
        self.iter().filter(|(_, of, fate)| *of == method && **fate == Fate::Answered).count()
    }

    /// The calls of a method that were neither answered nor left by their caller.
    #[must_use]
    pub fn failed(&self, method: &str) -> Vec<&Fate> {
        let of_method = self.iter().filter(|(_, of, _)| *of == method).map(|(_, _, fate)| fate);
        of_method.filter(|fate| !matches!(fate, Fate::Answered | Fate::Left)).collect()
    }

    /// How many calls were refused with this code.
    #[must_use]
    pub fn refused(&self, code: &str) -> usize {
        self.calls.iter().filter(|(fate, _)| fate.is_refused(code)).count()
    }

    /// The latency that this share of the calls that `which` chooses do not exceed; zero where there is none.
    #[must_use]
    pub fn quantile(&self, share: f64, which: impl Fn(&Fate) -> bool) -> Duration {
        let chosen = self.calls.iter().filter(|(fate, _)| which(fate)).map(|(_, latency)| *latency);
        let mut latencies: Vec<Duration> = chosen.collect();
        latencies.sort_unstable();
        let at = (share * latencies.len() as f64).ceil() as usize;
        latencies.get(at.saturating_sub(1)).copied().unwrap_or_default()
    }

    /// Checks what holds whatever happens: every call was made; no reply is that of another; what is said of
    /// the execution is what the ledger says; and no call that is not idempotent came to a backend twice.
    ///
    /// # Panics
    /// Where something of it does not hold.
    #[track_caller]
    pub fn check(&self, ledger: &Ledger) {
        for (token, method, fate) in self.iter() {
            let times = ledger.times(token);
            assert!(times <= 1 || method == IDEMPOTENT, "{method} {token} was sent {times} times: {fate:?}");
            match fate {
                Fate::Unsent | Fate::Crossed(_) => panic!("{method} {token}: {fate:?}"),
                Fate::Answered => assert!(times >= 1, "{method} {token} was answered and not executed"),
                Fate::Refused(refusal) if &*refusal.executed == "no" => {
                    assert_eq!(times, 0, "{method} {token} was executed: {fate:?}");
                }
                Fate::Refused(_) | Fate::Left | Fate::Unanswered(_) => {}
            }
        }
    }
}

impl Fate {
    /// Whether the call was refused with this code.
    #[must_use]
    pub fn is_refused(&self, code: &str) -> bool {
        matches!(self, Self::Refused(refusal) if &*refusal.code == code)
    }
}

impl fmt::Display for Fates {
    /// How many calls had which fate, how fast they came, and the latency of those that were answered.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut sums = BTreeMap::<String, usize>::new();
        for (_, method, fate) in self.iter() {
            let fate = match fate {
                Fate::Unsent => "unsent".to_owned(),
                Fate::Answered => "answered".to_owned(),
                Fate::Crossed(_) => "crossed".to_owned(),
                Fate::Refused(refusal) => format!("{} {}", refusal.status, refusal.code),
                Fate::Left => "left".to_owned(),
                Fate::Unanswered(why) => format!("unanswered ({why})"),
            };
            *sums.entry(format!("{method} {fate}")).or_default() += 1;
        }
        let rate = self.calls.len() as f64 / self.took.as_secs_f64();
        write!(f, "{} calls in {:.1?}, {rate:.0} a second", self.calls.len(), self.took)?;
        for (fate, count) in sums {
            write!(f, ", {fate}: {count}")?;
        }
        let of = |share| self.quantile(share, |fate| *fate == Fate::Answered);
        write!(f, "; answered within {:.1?} at p50, {:.1?} at p99", of(0.5), of(0.99))
    }
}
