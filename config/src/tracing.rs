//! The section `tracing` of a file.

use crate::file;
use crate::headers::{header_name, header_value};
use crate::problems::Problems;
use crate::scalar::Fault;
use crate::settings::Tracing;

/// Where a collector takes traces (OTLP 1.x, "OTLP/HTTP request").
const PATH: &str = "/v1/traces";

/// Where spans go; `None` with the fault noted where that cannot be said.
pub(crate) fn tracing(file: &file::Tracing, problems: &mut Problems<'_>) -> Option<Tracing> {
    let written = problems.word(&file.otlp);
    let otlp = problems.keep(&written.span, collector(&written.text));
    let mut headers = Vec::new();
    for (name, value) in &file.headers.0 {
        let value = problems.word(value);
        problems.keep(&value.span, header_value(&value.text));
        let name = problems.keep(&name.span, header_name(&name.text));
        headers.extend(name.map(|name| (name, value.text)));
    }
    let mut service_name = "thriftgate".to_owned();
    if let Some(name) = &file.service_name {
        let name = problems.word(name);
        if name.text.is_empty() {
            problems.error(&name.span, "the name of the service is not empty");
        }
        service_name = name.text;
    }
    let mut tracing = Tracing { otlp: otlp?, sample: 0.01, service_name, headers };
    problems.set(&mut tracing.sample, &file.sample);
    Some(tracing)
}

fn collector(text: &str) -> Result<String, Fault> {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    let Some(rest) = rest.filter(|rest| !rest.is_empty() && !rest.starts_with('/')) else {
        return Err(Fault::new(format!("`{text}` is not the URL of a collector"))
            .with_help("write `http://` and its host, as `http://collector:4318`"));
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err(Fault::new("the URL of a collector holds no credentials")
            .with_help("write them in `headers`, where they are kept secret"));
    }
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) || rest.contains(['?', '#']) {
        return Err(Fault::new(format!("`{text}` is not the URL of a collector")));
    }
    match rest.strip_suffix('/').unwrap_or(rest) == authority {
        true => Ok(format!("{}{PATH}", text.strip_suffix('/').unwrap_or(text))),
        false => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::collector;

    #[test]
    fn the_path_of_traces_is_implied() {
        for (text, url) in [
            ("http://collector:4318", "http://collector:4318/v1/traces"),
            ("http://collector:4318/", "http://collector:4318/v1/traces"),
            ("https://[::1]/otlp", "https://[::1]/otlp"),
        ] {
            assert_eq!(collector(text).as_deref(), Ok(url));
        }
        for text in [
            "collector:4318",
            "http://",
            "http:///v1",
            "http://a b",
            "http://user:word@collector",
            "grpc://a",
        ] {
            assert!(collector(text).is_err(), "{text}");
        }
    }
}
