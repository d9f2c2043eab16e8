//! `thriftgate call`: one call from the shell, by the code that serves calls.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use http::HeaderMap;
use thriftgate_config::{BackendAddress, ListenAddress, Settings};
use thriftgate_protocols::json::Translation;
use thriftgate_protocols::style::Limits;

use super::source::{Dialect, parse_address};
use super::{Error, print};
use crate::backend::CallContext;
use crate::http::{Failure, invoke, translate};
use crate::router::Selection;
use crate::snapshot::Snapshot;
use crate::telemetry::Metrics;

/// Arguments of `call`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A .thrift file, gen-json output, or a directory of either
    #[arg(long, value_name = "PATH", required = true)]
    idl: Vec<PathBuf>,
    /// The backend: HOST:PORT or unix:PATH
    #[arg(long, value_name = "ADDRESS", value_parser = parse_address)]
    backend: BackendAddress,
    #[command(flatten)]
    dialect: Dialect,
    /// The method, as Service.method, or alone where one service has it
    method: String,
    /// Its arguments, as a JSON object
    #[arg(default_value = "{}")]
    arguments: String,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Error> {
    let backend = arguments.dialect.backend(arguments.backend.clone());
    let settings = Settings::single(arguments.idl.clone(), backend, ListenAddress::DEFAULT);
    let snapshot = Snapshot::build(&settings, &Metrics::default(), 1)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match runtime.block_on(call(&snapshot, &arguments.method, &arguments.arguments)) {
        Ok(reply) => print(&reply),
        Err(failure) => {
            let (_, body) = failure.render("");
            print(&String::from_utf8_lossy(&body))?;
            Err(Error(format!("error: {}", failure.log_detail())))
        }
    }
}

async fn call(snapshot: &Snapshot, name: &str, arguments: &str) -> Result<String, Failure> {
    let route = &snapshot.router.routes[0];
    let (service, name) = match name.rsplit_once('.') {
        Some((service, name)) => (Some(service), name),
        None => (None, name),
    };
    let method = route.method(service, name)?;
    let limits = &snapshot.limits;
    let translation = Translation {
        schema: &snapshot.schema,
        style: route.style,
        limits: Limits { depth: limits.depth, output: limits.frame },
    };
    let call = translate(route, Selection::Method(method), arguments.as_bytes(), &translation, &mut None)?;
    let headers = HeaderMap::new();
    let context = CallContext {
        core: 0,
        deadline: Instant::now() + method.deadline,
        headers: &headers,
        idempotent: false,
        attempt_timeout: None,
        retries: Some(0),
    };
    let answer = invoke(call, &context, &translation).await?;
    Ok(String::from_utf8_lossy(&answer.body).into_owned())
}
