//! The key `health_check` of a backend.

use crate::file::{self, HealthCheckKind};
use crate::problems::Problems;
use crate::scalar::Fault;
use crate::settings::{HealthCheck, HealthMethod, HealthProbe};

/// How the endpoints of a backend are checked; `None` with the fault noted where it cannot be said.
pub(crate) fn health_check(file: &file::HealthCheck, problems: &mut Problems<'_>) -> Option<HealthCheck> {
    let probe = probe(file, problems);
    let mut check = HealthCheck::new(HealthProbe::Tcp);
    problems.set(&mut check.interval, &file.interval);
    problems.set(&mut check.timeout, &file.timeout);
    problems.set(&mut check.healthy_after, &file.healthy_after);
    problems.set(&mut check.unhealthy_after, &file.unhealthy_after);
    Some(HealthCheck { probe: probe?, ..check })
}

fn probe(file: &file::HealthCheck, problems: &mut Problems<'_>) -> Option<HealthProbe> {
    let method = file.method.as_ref().map(|method| problems.word(method));
    let kind = match &file.kind {
        Some(kind) => Some((problems.take(kind)?, &kind.span)),
        None => None,
    };
    match (kind, method) {
        (Some((HealthCheckKind::Tcp, _)) | None, None) => Some(HealthProbe::Tcp),
        (Some((HealthCheckKind::Tcp, _)), Some(method)) => {
            problems.error(&method.span, "`method` is for the type `call` alone");
            None
        }
        (Some((HealthCheckKind::Call, span)), None) => {
            problems.error(span, "a health check of the type `call` needs its `method`");
            None
        }
        (_, Some(word)) => match word.text.rsplit_once('.') {
            Some((service, method)) if !service.is_empty() && !method.is_empty() => {
                Some(HealthProbe::Call(HealthMethod {
                    service: service.to_owned(),
                    method: method.to_owned(),
                    origin: Some(problems.origin(&word.span)),
                }))
            }
            _ => {
                let fault = Fault::new(format!("`{}` does not name the service of the method", word.text))
                    .with_help("write `Service.method`");
                problems.fault(&word.span, fault);
                None
            }
        },
    }
}
