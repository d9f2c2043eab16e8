//! Services and their methods.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Change, ChangeKind, meaning};
use super::effect::Effect::{Breaking, Risky};
use super::effect::{Effects, Flow, Rule};
use crate::id::{FunctionId, ServiceId};
use crate::schema::Schema;

/// A schema and those of its services that are looked at.
pub(super) type Side<'s> = (&'s Schema, &'s [ServiceId]);

/// Methods, old and new, and the names by which they are called.
pub(super) type Methods = BTreeMap<(FunctionId, FunctionId), Vec<String>>;

/// The methods that both sides have. One that several services inherit comes once.
pub(super) fn common_methods(old: Side<'_>, new: Side<'_>) -> Methods {
    let mut methods = Methods::new();
    for (before, after) in pairs(old, new) {
        let Some(after) = after else { continue };
        for &function in &old.0[before].functions {
            if let Some(same) = new.0.function(after, &old.0[function].name) {
                methods.entry((function, same)).or_default().push(called(new.0, after, same));
            }
        }
    }
    methods
}

/// Services and methods that came, went, or are called another way.
pub(super) fn compare(old: Side<'_>, new: Side<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    let pairs = pairs(old, new);
    let mut removed: BTreeMap<FunctionId, Vec<String>> = BTreeMap::new();
    let mut added: BTreeMap<FunctionId, Vec<String>> = BTreeMap::new();
    for &(before, after) in &pairs {
        let Some(after) = after else {
            changes.push(service(ChangeKind::ServiceRemoved, old.0, before, Effects::BREAKING));
            continue;
        };
        for &function in &old.0[before].functions {
            if new.0.function(after, &old.0[function].name).is_none() {
                removed.entry(function).or_default().push(called(old.0, before, function));
            }
        }
        for &function in &new.0[after].functions {
            if old.0.function(before, &new.0[function].name).is_none() {
                added.entry(function).or_default().push(called(new.0, after, function));
            }
        }
    }
    for &id in new.1 {
        if !pairs.iter().any(|(_, after)| *after == Some(id)) {
            changes.push(service(ChangeKind::ServiceAdded, new.0, id, Effects::NONE));
        }
    }
    for (function, names) in removed {
        changes.push(method(ChangeKind::MethodRemoved, old.0, function, names, Effects::BREAKING));
    }
    for (function, names) in added {
        changes.push(method(ChangeKind::MethodAdded, new.0, function, names, Effects::NONE));
    }
    for ((before, after), names) in common_methods(old, new) {
        let effects = Effects::new(Risky, Breaking);
        let kind = match (old.0[before].oneway, new.0[after].oneway) {
            (false, true) => ChangeKind::BecameOneway,
            (true, false) => ChangeKind::NoLongerOneway,
            _ => continue,
        };
        changes.push(method(kind, new.0, after, names, effects));
    }
    changes.extend(ambiguous(old, new));
    changes
}

/// Each old service with the new one that stands in its place.
fn pairs(old: Side<'_>, new: Side<'_>) -> Vec<(ServiceId, Option<ServiceId>)> {
    let qualified = |(schema, _): Side<'_>, id: ServiceId| {
        let service = &schema[id];
        (schema[service.program].name.clone(), service.name.clone())
    };
    let same = |id| new.1.iter().copied().find(|&other| qualified(new, other) == qualified(old, id));
    let taken: BTreeSet<ServiceId> = old.1.iter().filter_map(|&id| same(id)).collect();
    let moved = |id: ServiceId| {
        let name = &old.0[id].name;
        new.1.iter().copied().find(|other| new.0[*other].name == *name && !taken.contains(other))
    };
    old.1.iter().map(|&id| (id, same(id).or_else(|| moved(id)))).collect()
}

/// The methods whose names were enough to call them, and are so no longer.
fn ambiguous(old: Side<'_>, new: Side<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    let before = owners(old);
    for (name, services) in owners(new) {
        if services.len() < 2 || before.get(name).is_none_or(|services| services.len() != 1) {
            continue;
        }
        let list = |schema: &Schema, services: &[ServiceId]| {
            services.iter().map(|&id| format!("{}.{name}", schema[id].name)).collect::<Vec<_>>()
        };
        let (was, is) = (list(old.0, &before[name]), list(new.0, &services));
        let function = old.0.function(before[name][0], name).expect("the service has the method");
        let kind = ChangeKind::MethodAmbiguous;
        changes.push(Change {
            was: Some(was.join(", ")),
            is: Some(is.join(", ")),
            ..method(kind, old.0, function, was, Effects::RISKY)
        });
    }
    changes
}

/// Of each method name the services that have it, without those that extend another one of them.
fn owners<'s>((schema, services): Side<'s>) -> BTreeMap<&'s str, Vec<ServiceId>> {
    let mut owners: BTreeMap<&str, Vec<ServiceId>> = BTreeMap::new();
    for &id in services {
        for &function in &schema[id].functions {
            owners.entry(&schema[function].name).or_default().push(id);
        }
    }
    for found in owners.values_mut() {
        let all = found.clone();
        found.retain(|&id| !all.iter().any(|&base| base != id && schema.is_a(id, base)));
    }
    owners
}

fn called(schema: &Schema, service: ServiceId, function: FunctionId) -> String {
    format!("{}.{}", schema[service].name, schema[function].name)
}

fn service(kind: ChangeKind, schema: &Schema, id: ServiceId, effects: Effects) -> Change {
    let service = &schema[id];
    Change {
        kind,
        place: service.name.to_string(),
        file: schema[service.program].path.clone(),
        was: None,
        is: None,
        json: effects.json,
        wire: effects.wire,
        meaning: meaning(kind, Rule::both(effects), Flow::BOTH),
        flow: Flow::BOTH,
        methods: Vec::new(),
    }
}

fn method(kind: ChangeKind, schema: &Schema, id: FunctionId, names: Vec<String>, effects: Effects) -> Change {
    let declared = schema[id].service;
    Change { place: called(schema, declared, id), methods: names, ..service(kind, schema, declared, effects) }
}
