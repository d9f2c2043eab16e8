//! The record of a call, which is counted and logged whatever becomes of it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::StatusCode;
use http::request::Parts;

use super::Outcome;
use super::line::{LineForm, Told};
use super::trace::{CallSpan, Trace};
use crate::http::{Failure, Language};
use crate::policy::{Caller, Group, Standing};
use crate::process::Core;
use crate::router::{Destination, Method, Route};
use crate::snapshot::Snapshot;

/// What is known of a call so far. However the call ends, dropping the record counts it and logs it, once.
#[derive(Debug)]
pub struct CallRecord<'c> {
    core: &'c Core,
    snapshot: &'c Snapshot,
    pub(super) request: &'c Parts,
    started: Instant,
    /// The request's id
    pub request_id: &'c str,
    /// Where the call came from
    pub client: Option<SocketAddr>,
    /// Who called, where that is asked and known
    pub caller: Option<Arc<Caller>>,
    /// Its group
    pub group: Option<&'c Group>,
    /// How the caller stands with the limit that is nearest, where there is one
    pub(crate) standing: Option<Standing<'c>>,
    /// The protocol that the caller speaks
    pub protocol: Option<Language>,
    /// The route
    pub route: Option<&'c Route>,
    /// The method
    pub method: Option<&'c Method>,
    /// Where the call went, and how long that took
    pub backend: Option<(&'c Destination, Duration)>,
    /// Bytes of the request's body
    pub received: usize,
    /// What the log says of a failure
    pub detail: Option<String>,
    /// Whether the backend can have run a call that failed, in the word of its answer
    executed: Option<&'static str>,
    /// The arguments as JSON, masked, where a log asks for them
    pub(crate) arguments: Option<String>,
    /// The trace that it is part of
    pub(crate) trace: Option<&'c Trace<'c>>,
    /// The status of the response, which for a native client is not that of the log
    pub(crate) answered: Option<StatusCode>,
    /// How it ended: outcome (none where there was no call after all), status, bytes of the reply's body
    pub ended: Option<(Option<Outcome>, StatusCode, usize)>,
}

/// The last of a call.
pub(super) struct Ended {
    pub(super) outcome: Outcome,
    pub(super) status: Option<StatusCode>,
    pub(super) sent: usize,
    pub(super) duration: Duration,
}

impl<'c> CallRecord<'c> {
    /// A call that begins now on a core of the process.
    #[must_use]
    pub fn new(core: &'c Core, snapshot: &'c Snapshot, parts: &'c Parts, request_id: &'c str) -> Self {
        Self {
            core,
            snapshot,
            request: parts,
            started: Instant::now(),
            request_id,
            client: None,
            caller: None,
            group: None,
            standing: None,
            protocol: None,
            route: None,
            method: None,
            backend: None,
            received: 0,
            detail: None,
            executed: None,
            arguments: None,
            trace: None,
            answered: None,
            ended: None,
        }
    }

    /// Notes what the caller is not told of a failure.
    pub(crate) fn failed(&mut self, failure: &Failure) {
        self.detail = Some(failure.log_detail());
        self.executed = Some(failure.executed());
    }

    /// Whether the backend can have run the call.
    pub(super) fn executed(&self, outcome: Outcome) -> &'static str {
        match (self.executed, outcome) {
            (Some(executed), _) => executed,
            // Nobody hears whether a oneway call is run.
            (None, Outcome::Success | Outcome::Declared { .. })
                if !self.method.is_some_and(|method| method.oneway) =>
            {
                "yes"
            }
            _ if self.method.is_some() => "maybe",
            _ => "no",
        }
    }

    /// The name of the service.
    pub(super) fn service(&self) -> Option<&'c str> {
        let (route, method) = (self.route?, self.method?);
        Some(&route.services[method.service].name)
    }

    /// The name of the exception that the method declares and threw.
    pub(super) fn exception(&self, outcome: Outcome) -> Option<&'c str> {
        match outcome {
            Outcome::Declared { position } => self.method?.exceptions.get(position)?.as_deref(),
            _ => None,
        }
    }

    fn span(&self, ended: &Ended) -> CallSpan<'_> {
        let failure = match ended.outcome {
            Outcome::Exception(reason) => Some(reason.code()),
            _ => None,
        };
        CallSpan {
            request: self.request,
            request_id: self.request_id,
            client: self.client,
            duration: ended.duration,
            route: self.route.map(|route| &*route.settings.path),
            method: self.service().zip(self.method.map(|method| &*method.name)),
            protocol: self.protocol.map(Language::name),
            group: self.group.map(|group| &*group.settings.name),
            outcome: ended.outcome.word(),
            exception: self.exception(ended.outcome),
            failure,
            status: self.answered,
        }
    }

    fn count(&self, ended: &Ended) {
        let of_process = &self.core.process.metrics;
        let metrics = match (self.method, self.route) {
            (Some(method), _) => &method.metrics,
            (None, Some(route)) => &route.metrics,
            (None, None) => &of_process.unrouted,
        };
        metrics.ended(self.core.index, ended.outcome, self.protocol, ended.duration);
        if let Some((destination, duration)) = self.backend {
            destination.duration.observe(self.core.index, duration);
        }
        if let Outcome::Exception(reason) = ended.outcome
            && reason.is_refusal()
        {
            self.group.map_or(&of_process.refused_unknown, |group| &group.refusals).count(reason);
        }
    }

    fn log(&self, ended: &Ended) {
        let arguments = self.arguments.as_deref();
        let process = &self.core.process;
        if let Some(form) = &self.snapshot.access {
            let told = Told { call: self, ended, arguments };
            process.access.append(self.core.index, |line| form.write(&told, line));
        }
        let audits = self.method.is_some_and(|method| method.audits_arguments);
        let told = Told { call: self, ended, arguments: arguments.filter(|_| audits) };
        process.audit.append(self.core.index, |line| LineForm::audit().write(&told, line));
    }
}

impl Drop for CallRecord<'_> {
    fn drop(&mut self) {
        let duration = self.started.elapsed();
        let ended = match self.ended {
            Some((Some(outcome), status, sent)) => Ended { outcome, status: Some(status), sent, duration },
            Some((None, ..)) => return,
            None => Ended { outcome: Outcome::Abandoned, status: None, sent: 0, duration },
        };
        if self.snapshot.counts_calls {
            self.count(&ended);
        }
        self.log(&ended);
        if let Some(trace) = self.trace {
            trace.end(|| self.span(&ended));
        }
    }
}
