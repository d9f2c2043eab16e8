//! The settings in effect.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::json;
use crate::reload::Reloader;

/// All of them, defaults filled in, secrets masked.
pub(super) async fn show(State(reloader): State<Arc<Reloader>>) -> Response {
    json(&reloader.process.snapshot.load().settings.shown())
}
