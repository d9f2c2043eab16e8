//! Reloading by itself when a file changes.
//!
//! Directories are watched, not files: an editor puts a new file in the place of the old one, and Kubernetes swaps a
//! symbolic link beside it. An event wakes the watcher and says no more; what changed is found by comparing the files
//! with what was noted when they were read.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::event::{AccessKind, AccessMode};
use notify::{ErrorKind, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;
use tokio::time::sleep;

use super::{Files, Reloader, Trigger};

/// What changed has to stay as it is for this long before it is read.
const QUIET: Duration = Duration::from_millis(100);
/// What never stays as it is, is read all the same after this many times [`QUIET`].
const MOST_PAUSES: usize = 20;
/// How often files are compared where the system does not tell of changes.
const POLL: Duration = Duration::from_secs(2);
/// As many symbolic links are followed, as Linux does.
const MOST_LINKS: usize = 40;

/// Reloads whenever a file changes, for as long as the configuration wants that. Never returns.
pub(crate) async fn watch(reloader: Arc<Reloader>) {
    let mut attempts = reloader.attempts.subscribe();
    let changed = Arc::new(Notify::new());
    let mut warned = false;
    loop {
        attempts.mark_unchanged();
        let (files, enabled) = {
            let current = reloader.current.lock().await;
            (current.files.clone(), current.settings.reload.watch)
        };
        let watcher = if enabled { watcher(&files, changed.clone()).await } else { Ok(None) };
        if let Err(error) = &watcher
            && !std::mem::replace(&mut warned, true)
        {
            tracing::warn!(%error, "files are not watched but looked at every {} seconds", POLL.as_secs());
        }
        // What changed before the watcher stood is found without an event.
        changed.notify_one();
        let event = || async {
            match watcher {
                Ok(_) => changed.notified().await,
                Err(_) => sleep(POLL).await,
            }
        };
        loop {
            tokio::select! {
                _ = attempts.changed() => break,
                () = event(), if enabled => {}
            }
            if settled_change(&files).await {
                reloader.reload(Trigger::Watch).await;
                break;
            }
        }
    }
}

/// Whether the files have changed; returns when they have stopped changing.
async fn settled_change(files: &Files) -> bool {
    sleep(QUIET).await;
    let mut seen = again(files).await;
    if seen.is_same(files) {
        return false;
    }
    for _ in 0..MOST_PAUSES {
        sleep(QUIET).await;
        let now = again(files).await;
        if now.is_same(&seen) {
            break;
        }
        seen = now;
    }
    true
}

/// The files as they are now; a file system that is slow to tell keeps nobody waiting but this task.
async fn again(files: &Files) -> Files {
    let before = files.clone();
    tokio::task::spawn_blocking(move || before.again()).await.unwrap_or_default()
}

/// Watches every directory in which a change may matter to the files, until it is dropped.
async fn watcher(files: &Files, changed: Arc<Notify>) -> notify::Result<Option<RecommendedWatcher>> {
    let files = files.clone();
    let start = move || {
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            if event.is_ok_and(|event| !is_reading(event.kind)) {
                changed.notify_one();
            }
        })?;
        for directory in directories(&files) {
            match watcher.watch(&directory, RecursiveMode::NonRecursive) {
                // It has just gone, which is a change to be found when the files are compared.
                Err(notify::Error { kind: ErrorKind::PathNotFound, .. }) => {}
                watched => watched?,
            }
        }
        Ok(Some(watcher))
    };
    tokio::task::spawn_blocking(start).await.unwrap_or_else(|_| Err(notify::Error::generic("it panicked")))
}

/// Whether somebody opened or read a file, as the gateway does itself.
fn is_reading(kind: EventKind) -> bool {
    matches!(kind, EventKind::Access(access) if access != AccessKind::Close(AccessMode::Write))
}

/// The directories that exist in which a path, or a symbolic link on the way to it, may be replaced.
fn directories(files: &Files) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for path in files.paths() {
        if path.is_dir() {
            found.insert(path.to_owned());
        }
        add_directories(path, MOST_LINKS, &mut found);
    }
    found
}

fn add_directories(path: &Path, links: usize, found: &mut BTreeSet<PathBuf>) {
    let Ok(path) = std::path::absolute(path) else { return };
    // Where the directory itself is missing, it will appear in one above it.
    found.extend(path.ancestors().skip(1).find(|directory| directory.is_dir()).map(Path::to_owned));
    for link in path.ancestors() {
        let (Ok(target), Some(directory)) = (link.read_link(), link.parent()) else { continue };
        found.insert(directory.to_owned());
        if let (Some(links), Ok(rest)) = (links.checked_sub(1), path.strip_prefix(link)) {
            add_directories(&directory.join(target).join(rest), links, found);
        }
    }
}
