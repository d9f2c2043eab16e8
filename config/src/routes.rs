//! The routes of a file, in the order in which they are tried.

use crate::address::web_origin;
use crate::backends::Backends;
use crate::documents::{refuse_reserved, sandbox};
use crate::file::{self, CallerStyle, Destination, Options};
use crate::headers::{header_name, header_value};
use crate::idl::IdlSources;
use crate::marks;
use crate::patterns::{host_pattern, method_pattern, method_patterns};
use crate::problems::Problems;
use crate::quantity::Status;
use crate::reachability::refuse_hidden;
use crate::scalar::{Fault, Scalar, Word};
use crate::settings::{
    Cors, Documents, ExceptionStatus, MethodSettings, Mirror, Route, ServiceName, Services, Style,
    StyleChange, WeightedBackend,
};
use crate::shape::{Named, Short};
use garde::Validate;
use serde::de::DeserializeOwned;
use std::ops::Range;
use std::time::Duration;

/// How long a browser may remember a preflight where nothing is said.
const DEFAULT_MAX_AGE: Duration = Duration::from_secs(600);

/// The sections of a file that say which routes there are, and which there cannot be.
pub(crate) struct Written<'a> {
    pub(crate) services: &'a Named<file::Service>,
    pub(crate) routes: &'a [file::Route],
    pub(crate) documents: Option<&'a Documents>,
}

/// The routes of `services`, then those of `routes`; one to everything where there is neither and one backend.
pub(crate) fn routes(
    written: &Written<'_>,
    idl: &mut IdlSources<'_>,
    backends: &mut Backends<'_>,
    problems: &mut Problems<'_>,
) -> Vec<Route> {
    let mut list: Vec<(Range<usize>, Route)> = Vec::new();
    for (name, service) in &written.services.0 {
        let sources = idl.add(&service.idl, problems);
        let path = match &service.path {
            Some(path) => problems.word(path),
            None => Word { span: name.span.clone(), text: format!("/{}", name.text) },
        };
        let mut route = route(&path, name, &service.options(), backends, problems);
        route.services = Services::Named(service_names(std::slice::from_ref(name), &sources, problems));
        list.push((path.span, route));
    }
    for written in written.routes {
        let path = problems.word(&written.path);
        let mut route = route(&path, &path, &written.options(), backends, problems);
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
    refuse_reserved(&list, written.documents, problems);
    refuse_hidden(&list, problems);
    list.into_iter().map(|(_, route)| route).collect()
}

/// The route of a path with every service; a backend that is written in full there is named after `owner`.
fn route(
    path: &Word,
    owner: &Word,
    options: &Options<'_>,
    backends: &mut Backends<'_>,
    problems: &mut Problems<'_>,
) -> Route {
    let plain = problems.keep(&path.span, route_path(&path.text)).unwrap_or_default();
    let mut route = Route::new(plain, 0);
    route.origin = Some(problems.origin(&path.span));
    set_destination(&mut route, options, (path, owner), backends, problems);
    set_matchers(&mut route, options, problems);
    route.marks = marks::of_route(options, backends.limits(), problems);
    for (name, written) in &options.method_settings.0 {
        let pattern = method_pattern(name, problems);
        let settings = |pattern| MethodSettings {
            pattern,
            marks: marks::of_methods(written, backends.limits(), problems),
            style: style_change(&written.style, problems),
        };
        route.method_settings.extend(pattern.map(settings));
    }
    set_style(&mut route.style, options.style, problems);
    let caller_style = options.caller_style.as_ref().and_then(|scalar| problems.take(scalar));
    route.caller_style = caller_style != Some(CallerStyle::Forbid);
    route.cors = options.cors.as_ref().map(|cors| resolve_cors(cors, path, problems));
    problems.set(&mut route.legacy_first_byte, options.legacy_first_byte);
    problems.set(&mut route.compression, options.compression);
    route.exception_statuses = exception_statuses(options.exception_statuses, problems);
    problems.set(&mut route.documents, options.documents);
    route
}

/// The statuses of declared exceptions.
pub(crate) fn exception_statuses(
    written: &Named<Scalar<Status>>,
    problems: &mut Problems<'_>,
) -> Vec<ExceptionStatus> {
    let mut statuses = Vec::new();
    for (name, status) in &written.0 {
        check_name(name, "an exception", problems);
        if let Some(status) = problems.take(status) {
            let origin = Some(problems.origin(&name.span));
            statuses.push(ExceptionStatus { exception: name.text.clone(), status: status.0, origin });
        }
    }
    statuses
}

/// Puts in where calls go.
fn set_destination(
    route: &mut Route,
    options: &Options<'_>,
    (path, owner): (&Word, &Word),
    backends: &mut Backends<'_>,
    problems: &mut Problems<'_>,
) {
    route.sandbox = sandbox(options.sandbox.as_ref(), problems);
    if route.sandbox.is_none() {
        route.backends = destinations(options.backend.as_ref(), owner, backends, problems);
        route.mirror = options.mirror.as_ref().and_then(|written| mirror(written, backends, problems));
        return;
    }
    route.backends = Vec::new();
    if options.backend.is_some() {
        problems.error(&path.span, "a route with a `sandbox` calls no `backend`");
    } else if options.mirror.is_some() {
        problems.error(&path.span, "a route with a `sandbox` has no calls to `mirror`");
    }
}

/// The backends of a route; never empty, whatever is wrong.
fn destinations(
    written: Option<&Short<Destination>>,
    owner: &Word,
    backends: &mut Backends<'_>,
    problems: &mut Problems<'_>,
) -> Vec<WeightedBackend> {
    let one = match written {
        None => backends.only(owner, problems),
        Some(Short::Text(text)) => {
            let name = problems.word(text);
            backends.find(&name, problems)
        }
        Some(Short::Full(Destination::Backend(backend))) => Some(backends.own(backend, owner, problems)),
        Some(Short::Full(Destination::Weighted(Named(weights)))) => {
            let mut list = Vec::new();
            for (name, weight) in weights {
                let (backend, weight) = (backends.find(name, problems), problems.take(weight));
                list.extend(
                    backend
                        .zip(weight)
                        .map(|(backend, weight)| WeightedBackend { backend, weight: weight.0 }),
                );
            }
            let all_known = list.len() == weights.len();
            if all_known && list.iter().all(|entry| entry.weight == 0) {
                problems.error(&weights[0].0.span, "no call goes anywhere: every weight is 0");
            }
            if !list.is_empty() {
                return list;
            }
            None
        }
    };
    vec![WeightedBackend { backend: one.unwrap_or_default(), weight: 1 }]
}

fn mirror(
    written: &file::Mirror,
    backends: &mut Backends<'_>,
    problems: &mut Problems<'_>,
) -> Option<Mirror> {
    let mut share = 1.0;
    problems.set(&mut share, &written.share);
    let name = problems.word(&written.backend);
    let backend = backends.find(&name, problems)?;
    Some(Mirror { backend, share })
}

/// Puts in which requests and which methods the route is for.
fn set_matchers(route: &mut Route, options: &Options<'_>, problems: &mut Problems<'_>) {
    for host in problems.words(&options.host.0) {
        route.hosts.extend(problems.keep(&host.span, host_pattern(&host.text)));
    }
    for (name, value) in &options.headers.0 {
        let value = problems.word(value);
        problems.keep(&value.span, header_value(&value.text));
        let name = problems.keep(&name.span, header_name(&name.text));
        route.headers.extend(name.map(|name| (name, value.text)));
    }
    route.methods = method_patterns(options.methods, problems);
    route.hide = method_patterns(options.hide, problems);
}

pub(crate) fn style_change(file: &file::Style, problems: &mut Problems<'_>) -> StyleChange {
    fn take<T: DeserializeOwned + Validate<Context = ()>>(
        scalar: &Option<Scalar<T>>,
        problems: &mut Problems<'_>,
    ) -> Option<T> {
        scalar.as_ref().and_then(|scalar| problems.take(scalar))
    }
    StyleChange {
        i64: take(&file.i64, problems),
        enums: take(&file.enums, problems),
        unknown_fields: take(&file.unknown_fields, problems),
        missing_arguments: take(&file.missing_arguments, problems),
    }
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

pub(crate) fn resolve_cors(cors: &file::Cors, path: &Word, problems: &mut Problems<'_>) -> Cors {
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
pub(crate) fn route_path(text: &str) -> Result<String, Fault> {
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
    Ok(format!("/{inner}"))
}
