//! The sections `logging` and `metrics` of a file.

use crate::file;
use crate::problems::Problems;
use crate::settings::{AccessFields, AccessLog, Logging, Metrics};
use crate::shape::Switch;
use std::path::Path;

/// What is logged; relative to `base`.
pub(crate) fn logging(file: &file::Logging, base: &Path, problems: &mut Problems<'_>) -> Logging {
    let mut logging = Logging::default();
    problems.set(&mut logging.format, &file.format);
    problems.set(&mut logging.level, &file.level);
    let mut access = AccessLog { format: logging.format, ..AccessLog::default() };
    match &file.access {
        None => {}
        Some(Switch::Flag(flag)) => {
            if !problems.take(flag).is_none_or(bool::from) {
                logging.access = None;
                return logging;
            }
        }
        Some(Switch::Full(file)) => {
            problems.set(&mut access.format, &file.format);
            if let Some(fields) = &file.fields {
                access.fields = fields.iter().filter_map(|field| problems.take(field)).collect::<AccessFields>();
            }
            access.file = file.file.as_ref().map(|file| base.join(problems.word(file).text));
        }
    }
    logging.access = Some(access);
    logging
}

/// What is counted.
pub(crate) fn metrics(file: &file::Metrics, problems: &mut Problems<'_>) -> Metrics {
    let mut metrics = Metrics::default();
    problems.set(&mut metrics.calls, &file.calls);
    metrics
}
