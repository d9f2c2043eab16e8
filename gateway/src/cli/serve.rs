//! `thriftgate serve`: the gateway, until a signal ends it.

use std::net::SocketAddr;
use std::sync::Arc;

use clap::Args;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use thriftgate_config::{ListenAddress, Listener, Settings};
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::source::Source;
use super::{Error, print};
use crate::reload::{self, Files, Reloader, Trigger};
use crate::server::Gateway;
use crate::supervisor::{self, Inherited};
use crate::telemetry;

/// Arguments of `serve`.
#[derive(Clone, Debug, Args)]
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

impl Arguments {
    /// The settings as they are now, with what the command line says in place of the file.
    fn settings(&self) -> Result<Settings, Error> {
        let mut settings = self.source.settings()?;
        if let Some(address) = self.listen {
            settings.listen =
                vec![Listener { address: ListenAddress::Tcp(address), tls: None, origin: None }];
        }
        if let Some(address) = self.admin {
            settings.admin = Some(ListenAddress::Tcp(address));
        }
        Ok(settings)
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Error> {
    let inherited = Inherited::from_environment()?;
    let again = arguments.clone();
    let read = move || again.settings().map_err(|Error(text)| text);
    let source = reload::Source::new(arguments.source.file(), read);
    let mut files = Files::default();
    let settings = source.read(&mut files)?;
    telemetry::init_log(&settings.logging);
    raise_descriptors();
    let signals = Signals::new()?;
    let gateway = Gateway::start_from(source, &settings, files, inherited)?;
    signals.reload_on_hangup(gateway.reloader.clone())?;
    announce(&gateway)?;
    signals.end(gateway)
}

/// Takes as many file descriptors as the system lets a process have: the usual soft limit of 1,024 is for programs that
/// use `select`, and far below the connections that are allowed.
fn raise_descriptors() {
    let limits = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limits.maximum, ..limits };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, descriptors = limits.current, "the number of file descriptors cannot be raised");
    }
}

/// Prints where the gateway listens, for people and for programs that let the system choose the port, and tells the
/// supervisor that it does.
pub(super) fn announce(gateway: &Gateway) -> Result<(), Error> {
    for listening in &gateway.listen {
        print(&format!("listening {listening}"))?;
    }
    if let Some(listening) = &gateway.admin {
        print(&format!("admin {listening}"))?;
    }
    supervisor::ready("Answering calls, configuration 1");
    Ok(())
}

/// The signals that end the process. From the moment that this is made they are waited for instead.
pub(super) struct Signals {
    runtime: Runtime,
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    pub(super) fn new() -> Result<Self, Error> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let entered = runtime.enter();
        let (terminate, interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        drop(entered);
        Ok(Self { runtime, terminate, interrupt })
    }

    /// Makes SIGHUP reload, for as long as the end is waited for.
    fn reload_on_hangup(&self, reloader: Arc<Reloader>) -> Result<(), Error> {
        let _entered = self.runtime.enter();
        let mut hangup = signal(SignalKind::hangup())?;
        self.runtime.spawn(async move {
            while hangup.recv().await.is_some() {
                reloader.reload(Trigger::Signal).await;
            }
        });
        Ok(())
    }

    /// Waits for SIGTERM or SIGINT, and ends the gateway. Each further signal hurries its end by a step.
    pub(super) fn end(mut self, gateway: Gateway) -> Result<(), Error> {
        self.wait();
        tracing::info!("ending: calls under way are finished; another signal hurries");
        let ending = gateway.ending();
        std::thread::Builder::new().name("signals".into()).spawn(move || {
            loop {
                self.wait();
                ending.hurry();
            }
        })?;
        gateway.stop();
        Ok(())
    }

    fn wait(&mut self) {
        let Self { runtime, terminate, interrupt } = self;
        runtime.block_on(async {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        });
    }
}
