//! The way of one call, from a request to its response.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::Ordering;
use std::task::Poll;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::request::Parts;
use http::{HeaderValue, header};
use thriftgate_protocols::json::Translation;
use thriftgate_protocols::style::Limits;
use thriftgate_protocols::wire::Protocol;

use super::entry::{self, Entry, check_method, enter, withheld};
use super::errors::{Failure, Reason};
use super::negotiation::{self, Door, Language};
use super::reply::Answer;
use super::{Peer, body, coding, cors, documents, front, host, human, limits, mirror, native, sandbox};
use crate::backend::CallContext;
use crate::process::{Admitted, Core, Process};
use crate::router::{Candidates, Destination, Match};
use crate::snapshot::Snapshot;
use crate::telemetry::{CallRecord, Trace};

/// Answers one request on a route. Every fault on the way ends here, in one response.
pub(super) async fn handle(core: &Core, peer: Peer, request: Request) -> Response {
    let snapshot = core.process.snapshot.load_full();
    let (parts, body) = request.into_parts();
    if let Some(place) = documents::place(&snapshot, &parts) {
        return Box::pin(documents::answer(core, &snapshot, peer, &parts, place)).await;
    }
    let request_id = front::request_id(&parts.headers);
    let trace = core.process.tracer.as_ref().map(|tracer| tracer.begin(&parts.headers));
    let mut record = CallRecord::new(core, &snapshot, &parts, request_id);
    record.trace = trace.as_ref();
    record.client = peer.0;
    let request = CallRequest { core, snapshot: &snapshot, parts: &parts, trace: trace.as_ref() };
    let host = host::check(&parts);
    let closing = host.is_err();
    let answered = match host {
        Ok(()) => request.answer(body, &mut record).await,
        Err(failure) => Err(failure),
    };
    let answer = answered.unwrap_or_else(|failure| {
        record.failed(&failure);
        Answer::failure(&failure, request_id)
    });
    record.ended = Some((answer.outcome, answer.status, answer.body.len()));
    let compression = record.route.is_some_and(|route| route.settings.compression);
    let mut response = answer.into_response();
    record.answered = Some(response.status());
    if let Some(route) = record.route {
        cors::allow(&parts.headers, route, response.headers_mut());
        if route.settings.sandbox.is_some() {
            response.headers_mut().insert(sandbox::HEADER, HeaderValue::from_static("true"));
        }
    }
    if let Some(standing) = &record.standing {
        limits::tell(standing, response.headers_mut());
    }
    if closing {
        // Who stands between may have read the request differently: nothing more is taken from it.
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    if compression { Box::pin(coding::compressed(&parts.headers, response)).await } else { response }
}

/// A request, and what it is answered by.
pub(super) struct CallRequest<'c> {
    pub(super) core: &'c Core,
    pub(super) snapshot: &'c Snapshot,
    pub(super) parts: &'c Parts,
    /// The trace that the call is part of, where there is one
    pub(super) trace: Option<&'c Trace<'c>>,
}

impl<'c> CallRequest<'c> {
    /// Routes the request, reads its body, and calls.
    async fn answer(&self, body: Body, record: &mut CallRecord<'c>) -> Result<Answer, Failure> {
        // Browsers ask whether they may call before they send credentials.
        if let Some(route) = entry::preflight(&self.snapshot.router, self.parts) {
            record.route = Some(route);
            return Ok(Answer::preflight());
        }
        let router = match self.identify(record).await {
            Ok(router) => router,
            Err(failure) => return Box::pin(self.refuse_unknown(failure, body, record)).await,
        };
        let entry = enter(router, self.parts, &mut record.route);
        // Every request of a known caller counts, whatever it asks for.
        let counted = match entry {
            Ok(Entry::Preflight) => Ok(None),
            _ => self.count_caller(record),
        };
        let _permit = match counted {
            Ok(permit) => permit,
            Err(failure) => return Box::pin(self.refuse(failure, body, record)).await,
        };
        let (candidates, door) = match entry? {
            Entry::Preflight => return Ok(Answer::preflight()),
            Entry::Call(candidates, door) => (candidates, door),
        };
        if let Door::Said(language) = door {
            record.protocol = Some(language);
        }
        if candidates.first().withheld {
            return Box::pin(self.refuse(withheld(), body, record)).await;
        }
        record.method = candidates.named_by_path().map(|found| found.method);
        let time = self.snapshot.limits.body_timeout;
        let process = &self.core.process;
        if process.short_of_memory.load(Ordering::Relaxed) {
            return Err(Failure::new(Reason::Overloaded, "The gateway has too little memory left"));
        }
        let body = pin!(body::read(body, candidates.largest_body(), time, &process.bodies));
        let body = unless_cut(process, Reason::Unavailable, body).await?;
        record.received = body.bytes.len();
        let (language, prefix) = door.language(&body.bytes)?;
        record.protocol = Some(language);
        let bytes = &body.bytes[prefix.map_or(0, |_| 1)..];
        let answer = match language {
            Language::Human => {
                let answer = self.call_human(&candidates, bytes, record).await;
                match (answer, prefix) {
                    (Err(failure), Some(_)) => {
                        record.failed(&failure);
                        Answer::failure(&failure, record.request_id)
                    }
                    (answer, _) => answer?,
                }
            }
            Language::Thrift(protocol) => self.call_native(protocol, &candidates, bytes, record).await?,
        };
        Ok(answer.of_type(door.content_type(language)).behind(prefix))
    }
}

impl<'c> CallRequest<'c> {
    /// A call in human-readable JSON.
    async fn call_human(
        &self,
        candidates: &Candidates<'c, '_>,
        body: &[u8],
        record: &mut CallRecord<'c>,
    ) -> Result<Answer, Failure> {
        let timeout = negotiation::timeout(&self.parts.headers)?;
        let limits = &self.snapshot.limits;
        let _admitted = self.admit()?;
        let mut named = None;
        let caller = record.caller.clone();
        let body = human::Body { text: body, request: self.parts, candidates, caller: caller.as_deref() };
        let call = body.translate(self.snapshot, &mut named);
        if let Some(Match { route, method }) = named {
            (record.route, record.method) = (Some(route), Some(method));
            self.audit_human(method, body.text, candidates.named_by_path().is_some(), record);
            self.count_method(method, record).map_err(|failure| failure.of(Some(method)))?;
        }
        let call = call?;
        if let Some(mirror) = call.found.method.mirror.as_ref().filter(|mirror| mirror.takes_next()) {
            let message = body.translate_again(self.snapshot, &call, &mirror.to);
            mirror::send(self.core, mirror, call.found.method, message, &self.parts.headers);
        }
        let began = Instant::now();
        let (method, destination) = (call.found.method, call.destination);
        let context = self.context(call.found, destination, began, timeout);
        let translation = Translation {
            schema: &self.snapshot.schema,
            style: call.style,
            limits: Limits { depth: limits.depth, output: limits.reply },
        };
        let reply = pin!(human::invoke(call, &context, &translation));
        let reply = unless_cut(&self.core.process, Reason::DeadlineExceeded, reply).await;
        record.backend = Some((destination, began.elapsed()));
        let reply = reply.map_err(|failure| failure.of(Some(method)))?;
        Ok(Answer::human(reply.outcome, reply.status, reply.body))
    }

    /// A call in a wire protocol. Its failures are answered in that protocol.
    async fn call_native(
        &self,
        protocol: Protocol,
        candidates: &Candidates<'c, '_>,
        body: &[u8],
        record: &mut CallRecord<'c>,
    ) -> Result<Answer, Failure> {
        let request = native::Request::read(protocol, body)?;
        match self.invoke_native(&request, candidates, record).await {
            Ok(reply) => Ok(Answer::native(reply.outcome, reply.status, reply.body)),
            Err(failure) => {
                record.failed(&failure);
                Ok(request.refuse(&failure))
            }
        }
    }

    async fn invoke_native(
        &self,
        request: &native::Request<'_>,
        candidates: &Candidates<'c, '_>,
        record: &mut CallRecord<'c>,
    ) -> Result<native::Reply, Failure> {
        let found = request.method(candidates)?;
        (record.route, record.method) = (Some(found.route), Some(found.method));
        check_method(found, candidates, self.parts, record.received)?;
        self.audit_native(found.method, request, record);
        self.count_method(found.method, record)?;
        let timeout = negotiation::timeout(&self.parts.headers)?;
        let _admitted = self.admit()?;
        let method = found.method;
        let filled = method.filled.as_deref();
        let injected = filled
            .map(|filled| filled.injected(&self.snapshot.schema, record.caller.as_deref()))
            .transpose()?;
        let call = request.translate(self.snapshot, method, method.destinations.choose(), injected)?;
        if let Some(mirror) = method.mirror.as_ref().filter(|mirror| mirror.takes_next()) {
            let message = request.translate_again(self.snapshot, &call, &mirror.to);
            mirror::send(self.core, mirror, method, message, &self.parts.headers);
        }
        let began = Instant::now();
        let destination = call.destination;
        let context = self.context(found, destination, began, timeout);
        let reply = pin!(request.invoke(self.snapshot, call, &context));
        let reply = unless_cut(&self.core.process, Reason::DeadlineExceeded, reply).await;
        record.backend = Some((destination, began.elapsed()));
        reply
    }

    /// What belongs to a call that begins now. It may take as long as is configured, or less where the caller asks for
    /// less.
    fn context(
        &self,
        found: Match<'c>,
        destination: &Destination,
        began: Instant,
        timeout: Option<Duration>,
    ) -> CallContext<'c> {
        let Match { route, method } = found;
        let longest = destination.deadline.value;
        CallContext {
            core: self.core.index,
            deadline: began + timeout.map_or(longest, |timeout| timeout.min(longest)),
            headers: &self.parts.headers,
            hurried: timeout.is_some_and(|timeout| timeout < longest),
            idempotent: method.idempotent.value,
            attempt_timeout: method.attempt_timeout.value,
            retries: method.retries.value,
            trace: self.trace.map(|trace| trace.call(&route.services[method.service].name, &method.name)),
        }
    }

    /// Counts the call in.
    fn admit(&self) -> Result<Admitted<'c>, Failure> {
        let admitted = self.core.process.admit(self.snapshot.limits.calls);
        admitted.ok_or_else(|| Failure::new(Reason::Overloaded, "As many calls as allowed are under way"))
    }
}

/// Waits for a step of a call, until the process gives up what is under way: then whoever polls calls does
/// so once more. The step stays where it is: moved, every future that awaits it would have twice its size.
pub(super) async fn unless_cut<T>(
    process: &Process,
    reason: Reason,
    mut step: Pin<&mut impl Future<Output = Result<T, Failure>>>,
) -> Result<T, Failure> {
    poll_fn(|context| match step.as_mut().poll(context) {
        Poll::Pending if process.cutting.load(Ordering::Acquire) => {
            Poll::Ready(Err(Failure::new(reason, "The gateway ends before the call has")))
        }
        polled => polled,
    })
    .await
}
