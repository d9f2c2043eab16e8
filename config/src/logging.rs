//! The sections `logging` and `metrics` of a file.

use crate::file;
use crate::problems::Problems;
use crate::settings::{AccessLog, LogFormat, Logging, Metrics};
use crate::shape::Switch;
use std::path::Path;

/// What is logged; relative to `base`.
pub(crate) fn logging(file: &file::Logging, base: &Path, problems: &mut Problems<'_>) -> Logging {
    let mut logging = Logging::default();
    problems.set(&mut logging.format, &file.format);
    problems.set(&mut logging.level, &file.level);
    logging.access = match &file.access {
        None => Some(AccessLog::default()),
        Some(Switch::Flag(flag)) => problems.take(flag).is_none_or(bool::from).then(AccessLog::default),
        Some(Switch::Full(file)) => Some(access_log(file, base, problems)),
    };
    if let Some(access) = &mut logging.access
        && access.format == LogFormat::Auto
    {
        access.format = logging.format;
    }
    logging
}

/// The access log; relative to `base`.
fn access_log(file: &file::AccessLog, base: &Path, problems: &mut Problems<'_>) -> AccessLog {
    let mut access = AccessLog::default();
    problems.set(&mut access.format, &file.format);
    if let Some(fields) = &file.fields {
        access.fields = fields.iter().filter_map(|field| problems.take(field)).collect();
    }
    access.file = file.file.as_ref().map(|file| base.join(problems.word(file).text));
    access
}

/// What is counted.
pub(crate) fn metrics(file: &file::Metrics, problems: &mut Problems<'_>) -> Metrics {
    let mut metrics = Metrics::default();
    problems.set(&mut metrics.calls, &file.calls);
    metrics
}
