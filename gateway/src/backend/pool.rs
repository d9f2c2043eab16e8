//! The connections to one endpoint.
//!
//! What must hold for the whole process is shared: the number of connections in use (the permits) and the
//! number that are open. Each core keeps its own idle connections, most recently used first, behind a lock
//! that nobody else touches in the ordinary case.
//!
//! A permit is the right to use a connection, and there are as many permits as connections are allowed. So
//! whoever holds a permit and finds the limit of open connections reached knows that an idle one exists on
//! another core, and adopts it.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio::time::timeout_at;

use super::connection::Connection;
use super::connector::Connector;
use super::endpoint::Endpoint;
use super::error::{BackendError, BackendErrorKind};

/// The connections to one endpoint. Over HTTP they are the client's own, and what is here counts the calls
/// that use one.
#[derive(Debug)]
pub(super) struct Pool {
    pub(super) connector: Connector,
    settings: PoolSettings,
    permits: Semaphore,
    /// Calls that wait for a permit.
    waiting: AtomicUsize,
    queue: Arc<Queue>,
    open: AtomicUsize,
    idle: Box<[Mutex<Vec<Connection>>]>,
    /// Whether no call comes any more, so that no connection is kept.
    retired: AtomicBool,
}

/// The bounds of a [`Pool`].
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct PoolSettings {
    /// Connections that are kept open.
    pub(super) min_connections: usize,
    /// Connections of the whole process to the endpoint.
    pub(super) max_connections: usize,
    /// How long a connection may be idle.
    pub(super) idle_timeout: Duration,
    /// How long a connection may be used.
    pub(super) lifetime: Duration,
    /// Whether a connection serves more than one call.
    pub(super) reuse: bool,
}

/// The calls of a backend that wait for a connection, whatever the endpoint.
#[derive(Debug)]
pub(super) struct Queue {
    limit: usize,
    waiting: AtomicUsize,
}

impl Queue {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, waiting: AtomicUsize::new(0) }
    }

    /// How many wait now.
    pub(super) fn len(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }
}

/// A call that is counted as waiting.
struct Waiting<'p> {
    pool: &'p Pool,
}

impl<'p> Waiting<'p> {
    fn enter(pool: &'p Pool) -> Result<Self, BackendError> {
        pool.waiting.fetch_add(1, Ordering::Relaxed);
        let before = pool.queue.waiting.fetch_add(1, Ordering::Relaxed);
        let waiting = Self { pool };
        if before < pool.queue.limit {
            Ok(waiting)
        } else {
            Err(BackendError::new(BackendErrorKind::Overloaded, false))
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.pool.waiting.fetch_sub(1, Ordering::Relaxed);
        self.pool.queue.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Pool {
    /// An empty pool; `runtimes` is the number of those that will use it.
    pub(super) fn new(
        connector: Connector,
        settings: PoolSettings,
        queue: Arc<Queue>,
        runtimes: usize,
    ) -> Self {
        Self {
            connector,
            settings,
            permits: Semaphore::new(settings.max_connections),
            waiting: AtomicUsize::new(0),
            queue,
            open: AtomicUsize::new(0),
            idle: (0..runtimes).map(|_| Mutex::default()).collect(),
            retired: AtomicBool::new(false),
        }
    }

    /// Takes a permit, which the caller gives back; waits in order while there is none, as far as the bounds
    /// and the deadline allow.
    async fn acquire(&self, deadline: Instant) -> Result<(), BackendError> {
        if let Ok(permit) = self.permits.try_acquire() {
            permit.forget();
            return Ok(());
        }
        let _waiting = Waiting::enter(self)?;
        let permit = timeout_at(deadline.into(), self.permits.acquire()).await;
        match permit {
            Ok(permit) if Instant::now() < deadline => {
                permit.expect("the pool's semaphore is never closed").forget();
                Ok(())
            }
            _ => Err(BackendError::new(BackendErrorKind::DeadlineInQueue, false)),
        }
    }

    /// A new connection, counted against the limit already.
    async fn connect(&self) -> Result<Connection, BackendError> {
        let reservation = Reservation { pool: self };
        let stream = self.connector.connect().await?;
        std::mem::forget(reservation);
        Ok(Connection::new(stream, self.settings.lifetime))
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
            if !self.is_expired(&connection, Instant::now()) && connection.is_reusable() {
                return Some(connection);
            }
            self.close(connection);
        }
    }

    fn is_expired(&self, connection: &Connection, now: Instant) -> bool {
        now.saturating_duration_since(connection.idle_since) >= self.settings.idle_timeout
            || now >= connection.expires
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

    fn idle(&self, core: usize) -> MutexGuard<'_, Vec<Connection>> {
        self.idle[core].lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self, connection: Connection) {
        drop(connection);
        drop(Reservation { pool: self });
    }

    /// Keeps a connection that stands at a message boundary, unless its time is over.
    fn keep(&self, mut connection: Connection, core: usize) {
        connection.rest();
        let over = connection.idle_since >= connection.expires || self.retired.load(Ordering::Acquire);
        if over || !self.settings.reuse {
            self.close(connection);
        } else {
            self.idle(core).push(connection);
        }
    }

    /// Closes the connections that were idle for too long; and, where a minimum is kept, those that died, so
    /// that others take their place.
    pub(super) fn reap(&self, now: Instant) {
        for core in 0..self.idle.len() {
            let closed: Vec<Connection> = {
                let mut idle = self.idle(core);
                let checked = self.settings.min_connections > 0;
                idle.extract_if(.., |connection| {
                    self.is_expired(connection, now) || (checked && !connection.is_reusable())
                })
                .collect()
            };
            closed.into_iter().for_each(|connection| self.close(connection));
        }
    }

    /// Closes every idle connection, and each other when its call ends.
    pub(super) fn retire(&self) {
        self.retired.store(true, Ordering::Release);
        for core in 0..self.idle.len() {
            let closed = std::mem::take(&mut *self.idle(core));
            closed.into_iter().for_each(|connection| self.close(connection));
        }
    }

    /// How many connections are open, and how many of them idle.
    pub(super) fn counts(&self) -> (usize, usize) {
        let idle = (0..self.idle.len()).map(|core| self.idle(core).len()).sum();
        (self.open.load(Ordering::Acquire), idle)
    }

    /// Connections that are missing to the minimum.
    pub(super) fn missing(&self) -> usize {
        self.settings.min_connections.saturating_sub(self.open.load(Ordering::Acquire))
    }

    /// Calls that use a connection.
    pub(super) fn in_use(&self) -> usize {
        self.settings.max_connections.saturating_sub(self.permits.available_permits())
    }

    /// Calls that use a connection or wait for one.
    pub(super) fn pending(&self) -> usize {
        self.in_use() + self.waiting.load(Ordering::Relaxed)
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

/// A permit of an endpoint's pool, given back when dropped.
#[derive(Debug)]
pub(super) struct InUse {
    pub(super) endpoint: Arc<Endpoint>,
}

impl InUse {
    /// Waits in order for a permit.
    pub(super) async fn acquire(endpoint: Arc<Endpoint>, deadline: Instant) -> Result<Self, BackendError> {
        endpoint.pool.acquire(deadline).await?;
        Ok(Self { endpoint })
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        self.endpoint.pool.permits.add_permits(1);
    }
}

/// A connection in use. Dropped, it is closed; only [`Lease::give_back`] returns it to the pool.
#[derive(Debug)]
pub(super) struct Lease {
    connection: Option<Connection>,
    core: usize,
    in_use: InUse,
}

impl Lease {
    /// A connection that no other call uses. The second value tells whether it was used before.
    pub(super) async fn take(
        in_use: InUse,
        core: usize,
        deadline: Instant,
    ) -> Result<(Self, bool), BackendError> {
        let mut lease = Self { connection: None, core, in_use };
        let reused = lease.renew(deadline).await?;
        Ok((lease, reused))
    }

    /// Takes another connection by the same permit, an idle one or a new one, and closes the one that it has.
    /// Tells whether it was used before.
    pub(super) async fn renew(&mut self, deadline: Instant) -> Result<bool, BackendError> {
        self.close();
        let pool = &self.in_use.endpoint.pool;
        let (connection, reused) = loop {
            if let Some(connection) = pool.take_idle(self.core) {
                break (connection, true);
            }
            if pool.reserve() {
                let connected = timeout_at(deadline.into(), pool.connect()).await;
                let connected =
                    connected.map_err(|_| BackendError::new(BackendErrorKind::Deadline, false))?;
                break (connected?, false);
            }
            if let Some(connection) = pool.take_from_another(self.core) {
                break (connection, true);
            }
            // Another permit's holder is between giving a connection back and being counted out.
            tokio::task::yield_now().await;
        };
        self.connection = Some(connection);
        Ok(reused)
    }

    /// Opens one more connection where the minimum wants it and no call is kept waiting for it.
    pub(super) async fn warm(endpoint: Arc<Endpoint>, core: usize) -> Result<(), BackendError> {
        match endpoint.pool.permits.try_acquire() {
            Ok(permit) => permit.forget(),
            Err(_) => return Ok(()),
        }
        let in_use = InUse { endpoint };
        let pool = &in_use.endpoint.pool;
        if pool.missing() > 0 && pool.reserve() {
            pool.keep(pool.connect().await?, core);
        }
        Ok(())
    }

    pub(super) fn connection(&self) -> &Connection {
        self.connection.as_ref().expect("a lease has its connection until it is given back")
    }

    pub(super) fn connection_mut(&mut self) -> &mut Connection {
        self.connection.as_mut().expect("a lease has its connection until it is given back")
    }

    fn close(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.in_use.endpoint.pool.close(connection);
        }
    }

    /// Returns the connection to the pool: the caller has shown that it stands at a message boundary.
    pub(super) fn give_back(mut self) {
        if let Some(connection) = self.connection.take() {
            self.in_use.endpoint.pool.keep(connection, self.core);
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.close();
    }
}
