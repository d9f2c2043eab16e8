//! The admin listener: a file a page, and what all of them have.

mod health;
mod log_level;
mod metrics;
mod reload;

use std::sync::Arc;

use axum::Router;
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header;

use super::security_headers;
use crate::reload::Reloader;

/// Everything that the admin listener answers.
pub fn router(reloader: Arc<Reloader>) -> Router {
    Router::new()
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/log-level", get(log_level::show).put(log_level::change))
        .route("/metrics", get(metrics::show))
        .route("/reload", get(reload::show).post(reload::run))
        .layer(map_response(secured))
        .with_state(reloader)
}

async fn secured(mut response: Response) -> Response {
    security_headers::add(response.headers_mut());
    response
}

fn json(value: &serde_json::Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], format!("{value}\n")).into_response()
}
