//! The section `documents` of a file, the sandboxes of its routes, and the paths that no route may have.

use crate::address::web_url;
use crate::file;
use crate::problems::Problems;
use crate::routes::route_path;
use crate::scalar::{Fault, Scalar, Text, Word};
use crate::settings::{Contact, DEFAULT_OPENAPI, DEFAULT_PAGE, Documents, License, Route, Sandbox};
use crate::shape::Switch;
use std::ops::Range;

/// The documents of the section; `None` where it switches them off.
pub(crate) fn documents(
    written: Option<&Switch<file::Documents>>,
    problems: &mut Problems<'_>,
) -> Option<Documents> {
    let file = match written? {
        Switch::Flag(flag) => {
            return problems.take(flag).is_some_and(bool::from).then(Documents::default);
        }
        Switch::Full(file) => file,
    };
    let mut documents = Documents::default();
    set_text(&mut documents.title, file.title.as_ref(), problems);
    set_text(&mut documents.version, file.version.as_ref(), problems);
    set_places(&mut documents, file, problems);
    documents.description = file.description.as_ref().map(|text| problems.word(text).text);
    documents.contact = file.contact.as_ref().map(|contact| self::contact(contact, problems));
    documents.license = file.license.as_ref().map(|license| self::license(license, problems));
    for server in problems.words(&file.servers) {
        let url = problems.keep(&server.span, web_url(&server.text));
        if server.text.contains(['?', '#']) {
            problems.error(&server.span, "the address of a server ends with its path");
        }
        documents.servers.extend(url.map(|url| url.trim_end_matches('/').to_owned()));
    }
    Some(documents)
}

/// Puts in where page and OpenAPI are.
fn set_places(documents: &mut Documents, file: &file::Documents, problems: &mut Problems<'_>) {
    for (target, written) in [(&mut documents.path, &file.path), (&mut documents.openapi, &file.openapi)] {
        if let Some(written) = written {
            let word = problems.word(written);
            if let Some(path) = problems.keep(&word.span, own_path(&word.text)) {
                *target = path;
            }
        }
    }
    let Documents { path, openapi, .. } = documents;
    if is_below(path, openapi) || is_below(openapi, path) {
        let span = [&file.openapi, &file.path].into_iter().flatten().next().map(|scalar| scalar.span.clone());
        let message = format!("the page at `{path}` and OpenAPI at `{openapi}` are in each other's way");
        problems.error(&span.unwrap_or_default(), message);
    }
}

/// The path of a page of the gateway's own, which cannot be that of all routes.
fn own_path(text: &str) -> Result<String, Fault> {
    match route_path(text)? {
        path if path == "/" => Err(Fault::new("the path of documents has at least one segment")),
        path if is_below(&path, MCP) => Err(Fault::new(format!("the path `{MCP}` is reserved"))),
        path => Ok(path),
    }
}

fn set_text(target: &mut String, written: Option<&Scalar<Text>>, problems: &mut Problems<'_>) {
    let Some(written) = written else { return };
    let word = problems.word(written);
    if word.text.trim().is_empty() {
        problems.error(&word.span, "this is not empty");
    }
    *target = word.text;
}

fn contact(file: &file::Contact, problems: &mut Problems<'_>) -> Contact {
    let email = file.email.as_ref().map(|email| problems.word(email));
    if let Some(Word { span, text }) = &email
        && !text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
    {
        problems.error(span, format!("`{text}` is not an address of electronic mail"));
    }
    Contact {
        name: file.name.as_ref().map(|name| problems.word(name).text),
        url: file.url.as_ref().and_then(|url| url_of(url, problems)),
        email: email.map(|email| email.text),
    }
}

fn license(file: &file::License, problems: &mut Problems<'_>) -> License {
    let url = file.url.as_ref().and_then(|url| url_of(url, problems));
    License { name: problems.word(&file.name).text, url }
}

fn url_of(written: &Scalar<Text>, problems: &mut Problems<'_>) -> Option<String> {
    let word = problems.word(written);
    problems.keep(&word.span, web_url(&word.text))
}

/// The sandbox of a route; `None` where it has none.
pub(crate) fn sandbox(
    written: Option<&Switch<file::Sandbox>>,
    problems: &mut Problems<'_>,
) -> Option<Sandbox> {
    let mut sandbox = Sandbox::default();
    match written? {
        Switch::Flag(flag) => return problems.take(flag).is_none_or(bool::from).then_some(sandbox),
        Switch::Full(file) => problems.set(&mut sandbox.latency, &file.latency),
    }
    Some(sandbox)
}

/// Where the Model Context Protocol is.
const MCP: &str = "/mcp";

/// Refuses every route whose path is one of the gateway's own pages. Those that are off keep their default places, so that
/// switching them on takes no route away.
pub(crate) fn refuse_reserved(
    list: &[(Range<usize>, Route)],
    documents: Option<&Documents>,
    problems: &mut Problems<'_>,
) {
    let page = documents.map_or(DEFAULT_PAGE, |documents| &documents.path);
    let openapi = documents.map_or(DEFAULT_OPENAPI, |documents| &documents.openapi);
    for (span, Route { path, .. }) in list {
        let reserved = match path {
            path if is_below(path, page) => page,
            path if is_below(path, MCP) => MCP,
            path if path.starts_with(openapi) => path,
            _ => continue,
        };
        let fault = Fault::new(format!("the path `{reserved}` is reserved for the gateway's own pages"));
        problems.fault(
            span,
            match reserved {
                MCP => fault,
                _ => fault.with_help("the keys `path` and `openapi` of `documents` move them"),
            },
        );
    }
}

/// Whether a path is the other, or below it.
fn is_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
