//! What is done for backends beside their calls, on a runtime that runs none: their names are resolved again
//! and again, and their endpoints are checked.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use thriftgate_config as config;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::balance::random;
use super::discovery::{self, Discovery};
use super::{Backend, health};
use crate::telemetry::Metrics;

/// Begins the upkeep of backends.
#[derive(Debug)]
pub struct Upkeep {
    runtime: Handle,
    discovery: Arc<Discovery>,
}

/// The tasks of one backend, which end when it is dropped.
#[derive(Default)]
pub(super) struct Tasks(OnceLock<JoinSet<()>>);

impl fmt::Debug for Tasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tasks").field(&self.0.get().map(JoinSet::len)).finish()
    }
}

impl Upkeep {
    /// Upkeep on `runtime`, which somebody else runs.
    #[must_use]
    pub fn new(runtime: Handle, metrics: Arc<Metrics>) -> Self {
        Self { runtime, discovery: Arc::new(Discovery::new(metrics)) }
    }

    /// The runtime that all of it runs on.
    pub(crate) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// Resolves names by these settings from now on, and begins with the upkeep of those backends that have none yet.
    /// What is returned ends when each of their names was resolved, or could not be in its time; the upkeep goes on
    /// without it.
    pub fn begin(&self, dns: &config::Dns, backends: &[Arc<Backend>]) -> impl Future<Output = ()> + use<> {
        self.discovery.configure(dns);
        let first: Vec<_> = backends.iter().flat_map(|backend| self.begin_one(backend)).collect();
        async {
            for answer in first {
                // The sender is dropped when the name was asked for.
                let _asked = answer.await;
            }
        }
    }

    fn begin_one(&self, backend: &Arc<Backend>) -> Vec<oneshot::Receiver<()>> {
        let mut first = Vec::new();
        backend.upkeep.0.get_or_init(|| {
            let mut tasks = JoinSet::new();
            for watched in discovery::watch(&self.discovery, backend) {
                let (asked, answer) = oneshot::channel();
                first.push(answer);
                tasks.spawn_on(watched.run(asked), &self.runtime);
            }
            if let Some(check) = &backend.settings().health_check {
                tasks.spawn_on(health::watch(Arc::downgrade(backend), check.clone()), &self.runtime);
            }
            tasks
        });
        first
    }
}

/// A pause of this length, give or take a tenth, so that what began together does not stay together.
pub(crate) fn jittered(pause: Duration) -> Duration {
    let share = (random() % 1000) as f64 / 1000.0;
    pause.mul_f64(0.9 + 0.2 * share)
}
