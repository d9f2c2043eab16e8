//! The time series of backends and their endpoints. They are set when they are asked for, so that a call
//! touches none.

use std::sync::atomic::Ordering;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::backend::{Backend, BackendCounts, EndpointHealth};

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
pub(super) struct BackendLabels {
    pub(super) backend: String,
}

/// Endpoints are those that are configured or that a name stands for: no caller can add to them.
#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct EndpointLabels {
    backend: String,
    endpoint: String,
}

/// All of them.
#[derive(Clone, Default, Debug)]
pub(super) struct BackendMetrics {
    connections: Family<BackendLabels, Gauge>,
    idle: Family<BackendLabels, Gauge>,
    calls: Family<BackendLabels, Gauge>,
    waiting: Family<BackendLabels, Gauge>,
    retries: Family<BackendLabels, Counter>,
    healthy: Family<EndpointLabels, Gauge>,
    pending: Family<EndpointLabels, Gauge>,
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
        registry.register("backend_retries", "Calls that were sent again", all.retries.clone());
        registry.register("endpoint_healthy", "Whether calls go to an endpoint", all.healthy.clone());
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
        [&self.connections, &self.idle, &self.calls, &self.waiting].iter().for_each(|family| family.clear());
        self.retries.clear();
        self.healthy.clear();
        self.pending.clear();
        self.ejections.clear();
    }

    /// Sets those of one backend.
    pub(super) fn set(&self, backend: &Backend) {
        let labels = BackendLabels { backend: backend.name.to_string() };
        let BackendCounts { open, idle, calls, waiting, retries } = backend.counts();
        self.connections.get_or_create(&labels).set(gauge(open));
        self.idle.get_or_create(&labels).set(gauge(idle));
        self.calls.get_or_create(&labels).set(gauge(calls));
        self.waiting.get_or_create(&labels).set(gauge(waiting));
        self.retries.get_or_create(&labels).inner().store(retries, Ordering::Relaxed);
        for endpoint in backend.endpoints() {
            let labels =
                EndpointLabels { backend: backend.name.to_string(), endpoint: endpoint.address.to_string() };
            let healthy = endpoint.health == EndpointHealth::Healthy;
            self.healthy.get_or_create(&labels).set(healthy.into());
            self.pending.get_or_create(&labels).set(gauge(endpoint.pending));
            self.ejections.get_or_create(&labels).inner().store(endpoint.ejections, Ordering::Relaxed);
        }
    }
}

fn gauge(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
