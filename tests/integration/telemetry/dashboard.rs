//! The dashboard: its queries name metrics and labels that there are.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::reference::{Listed, listed};

/// Words of the query language that are no metrics.
const WORDS: [&str; 18] = [
    "sum",
    "rate",
    "increase",
    "by",
    "without",
    "histogram_quantile",
    "max",
    "min",
    "avg",
    "time",
    "clamp_min",
    "or",
    "and",
    "on",
    "ignoring",
    "topk",
    "count",
    "label_replace",
];
/// Labels that Prometheus itself gives to what it scrapes.
const TARGET: [&str; 2] = ["job", "instance"];

fn dashboard() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/deploy/grafana/thriftgate.json");
    serde_json::from_str(&fs::read_to_string(path).expect("the dashboard")).expect("it is JSON")
}

/// The texts under this key, wherever they are.
fn texts(value: &Value, key: &str) -> Vec<String> {
    match value {
        Value::Object(members) => {
            let own = members.get(key).and_then(Value::as_str).map(str::to_owned);
            own.into_iter().chain(members.values().flat_map(|value| texts(value, key))).collect()
        }
        Value::Array(elements) => elements.iter().flat_map(|value| texts(value, key)).collect(),
        _ => Vec::new(),
    }
}

/// A metric that a query names, and the labels that it selects by.
#[derive(Debug, PartialEq)]
struct Selected {
    name: String,
    labels: Vec<String>,
}

/// What a query names: metrics with their selectors, and the labels that it groups by.
fn named(query: &str) -> (Vec<Selected>, Vec<String>) {
    let (mut selected, mut grouped): (Vec<Selected>, Vec<String>) = (Vec::new(), Vec::new());
    let mut rest = query;
    let mut is_grouping = false;
    while let Some(start) =
        rest.find(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '{' | '[' | '$' | '"' | ')'))
    {
        rest = &rest[start..];
        match rest.as_bytes()[0] {
            b'{' => {
                let end = rest.find('}').expect("a selector ends");
                let labels = selector(&rest[1..end]);
                selected.last_mut().unwrap_or_else(|| panic!("a selector of nothing in {query}")).labels =
                    labels;
                rest = &rest[end + 1..];
            }
            b'[' => rest = &rest[rest.find(']').expect("a range ends") + 1..],
            b'"' => rest = &rest[rest[1..].find('"').expect("a text ends") + 2..],
            b')' => (rest, is_grouping) = (&rest[1..], false),
            _ => {
                let end = rest[1..]
                    .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                    .map_or(rest.len(), |end| end + 1);
                let word = &rest[..end];
                rest = &rest[end..];
                if matches!(word, "by" | "on" | "without" | "ignoring") {
                    is_grouping = true;
                } else if is_grouping {
                    grouped.push(word.to_owned());
                } else if !WORDS.contains(&word) && !word.starts_with('$') {
                    selected.push(Selected { name: word.to_owned(), labels: Vec::new() });
                }
            }
        }
    }
    (selected, grouped)
}

/// The names of the labels of a selector.
fn selector(text: &str) -> Vec<String> {
    let mut labels = Vec::new();
    let mut rest = text;
    while let Some((name, value)) = rest.split_once(['=', '!']) {
        labels.push(name.trim_matches([',', ' ']).to_owned());
        let (_, value) = value.split_once('"').expect("a value in quotes");
        rest = value.split_once('"').expect("a value in quotes").1;
    }
    labels
}

/// The metric of the reference that has this sample.
fn metric_of<'l>(listed: &'l Listed, sample: &str) -> Option<(&'l str, &'l BTreeSet<String>)> {
    listed.iter().find_map(|(name, (kind, labels))| {
        let is_of = sample == name
            || kind == "histogram"
                && ["_bucket", "_sum", "_count"].iter().any(|end| sample == format!("{name}{end}"));
        is_of.then_some((&**name, labels))
    })
}

#[test]
fn its_queries_name_what_there_is() {
    let (dashboard, listed) = (dashboard(), listed());
    let queries = texts(&dashboard, "expr");
    assert!(queries.len() > 15, "{}", queries.len());
    let mut used = BTreeSet::new();
    for query in &queries {
        let (selected, grouped) = named(query);
        assert!(!selected.is_empty(), "{query}");
        let mut of_all = BTreeSet::new();
        for Selected { name, labels } in &selected {
            let (metric, known) =
                metric_of(&listed, name).unwrap_or_else(|| panic!("there is no {name}: {query}"));
            for label in labels {
                assert!(
                    known.contains(label) || TARGET.contains(&&**label),
                    "{name} has no label {label}: {query}"
                );
            }
            used.insert(metric.to_owned());
            of_all.extend(known.iter().cloned());
        }
        for label in &grouped {
            let is_known = of_all.contains(label) || TARGET.contains(&&**label) || label == "le";
            assert!(is_known, "nothing has the label {label}: {query}");
        }
    }
    let own = listed.keys().filter(|name| name.starts_with("thriftgate_"));
    let unused: Vec<&String> = own.filter(|name| !used.contains(*name)).collect();
    assert!(unused.is_empty(), "not on the dashboard: {unused:?}");
}

/// Variables ask for values of labels that there are, and every panel asks the data source that is chosen on import.
#[test]
fn its_variables_name_what_there_is() {
    let (dashboard, listed) = (dashboard(), listed());
    for query in texts(&dashboard["templating"], "query").iter().filter(|query| query.contains('(')) {
        let (metric, label) = query
            .strip_prefix("label_values(")
            .and_then(|query| query.strip_suffix(')')?.rsplit_once(", "))
            .unwrap_or_else(|| panic!("{query} is no query of a variable"));
        let (selected, _) = named(metric);
        let (_, known) = metric_of(&listed, &selected[0].name).unwrap_or_else(|| panic!("{query}"));
        assert!(known.contains(label) || TARGET.contains(&label), "{query}");
    }
    for panel in dashboard["panels"].as_array().expect("panels").iter().filter(|panel| panel["type"] != "row")
    {
        assert_eq!(panel["datasource"]["uid"], "${datasource}", "{}", panel["title"]);
    }
}

#[test]
fn queries_are_taken_apart() {
    let (selected, grouped) = named(
        "sum by (le, route) (rate(a_bucket{job=\"$job\", x!~\"b|c\"}[$__rate_interval])) / on (y) b or time() - 5",
    );
    let of = |name: &str, labels: &[&str]| Selected {
        name: name.to_owned(),
        labels: labels.iter().map(|label| (*label).to_owned()).collect(),
    };
    assert_eq!(grouped, ["le", "route", "y"]);
    assert_eq!(selected, [of("a_bucket", &["job", "x"]), of("b", &[])]);
}
