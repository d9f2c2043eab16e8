//! `thriftgate serve`: the gateway, until a signal ends it.

use std::net::SocketAddr;

use clap::Args;
use thriftgate_config::{ListenAddress, Listener};
use tokio::signal::unix::{SignalKind, signal};

use super::source::Source;
use super::{Error, print};
use crate::server::Gateway;
use crate::telemetry;

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    source: Source,
    /// Where to listen, in place of what the configuration says
    #[arg(long, env = "THRIFTGATE_LISTEN", value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Where the admin listener is, in place of what the configuration says
    #[arg(long, env = "THRIFTGATE_ADMIN", value_name = "ADDRESS")]
    admin: Option<SocketAddr>,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Error> {
    let mut settings = arguments.source.settings()?;
    if let Some(address) = arguments.listen {
        settings.listen = vec![Listener { address: ListenAddress::Tcp(address), tls: None }];
    }
    if let Some(address) = arguments.admin {
        settings.admin = Some(ListenAddress::Tcp(address));
    }
    telemetry::init_log(&settings.logging);
    let gateway = Gateway::start(&settings)?;
    announce(&gateway)?;
    wait_for_end()?;
    tracing::info!("ending: calls under way are finished");
    gateway.stop();
    Ok(())
}

/// Prints where the gateway listens, for people and for programs that let the system choose the port.
pub(super) fn announce(gateway: &Gateway) -> Result<(), Error> {
    for listening in &gateway.listen {
        print(&format!("listening {listening}"))?;
    }
    if let Some(listening) = &gateway.admin {
        print(&format!("admin {listening}"))?;
    }
    Ok(())
}

/// Waits for SIGTERM or SIGINT.
pub(super) fn wait_for_end() -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        Ok(())
    })
}
