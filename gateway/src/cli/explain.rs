//! `thriftgate explain`: which route and backend a call would take, and why, by the code that routes calls.

use std::fmt::{Display, Write};
use std::time::Duration;

use clap::Args;
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderName, HeaderValue, Method as Verb, Request, Uri, header};
use thriftgate_config::{ArgumentSource, Rate};

use super::routes::destinations;
use super::source::Source;
use super::whom::Whom;
use super::{Error, print};
use crate::http::{Explained, Explanation, explain};
use crate::policy::Group;
use crate::router::{Destination, Match, Method, Route, Setting, SettingSource};
use crate::snapshot::Snapshot;
use crate::snapshot::listing::{groups_of, style};
use crate::telemetry::Metrics;

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    whom: Whom,
    /// The HTTP method, as POST
    #[arg(value_name = "METHOD")]
    verb: Verb,
    /// The URL, or its path alone
    url: Uri,
    /// A header of the request, as 'Name: value'; Content-Type is application/json unless given
    #[arg(short = 'H', long = "header", value_name = "HEADER", value_parser = parse_header)]
    headers: Vec<(HeaderName, HeaderValue)>,
    /// The body of the request
    #[arg(short = 'd', long = "data", value_name = "BODY", default_value = "")]
    body: String,
}

fn parse_header(text: &str) -> Result<(HeaderName, HeaderValue), String> {
    let (name, value) = text.split_once(':').ok_or("a header is a name, a colon and a value")?;
    let name = name.trim().parse().map_err(|_| format!("`{name}` is not the name of a header"))?;
    let value = value.trim().parse().map_err(|_| "the value of a header has no control characters")?;
    Ok((name, value))
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Error> {
    let settings = arguments.source.settings()?;
    let snapshot = Snapshot::build(&settings, &Metrics::default(), 1)?;
    let request = request(arguments)?;
    let whom = arguments.whom.find(&snapshot)?;
    let group = whom.as_ref().map(|(group, _)| *group);
    let caller = whom.as_ref().map(|(group, caller)| (*group, caller));
    let explanation = explain(&snapshot, caller, &request, arguments.body.as_bytes());
    print(&describe(&snapshot, group, &explanation))?;
    match explanation.outcome {
        Ok(_) => Ok(()),
        Err(refusal) => {
            let near = refusal.suggestion.map(|near| format!(" (did you mean {near}?)")).unwrap_or_default();
            let status = refusal.status.as_u16();
            Err(Error(format!("refused: {status} {}: {}{near}", refusal.code, refusal.message)))
        }
    }
}

/// The head of the request, as a client sends it that was given the URL.
fn request(arguments: &Arguments) -> Result<Parts, Error> {
    let path = arguments.url.path_and_query().map_or("/", PathAndQuery::as_str);
    let mut request = Request::builder().method(arguments.verb.clone()).uri(path).body(())?;
    let host = arguments.url.authority().map_or("localhost", |authority| authority.as_str());
    let headers = request.headers_mut();
    headers.insert(header::HOST, HeaderValue::try_from(host)?);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in &arguments.headers {
        if *name == header::HOST || *name == header::CONTENT_TYPE {
            headers.insert(name, value.clone());
        } else {
            headers.append(name, value.clone());
        }
    }
    Ok(request.into_parts().0)
}

/// The steps, a line each.
fn describe(snapshot: &Snapshot, group: Option<&Group>, explanation: &Explanation<'_>) -> String {
    let mut text = Text::default();
    let router = group.map_or(&snapshot.router, |group| &group.router);
    let number = |route: &Route| {
        let position = router.routes().iter().position(|known| std::ptr::eq(known, route));
        format!("route {}", position.unwrap_or(0) + 1)
    };
    if let Some(group) = group {
        text.line("group", &group.settings.name);
    } else if !snapshot.policy.is_open() {
        text.line("group", "none is said: as if anybody might call anything (--group)");
    }
    for (route, reason) in &explanation.passed_over {
        text.line(&number(route), format!("{route} is passed over: {reason}"));
    }
    match explanation.outcome {
        Ok(Explained::Call(Match { route, method })) => {
            text.line(&number(route), format!("{route} takes it"));
            text.line("service", &route.services[method.service].qualified);
            text.line("method", format!("{}{}", method.name, if method.oneway { " (oneway)" } else { "" }));
            if let (None, false) = (group, snapshot.policy.is_open()) {
                text.line("groups", groups_of(snapshot, route, method).join(", "));
            }
            describe_method(&mut text, method);
            group.into_iter().for_each(|group| describe_group(&mut text, group, method));
        }
        Ok(Explained::Preflight(route)) => {
            text.line(&number(route), format!("{route} takes it"));
            text.line("answer", "204, the answer to a browser that asks whether it may call");
        }
        Ok(Explained::Document) => {
            text.line("answer", "what vendors read of the API, before all routes");
        }
        Err(_) => {}
    }
    text.0
}

fn describe_method(text: &mut Text, method: &Method) {
    text.line("backend", destinations(method));
    for to in method.destinations.all().iter().filter(|_| method.sandbox.is_none()) {
        text.line("endpoints", format!("{}: {}", to.backend.name, endpoints(to)));
    }
    if let Some(mirror) = &method.mirror {
        let share = mirror.share * 100.0;
        text.line("mirror", format!("{} {share} %: {}", mirror.to.backend.name, endpoints(&mirror.to)));
    }
    let several = method.destinations.all().len() > 1;
    for to in method.destinations.all() {
        let settings = to.backend.settings();
        let of = if several { format!("{}: ", to.backend.name) } else { String::new() };
        let Setting { value, source } = to.deadline;
        text.line("deadline", format!("{of}{} ({source})", duration(value)));
        let of_backend = settings.attempt_timeout.map(|value| (value, SettingSource::Backend));
        let said = method.attempt_timeout.value.map(|value| (value, method.attempt_timeout.source));
        if let Some((value, source)) = said.or(of_backend) {
            text.line("attempt_timeout", format!("{of}{} ({source})", duration(value)));
        }
        let Setting { value, source } = method.retries;
        let (value, source) =
            value.map_or((settings.retries.attempts, SettingSource::Backend), |value| (value, source));
        text.line("retries", format!("{of}{value} ({source})"));
    }
    text.line("idempotent", format!("{} ({})", method.idempotent.value, method.idempotent.source));
    text.line("body", format!("{} bytes ({})", method.body.value, method.body.source));
    for (name, value) in style(method) {
        text.line("style", format!("{name}: {value}"));
    }
}

/// What holds for the callers of a group beside what the method says.
fn describe_group(text: &mut Text, group: &Group, method: &Method) {
    let thriftgate_config::Group { rate: shared, caller, methods, .. } = &group.settings;
    let of_method = method.rate.and_then(|index| methods.get(index)).map(|limit| limit.rate);
    let rates =
        [("the group", *shared), ("each caller", caller.rate), ("each caller, this method", of_method)];
    for (of, rate) in rates.into_iter().filter_map(|(of, rate)| Some((of, rate?))) {
        let Rate { requests, per, burst } = rate;
        text.line("rate", format!("{of}: {requests} in {}, {burst} at once", duration(per)));
    }
    caller.calls.into_iter().for_each(|calls| text.line("calls", format!("{calls} of each caller at once")));
    for field in method.filled.iter().flat_map(|filled| filled.fields()) {
        let source = match &field.source {
            ArgumentSource::Caller => "the caller".to_owned(),
            ArgumentSource::Claim(path) => format!("claim {}", path.join(".")),
            ArgumentSource::Attribute(name) => format!("attribute {name}"),
        };
        text.line("filled in", format!("arguments.{} by {source}", field.name()));
    }
}

fn endpoints(to: &Destination) -> String {
    let all = &to.backend.settings().endpoints;
    all.iter().map(|endpoint| endpoint.address.to_string()).collect::<Vec<_>>().join(", ")
}

fn duration(value: Duration) -> impl Display {
    humantime::format_duration(value)
}

/// Lines of a word and what it says.
#[derive(Default)]
struct Text(String);

impl Text {
    fn line(&mut self, word: &str, says: impl Display) {
        writeln!(self.0, "{word:16}{says}").expect("writing to a string cannot fail");
    }
}
