//! What is under way in the process now.

use std::sync::atomic::Ordering;

use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use super::backends::gauge;
use crate::process::Process;

/// The gauges of the process. They are set when they are asked for, so that a call touches none.
#[derive(Debug, Default)]
pub(super) struct StateMetrics {
    ready: Gauge,
    calls: Gauge,
    bodies: Gauge,
    short_of_memory: Gauge,
}

impl StateMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let all = Self::default();
        registry.register("ready", "Whether a balancer should send calls here", all.ready.clone());
        registry.register("calls_under_way", "Calls under way", all.calls.clone());
        registry.register_with_unit(
            "held_bodies",
            "Bodies of requests that are held",
            Unit::Bytes,
            all.bodies.clone(),
        );
        registry.register(
            "short_of_memory",
            "Whether new calls are refused because too little memory is left",
            all.short_of_memory.clone(),
        );
        all
    }

    pub(super) fn set(&self, process: &Process) {
        self.ready.set(process.readiness().is_ok().into());
        self.calls.set(gauge(process.calls()));
        self.bodies.set(gauge(process.bodies.held()));
        self.short_of_memory.set(process.short_of_memory.load(Ordering::Relaxed).into());
    }
}
