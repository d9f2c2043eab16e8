//! The routes of the settings, resolved against the schema.

use std::sync::Arc;

use http::StatusCode;
use thriftgate_config as config;
use thriftgate_metadata::{FunctionId, ProgramId, Schema, ServiceId, Type, nearest};

use super::{at, map_style};
use crate::backend::Backend;
use crate::idl::Idl;
use crate::router::{Method, Route, RouteService, index};
use crate::telemetry::Metrics;

/// Resolves one route against the schema.
pub(super) struct RouteBuilder<'a> {
    pub(super) idl: &'a Idl,
    pub(super) route: &'a config::Route,
    pub(super) backend: &'a Arc<Backend>,
    pub(super) metrics: &'a Metrics,
    pub(super) errors: &'a mut Vec<String>,
}

impl RouteBuilder<'_> {
    pub(super) fn build(mut self) -> Route {
        let schema = &self.idl.schema;
        let services: Vec<RouteService> = self
            .services()
            .into_iter()
            .map(|id| {
                let service = &schema[id];
                let qualified = format!("{}.{}", schema[service.program].name, service.name);
                RouteService { id, name: service.name.clone(), qualified: qualified.into() }
            })
            .collect();
        self.check_statuses(&services);
        let mut methods = Vec::new();
        for (position, service) in services.iter().enumerate() {
            for &function in &schema[service.id].functions {
                methods.push(self.method(position, service, function));
            }
        }
        Route {
            path: self.route.path.as_str().into(),
            by_name: index(schema, &services, &methods),
            services,
            methods,
            style: map_style(self.route.style),
            caller_style: self.route.caller_style,
            cors: self.route.cors.clone(),
            legacy_first_byte: self.route.legacy_first_byte,
            compression: self.route.compression,
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

    fn method(&mut self, position: usize, service: &RouteService, id: FunctionId) -> Method {
        let function = &self.idl.schema[id];
        let settings = self.backend.settings();
        let wire_name = if settings.multiplexed {
            format!("{}:{}", service.name, function.name).into()
        } else {
            function.name.clone()
        };
        Method {
            name: function.name.clone(),
            service: position,
            function: id,
            oneway: function.oneway,
            void: self.idl.schema[function.result].field_by_id(0).is_none(),
            wire_name,
            backend: self.backend.clone(),
            deadline: self.route.marks.deadline.unwrap_or(settings.deadline),
            statuses: self.statuses(id),
            metrics: self.metrics.method(&self.route.path, &service.name, &function.name),
        }
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

fn exception_name(schema: &Schema, ty: Type) -> Option<&str> {
    match ty {
        Type::Struct(id) => Some(&schema[id].name),
        _ => None,
    }
}
