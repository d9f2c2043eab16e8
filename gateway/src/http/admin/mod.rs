//! The admin listener: a file a page, and what all of them have.

mod backends;
mod config;
mod guard;
mod health;
mod log_level;
mod metrics;
mod reload;
mod routes;
mod version;

use std::fmt::Write;
use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use http::header;

use super::security_headers;
use crate::reload::Reloader;

/// A page of the admin listener.
struct Page {
    path: &'static str,
    /// The methods that it takes.
    verbs: &'static str,
    /// What it shows or does, for the list of pages.
    about: &'static str,
    answer: MethodRouter<Arc<Reloader>>,
}

/// Every page, in the order of the list.
fn pages() -> Vec<Page> {
    let page = |path, verbs, about, answer| Page { path, verbs, about, answer };
    vec![
        page("/", "GET", "this list", get(list)),
        page("/healthz", "GET", "whether the process lives", get(health::live)),
        page("/readyz", "GET", "whether calls should be sent here, and why not", get(health::ready)),
        page("/metrics", "GET", "metrics, for Prometheus", get(metrics::show)),
        page("/config", "GET", "the settings in effect, secrets masked", get(config::show)),
        page("/backends", "GET", "backends and endpoints: health, connections, latency", get(backends::show)),
        page("/routes", "GET", "what each URL leads to, for anybody and for each group", get(routes::show)),
        page("/version", "GET", "what runs, and since when by which configuration", get(version::show)),
        page(
            "/log-level",
            "GET PUT",
            "the level of the log, which PUT changes",
            get(log_level::show).put(log_level::change),
        ),
        page(
            "/reload",
            "GET POST",
            "how the last reload ended; POST reloads",
            get(reload::show).post(reload::run),
        ),
    ]
}

/// Everything that the admin listener answers.
pub fn router(reloader: Arc<Reloader>) -> Router {
    let add = |router: Router<_>, page: Page| router.route(page.path, page.answer);
    pages()
        .into_iter()
        .fold(Router::new(), add)
        .layer(from_fn_with_state(reloader.clone(), guard::check))
        .layer(map_response(secured))
        .with_state(reloader)
}

/// The list of the pages.
async fn list() -> String {
    let mut text = String::new();
    for Page { path, verbs, about, .. } in pages() {
        writeln!(text, "{path:12} {verbs:9} {about}").expect("writing to a string cannot fail");
    }
    text
}

async fn secured(mut response: Response) -> Response {
    security_headers::add(response.headers_mut());
    response
}

fn json(value: &serde_json::Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], format!("{value:#}\n")).into_response()
}
