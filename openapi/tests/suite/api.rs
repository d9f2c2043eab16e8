//! Schemas from IDL text, and APIs of everything in them.

use std::path::{Path, PathBuf};

use thriftgate_metadata::{Builder, Schema};
use thriftgate_openapi::{
    Contact, Description, ErrorCode, MethodDescription, RouteDescription, Security, ServiceDescription,
};
use thriftgate_protocols::style::Style;

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The schema of one file of this text.
pub(crate) fn parse(idl: &str) -> Schema {
    let mut builder = Builder::new(Vec::new(), |_| Ok(Some(idl.to_owned())));
    builder.thrift("api.thrift");
    builder.finish().unwrap_or_else(|errors| panic!("{errors:?}\n{idl}")).schema
}

/// The schema of a file and those it includes.
pub(crate) fn read(path: &Path) -> Schema {
    let load = |path: &Path| match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.to_string()),
    };
    let mut builder = Builder::new(Vec::new(), load);
    builder.thrift(path);
    builder.finish().unwrap_or_else(|errors| panic!("{errors:?}")).schema
}

/// All `.thrift` files of the repository.
pub(crate) fn all_idl() -> Vec<PathBuf> {
    let folders = ["tests/data", "gateway/src/demo", "tests/cases/json"];
    let entries = folders.iter().flat_map(|folder| {
        std::fs::read_dir(root().join(folder))
            .expect("a folder of IDL")
            .map(|entry| entry.expect("an entry").path())
    });
    let mut paths: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|end| end == "thrift")).collect();
    paths.sort();
    assert!(paths.len() > 10, "{paths:?}");
    paths
}

/// A method as it is unless something is said of it.
pub(crate) fn method(
    schema: &Schema,
    function: thriftgate_metadata::FunctionId,
    style: Style,
) -> MethodDescription {
    let result = &schema[schema[function].result];
    let status = |field: &thriftgate_metadata::Field| {
        let of_exception = || match field.ty {
            thriftgate_metadata::Type::Struct(id) if field.id != 0 => {
                schema[id].annotations.get("http.status")
            }
            _ => None,
        };
        let said = field.annotations.get("http.status").or_else(of_exception);
        said.map_or(200, |status| status.parse().expect("a status"))
    };
    MethodDescription {
        function,
        style,
        statuses: result.fields.iter().map(status).collect(),
        idempotent: false,
        filled: Vec::new(),
    }
}

/// A route with all services.
pub(crate) fn route(schema: &Schema, path: &str, style: Style) -> RouteDescription {
    let services = schema.services().map(|(id, service)| ServiceDescription {
        service: id,
        name: service.name.to_string(),
        methods: service.functions.iter().map(|&function| method(schema, function, style)).collect(),
    });
    RouteDescription {
        path: path.to_owned(),
        hosts: Vec::new(),
        headers: Vec::new(),
        style,
        sandbox: false,
        openapi: format!("/openapi{path}.json"),
        services: services.collect(),
    }
}

/// An API of these routes.
pub(crate) fn api(routes: Vec<RouteDescription>) -> Description {
    Description {
        title: "Acme API".to_owned(),
        version: "1.4".to_owned(),
        summary: Some("What vendors may *call*.".to_owned()),
        contact: Some(Contact { email: Some("api@example.com".to_owned()), ..Contact::default() }),
        license: None,
        servers: Vec::new(),
        openapi: "/openapi.json".to_owned(),
        security: Security {
            key_header: Some("x-api-key".to_owned()),
            bearer: true,
            certificates: false,
            required: true,
        },
        errors: ERRORS.map(|(status, code)| ErrorCode { status, code }).into(),
        routes,
    }
}

const ERRORS: [(u16, &str); 10] = [
    (400, "INVALID_JSON"),
    (400, "INVALID_ARGUMENT"),
    (401, "UNAUTHENTICATED"),
    (404, "UNKNOWN_METHOD"),
    (429, "RATE_LIMITED"),
    (500, "BACKEND_EXCEPTION"),
    (500, "INTERNAL"),
    (502, "BACKEND_MISMATCH"),
    (503, "UNAVAILABLE"),
    (504, "DEADLINE_EXCEEDED"),
];
