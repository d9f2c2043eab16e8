//! The time series of backends and their endpoints. They are set when they are asked for, so that a call
//! touches none.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use crate::backend::{Backend, BackendCounts, EndpointHealth};

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
pub(super) struct BackendLabels {
    pub(super) backend: Arc<str>,
}

/// Endpoints are those that are configured or that a name stands for: no caller can add to them.
#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct EndpointLabels {
    backend: Arc<str>,
    endpoint: Arc<str>,
}

/// Why attempts failed: see [`BackendErrorKind`](crate::backend::BackendErrorKind).
#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct FailureLabels {
    backend: Arc<str>,
    kind: &'static str,
}

/// All of them.
#[derive(Clone, Default, Debug)]
pub(super) struct BackendMetrics {
    connections: Family<BackendLabels, Gauge>,
    idle: Family<BackendLabels, Gauge>,
    calls: Family<BackendLabels, Gauge>,
    waiting: Family<BackendLabels, Gauge>,
    calls_limit: Family<BackendLabels, Gauge>,
    connections_limit: Family<BackendLabels, Gauge>,
    retries: Family<BackendLabels, Counter>,
    failures: Family<FailureLabels, Counter>,
    healthy: Family<EndpointLabels, Gauge>,
    open: Family<EndpointLabels, Gauge>,
    idle_open: Family<EndpointLabels, Gauge>,
    pending: Family<EndpointLabels, Gauge>,
    latency: Family<EndpointLabels, Gauge<f64, AtomicU64>>,
    ejections: Family<EndpointLabels, Counter>,
}

impl BackendMetrics {
    /// Those that the registry tells of.
    pub(super) fn register(registry: &mut Registry) -> Self {
        let all = Self::default();
        registry.register("backend_connections", "Open connections to a backend", all.connections.clone());
        registry.register("backend_idle_connections", "Idle connections to a backend", all.idle.clone());
        registry.register("backend_calls", "Calls under way to a backend", all.calls.clone());
        registry.register("backend_waiting", "Calls that wait for a connection", all.waiting.clone());
        registry.register(
            "backend_calls_limit",
            "Calls to a backend that may be under way",
            all.calls_limit.clone(),
        );
        registry.register(
            "backend_connections_limit",
            "Connections to a backend that may be open",
            all.connections_limit.clone(),
        );
        registry.register("backend_retries", "Calls that were sent again", all.retries.clone());
        registry.register(
            "backend_failures",
            "Attempts that brought no whole reply, by why",
            all.failures.clone(),
        );
        registry.register("endpoint_healthy", "Whether calls go to an endpoint", all.healthy.clone());
        registry.register("endpoint_connections", "Open connections to an endpoint", all.open.clone());
        registry.register(
            "endpoint_idle_connections",
            "Idle connections to an endpoint",
            all.idle_open.clone(),
        );
        registry.register_with_unit(
            "endpoint_latency",
            "How long an endpoint takes at present, where there are several",
            Unit::Seconds,
            all.latency.clone(),
        );
        registry.register(
            "endpoint_calls",
            "Calls that use a connection of an endpoint or wait for one",
            all.pending.clone(),
        );
        registry.register(
            "endpoint_ejections",
            "Times that an endpoint was left alone because it failed calls",
            all.ejections.clone(),
        );
        all
    }

    /// Forgets all backends and endpoints, those that are gone among them.
    pub(super) fn clear(&self) {
        let Self { connections, idle, calls, waiting, calls_limit, connections_limit, .. } = self;
        let of_backends = [connections, idle, calls, waiting, calls_limit, connections_limit];
        of_backends.iter().for_each(|family| family.clear());
        let of_endpoints = [&self.healthy, &self.open, &self.idle_open, &self.pending];
        of_endpoints.iter().for_each(|family| family.clear());
        self.retries.clear();
        self.failures.clear();
        self.latency.clear();
        self.ejections.clear();
    }

    /// Sets those of one backend.
    pub(super) fn set(&self, backend: &Backend) {
        let name: Arc<str> = Arc::from(&*backend.name);
        let labels = BackendLabels { backend: name.clone() };
        let BackendCounts { open, idle, calls, waiting, retries } = backend.counts();
        let endpoints = backend.endpoints();
        let settings = backend.settings();
        self.connections.get_or_create(&labels).set(gauge(open));
        self.idle.get_or_create(&labels).set(gauge(idle));
        self.calls.get_or_create(&labels).set(gauge(calls));
        self.waiting.get_or_create(&labels).set(gauge(waiting));
        self.calls_limit.get_or_create(&labels).set(gauge(settings.max_calls));
        let most = settings.max_connections.saturating_mul(endpoints.len());
        self.connections_limit.get_or_create(&labels).set(gauge(most));
        self.retries.get_or_create(&labels).inner().store(retries, Ordering::Relaxed);
        for (kind, count) in backend.failures() {
            let labels = FailureLabels { backend: name.clone(), kind };
            self.failures.get_or_create(&labels).inner().store(count, Ordering::Relaxed);
        }
        for endpoint in endpoints {
            let labels =
                EndpointLabels { backend: name.clone(), endpoint: endpoint.address.to_string().into() };
            let healthy = endpoint.health == EndpointHealth::Healthy;
            self.healthy.get_or_create(&labels).set(healthy.into());
            self.open.get_or_create(&labels).set(gauge(endpoint.open));
            self.idle_open.get_or_create(&labels).set(gauge(endpoint.idle));
            self.pending.get_or_create(&labels).set(gauge(endpoint.pending));
            if let Some(latency) = endpoint.latency {
                self.latency.get_or_create(&labels).set(latency.as_secs_f64());
            }
            self.ejections.get_or_create(&labels).inner().store(endpoint.ejections, Ordering::Relaxed);
        }
    }
}

pub(super) fn gauge(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
