//! The time series of methods.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Unit;

use super::Outcome;
use super::histogram::Histogram;
use super::live::{Live, Series};
use super::sharded::Sharded;
use crate::http::Language;

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct MethodLabels {
    route: Arc<str>,
    service: Arc<str>,
    method: Arc<str>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct CallLabels {
    #[prometheus(flatten)]
    method: MethodLabels,
    protocol: &'static str,
    exception: Arc<str>,
    outcome: &'static str,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct BackendDurationLabels {
    #[prometheus(flatten)]
    method: MethodLabels,
    backend: Arc<str>,
}

/// A counter for each protocol, and one for calls whose protocol is not known.
type ByProtocol<T> = [T; Language::ALL.len() + 1];

/// What is counted of the calls of a method.
#[derive(Debug, Default)]
struct Calls {
    ended: Sharded<EndedCalls>,
    /// By the names of declared exceptions.
    declared: Mutex<BTreeMap<Arc<str>, Arc<ByProtocol<AtomicU64>>>>,
}

/// What a core counts of them.
#[derive(Debug, Default)]
struct EndedCalls {
    /// Most methods are called in one protocol alone.
    by_outcome: ByProtocol<OnceLock<Box<[AtomicU64; Outcome::COUNT]>>>,
    duration: Histogram,
}

/// The time series of all methods.
#[derive(Clone, Debug, Default)]
pub(super) struct Methods {
    calls: Live<MethodLabels, Calls>,
    backends: Live<BackendDurationLabels, Sharded<Histogram>>,
}

/// The time series of one method, shared by all snapshots that have it.
#[derive(Clone)]
pub struct MethodMetrics {
    series: Arc<Series<MethodLabels, Calls>>,
    /// Of each member of the result: where it is counted, if it is an exception.
    declared: Arc<[Option<Arc<ByProtocol<AtomicU64>>>]>,
}

/// How long a backend takes for the calls of one method.
#[derive(Clone)]
pub struct BackendDuration(Arc<Series<BackendDurationLabels, Sharded<Histogram>>>);

impl MethodLabels {
    fn new(names: [&str; 3]) -> Self {
        let [route, service, method] = names.map(Arc::from);
        Self { route, service, method }
    }
}

impl Methods {
    /// The handles of a method; `exceptions` are the names of what it declares, by the positions in its result.
    pub(super) fn get(&self, names: [&str; 3], exceptions: &[Option<Arc<str>>]) -> MethodMetrics {
        let series = self.calls.get(MethodLabels::new(names));
        let mut known = series.counted.declared();
        let counters = exceptions.iter().map(|name| Some(known.entry(name.clone()?).or_default().clone()));
        let declared = counters.collect();
        drop(known);
        MethodMetrics { series, declared }
    }

    /// Where the time is counted that a backend takes for the calls of a method.
    pub(super) fn backend(&self, names: [&str; 3], backend: &str) -> BackendDuration {
        let method = MethodLabels::new(names);
        BackendDuration(self.backends.get(BackendDurationLabels { method, backend: Arc::from(backend) }))
    }
}

impl MethodMetrics {
    /// Counts a call that ended on a core.
    pub fn ended(&self, core: usize, outcome: Outcome, protocol: Option<Language>, duration: Duration) {
        let EndedCalls { by_outcome, duration: durations } = self.series.counted.ended.of(core);
        let protocol = index(protocol);
        let declared = match outcome {
            Outcome::Declared { position } => self.declared.get(position).and_then(Option::as_ref),
            _ => None,
        };
        let counter = match declared {
            Some(declared) => &declared[protocol],
            None => &by_outcome[protocol].get_or_init(Box::default)[outcome.index()],
        };
        counter.fetch_add(1, Ordering::Relaxed);
        durations.observe(duration);
    }
}

impl BackendDuration {
    /// Counts the time that the backend took for a call on a core.
    pub fn observe(&self, core: usize, duration: Duration) {
        self.0.counted.of(core).observe(duration);
    }
}

impl Calls {
    fn declared(&self) -> MutexGuard<'_, BTreeMap<Arc<str>, Arc<ByProtocol<AtomicU64>>>> {
        self.declared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn encode(&self, method: &MethodLabels, encoder: &mut MetricEncoder<'_>) -> fmt::Result {
        let mut write = |protocol, exception: &str, outcome, count: u64| {
            let labels =
                CallLabels { method: method.clone(), protocol, exception: Arc::from(exception), outcome };
            match count {
                0 => Ok(()),
                _ => encoder.encode_family(&labels)?.encode_counter::<NoLabelSet, _, u64>(&count, None),
            }
        };
        for (position, protocol) in words().enumerate() {
            let counters = || self.ended.all().filter_map(|ended| ended.by_outcome[position].get());
            for outcome in Outcome::all() {
                let counts = counters().map(|counters| counters[outcome.index()].load(Ordering::Relaxed));
                write(protocol, "", outcome.word(), counts.sum())?;
            }
        }
        for (exception, counters) in &*self.declared() {
            let word = Outcome::Declared { position: 0 }.word();
            for (protocol, counter) in words().zip(&**counters) {
                write(protocol, exception, word, counter.load(Ordering::Relaxed))?;
            }
        }
        Ok(())
    }
}

impl Collector for Methods {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let methods = self.calls.all();
        let (help, counter) = ("Calls, by how they ended", MetricType::Counter);
        let mut calls = encoder.encode_descriptor("calls", help, None, counter)?;
        for series in &methods {
            series.counted.encode(&series.labels, &mut calls)?;
        }
        let help = "Time from the end of a request's header to its reply";
        let (seconds, histogram) = (Some(&Unit::Seconds), MetricType::Histogram);
        let mut durations = encoder.encode_descriptor("call_duration", help, seconds, histogram)?;
        for Series { labels, counted, .. } in methods.iter().map(|series| &**series) {
            let all = counted.ended.all().map(|ended| &ended.duration);
            Histogram::encode(&all, labels, &mut durations)?;
        }
        let help = "Time that a backend took, waiting for a connection included";
        let mut durations = encoder.encode_descriptor("backend_duration", help, seconds, histogram)?;
        for Series { labels, counted, .. } in self.backends.all().iter().map(|series| &**series) {
            Histogram::encode(&counted.all(), labels, &mut durations)?;
        }
        Ok(())
    }
}

impl fmt::Debug for MethodMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MethodMetrics").field(&self.series.labels).finish()
    }
}

impl fmt::Debug for BackendDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BackendDuration").field(&self.0.labels).finish()
    }
}

/// Where a protocol is counted.
fn index(protocol: Option<Language>) -> usize {
    protocol.map_or(Language::ALL.len(), Language::index)
}

/// The words of the protocols, in the order of [`index`].
fn words() -> impl Iterator<Item = &'static str> {
    Language::ALL.into_iter().map(Language::name).chain([""])
}
