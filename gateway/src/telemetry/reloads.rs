//! The metrics of reloads.

use std::time::{SystemTime, UNIX_EPOCH};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct ResultLabels {
    result: &'static str,
}

/// How reloads ended. Starting counts as a success.
#[derive(Debug)]
pub struct ReloadMetrics {
    attempts: Family<ResultLabels, Counter>,
    success: Gauge,
    succeeded: Gauge,
}

impl ReloadMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let (attempts, success, succeeded) = (Family::default(), Gauge::default(), Gauge::default());
        registry.register("reloads", "Reloads, by how they ended", attempts.clone());
        registry.register(
            "config_last_reload_success",
            "Whether the last reload took effect: 0 where its files were refused",
            success.clone(),
        );
        registry.register_with_unit(
            "config_last_reload_success_timestamp",
            "When the configuration in effect was read",
            Unit::Seconds,
            succeeded.clone(),
        );
        let metrics = Self { attempts, success, succeeded };
        for result in ["reloaded", "refused"] {
            // A series that begins at 0 shows its first increase.
            let _created = metrics.attempts.get_or_create_owned(&ResultLabels { result });
        }
        metrics.took_effect();
        metrics
    }

    /// Counts an attempt.
    pub fn attempted(&self, succeeded: bool) {
        let result = if succeeded { "reloaded" } else { "refused" };
        self.attempts.get_or_create_owned(&ResultLabels { result }).inc();
        if succeeded {
            self.took_effect();
        } else {
            self.success.set(0);
        }
    }

    fn took_effect(&self) {
        self.success.set(1);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.succeeded.set(now.as_secs().cast_signed());
    }
}
