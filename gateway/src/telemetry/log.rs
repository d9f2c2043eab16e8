//! The log of the process: what happened, to standard error.
//!
//! Events are handed to a thread that writes them: a reader of standard error that has stopped costs lines, which are
//! counted, and holds up nobody.

use std::any::Any;
use std::io::{self, IsTerminal, Write};
use std::sync::OnceLock;

use prometheus_client::metrics::counter::Counter;
use thriftgate_config::{LogFormat, LogLevel, Logging};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, reload};

use super::lines::Lines;

/// The log, once there is one.
static LOG: OnceLock<Log> = OnceLock::new();
/// The lines that it lost.
static LOST: OnceLock<Counter> = OnceLock::new();

#[derive(Debug)]
struct Log {
    level: reload::Handle<Targets, tracing_subscriber::Registry>,
    lines: Lines,
}

/// Whether lines are JSON: as configured, else where nobody looks at a terminal.
#[must_use]
pub(super) fn is_json(format: LogFormat, stream: &impl IsTerminal) -> bool {
    match format {
        LogFormat::Json => true,
        LogFormat::Text => false,
        LogFormat::Auto => !stream.is_terminal(),
    }
}

/// Sends the log to standard error, and panics to the log. A second call in one process changes nothing.
///
/// # Panics
/// Where the system gives no thread.
pub fn init_log(logging: &Logging) {
    if LOG.get().is_some() {
        return;
    }
    let (level, handle) = reload::Layer::new(filter(logging.level));
    let events = tracing_subscriber::fmt::layer().with_writer(Queue);
    let events = if is_json(logging.format, &io::stderr()) {
        events.json().boxed()
    } else {
        events.with_ansi(io::stderr().is_terminal()).boxed()
    };
    if tracing_subscriber::registry().with(level).with(events).try_init().is_ok() {
        let lines = Lines::new("log", 1, io::stderr(), lost());
        let _set_once = LOG.set(Log { level: handle, lines });
        std::panic::set_hook(Box::new(|panic| {
            let text = panic_text(panic.payload());
            let place = panic.location().map(ToString::to_string);
            tracing::error!(panic = text, place, "a thread panicked");
        }));
    }
}

/// What a panic says.
pub(crate) fn panic_text(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no message")
}

/// Changes the level of the log, if there is one.
pub fn set_level(level: LogLevel) {
    if let Some(log) = LOG.get()
        && let Err(error) = log.level.reload(filter(level))
    {
        tracing::error!(%error, "the level of the log cannot be changed");
    }
}

/// The level of the log, if there is one.
#[must_use]
pub fn level() -> Option<LogLevel> {
    let is_on = |level: LogLevel| {
        let would_enable =
            |targets: &Targets| targets.would_enable(env!("CARGO_CRATE_NAME"), &severity(level));
        LOG.get()?.level.with_current(would_enable).ok().filter(|is_on| *is_on)
    };
    use LogLevel::{Debug, Error, Info, Trace, Warn};
    [Trace, Debug, Info, Warn, Error].into_iter().find(|level| is_on(*level).is_some())
}

/// Writes what is left of the log, unless that takes too long. Later lines are lost.
pub fn close_log() {
    if let Some(log) = LOG.get() {
        log.lines.close();
    }
}

/// The lines that the log lost.
pub(super) fn lost() -> Counter {
    LOST.get_or_init(Counter::default).clone()
}

/// Below `info` the gateway alone speaks: what libraries tell of their steps may have what callers sent.
fn filter(level: LogLevel) -> Targets {
    let own = LevelFilter::from_level(severity(level));
    Targets::new().with_default(own.min(LevelFilter::INFO)).with_target(env!("CARGO_CRATE_NAME"), own)
}

fn severity(level: LogLevel) -> tracing::Level {
    match level {
        LogLevel::Error => tracing::Level::ERROR,
        LogLevel::Warn => tracing::Level::WARN,
        LogLevel::Info => tracing::Level::INFO,
        LogLevel::Debug => tracing::Level::DEBUG,
        LogLevel::Trace => tracing::Level::TRACE,
    }
}

/// Where events are written: a line at a time.
struct Queue;

impl<'q> MakeWriter<'q> for Queue {
    type Writer = Self;

    fn make_writer(&'q self) -> Self {
        Self
    }
}

impl Write for Queue {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if let Some(Log { lines, .. }) = LOG.get() {
            lines.append(0, |buffer| {
                buffer.extend_from_slice(line);
                Ok(())
            });
            lines.hurry();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
