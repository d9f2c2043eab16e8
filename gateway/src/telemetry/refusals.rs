//! The time series of refusals, by the group of the caller.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, NoLabelSet};
use prometheus_client::metrics::MetricType;

use super::live::{Live, Series};
use crate::http::Reason;

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct GroupLabels {
    group: Arc<str>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct RefusalLabels {
    #[prometheus(flatten)]
    group: GroupLabels,
    reason: &'static str,
}

type Counters = [AtomicU64; Reason::ALL.len()];

/// The time series of all groups.
#[derive(Clone, Debug, Default)]
pub(super) struct Refusals(Live<GroupLabels, Counters>);

/// The refusals of the callers of one group.
#[derive(Clone, Debug)]
pub struct GroupRefusals(Arc<Series<GroupLabels, Counters>>);

impl Refusals {
    /// Those of a group; of callers who are not known where its name is empty.
    pub(super) fn of(&self, group: &str) -> GroupRefusals {
        GroupRefusals(self.0.get(GroupLabels { group: Arc::from(group) }))
    }
}

impl GroupRefusals {
    /// Counts a call that was refused.
    pub(super) fn count(&self, reason: Reason) {
        self.0.counted[reason as usize].fetch_add(1, Ordering::Relaxed);
    }
}

impl Collector for Refusals {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let help = "Calls that the gateway refused, by the group of the caller";
        let mut refusals = encoder.encode_descriptor("refusals", help, None, MetricType::Counter)?;
        for series in self.0.all() {
            for (reason, counter) in Reason::ALL.into_iter().zip(&series.counted) {
                let labels = RefusalLabels { group: series.labels.clone(), reason: reason.code() };
                match counter.load(Ordering::Relaxed) {
                    0 => {}
                    count => {
                        refusals
                            .encode_family(&labels)?
                            .encode_counter::<NoLabelSet, _, u64>(&count, None)?;
                    }
                }
            }
        }
        Ok(())
    }
}
