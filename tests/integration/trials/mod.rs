//! Trials: many calls while something goes wrong on purpose.
//!
//! `cargo test` runs each in a short form. `THRIFTGATE_TRIAL_CALLS` says how many calls a trial makes instead; the
//! long forms are run by hand, against a release build, and print what they saw:
//!
//! ```text
//! THRIFTGATE_TRIAL_CALLS=1000000 cargo test --release -p thriftgate-tests --test integration \
//!     trials::tokens -- --nocapture
//! THRIFTGATE_TRIAL_CALLS=100000 cargo test --release -p thriftgate-tests --test integration \
//!     trials:: -- --nocapture
//! ```
//!
//! What is measured in time needs the machine for itself. The bounds on it are checked in a release build and
//! relaxed in others, which `cargo test` runs beside each other.

mod endpoints;
mod overload;
mod restarts;
mod tokens;

use std::env;
use std::fmt::Display;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How many calls a trial makes whose short form makes `short`.
fn calls(short: usize) -> usize {
    match env::var("THRIFTGATE_TRIAL_CALLS") {
        Ok(calls) => calls.parse().expect("THRIFTGATE_TRIAL_CALLS is a number"),
        Err(_) => short,
    }
}

/// One trial at a time: each is to find out what the gateway does to calls, not what another trial does.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A bound on a time: as it is in a release build, and two hundred times that in others.
fn bound(time: Duration) -> Duration {
    if cfg!(debug_assertions) { time * 200 } else { time }
}

/// Prints what was seen, for whoever looks.
#[expect(clippy::print_stderr, reason = "the figures of a trial are what a long one is run for")]
fn report(trial: &str, seen: impl Display) {
    eprintln!("{trial}: {seen}");
}
