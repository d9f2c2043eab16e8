//! The endpoints of a backend, and what becomes of a call where one of them fails.

use crate::address::{Url, backend_target};
use crate::file;
use crate::problems::Problems;
use crate::scalar::{Scalar, Text, Word};
use crate::settings::{BackendAddress, Ejection, Endpoint, Retries};
use crate::shape::Short;
use std::mem::discriminant;
use std::path::{Path, PathBuf};

/// The endpoints of one backend.
pub(crate) struct Endpoints {
    /// Never empty.
    pub(crate) list: Vec<Endpoint>,
    /// What the addresses say where they are URLs, all the same.
    pub(crate) url: Option<Url>,
    /// The first address, for what is wrong with all of them.
    pub(crate) written: Word,
}

impl Endpoints {
    /// A single one.
    pub(crate) fn one(written: Word, base: &Path, problems: &mut Problems<'_>) -> Self {
        let (address, url) = target(&written, base, problems);
        Self { list: vec![Endpoint::new(address)], url, written }
    }

    /// Those of a backend in full, which has either `address` or `endpoints`; `name` is where it is named.
    pub(crate) fn of(file: &file::Backend, name: &Word, base: &Path, problems: &mut Problems<'_>) -> Self {
        let several = &file.endpoints.0;
        if let Some(address) = &file.address {
            let word = problems.word(address);
            if !several.is_empty() {
                problems.error(&word.span, "`address` and `endpoints` say the same: write one of them");
            }
            return Self::one(word, base, problems);
        }
        let Some((first, others)) = several.split_first() else {
            problems.error(&name.span, format!("`{}` has neither `address` nor `endpoints`", name.text));
            let nowhere = Endpoint::new(BackendAddress::Unix(PathBuf::new()));
            return Self { list: vec![nowhere], url: None, written: name.clone() };
        };
        let mut endpoints = Self::one(problems.word(address(first)), base, problems);
        endpoints.list[0].weight = weight(first, problems);
        for endpoint in others {
            let written = problems.word(address(endpoint));
            let (address, url) = target(&written, base, problems);
            let alike = discriminant(&address) == discriminant(&endpoints.list[0].address);
            if !alike || url != endpoints.url {
                problems.error(
                    &written.span,
                    format!("`{}` and `{}` are not of one kind", endpoints.written.text, written.text),
                );
            } else if endpoints.list.iter().any(|other| other.address == address) {
                problems.error(&written.span, format!("`{}` is there twice", written.text));
            }
            endpoints.list.push(Endpoint { address, weight: weight(endpoint, problems) });
        }
        endpoints
    }
}

fn address(endpoint: &Short<file::Endpoint>) -> &Scalar<Text> {
    match endpoint {
        Short::Text(address) => address,
        Short::Full(endpoint) => &endpoint.address,
    }
}

fn weight(endpoint: &Short<file::Endpoint>, problems: &mut Problems<'_>) -> u32 {
    let written = match endpoint {
        Short::Text(_) => None,
        Short::Full(endpoint) => endpoint.weight.as_ref(),
    };
    written.and_then(|weight| problems.take(weight)).map_or(1, |count| count.0)
}

/// What an address says; something in its place where it is at fault.
fn target(written: &Word, base: &Path, problems: &mut Problems<'_>) -> (BackendAddress, Option<Url>) {
    match problems.keep(&written.span, backend_target(&written.text, base)) {
        Some(target) => (target.address, target.url),
        None => (BackendAddress::Unix(PathBuf::new()), None),
    }
}

/// When a call is sent again.
pub(crate) fn retries(file: &file::Retries, problems: &mut Problems<'_>) -> Retries {
    let mut retries = Retries::default();
    problems.set(&mut retries.attempts, &file.attempts);
    problems.set(&mut retries.budget, &file.budget);
    problems.set(&mut retries.min_per_second, &file.min_per_second);
    retries
}

/// When an endpoint is taken out.
pub(crate) fn ejection(file: &file::Ejection, problems: &mut Problems<'_>) -> Ejection {
    let mut ejection = Ejection::default();
    problems.set(&mut ejection.consecutive_failures, &file.consecutive_failures);
    problems.set(&mut ejection.failure_share, &file.failure_share);
    problems.set(&mut ejection.min_calls, &file.min_calls);
    problems.set(&mut ejection.window, &file.window);
    problems.set(&mut ejection.time, &file.time);
    problems.set(&mut ejection.max_time, &file.max_time);
    match (&file.time, &file.max_time) {
        (_, Some(max_time)) if ejection.max_time < ejection.time => {
            problems.error(&max_time.span, "`max_time` is less than `time`");
        }
        _ => ejection.max_time = ejection.max_time.max(ejection.time),
    }
    ejection
}
