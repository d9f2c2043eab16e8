//! How often callers may call, and how much at once.
//!
//! In this order, each before what costs more: the rate of the address, before credentials are looked at, so that guesses are
//! counted; the caller's calls under way and its rate, before a body is read; then, once the method is known, the caller's
//! rate for it, and at last the rate of the group. A call that one of them refuses is not counted by those after it: a caller
//! over its own rates uses up nothing of what its group shares.

mod calls;
mod store;

use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use thriftgate_config::{self as config, Rate, Settings};

use super::Caller;
use crate::process::Process;
use crate::router::Method;
pub(crate) use calls::{CallPermit, CallsUnderWay};
pub(crate) use store::Decision;
use store::LimitStore;

/// How often keys are looked for that need not be remembered.
const SWEEP: Duration = Duration::from_secs(10);
/// The key of what all callers share.
const SHARED: u64 = 0;

/// The limits of addresses, callers and groups, and what is used of them.
#[derive(Debug, Default)]
pub(crate) struct CallLimits {
    address: Option<Arc<Limit>>,
    /// In the order of the settings.
    groups: Vec<GroupLimits>,
    calls: Arc<CallsUnderWay>,
    /// Makes keys of names and addresses, which nobody can choose so that they meet.
    hasher: RandomState,
}

#[derive(Debug)]
struct GroupLimits {
    name: String,
    shared: Option<Arc<Limit>>,
    caller: Option<Arc<Limit>>,
    /// In the order of the settings.
    methods: Vec<Arc<Limit>>,
    calls: Option<usize>,
}

/// A rate, and what is used of it.
#[derive(Debug)]
pub(crate) struct Limit {
    pub(crate) scope: Scope,
    pub(crate) rate: Rate,
    store: LimitStore,
    /// The value of `RateLimit-Policy`.
    pub(crate) policy: HeaderValue,
}

/// What a rate is of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Scope {
    /// Every address.
    Address,
    /// Each caller of the group.
    Caller { group: String },
    /// Each caller of the group, for the methods of a pattern.
    Method { group: String, pattern: String },
    /// All callers of the group.
    Group { group: String },
}

/// How a call stands with the limit that is nearest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing<'c> {
    pub(crate) limit: &'c Limit,
    pub(crate) decision: Decision,
}

/// A caller has as many calls under way as it may.
#[derive(Debug)]
pub(crate) struct TooManyCalls(pub(crate) usize);

impl CallLimits {
    /// The limits of the settings. What is used of a rate that was the same before stays used.
    pub(super) fn build(settings: &Settings, previous: Option<&Self>) -> Self {
        let limit = |scope: Scope, rate: Rate| {
            let known = previous.and_then(|previous| previous.find(&scope, rate));
            known.unwrap_or_else(|| Arc::new(Limit::new(scope, rate)))
        };
        let group = |group: &config::Group| {
            let name = || group.name.clone();
            let method = |method: &config::MethodRate| {
                limit(Scope::Method { group: name(), pattern: method.pattern.to_string() }, method.rate)
            };
            GroupLimits {
                name: name(),
                shared: group.rate.map(|rate| limit(Scope::Group { group: name() }, rate)),
                caller: group.caller.rate.map(|rate| limit(Scope::Caller { group: name() }, rate)),
                methods: group.methods.iter().map(method).collect(),
                calls: group.caller.calls,
            }
        };
        Self {
            address: settings.limits.address_rate.map(|rate| limit(Scope::Address, rate)),
            groups: settings.groups.iter().map(group).collect(),
            calls: previous.map(|previous| previous.calls.clone()).unwrap_or_default(),
            hasher: previous.map(|previous| previous.hasher.clone()).unwrap_or_default(),
        }
    }

    /// How a request from this address stands with the rate of addresses. It is counted where it is within it.
    pub(crate) fn address(&self, address: IpAddr) -> Option<Standing<'_>> {
        let limit = self.address.as_deref()?;
        Some(limit.check(self.hasher.hash_one(network(address))))
    }

    /// How a call of this caller stands with its rate. It is counted where it is within it.
    pub(crate) fn caller(&self, caller: &Caller) -> Option<Standing<'_>> {
        let limit = self.groups[caller.group].caller.as_deref()?;
        Some(limit.check(self.key(caller)))
    }

    /// How a call of this caller stands with its rate for the method. It is counted where it is within it.
    pub(crate) fn method(&self, caller: &Caller, method: &Method) -> Option<Standing<'_>> {
        let limit = &self.groups[caller.group].methods[method.rate?];
        Some(limit.check(self.key(caller)))
    }

    /// How a call of this caller stands with the rate of its group. It is counted where it is within it.
    pub(crate) fn group(&self, caller: &Caller) -> Option<Standing<'_>> {
        let limit = self.groups[caller.group].shared.as_deref()?;
        Some(limit.check(SHARED))
    }

    /// Counts a call of this caller as under way, where that is limited.
    pub(crate) fn begin(&self, caller: &Caller) -> Result<Option<CallPermit<'_>>, TooManyCalls> {
        let Some(limit) = self.groups[caller.group].calls else { return Ok(None) };
        self.calls.begin(self.key(caller), limit).ok_or(TooManyCalls(limit)).map(Some)
    }

    /// Callers of different groups are different, whatever their names.
    fn key(&self, caller: &Caller) -> u64 {
        let key = || self.hasher.hash_one((&*self.groups[caller.group].name, &*caller.name));
        *caller.limit_key.get_or_init(key)
    }

    fn find(&self, scope: &Scope, rate: Rate) -> Option<Arc<Limit>> {
        self.all().find(|limit| limit.scope == *scope && limit.rate == rate).cloned()
    }

    fn all(&self) -> impl Iterator<Item = &Arc<Limit>> {
        let of_groups = self
            .groups
            .iter()
            .flat_map(|group| group.shared.iter().chain(&group.caller).chain(&group.methods));
        self.address.iter().chain(of_groups)
    }
}

impl Limit {
    fn new(scope: Scope, rate: Rate) -> Self {
        let policy = policy(&scope, rate);
        Self { store: LimitStore::new(rate), scope, rate, policy }
    }

    fn check(&self, key: u64) -> Standing<'_> {
        Standing { limit: self, decision: self.store.check(key) }
    }
}

impl Scope {
    /// Its name in headers.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Caller { .. } => "caller",
            Self::Method { .. } => "method",
            Self::Group { .. } => "group",
        }
    }
}

impl<'c> Standing<'c> {
    /// Of this and what was known before, what the caller comes up against first.
    pub(crate) fn or_nearer(self, known: Option<Self>) -> Self {
        let nearness = |standing: &Self| (standing.decision.allowed, standing.decision.remaining);
        known.filter(|known| nearness(known) < nearness(&self)).unwrap_or(self)
    }

    /// [`Decision::reset`] in whole seconds, rounded up.
    pub(crate) fn seconds(&self) -> u64 {
        whole_seconds(self.decision.reset)
    }
}

/// Forgets what need not be remembered, from time to time, without an end.
pub(crate) async fn sweep(process: Arc<Process>) {
    let mut interval = tokio::time::interval(SWEEP);
    loop {
        interval.tick().await;
        process.snapshot.load().policy.limits.all().for_each(|limit| limit.store.sweep());
    }
}

/// What counts as one address: one of IPv4, and of IPv6 the 64 bits that a network has for itself.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
        address @ IpAddr::V4(_) => address,
    }
}

/// The value of `RateLimit-Policy`, whose window is in whole seconds.
fn policy(scope: &Scope, rate: Rate) -> HeaderValue {
    let window = whole_seconds(rate.per);
    let nanos = rate.per.as_nanos().max(1);
    let quota = u128::from(rate.requests) * u128::from(window) * 1_000_000_000 / nanos;
    let text = format!("\"{}\";q={quota};w={window}", scope.name());
    HeaderValue::try_from(text).expect("a name in quotes and numbers are a header's value")
}

/// At least one.
fn whole_seconds(time: Duration) -> u64 {
    (time.as_secs() + u64::from(time.subsec_nanos() > 0)).max(1)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::store::MOST_KEYS;
    use super::*;
    use crate::policy::Facts;

    /// Memory of the process, in bytes.
    fn resident() -> usize {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        1024 * line.trim().trim_end_matches(" kB").parse::<usize>().unwrap()
    }

    #[test]
    fn a_million_addresses_and_callers_take_little() {
        let yaml = "
idl: a.thrift
backends: {main: \"127.0.0.1:1\"}
limits: {address_rate: {requests: 1, per: 1h, burst: 5}}
authentication: {anonymous: all}
groups: {all: {caller: {rate: {requests: 1, per: 1h, burst: 5}, calls: 4}}}
";
        let settings = Settings::parse(Path::new("gateway.yaml"), yaml, &|_| None).unwrap();
        let limits = CallLimits::build(&settings, None);
        let before = resident();
        for number in 0..1_000_000_u32 {
            assert!(
                limits
                    .address(Ipv6Addr::from_bits(u128::from(number) << 64).into())
                    .unwrap()
                    .decision
                    .allowed
            );
            let caller = Caller::new(number.to_string(), None, 0, Facts::None);
            assert!(limits.begin(&caller).unwrap().is_some());
            assert!(limits.caller(&caller).unwrap().decision.allowed);
        }
        let grown = resident().saturating_sub(before);
        let held: Vec<usize> = limits.all().map(|limit| limit.store.len()).collect();
        assert!(held.len() == 2 && held.iter().all(|held| *held <= MOST_KEYS), "{held:?}");
        assert!(grown < 64 << 20, "{grown} bytes");
    }

    #[test]
    fn networks() {
        let same = |one: &str, other: &str| network(one.parse().unwrap()) == network(other.parse().unwrap());
        assert!(same("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"));
        assert!(!same("2001:db8:1:2::1", "2001:db8:1:3::1"));
        assert!(same("::ffff:192.0.2.1", "192.0.2.1"));
        assert!(!same("192.0.2.1", "192.0.2.2"));
    }

    #[test]
    fn policies() {
        let text = |requests, per| policy(&Scope::Address, Rate { requests, per, burst: 1 });
        assert_eq!(text(10, Duration::from_secs(1)), "\"address\";q=10;w=1");
        assert_eq!(text(10, Duration::from_millis(500)), "\"address\";q=20;w=1");
        assert_eq!(text(90, Duration::from_millis(1500)), "\"address\";q=120;w=2");
    }
}
