//! Traces: which calls are traced, and the spans of those that are.
//!
//! A trace begins at the caller, who says by `traceparent` (W3C Trace Context) whether it is recorded, or here, where a
//! share of the calls is. Of what is not recorded nothing is kept but the numbers that backends are told. The spans of a
//! call, one for itself and one for each attempt at a backend, are handed to a bounded queue (`export`) when they end.

mod context;
mod export;
mod spans;

pub(crate) use context::forward;
pub use spans::AttemptSpan;
pub(crate) use spans::CallSpan;

use std::sync::atomic::{AtomicU64, Ordering};

use http::{HeaderMap, HeaderValue};
use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};
use prometheus_client::metrics::counter::Counter;
use thriftgate_config as config;
use tokio::runtime::Handle;

use context::Remote;
use export::Export;

/// What traces calls.
#[derive(Debug)]
pub struct Tracer {
    /// Of the numbers of traces, those below it are of the share that is recorded.
    below: AtomicU64,
    ids: RandomIdGenerator,
    export: Export,
}

/// The trace that a call is part of, and the span that stands for the call.
#[derive(Debug)]
pub struct Trace<'t> {
    tracer: &'t Tracer,
    id: TraceId,
    span: SpanId,
    /// The span of the caller; invalid where the trace begins here.
    parent: SpanId,
    is_recorded: bool,
    /// What other vendors know of the trace, as it came.
    state: Option<HeaderValue>,
}

/// A call that is part of a trace, as a backend sees it.
#[derive(Clone, Copy, Debug)]
pub struct TracedCall<'c> {
    trace: &'c Trace<'c>,
    service: &'c str,
    method: &'c str,
    /// The span that the backend's own are under.
    span: SpanId,
}

impl Tracer {
    /// A tracer that sends its spans from this runtime. Those that do not arrive are counted.
    ///
    /// # Errors
    /// Settings that no client can be made of, as the text that an operator reads.
    pub(crate) fn new(settings: &config::Tracing, lost: Counter, runtime: &Handle) -> Result<Self, String> {
        let tracer = Self {
            below: AtomicU64::new(0),
            ids: RandomIdGenerator::default(),
            export: Export::begin(settings, lost, runtime)?,
        };
        tracer.set_share(settings.sample);
        Ok(tracer)
    }

    /// Records this share of the calls from now on, from 0 to 1, of those whose callers say nothing.
    pub(crate) fn set_share(&self, share: f64) {
        // The same numbers as every other sampler takes by share, so that a trace is recorded everywhere or nowhere.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "shares are from 0 to 1")]
        let below = (share * (1_u64 << 63) as f64) as u64;
        self.below.store(below, Ordering::Relaxed);
    }

    /// The trace of a call with these headers.
    pub(crate) fn begin(&self, headers: &HeaderMap) -> Trace<'_> {
        let remote = Remote::read(headers);
        let id = remote.as_ref().map_or_else(|| self.ids.new_trace_id(), |remote| remote.trace);
        Trace {
            tracer: self,
            id,
            span: self.ids.new_span_id(),
            parent: remote.as_ref().map_or(SpanId::INVALID, |remote| remote.span),
            is_recorded: remote.as_ref().map_or_else(|| self.takes(id), |remote| remote.is_recorded),
            state: remote.and_then(|remote| remote.state),
        }
    }

    /// Whether a trace that begins here is of the share.
    fn takes(&self, id: TraceId) -> bool {
        let bytes = id.to_bytes();
        let low = u64::from_be_bytes(bytes[8..].try_into().expect("half of sixteen bytes"));
        low >> 1 < self.below.load(Ordering::Relaxed)
    }

    /// Sends what is left, as far as a short time allows. Later spans are lost.
    pub(crate) fn close(&self) {
        self.export.close();
    }
}

impl<'t> Trace<'t> {
    /// The number of the trace, in hexadecimal, as logs and collectors have it.
    pub(crate) fn id(&self) -> TraceId {
        self.id
    }

    /// The call, once its method is known.
    pub(crate) fn call(&'t self, service: &'t str, method: &'t str) -> TracedCall<'t> {
        TracedCall { trace: self, service, method, span: self.span }
    }
}

impl TracedCall<'_> {
    /// Tells a backend by headers which span its own are under.
    pub(crate) fn tell(&self, headers: &mut HeaderMap) {
        context::tell(self, headers);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_share_is_recorded_unless_the_caller_says() {
        let settings = config::Tracing {
            otlp: "http://127.0.0.1:9/v1/traces".into(),
            sample: 0.25,
            service_name: "gateway".into(),
            headers: Vec::new(),
        };
        let tracer = Tracer::new(&settings, Counter::default(), &Handle::current()).expect("a tracer");
        let mut headers = HeaderMap::new();
        let recorded = (0..4000).filter(|_| tracer.begin(&headers).is_recorded).count();
        assert!((800..1200).contains(&recorded), "{recorded} of 4000 are recorded");
        let parent = |flags| format!("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-{flags}");
        for (flags, is_recorded) in [("01", true), ("00", false)] {
            headers.insert("traceparent", parent(flags).try_into().expect("a header's value"));
            let all: Vec<bool> = (0..100).map(|_| tracer.begin(&headers).is_recorded).collect();
            assert!(all.iter().all(|one| *one == is_recorded));
        }
        for (share, is_recorded) in [(0.0, false), (1.0, true)] {
            tracer.set_share(share);
            assert_eq!(tracer.begin(&HeaderMap::new()).is_recorded, is_recorded);
        }
    }
}
