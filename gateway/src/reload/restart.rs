//! What cannot change while the gateway runs.

use thriftgate_config::{Listener, Settings, Tracing};

use crate::snapshot::at;

/// Refuses settings that differ where only a new process can follow.
///
/// # Errors
/// Each such key at its place, as text.
pub(super) fn check(running: &Settings, wanted: &Settings) -> Result<(), String> {
    let (limits, new_limits) = (&running.limits, &wanted.limits);
    let (runtime, new_runtime) = (&running.runtime, &wanted.runtime);
    let (logging, new_logging) = (&running.logging, &wanted.logging);
    let admin = if wanted.admin.is_some() { "admin.listen" } else { "admin.enabled" };
    let keys = [
        (admin, running.admin == wanted.admin),
        ("limits.connections", limits.connections == new_limits.connections),
        ("runtime.threads", runtime.threads == new_runtime.threads),
        ("runtime.scheduling", runtime.scheduling == new_runtime.scheduling),
        ("logging.format", logging.format == new_logging.format),
        ("tracing", same_tracing(running.tracing.as_ref(), wanted.tracing.as_ref())),
        ("drain.delay", running.drain.delay == wanted.drain.delay),
        ("drain.grace", running.drain.grace == wanted.drain.grace),
    ];
    let mut refused = Vec::new();
    if !same_listeners(&running.listen, &wanted.listen) {
        let is_new = |&(position, listener): &(usize, &Listener)| {
            running.listen.get(position).is_none_or(|running| !same_listener(running, listener))
        };
        let first = wanted.listen.iter().enumerate().find(is_new).map(|(_, listener)| listener);
        let origin = first.or(wanted.listen.last()).and_then(|listener| listener.origin.as_ref());
        refused.push(at(
            origin,
            "`listen` cannot change while the gateway runs: it needs a restart".into(),
            None,
        ));
    }
    for (key, _) in keys.into_iter().filter(|(_, same)| !same) {
        let message = format!("`{key}` cannot change while the gateway runs: it needs a restart");
        refused.push(at(wanted.places.of(key), message, None));
    }
    if refused.is_empty() { Ok(()) } else { Err(refused.join("\n")) }
}

/// Of which share of the calls there are traces may change, but not where they go.
fn same_tracing(running: Option<&Tracing>, wanted: Option<&Tracing>) -> bool {
    match (running, wanted) {
        (Some(running), Some(wanted)) => *running == Tracing { sample: running.sample, ..wanted.clone() },
        (None, None) => true,
        _ => false,
    }
}

fn same_listeners(running: &[Listener], wanted: &[Listener]) -> bool {
    running.len() == wanted.len()
        && running.iter().zip(wanted).all(|(running, wanted)| same_listener(running, wanted))
}

/// Which certificates a listener has may change, but not whether it has any.
fn same_listener(running: &Listener, wanted: &Listener) -> bool {
    running.address == wanted.address && running.tls.is_some() == wanted.tls.is_some()
}
