//! The methods that health checks call, looked up in the schema.

use thriftgate_config::{Backend, HealthProbe};
use thriftgate_metadata::{Requiredness, Schema, nearest};

use super::at;

/// What is wrong with the health check of a backend, as the text that an operator reads; `None` where nothing
/// is.
pub(super) fn fault(schema: &Schema, backend: &Backend) -> Option<String> {
    let HealthProbe::Call(method) = &backend.health_check.as_ref()?.probe else { return None };
    let refused = |message: String, help: Option<String>| Some(at(method.origin.as_ref(), message, help));
    let services: Vec<_> = schema.services_named(&method.service).collect();
    if services.is_empty() {
        let names = schema.services().map(|(_, service)| &*service.name);
        let help = nearest(&method.service, names).map(|nearest| format!("there is a service {nearest}"));
        return refused(format!("no IDL declares a service {}", method.service), help);
    }
    // Of several services of one name any will do: the call is the same.
    let functions = services.iter().flat_map(|&service| &schema[service].functions);
    let functions: Vec<_> = functions.map(|&function| &schema[function]).collect();
    let Some(function) = functions.iter().find(|function| *function.name == *method.method) else {
        let names = functions.iter().map(|function| &*function.name);
        let help = nearest(&method.method, names).map(|nearest| format!("there is a method {nearest}"));
        return refused(format!("{} has no method {}", method.service, method.method), help);
    };
    if function.oneway {
        let message = format!("{} is oneway: no reply tells whether the server is well", method.method);
        return refused(message, None);
    }
    let arguments = &schema[function.arguments].fields;
    let required = arguments.iter().find(|argument| argument.requiredness == Requiredness::Required)?;
    let message = format!("{} cannot be called without its argument {}", method.method, required.name);
    refused(message, Some("a health check calls without arguments".to_owned()))
}
