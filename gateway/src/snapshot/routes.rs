//! The routes of the settings, resolved against the schema.

use std::sync::Arc;

use http::StatusCode;
use thriftgate_config as config;
use thriftgate_config::MethodPattern;
use thriftgate_metadata::{Field, FunctionId, ProgramId, Schema, ServiceId, Type, nearest};

use super::marks::Said;
use super::patterns::Scope;
use super::{at, warning_at};
use crate::backend::Backend;
use crate::http::Sandbox;
use crate::idl::Idl;
use crate::router::{
    Destination, Destinations, Hidden, Method, Mirror, Route, RouteService, Setting, SettingSource,
};
use crate::telemetry::Metrics;

/// Resolves one route against the schema.
pub(super) struct RouteBuilder<'a> {
    pub(super) idl: &'a Idl,
    pub(super) route: &'a config::Route,
    /// All backends, in the order of the settings.
    pub(super) backends: &'a [Arc<Backend>],
    /// Where calls go that are answered from the IDL.
    pub(super) sandbox: &'a Arc<Backend>,
    pub(super) limits: &'a config::Limits,
    pub(super) metrics: &'a Metrics,
    pub(super) errors: &'a mut Vec<String>,
    pub(super) warnings: &'a mut Vec<String>,
}

impl RouteBuilder<'_> {
    pub(super) fn build(mut self) -> Route {
        let schema = &self.idl.schema;
        let all: Vec<RouteService> = self
            .services()
            .into_iter()
            .map(|id| {
                let service = &schema[id];
                let qualified = format!("{}.{}", schema[service.program].name, service.name);
                RouteService { id, name: service.name.clone(), qualified: qualified.into() }
            })
            .collect();
        self.check_statuses(&all);
        self.check_patterns(&all);
        let (mut services, mut methods, mut hidden) = (Vec::new(), Vec::new(), Vec::new());
        for service in all {
            let position = services.len();
            let before = (methods.len(), hidden.len());
            for &function in &schema[service.id].functions {
                let said = Said::of(self.route, schema, &service, function);
                let name = &schema[function].name;
                let names = [&*service.name, &*service.qualified];
                let is_of = |pattern: &MethodPattern| pattern.matches(names, name);
                if said.is_hidden() || self.route.hide.iter().any(is_of) {
                    hidden.push(Hidden { service: service.clone(), method: name.clone() });
                } else if self.route.methods.is_empty() || self.route.methods.iter().any(is_of) {
                    methods.push(self.method(position, &service, function, &said));
                }
            }
            // A service of which nothing can be called is none for callers, unless some of its methods are another
            // route's and some are hidden: the route has to know these. One without methods is no secret.
            let (known, kept) = (methods.len() - before.0, hidden.len() - before.1);
            let count = schema[service.id].functions.len();
            if known > 0 || count == 0 || (1..count).contains(&kept) {
                services.push(service);
            }
        }
        if methods.is_empty() && !hidden.is_empty() {
            let message = format!("no method of the route {} can be called", self.route.path);
            self.warnings.push(warning_at(self.route.origin.as_ref(), message));
        }
        let metrics = self.metrics.route(&self.route.path);
        Route::new(self.route.clone(), schema, services, methods, hidden, metrics)
    }

    /// What names methods has to name some of the route.
    fn check_patterns(&mut self, services: &[RouteService]) {
        let scope = Scope { schema: &self.idl.schema, services, is_several: false };
        let settings = self.route.method_settings.iter().map(|settings| &settings.pattern);
        for pattern in self.route.methods.iter().chain(&self.route.hide).chain(settings) {
            scope.check(pattern, self.errors, self.warnings);
        }
    }

    /// The services that the settings name.
    fn services(&mut self) -> Vec<ServiceId> {
        let schema = &self.idl.schema;
        match &self.route.services {
            config::Services::All => {
                let all: Vec<ServiceId> = self.idl.services().collect();
                if all.is_empty() {
                    self.errors
                        .push(format!("error: route {}: the IDL declares no service", self.route.path));
                }
                all
            }
            config::Services::Named(names) => {
                names.iter().filter_map(|name| self.named(schema, name)).collect()
            }
        }
    }

    fn named(&mut self, schema: &Schema, name: &config::ServiceName) -> Option<ServiceId> {
        let programs: Vec<ProgramId> =
            name.idl.iter().flat_map(|&source| self.idl.sources[source].iter().copied()).collect();
        let in_scope = |id: &ServiceId| programs.is_empty() || programs.contains(&schema[*id].program);
        let found: Vec<ServiceId> = schema.services_named(&name.name).filter(in_scope).collect();
        let (message, help) = match found.as_slice() {
            [id] => return Some(*id),
            [] => {
                let names =
                    schema.services().filter(|(id, _)| in_scope(id)).map(|(_, service)| &*service.name);
                let help = nearest(&name.name, names).map(|nearest| format!("there is a service {nearest}"));
                (format!("no IDL declares a service {}", name.name), help)
            }
            several => {
                let paths: Vec<&str> = several.iter().map(|&id| &*schema[schema[id].program].path).collect();
                let help = "name it with its file, as file.Service".to_owned();
                (format!("several IDLs declare a service {}: {}", name.name, paths.join(", ")), Some(help))
            }
        };
        self.errors.push(at(name.origin.as_ref(), message, help));
        None
    }

    /// Every exception that the route gives a status must be declared by a method of it.
    fn check_statuses(&mut self, services: &[RouteService]) {
        let schema = &self.idl.schema;
        for status in &self.route.exception_statuses {
            let declares = |service: &RouteService| {
                schema[service.id].functions.iter().any(|&function| {
                    let fields = &schema[schema[function].result].fields;
                    fields.iter().any(|field| exception_name(schema, field.ty) == Some(&status.exception))
                })
            };
            if !services.iter().any(declares) {
                let message = format!("no method of the route throws {}", status.exception);
                self.errors.push(at(status.origin.as_ref(), message, None));
            }
        }
    }

    fn method(&mut self, position: usize, service: &RouteService, id: FunctionId, said: &Said<'_>) -> Method {
        let function = &self.idl.schema[id];
        let destination = |backend: &Arc<Backend>, weight| {
            self.destination(backend.clone(), weight, service, &function.name, said)
        };
        let weighted = |to: &config::WeightedBackend| destination(&self.backends[to.backend], to.weight);
        let destinations = match self.route.sandbox {
            Some(_) => vec![destination(self.sandbox, 1)],
            None => self.route.backends.iter().map(weighted).collect(),
        };
        let sandbox = self
            .route
            .sandbox
            .map(|settings| Arc::new(Sandbox::new(settings, &self.idl.schema, id, &destinations[0])));
        let mirror = self.route.mirror.map(|mirror| {
            let to = destination(&self.backends[mirror.backend], 1);
            let metrics = self.metrics.mirror(&to.backend.name);
            Arc::new(Mirror::new(to, mirror.share, metrics))
        });
        let members = &self.idl.schema[function.result].fields;
        let name = |field: &Field| exception_name(&self.idl.schema, field.ty).filter(|_| field.id != 0);
        let exceptions: Vec<Option<Arc<str>>> =
            members.iter().map(|field| name(field).map(Arc::from)).collect();
        Method {
            name: function.name.clone(),
            service: position,
            function: id,
            oneway: function.oneway,
            void: self.idl.schema[function.result].field_by_id(0).is_none(),
            destinations: Destinations::new(destinations).into(),
            sandbox,
            mirror,
            attempt_timeout: said.first_or_none(|marks| marks.attempt_timeout),
            body: said.first_or(self.limits.body, |marks| marks.body),
            idempotent: said.first_or(false, |marks| marks.idempotent),
            retries: said.first_or_none(|marks| marks.retries),
            style: said.style(),
            rate: None,
            filled: None,
            audits_arguments: false,
            statuses: self.statuses(id),
            metrics: self.metrics.method(&self.route.path, &service.name, &function.name, &exceptions),
            exceptions: exceptions.into(),
        }
    }

    /// A backend of the route, as it is called for the method.
    fn destination(
        &self,
        backend: Arc<Backend>,
        weight: u32,
        service: &RouteService,
        method: &str,
        said: &Said<'_>,
    ) -> Destination {
        let settings = backend.settings();
        let wire_name =
            if settings.multiplexed { format!("{}:{method}", service.name) } else { method.to_owned() };
        let deadline = said.first(|marks| marks.deadline).unwrap_or_else(|| {
            let is_default = settings.deadline == self.limits.deadline;
            let source = if is_default { SettingSource::Default } else { SettingSource::Backend };
            Setting { value: settings.deadline, source }
        });
        let names = [&*self.route.path, &*service.name, method];
        let duration = self.metrics.backend_duration(names, &backend.name);
        Destination { weight, wire_name: wire_name.into(), deadline, backend, duration }
    }

    /// The status of each member of the result: as the route says, else as the annotation `http.status` of the
    /// `throws` field, else as that of the exception.
    fn statuses(&mut self, id: FunctionId) -> Box<[StatusCode]> {
        let schema = &self.idl.schema;
        let mut statuses = Vec::new();
        for field in &schema[schema[id].result].fields {
            let Some(name) = exception_name(schema, field.ty).filter(|_| field.id != 0) else {
                statuses.push(StatusCode::OK);
                continue;
            };
            let configured = self.route.exception_statuses.iter().find(|status| status.exception == name);
            let annotated = || {
                let Type::Struct(exception) = field.ty else { return None };
                field
                    .annotations
                    .get("http.status")
                    .or_else(|| schema[exception].annotations.get("http.status"))
            };
            let text = configured.map(|status| status.status.to_string());
            let text = text.as_deref().or_else(annotated);
            let status = text.map_or(Some(StatusCode::OK), parse_status);
            if status.is_none() {
                let program = &schema[schema[schema[id].service].program];
                self.errors.push(format!(
                    "{}: error: http.status of {name} is not a status from 200 to 599",
                    program.path
                ));
            }
            statuses.push(status.unwrap_or(StatusCode::OK));
        }
        statuses.into()
    }
}

fn parse_status(text: &str) -> Option<StatusCode> {
    let status = text.parse().ok().filter(|status| (200..=599).contains(status))?;
    StatusCode::from_u16(status).ok()
}

/// The name of an exception, where the type is one.
pub(super) fn exception_name(schema: &Schema, ty: Type) -> Option<&str> {
    match ty {
        Type::Struct(id) => Some(&schema[id].name),
        _ => None,
    }
}
