//! Whether the process lives, and whether a balancer should send calls to it.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;

use crate::reload::Reloader;

/// Answers as long as the process can.
pub(super) async fn live() -> &'static str {
    "ok\n"
}

/// 200 where calls are welcome, 503 and why where not.
pub(super) async fn ready(State(reloader): State<Arc<Reloader>>) -> (StatusCode, String) {
    match reloader.process.readiness() {
        Ok(()) => (StatusCode::OK, "ready\n".to_owned()),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {why}\n")),
    }
}
