//! The groups of the settings, resolved against the routes.

use std::collections::BTreeSet;
use std::sync::Arc;

use http::StatusCode;
use thriftgate_config as config;
use thriftgate_config::MethodPattern;
use thriftgate_metadata::Schema;

use super::patterns::Scope;
use super::routes::exception_name;
use super::style::change_style;
use super::{at, warning_at};
use crate::policy::{FilledArguments, Group};
use crate::router::{Method, Route, RouteService, Router, Setting, SettingSource};
use crate::telemetry::Metrics;

/// Resolves one group against the routes that there are for everybody.
pub(super) struct GroupBuilder<'a> {
    pub(super) schema: &'a Schema,
    pub(super) routes: &'a [Route],
    pub(super) group: &'a config::Group,
    pub(super) metrics: &'a Metrics,
    pub(super) errors: &'a mut Vec<String>,
    pub(super) warnings: &'a mut Vec<String>,
}

impl GroupBuilder<'_> {
    pub(super) fn build(mut self) -> Group {
        self.check_patterns();
        self.check_statuses();
        let mut routes: Vec<Route> = self.routes.iter().map(|route| self.route(route)).collect();
        self.fill(&mut routes);
        if routes.iter().all(|route| route.methods.is_empty()) {
            let message = format!("callers of the group {} can call nothing", self.group.name);
            self.warnings.push(warning_at(self.group.origin.as_ref(), message));
        }
        let refusals = self.metrics.refusals(&self.group.name);
        Group { settings: self.group.clone(), router: Router::new(routes), refusals }
    }

    /// The route as it is for the group.
    fn route(&self, base: &Route) -> Route {
        let (mut services, mut methods) = (Vec::new(), Vec::new());
        for (position, service) in base.services.iter().enumerate() {
            let before = methods.len();
            let may_call =
                |method: &&Method| method.service == position && self.may_call(base, service, method);
            for method in base.methods.iter().filter(may_call) {
                methods.push(Method { service: services.len(), ..self.method(service, method) });
            }
            // As on the route itself: a service of which nothing can be called is none.
            if methods.len() > before || self.schema[service.id].functions.is_empty() {
                services.push(service.clone());
            }
        }
        let mut settings = base.settings.clone();
        if let Some(cors) = &self.group.cors {
            settings.cors = Some(cors.clone());
        }
        let metrics = base.metrics.clone();
        let mut route = Route::new(settings, self.schema, services, methods, base.hidden.clone(), metrics);
        if route.methods.is_empty() {
            // A body that no method takes is read all the same, and refused for what it asks.
            route.largest_body = base.largest_body;
        }
        route.withheld = !self.has(base);
        route
    }

    /// Whether the route is one of the group's.
    fn has(&self, route: &Route) -> bool {
        let routes = &self.group.routes;
        routes.is_empty() || routes.iter().any(|allowed| allowed.path == route.settings.path)
    }

    fn may_call(&self, route: &Route, service: &RouteService, method: &Method) -> bool {
        let config::Group { allow, deny, .. } = self.group;
        let names = [&*service.name, &*service.qualified];
        let is_one_of =
            |patterns: &[MethodPattern]| patterns.iter().any(|pattern| pattern.matches(names, &method.name));
        self.has(route) && (allow.is_empty() || is_one_of(allow)) && !is_one_of(deny)
    }

    /// The method as it is for the group.
    fn method(&self, service: &RouteService, base: &Method) -> Method {
        let mut method = base.clone();
        method.rate = self.rate(service, base);
        method.style = change_style(base.style, &self.group.style);
        if let Some(body) = self.group.caller.body.filter(|body| *body < base.body.value) {
            method.body = Setting { value: body, source: SettingSource::Group };
        }
        let result = &self.schema[self.schema[base.function].result];
        for (status, field) in method.statuses.iter_mut().zip(&result.fields) {
            let exception = exception_name(self.schema, field.ty).filter(|_| field.id != 0);
            let said = self.group.exception_statuses.iter().find(|said| Some(&*said.exception) == exception);
            if let Some(said) = said {
                *status = StatusCode::from_u16(said.status).expect("the settings hold valid statuses");
            }
        }
        method
    }

    /// Resolves the arguments that are filled in, each of which some method must have.
    fn fill(&mut self, routes: &mut [Route]) {
        let arguments = &self.group.arguments;
        let mut used = BTreeSet::new();
        let mut unfit = BTreeSet::new();
        for method in routes.iter_mut().flat_map(|route| &mut route.methods) {
            match FilledArguments::resolve(self.schema, method.function, arguments, &mut used) {
                Ok(filled) => method.filled = filled.map(Arc::new),
                Err(wrong) => unfit.extend(wrong),
            }
        }
        for (index, why) in unfit {
            self.errors.push(at(arguments[index].origin.as_ref(), why, None));
        }
        let is_unused = |(index, _): &(usize, &config::FilledArgument)| !used.contains(index);
        for (_, argument) in arguments.iter().enumerate().filter(is_unused) {
            let message = format!(
                "no method that callers of the group {} can call has the argument `{}`",
                self.group.name,
                argument.path.join(".")
            );
            self.errors.push(at(argument.origin.as_ref(), message, None));
        }
    }

    /// Which of the rates for methods counts: that of the most specific pattern.
    fn rate(&self, service: &RouteService, method: &Method) -> Option<usize> {
        let names = [&*service.name, &*service.qualified];
        let limits = self.group.methods.iter().enumerate();
        let is_for = |(_, limits): &(usize, &config::MethodRate)| limits.pattern.matches(names, &method.name);
        limits.filter(is_for).max_by_key(|(_, limits)| limits.pattern.specificity()).map(|(index, _)| index)
    }

    /// What names methods has to name some of the group's routes.
    fn check_patterns(&mut self) {
        let mut seen = BTreeSet::new();
        let routes = self.routes.iter().filter(|route| self.has(route));
        let services: Vec<RouteService> = routes
            .flat_map(|route| route.services.iter().chain(route.hidden.iter().map(|hidden| &hidden.service)))
            .filter(|service| seen.insert(service.id))
            .cloned()
            .collect();
        let scope = Scope { schema: self.schema, services: &services, is_several: true };
        let config::Group { allow, deny, methods, .. } = self.group;
        for pattern in allow.iter().chain(deny).chain(methods.iter().map(|limits| &limits.pattern)) {
            scope.check(pattern, self.errors, self.warnings);
        }
    }

    /// Every exception that the group gives a status must be declared by some method.
    fn check_statuses(&mut self) {
        let schema = self.schema;
        for said in &self.group.exception_statuses {
            let declares = |method: &Method| {
                let fields = &schema[schema[method.function].result].fields;
                fields.iter().any(|field| exception_name(schema, field.ty) == Some(&said.exception))
            };
            if !self.routes.iter().flat_map(|route| &route.methods).any(declares) {
                let message = format!("no method throws {}", said.exception);
                self.errors.push(at(said.origin.as_ref(), message, None));
            }
        }
    }
}
