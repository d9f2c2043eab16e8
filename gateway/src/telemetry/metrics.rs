//! The metrics, in Prometheus' text format.
//!
//! Each method holds the handles of its own time series, made when the snapshot is built or on first use,
//! so that a call looks up no label. Labels come from the configuration and the IDL alone, never from what a
//! client sends.

use std::fmt;
use std::sync::Arc;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::backends::{BackendLabels, BackendMetrics};
use super::method::Methods;
use super::{MethodMetrics, ReloadMetrics};

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct MirrorLabels {
    backend: Arc<str>,
    outcome: &'static str,
}

/// All metrics of the process.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    methods: Methods,
    mirrored: Family<MirrorLabels, Counter>,
    discovery_failures: Family<BackendLabels, Counter>,
    backends: BackendMetrics,
    /// Client connections open now
    pub connections: Gauge,
    /// Calls refused before a method was known
    pub unrouted: MethodMetrics,
    /// How reloads ended
    pub reloads: ReloadMetrics,
    /// Lines that the audit log lost
    pub audit_lost: Counter,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("thriftgate");
        let methods = Methods::register(&mut registry);
        let reloads = ReloadMetrics::register(&mut registry);
        let backends = BackendMetrics::register(&mut registry);
        let connections = Gauge::default();
        let mirrored = Family::default();
        let discovery_failures = Family::default();
        registry.register(
            "discovery_failures",
            "Times that a name of a backend was not resolved",
            discovery_failures.clone(),
        );
        registry.register(
            "mirrored_calls",
            "Calls sent a second time, by what became of them",
            mirrored.clone(),
        );
        registry.register("client_connections", "Open client connections", connections.clone());
        let audit_lost = Counter::default();
        registry.register(
            "audit_lines_lost",
            "Lines of the audit log that could not be written",
            audit_lost.clone(),
        );
        let unrouted = methods.get("", "", "");
        Self {
            registry,
            methods,
            mirrored,
            discovery_failures,
            backends,
            connections,
            unrouted,
            reloads,
            audit_lost,
        }
    }
}

impl Metrics {
    /// The handles of one method.
    #[must_use]
    pub fn method(&self, route: &str, service: &str, method: &str) -> MethodMetrics {
        self.methods.get(route, service, method)
    }

    /// The handles of the calls that are sent to a backend a second time.
    #[must_use]
    pub fn mirror(&self, backend: &str) -> MirrorMetrics {
        let backend: Arc<str> = backend.into();
        let of =
            |outcome| self.mirrored.get_or_create_owned(&MirrorLabels { backend: backend.clone(), outcome });
        MirrorMetrics {
            answered: of("answered"),
            exception: of("exception"),
            failed: of("failed"),
            dropped: of("dropped"),
        }
    }

    /// Counts that a name of a backend was not resolved.
    pub fn discovery_failed(&self, backend: &str) {
        let labels = BackendLabels { backend: backend.to_owned() };
        self.discovery_failures.get_or_create_owned(&labels).inc();
    }

    /// Forgets what was counted of a backend that the configuration no longer has.
    pub fn forget(&self, backend: &str) {
        let labels = |outcome| MirrorLabels { backend: backend.into(), outcome };
        for outcome in ["answered", "exception", "failed", "dropped"] {
            self.mirrored.remove(&labels(outcome));
        }
        self.discovery_failures.remove(&BackendLabels { backend: backend.to_owned() });
    }

    /// Forgets all backends and endpoints, those that are gone among them.
    pub fn forget_backends(&self) {
        self.backends.clear();
    }

    /// Sets the time series of a backend and its endpoints.
    pub fn backend(&self, backend: &crate::backend::Backend) {
        self.backends.set(backend);
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

/// What became of the calls that were sent to a backend a second time.
#[derive(Clone, Debug)]
pub struct MirrorMetrics {
    /// Answered by a result, or oneway and sent
    pub answered: Counter,
    /// Answered by a TApplicationException
    pub exception: Counter,
    /// Not answered, or by what is no answer
    pub failed: Counter,
    /// Not sent, since as many calls or bytes as allowed were held
    pub dropped: Counter,
}
