//! The samples of `/metrics`.

use std::collections::{BTreeMap, BTreeSet};

/// A metric: its type, the names of its labels as far as it has samples, and those samples.
#[derive(Clone, Debug, Default)]
pub(super) struct Metric {
    pub(super) kind: String,
    pub(super) labels: BTreeSet<String>,
    pub(super) samples: Vec<(String, f64)>,
}

/// The metrics of a text in the format of OpenMetrics, by the names that queries use: those of counters end with `_total`.
pub(super) fn metrics(text: &str) -> BTreeMap<String, Metric> {
    let mut metrics: BTreeMap<String, Metric> = BTreeMap::new();
    let mut name = String::new();
    for line in text.lines() {
        if let Some(declared) = line.strip_prefix("# TYPE ") {
            let (family, kind) = declared.split_once(' ').expect("a name and a type");
            let suffix = match kind {
                "counter" => "_total",
                "info" => "_info",
                _ => "",
            };
            name = format!("{family}{suffix}");
            metrics.insert(name.clone(), Metric { kind: kind.to_owned(), ..Metric::default() });
        } else if !line.starts_with('#') {
            let (series, value) = line.rsplit_once(' ').expect("a series and a value");
            let metric = metrics.get_mut(&name).expect("a type before its samples");
            metric.labels.extend(labels(series).into_iter().map(|(label, _)| label));
            metric.samples.push((series.to_owned(), value.parse().expect("a number")));
        }
    }
    metrics
}

/// The labels of a series with their values, but for those of a histogram's buckets.
pub(super) fn labels(series: &str) -> Vec<(String, String)> {
    let Some((_, labels)) = series.split_once('{') else { return Vec::new() };
    let labels = labels.strip_suffix('}').expect("labels in braces");
    let mut pairs = Vec::new();
    let mut rest = labels;
    while let Some((name, value)) = rest.split_once("=\"") {
        let mut end = 0;
        while value.as_bytes()[end] != b'"' {
            end += if value.as_bytes()[end] == b'\\' { 2 } else { 1 };
        }
        pairs.push((name.trim_start_matches(',').to_owned(), value[..end].to_owned()));
        rest = &value[end + 1..];
    }
    pairs.retain(|(name, _)| name != "le");
    pairs
}
