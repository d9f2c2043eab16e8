//! The metrics, for Prometheus.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};

use crate::reload::Reloader;

/// The media type of Prometheus' OpenMetrics text.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// All of them, as they are now.
pub(super) async fn show(State(reloader): State<Arc<Reloader>>) -> Response {
    let process = &reloader.process;
    match process.metrics.encode(process) {
        Ok(text) => ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
