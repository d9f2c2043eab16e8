//! The check that each route can be reached.

use crate::problems::Problems;
use crate::scalar::Fault;
use crate::settings::{HostPattern, MethodPattern, Route, Services};
use std::ops::Range;

/// Refuses every route whose calls an earlier one certainly takes, and where a route can be told apart from an earlier one
/// says nothing: a call that the earlier one does not take goes on.
pub(crate) fn refuse_hidden(list: &[(Range<usize>, Route)], problems: &mut Problems<'_>) {
    for (index, (span, route)) in list.iter().enumerate() {
        let Some((_, earlier)) = list[..index].iter().find(|(_, earlier)| takes_all(earlier, route)) else {
            continue;
        };
        let help = match earlier.path == route.path {
            true => "put their services into one route, or tell them apart by path, host, headers or methods",
            false => "put the longer path first; those of `services` are tried first of all",
        };
        let message =
            format!("no call reaches `{}`: the earlier route `{}` takes them", route.path, earlier.path);
        problems.fault(span, Fault::new(message).with_help(help));
    }
}

/// Whether every call that `later` could take is taken by `earlier`.
fn takes_all(earlier: &Route, later: &Route) -> bool {
    let takes_methods = if earlier.is_selective() {
        // Below a longer path another part of it names the method, so that an earlier route that chooses among methods does not know
        // it.
        earlier.path == later.path && covers_services(earlier, later) && covers_methods(earlier, later)
    } else {
        covers_path(&earlier.path, &later.path)
    };
    takes_methods
        && covers_hosts(&earlier.hosts, &later.hosts)
        && earlier.headers.iter().all(|header| later.headers.contains(header))
}

/// Whether every path below `path` is below `prefix`; never so for a path at fault, which is empty.
fn covers_path(prefix: &str, path: &str) -> bool {
    if prefix.is_empty() || path.is_empty() {
        return false;
    }
    prefix == "/" || path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn covers_hosts(earlier: &[HostPattern], later: &[HostPattern]) -> bool {
    let covered = |host: &HostPattern| earlier.iter().any(|pattern| pattern.covers(host));
    earlier.is_empty() || !later.is_empty() && later.iter().all(covered)
}

fn covers_services(earlier: &Route, later: &Route) -> bool {
    match (&earlier.services, &later.services) {
        (Services::All, _) => true,
        (Services::Named(_), Services::All) => false,
        (Services::Named(earlier), Services::Named(later)) => later.iter().all(|service| {
            earlier
                .iter()
                .any(|other| other.name == service.name && (other.idl.is_empty() || other.idl == service.idl))
        }),
    }
}

fn covers_methods(earlier: &Route, later: &Route) -> bool {
    let covered = |method: &MethodPattern| earlier.methods.iter().any(|pattern| pattern.covers(method));
    earlier.methods.is_empty() || !later.methods.is_empty() && later.methods.iter().all(covered)
}
