//! Calls over a socket: framed, or one message after the other.

use std::ops::Range;

use thriftgate_protocols::framing::{Framing, FramingLimits, Transport};
use thriftgate_protocols::wire::Protocol;
use tokio::time::timeout_at;

use super::error::{BackendError, BackendErrorKind};
use super::pool::{Lease, Pool};
use super::{CallContext, Outgoing};

/// A backend that is reached over sockets.
#[derive(Debug)]
pub(super) struct Sockets {
    pub(super) transport: Transport,
    pub(super) protocol: Protocol,
    pub(super) limits: FramingLimits,
    pub(super) pool: Pool,
}

/// A message on the connection that it came by. Dropped, the connection is closed.
#[derive(Debug)]
pub(super) struct Received<'p> {
    lease: Lease<'p>,
    body: Range<usize>,
    clean: bool,
}

impl Received<'_> {
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

impl Sockets {
    /// Sends a message and waits for the one that answers it.
    pub(super) async fn exchange(
        &self,
        context: &CallContext<'_>,
        message: Outgoing,
    ) -> Result<Received<'_>, BackendError> {
        let mut lease = self.send(context, message).await?;
        let framing = Framing::new(self.transport, self.protocol, self.limits);
        let received = timeout_at(context.deadline.into(), lease.connection_mut().receive(framing)).await;
        let received = received.map_err(|_| BackendError::new(BackendErrorKind::Deadline, true))??;
        Ok(Received { lease, body: received.body, clean: received.clean })
    }

    /// Sends a message that no reply follows.
    pub(super) async fn hand_over(
        &self,
        context: &CallContext<'_>,
        message: Outgoing,
    ) -> Result<(), BackendError> {
        self.send(context, message).await?.give_back();
        Ok(())
    }

    /// Writes a message to a connection. A pooled one that turns out to be dead before the first byte left
    /// is replaced once.
    async fn send(
        &self,
        context: &CallContext<'_>,
        mut message: Outgoing,
    ) -> Result<Lease<'_>, BackendError> {
        let deadline = context.deadline.into();
        let bytes = message.on(self.transport);
        loop {
            let leased = timeout_at(deadline, self.pool.lease(context.core)).await;
            let (mut lease, reused) =
                leased.map_err(|_| BackendError::new(BackendErrorKind::Deadline, false))??;
            match timeout_at(deadline, lease.connection_mut().send(bytes)).await {
                Ok(Ok(())) => return Ok(lease),
                Ok(Err(error)) if reused && !error.sent => {}
                Ok(Err(error)) => return Err(error),
                Err(_) => return Err(BackendError::new(BackendErrorKind::Deadline, true)),
            }
        }
    }
}
