//! What operators see: metrics, one access-log line a call, and the log.

mod access;
mod metrics;

pub use access::{AccessLog, CallRecord};
pub use metrics::{MethodMetrics, Metrics};

use std::fmt;
use std::io::IsTerminal;

use thriftgate_config::{LogFormat, LogLevel, Logging};
use tracing_subscriber::filter::LevelFilter;

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

/// Sends the log to standard error. A second call in one process changes nothing.
pub fn init_log(logging: &Logging) {
    let level = match logging.level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    let builder = tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr);
    let _already_set = if is_json(logging.format, &std::io::stderr()) {
        builder.json().try_init()
    } else {
        builder.with_ansi(std::io::stderr().is_terminal()).try_init()
    };
}
