//! Calls over a socket: framed, or one message after the other.

use std::ops::Range;
use std::time::Instant;

use thriftgate_protocols::framing::{Framing, FramingLimits, Transport};
use thriftgate_protocols::wire::Protocol;
use tokio::time::timeout_at;

use super::error::{BackendError, BackendErrorKind};
use super::pool::{InUse, Lease};

/// How messages are delimited on a socket.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wire {
    pub(super) transport: Transport,
    pub(super) protocol: Protocol,
    pub(super) limits: FramingLimits,
}

/// A message on the connection that it came by. Dropped, the connection is closed.
#[derive(Debug)]
pub(super) struct Received {
    lease: Lease,
    body: Range<usize>,
    clean: bool,
}

impl Received {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.lease.connection().bytes()[self.body.clone()]
    }

    /// Returns the connection to the pool, unless it brought more than the message.
    pub(super) fn accept(self) {
        if self.clean {
            self.lease.give_back();
        }
    }
}

impl Wire {
    /// Sends a message and waits for the one that answers it.
    pub(super) async fn exchange(
        self,
        in_use: InUse,
        core: usize,
        message: &[u8],
        deadline: Instant,
    ) -> Result<Received, BackendError> {
        let mut lease = send(in_use, core, message, deadline).await?;
        let framing = Framing::new(self.transport, self.protocol, self.limits);
        let received = timeout_at(deadline.into(), lease.connection_mut().receive(framing)).await;
        let received = received.map_err(|_| BackendError::new(BackendErrorKind::Deadline, true))??;
        Ok(Received { lease, body: received.body, clean: received.clean })
    }
}

/// Writes a message to a connection. A pooled one that turns out to be dead before the first byte left is
/// replaced once.
pub(super) async fn send(
    in_use: InUse,
    core: usize,
    message: &[u8],
    deadline: Instant,
) -> Result<Lease, BackendError> {
    let (mut lease, mut reused) = Lease::take(in_use, core, deadline).await?;
    loop {
        match timeout_at(deadline.into(), lease.connection_mut().send(message)).await {
            Ok(Ok(())) => return Ok(lease),
            Ok(Err(error)) if reused && !error.sent => reused = lease.renew(deadline).await?,
            Ok(Err(error)) => return Err(error),
            Err(_) => return Err(BackendError::new(BackendErrorKind::Deadline, true)),
        }
    }
}
