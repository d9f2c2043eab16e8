//! The access log: one line a call, whatever became of it.
//!
//! A call appends its line to the buffer of its core; a thread of the log's own takes the buffers and
//! writes them out. A reader that stops reading therefore costs lines, which are counted, and never time of
//! a call.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use http::StatusCode;
use thriftgate_protocols::json::write_string;

use super::{Metrics, Outcome};
use crate::policy::{Caller, Standing};
use crate::router::{Method, Route};

/// A buffer that holds this much takes no further line until it is written.
const FULL: usize = 1 << 20;
/// How often the buffers are written.
const INTERVAL: Duration = Duration::from_millis(100);

/// The access log of the process.
#[derive(Debug)]
pub struct AccessLog {
    shared: Option<Arc<Shared>>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Shared {
    json: bool,
    buffers: Box<[Mutex<Vec<u8>>]>,
    lost: AtomicU64,
    closing: AtomicBool,
}

impl AccessLog {
    /// A log that writes to `output`; `None` writes nothing.
    ///
    /// # Panics
    /// Where the system gives no thread.
    #[must_use]
    pub fn new(json: bool, cores: usize, output: Option<Box<dyn Write + Send>>) -> Self {
        let Some(mut output) = output else {
            return Self { shared: None, writer: Mutex::default() };
        };
        let buffers = (0..cores).map(|_| Mutex::default()).collect();
        let shared =
            Arc::new(Shared { json, buffers, lost: AtomicU64::new(0), closing: AtomicBool::new(false) });
        let source = shared.clone();
        let run = move || {
            while !source.closing.load(Ordering::Acquire) {
                std::thread::park_timeout(INTERVAL);
                source.drain(&mut *output);
            }
        };
        let writer = std::thread::Builder::new().name("access-log".into()).spawn(run);
        let writer = writer.expect("the system gives a thread for the access log");
        Self { shared: Some(shared), writer: Mutex::new(Some(writer)) }
    }

    /// Writes what is left and ends the writer. Later lines are lost.
    pub fn close(&self) {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let (Some(shared), Some(writer)) = (&self.shared, writer) {
            shared.closing.store(true, Ordering::Release);
            writer.thread().unpark();
            let _panicked = writer.join();
        }
    }

    fn append(&self, record: &CallRecord<'_>, ended: &Ended) {
        if let Some(shared) = &self.shared {
            let mut buffer = shared.buffers[record.core].lock().unwrap_or_else(PoisonError::into_inner);
            if buffer.len() < FULL {
                let written = if shared.json {
                    record.write_json(ended, &mut buffer)
                } else {
                    record.write_text(ended, &mut buffer)
                };
                written.expect("writing to a vector cannot fail");
            } else {
                shared.lost.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

impl Shared {
    fn drain(&self, output: &mut dyn Write) {
        for buffer in &self.buffers {
            let lines = std::mem::take(&mut *buffer.lock().unwrap_or_else(PoisonError::into_inner));
            if !lines.is_empty()
                && let Err(error) = output.write_all(&lines).and_then(|()| output.flush())
            {
                tracing::warn!(%error, "the access log cannot be written");
            }
        }
        let lost = self.lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            tracing::warn!(lost, "access-log lines were lost: their reader is too slow");
        }
    }
}

/// What is known of a call so far. However the call ends, dropping the record counts it and logs it, once.
#[derive(Debug)]
pub struct CallRecord<'c> {
    core: usize,
    log: &'c AccessLog,
    metrics: &'c Metrics,
    started: Instant,
    /// The request's id
    pub request_id: &'c str,
    /// Where the call came from
    pub client: Option<SocketAddr>,
    /// Who called, where that is asked and known
    pub caller: Option<Arc<Caller>>,
    /// How the caller stands with the limit that is nearest, where there is one
    pub(crate) standing: Option<Standing<'c>>,
    /// The protocol that the caller speaks
    pub protocol: &'static str,
    /// The route
    pub route: Option<&'c Route>,
    /// The method
    pub method: Option<&'c Method>,
    /// How long the backend took
    pub backend: Option<Duration>,
    /// Bytes of the request's body
    pub received: usize,
    /// What the log says of a failure
    pub detail: Option<String>,
    /// How it ended: outcome (none where there was no call after all), status, bytes of the reply's body
    pub ended: Option<(Option<Outcome>, StatusCode, usize)>,
}

/// The last of a call, in the form of the log.
struct Ended {
    outcome: Outcome,
    status: Option<StatusCode>,
    sent: usize,
    duration: Duration,
}

impl<'c> CallRecord<'c> {
    /// A call that begins now.
    #[must_use]
    pub fn new(core: usize, log: &'c AccessLog, metrics: &'c Metrics, request_id: &'c str) -> Self {
        Self {
            core,
            log,
            metrics,
            started: Instant::now(),
            request_id,
            client: None,
            caller: None,
            standing: None,
            protocol: "",
            route: None,
            method: None,
            backend: None,
            received: 0,
            detail: None,
            ended: None,
        }
    }

    fn names(&self) -> (&str, &str, &str) {
        let route = self.route.map_or("", |route| &*route.settings.path);
        let service = match (self.route, self.method) {
            (Some(route), Some(method)) => &*route.services[method.service].name,
            _ => "",
        };
        (route, service, self.method.map_or("", |method| &method.name))
    }

    fn write_json(&self, ended: &Ended, out: &mut Vec<u8>) -> io::Result<()> {
        let (route, service, method) = self.names();
        write!(
            out,
            "{{\"time\":\"{}\",\"request_id\":",
            humantime::format_rfc3339_millis(SystemTime::now())
        )?;
        write_string(out, self.request_id);
        if let Some(client) = self.client {
            write!(out, ",\"client\":\"{client}\"")?;
        }
        if let Some(caller) = &self.caller {
            out.extend_from_slice(b",\"caller\":");
            write_string(out, &caller.name);
            if let Some(key) = &caller.key {
                out.extend_from_slice(b",\"key\":");
                write_string(out, key);
            }
        }
        let names = [("protocol", self.protocol), ("route", route), ("service", service), ("method", method)];
        for (name, value) in names.into_iter().filter(|(_, value)| !value.is_empty()) {
            write!(out, ",\"{name}\":")?;
            write_string(out, value);
        }
        if let Some(status) = ended.status {
            write!(out, ",\"status\":{}", status.as_u16())?;
        }
        write!(
            out,
            ",\"outcome\":\"{}\",\"duration_ms\":{:.3}",
            ended.outcome,
            milliseconds(ended.duration)
        )?;
        if let Some(backend) = self.backend {
            write!(out, ",\"backend_ms\":{:.3}", milliseconds(backend))?;
        }
        write!(out, ",\"bytes_in\":{},\"bytes_out\":{}", self.received, ended.sent)?;
        if let Some(detail) = &self.detail {
            out.extend_from_slice(b",\"detail\":");
            write_string(out, detail);
        }
        out.extend_from_slice(b"}\n");
        Ok(())
    }

    fn write_text(&self, ended: &Ended, out: &mut Vec<u8>) -> io::Result<()> {
        let (route, service, method) = self.names();
        write!(out, "{} ", humantime::format_rfc3339_millis(SystemTime::now()))?;
        match ended.status {
            Some(status) => write!(out, "{} ", status.as_u16())?,
            None => out.extend_from_slice(b"- "),
        }
        write!(out, "{} {:.3}ms {route}", ended.outcome, milliseconds(ended.duration))?;
        if !method.is_empty() {
            write!(out, " {service}.{method}")?;
        }
        if let Some(backend) = self.backend {
            write!(out, " backend={:.3}ms", milliseconds(backend))?;
        }
        if let Some(client) = self.client {
            write!(out, " client={client}")?;
        }
        if let Some(caller) = &self.caller {
            write!(out, " caller={:?}", caller.name)?;
            if let Some(key) = &caller.key {
                write!(out, " key={key:?}")?;
            }
        }
        write!(out, " in={} out={} id={:?}", self.received, ended.sent, self.request_id)?;
        if let Some(detail) = &self.detail {
            write!(out, " detail={detail:?}")?;
        }
        out.push(b'\n');
        Ok(())
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

impl Drop for CallRecord<'_> {
    fn drop(&mut self) {
        let duration = self.started.elapsed();
        let ended = match self.ended {
            Some((Some(outcome), status, sent)) => Ended { outcome, status: Some(status), sent, duration },
            Some((None, ..)) => return,
            None => Ended { outcome: Outcome::Abandoned, status: None, sent: 0, duration },
        };
        let metrics = self.method.map_or(&self.metrics.unrouted, |method| &method.metrics);
        metrics.ended(ended.outcome, duration);
        if let Some(backend) = self.backend {
            metrics.backend(backend);
        }
        self.log.append(self, &ended);
    }
}
