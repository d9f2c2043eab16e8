//! What vendors read of the API: OpenAPI, JSON Schemas, and the documents page.
//!
//! Their paths are the gateway's own, before those of all routes, for every request that is not POST: nothing is asked
//! of a call. The files of the page say nothing of the API and are for everybody; what tells of the API is for those who may
//! call it, by the same credentials.

mod assets;
mod content;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderValue, Method as Verb, StatusCode, header};
use thriftgate_config as config;
use tokio::task::JoinError;

use super::call::CallRequest;
use super::errors::{Failure, Reason};
use super::reply::Answer;
use super::{Peer, front, host, limits, security_headers};
use crate::documents::{self, Documents, Kind};
use crate::process::Core;
use crate::snapshot::Snapshot;
use crate::telemetry::CallRecord;
use content::{Caching, Content};

/// Where the page finds what it shows, below its own path.
const MODEL: &str = "api.json";
/// What the page may load and send: nothing but what is the gateway's own.
const PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// A path of the gateway's own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'s, 'p> {
    documents: &'s Documents,
    of: Of<'p>,
}

#[derive(Clone, Copy, Debug)]
enum Of<'p> {
    /// The page, and what follows its path
    Page(&'p str),
    /// OpenAPI, and what follows its prefix
    OpenApi(&'p str),
}

/// What is answered where nothing is wrong.
enum Found {
    Content(Content),
    /// What is at the same path with a slash at its end, by the last segment
    Folder(String),
}

/// The place that a request is for, where it is no call of a route.
pub(super) fn place<'s, 'p>(snapshot: &'s Snapshot, request: &'p Parts) -> Option<Place<'s, 'p>> {
    if request.method == Verb::POST {
        return None;
    }
    let documents = snapshot.documents.as_ref()?;
    let path = request.uri.path();
    if let Some(rest) = path.strip_prefix(&*documents.settings().path)
        && (rest.is_empty() || rest.starts_with('/'))
    {
        return Some(Place { documents, of: Of::Page(rest) });
    }
    let rest = path.strip_prefix(&*documents.settings().openapi)?;
    let is_own = rest.is_empty() || rest.starts_with('/') || matches!(rest, ".json" | ".yaml");
    is_own.then_some(Place { documents, of: Of::OpenApi(rest) })
}

/// Answers a request for a place of the gateway's own.
pub(super) async fn answer(
    core: &Core,
    snapshot: &Arc<Snapshot>,
    peer: Peer,
    parts: &Parts,
    place: Place<'_, '_>,
) -> Response {
    let mut record = CallRecord::new(core, snapshot, parts, front::request_id(&parts.headers));
    record.client = peer.0;
    let request = CallRequest { core, snapshot, parts, trace: None };
    let found = request.find(snapshot, place, &mut record).await;
    let standing = record.standing;
    let mut response = match found {
        Ok(found) => {
            record.ended = Some((None, StatusCode::OK, 0));
            found.into_response(parts).await
        }
        Err(failure) => {
            record.failed(&failure);
            let answer = Answer::failure(&failure, record.request_id);
            record.ended = Some((answer.outcome, answer.status, answer.body.len()));
            refuse(answer)
        }
    };
    if let Some(standing) = &standing {
        limits::tell(standing, response.headers_mut());
    }
    response
}

/// The response of a refusal.
fn refuse(answer: Answer) -> Response {
    let is_method = answer.status == StatusCode::METHOD_NOT_ALLOWED;
    let mut response = answer.into_response();
    if is_method {
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    }
    response
}

impl Found {
    async fn into_response(self, request: &Parts) -> Response {
        match self {
            Self::Content(content) => content.into_response(request).await,
            Self::Folder(name) => {
                // Relative, so that whoever stands between may have taken a prefix off.
                let mut response = StatusCode::PERMANENT_REDIRECT.into_response();
                security_headers::add(response.headers_mut());
                if let Ok(location) = HeaderValue::try_from(name) {
                    response.headers_mut().insert(header::LOCATION, location);
                }
                response
            }
        }
    }
}

impl<'c> CallRequest<'c> {
    /// What a place of the gateway's own holds for whoever asks.
    async fn find(
        &self,
        snapshot: &Arc<Snapshot>,
        Place { documents, of }: Place<'_, '_>,
        record: &mut CallRecord<'c>,
    ) -> Result<Found, Failure> {
        host::check(self.parts)?;
        if !matches!(self.parts.method, Verb::GET | Verb::HEAD) {
            self.count_address(record)?;
            return Err(Failure::new(Reason::MethodNotAllowed, "Documents are read by GET"));
        }
        let subject = match of {
            Of::Page(rest) if rest.strip_prefix('/') == Some(MODEL) => {
                let group = self.reader(record).await?;
                documents.subject(group, None, Kind::Model)
            }
            Of::OpenApi(address) => {
                let group = self.reader(record).await?;
                documents.find(group, address)
            }
            Of::Page(rest) => {
                self.count_address(record)?;
                return file(documents, rest).await;
            }
        };
        if self.core.process.short_of_memory.load(Ordering::Relaxed) {
            return Err(Failure::new(Reason::Overloaded, "The gateway has too little memory left"));
        }
        let subject = subject.ok_or_else(|| unknown(documents))?;
        let content_type = content_type(subject.kind());
        let body = documents::read(snapshot, documents, subject).await.map_err(|error| panicked(&error))?;
        Ok(Found::Content(Content {
            body: body.ok_or_else(|| unknown(documents))?,
            content_type: HeaderValue::from_static(content_type),
            caching: if snapshot.policy.is_open() { Caching::Checked } else { Caching::Private },
            policy: None,
        }))
    }

    /// The group of whoever asks; none where nobody is asked who they are. What tells of the API counts as a call does.
    async fn reader(&self, record: &mut CallRecord<'c>) -> Result<Option<usize>, Failure> {
        self.identify(record).await?;
        let _permit = self.count_caller(record)?;
        Ok(record.caller.as_ref().map(|caller| caller.group))
    }
}

/// A file of the page, by what follows the path of the page.
async fn file(documents: &Documents, rest: &str) -> Result<Found, Failure> {
    let Some(path) = rest.strip_prefix('/') else {
        let page = &*documents.settings().path;
        let name = page.rsplit_once('/').map_or(page, |(_, name)| name);
        return Ok(Found::Folder(format!("{name}/")));
    };
    let asset = assets::find(path).await.map_err(|error| panicked(&error))?;
    let asset = asset.ok_or_else(|| unknown(documents))?;
    Ok(Found::Content(Content {
        body: asset.body.clone(),
        content_type: asset.content_type.clone(),
        caching: if asset.immutable { Caching::Immutable } else { Caching::Checked },
        policy: Some(PAGE_POLICY),
    }))
}

fn content_type(kind: &Kind) -> &'static str {
    match kind {
        Kind::Model | Kind::Json => "application/json",
        Kind::Yaml => "application/yaml",
        Kind::Type(_) => "application/schema+json",
    }
}

#[cold]
fn unknown(documents: &Documents) -> Failure {
    let config::Documents { path, openapi, .. } = documents.settings();
    let message =
        format!("There is no such document; OpenAPI is at {openapi}.json, and for people at {path}/");
    Failure::new(Reason::UnknownRoute, message)
}

#[cold]
fn panicked(error: &JoinError) -> Failure {
    Failure::new(Reason::Internal, "The gateway failed to write the document").detail(error.to_string())
}
