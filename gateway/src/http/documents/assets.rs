//! The files of the documents page, which are part of the program.

use std::collections::HashMap;

use http::HeaderValue;
use include_dir::{Dir, include_dir};
use tokio::sync::OnceCell;
use tokio::task::{JoinError, spawn_blocking};

use crate::documents::Packed;

/// As `npm run build` leaves them.
static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../openapi/page/dist");
/// The same, compressed when the first of them is asked for.
static ASSETS: OnceCell<HashMap<&str, Asset>> = OnceCell::const_new();
/// The page itself.
const INDEX: &str = "index.html";

/// A file of the page.
#[derive(Debug)]
pub(super) struct Asset {
    pub(super) body: Packed,
    pub(super) content_type: HeaderValue,
    /// Whether its name changes with what it holds.
    pub(super) immutable: bool,
}

/// The file at a path below the page's, which is empty for the page itself; `None` where there is none.
///
/// # Errors
/// Where compressing them panicked.
pub(super) async fn find(path: &str) -> Result<Option<&'static Asset>, JoinError> {
    let assets = ASSETS.get_or_try_init(|| spawn_blocking(read)).await?;
    Ok(assets.get(if path.is_empty() { INDEX } else { path }))
}

fn read() -> HashMap<&'static str, Asset> {
    let mut assets = HashMap::new();
    let mut folders = vec![&FILES];
    while let Some(folder) = folders.pop() {
        folders.extend(folder.dirs());
        for file in folder.files() {
            if let Some(path) = file.path().to_str() {
                let asset = Asset {
                    body: Packed::new(file.contents()),
                    content_type: HeaderValue::from_static(content_type(path)),
                    immutable: path.starts_with("assets/"),
                };
                assets.insert(path, asset);
            }
        }
    }
    assets
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
