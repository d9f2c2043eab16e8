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
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use super::backends::{BackendLabels, BackendMetrics};
use super::method::Methods;
use super::refusals::Refusals;
use super::state::StateMetrics;
use super::usage::Usage;
use super::{BackendDuration, GroupRefusals, MethodMetrics, ReloadMetrics, log};
use crate::process::Process;
use crate::version::COMMIT;

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
    refusals: Refusals,
    mirrored: Family<MirrorLabels, Counter>,
    discovery_failures: Family<BackendLabels, Counter>,
    backends: BackendMetrics,
    state: StateMetrics,
    /// Client connections open now
    pub connections: Gauge,
    /// Calls refused before a route was known
    pub unrouted: MethodMetrics,
    /// Refusals of callers who are not known
    pub refused_unknown: GroupRefusals,
    /// How reloads ended
    pub reloads: ReloadMetrics,
    /// Lines that the access log lost
    pub access_lost: Counter,
    /// Lines that the audit log lost
    pub audit_lost: Counter,
    /// Spans that did not reach the collector
    pub spans_lost: Counter,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut whole = Registry::default();
        whole.register_collector(Box::new(Usage::begin()));
        let registry = whole.sub_registry_with_prefix("thriftgate");
        registry.register(
            "build",
            "What is running",
            Info::new([("version", env!("CARGO_PKG_VERSION")), ("commit", COMMIT)]),
        );
        let (methods, refusals) = (Methods::default(), Refusals::default());
        registry.register_collector(Box::new(methods.clone()));
        registry.register_collector(Box::new(refusals.clone()));
        let reloads = ReloadMetrics::register(registry);
        let backends = BackendMetrics::register(registry);
        let state = StateMetrics::register(registry);
        let (mirrored, discovery_failures) = (Family::default(), Family::default());
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
        let connections = Gauge::default();
        registry.register("client_connections", "Open client connections", connections.clone());
        let lost = |registry: &mut Registry, name, of, counter: Counter| {
            let help = format!("Lines of the {of} that could not be written");
            registry.register(name, help, counter.clone());
            counter
        };
        let access_lost = lost(registry, "access_lines_lost", "access log", Counter::default());
        let audit_lost = lost(registry, "audit_lines_lost", "audit log", Counter::default());
        let spans_lost = Counter::default();
        let help = "Spans of calls that did not reach the collector";
        registry.register("spans_lost", help, spans_lost.clone());
        lost(registry, "log_lines_lost", "log of the process", log::lost());
        Self {
            unrouted: methods.get([""; 3], &[]),
            refused_unknown: refusals.of(""),
            registry: whole,
            methods,
            refusals,
            mirrored,
            discovery_failures,
            backends,
            state,
            connections,
            reloads,
            access_lost,
            audit_lost,
            spans_lost,
        }
    }
}

impl Metrics {
    /// The handles of one method; `exceptions` are the names of those that it declares, by their positions in its result.
    #[must_use]
    pub fn method(
        &self,
        route: &str,
        service: &str,
        method: &str,
        exceptions: &[Option<Arc<str>>],
    ) -> MethodMetrics {
        self.methods.get([route, service, method], exceptions)
    }

    /// The handles of the calls on a route whose method is not known.
    #[must_use]
    pub fn route(&self, route: &str) -> MethodMetrics {
        self.methods.get([route, "", ""], &[])
    }

    /// Where the time is counted that a backend takes for the calls of a method.
    #[must_use]
    pub fn backend_duration(&self, names: [&str; 3], backend: &str) -> BackendDuration {
        self.methods.backend(names, backend)
    }

    /// The refusals of the callers of a group.
    #[must_use]
    pub fn refusals(&self, group: &str) -> GroupRefusals {
        self.refusals.of(group)
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
        let labels = BackendLabels { backend: Arc::from(backend) };
        self.discovery_failures.get_or_create_owned(&labels).inc();
    }

    /// Forgets what was counted of a backend that the configuration no longer has.
    pub fn forget(&self, backend: &str) {
        let labels = |outcome| MirrorLabels { backend: Arc::from(backend), outcome };
        for outcome in ["answered", "exception", "failed", "dropped"] {
            self.mirrored.remove(&labels(outcome));
        }
        self.discovery_failures.remove(&BackendLabels { backend: Arc::from(backend) });
    }

    /// The text that Prometheus reads, of everything as it is now.
    ///
    /// # Errors
    /// None that a `String` can cause.
    pub fn encode(&self, process: &Process) -> Result<String, fmt::Error> {
        self.backends.clear();
        process.snapshot.load().backends.iter().for_each(|backend| self.backends.set(backend));
        self.state.set(process);
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
