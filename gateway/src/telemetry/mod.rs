//! What operators see: metrics, one access-log line a call, and the log.

mod access;
mod audit;
mod backends;
mod lines;
mod method;
mod metrics;
mod reloads;

pub use access::{AccessLog, CallRecord};
pub use audit::AuditLog;
pub(crate) use audit::open as open_audit;
pub use method::MethodMetrics;
pub use metrics::{Metrics, MirrorMetrics};
pub use reloads::ReloadMetrics;

use std::fmt;
use std::io::IsTerminal;
use std::sync::OnceLock;

use thriftgate_config::{LogFormat, LogLevel, Logging};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, reload};

use crate::http::Reason;

/// How a call ended, as logs and metrics tell it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// A result
    Success,
    /// An exception that the method declares
    Declared,
    /// Anything else
    Exception(Reason),
    /// The caller left before its reply
    Abandoned,
}

impl Outcome {
    /// How many there are.
    pub const COUNT: usize = Reason::ALL.len() + 3;

    /// Each of them, once.
    pub fn all() -> impl Iterator<Item = Self> {
        let failures = Reason::ALL.into_iter().map(Self::Exception);
        [Self::Success, Self::Declared, Self::Abandoned].into_iter().chain(failures)
    }

    /// A number below [`Self::COUNT`].
    #[must_use]
    pub fn index(self) -> usize {
        match self {
            Self::Success => 0,
            Self::Declared => 1,
            Self::Abandoned => 2,
            Self::Exception(reason) => reason as usize + 3,
        }
    }

    /// The word in logs and metrics: `success`, `error`, `abandoned`, or the code of the refusal or failure.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Declared => "error",
            Self::Abandoned => "abandoned",
            Self::Exception(reason) => reason.code(),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Whether lines are JSON: as configured, else where nobody looks at a terminal.
#[must_use]
pub fn is_json(format: LogFormat, stream: &impl IsTerminal) -> bool {
    match format {
        LogFormat::Json => true,
        LogFormat::Text => false,
        LogFormat::Auto => !stream.is_terminal(),
    }
}

/// The level of the log, once there is one.
static LEVEL: OnceLock<reload::Handle<LevelFilter, tracing_subscriber::Registry>> = OnceLock::new();

/// Sends the log to standard error. A second call in one process changes nothing.
pub fn init_log(logging: &Logging) {
    let (level, handle) = reload::Layer::new(filter(logging.level));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = if is_json(logging.format, &std::io::stderr()) {
        lines.json().boxed()
    } else {
        lines.with_ansi(std::io::stderr().is_terminal()).boxed()
    };
    if tracing_subscriber::registry().with(level).with(lines).try_init().is_ok() {
        let _set_once = LEVEL.set(handle);
    }
}

/// Changes the level of the log, if there is one.
pub fn set_level(level: LogLevel) {
    if let Some(handle) = LEVEL.get()
        && let Err(error) = handle.reload(filter(level))
    {
        tracing::error!(%error, "the level of the log cannot be changed");
    }
}

fn filter(level: LogLevel) -> LevelFilter {
    match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    }
}
