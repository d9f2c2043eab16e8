//! The backends and their endpoints, as they do now.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::json as page;
use crate::backend::{Backend, EndpointStatus};
use crate::reload::Reloader;

/// All of them, in the order of the configuration.
pub(super) async fn show(State(reloader): State<Arc<Reloader>>) -> Response {
    let snapshot = reloader.process.snapshot.load();
    page(&snapshot.backends.iter().map(|backend| of(backend)).collect())
}

fn of(backend: &Backend) -> Value {
    let (settings, counts) = (backend.settings(), backend.counts());
    let failures: Map<String, Value> =
        backend.failures().map(|(kind, count)| (kind.to_owned(), count.into())).collect();
    json!({
        "name": backend.name,
        "speaks": backend.description(),
        "healthy": backend.is_well(),
        "calls": {"under_way": counts.calls, "waiting": counts.waiting, "limit": settings.max_calls},
        "connections": {"open": counts.open, "idle": counts.idle, "limit": settings.max_connections},
        "retries": counts.retries,
        "failures": failures,
        "endpoints": backend.endpoints().iter().map(endpoint).collect::<Value>(),
    })
}

fn endpoint(status: &EndpointStatus) -> Value {
    json!({
        "address": status.address.to_string(),
        "weight": status.weight,
        "health": status.health.word(),
        "calls": status.pending,
        "connections": {"open": status.open, "idle": status.idle},
        "ejections": status.ejections,
        "latency_ms": status.latency.map(|latency| latency.as_secs_f64() * 1e3),
    })
}
