//! Calls that are sent again, and those that must not be.

use std::thread;
use std::time::{Duration, Instant};

use thriftgate_tests::backend::{Backend, Call, Step};
use thriftgate_tests::{Gateway, PATIENCE, eventually};

use crate::balancing::{before, echo};

/// No endpoint is ejected, so that every call may fail.
const NEVER: &str = "ejection: {consecutive_failures: 1000000, min_calls: 1000000}";

fn retries(gateway: &Gateway) -> u64 {
    gateway.counts().retries
}

// Case 54.
#[test]
fn a_call_that_was_sent_runs_once_unless_it_is_idempotent() {
    for step in [Step::Reset, Step::Close, Step::Send(vec![0xff; 64])] {
        let once = step.clone();
        let backend = Backend::start(move |call: &Call| match call.number % 2 {
            0 => vec![once.clone()],
            _ => vec![Step::Send(call.echo())],
        });
        let gateway = before(&[&backend], "");
        let reply = gateway.post("/", &echo(5));
        assert_eq!(reply.failure(), (502, "BACKEND_ERROR".into(), "maybe".into()), "{step:?}");
        assert_eq!((backend.calls(), retries(&gateway)), (1, 0));
        assert_eq!(gateway.post("/", &echo(6)).success(), 6);
        assert_eq!(gateway.post("/again", &echo(7)).success(), 7, "{step:?}");
        assert_eq!((backend.calls(), retries(&gateway)), (4, 1));
    }
}

#[test]
fn an_endpoint_that_fails_twice_is_not_asked_a_third_time() {
    let backend = Backend::start(|_| vec![Step::Reset]);
    let gateway = before(&[&backend], "retries: {attempts: 10}");
    let reply = gateway.post("/again", &echo(1));
    assert_eq!(reply.failure(), (502, "BACKEND_ERROR".into(), "maybe".into()));
    assert_eq!(backend.calls(), 2);
}

#[test]
fn another_endpoint_gets_the_call() {
    let (bad, good) = (Backend::start(|_| vec![Step::Reset]), Backend::echoing());
    let gateway = before(&[&bad, &good], &format!("{NEVER}, retries: {{min_per_second: 100}}"));
    for value in 0..60 {
        assert_eq!(gateway.post("/again", &echo(value)).success(), value);
    }
    assert!(bad.calls() > 0);
    assert_eq!((good.calls(), retries(&gateway)), (60, bad.calls() as u64));
}

#[test]
fn what_was_not_sent_goes_on_whatever_the_method() {
    let backends = [Backend::echoing(), Backend::echoing(), Backend::echoing()];
    let gateway =
        before(&backends.each_ref(), &format!("{NEVER}, retries: {{budget: 0, min_per_second: 0}}"));
    backends[0].stop();
    backends[1].stop();
    for value in 0..40 {
        assert_eq!(gateway.post("/", &echo(value)).success(), value);
    }
    assert!(retries(&gateway) > 0);
    let gateway = before(&backends.each_ref(), &format!("{NEVER}, retries: {{attempts: 0}}"));
    eventually("nothing goes on where retries are off", || {
        let reply = gateway.post("/", &echo(1));
        reply.status == 503 && reply.failure() == (503, "UNAVAILABLE".into(), "no".into())
    });
    assert_eq!(retries(&gateway), 0);
}

#[test]
fn a_stalled_attempt_leaves_time_for_another() {
    let (stalled, good) = (Backend::start(|_| vec![Step::Stall]), Backend::echoing());
    let settings = format!("attempt_timeout: 100ms, deadline: 8s, {NEVER}, retries: {{min_per_second: 100}}");
    let gateway = before(&[&stalled, &good], &settings);
    let began = Instant::now();
    for value in 0..10 {
        assert_eq!(gateway.post("/again", &echo(value)).success(), value);
    }
    assert!(began.elapsed() < PATIENCE);
    eventually("the attempt's connection is closed", || stalled.open() == 0);
    // What is not idempotent has its whole deadline.
    let hurried = [("Content-Type", "application/json"), ("X-Request-Timeout", "0.5")];
    eventually("a call goes to the stalled endpoint", || {
        let began = Instant::now();
        let reply = gateway.post_with("/", &hurried, echo(1).as_bytes());
        reply.status == 504 && began.elapsed() >= Duration::from_millis(450)
    });
}

#[test]
fn an_attempt_that_none_may_follow_has_the_whole_deadline() {
    let slow =
        Backend::start(|call: &Call| vec![Step::Wait(Duration::from_millis(300)), Step::Send(call.echo())]);
    let gateway = before(&[&slow], "attempt_timeout: 50ms, retries: {budget: 0, min_per_second: 0}");
    assert_eq!(gateway.post("/again", &echo(3)).success(), 3);
    assert_eq!((slow.calls(), retries(&gateway)), (1, 0));
}

#[test]
fn nothing_is_sent_after_the_deadline() {
    let backend = Backend::start(|_| vec![Step::Wait(Duration::from_millis(200)), Step::Close]);
    let gateway = before(&[&backend], "deadline: 150ms");
    let reply = gateway.post("/again", &echo(1));
    assert_eq!(reply.failure(), (504, "DEADLINE_EXCEEDED".into(), "maybe".into()));
    thread::sleep(Duration::from_millis(200));
    assert_eq!(backend.calls(), 1);
}

// Case 70.
#[test]
fn retries_stay_inside_their_budget() {
    let backends = [(); 3].map(|()| Backend::start(|_| vec![Step::Close]));
    let gateway = before(&backends.each_ref(), "retries: {attempts: 5, min_per_second: 1}");
    let calls = 600;
    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                for value in 0..calls / 6 {
                    assert_eq!(gateway.post("/again", &echo(value)).status, 502);
                }
            });
        }
    });
    let sent: usize = backends.iter().map(Backend::calls).sum();
    let most = usize::try_from(calls).expect("a few") * 12 / 10;
    assert!(sent <= most, "{sent} calls were sent, more than {most}");
    assert_eq!(retries(&gateway), sent as u64 - 600);
    assert!(sent > 620, "{sent}");
}

// Case 53.
#[test]
fn a_stale_connection_is_replaced_in_silence() {
    let backend = Backend::echoing();
    let gateway = before(&[&backend], "");
    for value in 0..10 {
        assert_eq!(gateway.post("/", &echo(value)).success(), value);
        backend.cut(|_| true);
    }
    assert_eq!((backend.calls(), retries(&gateway)), (10, 0));
}
