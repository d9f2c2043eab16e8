//! The operations that a document can have: one for each path.

use std::collections::HashSet;

use thriftgate_metadata::Schema;

use crate::{Description, MethodDescription, RouteDescription, ServiceDescription};

/// A method at its path.
#[derive(Clone, Debug)]
pub(crate) struct Operation<'d> {
    pub(crate) route: &'d RouteDescription,
    pub(crate) service: &'d ServiceDescription,
    pub(crate) method: &'d MethodDescription,
    pub(crate) path: String,
}

/// The methods of a description. A document has a path once: of routes that have the same one, for other hosts or headers, the first
/// counts.
pub(crate) fn operations<'d>(schema: &Schema, description: &'d Description) -> Vec<Operation<'d>> {
    let mut taken = HashSet::new();
    let mut operations = Vec::new();
    for route in &description.routes {
        for service in &route.services {
            for method in &service.methods {
                let path = route.path_of(service, &schema[method.function].name);
                if taken.insert(path.clone()) {
                    operations.push(Operation { route, service, method, path });
                }
            }
        }
    }
    operations
}
