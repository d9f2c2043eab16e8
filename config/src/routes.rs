//! The routes of a file, in the order in which they are tried, and the check that each can be reached.

use crate::address::web_origin;
use crate::backends::Backends;
use crate::file::{self, CallerStyle};
use crate::headers::header_name;
use crate::idl::IdlSources;
use crate::problems::Problems;
use crate::quantity::{Status, Timeout};
use crate::scalar::{Fault, Flag, Scalar, Word};
use crate::settings::{Cors, ExceptionStatus, Route, ServiceName, Services, Style};
use crate::shape::Named;
use std::ops::Range;
use std::time::Duration;

/// How long a browser may remember a preflight where nothing is said.
const DEFAULT_MAX_AGE: Duration = Duration::from_secs(600);

/// The routes of `services`, then those of `routes`; one to everything where there is neither and one backend.
pub(crate) fn routes(
    services: &Named<file::Service>,
    routes: &[file::Route],
    idl: &mut IdlSources<'_>,
    backends: &mut Backends<'_>,
    problems: &mut Problems<'_>,
) -> Vec<Route> {
    let mut list: Vec<(Range<usize>, Route)> = Vec::new();
    for (name, service) in &services.0 {
        let sources = idl.add(&service.idl, problems);
        let path = match &service.path {
            Some(path) => problems.word(path),
            None => Word { span: name.span.clone(), text: format!("/{}", name.text) },
        };
        let backend = backends.find(service.backend.as_ref(), name, problems);
        let mut route = route(&path, backend, &service.options(), problems);
        route.services = Services::Named(service_names(std::slice::from_ref(name), &sources, problems));
        list.push((path.span, route));
    }
    for written in routes {
        let path = problems.word(&written.path);
        let backend = backends.find(written.backend.as_ref(), &path, problems);
        let mut route = route(&path, backend, &written.options(), problems);
        if let Some(names) = &written.services {
            if names.is_empty() {
                problems.error(
                    &path.span,
                    "a route has at least one service; without `services` it has them all",
                );
            }
            route.services = Services::Named(service_names(&problems.words(names), &[], problems));
        }
        list.push((path.span, route));
    }
    if list.is_empty() {
        let backend = backends.only(&Word { span: 0..0, text: "/".to_owned() }, problems);
        return vec![Route::new("/", backend.unwrap_or_default())];
    }
    refuse_hidden(&list, problems);
    list.into_iter().map(|(_, route)| route).collect()
}

/// The keys that routes and services share.
struct Options<'a> {
    style: &'a file::Style,
    caller_style: &'a Option<Scalar<CallerStyle>>,
    cors: &'a Option<file::Cors>,
    legacy_first_byte: &'a Option<Scalar<Flag>>,
    deadline: &'a Option<Scalar<Timeout>>,
    compression: &'a Option<Scalar<Flag>>,
    exception_statuses: &'a Named<Scalar<Status>>,
}

macro_rules! options {
    ($($written:ty)*) => {
        $(impl $written {
            fn options(&self) -> Options<'_> {
                let Self { style, caller_style, cors, legacy_first_byte, deadline, compression, exception_statuses, .. } =
                    self;
                Options { style, caller_style, cors, legacy_first_byte, deadline, compression, exception_statuses }
            }
        })*
    };
}

options! { file::Route file::Service }

/// The route of a path with every service.
fn route(path: &Word, backend: Option<usize>, options: &Options<'_>, problems: &mut Problems<'_>) -> Route {
    let plain = problems.keep(&path.span, route_path(&path.text)).unwrap_or_default();
    let mut route = Route::new(plain, backend.unwrap_or_default());
    route.origin = Some(problems.origin(&path.span));
    set_style(&mut route.style, options.style, problems);
    let caller_style = options.caller_style.as_ref().and_then(|scalar| problems.take(scalar));
    route.caller_style = caller_style != Some(CallerStyle::Forbid);
    route.cors = options.cors.as_ref().map(|cors| resolve_cors(cors, path, problems));
    problems.set(&mut route.legacy_first_byte, options.legacy_first_byte);
    problems.set(&mut route.compression, options.compression);
    route.deadline = options.deadline.as_ref().and_then(|scalar| problems.take(scalar)).map(Duration::from);
    for (name, status) in &options.exception_statuses.0 {
        check_name(name, "an exception", problems);
        if let Some(status) = problems.take(status) {
            let origin = Some(problems.origin(&name.span));
            route.exception_statuses.push(ExceptionStatus {
                exception: name.text.clone(),
                status: status.0,
                origin,
            });
        }
    }
    route
}

fn set_style(style: &mut Style, file: &file::Style, problems: &mut Problems<'_>) {
    problems.set(&mut style.i64, &file.i64);
    problems.set(&mut style.enums, &file.enums);
    problems.set(&mut style.unknown_fields, &file.unknown_fields);
    problems.set(&mut style.missing_arguments, &file.missing_arguments);
}

fn service_names(names: &[Word], sources: &[usize], problems: &mut Problems<'_>) -> Vec<ServiceName> {
    let mut list: Vec<ServiceName> = Vec::new();
    for name in names {
        check_name(name, "a service", problems);
        if list.iter().any(|other| other.name == name.text) {
            problems.error(&name.span, format!("the service `{}` is there twice", name.text));
            continue;
        }
        let origin = Some(problems.origin(&name.span));
        list.push(ServiceName { name: name.text.clone(), idl: sources.to_vec(), origin });
    }
    list
}

/// A name as Thrift writes it, with the name of a program and a dot before it or without.
fn check_name(name: &Word, what: &str, problems: &mut Problems<'_>) {
    let is_identifier = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    if !name.text.split('.').all(is_identifier) {
        problems.error(&name.span, format!("`{}` cannot be the name of {what} in Thrift", name.text));
    }
}

fn resolve_cors(cors: &file::Cors, path: &Word, problems: &mut Problems<'_>) -> Cors {
    let mut resolved = Cors { origins: Vec::new(), headers: Vec::new(), max_age: DEFAULT_MAX_AGE };
    if cors.origins.is_empty() {
        problems.error(&path.span, "`cors` needs at least one of `origins`");
    }
    for origin in problems.words(&cors.origins) {
        resolved.origins.extend(problems.keep(&origin.span, web_origin(&origin.text)));
    }
    for name in problems.words(&cors.headers) {
        resolved.headers.extend(problems.keep(&name.span, header_name(&name.text)));
    }
    problems.set(&mut resolved.max_age, &cors.max_age);
    resolved
}

/// `/`, or whole segments without a slash at the end.
fn route_path(text: &str) -> Result<String, Fault> {
    const HELP: &str = "write `/` and whole segments, as `/vendors/v1`";
    let Some(inner) = text.strip_prefix('/') else {
        return Err(Fault::new(format!("the path `{text}` does not begin with `/`")).with_help(HELP));
    };
    let inner = inner.strip_suffix('/').unwrap_or(inner);
    if inner.is_empty() {
        return match text {
            "/" => Ok(text.to_owned()),
            _ => Err(Fault::new(format!("the path `{text}` has an empty segment")).with_help(HELP)),
        };
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$'()*+,;=:@".contains(&byte);
    for segment in inner.split('/') {
        if segment.is_empty() {
            return Err(Fault::new(format!("the path `{text}` has an empty segment")).with_help(HELP));
        }
        if matches!(segment, "." | "..") || !segment.bytes().all(is_plain) {
            return Err(Fault::new(format!("`{segment}` cannot be a segment of a path")).with_help(HELP));
        }
    }
    let first = inner.split('/').next().unwrap_or_default();
    if matches!(first, "docs" | "mcp") || first.starts_with("openapi") {
        return Err(Fault::new(format!("the path `/{first}` is reserved for the gateway's own pages")));
    }
    Ok(format!("/{inner}"))
}

/// Refuses every route whose calls an earlier one takes: the first prefix that matches wins.
fn refuse_hidden(list: &[(Range<usize>, Route)], problems: &mut Problems<'_>) {
    for (index, (span, route)) in list.iter().enumerate() {
        let Some((_, earlier)) = list[..index].iter().find(|(_, earlier)| covers(&earlier.path, &route.path))
        else {
            continue;
        };
        let help = match earlier.path == route.path {
            true => "put their services into one route, or give them different paths",
            false => "put the longer path first; those of `services` are tried first of all",
        };
        let message =
            format!("no call reaches `{}`: the earlier route `{}` takes them", route.path, earlier.path);
        problems.fault(span, Fault::new(message).with_help(help));
    }
}

/// Whether every path below `path` is below `prefix`; never so for a path at fault, which is empty.
fn covers(prefix: &str, path: &str) -> bool {
    if prefix.is_empty() || path.is_empty() {
        return false;
    }
    prefix == "/" || path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
