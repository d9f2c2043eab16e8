//! The metrics, in Prometheus' text format.
//!
//! Each method holds the handles of its own time series, made when the snapshot is built or on first use,
//! so that a call looks up no label. Labels come from the configuration and the IDL alone, never from what a
//! client sends.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
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

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct BackendLabels {
    backend: String,
}

type Durations = Family<MethodLabels, Histogram, fn() -> Histogram>;

/// Histograms from half a millisecond to half a minute.
fn durations() -> Durations {
    const BOUNDS: [f64; 15] =
        [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0];
    Family::new_with_constructor(|| Histogram::new(BOUNDS))
}

/// All metrics of the process.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    calls: Family<CallLabels, Counter>,
    durations: Durations,
    backend_durations: Durations,
    backend_connections: Family<BackendLabels, Gauge>,
    backend_idle: Family<BackendLabels, Gauge>,
    backend_calls: Family<BackendLabels, Gauge>,
    /// Client connections open now
    pub connections: Gauge,
    /// Calls refused before a method was known
    pub unrouted: MethodMetrics,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("thriftgate");
        let calls = Family::default();
        let (durations, backend_durations) = (durations(), durations());
        let (backend_connections, backend_idle, backend_calls) =
            (Family::default(), Family::default(), Family::default());
        let connections = Gauge::default();
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
        registry.register(
            "backend_connections",
            "Open connections to a backend",
            backend_connections.clone(),
        );
        registry.register("backend_idle_connections", "Idle connections to a backend", backend_idle.clone());
        registry.register("backend_calls", "Calls under way to a backend", backend_calls.clone());
        registry.register("client_connections", "Open client connections", connections.clone());
        let none: Arc<str> = "".into();
        let labels = MethodLabels { route: none.clone(), service: none.clone(), method: none };
        let unrouted = MethodMetrics::new(labels, &calls, &durations, &backend_durations);
        Self {
            registry,
            calls,
            durations,
            backend_durations,
            backend_connections,
            backend_idle,
            backend_calls,
            connections,
            unrouted,
        }
    }
}

impl Metrics {
    /// The handles of one method.
    #[must_use]
    pub fn method(&self, route: &str, service: &str, method: &str) -> MethodMetrics {
        let labels = MethodLabels { route: route.into(), service: service.into(), method: method.into() };
        MethodMetrics::new(labels, &self.calls, &self.durations, &self.backend_durations)
    }

    /// Sets the gauges of a backend.
    pub fn backend(&self, backend: &crate::backend::Backend) {
        let labels = BackendLabels { backend: backend.name.to_string() };
        let counts = backend.counts();
        let gauge = |family: &Family<BackendLabels, Gauge>, value: usize| {
            family.get_or_create(&labels).set(i64::try_from(value).unwrap_or(i64::MAX));
        };
        gauge(&self.backend_connections, counts.open);
        gauge(&self.backend_idle, counts.idle);
        gauge(&self.backend_calls, counts.calls);
    }

    /// The text that Prometheus reads.
    ///
    /// # Errors
    /// None that a `String` can cause.
    pub fn encode(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// The time series of one method.
pub struct MethodMetrics {
    labels: MethodLabels,
    calls: Family<CallLabels, Counter>,
    by_outcome: [OnceLock<Counter>; Outcome::COUNT],
    duration: OnceLock<Histogram>,
    durations: Durations,
    backend_duration: OnceLock<Histogram>,
    backend_durations: Durations,
}

impl fmt::Debug for MethodMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MethodMetrics").field("labels", &self.labels).finish_non_exhaustive()
    }
}

impl MethodMetrics {
    fn new(
        labels: MethodLabels,
        calls: &Family<CallLabels, Counter>,
        durations: &Durations,
        backend_durations: &Durations,
    ) -> Self {
        Self {
            labels,
            calls: calls.clone(),
            by_outcome: [const { OnceLock::new() }; Outcome::COUNT],
            duration: OnceLock::new(),
            durations: durations.clone(),
            backend_duration: OnceLock::new(),
            backend_durations: backend_durations.clone(),
        }
    }

    /// Counts a call that ended.
    pub fn ended(&self, outcome: Outcome, duration: Duration) {
        let counter = self.by_outcome[outcome.index()].get_or_init(|| {
            let MethodLabels { route, service, method } = self.labels.clone();
            let labels = CallLabels { route, service, method, outcome: outcome.word() };
            self.calls.get_or_create_owned(&labels)
        });
        counter.inc();
        let histogram = self.duration.get_or_init(|| self.durations.get_or_create_owned(&self.labels));
        histogram.observe(duration.as_secs_f64());
    }

    /// Counts the time that a backend took.
    pub fn backend(&self, duration: Duration) {
        let histogram =
            self.backend_duration.get_or_init(|| self.backend_durations.get_or_create_owned(&self.labels));
        histogram.observe(duration.as_secs_f64());
    }
}
