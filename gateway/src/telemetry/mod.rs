//! What operators see: metrics, one line a call in the logs of calls, and the log of the process.
//!
//! `config/REFERENCE.md` has every name that is told here.

mod backends;
mod call_log;
mod histogram;
mod line;
mod lines;
mod live;
mod log;
mod method;
mod metrics;
mod outcome;
mod record;
mod refusals;
mod reloads;
mod sharded;
mod state;
mod trace;
mod usage;

pub use call_log::CallLog;
pub(crate) use call_log::LogFiles;
pub use line::LineForm;
pub(crate) use log::panic_text;
pub use log::{close_log, init_log, level, set_level};
pub use method::{BackendDuration, MethodMetrics};
pub use metrics::{Metrics, MirrorMetrics};
pub use outcome::Outcome;
pub use record::CallRecord;
pub use refusals::GroupRefusals;
pub use reloads::ReloadMetrics;
pub(crate) use trace::forward;
pub use trace::{AttemptSpan, Trace, TracedCall, Tracer};
