//! What requests and methods a route is for, and what holds for them.

use crate::parse;
use std::time::Duration;
use thriftgate_config::{
    Annotated, HostPattern, I64Style, Marks, MethodPattern, MethodSettings, Mirror, Settings, StyleChange,
};

fn accepted(text: &str) -> Settings {
    parse(text).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

#[test]
fn a_route_says_which_calls_it_takes_and_what_holds_for_them() {
    let settings = accepted(
        "
idl: a.thrift
backends: {users: 'a:1', canary: 'a:2', shadow: 'a:3'}
routes:
  - path: /v1
    host: [API.example.com., '*.Example.org']
    headers: {X-Tenant: acme}
    methods: [getUser, get*, Users.login, a.Users.*]
    hide: [getSecret]
    backend: {users: 95, canary: 5}
    mirror: {backend: shadow, share: 0.05}
    deadline: 2s
    idempotent: false
    method_settings:
      get*: {idempotent: true, deadline: 1s, attempt_timeout: 300ms, body: 64KiB, retries: 0, style: {i64: string}}
  - {path: /v1, backend: users}",
    );
    let route = &settings.routes[0];
    let text = |patterns: &[MethodPattern]| patterns.iter().map(ToString::to_string).collect::<Vec<_>>();
    let hosts: Vec<String> = route.hosts.iter().map(ToString::to_string).collect();
    assert_eq!(hosts, ["api.example.com", "*.example.org"]);
    assert_eq!(route.headers, [("x-tenant".to_owned(), "acme".to_owned())]);
    assert_eq!(text(&route.methods), ["getUser", "get*", "Users.login", "a.Users.*"]);
    assert_eq!(text(&route.hide), ["getSecret"]);
    let weights: Vec<(usize, u32)> = route.backends.iter().map(|to| (to.backend, to.weight)).collect();
    assert_eq!(weights, [(0, 95), (1, 5)]);
    assert_eq!(route.mirror, Some(Mirror { backend: 2, share: 0.05 }));
    let marks = Marks { deadline: Some(Duration::from_secs(2)), idempotent: Some(false), ..Marks::default() };
    assert_eq!(route.marks, marks);
    let MethodSettings { marks, style, .. } = &route.method_settings[0];
    assert_eq!((marks.body, marks.retries, marks.idempotent), (Some(64 * 1024), Some(0), Some(true)));
    assert_eq!(marks.attempt_timeout, Some(Duration::from_millis(300)));
    assert_eq!(*style, StyleChange { i64: Some(I64Style::String), ..StyleChange::default() });
    assert!(settings.routes[1].marks == Marks::default() && !settings.routes[1].is_selective());
}

#[test]
fn hosts_match_without_regard_to_case_and_below_means_below() {
    let exact = HostPattern::Exact("api.example.com".to_owned());
    let below = HostPattern::Below("example.com".to_owned());
    for (host, by_exact, by_below) in [
        ("api.example.com", true, true),
        ("API.Example.COM.", true, true),
        ("a.api.example.com", false, true),
        ("example.com", false, false),
        (".example.com", false, false),
        ("notexample.com", false, false),
        ("example.com.evil.org", false, false),
        ("", false, false),
        ("é.example.com", false, true),
    ] {
        assert_eq!((exact.matches(host), below.matches(host)), (by_exact, by_below), "{host}");
    }
}

#[test]
fn annotations_are_read_as_the_configuration_is() {
    let mut annotated = Annotated::default();
    for (name, value) in [
        ("thriftgate.deadline", "1m30s"),
        ("thriftgate.attempt_timeout", "300ms"),
        ("thriftgate.body", "64KiB"),
        ("thriftgate.idempotent", "1"),
        ("thriftgate.retries", "2"),
        ("thriftgate.hidden", "false"),
        ("java.swift", "whatever"),
    ] {
        annotated.set(name, value).expect(name);
    }
    let marks = Marks {
        deadline: Some(Duration::from_secs(90)),
        attempt_timeout: Some(Duration::from_millis(300)),
        body: Some(65536),
        idempotent: Some(true),
        retries: Some(2),
    };
    assert_eq!(annotated, Annotated { marks, hidden: Some(false) });
    for (name, value, says) in [
        ("thriftgate.deadline", "5", "`5` has no unit"),
        ("thriftgate.deadline", "0s", "shorter than"),
        ("thriftgate.idempotent", "yes", "neither `true` nor `false`"),
        ("thriftgate.retries", "1000", "1000 is greater than"),
        ("thriftgate.deadlin", "5s", "did you mean `deadline`?"),
    ] {
        let error = annotated.set(name, value).expect_err(name).to_string();
        assert!(error.contains(says), "{error}");
    }
}
