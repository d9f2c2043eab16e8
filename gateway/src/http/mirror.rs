//! Calls that are made a second time, at another backend, for nobody to hear what comes of it.

use std::sync::Arc;
use std::time::Instant;

use http::HeaderMap;
use thriftgate_config::Transport;
use thriftgate_protocols::message::{read_header, split_name};
use thriftgate_protocols::wire::MessageKind;

use super::body::KeptBytes;
use crate::backend::{Backend, BackendError, BackendErrorKind, CallContext, Outgoing};
use crate::process::Core;
use crate::router::{Method, Mirror};
use crate::telemetry::MirrorMetrics;

/// A call on its way to a mirror.
struct Mirrored {
    backend: Arc<Backend>,
    metrics: MirrorMetrics,
    method: Box<str>,
    oneway: bool,
    message: Outgoing,
    sequence_id: i32,
    headers: HeaderMap,
    core: usize,
    deadline: Instant,
    _kept: KeptBytes,
}

/// What becomes of a mirrored call.
enum Outcome {
    Answered,
    Exception,
    Failed,
}

/// Sends the message and its number in the background; `None` is a message that could not be made. The caller's own call
/// neither waits for it nor learns of it. What is over the limits of the mirror is dropped.
pub(super) fn send(
    core: &Core,
    mirror: &Mirror,
    method: &Method,
    message: Option<(Outgoing, i32)>,
    headers: &HeaderMap,
) {
    let kept = message.and_then(|(mut message, sequence_id)| {
        let bytes = message.buffer().len();
        Some((message, sequence_id, KeptBytes::new(&core.process, bytes)?))
    });
    let Some((message, sequence_id, kept)) = kept else {
        mirror.metrics.dropped.inc();
        return;
    };
    let backend = mirror.to.backend.clone();
    let forwards =
        matches!(&backend.settings().transport, Transport::Http(http) if !http.forward_headers.is_empty());
    let mirrored = Mirrored {
        metrics: mirror.metrics.clone(),
        method: method.name.clone(),
        oneway: method.oneway,
        message,
        sequence_id,
        headers: if forwards { headers.clone() } else { HeaderMap::new() },
        core: core.index,
        deadline: Instant::now() + mirror.to.deadline.value,
        _kept: kept,
        backend,
    };
    tokio::spawn(mirrored.run());
}

impl Mirrored {
    async fn run(self) {
        let metrics = self.metrics.clone();
        match self.call().await {
            Ok(Outcome::Answered) => metrics.answered.inc(),
            Ok(Outcome::Exception) => metrics.exception.inc(),
            Err(BackendError { kind: BackendErrorKind::Overloaded, .. }) => metrics.dropped.inc(),
            Ok(Outcome::Failed) | Err(_) => metrics.failed.inc(),
        };
    }

    async fn call(self) -> Result<Outcome, BackendError> {
        let context = CallContext {
            core: self.core,
            deadline: self.deadline,
            headers: &self.headers,
            hurried: false,
            idempotent: false,
            attempt_timeout: None,
            retries: Some(0),
            trace: None,
        };
        if self.oneway {
            return self.backend.hand_over(&context, self.message).await.map(|()| Outcome::Answered);
        }
        let reply = self.backend.exchange(&context, self.message).await?;
        let outcome = match read_header(self.backend.protocol(), reply.bytes()) {
            Ok(header)
                if header.sequence_id == self.sequence_id && *split_name(&header.name).1 == *self.method =>
            {
                match header.kind {
                    MessageKind::Reply => Outcome::Answered,
                    MessageKind::Exception => Outcome::Exception,
                    MessageKind::Call | MessageKind::Oneway => Outcome::Failed,
                }
            }
            _ => Outcome::Failed,
        };
        // A connection that brought anything else than the answer is not to be trusted with another call.
        if !matches!(outcome, Outcome::Failed) {
            reply.accept();
        }
        Ok(outcome)
    }
}
