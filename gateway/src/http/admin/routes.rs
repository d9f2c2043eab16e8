//! What each URL leads to.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::json as page;
use crate::reload::Reloader;
use crate::snapshot::listing::listing;

/// Every method of every route for anybody, and for the callers of each group.
pub(super) async fn show(State(reloader): State<Arc<Reloader>>) -> Response {
    let snapshot = reloader.process.snapshot.load();
    let of_group = |group| listing(&snapshot, Some(group)).into();
    let groups = &snapshot.policy.groups;
    let groups: Map<String, Value> =
        groups.iter().map(|group| (group.settings.name.clone(), of_group(group))).collect();
    page(&json!({"routes": listing(&snapshot, None), "groups": groups}))
}
