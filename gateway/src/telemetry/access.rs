//! The record of a call, and its line in the access log, whatever became of it.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use http::StatusCode;
use prometheus_client::metrics::counter::Counter;
use thriftgate_protocols::json::write_string;

use super::lines::Lines;
use super::{AuditLog, Metrics, Outcome};
use crate::http::Failure;
use crate::policy::{Caller, Standing};
use crate::process::{Core, Process};
use crate::router::{Method, Route};

/// The access log of the process.
#[derive(Debug)]
pub struct AccessLog {
    json: bool,
    lines: Option<Lines>,
}

impl AccessLog {
    /// A log that writes to `output`; `None` writes nothing.
    ///
    /// # Panics
    /// Where the system gives no thread.
    #[must_use]
    pub fn new(json: bool, cores: usize, output: Option<Box<dyn Write + Send>>) -> Self {
        let lines = output.map(|output| Lines::new("access log", cores, output, Counter::default()));
        Self { json, lines }
    }

    /// Writes what is left and ends the writer. Later lines are lost.
    pub fn close(&self) {
        if let Some(lines) = &self.lines {
            lines.close();
        }
    }

    fn append(&self, record: &CallRecord<'_>, ended: &Ended) {
        if let Some(lines) = &self.lines {
            lines.append(record.core, |line| {
                if self.json { record.write_json(ended, line) } else { record.write_text(ended, line) }
            });
        }
    }
}

/// What is known of a call so far. However the call ends, dropping the record counts it and logs it, once.
#[derive(Debug)]
pub struct CallRecord<'c> {
    core: usize,
    log: &'c AccessLog,
    audit: &'c AuditLog,
    metrics: &'c Metrics,
    started: Instant,
    /// The request's id
    pub request_id: &'c str,
    /// Where the call came from
    pub client: Option<SocketAddr>,
    /// Who called, where that is asked and known
    pub caller: Option<Arc<Caller>>,
    /// The name of its group
    pub group: Option<&'c str>,
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
    /// Whether the backend can have run a call that failed, in the word of its answer
    executed: Option<&'static str>,
    /// The arguments as JSON, masked, where the audit log asks for them
    pub(crate) arguments: Option<String>,
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
    /// A call that begins now on a core of the process.
    #[must_use]
    pub fn new(core: &'c Core, request_id: &'c str) -> Self {
        let Process { access, audit, metrics, .. } = &*core.process;
        Self {
            core: core.index,
            log: access,
            audit,
            metrics,
            started: Instant::now(),
            request_id,
            client: None,
            caller: None,
            group: None,
            standing: None,
            protocol: "",
            route: None,
            method: None,
            backend: None,
            received: 0,
            detail: None,
            executed: None,
            arguments: None,
            ended: None,
        }
    }

    /// Notes what the caller is not told of a failure.
    pub(crate) fn failed(&mut self, failure: &Failure) {
        self.detail = Some(failure.log_detail());
        self.executed = Some(failure.executed());
    }

    /// Whether the backend can have run the call.
    fn executed(&self, outcome: Outcome) -> &'static str {
        match (self.executed, outcome) {
            (Some(executed), _) => executed,
            // Nobody hears whether a oneway call is run.
            (None, Outcome::Success | Outcome::Declared)
                if !self.method.is_some_and(|method| method.oneway) =>
            {
                "yes"
            }
            _ if self.method.is_some() => "maybe",
            _ => "no",
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

    /// The line of the audit log.
    fn write_audit(&self, ended: &Ended, out: &mut Vec<u8>) -> io::Result<()> {
        self.write_members(ended, out)?;
        if let Some(group) = self.group {
            out.extend_from_slice(b",\"group\":");
            write_string(out, group);
        }
        write!(out, ",\"executed\":\"{}\"", self.executed(ended.outcome))?;
        if let Some(arguments) = &self.arguments {
            write!(out, ",\"arguments\":{arguments}")?;
        }
        out.extend_from_slice(b"}\n");
        Ok(())
    }

    fn write_json(&self, ended: &Ended, out: &mut Vec<u8>) -> io::Result<()> {
        self.write_members(ended, out)?;
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

    /// What both logs have of a call, behind an opening brace.
    fn write_members(&self, ended: &Ended, out: &mut Vec<u8>) -> io::Result<()> {
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
        write!(out, ",\"outcome\":\"{}\",\"duration_ms\":{:.3}", ended.outcome, milliseconds(ended.duration))
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
        self.audit.append(self.core, |line| self.write_audit(&ended, line));
    }
}
