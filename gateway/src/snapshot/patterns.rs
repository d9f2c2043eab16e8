//! What names methods, checked against those that there are.

use thriftgate_config::{MethodPattern, NamePattern};
use thriftgate_metadata::{Schema, nearest};

use super::{at, warning_at};
use crate::router::RouteService;

/// Where methods are looked for.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) schema: &'a Schema,
    pub(super) services: &'a [RouteService],
    /// Whether they are those of several routes.
    pub(super) is_several: bool,
}

impl Scope<'_> {
    /// A pattern has to name some method: a name that none has is an error, and a beginning is worth a warning.
    pub(super) fn check(
        &self,
        pattern: &MethodPattern,
        errors: &mut Vec<String>,
        warnings: &mut Vec<String>,
    ) {
        let Self { schema, services, is_several } = *self;
        let is_of =
            |service: &&RouteService| pattern.service.as_ref().is_none_or(|name| service.is_named(name));
        let mut names = services
            .iter()
            .filter(is_of)
            .flat_map(|service| &schema[service.id].functions)
            .map(|&function| &*schema[function].name);
        if names.clone().any(|name| pattern.name.matches(name)) {
            return;
        }
        let (routes, has) =
            if is_several { ("the routes of the group", "have") } else { ("the route", "has") };
        let origin = pattern.origin.as_ref();
        let help = |near: Option<&str>| near.map(|near| format!("did you mean `{near}`?"));
        match (&pattern.service, &pattern.name) {
            (Some(service), _) if !services.iter().any(|known| known.is_named(service)) => {
                let near = nearest(service, services.iter().map(|service| &*service.name));
                errors.push(at(origin, format!("{routes} {has} no service {service}"), help(near)));
            }
            (_, NamePattern::Exact(name)) => {
                let message = format!("no service of {routes} has a method {name}");
                errors.push(at(origin, message, help(nearest(name, &mut names))));
            }
            (_, NamePattern::Prefix(_)) => {
                let message = format!("no method of {routes} is one of {pattern}");
                warnings.push(warning_at(origin, message));
            }
        }
    }
}
