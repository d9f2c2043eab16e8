//! Active health checks: who is taken out, and who comes back. FAULTS 56 and 58, as far as no call tells.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::json;
use thriftgate::backend::EndpointHealth;
use thriftgate::snapshot::Snapshot;
use thriftgate::telemetry::Metrics;
use thriftgate_config::Settings;
use thriftgate_protocols::message::ApplicationException;
use thriftgate_protocols::wire::{Protocol, Writer};
use thriftgate_tests::backend::{Backend, Call, Dialect, Step};
use thriftgate_tests::client::{Connection, post};
use thriftgate_tests::{Folder, Gateway, data, eventually};

const HEADERS: &[(&str, &str)] = &[("Content-Type", "application/json")];
/// Checks that are done often, by a method that has no arguments.
const CALL: &str = "{method: Everything.reset, interval: 20ms, timeout: 200ms, unhealthy_after: 2}";
const TCP: &str = "{type: tcp, interval: 20ms, timeout: 200ms, unhealthy_after: 2}";

/// What a sick server does with the call of a check.
type Symptom = fn(&Call) -> Vec<Step>;

/// A backend that echoes, and is as sick as it is told when it is checked.
struct Patient {
    backend: Backend,
    sick: Arc<AtomicBool>,
    checks: Arc<AtomicUsize>,
}

impl Patient {
    fn new(symptom: Symptom) -> Self {
        let (script, sick, checks) = Self::script(symptom);
        Self { backend: Backend::start(script), sick, checks }
    }

    fn over_http(symptom: Symptom) -> Self {
        let (script, sick, checks) = Self::script(symptom);
        Self { backend: Backend::over_http(Protocol::Binary, script), sick, checks }
    }

    fn script(
        symptom: Symptom,
    ) -> (impl Fn(&Call) -> Vec<Step> + Send + Sync + 'static, Arc<AtomicBool>, Arc<AtomicUsize>) {
        let (sick, checks) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (is_sick, counted) = (sick.clone(), checks.clone());
        let script = move |call: &Call| {
            if !call.name.ends_with("reset") {
                return vec![Step::Send(call.echo())];
            }
            counted.fetch_add(1, Ordering::SeqCst);
            match is_sick.load(Ordering::SeqCst) {
                true => symptom(call),
                false => vec![Step::Send(call.reply(|_| {}))],
            }
        };
        (script, sick, checks)
    }

    fn address(&self) -> SocketAddr {
        self.backend.address()
    }

    fn be(&self, sick: bool) {
        self.sick.store(sick, Ordering::SeqCst);
    }

    fn checks(&self) -> usize {
        self.checks.load(Ordering::SeqCst)
    }

    /// Calls that are none of a check.
    fn calls(&self) -> usize {
        self.backend.calls() - self.checks()
    }
}

fn gateway(endpoints: &[String], rest: &str) -> Gateway {
    let endpoints: Vec<String> = endpoints.iter().map(|endpoint| format!("\"{endpoint}\"")).collect();
    Gateway::start(&format!(
        "idl: everything.thrift\nbackends: {{backend: {{endpoints: [{}], {rest}}}}}\n",
        endpoints.join(", ")
    ))
}

fn before(patients: &[&Patient], check: &str) -> Gateway {
    let addresses: Vec<String> = patients.iter().map(|patient| patient.address().to_string()).collect();
    gateway(&addresses, &format!("health_check: {check}"))
}

fn health(gateway: &Gateway) -> Vec<EndpointHealth> {
    gateway.endpoints().iter().map(|endpoint| endpoint.health).collect()
}

#[track_caller]
fn await_health(gateway: &Gateway, expected: &[EndpointHealth]) {
    eventually("the checks find out", || health(gateway) == expected);
}

#[track_caller]
fn call(gateway: &Gateway, times: usize) {
    for value in 0..times {
        assert_eq!(gateway.call("echoI32", json!({"value": value})).success(), value);
    }
}

use EndpointHealth::{Healthy, Unhealthy};

fn unknown_method(call: &Call) -> Vec<Step> {
    vec![Step::Send(call.exception(ApplicationException::UNKNOWN_METHOD, "what?"))]
}

#[test]
fn an_endpoint_that_does_not_answer_a_check_gets_no_calls_until_it_does() {
    let symptoms: [Symptom; 4] = [
        |_| vec![Step::Stall],
        |_| vec![Step::Close],
        unknown_method,
        |call| vec![Step::Send(call.reply(|_| {})[..7].to_vec()), Step::Close],
    ];
    for symptom in symptoms {
        let patients = [Patient::new(symptom), Patient::new(symptom)];
        let gateway = before(&[&patients[0], &patients[1]], CALL);
        await_health(&gateway, &[Healthy, Healthy]);
        patients[0].be(true);
        await_health(&gateway, &[Unhealthy, Healthy]);
        let calls = patients[0].calls();
        call(&gateway, 20);
        assert_eq!((patients[0].calls(), patients[1].calls() >= 20), (calls, true));
        patients[0].be(false);
        await_health(&gateway, &[Healthy, Healthy]);
        eventually("it is called again", || {
            call(&gateway, 5);
            patients[0].calls() > calls
        });
    }
}

#[test]
fn where_none_is_well_all_are_called() {
    let patients = [Patient::new(|_| vec![Step::Close]), Patient::new(|_| vec![Step::Close])];
    patients.iter().for_each(|patient| patient.be(true));
    let gateway = before(&[&patients[0], &patients[1]], CALL);
    await_health(&gateway, &[Unhealthy, Unhealthy]);
    eventually("both are called", || {
        call(&gateway, 10);
        patients.iter().all(|patient| patient.calls() > 0)
    });
    patients[1].be(false);
    await_health(&gateway, &[Unhealthy, Healthy]);
    let calls = patients[0].calls();
    call(&gateway, 10);
    assert_eq!(patients[0].calls(), calls);
}

#[test]
fn a_declared_exception_is_well() {
    let patient = Patient::new(|call| {
        let fields = |writer: &mut dyn Writer| {
            writer.field_begin(thriftgate_protocols::wire::WireType::Struct, 1);
            writer.struct_begin();
            writer.struct_end();
            writer.field_end();
        };
        vec![Step::Send(call.reply(fields))]
    });
    patient.be(true);
    let gateway = before(&[&patient], CALL);
    eventually("it is checked often", || patient.checks() > 5);
    assert_eq!(health(&gateway), [Healthy]);
}

#[test]
fn a_check_by_tcp_finds_who_does_not_listen() {
    let [well, gone] = [(); 2].map(|()| Backend::echoing());
    let addresses = [well.address().to_string(), gone.address().to_string()];
    let gateway = gateway(&addresses, &format!("health_check: {TCP}"));
    gone.stop();
    await_health(&gateway, &[Healthy, Unhealthy]);
    call(&gateway, 20);
    gone.listen();
    await_health(&gateway, &[Healthy, Healthy]);
    assert_eq!(gone.calls(), 0, "a check by TCP calls nothing");
}

#[test]
fn a_check_by_tcp_includes_the_handshake_of_tls() {
    let [plain, other] = [(); 2].map(|()| Backend::echoing());
    let addresses = [plain.address().to_string(), other.address().to_string()];
    let tls = format!("health_check: {TCP}, tls: {{server_name: backend.test}}");
    let gateway = gateway(&addresses, &tls);
    await_health(&gateway, &[Unhealthy, Unhealthy]);
}

#[test]
fn a_backend_over_http_is_checked_by_calls() {
    let patients = [Patient::over_http(unknown_method), Patient::over_http(|_| vec![Step::Stall])];
    let addresses = patients.each_ref().map(|patient| format!("http://{}", patient.address()));
    let gateway = gateway(&addresses, &format!("health_check: {CALL}"));
    eventually("both are checked", || patients.iter().all(|patient| patient.checks() > 3));
    assert_eq!(health(&gateway), [Healthy, Healthy]);
    patients[1].be(true);
    await_health(&gateway, &[Healthy, Unhealthy]);
    call(&gateway, 10);
    patients[0].be(true);
    patients[1].be(false);
    await_health(&gateway, &[Unhealthy, Healthy]);
}

#[test]
fn a_check_needs_no_connection_of_the_calls() {
    let open = Arc::new(AtomicBool::new(false));
    let waited_for = open.clone();
    let backend = Backend::start(move |call| {
        if call.name.ends_with("echoI32") {
            eventually("the gate opens", || waited_for.load(Ordering::SeqCst));
            return vec![Step::Send(call.echo())];
        }
        vec![Step::Send(call.reply(|_| {}))]
    });
    let settings = format!("health_check: {CALL}, max_connections: 1");
    let gateway = gateway(&[backend.address().to_string()], &settings);
    let mut busy = Connection::open(gateway.address());
    busy.send(&post("/", HEADERS, br#"{"method":"echoI32","arguments":{"value":3}}"#));
    eventually("the only connection is in use", || gateway.counts().open == 1);
    let calls = backend.calls();
    eventually("it is checked all the same", || backend.calls() > calls + 5);
    assert_eq!(health(&gateway), [Healthy]);
    open.store(true, Ordering::SeqCst);
    assert_eq!(busy.reply().success(), 3);
}

#[test]
fn a_multiplexed_server_is_called_by_the_name_of_the_service() {
    let names = Arc::new(AtomicUsize::new(0));
    let counted = names.clone();
    let dialect = Dialect { protocol: Protocol::Compact, ..Dialect::default() };
    let backend = Backend::speaking(dialect, move |call| {
        counted.fetch_add(usize::from(call.name == "Everything:reset"), Ordering::SeqCst);
        vec![Step::Send(call.reply(|_| {}))]
    });
    let settings = format!("health_check: {CALL}, multiplexed: true, protocol: compact");
    let gateway = gateway(&[backend.address().to_string()], &settings);
    eventually("it is checked", || names.load(Ordering::SeqCst) > 3);
    assert_eq!(health(&gateway), [Healthy]);
}

#[test]
fn checks_end_with_their_backend() {
    let [first, second] = [(); 2].map(|()| Patient::new(|_| vec![Step::Stall]));
    let folder = Folder::new();
    let write = |names: &[(&str, &Patient)]| {
        let backend = |(name, patient): &(&str, &Patient)| {
            format!("{name}: {{address: \"{}\", health_check: {CALL}}}", patient.address())
        };
        let backends: Vec<String> = names.iter().map(backend).collect();
        let route = |(name, _): &(&str, &Patient)| format!("{{path: /{name}, backend: {name}}}");
        let routes: Vec<String> = names.iter().map(route).collect();
        folder.write(
            "gateway.yaml",
            &format!(
                "idl: {}\nbackends: {{{}}}\nroutes: [{}]\nreload: {{watch: false}}\n",
                data("everything.thrift").display(),
                backends.join(", "),
                routes.join(", ")
            ),
        )
    };
    let gateway = Gateway::by_file(&write(&[("first", &first), ("second", &second)]));
    eventually("both are checked", || first.checks() > 3 && second.checks() > 3);
    write(&[("second", &second)]);
    assert_eq!(gateway.reload().status, 200);
    eventually("the last check has ended", || first.backend.open() == 0);
    let before = (first.checks(), second.checks());
    eventually("the other one is checked", || second.checks() > before.1 + 10);
    assert_eq!(first.checks(), before.0);
}

#[test]
fn a_method_that_cannot_be_checked_by_is_refused_with_its_place() {
    let errors = |method: &str| {
        let yaml = format!(
            "idl: everything.thrift\nbackends: {{a: {{address: 'a:1', health_check: {{method: {method}}}}}}}\n"
        );
        let settings = Settings::parse(&data("gateway.yaml"), &yaml, &|_| None);
        let settings = settings.unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
        match Snapshot::build(&settings, &Metrics::default(), 1) {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        }
    };
    assert_eq!(errors("Everything.reset"), "");
    assert_eq!(errors("everything.Everything.ping"), "", "a method of the service that it extends");
    for (method, said) in [
        ("Nothing.reset", "no IDL declares a service Nothing"),
        ("Everythin.reset", "there is a service Everything"),
        ("Everything.rest", "there is a method reset"),
        ("Everything.notify", "notify is oneway"),
    ] {
        let text = errors(method);
        assert!(text.contains(said) && text.contains("gateway.yaml:2:"), "{method}: {text}");
    }
}
