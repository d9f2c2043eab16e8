//! What vendors read of the API.
//!
//! Documents are part of the snapshot that they describe, made when they are first asked for: whoever finds a method in
//! one can call it, and a reload replaces both at once. What callers of a group may not call is in nothing that they are
//! told.

mod description;
mod packed;

pub use packed::Packed;

use std::fmt;
use std::sync::{Arc, OnceLock};

use description::{Said, is_documented};
use thriftgate_config as config;
use thriftgate_openapi::{Description, Schemas, document, page_model, yaml};
use tokio::sync::{OnceCell, Semaphore};
use tokio::task::{JoinError, spawn, spawn_blocking};

use crate::policy::Policy;
use crate::router::Router;
use crate::snapshot::Snapshot;

/// How many documents of a snapshot are made at once.
const MADE_AT_ONCE: usize = 2;

/// The documents of a snapshot.
#[derive(Debug)]
pub struct Documents {
    said: Said,
    /// What is for everybody, where nobody is asked who they are, and for whoever runs the gateway; then what is for the
    /// callers of each group.
    views: Vec<View>,
    /// Those that are made at this moment, which may each be large.
    making: Arc<Semaphore>,
}

/// What the callers of one group read.
#[derive(Debug)]
struct View {
    /// That of all routes, then those of each path.
    parts: Vec<Part>,
    model: OnceCell<Packed>,
}

/// The documents of all routes, or of those of one path.
struct Part {
    /// As it stands in addresses; empty for that of all routes.
    name: Box<str>,
    /// The path; empty for all routes.
    path: Box<str>,
    json: OnceCell<Packed>,
    yaml: OnceCell<Packed>,
    schemas: OnceLock<Schemas>,
}

/// One of the documents.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Subject {
    kind: Kind,
    view: usize,
    part: usize,
}

/// What a document is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Kind {
    /// What the documents page shows
    Model,
    /// OpenAPI as JSON
    Json,
    /// OpenAPI as YAML
    Yaml,
    /// The JSON Schema of the type of this name
    Type(String),
}

impl Subject {
    /// What it is.
    #[must_use]
    pub fn kind(&self) -> &Kind {
        &self.kind
    }
}

impl Documents {
    /// The documents of these routes, none of them made yet; `None` where the settings have none.
    pub(crate) fn new(settings: &config::Settings, router: &Router, policy: &Policy) -> Option<Self> {
        let documents = settings.documents.as_ref()?;
        let routers = std::iter::once(router).chain(policy.groups.iter().map(|group| &group.router));
        // The name of a path is the same for everybody.
        let name = |path: &str| part_name(path, router);
        let views = routers.map(|router| View::new(router, name)).collect();
        let making = Arc::new(Semaphore::new(MADE_AT_ONCE));
        Some(Self { said: Said::new(settings, documents), views, making })
    }

    /// What the settings say.
    #[must_use]
    pub fn settings(&self) -> &config::Documents {
        &self.said.documents
    }

    /// The document of this kind for the callers of a group, by its position in the policy, of all routes or of those of one path;
    /// `None` where they know no such path. Without a group it is that of everything.
    #[must_use]
    pub fn subject(&self, group: Option<usize>, path: Option<&str>, kind: Kind) -> Option<Subject> {
        let view = view_of(group);
        let path = path.unwrap_or("");
        let part = self.views[view].parts.iter().position(|part| *part.path == *path)?;
        Some(Subject { kind, view, part })
    }

    /// The document at an address, for the callers of a group: what follows the prefix of OpenAPI.
    #[must_use]
    pub fn find(&self, group: Option<usize>, address: &str) -> Option<Subject> {
        let view = view_of(group);
        let parts = &self.views[view].parts;
        let named = |name: &str| parts.iter().position(|part| *part.name == *name);
        let (stem, kind) = match address.strip_suffix(".json") {
            Some(stem) => (stem, Kind::Json),
            None => (address.strip_suffix(".yaml")?, Kind::Yaml),
        };
        let Some(name) = stem.strip_prefix('/') else {
            return stem.is_empty().then_some(Subject { kind, view, part: 0 });
        };
        if let Some(part) = named(name).filter(|_| !name.is_empty()) {
            return Some(Subject { kind, view, part });
        }
        let (of, name) = stem.rsplit_once("/schemas/").filter(|_| kind == Kind::Json)?;
        let part = named(of.strip_prefix('/').unwrap_or(of))?;
        Some(Subject { kind: Kind::Type(name.to_owned()), view, part })
    }

    /// The paths of the routes that have a document of their own for the callers of a group, in the order of the configuration.
    pub fn paths(&self, group: Option<usize>) -> impl Iterator<Item = &str> {
        let view = view_of(group);
        self.views[view].parts.iter().skip(1).map(|part| &*part.path)
    }

    /// Makes a document; `None` where there is no type of that name.
    #[must_use]
    pub fn write(&self, snapshot: &Snapshot, subject: &Subject) -> Option<String> {
        let Subject { ref kind, view, part } = *subject;
        let part = &self.views[view].parts[part];
        let description = || self.describe(snapshot, view, part);
        let schema = &snapshot.schema;
        let mut text = match kind {
            Kind::Model => page_model(schema, &description()),
            Kind::Json => text_of(&document(schema, &description())),
            Kind::Yaml => yaml(&document(schema, &description())),
            Kind::Type(name) => {
                let schemas = part.schemas.get_or_init(|| Schemas::new(schema, &description()));
                let of = if part.name.is_empty() { String::new() } else { format!("/{}", part.name) };
                let config::Documents { openapi, servers, .. } = &self.said.documents;
                let server = servers.first().map_or("", String::as_str);
                let address = format!("{server}{openapi}{of}/schemas/{name}.json");
                text_of(&schemas.get(name, &address)?)
            }
        };
        if !text.ends_with('\n') {
            text.push('\n');
        }
        Some(text)
    }

    /// Where a document is kept. Of types there may be very many, each with all that it refers to: none is kept.
    fn kept(&self, subject: &Subject) -> Option<&OnceCell<Packed>> {
        let view = &self.views[subject.view];
        let part = &view.parts[subject.part];
        match subject.kind {
            Kind::Model => Some(&view.model),
            Kind::Json => Some(&part.json),
            Kind::Yaml => Some(&part.yaml),
            Kind::Type(_) => None,
        }
    }

    fn describe(&self, snapshot: &Snapshot, view: usize, part: &Part) -> Description {
        let group = view.checked_sub(1).map(|group| &snapshot.policy.groups[group]);
        let router = group.map_or(&snapshot.router, |group| &group.router);
        let parts = self.views[view].parts.iter().skip(1);
        let chosen = parts.filter(|other| part.path.is_empty() || other.path == part.path);
        let names: Vec<(&str, &str)> = chosen.map(|part| (&*part.name, &*part.path)).collect();
        self.said.describe(router, group.map(|group| &group.settings), &names)
    }
}

/// The position of what is for the callers of a group.
fn view_of(group: Option<usize>) -> usize {
    group.map_or(0, |group| group + 1)
}

impl View {
    fn new(router: &Router, name: impl Fn(&str) -> Box<str>) -> Self {
        let mut parts = vec![Part::new("".into(), "")];
        for route in router.routes().iter().filter(|route| is_documented(route)) {
            let path = &*route.settings.path;
            if parts.iter().all(|part| *part.path != *path) {
                parts.push(Part::new(name(path), path));
            }
        }
        Self { parts, model: OnceCell::new() }
    }
}

impl Part {
    fn new(name: Box<str>, path: &str) -> Self {
        Self {
            name,
            path: path.into(),
            json: OnceCell::new(),
            yaml: OnceCell::new(),
            schemas: OnceLock::new(),
        }
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What the documents of a path are called: the path without the slash before it. That of `/` is `root`, or the first of
/// `root-2`, `root-3` … that is no other path.
fn part_name(path: &str, router: &Router) -> Box<str> {
    if path != "/" {
        return path.trim_start_matches('/').into();
    }
    let is_free = |name: &String| router.routes().iter().all(|route| route.settings.path[1..] != **name);
    let numbered = (2..).map(|number| format!("root-{number}"));
    let mut names = std::iter::once("root".to_owned()).chain(numbered);
    names.find(is_free).unwrap_or_default().into()
}

fn text_of(document: &serde_json::Map<String, serde_json::Value>) -> String {
    serde_json::to_string(document).expect("a JSON object can be written")
}

/// A document of the snapshot, made where it was not yet, beside the calls of this core; `None` where there is no type of that
/// name.
///
/// # Errors
/// Where making it panicked.
pub(crate) async fn read(
    snapshot: &Arc<Snapshot>,
    documents: &Documents,
    subject: Subject,
) -> Result<Option<Packed>, JoinError> {
    match documents.kept(&subject) {
        None => make(snapshot.clone(), documents, subject).await,
        Some(kept) => match kept.get() {
            Some(packed) => Ok(Some(packed.clone())),
            // Whoever asks may go before the document is made: whoever asks next finds what was done.
            None => spawn(keep(snapshot.clone(), subject)).await?,
        },
    }
}

/// Makes a document that is kept, unless another reader's is under way.
async fn keep(snapshot: Arc<Snapshot>, subject: Subject) -> Result<Option<Packed>, JoinError> {
    let Some(documents) = &snapshot.documents else { return Ok(None) };
    let Some(kept) = documents.kept(&subject) else { return Ok(None) };
    let made = kept.get_or_try_init(|| async {
        let made = make(snapshot.clone(), documents, subject).await?;
        Ok(made.expect("there is a document of the routes whatever they are"))
    });
    made.await.map(|packed| Some(packed.clone()))
}

async fn make(
    snapshot: Arc<Snapshot>,
    documents: &Documents,
    subject: Subject,
) -> Result<Option<Packed>, JoinError> {
    // The semaphore is never closed. Whoever asks may go before the document is made: the permit stays with that.
    let permit = documents.making.clone().acquire_owned().await;
    spawn_blocking(move || {
        let _permit = permit;
        let text = snapshot.documents.as_ref()?.write(&snapshot, &subject)?;
        Some(Packed::new(text.as_bytes()))
    })
    .await
}
