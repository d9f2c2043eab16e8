//! What runs.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde_json::json;

use super::json as page;
use crate::reload::Reloader;
use crate::version::COMMIT;

/// The version of the program and that of the configuration, which counts the reloads.
pub(super) async fn show(State(reloader): State<Arc<Reloader>>) -> Response {
    let status = reloader.status();
    page(&json!({
        "version": env!("CARGO_PKG_VERSION"),
        "commit": COMMIT,
        "pid": std::process::id(),
        "configuration": {
            "version": status.version,
            "since": humantime::format_rfc3339_millis(status.since).to_string(),
        },
    }))
}
