//! What a reload changes.

use std::collections::BTreeSet;
use std::sync::Arc;

use thriftgate_metadata::{ServiceId, diff_services};

use crate::backend::Backend;
use crate::policy::Group;
use crate::snapshot::Snapshot;

/// What a reload changed, by names.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Changes {
    /// The files that are not what they were
    pub files: Vec<String>,
    /// Methods that can be called now and could not before
    pub exposed: Vec<String>,
    /// Methods that could be called before and cannot now
    pub withdrawn: Vec<String>,
    /// Backends that go on with their connections
    pub kept: Vec<String>,
    /// Backends that begin anew
    pub started: Vec<String>,
    /// Backends that end when the last call to them has ended
    pub ended: Vec<String>,
    /// Addresses of the listeners whose certificates are others
    pub certificates: Vec<String>,
}

impl Changes {
    /// What is different between two snapshots.
    pub(super) fn between(old: &Snapshot, new: &Snapshot) -> Self {
        let (before, after) = (exposed(old), exposed(new));
        let only_in = |these: &BTreeSet<(String, String)>, others: &BTreeSet<(String, String)>| {
            these.difference(others).map(|(route, method)| format!("{route} {method}")).collect()
        };
        let of = |backends: &[Arc<Backend>], others: &[Arc<Backend>], shared: bool| {
            let is_shared = |backend: &Arc<Backend>| others.iter().any(|other| Arc::ptr_eq(backend, other));
            let chosen = backends.iter().filter(|backend| is_shared(backend) == shared);
            chosen.map(|backend| backend.name.to_string()).collect()
        };
        Self {
            exposed: only_in(&after, &before),
            withdrawn: only_in(&before, &after),
            kept: of(&new.backends, &old.backends, true),
            started: of(&new.backends, &old.backends, false),
            ended: of(&old.backends, &new.backends, false),
            ..Self::default()
        }
    }
}

/// Every method that somebody can call, with the route that leads to it and, where callers are asked who they are, the group
/// that can.
fn exposed(snapshot: &Snapshot) -> BTreeSet<(String, String)> {
    let policy = &snapshot.policy;
    if policy.is_open() {
        return snapshot.router.exposed();
    }
    let of_group = |group: &Group| {
        let named = |(route, method)| (format!("{}: {route}", group.settings.name), method);
        group.router.exposed().into_iter().map(named).collect::<Vec<_>>()
    };
    policy.groups.iter().flat_map(of_group).collect()
}

/// Everything by which a new snapshot breaks callers of the old one, as text; `None` where nothing does.
pub(super) fn breaking(old: &Snapshot, new: &Snapshot) -> Option<String> {
    let (before, after) = (services(old), services(new));
    let diff = diff_services((&old.schema, &before), (&new.schema, &after));
    let breaking: Vec<String> = diff.breaking().map(ToString::to_string).collect();
    (!breaking.is_empty()).then(|| breaking.join("\n"))
}

/// The services that routes lead to, each once.
fn services(snapshot: &Snapshot) -> Vec<ServiceId> {
    let routes = snapshot.router.routes().iter();
    let all: BTreeSet<ServiceId> =
        routes.flat_map(|route| &route.services).map(|service| service.id).collect();
    all.into_iter().collect()
}
