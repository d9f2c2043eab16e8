//! The way of spans to the collector: a queue with an end, and batches by OTLP over HTTP.

use std::fmt;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use opentelemetry::KeyValue;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SpanData, SpanExporter as _};
use prometheus_client::metrics::counter::Counter;
use reqwest::{Client, redirect};
use thriftgate_config as config;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::tls;

/// Spans that wait at most; more are lost.
const QUEUE: usize = 4096;
/// Spans that are sent at once at most.
const BATCH: usize = 512;
/// How long the first span of a batch waits for others.
const DELAY: Duration = Duration::from_secs(1);
/// How long the collector may take for a batch.
const EXPORT: Duration = Duration::from_secs(10);
/// How long the last spans may take.
const LAST: Duration = Duration::from_secs(1);
/// How often it is told that spans do not arrive.
const TELL: Duration = Duration::from_secs(60);

/// The queue of spans.
pub(super) struct Export {
    spans: Sender<SpanData>,
    lost: Counter,
    end: Mutex<Option<End>>,
}

/// What ends the sending, and tells when it has ended.
struct End {
    close: oneshot::Sender<()>,
    ended: mpsc::Receiver<()>,
}

impl fmt::Debug for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Export").finish_non_exhaustive()
    }
}

impl Export {
    /// Sends from this runtime what is put into the queue.
    pub(super) fn begin(settings: &config::Tracing, lost: Counter, runtime: &Handle) -> Result<Self, String> {
        let exporter = exporter(settings)?;
        let (spans, queue) = channel(QUEUE);
        let (close, closed) = oneshot::channel();
        let (ending, ended) = mpsc::channel();
        let batches = Batches { queue, exporter, lost: lost.clone(), told: None };
        runtime.spawn(async move {
            batches.run(closed).await;
            drop(ending);
        });
        Ok(Self { spans, lost, end: Mutex::new(Some(End { close, ended })) })
    }

    /// Puts a span into the queue, if there is room. Nobody waits.
    pub(super) fn push(&self, span: SpanData) {
        if self.spans.try_send(span).is_err() {
            self.lost.inc();
        }
    }

    pub(super) fn close(&self) {
        let end = self.end.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(End { close, ended }) = end else { return };
        let _ended_already = close.send(());
        if ended.recv_timeout(LAST) == Err(RecvTimeoutError::Timeout) {
            tracing::warn!("the last spans of calls did not reach the collector in time");
        }
    }
}

fn exporter(settings: &config::Tracing) -> Result<SpanExporter, String> {
    let tls = match settings.otlp.starts_with("https://") {
        true => tls::client(&config::BackendTls { ca: None, identity: None, server_name: None })
            .map_err(|error| error.to_string())?,
        false => tls::no_client(),
    };
    let client = Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .timeout(EXPORT)
        .tls_backend_preconfigured(tls)
        .build()
        .map_err(|error| error.to_string())?;
    let mut exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(client)
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(&settings.otlp)
        .with_timeout(EXPORT)
        .with_headers(settings.headers.iter().cloned().collect())
        .build()
        .map_err(|error| error.to_string())?;
    let resource = Resource::builder()
        .with_service_name(settings.service_name.clone())
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build();
    exporter.set_resource(&resource);
    Ok(exporter)
}

/// What makes batches of the queue and sends them.
struct Batches {
    queue: Receiver<SpanData>,
    exporter: SpanExporter,
    lost: Counter,
    /// When it was last told that spans do not arrive.
    told: Option<Instant>,
}

impl Batches {
    async fn run(mut self, mut closed: oneshot::Receiver<()>) {
        let mut batch = Vec::new();
        loop {
            let fill = async {
                if self.queue.recv_many(&mut batch, BATCH).await > 0 {
                    let more = async {
                        while batch.len() < BATCH {
                            let room = BATCH - batch.len();
                            if self.queue.recv_many(&mut batch, room).await == 0 {
                                return;
                            }
                        }
                    };
                    let _in_time = timeout(DELAY, more).await;
                }
            };
            let is_last = tokio::select! {
                biased;
                _ = &mut closed => true,
                () = fill => false,
            };
            if is_last {
                break;
            }
            self.send(std::mem::take(&mut batch)).await;
        }
        self.queue.close();
        while !batch.is_empty() || self.queue.recv_many(&mut batch, BATCH).await > 0 {
            self.send(std::mem::take(&mut batch)).await;
        }
    }

    async fn send(&mut self, batch: Vec<SpanData>) {
        let spans = batch.len() as u64;
        if let Err(error) = self.exporter.export(batch).await {
            self.lost.inc_by(spans);
            if self.told.is_none_or(|told| told.elapsed() >= TELL) {
                self.told = Some(Instant::now());
                tracing::warn!(%error, spans, "spans of calls do not reach the collector");
            }
        }
    }
}
