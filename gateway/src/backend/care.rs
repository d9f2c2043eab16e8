//! What is done for a backend beside its calls: its set of endpoints, and the care of their connections.

use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::runtime::Handle;

use super::balance::{EndpointSet, Member};
use super::ejection::Standing;
use super::endpoint::Template;
use super::pool::Lease;
use super::{Backend, BackendSetupError, Endpoint, EndpointStatus, EndpointTarget};

impl Member {
    /// A member that was not called yet.
    pub(super) fn new(template: &Template, target: &EndpointTarget) -> Result<Self, BackendSetupError> {
        Ok(Self { endpoint: Arc::new(template.endpoint(target)?), weight: target.weight })
    }
}

impl Backend {
    /// Makes these the endpoints, at once: a call sees the old set or the new one. An endpoint that stays keeps
    /// its connections, health and latency; of one that is gone idle connections are closed, and calls under way
    /// end as they would. One that cannot be set up is left out, with a warning.
    pub fn set_endpoints(&self, targets: &[EndpointTarget]) {
        let _changing = self.changing();
        let old = self.set.load();
        let mut members: Vec<Member> = Vec::with_capacity(targets.len());
        for target in targets {
            if members.iter().any(|member| member.endpoint.is_at(target)) {
                continue;
            }
            match old.members.iter().find(|member| member.endpoint.is_at(target)) {
                Some(known) => {
                    members.push(Member { endpoint: known.endpoint.clone(), weight: target.weight });
                }
                None => match Member::new(&self.template, target) {
                    Ok(member) => members.push(member),
                    Err(error) => {
                        let (backend, endpoint) = (&self.name, &target.address);
                        tracing::warn!(%backend, %endpoint, %error, "an endpoint cannot be called");
                    }
                },
            }
        }
        let is_kept = |gone: &Member| members.iter().any(|kept| Arc::ptr_eq(&kept.endpoint, &gone.endpoint));
        let gone: Vec<Arc<Endpoint>> = old
            .members
            .iter()
            .filter(|member| !is_kept(member))
            .map(|member| member.endpoint.clone())
            .collect();
        self.set.store(Arc::new(EndpointSet::new(members)));
        self.panicking.store(false, Ordering::Relaxed);
        gone.iter().for_each(|endpoint| endpoint.pool.retire());
    }

    /// The endpoints that it has now.
    #[must_use]
    pub fn members(&self) -> Vec<Arc<Endpoint>> {
        self.set.load().members.iter().map(|member| member.endpoint.clone()).collect()
    }

    /// What is known of the endpoints.
    #[must_use]
    pub fn endpoints(&self) -> Vec<EndpointStatus> {
        let now = Instant::now();
        self.set.load().members.iter().map(|member| member.endpoint.status(member.weight, now)).collect()
    }

    /// Whether any endpoint is called without reserve.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.set.load().members.iter().any(|member| member.endpoint.is_well())
    }

    /// The number of the runtime that is no core, but takes care of the backends; for [`CallContext::core`](super::CallContext::core).
    #[must_use]
    pub fn care_core(&self) -> usize {
        self.template.runtimes - 1
    }

    /// What is to be done from time to time, about once a second, on the runtime that takes care: closes
    /// connections that were idle for too long, opens those that are kept, on the runtimes of `cores`, and probes
    /// ejected endpoints whose time is over.
    pub fn tend(self: &Arc<Self>, now: Instant, cores: &[Handle]) {
        self.budget.tend(self.sequence.load(Ordering::Relaxed).cast_unsigned(), now);
        if self.panicking.load(Ordering::Relaxed) && self.answered.swap(false, Ordering::Relaxed) {
            self.panicking.store(false, Ordering::Relaxed);
        }
        for member in &self.set.load().members {
            let endpoint = &member.endpoint;
            endpoint.pool.reap(now);
            if endpoint.ejection.tend(now) {
                tokio::spawn(self.clone().readmit(endpoint.clone()));
            }
            if endpoint.ejection.standing() == Standing::Available {
                warm(endpoint, cores);
            }
        }
    }

    /// Puts an ejected endpoint on trial if it can be connected to.
    async fn readmit(self: Arc<Self>, endpoint: Arc<Endpoint>) {
        let probed = endpoint.probe().await;
        match &probed {
            // What it took before it was ejected would keep the trial from it.
            Ok(()) => endpoint.latency.forget(),
            Err(error) => {
                tracing::debug!(backend = %self.name, %endpoint, %error, "an ejected endpoint is not back");
            }
        }
        endpoint.ejection.probed(probed.is_ok(), Instant::now());
    }

    pub(super) fn changing(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens the connections that are missing to the minimum, spread over the cores.
fn warm(endpoint: &Arc<Endpoint>, cores: &[Handle]) {
    for (core, runtime) in cores.iter().enumerate().cycle().take(endpoint.pool.missing()) {
        let endpoint = endpoint.clone();
        runtime.spawn(async move {
            let address = endpoint.address.clone();
            if let Err(error) = Lease::warm(endpoint, core).await {
                tracing::debug!(endpoint = %address, %error, "a connection cannot be opened ahead");
            }
        });
    }
}
