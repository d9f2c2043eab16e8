//! What the process uses of the machine, under the names that Prometheus' own clients give it.

use std::fmt;
use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeGaugeValue, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Unit;
use rustix::param::{clock_ticks_per_second, page_size};
use rustix::process::{Resource, getrlimit};

/// When the process began, as far as this can tell: when it was asked for first.
static BEGAN: LazyLock<f64> =
    LazyLock::new(|| SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64());

/// Read when it is asked for. Where the system does not tell, as without `/proc`, there are no such time series.
#[derive(Debug)]
pub(super) struct Usage;

impl Usage {
    /// Notes the time.
    pub(super) fn begin() -> Self {
        LazyLock::force(&BEGAN);
        Self
    }
}

impl Collector for Usage {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        gauge(&mut encoder, "process_start_time", "When the process began", Some(&Unit::Seconds), &*BEGAN)?;
        if let Some(descriptors) = getrlimit(Resource::Nofile).current {
            gauge(&mut encoder, "process_max_fds", "File descriptors that it may have", None, &descriptors)?;
        }
        if let Ok(open) = std::fs::read_dir("/proc/self/fd") {
            gauge(
                &mut encoder,
                "process_open_fds",
                "File descriptors that it has",
                None,
                &(open.count() as u64),
            )?;
        }
        let Some((cpu, memory)) = statistics() else { return Ok(()) };
        let bytes = Some(&Unit::Bytes);
        gauge(&mut encoder, "process_resident_memory", "Memory that it holds", bytes, &memory)?;
        let (help, kind) = ("Time that it ran, in user and system mode", MetricType::Counter);
        let mut encoder = encoder.encode_descriptor("process_cpu", help, Some(&Unit::Seconds), kind)?;
        encoder.encode_counter::<NoLabelSet, _, u64>(&cpu, None)
    }
}

fn gauge(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    unit: Option<&Unit>,
    value: &impl EncodeGaugeValue,
) -> fmt::Result {
    encoder.encode_descriptor(name, help, unit, MetricType::Gauge)?.encode_gauge(value)
}

/// Seconds of processor time, and bytes of resident memory.
fn statistics() -> Option<(f64, u64)> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is the name, in parentheses, and may have spaces.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |position: usize| fields.get(position - 3)?.parse::<u64>().ok();
    let ticks = number(14)? + number(15)?;
    Some((ticks as f64 / clock_ticks_per_second() as f64, number(24)? * page_size() as u64))
}
