//! The level of the log, which can be changed while the gateway runs: until the next reload that changes it, or the end.

use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use thriftgate_config::LogLevel;

use super::json as page;
use crate::telemetry;

/// A level, as `{"level":"debug"}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    level: LogLevel,
}

/// The level now.
pub(super) async fn show() -> Response {
    page(&json!({"level": telemetry::level().map(word)}))
}

/// Changes it to what the body says: `debug`, or `{"level":"debug"}`.
pub(super) async fn change(body: String) -> Response {
    let body = body.trim();
    let wanted = match serde_json::from_str::<Wanted>(body) {
        Ok(Wanted { level }) => Some(level),
        Err(_) => LEVELS.into_iter().find(|level| word(*level) == body),
    };
    let Some(level) = wanted else {
        let levels: Vec<&str> = LEVELS.into_iter().map(word).collect();
        let message = format!("the body is a level, which is one of {}", levels.join(", "));
        return refused(StatusCode::BAD_REQUEST, &message);
    };
    let before = telemetry::level();
    telemetry::set_level(level);
    if telemetry::level() != Some(level) {
        return refused(StatusCode::CONFLICT, "there is no log whose level could be changed");
    }
    tracing::warn!(before = before.map(word), now = word(level), "the level of the log is another");
    show().await
}

fn refused(status: StatusCode, message: &str) -> Response {
    let mut response = page(&json!({"error": message}));
    *response.status_mut() = status;
    response
}

const LEVELS: [LogLevel; 5] =
    [LogLevel::Error, LogLevel::Warn, LogLevel::Info, LogLevel::Debug, LogLevel::Trace];

fn word(level: LogLevel) -> &'static str {
    match level {
        LogLevel::Error => "error",
        LogLevel::Warn => "warn",
        LogLevel::Info => "info",
        LogLevel::Debug => "debug",
        LogLevel::Trace => "trace",
    }
}
