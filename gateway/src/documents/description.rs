//! What the routes of the gateway are to whoever reads of them.

use http::uri::PathAndQuery;
use http::{HeaderName, HeaderValue, Request, header};
use thriftgate_config as config;
use thriftgate_openapi::{
    Contact, Description, ErrorCode, License, MethodDescription, RouteDescription, Security,
    ServiceDescription,
};

use crate::http::Reason;
use crate::policy::FilledField;
use crate::router::{Head, Method, Route, RouteService, Router};
use crate::snapshot::map_style;

/// The parts of the settings that documents are made of.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) documents: config::Documents,
    pub(super) security: Security,
    /// Whether any address is limited.
    pub(super) limits_addresses: bool,
}

impl Said {
    pub(super) fn new(settings: &config::Settings, documents: &config::Documents) -> Self {
        let config::Authentication { keys, jwt, certificates, anonymous } = &settings.authentication;
        Self {
            documents: documents.clone(),
            security: Security {
                key_header: keys.as_ref().map(|keys| keys.header.clone()),
                bearer: keys.is_some() || !jwt.is_empty(),
                certificates: !certificates.is_empty(),
                required: settings.authentication.is_configured() && anonymous.is_none(),
            },
            limits_addresses: settings.limits.address_rate.is_some(),
        }
    }

    /// What callers of a group are told of these routes; of `None` everybody.
    pub(super) fn describe(
        &self,
        router: &Router,
        group: Option<&config::Group>,
        parts: &[(&str, &str)],
    ) -> Description {
        let config::Documents { title, version, description, contact, license, servers, .. } =
            &self.documents;
        let address = |name: &str| format!("{}/{name}.json", self.documents.openapi);
        let mut routes = Vec::new();
        for route in router.routes().iter().filter(|route| route.settings.documents) {
            if let Some((name, _)) = parts.iter().find(|(_, path)| *path == route.settings.path) {
                routes.push(describe_route(router, route, address(name)));
            }
        }
        Description {
            title: title.clone(),
            version: version.clone(),
            summary: description.clone(),
            contact: contact.clone().map(|config::Contact { name, url, email }| Contact { name, url, email }),
            license: license.clone().map(|config::License { name, url }| License { name, url }),
            servers: servers.clone(),
            openapi: format!("{}.json", self.documents.openapi),
            security: self.security.clone(),
            errors: self.errors(group),
            routes,
        }
    }

    /// Every word that a call may be answered with.
    fn errors(&self, group: Option<&config::Group>) -> Vec<ErrorCode> {
        let Security { key_header, bearer, certificates, .. } = &self.security;
        let asks = key_header.is_some() || *bearer || *certificates;
        let limits = self.limits_addresses || group.is_some_and(is_limited);
        let mut reasons = Reason::ALL.to_vec();
        reasons.retain(|reason| match reason {
            Reason::Unauthenticated => asks,
            Reason::RateLimited => limits,
            _ => true,
        });
        let code = |reason: Reason| ErrorCode { status: reason.status().as_u16(), code: reason.code() };
        reasons.into_iter().map(code).collect()
    }
}

/// Whether there is any limit that its callers can come up against.
fn is_limited(group: &config::Group) -> bool {
    let config::CallerLimits { rate, calls, .. } = &group.caller;
    group.rate.is_some() || rate.is_some() || calls.is_some() || !group.methods.is_empty()
}

/// Whether callers can find a route in the documents.
pub(super) fn is_documented(route: &Route) -> bool {
    route.settings.documents && !route.methods.is_empty()
}

fn describe_route(router: &Router, route: &Route, openapi: String) -> RouteDescription {
    let mut services = Vec::new();
    for (position, service) in route.services.iter().enumerate() {
        let is_same = |other: &&RouteService| other.name == service.name;
        let is_ambiguous = route.services.iter().filter(is_same).count() > 1;
        let name = if is_ambiguous { &service.qualified } else { &service.name };
        let of_service = |method: &&Method| {
            method.service == position
                && is_reachable(router, route, method, &format!("{name}/{}", method.name))
        };
        let methods: Vec<MethodDescription> =
            route.methods.iter().filter(of_service).map(describe_method).collect();
        if !methods.is_empty() {
            services.push(ServiceDescription { service: service.id, name: name.to_string(), methods });
        }
    }
    let config::Route { path, hosts, headers, style, sandbox, .. } = &route.settings;
    RouteDescription {
        path: path.clone(),
        hosts: hosts.iter().map(ToString::to_string).collect(),
        headers: headers.clone(),
        style: map_style(*style),
        sandbox: sandbox.is_some(),
        openapi,
        services,
    }
}

fn describe_method(method: &Method) -> MethodDescription {
    let path = |field: &FilledField| field.path.clone();
    MethodDescription {
        function: method.function,
        style: method.style,
        statuses: method.statuses.iter().map(|status| status.as_u16()).collect(),
        idempotent: method.idempotent.value,
        filled: method.filled.iter().flat_map(|filled| filled.fields()).map(path).collect(),
    }
}

/// Whether a call by the path that documents give is one of the method: an earlier route may take it, or keep it from callers.
fn is_reachable(router: &Router, route: &Route, method: &Method, rest: &str) -> bool {
    let config::Route { path, hosts, headers, .. } = &route.settings;
    let path = format!("{}/{rest}", path.trim_end_matches('/'));
    let Ok(path) = PathAndQuery::try_from(path) else { return false };
    let Ok(request) = Request::post(path).body(()) else { return false };
    let (mut request, ()) = request.into_parts();
    if let Some(host) = hosts.first() {
        // Any host below a pattern stands for all.
        let host = host.to_string().replace('*', "any");
        request.headers.extend(HeaderValue::try_from(host).map(|host| (header::HOST, host)));
    }
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            request.headers.append(name, value);
        }
    }
    let found = router.find(Head::of(&request)).ok().and_then(|candidates| candidates.named_by_path());
    found.is_some_and(|found| std::ptr::eq(found.route, route) && std::ptr::eq(found.method, method))
}
