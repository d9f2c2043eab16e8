//! Traces: over two hops, by the conventions of OpenTelemetry, of the calls that are to be traced alone, and never in
//! the way of a call.

use std::time::{Duration, Instant};

use thriftgate_protocols::wire::Protocol;
use thriftgate_tests::backend::{Backend, Step};
use thriftgate_tests::client::get;
use thriftgate_tests::collector::{Collector, Span};
use thriftgate_tests::{Folder, Gateway, data, eventually};

use crate::http_server::HttpServer;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN: &str = "00f067aa0ba902b7";

fn tracing(collector: &Collector, name: &str, sample: f64) -> String {
    format!("tracing: {{otlp: \"{}\", sample: {sample}, service_name: {name}}}\n", collector.url())
}

/// Echoes a string, on a connection of its own, with these headers.
fn echo(gateway: &Gateway, headers: &[(&str, &str)]) -> thriftgate_tests::client::Reply {
    let headers: Vec<_> =
        [("Content-Type", "application/json")].into_iter().chain(headers.iter().copied()).collect();
    gateway.post_with("/v1/echoString?secret=word", &headers, br#"{"value":"x"}"#)
}

/// A gateway before a gateway before a Thrift server.
fn two_hops(collector: &Collector, sample: f64) -> (Backend, Gateway, Gateway) {
    let server = Backend::echoing();
    let inner = Gateway::start(&format!(
        "idl: everything.thrift\nbackends: {{server: \"{}\"}}\n{}",
        server.address(),
        tracing(collector, "inner", sample)
    ));
    let outer = Gateway::start(&format!(
        "idl: everything.thrift\nbackends: {{inner: {{address: \"http://{}\"}}}}\n\
         routes: [{{path: /v1, backend: inner}}]\n{}",
        inner.address(),
        tracing(collector, "outer", sample)
    ));
    (server, inner, outer)
}

/// The only span of a kind that somebody sent.
#[track_caller]
fn only<'s>(spans: &'s [Span], service: &str, is_server: bool) -> &'s Span {
    let mut found = spans.iter().filter(|span| span.service == service && span.is_server() == is_server);
    let first = found.next().unwrap_or_else(|| panic!("no such span of {service}: {spans:#?}"));
    assert!(found.next().is_none(), "{spans:#?}");
    first
}

#[track_caller]
fn assert_attributes(span: &Span, expected: &[(&str, &str)]) {
    for (key, value) in expected {
        assert_eq!(span.attribute(key).as_deref(), Some(*value), "{key} of {span:#?}");
    }
}

#[test]
fn two_hops_are_one_trace() {
    let collector = Collector::start();
    let (server, inner, outer) = two_hops(&collector, 1.0);
    let reply = echo(&outer, &[("User-Agent", "tests/1"), ("X-Request-Id", "the-id")]);
    assert_eq!(reply.status, 200, "{}", reply.text());
    let spans = collector.wait_for(4);
    let [call, attempt, inner_call, inner_attempt] = [
        only(&spans, "outer", true),
        only(&spans, "outer", false),
        only(&spans, "inner", true),
        only(&spans, "inner", false),
    ];
    assert!(call.span.parent_span_id.is_empty());
    assert!(attempt.is_under(call) && inner_call.is_under(attempt) && inner_attempt.is_under(inner_call));
    for span in &spans {
        assert_eq!(span.span.name, "Everything/echoString");
        assert!(span.span.start_time_unix_nano <= span.span.end_time_unix_nano);
        assert!(!span.has_failed());
        assert_attributes(
            span,
            &[("rpc.system.name", "apache_thrift"), ("rpc.method", "Everything/echoString")],
        );
    }
    let port = outer.address().port().to_string();
    assert_attributes(
        call,
        &[
            ("http.request.method", "POST"),
            ("url.path", "/v1/echoString"),
            ("url.scheme", "http"),
            ("http.route", "/v1"),
            ("http.response.status_code", "200"),
            ("network.protocol.version", "1.1"),
            ("server.address", "gateway"),
            ("client.address", "127.0.0.1"),
            ("user_agent.original", "tests/1"),
            ("http.request.header.x-request-id", "the-id"),
            ("thriftgate.outcome", "success"),
            ("thriftgate.protocol", "human"),
        ],
    );
    let inner_port = inner.address().port().to_string();
    assert_attributes(
        attempt,
        &[
            ("http.request.method", "POST"),
            ("url.full", &format!("http://127.0.0.1:{inner_port}/")),
            ("http.response.status_code", "200"),
            ("server.address", "127.0.0.1"),
            ("server.port", &inner_port),
            ("thriftgate.backend", "inner"),
        ],
    );
    assert_attributes(inner_call, &[("thriftgate.protocol", "binary"), ("server.port", &inner_port)]);
    assert_attributes(
        inner_attempt,
        &[
            ("server.address", "127.0.0.1"),
            ("server.port", &server.address().port().to_string()),
            ("network.transport", "tcp"),
            ("thriftgate.backend", "server"),
        ],
    );
    assert!(!format!("{spans:?}").contains("word"), "queries are not told");
    assert_ne!(port, inner_port);
}

#[test]
fn who_calls_decides_what_is_recorded() {
    let collector = Collector::start();
    let (_server, _inner, outer) = two_hops(&collector, 0.0);
    let parent = |flags: &str| format!("00-{TRACE}-{SPAN}-{flags}");
    assert_eq!(echo(&outer, &[]).status, 200);
    assert_eq!(echo(&outer, &[("traceparent", &parent("00"))]).status, 200);
    assert_eq!(echo(&outer, &[("traceparent", &parent("01")), ("tracestate", "a=1")]).status, 200);
    let spans = collector.wait_for(4);
    for span in &spans {
        assert_eq!(span.trace(), TRACE);
        assert_eq!(span.span.trace_state, "a=1");
    }
    let call = only(&spans, "outer", true);
    assert_eq!(call.span.parent_span_id, SPAN.as_bytes().chunks(2).map(byte).collect::<Vec<u8>>());
    drop(outer);
    assert_eq!(collector.spans().len(), 4, "what is left is sent at the end, and there is nothing");
}

fn byte(digits: &[u8]) -> u8 {
    u8::from_str_radix(std::str::from_utf8(digits).expect("digits"), 16).expect("hexadecimal digits")
}

/// A gateway that traces nothing passes on what it is told, where it can be understood.
#[test]
fn without_traces_their_headers_pass() {
    let server = HttpServer::echoing(Protocol::Binary);
    let gateway = Gateway::start(&format!(
        "idl: everything.thrift\nbackends: {{b: {{address: \"http://{}\"}}}}\nroutes: [{{path: /v1, backend: b}}]\n",
        server.address()
    ));
    let parent = format!("00-{TRACE}-{SPAN}-01");
    assert_eq!(echo(&gateway, &[("traceparent", &parent), ("tracestate", "a=1")]).status, 200);
    assert_eq!(echo(&gateway, &[("traceparent", "nonsense"), ("tracestate", "a=1")]).status, 200);
    let requests = server.requests();
    assert_eq!(requests[0].header("traceparent"), Some(parent));
    assert_eq!(requests[0].header("tracestate").as_deref(), Some("a=1"));
    assert_eq!(requests[1].header("traceparent"), None);
    assert_eq!(requests[1].header("tracestate"), None);
}

#[test]
fn attempts_and_failures_are_told() {
    let collector = Collector::start();
    let dead = Backend::start(|_| vec![Step::Close]);
    let gateway = Gateway::start(&format!(
        "idl: everything.thrift\nbackends: {{dead: {{address: \"{}\", retries: {{attempts: 1}}}}}}\n\
         routes: [{{path: /v1, backend: dead, idempotent: true}}]\n{}",
        dead.address(),
        tracing(&collector, "gateway", 1.0)
    ));
    assert_eq!(echo(&gateway, &[]).status, 502);
    assert_eq!(gateway.post("/v1/nothingLikeIt", "{}").status, 404);
    let spans = collector.wait_for(4);
    let (calls, attempts): (Vec<&Span>, Vec<&Span>) = spans.iter().partition(|span| span.is_server());
    let failed = calls.iter().find(|span| span.span.name == "Everything/echoString").expect("the call");
    assert!(failed.has_failed());
    assert_attributes(failed, &[("error.type", "BACKEND_ERROR"), ("http.response.status_code", "502")]);
    assert_eq!(attempts.len(), 2);
    for attempt in &attempts {
        assert!(attempt.has_failed() && attempt.is_under(failed));
        assert_attributes(attempt, &[("error.type", "closed")]);
    }
    assert!(
        attempts.iter().any(|attempt| attempt.attribute("http.request.resend_count").as_deref() == Some("1"))
    );
    let unknown = calls.iter().find(|span| span.span.name == "POST /v1").expect("the refused call");
    assert!(!unknown.has_failed(), "it is the client's fault");
    assert_attributes(unknown, &[("error.type", "UNKNOWN_METHOD"), ("http.response.status_code", "404")]);
}

/// A collector that refuses, or that is gone, costs spans, which are counted, and no call its time.
#[test]
fn a_collector_that_does_not_answer_holds_up_nobody() {
    let collector = Collector::start();
    collector.answer(400);
    let gone = "tracing: {otlp: \"http://127.0.0.1:9\", sample: 1}\n".to_owned();
    let server = Backend::echoing();
    for section in [tracing(&collector, "gateway", 1.0), gone] {
        let gateway = Gateway::start(&format!(
            "idl: everything.thrift\nbackends: {{server: \"{}\"}}\n\
             routes: [{{path: /v1, backend: server}}]\n{section}",
            server.address()
        ));
        assert_eq!(echo(&gateway, &[]).status, 200);
        eventually("the spans are counted as lost", || {
            gateway.metrics().contains("thriftgate_spans_lost_total 2\n")
        });
        let began = Instant::now();
        drop(gateway);
        assert!(began.elapsed() < Duration::from_secs(5), "the end does not wait for it");
    }
}

/// What is left is sent when the gateway ends, with the headers that the collector asks for; these are shown nowhere.
#[test]
fn the_last_spans_are_sent() {
    let collector = Collector::start();
    let server = Backend::echoing();
    let gateway = Gateway::start(&format!(
        "idl: everything.thrift\nbackends: {{server: \"{}\"}}\nroutes: [{{path: /v1, backend: server}}]\n\
         tracing: {{otlp: \"{}\", sample: 1, headers: {{Authorization: Bearer the-collectors-secret}}}}\n",
        server.address(),
        collector.url()
    ));
    let calls = 20;
    for _ in 0..calls {
        assert_eq!(echo(&gateway, &[]).status, 200);
    }
    let shown = get(gateway.admin(), "/config").text();
    assert!(!shown.contains("the-collectors-secret"), "{shown}");
    drop(gateway);
    let spans = collector.spans();
    assert_eq!(spans.len(), 2 * calls);
    assert!(spans.iter().all(|span| span.service == "thriftgate"));
    let is_told =
        |head: &String| head.to_ascii_lowercase().contains("authorization: bearer the-collectors-secret");
    assert!(collector.heads().iter().all(is_told));
}

/// A reload changes which share is recorded; where spans go is for a restart.
#[test]
fn a_reload_changes_the_share() {
    let (collector, server, folder) = (Collector::start(), Backend::echoing(), Folder::new());
    let configure = |url: &str, sample: f64| {
        let text = format!(
            "idl: {}\nbackends: {{server: \"{}\"}}\nroutes: [{{path: /v1, backend: server}}]\nreload: {{watch: false}}\n\
             tracing: {{otlp: \"{url}\", sample: {sample}}}\n",
            data("everything.thrift").display(),
            server.address()
        );
        folder.write("gateway.yaml", &text)
    };
    let gateway = Gateway::by_file(&configure(&collector.url(), 0.0));
    assert_eq!(echo(&gateway, &[]).status, 200);
    configure(&collector.url(), 1.0);
    assert_eq!(gateway.reload().status, 200);
    assert_eq!(echo(&gateway, &[]).status, 200);
    assert_eq!(collector.wait_for(2).len(), 2);
    configure("http://127.0.0.1:9", 1.0);
    let reply = gateway.reload();
    assert_eq!(reply.status, 409);
    assert!(reply.text().contains("`tracing` cannot change while the gateway runs"), "{}", reply.text());
}
