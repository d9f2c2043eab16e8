//! Load: calls with a token of their own each, and what became of every one of them.
//!
//! The methods called are those of `everything.thrift` that answer their integer, so that the token is both
//! what is sent and what has to come back. One thread sends it all, over plain HTTP/1.1.

mod connection;
mod fates;
mod random;

pub use fates::{Fate, Fates, Refusal};
pub use random::Random;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::ops::Range;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::runtime::Builder;
use tokio::task::{JoinSet, LocalSet};
use tokio::time::{sleep, sleep_until};

use connection::Connection;

/// A method that answers its integer and may be called once. Tokens have 31 bits.
pub const ONCE: &str = "echoI32";
/// One that a configuration may mark idempotent.
pub const IDEMPOTENT: &str = "echoI64";

/// What to call, and how fast.
#[derive(Clone, Debug)]
pub struct Load {
    /// The path of the route
    pub path: &'static str,
    /// A token for each call
    pub tokens: Range<usize>,
    /// When each is sent
    pub pace: Pace,
    /// The method of a token
    pub method: fn(usize) -> &'static str,
    /// Callers that leave before their reply
    pub leaving: Option<Leaving>,
}

/// When calls are sent.
#[derive(Clone, Copy, Debug)]
pub enum Pace {
    /// By so many callers, each of which waits for its reply before its next call
    Closed(usize),
    /// By so many callers, which together make at most so many calls a second
    Steady(usize, u32),
    /// So many a second, whatever becomes of those before. Latency is measured from the time when a call
    /// should have been sent.
    Open(u32),
}

/// Callers that leave.
#[derive(Clone, Copy, Debug)]
pub struct Leaving {
    /// One of so many does
    pub one_in: u64,
    /// At some time before this, after its call was sent
    pub within: Duration,
}

impl Load {
    /// Calls, and returns when every call has its fate.
    ///
    /// # Panics
    /// Where the system gives no runtime.
    #[must_use]
    pub fn run(&self, address: SocketAddr) -> Fates {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let calling = Rc::new(Calling {
            load: self.clone(),
            address,
            fates: RefCell::new(vec![(Fate::Unsent, Duration::ZERO); self.tokens.len()]),
            idle: RefCell::default(),
            next: Cell::new(self.tokens.start),
        });
        let began = Instant::now();
        LocalSet::new().block_on(&runtime, async {
            match self.pace {
                Pace::Closed(callers) => calling.run_callers(callers, Duration::ZERO).await,
                Pace::Steady(callers, rate) => {
                    let pause = Duration::from_secs_f64(callers as f64 / f64::from(rate));
                    calling.run_callers(callers, pause).await;
                }
                Pace::Open(rate) => calling.keep_time(rate).await,
            }
        });
        let took = began.elapsed();
        drop(runtime);
        Fates::new(calling.fates.take(), self.tokens.start, self.method, took)
    }
}

struct Calling {
    load: Load,
    address: SocketAddr,
    fates: RefCell<Vec<(Fate, Duration)>>,
    /// Connections that no call uses, of an open pace. The one that was not used for longest is used next, so
    /// that none is idle for long: a server that ends closes those just as a call may come.
    idle: RefCell<VecDeque<Connection>>,
    next: Cell<usize>,
}

impl Calling {
    async fn run_callers(self: &Rc<Self>, callers: usize, pause: Duration) {
        let mut tasks = JoinSet::new();
        for caller in 0..callers {
            let start = Instant::now() + pause.mul_f64(caller as f64 / callers as f64);
            tasks.spawn_local(self.clone().take_turns(start, pause));
        }
        while tasks.join_next().await.is_some() {}
    }

    /// Makes one call after the other until all are made, each at least this time after the one before it.
    async fn take_turns(self: Rc<Self>, start: Instant, pause: Duration) {
        let (mut connection, mut due) = (None, start);
        loop {
            if due > Instant::now() {
                sleep_until(due.into()).await;
            }
            let token = self.next.replace(self.next.get() + 1);
            if token >= self.load.tokens.end {
                return;
            }
            let now = Instant::now();
            due = now + pause;
            connection = self.call(token, connection, now).await;
        }
    }

    /// Sends each call at its time.
    async fn keep_time(self: &Rc<Self>, rate: u32) {
        let began = Instant::now();
        let mut tasks = JoinSet::new();
        for (number, token) in self.load.tokens.clone().enumerate() {
            let due = began + Duration::from_secs_f64(number as f64 / f64::from(rate));
            if due > Instant::now() {
                sleep_until(due.into()).await;
            }
            let calling = self.clone();
            tasks.spawn_local(async move {
                let idle = calling.idle.borrow_mut().pop_front();
                let connection = calling.call(token, idle, due).await;
                calling.idle.borrow_mut().extend(connection);
            });
            while tasks.try_join_next().is_some() {}
        }
        while tasks.join_next().await.is_some() {}
    }

    /// Makes a call, on this connection where it is still open; returns the one that can be used again.
    async fn call(&self, token: usize, connection: Option<Connection>, due: Instant) -> Option<Connection> {
        let mut random = Random::new(token as u64);
        let leaving = self.load.leaving.filter(|leaving| random.below(leaving.one_in) == 0);
        let called = self.exchange(token, connection);
        let (fate, connection) = match leaving {
            None => called.await,
            Some(leaving) => {
                let time = leaving.within.mul_f64(random.unit());
                tokio::select! {
                    biased;
                    called = called => called,
                    () = sleep(time) => (Fate::Left, None),
                }
            }
        };
        self.fates.borrow_mut()[token - self.load.tokens.start] = (fate, due.elapsed());
        connection
    }

    async fn exchange(&self, token: usize, connection: Option<Connection>) -> (Fate, Option<Connection>) {
        let connection = match connection.filter(Connection::is_open) {
            Some(connection) => Ok(connection),
            None => Connection::open(self.address).await,
        };
        let mut connection = match connection {
            Ok(connection) => connection,
            Err(error) => return (Fate::Unanswered(format!("connecting: {error}").into()), None),
        };
        match connection.call(self.load.path, (self.load.method)(token), token).await {
            Ok((fate, true)) => (fate, Some(connection)),
            Ok((fate, false)) => (fate, None),
            Err(error) => (Fate::Unanswered(error.to_string().into()), None),
        }
    }
}
