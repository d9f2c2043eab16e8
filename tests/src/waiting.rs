//! Waiting for what happens on another thread.

use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long anything may take that happens at all, on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Waits until the condition holds.
///
/// # Panics
/// Where it does not within [`PATIENCE`].
#[track_caller]
pub fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < end, "this never came true: {what}");
        sleep(Duration::from_millis(1));
    }
}
