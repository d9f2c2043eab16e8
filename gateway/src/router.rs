//! Paths to routes, and names to methods.

use std::collections::HashMap;
use std::sync::Arc;

use http::StatusCode;
use thriftgate_config::Cors;
use thriftgate_metadata::{FunctionId, Schema, ServiceId, nearest};
use thriftgate_protocols::style::Style;

use crate::backend::Backend;
use crate::http::{Failure, Reason};
use crate::telemetry::MethodMetrics;

/// All routes, in the order in which they are tried.
#[derive(Debug, Default)]
pub struct Router {
    /// In that order
    pub routes: Vec<Route>,
}

/// A path prefix and the methods below it.
#[derive(Debug)]
pub struct Route {
    /// `/`, or `/` and segments
    pub path: Box<str>,
    /// The services, in the order of the configuration
    pub services: Vec<RouteService>,
    /// The methods of all services
    pub methods: Vec<Method>,
    /// Positions in `methods` of each bare name
    pub(crate) by_name: HashMap<Box<str>, Named>,
    /// How the JSON is written and read
    pub style: Style,
    /// Whether a caller may choose a style
    pub caller_style: bool,
    /// Other origins whose pages may call
    pub cors: Option<Cors>,
    /// Whether a native message may follow a first byte from 1 to 4
    pub legacy_first_byte: bool,
    /// Whether replies are compressed
    pub compression: bool,
}

/// A service of a route.
#[derive(Debug)]
pub struct RouteService {
    /// In the schema
    pub id: ServiceId,
    /// As the IDL names it
    pub name: Box<str>,
    /// As the IDL names it, with its file
    pub qualified: Box<str>,
}

/// A method of a route: all that a call needs to know.
#[derive(Debug)]
pub struct Method {
    /// As the IDL names it
    pub name: Box<str>,
    /// Position of its service in [`Route::services`]
    pub service: usize,
    /// In the schema
    pub function: FunctionId,
    /// Whether no reply comes
    pub oneway: bool,
    /// Whether its result has no success
    pub void: bool,
    /// The name that the backend is called with
    pub wire_name: Box<str>,
    /// Where its calls go
    pub backend: Arc<Backend>,
    /// How long a call may take
    pub deadline: std::time::Duration,
    /// HTTP statuses of the members of its result, 200 for each unless said otherwise
    pub statuses: Box<[StatusCode]>,
    /// What is counted
    pub metrics: MethodMetrics,
}

/// What the path says beyond the route.
#[derive(Clone, Copy, Debug)]
pub enum Selection<'r> {
    /// Nothing: the body names the method
    Body,
    /// The service
    Service(&'r RouteService),
    /// The method: the body is its arguments
    Method(&'r Method),
}

impl Method {
    /// Whether a member of the result, by its position, is the success.
    pub(crate) fn is_success(&self, position: usize) -> bool {
        position == 0 && !self.void
    }
}

impl Router {
    /// The first route whose prefix the path has, and what the rest of the path selects.
    pub(crate) fn find(&self, path: &str) -> Result<(&Route, Selection<'_>), Failure> {
        let path = path.strip_suffix('/').unwrap_or(path);
        for route in &self.routes {
            if let Some(rest) = route.strip(path) {
                return Ok((route, route.select(rest)?));
            }
        }
        Err(Failure::new(Reason::UnknownRoute, "No route has this path"))
    }
}

impl Route {
    /// The path after the prefix, without the slash between.
    fn strip<'p>(&self, path: &'p str) -> Option<&'p str> {
        let prefix = if &*self.path == "/" { "" } else { &self.path };
        let rest = path.strip_prefix(prefix)?;
        if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/').filter(|rest| !rest.is_empty()) }
    }

    fn select(&self, rest: &str) -> Result<Selection<'_>, Failure> {
        if rest.is_empty() {
            return Ok(Selection::Body);
        }
        let Some((service, method)) = rest.split_once('/') else {
            return match (self.service(rest), self.services.as_slice()) {
                (Some(service), _) => Ok(Selection::Service(service)),
                (None, [_]) => self.method(None, rest).map(Selection::Method),
                (None, _) => Err(self.unknown_service(rest)),
            };
        };
        if method.contains('/') {
            return Err(Failure::new(Reason::UnknownRoute, "No route has this path"));
        }
        self.method(Some(service), method).map(Selection::Method)
    }

    /// The service of this name, bare or with its file.
    pub(crate) fn service(&self, name: &str) -> Option<&RouteService> {
        self.services.iter().find(|service| &*service.name == name || &*service.qualified == name)
    }

    /// The method that a body names, where the path may have selected the service already.
    pub(crate) fn select_method(
        &self,
        selected: Option<&RouteService>,
        service: Option<&str>,
        name: &str,
    ) -> Result<&Method, Failure> {
        match (selected, service) {
            (Some(selected), Some(service))
                if self.service(service).is_none_or(|named| !std::ptr::eq(named, selected)) =>
            {
                let message = format!("The path selects the service {}, the body another", selected.name);
                Err(Failure::new(Reason::UnknownService, message).method(name))
            }
            (Some(selected), _) => self.method(Some(&selected.name), name),
            (None, service) => self.method(service, name),
        }
    }

    /// The method of this name, in the service of that name where one is given.
    pub(crate) fn method(&self, service: Option<&str>, name: &str) -> Result<&Method, Failure> {
        let named = match service {
            Some(service) => {
                Some(self.service(service).ok_or_else(|| self.unknown_service(service).method(name))?)
            }
            None => None,
        };
        let Some(found) = self.by_name.get(name) else {
            return Err(self.unknown_method(name, named));
        };
        if let Some(service) = named {
            let of_service = |&&position: &&usize| self.is_of(&self.methods[position], service);
            let position = found.all.iter().find(of_service);
            return position
                .map(|&position| &self.methods[position])
                .ok_or_else(|| self.unknown_method(name, named));
        }
        match *found.distinct {
            [position] => Ok(&self.methods[position]),
            _ => Err(self.ambiguous(name, &found.distinct)),
        }
    }

    fn is_of(&self, method: &Method, service: &RouteService) -> bool {
        std::ptr::eq(&raw const self.services[method.service], service)
    }

    #[cold]
    fn ambiguous(&self, name: &str, positions: &[usize]) -> Failure {
        let service = |&position: &usize| &self.services[self.methods[position].service].name;
        let candidates: Vec<String> =
            positions.iter().map(|position| format!("{}.{name}", service(position))).collect();
        let message = format!(
            "Several services have a method {name}: {}; say which in \"service\" or in the path",
            candidates.join(", ")
        );
        Failure::new(Reason::AmbiguousMethod, message).method(name).candidates(candidates)
    }

    #[cold]
    fn unknown_service(&self, name: &str) -> Failure {
        let names = self.services.iter().map(|service| &*service.name);
        Failure::new(Reason::UnknownService, format!("Unknown service {}", shown(name)))
            .suggestion(nearest(name, names))
    }

    #[cold]
    fn unknown_method(&self, name: &str, service: Option<&RouteService>) -> Failure {
        let of_service = |method: &&Method| service.is_none_or(|service| self.is_of(method, service));
        let names = self.methods.iter().filter(of_service).map(|method| &*method.name);
        Failure::new(Reason::UnknownMethod, format!("Unknown function {}", shown(name)))
            .suggestion(nearest(name, names))
            .method(name)
    }
}

/// A caller's name as far as a message repeats it.
fn shown(name: &str) -> &str {
    const LONGEST: usize = 128;
    let end = name.char_indices().nth(LONGEST).map_or(name.len(), |(end, _)| end);
    &name[..end]
}

/// The methods of one name on a route, by their positions.
#[derive(Debug, Default)]
pub(crate) struct Named {
    all: Vec<usize>,
    /// Those that a caller has to choose between: of services that extend one another the first listed
    /// stands for all of them.
    distinct: Vec<usize>,
}

/// Indexes the methods of a route by name.
pub(crate) fn index(
    schema: &Schema,
    services: &[RouteService],
    methods: &[Method],
) -> HashMap<Box<str>, Named> {
    let mut by_name: HashMap<Box<str>, Named> = HashMap::new();
    for (position, method) in methods.iter().enumerate() {
        let named = by_name.entry(method.name.clone()).or_default();
        let service = services[method.service].id;
        let related = |&other: &usize| {
            let other = services[methods[other].service].id;
            schema.is_a(service, other) || schema.is_a(other, service)
        };
        if !named.distinct.iter().any(related) {
            named.distinct.push(position);
        }
        named.all.push(position);
    }
    by_name
}
