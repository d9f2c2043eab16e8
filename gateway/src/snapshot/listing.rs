//! What a snapshot leads to, as operators are told it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use thriftgate_protocols::style;

use super::Snapshot;
use crate::policy::Group;
use crate::router::{Destination, Method, Route, Router};

/// What each URL leads to, an object a method: for the callers of a group; where none is named, for anybody, with the
/// groups whose callers may call it where callers are asked who they are.
pub(crate) fn listing(snapshot: &Snapshot, group: Option<&Group>) -> Vec<Value> {
    let router = group.map_or(&snapshot.router, |group| &group.router);
    let mut all = Vec::new();
    for (route, method) in methods(router) {
        let mut entry = object(route, method);
        if group.is_none() && !snapshot.policy.is_open() {
            entry["groups"] = groups_of(snapshot, route, method).into();
        }
        all.push(entry);
    }
    all
}

/// Every method of every route.
pub(crate) fn methods(router: &Router) -> impl Iterator<Item = (&Route, &Method)> {
    router.routes().iter().flat_map(|route| route.methods.iter().map(move |method| (route, method)))
}

/// The names of the groups whose callers may call a method of a route, both as they are for anybody.
pub(crate) fn groups_of<'s>(snapshot: &'s Snapshot, route: &Route, method: &Method) -> Vec<&'s str> {
    let position = snapshot.router.routes().iter().position(|known| std::ptr::eq(known, route));
    let may_call = |group: &&Group| {
        let for_group = position.and_then(|position| group.router.routes().get(position));
        for_group.is_some_and(|route| route.methods.iter().any(|known| known.function == method.function))
    };
    let groups = snapshot.policy.groups.iter().filter(may_call);
    groups.map(|group| group.settings.name.as_str()).collect()
}

/// The path that names a method.
pub(crate) fn url(route: &Route, method: &Method) -> String {
    let prefix = if route.settings.path == "/" { "" } else { &route.settings.path };
    format!("{prefix}/{}/{}", route.services[method.service].name, method.name)
}

/// What of the style is not the default.
pub(crate) fn style(method: &Method) -> Vec<(&'static str, &'static str)> {
    let style = method.style;
    let mut all = Vec::new();
    if style.i64 == style::I64Style::String {
        all.push(("i64", "string"));
    }
    if style.enums == style::EnumStyle::Number {
        all.push(("enums", "number"));
    }
    if style.unknown_fields == style::UnknownFields::Ignore {
        all.push(("unknown_fields", "ignore"));
    }
    if style.missing_arguments == style::MissingArguments::Refuse {
        all.push(("missing_arguments", "refuse"));
    }
    all
}

fn object(route: &Route, method: &Method) -> Value {
    let seconds = |value: std::time::Duration| value.as_secs_f64();
    let backend = |to: &Destination| {
        json!({
            "backend": to.backend.name,
            "weight": to.weight,
            "speaks": to.backend.description(),
            "deadline": seconds(to.deadline.value),
        })
    };
    let style: Map<String, Value> =
        style(method).into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    let backends = method.destinations.all().iter().filter(|_| method.sandbox.is_none());
    json!({
        "url": url(route, method),
        "path": route.settings.path,
        "hosts": route.settings.hosts.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "headers": route.settings.headers.iter().cloned().collect::<BTreeMap<_, _>>(),
        "service": route.services[method.service].name,
        "method": method.name,
        "oneway": method.oneway,
        "sandbox": method.sandbox.is_some(),
        "backends": backends.map(backend).collect::<Vec<_>>(),
        "mirror": method.mirror.as_ref().map(|mirror| {
            json!({"backend": mirror.to.backend.name, "share": mirror.share})
        }),
        "body": method.body.value,
        "idempotent": method.idempotent.value,
        "attempt_timeout": method.attempt_timeout.value.map(seconds),
        "retries": method.retries.value,
        "style": style,
    })
}
