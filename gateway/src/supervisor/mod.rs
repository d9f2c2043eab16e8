//! The process that watches over this one, as systemd does: what it passes, what it is told, and that it is told in time
//! that the gateway lives. Without one nothing of this has an effect.
//!
//! The protocols are those of `sd_listen_fds(3)` and `sd_notify(3)`, over environment variables that the supervisor sets.

mod sockets;
mod states;
mod watchdog;

pub use sockets::Inherited;
pub(crate) use states::{ready, reloading, stopping};
pub(crate) use watchdog::attend as attend_watchdog;
