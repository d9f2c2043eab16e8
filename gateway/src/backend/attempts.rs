//! The attempts of one call: which endpoint it goes to, and whether another follows one that failed.
//!
//! What may have been sent is sent again only where the call is idempotent, and out of the backend's budget.
//! While nothing was sent, the call goes on to endpoints that it did not try, which costs nothing: each of
//! them is soon ejected.

use std::fmt::Display;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::time::timeout_at;

use super::balance::EndpointSet;
use super::endpoint::Endpoint;
use super::error::{BackendError, BackendErrorKind};
use super::pool::InUse;
use super::{Backend, CallContext, Carrier, Message, Outgoing, socket};
use crate::telemetry::{AttemptSpan, TracedCall};

/// The endpoint that an attempt goes to.
struct Choice {
    endpoint: Arc<Endpoint>,
    trial: Option<Trial>,
}

/// An attempt whose outcome counts: where there is one endpoint alone, none does.
#[derive(Debug)]
pub(super) struct Trial {
    pub(super) endpoint: Arc<Endpoint>,
    pub(super) began: Instant,
}

impl Choice {
    fn counted(endpoint: &Arc<Endpoint>, now: Instant) -> Self {
        let trial = Trial { endpoint: endpoint.clone(), began: now };
        Self { endpoint: endpoint.clone(), trial: Some(trial) }
    }
}

/// Ends the span of an attempt.
#[cold]
fn end(span: AttemptSpan<'_>, attempted: &Result<Option<Message>, BackendError>) {
    match attempted {
        Ok(Some(Message::Http(status, _))) => span.end(None, Some(*status)),
        Ok(_) => span.end(None, None),
        Err(error) => {
            let status = match error.kind {
                BackendErrorKind::NoMessage { status, .. } => Some(status),
                _ => None,
            };
            span.end(Some(error.kind.word()), status);
        }
    }
}

/// What the attempts of a call have come to.
#[derive(Default)]
struct History {
    tried: Vec<Arc<Endpoint>>,
    /// Whether any of the call may have been sent.
    sent: bool,
    /// Attempts after the first, but for those that cost nothing.
    retries: usize,
    /// Whether the next one is out of the budget already.
    granted: bool,
}

impl History {
    fn is_new(&self, endpoint: &Endpoint) -> bool {
        !self.tried.iter().any(|tried| std::ptr::eq(&**tried, endpoint))
    }
}

impl Backend {
    /// Makes a call, in as many attempts as it takes and may have. A oneway call has no reply.
    pub(super) async fn run(
        &self,
        context: &CallContext<'_>,
        message: &mut Outgoing,
        oneway: bool,
    ) -> Result<(Option<Message>, Option<Trial>), BackendError> {
        let mut history = History::default();
        let mut choice = self.first_choice()?;
        loop {
            let Choice { endpoint, trial } = choice;
            let span = context.trace.and_then(|call| self.span(call, &endpoint, &history));
            let inside = span.as_ref().map(|span| CallContext { trace: Some(span.inside()), ..*context });
            let context = inside.as_ref().unwrap_or(context);
            let attempted = match self.attempt_timeout(context) {
                None => self.attempt(endpoint, context, message, oneway, None).await,
                Some(timeout) => {
                    let attempt =
                        self.limited_attempt(endpoint, context, message, oneway, timeout, &mut history);
                    // On the heap, so that the other calls do not make room for it.
                    Box::pin(attempt).await
                }
            };
            if let Some(span) = span {
                end(*span, &attempted);
            }
            match attempted {
                Ok(reply) => return Ok((reply, trial)),
                Err(error) => choice = self.next_choice(context, &mut history, trial, error)?,
            }
        }
    }

    /// The span of an attempt, where the call is recorded.
    fn span<'c>(
        &'c self,
        call: TracedCall<'c>,
        endpoint: &Endpoint,
        history: &History,
    ) -> Option<Box<AttemptSpan<'c>>> {
        let url = || matches!(self.carrier, Carrier::Http).then(|| endpoint.http().url().to_owned());
        call.attempt(&self.name, &endpoint.address, url, history.tried.len().max(history.retries))
    }

    /// One attempt. `reached` is told when it has a connection's place, so that the rest is the endpoint's
    /// doing.
    async fn attempt(
        &self,
        endpoint: Arc<Endpoint>,
        context: &CallContext<'_>,
        message: &mut Outgoing,
        oneway: bool,
        reached: Option<&AtomicBool>,
    ) -> Result<Option<Message>, BackendError> {
        let CallContext { core, deadline, .. } = *context;
        let in_use = InUse::acquire(endpoint, deadline).await?;
        if let Some(reached) = reached {
            reached.store(true, Ordering::Relaxed);
        }
        match (self.carrier, oneway) {
            (Carrier::Sockets(wire), false) => {
                let received = wire.exchange(in_use, core, message.on(wire.transport), deadline).await?;
                Ok(Some(Message::Socket(received)))
            }
            (Carrier::Sockets(wire), true) => {
                socket::send(in_use, core, message.on(wire.transport), deadline).await?.give_back();
                Ok(None)
            }
            // On the heap, so that the calls to sockets do not make room for it.
            (Carrier::Http, false) => {
                let http = in_use.endpoint.http();
                let (status, bytes) = Box::pin(http.exchange(context, message.share())).await?;
                Ok(Some(Message::Http(status, bytes)))
            }
            (Carrier::Http, true) => {
                let http = in_use.endpoint.http().clone();
                Box::pin(http.hand_over(in_use, context, message.share())).await?;
                Ok(None)
            }
        }
    }

    /// One attempt, given up after `timeout` where another may follow; where none may, it goes on, and the
    /// question is put again after the same time.
    async fn limited_attempt(
        &self,
        endpoint: Arc<Endpoint>,
        context: &CallContext<'_>,
        message: &mut Outgoing,
        oneway: bool,
        timeout: Duration,
        history: &mut History,
    ) -> Result<Option<Message>, BackendError> {
        let reached = AtomicBool::new(false);
        let mut attempt = pin!(self.attempt(endpoint, context, message, oneway, Some(&reached)));
        let mut end = Instant::now() + timeout;
        while end < context.deadline {
            match timeout_at(end.into(), &mut attempt).await {
                Ok(attempted) => return attempted,
                Err(_) if self.grant(context, history) => {
                    let sent = reached.load(Ordering::Relaxed);
                    return Err(BackendError::new(BackendErrorKind::AttemptTimeout, sent));
                }
                Err(_) => end += timeout,
            }
        }
        attempt.await
    }

    fn attempt_timeout(&self, context: &CallContext<'_>) -> Option<Duration> {
        let timeout = || context.attempt_timeout.or(self.settings().attempt_timeout);
        if context.idempotent { timeout() } else { None }
    }

    /// Whether one more attempt may be made of what was sent, which is then out of the budget.
    #[cold]
    fn grant(&self, context: &CallContext<'_>, history: &mut History) -> bool {
        history.granted = context.idempotent
            && history.retries < self.most_retries(context)
            && self.budget.withdraw(self.sequence.load(Ordering::Relaxed).cast_unsigned(), Instant::now());
        history.granted
    }

    /// An endpoint that failed a call twice is not asked a third time.
    fn most_retries(&self, context: &CallContext<'_>) -> usize {
        let most = context.retries.unwrap_or(self.settings().retries.attempts);
        most.min(self.set.load().members.len())
    }

    fn first_choice(&self) -> Result<Choice, BackendError> {
        let set = self.set.load();
        match &*set.members {
            [] => Err(BackendError::new(BackendErrorKind::NoEndpoint, false)),
            [only] => Ok(Choice { endpoint: only.endpoint.clone(), trial: None }),
            _ => {
                let now = Instant::now();
                let chosen = self.choose_available(&set, now, |_| true);
                let chosen = chosen.or_else(|| set.choose(now, |_| true));
                chosen
                    .map(|endpoint| Choice::counted(endpoint, now))
                    .ok_or_else(|| BackendError::new(BackendErrorKind::NoEndpoint, false))
            }
        }
    }

    /// One of the available endpoints; while all of them fail, one of all.
    fn choose_available<'s>(
        &self,
        set: &'s EndpointSet,
        now: Instant,
        usable: impl Fn(&Endpoint) -> bool,
    ) -> Option<&'s Arc<Endpoint>> {
        let all = self.panicking.load(Ordering::Relaxed);
        set.choose(now, |endpoint| (all || endpoint.is_available()) && usable(endpoint))
    }

    /// Where the next attempt goes after one that failed; the error where there is none.
    #[cold]
    fn next_choice(
        &self,
        context: &CallContext<'_>,
        history: &mut History,
        trial: Option<Trial>,
        mut error: BackendError,
    ) -> Result<Choice, BackendError> {
        let now = Instant::now();
        self.failures[error.kind.index()].fetch_add(1, Ordering::Relaxed);
        let granted = std::mem::take(&mut history.granted);
        let sent = error.sent;
        let retryable = error.is_of_endpoint() && now < context.deadline;
        if let Some(trial) = trial {
            if matches!(error.kind, BackendErrorKind::Deadline) && context.hurried {
                trial.endpoint.latency.penalize(now - trial.began, 0.0, now);
            } else if error.is_of_endpoint() {
                self.blame(&trial, &error, now);
            }
            history.tried.push(trial.endpoint);
        }
        history.sent |= sent;
        error.sent = history.sent;
        if !retryable || self.most_retries(context) == 0 {
            return Err(error);
        }
        let set = self.set.load();
        let fresh = self.choose_available(&set, now, |endpoint| history.is_new(endpoint));
        let next = if sent {
            if !granted && !self.grant(context, history) {
                return Err(error);
            }
            history.granted = false;
            history.retries += 1;
            fresh.or_else(|| self.choose_available(&set, now, |_| true)).or_else(|| set.choose(now, |_| true))
        } else if fresh.is_some() && set.members.len() > 1 {
            fresh
        } else {
            history.retries += 1;
            let allowed = set.members.len() > 1 && history.retries <= self.most_retries(context);
            set.choose(now, |endpoint| history.is_new(endpoint)).filter(|_| allowed)
        };
        let next = next.ok_or(error)?;
        self.budget.retried();
        Ok(match &*set.members {
            [only] => Choice { endpoint: only.endpoint.clone(), trial: None },
            _ => Choice::counted(next, now),
        })
    }

    /// The endpoint failed the call.
    #[cold]
    pub(super) fn blame(&self, trial: &Trial, reason: &dyn Display, now: Instant) {
        let Trial { endpoint, began } = trial;
        endpoint.latency.penalize(now - *began, self.set.load().best_other(endpoint, now), now);
        let Some(cause) = endpoint.ejection.failed(*began, now) else { return };
        let _changing = self.changing();
        let set = self.set.load();
        let is_other = |other: &Endpoint| !std::ptr::eq(other, &**endpoint) && other.is_well();
        if !set.members.iter().any(|member| is_other(&member.endpoint)) {
            if !self.panicking.swap(true, Ordering::Relaxed) {
                tracing::warn!(backend = %self.name, %cause, error = %reason, "no endpoint is well: all are called");
            }
        } else if endpoint.ejection.is_ejectable() {
            let time = endpoint.ejection.eject(now);
            tracing::warn!(backend = %self.name, %endpoint, %cause, error = %reason, ?time, "an endpoint is ejected");
        }
    }

    /// The endpoint answered the call; with an exception, that says nothing of how long it takes.
    pub(super) fn praise(&self, trial: &Trial, exception: bool) {
        let now = Instant::now();
        let Trial { endpoint, began } = trial;
        if exception {
            let least = self.set.load().best_other(endpoint, now);
            endpoint.latency.penalize(now - *began, least, now);
        } else {
            endpoint.latency.observe(now - *began, now);
        }
        if endpoint.ejection.succeeded(*began, now) {
            tracing::info!(backend = %self.name, %endpoint, "an endpoint is back");
        }
        if self.panicking.load(Ordering::Relaxed) {
            self.answered.store(true, Ordering::Relaxed);
        }
    }
}
