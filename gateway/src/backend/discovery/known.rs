//! What is known of a name: the last good answer, until there is a better one.

use std::time::Duration;

use super::resolver::{Answer, Missing, ResolveError, Target};

/// The shortest time to live that is heeded, and the first pause after a failure.
const LEAST: Duration = Duration::from_secs(1);

/// What is known of one name.
#[derive(Default, Debug)]
pub(super) struct Known {
    /// Sorted, each address once. Once there is one, there always is.
    targets: Vec<Target>,
    ttl: Option<Duration>,
    /// Failures since the last answer.
    failures: u32,
}

/// What an answer changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Change {
    /// Whether the targets are others than before.
    pub(super) targets: bool,
    /// Whether this was the first failure, or the first answer after one.
    pub(super) state: bool,
}

impl Known {
    /// Takes over an answer. A failure changes no target: whatever the name servers say, the endpoints may be
    /// well, and calls to them tell. Neither does an answer change what it could not ask for.
    pub(super) fn learn(&mut self, answer: &Result<Answer, ResolveError>) -> Change {
        let Ok(answer) = answer else {
            self.failures = self.failures.saturating_add(1);
            return Change { targets: false, state: self.failures == 1 };
        };
        let state = std::mem::take(&mut self.failures) > 0;
        self.ttl = answer.ttl;
        let kept = self.targets.iter().filter(|target| match answer.missing {
            Missing::Nothing => false,
            Missing::Ipv4 => target.address.is_ipv4(),
            Missing::Ipv6 => target.address.is_ipv6(),
            Missing::Hosts => true,
        });
        let mut targets: Vec<Target> = answer.targets.iter().chain(kept).copied().collect();
        // Name servers rotate the order of their answers. Of two with one address the new one stays.
        targets.sort_by_key(|target| target.address);
        targets.dedup_by_key(|target| target.address);
        let changed = targets != self.targets;
        self.targets = targets;
        Change { targets: changed, state }
    }

    pub(super) fn targets(&self) -> &[Target] {
        &self.targets
    }

    /// How long to wait before the name is resolved again: as long as `refresh`, or as the answer holds, or
    /// after failures ever longer.
    pub(super) fn pause(&self, refresh: Duration) -> Duration {
        match self.failures {
            0 => self.ttl.map_or(refresh, |ttl| ttl.max(LEAST)).min(refresh),
            failures => LEAST.saturating_mul(1 << (failures - 1).min(16)).min(refresh),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(address: &str, weight: u32) -> Target {
        Target { address: address.parse().expect("an address"), weight }
    }

    fn answer(addresses: &[&str], missing: Missing) -> Result<Answer, ResolveError> {
        let targets = addresses.iter().map(|address| target(address, 1)).collect();
        Ok(Answer { targets, ttl: Some(Duration::from_secs(5)), missing })
    }

    const BOTH: [&str; 2] = ["10.0.0.1:9", "[fd00::1]:9"];
    const REFRESH: Duration = Duration::from_secs(30);

    fn knowing(addresses: &[&str]) -> Known {
        let mut known = Known::default();
        known.learn(&answer(addresses, Missing::Nothing));
        known
    }

    fn addresses(known: &Known) -> Vec<String> {
        known.targets().iter().map(|target| target.address.to_string()).collect()
    }

    #[test]
    fn a_failure_keeps_the_last_good_answer_and_is_news_once() {
        let mut known = knowing(&BOTH);
        for error in
            [ResolveError::NotFound, ResolveError::Timeout, ResolveError::Failed("refused".to_owned())]
        {
            let first = error == ResolveError::NotFound;
            assert_eq!(known.learn(&Err(error)), Change { targets: false, state: first });
            assert_eq!(addresses(&known), BOTH);
        }
        let again = known.learn(&answer(&BOTH, Missing::Nothing));
        assert_eq!(again, Change { targets: false, state: true });
        let other = known.learn(&answer(&["10.0.0.2:9"], Missing::Nothing));
        assert_eq!(other, Change { targets: true, state: false });
        assert_eq!(addresses(&known), ["10.0.0.2:9"]);
    }

    #[test]
    fn the_order_of_an_answer_and_doubles_are_no_change() {
        let mut known = knowing(&["10.0.0.1:9", "10.0.0.2:9"]);
        let change = known.learn(&answer(&["10.0.0.2:9", "10.0.0.1:9", "10.0.0.2:9"], Missing::Nothing));
        assert_eq!(change, Change { targets: false, state: false });
    }

    #[test]
    fn a_new_weight_is_a_change() {
        let mut known = knowing(&["10.0.0.1:9"]);
        let heavier = Answer { targets: vec![target("10.0.0.1:9", 2)], ttl: None, missing: Missing::Hosts };
        assert!(known.learn(&Ok(heavier)).targets);
        assert_eq!(known.targets(), [target("10.0.0.1:9", 2)]);
    }

    #[test]
    fn what_could_not_be_asked_for_stays_as_it_was() {
        let mut known = knowing(&BOTH);
        known.learn(&answer(&["10.0.0.2:9"], Missing::Ipv6));
        assert_eq!(addresses(&known), ["10.0.0.2:9", "[fd00::1]:9"]);
        known.learn(&answer(&["[fd00::2]:9"], Missing::Ipv4));
        assert_eq!(addresses(&known), ["10.0.0.2:9", "[fd00::2]:9"]);
        known.learn(&answer(&["10.0.0.3:9"], Missing::Hosts));
        assert_eq!(addresses(&known), ["10.0.0.2:9", "10.0.0.3:9", "[fd00::2]:9"]);
    }

    #[test]
    fn a_time_to_live_shortens_the_pause_down_to_a_second() {
        let seconds = Duration::from_secs;
        let pause = |ttl: Option<u64>, refresh| {
            let targets = vec![target("10.0.0.1:9", 1)];
            let mut known = Known::default();
            known.learn(&Ok(Answer { targets, ttl: ttl.map(seconds), missing: Missing::Nothing }));
            known.pause(refresh)
        };
        assert_eq!(pause(Some(5), REFRESH), seconds(5));
        assert_eq!(pause(Some(300), REFRESH), REFRESH);
        assert_eq!(pause(Some(0), REFRESH), seconds(1));
        assert_eq!(pause(None, REFRESH), REFRESH);
        assert_eq!(pause(Some(0), Duration::from_millis(50)), Duration::from_millis(50));
    }

    #[test]
    fn failures_are_asked_again_ever_later() {
        let mut known = knowing(&BOTH);
        let pauses: Vec<u64> = (0..7)
            .map(|_| {
                known.learn(&Err(ResolveError::Timeout));
                known.pause(REFRESH).as_secs()
            })
            .collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 30, 30]);
        known.failures = u32::MAX;
        assert_eq!(known.pause(REFRESH), REFRESH);
        assert_eq!(known.pause(Duration::from_millis(50)), Duration::from_millis(50));
    }
}
