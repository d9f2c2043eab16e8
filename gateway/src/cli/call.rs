//! `thriftgate call`: one call from the shell, by the code that serves calls.

use std::sync::Arc;
use std::time::Instant;

use clap::Args;
use http::HeaderMap;
use thriftgate_protocols::json::Translation;
use thriftgate_protocols::style::Limits;

use super::source::Source;
use super::whom::Whom;
use super::{Error, print};
use crate::backend::{CallContext, Upkeep};
use crate::http::{Failure, Reason, arguments, invoke};
use crate::policy::{Caller, Group};
use crate::router::{Match, Router};
use crate::snapshot::Snapshot;
use crate::telemetry::Metrics;

/// Arguments of `call`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    whom: Whom,
    /// The method, as Service.method, or alone where one service has it
    method: String,
    /// Its arguments, as a JSON object
    #[arg(default_value = "{}")]
    arguments: String,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Error> {
    let settings = arguments.source.settings()?;
    let metrics = Arc::new(Metrics::default());
    let snapshot = Snapshot::build(&settings, &metrics, 1)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let upkeep = Upkeep::new(runtime.handle().clone(), metrics);
    runtime.block_on(upkeep.begin(&settings.dns, &snapshot.backends));
    let whom = arguments.whom.find(&snapshot)?;
    match runtime.block_on(call(&snapshot, whom.as_ref(), &arguments.method, &arguments.arguments)) {
        Ok(reply) => print(&reply),
        Err(failure) => {
            let (_, body) = failure.render("");
            print(&String::from_utf8_lossy(&body))?;
            Err(Error(format!("error: {}", failure.log_detail())))
        }
    }
}

async fn call(
    snapshot: &Snapshot,
    whom: Option<&(&Group, Caller)>,
    name: &str,
    body: &str,
) -> Result<String, Failure> {
    let router = whom.map_or(&snapshot.router, |(group, _)| &group.router);
    let (service, name) = match name.rsplit_once('.') {
        Some((service, name)) => (Some(service), name),
        None => (None, name),
    };
    let found = find(router, service, name)?;
    let method = found.method;
    let filled = method.filled.as_deref();
    let injected =
        filled.map(|filled| filled.injected(&snapshot.schema, whom.map(|(_, caller)| caller))).transpose()?;
    let call = arguments(found, method.style, body.as_bytes(), injected, snapshot)?;
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

/// The method, on the first route that has it.
fn find<'r>(router: &'r Router, service: Option<&str>, name: &str) -> Result<Match<'r>, Failure> {
    let mut missed = None;
    for route in router.routes() {
        match route.find_method(service, name) {
            Ok(method) => return Ok(Match { route, method }),
            Err(failure) => missed = missed.or(Some(failure)),
        }
    }
    Err(missed.unwrap_or_else(|| Failure::new(Reason::UnknownMethod, "There is no route")))
}
