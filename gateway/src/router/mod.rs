//! Requests to routes, and names to methods.
//!
//! The head of a request (path, host, headers) gives the routes that it may take, the [`Candidates`], in the
//! order of the configuration. The first that has the called method takes it: where the path names the method
//! that is known at once, else when the body was read. Nothing is kept of the candidates: those after the first
//! are looked for again in the rare case that the first passes a call on.

mod draw;
mod head;
mod method;
mod route;

pub use draw::Draw;
pub use head::{Head, Mismatch};
pub use method::{Destination, Destinations, Method, Mirror, Setting, SettingSource};
use route::Miss;
pub use route::{Hidden, Route, RouteService, Selection};

use std::collections::BTreeSet;

use crate::http::{Failure, Reason};

/// All routes, in the order in which they are tried.
#[derive(Debug, Default)]
pub struct Router {
    routes: Vec<Route>,
}

/// A method, and the route that it was reached by.
#[derive(Clone, Copy, Debug)]
pub struct Match<'r> {
    /// The route
    pub route: &'r Route,
    /// One of its methods
    pub method: &'r Method,
}

/// The routes that a request may take, as far as its head tells.
#[derive(Clone, Copy, Debug)]
pub struct Candidates<'r, 'h> {
    router: &'r Router,
    head: Head<'h>,
    first: usize,
    selection: Selection<'r>,
}

/// A request that no route takes by its head.
#[derive(Debug)]
pub(crate) struct Unrouted<'r> {
    /// The first route whose path, host and headers match, if there is one
    pub(crate) route: Option<&'r Route>,
    /// What the caller is told
    pub(crate) failure: Failure,
}

impl Router {
    /// A router that tries these routes in their order.
    #[must_use]
    pub fn new(mut routes: Vec<Route>) -> Self {
        for index in 0..routes.len() {
            let (earlier, later) = routes.split_at_mut(index + 1);
            let route = &mut earlier[index];
            route.passes_on =
                route.settings.is_selective() && later.iter().any(|later| route.overlaps(later));
        }
        Self { routes }
    }

    /// The routes, in the order in which they are tried.
    #[must_use]
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// The first route whose path, host and headers match.
    pub(crate) fn first(&self, head: Head<'_>) -> Option<&Route> {
        self.candidates(0, head).next().map(|(_, route)| route)
    }

    /// The routes that the request may take. Where the first that it is for is withheld from its caller, that is the only one.
    pub(crate) fn find<'h>(&self, head: Head<'h>) -> Result<Candidates<'_, 'h>, Unrouted<'_>> {
        let mut missed: Option<(&Route, Miss<'_, '_>)> = None;
        let mut route = None;
        for (first, candidate) in self.candidates(0, head) {
            if candidate.withheld {
                return Ok(Candidates { router: self, head, first, selection: Selection::Body });
            }
            match candidate.select(head.path()) {
                Ok(selection) => return Ok(Candidates { router: self, head, first, selection }),
                Err(miss) => {
                    route = route.or(Some(candidate));
                    if missed.is_none_or(|(_, before)| before.rank() < miss.rank()) {
                        missed = Some((candidate, miss));
                    }
                    if !candidate.lets_pass(&miss) {
                        break;
                    }
                }
            }
        }
        let failure = match missed {
            Some((route, miss)) => route.refuse(&miss),
            None => unknown_route(),
        };
        Err(Unrouted { route, failure })
    }

    /// The routes from `start` on whose path, host and headers match, each with its position.
    fn candidates<'r>(&'r self, start: usize, head: Head<'_>) -> impl Iterator<Item = (usize, &'r Route)> {
        let routes = self.routes.iter().enumerate().skip(start);
        routes.filter(move |(_, route)| route.mismatch(&head).is_none())
    }

    /// Every method that callers can reach, as `Service.method`, with the route that leads to it. A reload tells by it what is
    /// exposed that was not before.
    #[must_use]
    pub fn exposed(&self) -> BTreeSet<(String, String)> {
        let methods = |route: &Route| {
            let label = route.to_string();
            let name =
                |method: &Method| format!("{}.{}", route.services[method.service].qualified, method.name);
            route.methods.iter().map(|method| (label.clone(), name(method))).collect::<Vec<_>>()
        };
        self.routes.iter().flat_map(methods).collect()
    }
}

impl<'r> Candidates<'r, '_> {
    /// The first of them, which decides what has to be known before the body is read.
    #[must_use]
    pub fn first(&self) -> &'r Route {
        &self.router.routes[self.first]
    }

    /// The method that the path names.
    #[must_use]
    pub fn named_by_path(&self) -> Option<Match<'r>> {
        match self.selection {
            Selection::Method(method) => Some(Match { route: self.first(), method }),
            Selection::Body | Selection::Service(_) => None,
        }
    }

    /// The largest body, in bytes, that any method may have which the call can turn out to be of.
    #[must_use]
    pub fn largest_body(&self) -> usize {
        match self.selection {
            Selection::Method(method) => method.body.value,
            Selection::Body | Selection::Service(_) => {
                self.later().map(|(_, route)| route.largest_body).fold(self.first().largest_body, usize::max)
            }
        }
    }

    /// The method that the body names; where the path names one already it has to be that.
    pub(crate) fn method(&self, service: Option<&str>, name: &str) -> Result<Match<'r>, Failure> {
        let first = self.first();
        match first.select_method(self.selection, service, name) {
            Ok(method) => Ok(Match { route: first, method }),
            Err(miss) => self.later_method(miss, service, name),
        }
    }

    #[cold]
    fn later_method(
        &self,
        missed: Miss<'_, '_>,
        service: Option<&str>,
        name: &str,
    ) -> Result<Match<'r>, Failure> {
        let mut best = (self.first(), missed);
        if best.0.lets_pass(&missed) {
            for (selection, route) in self.later() {
                let miss = match route.select_method(selection, service, name) {
                    Ok(method) => return Ok(Match { route, method }),
                    Err(miss) => miss,
                };
                if best.1.rank() < miss.rank() {
                    best = (route, miss);
                }
                if !route.lets_pass(&miss) {
                    break;
                }
            }
        }
        Err(best.0.refuse(&best.1))
    }

    /// The candidates after the first that leave it to the body as well to name the method.
    fn later(&self) -> impl Iterator<Item = (Selection<'r>, &'r Route)> {
        let head = self.head;
        let end = if self.first().passes_on { usize::MAX } else { 0 };
        let mut stopped = false;
        self.router.candidates(self.first + 1, head).take(end).filter_map(move |(_, route)| {
            if stopped {
                return None;
            }
            stopped = !route.passes_on;
            match route.select(head.path()) {
                Ok(Selection::Method(_)) | Err(_) => None,
                Ok(selection) => Some((selection, route)),
            }
        })
    }
}

#[cold]
fn unknown_route() -> Failure {
    Failure::new(Reason::UnknownRoute, "No route has this path")
}
