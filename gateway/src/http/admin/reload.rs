//! Reloading by request, and how the last attempt ended.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use super::json;
use crate::reload::{Refusal, Reloader, Trigger};

/// The version in effect, and how the last attempt to change it ended.
pub(super) async fn show(State(reloader): State<Arc<Reloader>>) -> Response {
    json(&reloader.status().to_json())
}

/// Reloads: 200 says what changed; 422 what is wrong with the files, 409 why what is right is refused, as text.
pub(super) async fn run(State(reloader): State<Arc<Reloader>>) -> Response {
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
