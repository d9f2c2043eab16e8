//! A thread with a runtime of its own, and what it accepts on.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::{Semaphore, mpsc};

use super::connection::Acceptor;
use super::ending::{Ending, Phase, phase_after};
use super::listener::Bound;
use super::streams::Streams;
use super::surface::Surface;
use crate::process::Process;
use crate::tls::CurrentServerTls;

/// How long the replies of calls that were given up may take to be written.
const FLUSH: Duration = Duration::from_millis(250);

/// A thread that is to run.
pub(super) struct Worker {
    pub(super) name: String,
    pub(super) runtime: Runtime,
    pub(super) listeners: Vec<(Bound, Option<CurrentServerTls>)>,
    /// What answers.
    pub(super) surface: Surface,
    pub(super) process: Arc<Process>,
    /// A permit for each connection that there may be.
    pub(super) connections: Arc<Semaphore>,
    /// What ends it.
    pub(super) ending: Arc<Ending>,
}

impl Worker {
    /// Accepts, and runs what was spawned on the runtime, until the end.
    ///
    /// # Errors
    /// Of the system, which refuses a thread or a socket.
    pub(super) fn start(self) -> io::Result<JoinHandle<()>> {
        let Self { name, runtime, listeners, surface, process, connections, ending } = self;
        let listeners = {
            let _entered = runtime.enter();
            let listen = |(bound, tls): (Bound, _)| bound.listen(tls);
            listeners.into_iter().map(listen).collect::<io::Result<Vec<_>>>()?
        };
        let (at_work, mut ended) = mpsc::channel(1);
        let (mut phase, streams) = (ending.phase(), Streams::default());
        let acceptor = Acceptor {
            surface,
            process,
            connections,
            phase: phase.clone(),
            streams: streams.clone(),
            _at_work: at_work,
        };
        let at_work = ending.at_work();
        std::thread::Builder::new().name(name).spawn(move || {
            let _at_work = at_work;
            runtime.block_on(async move {
                for listener in listeners {
                    tokio::spawn(acceptor.clone().run(listener));
                }
                drop(acceptor);
                phase_after(Phase::Leaving, &mut phase).await;
                tokio::select! {
                    _ = ended.recv() => return,
                    _ = phase_after(Phase::Closing, &mut phase) => streams.wake(),
                }
                let _in_time = tokio::time::timeout(FLUSH, ended.recv()).await;
            });
            runtime.shutdown_background();
        })
    }
}
