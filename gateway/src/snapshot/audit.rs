//! The methods whose arguments are in the audit log.

use thriftgate_config as config;
use thriftgate_config::MethodPattern;

use super::warning_at;
use crate::router::Route;

/// Marks the methods whose arguments the settings ask for. A pattern that none fits is worth a warning.
pub(super) fn mark(settings: &config::Audit, routes: &mut [Route], warnings: &mut Vec<String>) {
    let mut used = vec![false; settings.arguments.len()];
    for Route { services, methods, .. } in routes {
        for method in methods {
            let service = &services[method.service];
            let names = [&*service.name, &*service.qualified];
            let fits = |pattern: &MethodPattern| pattern.matches(names, &method.name);
            for (pattern, used) in settings.arguments.iter().zip(&mut used) {
                if fits(pattern) {
                    (method.audits_arguments, *used) = (true, true);
                }
            }
        }
    }
    for (pattern, _) in settings.arguments.iter().zip(used).filter(|(_, used)| !used) {
        let message =
            format!("no method of the routes is one of {pattern}, whose arguments shall be audited");
        warnings.push(warning_at(pattern.origin.as_ref(), message));
    }
}
