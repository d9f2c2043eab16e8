//! What the supervisor is told of the state of the gateway.

use std::time::Duration;

use sd_notify::NotifyState;

/// What the end may take beside the times that the configuration gives it.
const SLACK: Duration = Duration::from_secs(5);

/// Tells that calls are answered, for the first time or after a reload, with a line for people.
pub(crate) fn ready(status: &str) {
    notify(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// Tells that a reload begins; [`ready`] ends it.
pub(crate) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => notify(&[NotifyState::Reloading, now]),
        Err(error) => tracing::warn!(%error, "the supervisor is not told of a reload"),
    }
}

/// Tells that the end begins, and asks for the time that it may take.
pub(crate) fn stopping(time: Duration) {
    let time = u32::try_from((time + SLACK).as_micros()).unwrap_or(u32::MAX);
    notify(&[
        NotifyState::Stopping,
        NotifyState::ExtendTimeoutUsec(time),
        NotifyState::Status("Ending: calls under way are finished"),
    ]);
}

/// Tells that the gateway lives.
pub(super) fn alive() {
    notify(&[NotifyState::Watchdog]);
}

fn notify(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "the supervisor cannot be told of the gateway's state");
    }
}
