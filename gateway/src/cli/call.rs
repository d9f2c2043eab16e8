//! `thriftgate call`: one call from the shell, by the code that serves calls.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use clap::Args;
use http::HeaderMap;
use thriftgate_config::{BackendAddress, ListenAddress, Settings};
use thriftgate_protocols::json::Translation;
use thriftgate_protocols::style::Limits;

use super::source::{Dialect, parse_address};
use super::{Error, print};
use crate::backend::{CallContext, Upkeep};
use crate::http::{Failure, arguments, invoke};
use crate::router::Match;
use crate::snapshot::Snapshot;
use crate::telemetry::Metrics;

/// Arguments of `call`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A .thrift file, gen-json output, or a directory of either
    #[arg(long, value_name = "PATH", required = true)]
    idl: Vec<PathBuf>,
    /// The backend: HOST:PORT, srv:NAME or unix:PATH
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
    let metrics = Arc::new(Metrics::default());
    let snapshot = Snapshot::build(&settings, &metrics, 1)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let upkeep = Upkeep::new(runtime.handle().clone(), metrics);
    runtime.block_on(upkeep.begin(&settings.dns, &snapshot.backends));
    match runtime.block_on(call(&snapshot, &arguments.method, &arguments.arguments)) {
        Ok(reply) => print(&reply),
        Err(failure) => {
            let (_, body) = failure.render("");
            print(&String::from_utf8_lossy(&body))?;
            Err(Error(format!("error: {}", failure.log_detail())))
        }
    }
}

async fn call(snapshot: &Snapshot, name: &str, body: &str) -> Result<String, Failure> {
    let route = &snapshot.router.routes()[0];
    let (service, name) = match name.rsplit_once('.') {
        Some((service, name)) => (Some(service), name),
        None => (None, name),
    };
    let method = route.find_method(service, name)?;
    let call = arguments(Match { route, method }, method.style, body.as_bytes(), None, snapshot)?;
    let limits = Limits { depth: snapshot.limits.depth, output: snapshot.limits.reply };
    let translation = Translation { schema: &snapshot.schema, style: method.style, limits };
    let context = CallContext {
        core: 0,
        deadline: Instant::now() + method.destinations.choose().deadline.value,
        headers: &HeaderMap::new(),
        idempotent: method.idempotent.value,
        attempt_timeout: method.attempt_timeout.value,
        retries: method.retries.value,
        hurried: false,
        trace: None,
    };
    let answer = invoke(call, &context, &translation).await?;
    Ok(String::from_utf8_lossy(&answer.body).into_owned())
}
