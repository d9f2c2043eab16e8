//! A call sees one version from its beginning to its end.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::json;
use thriftgate_tests::backend::{Backend, Step};
use thriftgate_tests::client::{Connection, post};
use thriftgate_tests::eventually;

use super::{Site, UNWATCHED, changed, status};

const JSON: &[(&str, &str)] = &[("Content-Type", "application/json")];

/// A service that returns its argument, a struct whose only field has this name.
pub(super) fn idl(field: &str) -> String {
    format!("struct Value {{ 1: i32 {field} }}\nservice Echo {{ Value echo(1: Value value) }}\n")
}

/// A call whose argument has both names, each with a number of its own: what comes back tells by which version
/// the request was read, and by which the reply was written.
fn call() -> Vec<u8> {
    post("/", JSON, br#"{"method":"echo","arguments":{"value":{"old":1,"new":2}}}"#)
}

/// The rest of a configuration that takes both names.
fn tolerant() -> String {
    format!("{UNWATCHED}routes: [{{path: /, backend: main, style: {{unknown_fields: ignore}}}}]\n")
}

/// Calls on four connections for as long as something else goes on, which it returns with the number of calls. Each has
/// to be answered by one version.
pub(super) fn while_called<T>(address: SocketAddr, other: impl FnOnce() -> T) -> (T, usize) {
    struct Done<'d>(&'d AtomicBool);
    impl Drop for Done<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }
    let (done, calls) = (AtomicBool::new(false), AtomicUsize::new(0));
    let call_on = || {
        let mut connection = Connection::open(address);
        while !done.load(Ordering::SeqCst) {
            connection.send(&call());
            let reply = connection.reply();
            let answer = reply.success();
            assert!([json!({"old": 1}), json!({"new": 2})].contains(&answer), "{answer}");
            calls.fetch_add(1, Ordering::SeqCst);
        }
    };
    let result = thread::scope(|scope| {
        (0..4).for_each(|_| drop(scope.spawn(call_on)));
        let _done = Done(&done);
        other()
    });
    (result, calls.into_inner())
}

/// A gate that calls wait at until it is opened.
#[derive(Default)]
struct Gate {
    open: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    fn wait(&self) {
        let open = self.open.lock().expect("no panic");
        drop(self.opened.wait_timeout_while(open, Duration::from_secs(8), |open| !*open).expect("no panic"));
    }

    fn open(&self) {
        *self.open.lock().expect("no panic") = true;
        self.opened.notify_all();
    }
}

// FAULTS 79 and 80.
#[test]
fn call_under_way_ends_on_the_version_that_it_began_with() {
    let gate = Arc::new(Gate::default());
    let waiting = gate.clone();
    let backend = Backend::start(move |call| {
        if call.number == 0 {
            waiting.wait();
        }
        vec![Step::Send(call.echo())]
    });
    let site = Site::before(backend, &tolerant());
    site.folder.write("echo.thrift", &idl("old"));
    let gateway = site.gateway();
    let mut under_way = Connection::open(gateway.address());
    under_way.send(&call());
    eventually("the call is under way", || site.backend.calls() == 1);
    // The field has another name, then the method has gone.
    site.folder.write("echo.thrift", &idl("new"));
    changed(&gateway.reload());
    let mut next = Connection::open(gateway.address());
    next.send(&call());
    assert_eq!(next.reply().success(), json!({"new": 2}));
    site.folder.write("echo.thrift", &super::idl(&["other"]));
    changed(&gateway.reload());
    assert_eq!((status(&gateway, "other"), status(&gateway, "echo")), (200, 404));
    gate.open();
    assert_eq!(under_way.reply().success(), json!({"old": 1}));
    // The connection goes on, by the new version.
    under_way.send(&call());
    assert_eq!(under_way.reply().status, 404);
}

// FAULTS 79.
#[test]
fn no_call_mixes_versions() {
    let site = Site::before(
        Backend::start(|call| vec![Step::Wait(Duration::from_millis(2)), Step::Send(call.echo())]),
        &tolerant(),
    );
    site.folder.write("echo.thrift", &idl("old"));
    let gateway = site.gateway();
    let ((), calls) = while_called(gateway.address(), || {
        for round in 0..30 {
            site.folder.write("echo.thrift", &idl(if round % 2 == 0 { "new" } else { "old" }));
            changed(&gateway.reload());
        }
    });
    assert!(calls > 100, "{calls}");
}
