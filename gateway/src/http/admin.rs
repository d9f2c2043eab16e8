//! The admin listener: health, readiness, metrics, reload.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderMap, StatusCode, header};

use super::security_headers;
use crate::reload::{Refusal, Reloader, Trigger};

/// The media type of Prometheus' OpenMetrics text.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// `/healthz`, `/readyz`, `/metrics` and `/reload`.
pub fn router(reloader: Arc<Reloader>) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .route("/reload", get(reload_status).post(reload))
        .layer(map_response(secured))
        .with_state(reloader)
}

async fn secured(mut response: Response) -> Response {
    security_headers::add(response.headers_mut());
    response
}

async fn ready(State(reloader): State<Arc<Reloader>>) -> (StatusCode, &'static str) {
    if reloader.process.is_ready() {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    }
}

async fn metrics(State(reloader): State<Arc<Reloader>>) -> Response {
    let process = &reloader.process;
    let snapshot = process.snapshot.load();
    process.metrics.forget_backends();
    snapshot.backends.iter().for_each(|backend| process.metrics.backend(backend));
    match process.metrics.encode() {
        Ok(text) => ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// The version in effect, and how the last attempt to change it ended.
async fn reload_status(State(reloader): State<Arc<Reloader>>) -> Response {
    json(&reloader.status().to_json())
}

/// Reloads: 200 says what changed; 422 what is wrong with the files, 409 why what is right is refused, as text.
async fn reload(State(reloader): State<Arc<Reloader>>, headers: HeaderMap) -> Response {
    if headers.contains_key(header::ORIGIN) {
        // Only a browser sends it, for a page that may be anybody's.
        return (StatusCode::FORBIDDEN, "reload is not for browsers\n").into_response();
    }
    let attempt = reloader.reload(Trigger::Request).await;
    let refusal = match &attempt.outcome {
        Ok(_) => return json(&attempt.to_json()),
        Err(refusal) => refusal,
    };
    let status = match refusal {
        Refusal::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::NeedsRestart(_) | Refusal::Breaking(_) | Refusal::Unsettled => StatusCode::CONFLICT,
        Refusal::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    };
    (status, format!("{refusal}\n")).into_response()
}

fn json(value: &serde_json::Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], format!("{value}\n")).into_response()
}
