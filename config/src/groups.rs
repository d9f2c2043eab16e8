//! The sections `groups` and `audit` of a file, and the rates in it.

use crate::file;
use crate::patterns::{method_pattern, method_patterns};
use crate::problems::Problems;
use crate::routes::{exception_statuses, resolve_cors, route_path, style_change};
use crate::scalar::{Fault, Word};
use crate::settings::{
    ArgumentSource, Audit, CallerLimits, FilledArgument, Group, GroupRoute, MethodRate, Rate, Route,
};
use crate::shape::Named;
use std::path::Path;
use std::time::Duration;

/// The groups, in the order of the file; `routes` are all there are.
pub(crate) fn groups(
    written: &Named<file::Group>,
    routes: &[Route],
    problems: &mut Problems<'_>,
) -> Vec<Group> {
    written.0.iter().map(|(name, file)| group(name, file, routes, problems)).collect()
}

/// The index of the group that `name` refers to.
pub(crate) fn find(name: &Word, groups: &[Group], problems: &mut Problems<'_>) -> Option<usize> {
    let found = groups.iter().position(|group| group.name == name.text);
    if found.is_none() {
        problems.unknown(name, "group", groups.iter().map(|group| group.name.as_str()));
    }
    found
}

fn group(name: &Word, file: &file::Group, routes: &[Route], problems: &mut Problems<'_>) -> Group {
    if name.text.is_empty() {
        problems.error(&name.span, "the name of a group is not empty");
    }
    let mut methods = Vec::new();
    for (pattern, limits) in &file.methods.0 {
        let (pattern, rate) = (method_pattern(pattern, problems), rate(&limits.rate, problems));
        methods.extend(pattern.zip(rate).map(|(pattern, rate)| MethodRate { pattern, rate }));
    }
    let mut caller = CallerLimits::default();
    caller.rate = file.caller.rate.as_ref().and_then(|written| rate(written, problems));
    caller.calls = file.caller.calls.as_ref().and_then(|calls| problems.take(calls)).map(usize::from);
    caller.body = file.caller.body.as_ref().and_then(|body| problems.take(body)).map(usize::from);
    Group {
        name: name.text.clone(),
        allow: method_patterns(&file.allow, problems),
        deny: method_patterns(&file.deny, problems),
        routes: group_routes(file, routes, problems),
        rate: file.rate.as_ref().and_then(|written| rate(written, problems)),
        caller,
        methods,
        style: style_change(&file.style, problems),
        exception_statuses: exception_statuses(&file.exception_statuses, problems),
        cors: file.cors.as_ref().map(|cors| resolve_cors(cors, name, problems)),
        arguments: arguments(file, problems),
        origin: Some(problems.origin(&name.span)),
    }
}

fn group_routes(file: &file::Group, routes: &[Route], problems: &mut Problems<'_>) -> Vec<GroupRoute> {
    let mut list = Vec::new();
    for word in problems.words(&file.routes) {
        let Some(path) = problems.keep(&word.span, route_path(&word.text)) else { continue };
        if !routes.iter().any(|route| route.path == path) {
            problems.unknown(&word, "route", routes.iter().map(|route| route.path.as_str()));
            continue;
        }
        list.push(GroupRoute { path, origin: Some(problems.origin(&word.span)) });
    }
    list
}

/// A rate; `None` with the fault noted where a part of it is wrong.
pub(crate) fn rate(file: &file::Rate, problems: &mut Problems<'_>) -> Option<Rate> {
    let requests = problems.take(&file.requests)?.0;
    let mut rate = Rate { requests, per: Duration::from_secs(1), burst: requests };
    problems.set(&mut rate.per, &file.per);
    if let Some(burst) = &file.burst {
        rate.burst = problems.take(burst)?.0;
    }
    Some(rate)
}

fn arguments(file: &file::Group, problems: &mut Problems<'_>) -> Vec<FilledArgument> {
    let mut list: Vec<(&Word, FilledArgument)> = Vec::new();
    for (name, source) in &file.arguments.0 {
        let word = problems.word(source);
        let path = problems.keep(&name.span, dotted(&name.text));
        let source = problems.keep(&word.span, argument_source(&word.text));
        let Some((path, source)) = path.zip(source) else { continue };
        if let Some((other, _)) = list.iter().find(|(_, known)| overlap(&known.path, &path)) {
            problems
                .error(&name.span, format!("`{}` and `{}` are parts of one another", other.text, name.text));
        }
        list.push((name, FilledArgument { path, source, origin: Some(problems.origin(&name.span)) }));
    }
    list.into_iter().map(|(_, argument)| argument).collect()
}

/// Whether one of the paths leads through the other.
fn overlap(one: &[String], other: &[String]) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

fn argument_source(text: &str) -> Result<ArgumentSource, Fault> {
    if text == "caller" {
        return Ok(ArgumentSource::Caller);
    }
    if let Some(claim) = text.strip_prefix("claim.") {
        return dotted(claim).map(ArgumentSource::Claim);
    }
    match text.strip_prefix("attribute.") {
        Some(name) if !name.is_empty() => Ok(ArgumentSource::Attribute(name.to_owned())),
        _ => Err(Fault::new(format!("`{text}` is nothing that an argument can be filled with"))
            .with_help("write `caller`, `claim.` and the path of a claim, or `attribute.` and a name")),
    }
}

/// Names with dots between.
pub(crate) fn dotted(text: &str) -> Result<Vec<String>, Fault> {
    if text.split('.').any(str::is_empty) {
        return Err(Fault::new(format!("`{text}` is not a path: write names with dots between")));
    }
    Ok(text.split('.').map(str::to_owned).collect())
}

/// The audit log; relative to `base`.
pub(crate) fn audit(file: &file::Audit, base: &Path, problems: &mut Problems<'_>) -> Audit {
    Audit {
        file: base.join(problems.word(&file.file).text),
        arguments: method_patterns(&file.arguments, problems),
    }
}
