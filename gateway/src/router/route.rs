//! A route: what of a path and a body names one of its methods.

use std::collections::HashMap;
use std::fmt;

use thriftgate_config as config;
use thriftgate_metadata::{Schema, ServiceId, nearest};

use super::{Head, Method};
use crate::http::{Failure, Reason};
use crate::telemetry::MethodMetrics;

/// What requests it is for, and the methods that they can call.
#[derive(Debug)]
pub struct Route {
    /// What it was built from
    pub settings: config::Route,
    /// What pages of other origins may do: that which is in effect for its callers, or where those are not known yet, all
    /// that may be
    pub cors: Vec<config::Cors>,
    /// The services, in the order of the configuration
    pub services: Vec<RouteService>,
    /// The methods of all services, as far as callers know of them
    pub methods: Vec<Method>,
    /// The methods that it keeps from its callers
    pub hidden: Vec<Hidden>,
    /// What is counted of calls that name none of its methods
    pub metrics: MethodMetrics,
    /// The largest body that any of its methods may have, in bytes
    pub largest_body: usize,
    /// Whether the callers that it was made for may not use it, and are told so
    pub withheld: bool,
    by_name: HashMap<Box<str>, Named>,
    /// Whether a call of what it does not have can be one of a later route.
    pub(super) passes_on: bool,
}

/// A service of a route.
#[derive(Clone, Debug)]
pub struct RouteService {
    /// In the schema
    pub id: ServiceId,
    /// As the IDL names it
    pub name: Box<str>,
    /// As the IDL names it, with its file
    pub qualified: Box<str>,
}

impl RouteService {
    /// Whether it is called by this name, bare or with its file.
    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        &*self.name == name || &*self.qualified == name
    }
}

/// A method that a route keeps from its callers.
#[derive(Clone, Debug)]
pub struct Hidden {
    /// The service
    pub service: RouteService,
    /// As the IDL names it
    pub method: Box<str>,
}

/// The methods of one name on a route, by their positions.
#[derive(Debug, Default)]
pub(crate) struct Named {
    all: Vec<usize>,
    /// Those that a caller has to choose between: of services that extend one another the first listed
    /// stands for all of them.
    distinct: Vec<usize>,
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

/// What a route does not have. It is no failure yet: a later route may have it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Miss<'r, 'n> {
    /// The path goes on where no method can be
    Path,
    /// A service, and the method that was to be of it, where that is known
    Service { name: &'n str, method: Option<&'n str> },
    /// The body names another service than the path
    OtherService { selected: &'r str, method: &'n str },
    /// The body names another method than the path
    OtherMethod { selected: &'r str },
    /// A method, of one service where one is named
    Method { name: &'n str, service: Option<&'r RouteService> },
    /// Nothing: several services have the method
    Ambiguous { name: &'n str, positions: &'r [usize] },
}

impl Miss<'_, '_> {
    /// How much of the call is known, which is what is worth telling.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::Path => 0,
            Self::Service { .. } | Self::OtherService { .. } | Self::OtherMethod { .. } => 1,
            Self::Method { .. } => 2,
            Self::Ambiguous { .. } => 3,
        }
    }
}

impl Route {
    /// A route by these settings.
    #[must_use]
    pub fn new(
        settings: config::Route,
        schema: &Schema,
        services: Vec<RouteService>,
        methods: Vec<Method>,
        hidden: Vec<Hidden>,
        metrics: MethodMetrics,
    ) -> Self {
        Self {
            cors: settings.cors.iter().cloned().collect(),
            settings,
            by_name: index(schema, &services, &methods),
            largest_body: methods.iter().map(|method| method.body.value).max().unwrap_or(0),
            services,
            methods,
            hidden,
            metrics,
            withheld: false,
            passes_on: false,
        }
    }

    /// Whether there are requests that both routes may be for.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        let (one, other) = (&*self.settings.path, &*other.settings.path);
        let is_below = |path: &str, prefix: &str| {
            prefix == "/"
                || path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        is_below(one, other) || is_below(other, one)
    }

    /// The path after the prefix, without the slash between.
    pub(super) fn rest<'p>(&self, path: &'p str) -> Option<&'p str> {
        let prefix = if self.settings.path == "/" { "" } else { &self.settings.path };
        let rest = path.strip_prefix(prefix)?;
        if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/').filter(|rest| !rest.is_empty()) }
    }

    /// What the path selects, where the route is for the request.
    pub(super) fn select<'r, 'n>(&'r self, path: &'n str) -> Result<Selection<'r>, Miss<'r, 'n>> {
        let rest = self.rest(path).ok_or(Miss::Path)?;
        if rest.is_empty() {
            return Ok(Selection::Body);
        }
        let Some((service, method)) = rest.split_once('/') else {
            return match (self.service(rest), self.services.as_slice()) {
                (Some(service), _) => Ok(Selection::Service(service)),
                (None, [_]) => self.method(None, rest).map(Selection::Method),
                (None, _) => Err(Miss::Service { name: rest, method: None }),
            };
        };
        if method.contains('/') {
            return Err(Miss::Path);
        }
        self.method(Some(service), method).map(Selection::Method)
    }

    /// The service of this name, bare or with its file.
    fn service(&self, name: &str) -> Option<&RouteService> {
        self.services.iter().find(|service| service.is_named(name))
    }

    /// The method that a body names, where the path may have selected something already.
    pub(super) fn select_method<'r, 'n>(
        &'r self,
        selection: Selection<'r>,
        service: Option<&'n str>,
        name: &'n str,
    ) -> Result<&'r Method, Miss<'r, 'n>> {
        match (selection, service) {
            (Selection::Body, service) => self.method(service, name),
            (Selection::Service(selected), Some(service)) if !selected.is_named(service) => {
                Err(Miss::OtherService { selected: &selected.name, method: name })
            }
            (Selection::Service(selected), _) => self.method_of(Some(selected), name),
            (Selection::Method(method), _) if *method.name == *name => Ok(method),
            (Selection::Method(method), _) => Err(Miss::OtherMethod { selected: &method.name }),
        }
    }

    /// The method of this name, in the service of that name where one is given.
    fn method<'r, 'n>(&'r self, service: Option<&'n str>, name: &'n str) -> Result<&'r Method, Miss<'r, 'n>> {
        match service {
            None => self.method_of(None, name),
            Some(wanted) => match self.service(wanted) {
                Some(service) => self.method_of(Some(service), name),
                None => Err(Miss::Service { name: wanted, method: Some(name) }),
            },
        }
    }

    fn method_of<'r, 'n>(
        &'r self,
        service: Option<&'r RouteService>,
        name: &'n str,
    ) -> Result<&'r Method, Miss<'r, 'n>> {
        let found = self.by_name.get(name).ok_or(Miss::Method { name, service })?;
        if let Some(of) = service {
            let mut methods = found.all.iter().map(|&position| &self.methods[position]);
            return methods.find(|method| self.is_of(method, of)).ok_or(Miss::Method { name, service });
        }
        match *found.distinct {
            [position] => Ok(&self.methods[position]),
            _ => Err(Miss::Ambiguous { name, positions: &found.distinct }),
        }
    }

    /// The method of this name, in the service of that name where one is given.
    pub(crate) fn find_method(&self, service: Option<&str>, name: &str) -> Result<&Method, Failure> {
        self.method(service, name).map_err(|miss| self.refuse(&miss))
    }

    fn is_of(&self, method: &Method, service: &RouteService) -> bool {
        std::ptr::eq(&raw const self.services[method.service], service)
    }

    /// Whether a call that the route does not have goes on to later ones. One of a method that it hides does not: what is hidden in
    /// one place shall not turn up by the way of another.
    pub(super) fn lets_pass(&self, miss: &Miss<'_, '_>) -> bool {
        let hides = |service: Option<&str>, method: Option<&str>| {
            self.hidden.iter().any(|hidden| {
                service.is_none_or(|name| hidden.service.is_named(name))
                    && method.is_none_or(|name| &*hidden.method == name)
            })
        };
        self.passes_on
            && match *miss {
                Miss::Path | Miss::OtherService { .. } => true,
                Miss::Service { name, method } => !hides(Some(name), method),
                Miss::Method { name, service } => {
                    !hides(service.map(|service| &*service.qualified), Some(name))
                }
                Miss::OtherMethod { .. } | Miss::Ambiguous { .. } => false,
            }
    }

    /// What a caller would be told on this route alone who asks for the method, where one is known; `None` where the route
    /// has it. The route is for the request as far as its head tells.
    pub(crate) fn miss(&self, head: &Head<'_>, method: Option<&str>) -> Option<Failure> {
        let missed = self.select(head.path()).and_then(|selection| match method {
            Some(name) => self.select_method(selection, None, name).map(drop),
            None => Ok(()),
        });
        missed.err().map(|miss| self.refuse(&miss))
    }

    /// What a caller is told who misses something.
    #[cold]
    pub(super) fn refuse(&self, miss: &Miss<'_, '_>) -> Failure {
        match *miss {
            Miss::Path => Failure::new(Reason::UnknownRoute, "No route has this path"),
            Miss::Service { name, method } => {
                let names = self.services.iter().map(|service| &*service.name);
                let failure =
                    Failure::new(Reason::UnknownService, format!("Unknown service {}", shown(name)))
                        .suggestion(nearest(name, names));
                match method {
                    Some(method) => failure.method(method),
                    None => failure,
                }
            }
            Miss::OtherService { selected, method } => {
                let message = format!("The path selects the service {selected}, the body another");
                Failure::new(Reason::UnknownService, message).method(method)
            }
            Miss::OtherMethod { selected } => {
                let message = format!("The path names the method {selected}, the message another");
                Failure::new(Reason::InvalidArgument, message)
            }
            Miss::Method { name, service } => {
                let of_service = |method: &&Method| service.is_none_or(|service| self.is_of(method, service));
                let names = self.methods.iter().filter(of_service).map(|method| &*method.name);
                Failure::new(Reason::UnknownMethod, format!("Unknown function {}", shown(name)))
                    .suggestion(nearest(name, names))
                    .method(name)
            }
            Miss::Ambiguous { name, positions } => self.ambiguous(name, positions),
        }
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
}

impl fmt::Display for Route {
    /// The path, with the hosts and headers that belong to it: `api.example.com/v1 [x-tenant: acme]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let config::Route { path, hosts, headers, .. } = &self.settings;
        let hosts: Vec<String> = hosts.iter().map(ToString::to_string).collect();
        write!(f, "{}{path}", hosts.join("|"))?;
        for (name, value) in headers {
            write!(f, " [{name}: {value}]")?;
        }
        Ok(())
    }
}

/// A caller's name as far as a message repeats it.
fn shown(name: &str) -> &str {
    const LONGEST: usize = 128;
    let end = name.char_indices().nth(LONGEST).map_or(name.len(), |(end, _)| end);
    &name[..end]
}

/// Indexes the methods of a route by name.
fn index(schema: &Schema, services: &[RouteService], methods: &[Method]) -> HashMap<Box<str>, Named> {
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
