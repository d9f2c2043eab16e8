//! The way of one call, from a request to its response.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use http::request::Parts;
use http::{HeaderValue, Method as Verb, header};
use thriftgate_protocols::json::Translation;
use thriftgate_protocols::style::Limits;
use thriftgate_protocols::wire::Protocol;
use tower_http::request_id::RequestId;

use super::cors;
use super::errors::{Failure, Reason};
use super::negotiation::{self, Language};
use super::reply::Answer;
use super::{Peer, body, host, human, native};
use crate::backend::CallContext;
use crate::process::{Admitted, Core};
use crate::router::{Method, Route, Selection};
use crate::snapshot::Snapshot;
use crate::telemetry::{CallRecord, Outcome};

/// Answers one request on a route. Every fault on the way ends here, in one response.
pub(super) async fn handle(State(core): State<Arc<Core>>, request: Request) -> Response {
    let snapshot = core.process.snapshot.load_full();
    let (parts, body) = request.into_parts();
    let request_id = parts.extensions.get::<RequestId>().and_then(|id| id.header_value().to_str().ok());
    let request_id = request_id.unwrap_or_default();
    let process = &core.process;
    let mut record = CallRecord::new(core.index, &process.access, &process.metrics, request_id);
    record.client = parts.extensions.get::<Peer>().and_then(|peer| peer.0);
    let request = CallRequest { core: &core, snapshot: &snapshot, parts: &parts };
    let host = host::check(&parts);
    let closing = host.is_err();
    let answered = match host {
        Ok(()) => request.answer(body, &mut record).await,
        Err(failure) => Err(failure),
    };
    let answer = answered.unwrap_or_else(|failure| {
        record.detail = Some(failure.log_detail());
        Answer::failure(&failure, request_id)
    });
    record.ended = Some((answer.outcome, answer.status, answer.body.len()));
    let mut response = answer.into_response(record.route.is_some_and(|route| route.compression));
    if let Some(route) = record.route {
        cors::allow(&parts.headers, route, response.headers_mut());
    }
    if closing {
        // Who stands between may have read the request differently: nothing more is taken from it.
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// A request, and what it is answered by.
struct CallRequest<'c> {
    core: &'c Core,
    snapshot: &'c Snapshot,
    parts: &'c Parts,
}

impl<'c> CallRequest<'c> {
    /// Routes the request, reads its body, and calls.
    async fn answer(&self, body: Body, record: &mut CallRecord<'c>) -> Result<Answer, Failure> {
        let (route, selection) = self.snapshot.router.find(self.parts.uri.path())?;
        record.route = Some(route);
        if let Selection::Method(method) = selection {
            record.method = Some(method);
        }
        let headers = &self.parts.headers;
        if self.parts.method == Verb::OPTIONS && cors::is_preflight(headers, route) {
            return Ok(Answer::preflight());
        }
        if self.parts.method != Verb::POST {
            return Err(negotiation::not_post(headers));
        }
        cors::check_origin(headers, &self.parts.uri, route)?;
        let door = negotiation::door(headers, route)?;
        negotiation::check_content_encoding(headers)?;
        let limits = &self.snapshot.limits;
        let body = body::read(body, limits.body, limits.body_timeout, &self.core.process.bodies).await?;
        record.received = body.bytes.len();
        let (language, prefix) = door.language(&body.bytes)?;
        record.protocol = language.name();
        let bytes = &body.bytes[prefix.map_or(0, |_| 1)..];
        let answer = match language {
            Language::Human => {
                let answer = self.call_human(route, selection, bytes, record).await;
                match (answer, prefix) {
                    (Err(failure), Some(_)) => {
                        record.detail = Some(failure.log_detail());
                        Answer::failure(&failure, record.request_id)
                    }
                    (answer, _) => answer?,
                }
            }
            Language::Thrift(protocol) => self.call_native(protocol, route, selection, bytes, record).await?,
        };
        Ok(answer.of_type(door.content_type(language)).behind(prefix))
    }
}

impl<'c> CallRequest<'c> {
    /// A call in human-readable JSON.
    async fn call_human(
        &self,
        route: &'c Route,
        selection: Selection<'c>,
        body: &[u8],
        record: &mut CallRecord<'c>,
    ) -> Result<Answer, Failure> {
        let headers = &self.parts.headers;
        let timeout = negotiation::timeout(headers)?;
        let limits = &self.snapshot.limits;
        let _admitted = self.admit()?;
        let translation = Translation {
            schema: &self.snapshot.schema,
            style: negotiation::style(headers, route),
            limits: Limits { depth: limits.depth, output: limits.frame },
        };
        let call = human::translate(route, selection, body, &translation, &mut record.method)?;
        let began = Instant::now();
        let context = self.context(began + within(call.method, timeout));
        let translation =
            Translation { limits: Limits { depth: limits.depth, output: limits.reply }, ..translation };
        let reply = human::invoke(call, &context, &translation).await;
        record.backend = Some(began.elapsed());
        let reply = reply?;
        Ok(Answer::human(reply.outcome, reply.status, reply.body))
    }

    /// A call in a wire protocol. Its failures are answered in that protocol.
    async fn call_native(
        &self,
        protocol: Protocol,
        route: &'c Route,
        selection: Selection<'c>,
        body: &[u8],
        record: &mut CallRecord<'c>,
    ) -> Result<Answer, Failure> {
        let request = native::Request::read(protocol, body)?;
        match self.invoke_native(&request, route, selection, record).await {
            Ok(reply) => Ok(Answer::native(reply.outcome, reply.status, reply.body)),
            Err(failure) => {
                record.detail = Some(failure.log_detail());
                let body = request.exception(&failure);
                Ok(Answer::native(Outcome::Exception(failure.reason()), failure.status(), body)
                    .retry_after(failure.retry_after()))
            }
        }
    }

    async fn invoke_native(
        &self,
        request: &native::Request<'_>,
        route: &'c Route,
        selection: Selection<'c>,
        record: &mut CallRecord<'c>,
    ) -> Result<native::Reply, Failure> {
        let method = request.method(route, selection)?;
        record.method = Some(method);
        let timeout = negotiation::timeout(&self.parts.headers)?;
        let _admitted = self.admit()?;
        let began = Instant::now();
        let context = self.context(began + within(method, timeout));
        let reply = request.call(self.snapshot, method, &context).await;
        record.backend = Some(began.elapsed());
        reply
    }

    fn context(&self, deadline: Instant) -> CallContext<'c> {
        CallContext {
            core: self.core.index,
            deadline,
            headers: &self.parts.headers,
            idempotent: false,
            attempt_timeout: None,
            retries: None,
        }
    }

    /// Counts the call in.
    fn admit(&self) -> Result<Admitted<'c>, Failure> {
        let admitted = self.core.process.admit(self.snapshot.limits.calls);
        admitted.ok_or_else(|| Failure::new(Reason::Overloaded, "As many calls as allowed are under way"))
    }
}

/// How long a call of the method may take: as configured, or less where the caller asks for less.
fn within(method: &Method, timeout: Option<Duration>) -> Duration {
    timeout.map_or(method.deadline, |timeout| timeout.min(method.deadline))
}
