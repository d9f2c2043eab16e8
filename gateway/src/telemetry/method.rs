//! The time series of methods.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::Outcome;

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct CallLabels {
    route: Arc<str>,
    service: Arc<str>,
    method: Arc<str>,
    outcome: &'static str,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct MethodLabels {
    route: Arc<str>,
    service: Arc<str>,
    method: Arc<str>,
}

type Durations = Family<MethodLabels, Histogram, fn() -> Histogram>;

/// Histograms from half a millisecond to half a minute.
fn durations() -> Durations {
    const BOUNDS: [f64; 15] =
        [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0];
    Family::new_with_constructor(|| Histogram::new(BOUNDS))
}

/// The time series of all methods. A method has them for as long as a snapshot knows it, so that reloads with ever
/// new names do not fill the memory.
#[derive(Clone, Debug)]
pub(super) struct Methods {
    calls: Family<CallLabels, Counter>,
    durations: Durations,
    backend_durations: Durations,
    known: Arc<Mutex<HashMap<MethodLabels, Weak<Series>>>>,
}

impl Methods {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let (calls, durations, backend_durations) = (Family::default(), durations(), durations());
        registry.register("calls", "Calls, by how they ended", calls.clone());
        registry.register_with_unit(
            "call_duration",
            "Time from the end of a request's header to its reply",
            Unit::Seconds,
            durations.clone(),
        );
        registry.register_with_unit(
            "backend_duration",
            "Time that a backend took, waiting for a connection included",
            Unit::Seconds,
            backend_durations.clone(),
        );
        Self { calls, durations, backend_durations, known: Arc::default() }
    }

    /// The handles of a method; where it has some, these.
    pub(super) fn get(&self, route: &str, service: &str, method: &str) -> MethodMetrics {
        let labels = MethodLabels { route: route.into(), service: service.into(), method: method.into() };
        let mut known = self.known();
        if let Some(series) = known.get(&labels).and_then(Weak::upgrade) {
            return MethodMetrics(series);
        }
        let series = Arc::new(Series {
            labels: labels.clone(),
            methods: self.clone(),
            by_outcome: [const { OnceLock::new() }; Outcome::COUNT],
            duration: OnceLock::new(),
            backend_duration: OnceLock::new(),
        });
        known.insert(labels, Arc::downgrade(&series));
        MethodMetrics(series)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<MethodLabels, Weak<Series>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The time series of one method, shared by all snapshots that have it.
#[derive(Clone)]
pub struct MethodMetrics(Arc<Series>);

struct Series {
    labels: MethodLabels,
    methods: Methods,
    by_outcome: [OnceLock<Counter>; Outcome::COUNT],
    duration: OnceLock<Histogram>,
    backend_duration: OnceLock<Histogram>,
}

impl fmt::Debug for MethodMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MethodMetrics").field(&self.0.labels).finish()
    }
}

impl MethodMetrics {
    /// Counts a call that ended.
    pub fn ended(&self, outcome: Outcome, duration: Duration) {
        let Series { labels, methods, by_outcome, .. } = &*self.0;
        let counter = by_outcome[outcome.index()]
            .get_or_init(|| methods.calls.get_or_create_owned(&labels.with_outcome(outcome.word())));
        counter.inc();
        let histogram = self.0.duration.get_or_init(|| methods.durations.get_or_create_owned(labels));
        histogram.observe(duration.as_secs_f64());
    }

    /// Counts the time that a backend took.
    pub fn backend(&self, duration: Duration) {
        let Series { labels, methods, backend_duration, .. } = &*self.0;
        let histogram =
            backend_duration.get_or_init(|| methods.backend_durations.get_or_create_owned(labels));
        histogram.observe(duration.as_secs_f64());
    }
}

impl MethodLabels {
    fn with_outcome(&self, outcome: &'static str) -> CallLabels {
        let Self { route, service, method } = self.clone();
        CallLabels { route, service, method, outcome }
    }
}

impl Drop for Series {
    fn drop(&mut self) {
        let Self { labels, methods, .. } = self;
        let mut known = methods.known();
        // Where a snapshot has the method again, the counts go on.
        if known.get(labels).is_none_or(|series| series.strong_count() > 0) {
            return;
        }
        known.remove(labels);
        methods.durations.remove(labels);
        methods.backend_durations.remove(labels);
        for outcome in Outcome::all() {
            methods.calls.remove(&labels.with_outcome(outcome.word()));
        }
    }
}
