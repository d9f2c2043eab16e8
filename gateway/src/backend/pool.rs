//! The connections to one endpoint.
//!
//! What must hold for the whole process is shared: the number of connections in use (the permits) and the
//! number that are open. Each core keeps its own idle connections, most recently used first, behind a lock
//! that nobody else touches in the ordinary case.
//!
//! A permit is the right to use a connection, and there are as many permits as connections are allowed. So
//! whoever holds a permit and finds the limit of open connections reached knows that an idle one exists on
//! another core, and adopts it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::connection::Connection;
use super::endpoint::Endpoint;
use super::error::{BackendError, BackendErrorKind};

/// The connections to one endpoint.
#[derive(Debug)]
pub(super) struct Pool {
    endpoint: Endpoint,
    settings: PoolSettings,
    permits: Semaphore,
    open: AtomicUsize,
    idle: Box<[Mutex<Vec<Connection>>]>,
}

/// The bounds of a [`Pool`].
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct PoolSettings {
    /// Connections of the whole process to the endpoint.
    pub(super) max_connections: usize,
    /// How long connecting may take.
    pub(super) connect_timeout: Duration,
    /// How long a connection may be idle.
    pub(super) idle_timeout: Duration,
    /// Whether a connection serves more than one call.
    pub(super) reuse: bool,
}

impl Pool {
    /// An empty pool; `cores` is the number of runtimes that will use it.
    pub(super) fn new(endpoint: Endpoint, settings: PoolSettings, cores: usize) -> Self {
        Self {
            endpoint,
            settings,
            permits: Semaphore::new(settings.max_connections),
            open: AtomicUsize::new(0),
            idle: (0..cores).map(|_| Mutex::default()).collect(),
        }
    }

    /// A connection that no call uses: an idle one, or a new one; waits in order while all are in use. The
    /// second value tells whether it was used before.
    pub(super) async fn lease(&self, core: usize) -> Result<(Lease<'_>, bool), BackendError> {
        let permit = self.permits.acquire().await.expect("the pool's semaphore is never closed");
        loop {
            if let Some(connection) = self.take_idle(core) {
                return Ok((self.lend(connection, permit, core), true));
            }
            if self.reserve() {
                let connection = self.connect().await?;
                return Ok((self.lend(connection, permit, core), false));
            }
            if let Some(connection) = self.take_from_another(core) {
                return Ok((self.lend(connection, permit, core), true));
            }
            // Another permit's holder is between giving a connection back and being counted out.
            tokio::task::yield_now().await;
        }
    }

    /// A new connection, counted against the limit already.
    async fn connect(&self) -> Result<Connection, BackendError> {
        let reservation = Reservation { pool: self };
        let connected = tokio::time::timeout(self.settings.connect_timeout, self.endpoint.connect());
        let stream = connected.await.unwrap_or_else(|_| {
            let error = std::io::ErrorKind::TimedOut.into();
            Err(BackendError::new(BackendErrorKind::Connect(error), false))
        })?;
        std::mem::forget(reservation);
        Ok(Connection::new(stream))
    }

    fn lend<'p>(&'p self, connection: Connection, permit: SemaphorePermit<'p>, core: usize) -> Lease<'p> {
        Lease { connection: Some(connection), pool: self, core, _permit: permit }
    }

    /// Counts one connection more, unless the limit is reached.
    fn reserve(&self) -> bool {
        let limit = self.settings.max_connections;
        self.open
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |open| (open < limit).then_some(open + 1))
            .is_ok()
    }

    /// The most recently used idle connection of this core that is still good.
    fn take_idle(&self, core: usize) -> Option<Connection> {
        loop {
            let mut connection = self.idle(core).pop()?;
            if connection.idle_since.elapsed() < self.settings.idle_timeout && connection.is_reusable() {
                return Some(connection);
            }
            self.close(connection);
        }
    }

    /// An idle connection of another core, moved to this one. One that cannot be moved is closed, which
    /// makes room for a new one.
    fn take_from_another(&self, core: usize) -> Option<Connection> {
        for other in (0..self.idle.len()).filter(|&other| other != core) {
            if let Some(connection) = self.take_idle(other) {
                let adopted = connection.adopt();
                if adopted.is_err() {
                    drop(Reservation { pool: self });
                }
                return adopted.ok();
            }
        }
        None
    }

    fn idle(&self, core: usize) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle[core].lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self, connection: Connection) {
        drop(connection);
        drop(Reservation { pool: self });
    }

    /// Closes the connections that were idle for too long.
    pub(super) fn reap(&self, now: Instant) {
        for core in 0..self.idle.len() {
            let expired: Vec<Connection> = {
                let mut idle = self.idle(core);
                // The least recently used stand first.
                let keep = idle.partition_point(|connection| {
                    now.saturating_duration_since(connection.idle_since) >= self.settings.idle_timeout
                });
                idle.drain(..keep).collect()
            };
            expired.into_iter().for_each(|connection| self.close(connection));
        }
    }

    /// How many connections are open, and how many of them idle.
    pub(super) fn counts(&self) -> (usize, usize) {
        let idle = (0..self.idle.len()).map(|core| self.idle(core).len()).sum();
        (self.open.load(Ordering::Acquire), idle)
    }
}

/// One count of the open connections, given back when dropped.
struct Reservation<'p> {
    pool: &'p Pool,
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        self.pool.open.fetch_sub(1, Ordering::AcqRel);
    }
}

/// A connection in use. Dropped, it is closed; only [`Lease::give_back`] returns it to the pool.
#[derive(Debug)]
pub(super) struct Lease<'p> {
    connection: Option<Connection>,
    pool: &'p Pool,
    core: usize,
    _permit: SemaphorePermit<'p>,
}

impl Lease<'_> {
    pub(super) fn connection(&self) -> &Connection {
        self.connection.as_ref().expect("a lease has its connection until it is given back")
    }

    pub(super) fn connection_mut(&mut self) -> &mut Connection {
        self.connection.as_mut().expect("a lease has its connection until it is given back")
    }

    /// Returns the connection to the pool: the caller has shown that it stands at a message boundary.
    pub(super) fn give_back(mut self) {
        if self.pool.settings.reuse
            && let Some(mut connection) = self.connection.take()
        {
            connection.rest();
            self.pool.idle(self.core).push(connection);
        }
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.pool.close(connection);
        }
    }
}
