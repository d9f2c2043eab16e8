//! The verbs of the command, as a shell runs them.

use std::fmt::Write;
use std::process::Output;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use thriftgate_protocols::framing::Transport;
use thriftgate_protocols::message::{ApplicationException, read_header};
use thriftgate_protocols::wire::{MessageHeader, MessageKind, Protocol};
use thriftgate_tests::backend::{Backend, Dialect, Step, write_string};
use thriftgate_tests::client::{Connection, get, post};
use thriftgate_tests::{Folder, data, eventually};

use crate::http_server::{HttpServer, ok, response};
use crate::process::{Process, run};

const HEADERS: &[(&str, &str)] = &[("Content-Type", "application/json")];

/// Exit code, standard output and standard error.
fn told(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
    (output.status.code().expect("an exit code"), text(&output.stdout), text(&output.stderr))
}

fn everything() -> String {
    data("everything.thrift").display().to_string()
}

#[test]
fn check_says_what_is_right() {
    let (code, output, errors) = told(&run(&["check", "--idl", &everything()]));
    assert_eq!((code, errors.as_str()), (0, ""));
    assert!(output.starts_with("ok: 1 services, "), "{output}");
    let folder = Folder::new();
    let yaml = format!("idl: {}\nbackends: {{all: \"127.0.0.1:1\"}}\n", everything());
    let path = folder.write("good.yaml", &yaml).display().to_string();
    let (code, output, _) = told(&run(&["check", "--config", &path]));
    assert!(code == 0 && output.contains("1 routes") && output.contains("1 backends"), "{output}");
}

// Cases 77 and 97.
#[test]
fn check_says_what_is_wrong() {
    let folder = Folder::new();
    folder.write("one.thrift", "service One { i32 a(1: Nothing x) }\nstruct Twice { 1: i32 a, 1: i32 b }\n");
    folder.write("a.thrift", "include \"b.thrift\"\n");
    folder.write("b.thrift", "include \"a.thrift\"\n");
    let idl = everything();
    // Name of the configuration, its text, and what must be said, all of it at once.
    let cases = [
        ("syntax.yaml", "idl: [".to_owned(), vec!["syntax.yaml"]),
        ("key.yaml", format!("idl: {idl}\nbackend: x\n"), vec!["key.yaml:2", "backend", "backends"]),
        (
            "values.yaml",
            format!("idl: {idl}\nlisten: nowhere\nbackends: {{b: {{address: \"x:y\", deadline: soon}}}}\n"),
            vec!["values.yaml:2", "nowhere", "x:y", "soon"],
        ),
        (
            "service.yaml",
            format!("idl: {idl}\nbackends: {{b: \"h:1\"}}\nroutes: [{{path: /, services: [Evrything]}}]\n"),
            vec!["service.yaml:3", "Evrything", "Everything"],
        ),
        (
            "exception.yaml",
            format!(
                "idl: {idl}\nbackends: {{b: \"h:1\"}}\nroutes: [{{path: /, exception_statuses: {{Nope: 404}}}}]\n"
            ),
            vec!["exception.yaml:3", "Nope"],
        ),
        (
            "missing.yaml",
            "idl: nothing.thrift\nbackends: {b: \"h:1\"}\n".to_owned(),
            vec!["nothing.thrift", "missing.yaml:1"],
        ),
        (
            "idl.yaml",
            "idl: one.thrift\nbackends: {b: \"h:1\"}\n".to_owned(),
            vec!["one.thrift:1:24", "Nothing", "one.thrift:2"],
        ),
        ("cycle.yaml", "idl: a.thrift\nbackends: {b: \"h:1\"}\n".to_owned(), vec!["a.thrift", "b.thrift"]),
        (
            "certificate.yaml",
            format!("idl: {idl}\nbackends: {{b: {{address: \"h:1\", tls: {{ca: no-such.pem}}}}}}\n"),
            vec!["no-such.pem"],
        ),
    ];
    for (name, text, parts) in cases {
        let path = folder.write(name, &text).display().to_string();
        for verb in ["check", "serve", "routes"] {
            let (code, output, errors) = told(&run(&[verb, "--config", &path]));
            assert_eq!((code, output.as_str()), (1, ""), "{verb} {name} {errors}");
            for part in &parts {
                assert!(errors.contains(part), "{verb} {name} does not say {part}: {errors}");
            }
            assert!(!errors.contains("panicked"), "{errors}");
        }
    }
}

#[test]
fn wrong_usage() {
    let cases: [&[&str]; 6] = [
        &[],
        &["no-such-verb"],
        &["check", "--no-such-option"],
        &["call", "--idl", "x"],
        &["serve", "--config", "x", "--idl", "y"],
        &["serve", "--idl", "x", "--backend", "no address"],
    ];
    for arguments in cases {
        let (code, _, errors) = told(&run(arguments));
        assert!(code == 2 && errors.contains("--help"), "{arguments:?}: {code} {errors}");
    }
    let (code, output, _) = told(&run(&["--version"]));
    assert!(code == 0 && output.starts_with("thriftgate "), "{output}");
    let (code, _, errors) = told(&run(&["serve", "--config", "/no/such/file.yaml"]));
    assert!(code == 1 && errors.contains("/no/such/file.yaml"), "{errors}");
}

#[test]
fn routes_schema_and_completions() {
    let folder = Folder::new();
    let yaml = format!(
        "idl: {}\nbackends: {{all: {{address: \"127.0.0.1:1\", protocol: compact}}}}\nroutes: [{{path: /v1, backend: all}}]\n",
        everything()
    );
    let path = folder.write("routes.yaml", &yaml).display().to_string();
    let (code, output, _) = told(&run(&["routes", "--config", &path]));
    assert_eq!(code, 0);
    let line = output.lines().find(|line| line.contains("echoI32 ")).expect("a line of the method");
    let words: Vec<&str> = line.split_whitespace().collect();
    let begin = ["POST", "/v1/Everything/echoI32", "Everything.echoI32", "all", "(framed", "compact)"];
    assert_eq!(&words[..6], begin);
    assert_eq!(&words[6..], ["deadline=10s", "body=16777216"]);
    assert!(output.lines().any(|line| line.contains("Everything.notify (oneway)")), "{output}");
    let (code, output, _) = told(&run(&["schema"]));
    let schema: Value = serde_json::from_str(&output).expect("a JSON Schema");
    assert_eq!((code, schema["properties"]["backends"].is_object()), (0, true));
    for shell in ["bash", "zsh", "fish"] {
        let (code, output, _) = told(&run(&["completions", shell]));
        assert!(code == 0 && output.contains("probe"), "{shell}");
    }
}

#[test]
fn call() {
    let backend = Backend::start(|call| match call.name.as_str() {
        "echoString" => vec![Step::Send(call.echo())],
        _ => vec![Step::Send(call.exception(6, "it broke"))],
    });
    let address = backend.address().to_string();
    let call = |method: &str, arguments: &str| {
        told(&run(&["call", "--idl", &everything(), "--backend", &address, method, arguments]))
    };
    let (code, output, errors) = call("Everything.echoString", r#"{"value":"é"}"#);
    assert_eq!(
        (code, output.trim(), &*errors),
        (0, r#"{"method":"echoString","result":{"success":"é"}}"#, "")
    );
    assert_eq!(call("echoString", r#"{"value":"x"}"#).0, 0);
    let failures = [
        ("echoString", r#"{"value":1}"#, "INVALID_ARGUMENT"),
        ("Everything.nothing", "{}", "UNKNOWN_METHOD"),
        ("Nothing.echoString", "{}", "UNKNOWN_SERVICE"),
        ("answer", "{}", "BACKEND_EXCEPTION"),
        ("echoString", "{", "INVALID_JSON"),
    ];
    for (method, arguments, expected) in failures {
        let (code, output, errors) = call(method, arguments);
        let reply: Value = serde_json::from_str(&output).expect("a reply is printed");
        assert_eq!((code, &reply["exception"]["code"]), (1, &json!(expected)));
        assert!(errors.starts_with("error: "), "{errors}");
    }
    // The operator of the backend is at the same keyboard.
    assert!(call("answer", "{}").1.contains("it broke"));
}

#[test]
fn probe_finds_the_dialect_and_prints_a_configuration_that_works() {
    for (protocol, word) in
        [(Protocol::Binary, "binary"), (Protocol::Compact, "compact"), (Protocol::Json, "json")]
    {
        for (transport, transport_word) in [(Transport::Framed, "framed"), (Transport::Unframed, "buffered")]
        {
            let dialect = Dialect { protocol, transport, serial: false };
            let backend = Backend::speaking(dialect, |call| match call.name.as_str() {
                "echoI32" => vec![Step::Send(call.echo())],
                name => vec![Step::Send(call.exception(1, &format!("Unknown function {name}")))],
            });
            let address = backend.address().to_string();
            let (code, output, errors) = told(&run(&["probe", &address, "--idl", &everything()]));
            assert_eq!(code, 0, "{word} {transport_word}: {errors}");
            for expected in [format!("protocol: {word}"), format!("transport: {transport_word}")] {
                assert!(output.contains(&expected), "{output}");
            }
            let process = Process::serve(&output);
            let reply = process.post("/", r#"{"method":"echoI32","arguments":{"value":5}}"#);
            assert_eq!(reply.success(), 5, "{word} {transport_word}");
        }
    }
    let multiplexed = Backend::start(|call| {
        vec![Step::Send(call.exception(
            7,
            "Service name not found in message name: x. Did you forget to use TMultiplexedProtocol?",
        ))]
    });
    let (code, output, _) =
        told(&run(&["probe", &multiplexed.address().to_string(), "--idl", &everything()]));
    assert!(code == 0 && output.contains("multiplexed: true"), "{output}");
    let gone = multiplexed.address().to_string();
    drop(multiplexed);
    let (code, _, errors) = told(&run(&["probe", &gone, "--idl", &everything()]));
    assert!(code == 1 && errors.contains("error"), "{errors}");
}

#[test]
fn probe_finds_a_server_over_http() {
    let server = HttpServer::start(|request, out| {
        let answer = match read_header(Protocol::Compact, &request.body) {
            Ok(header) => {
                let header = MessageHeader { kind: MessageKind::Exception, ..header };
                let exception = ApplicationException { kind: 1, message: "Unknown function".into() };
                let mut body = Vec::new();
                exception.write_message(Protocol::Compact, &header, &mut body);
                ok(&body)
            }
            Err(_) => response("500 Internal Server Error", "", b""),
        };
        out.write_all(&answer).is_ok()
    });
    let (code, output, errors) =
        told(&run(&["probe", &server.address().to_string(), "--idl", &everything()]));
    assert_eq!(code, 0, "{errors}");
    assert!(output.contains("protocol: compact, transport: http"), "{output}");
}

#[test]
fn a_changed_idl_and_a_restart_make_a_new_method() {
    let backend =
        Backend::start(|call| vec![Step::Send(call.reply(|writer| write_string(writer, 0, &call.name)))]);
    let folder = Folder::new();
    let mut idl = "service Growing { string old() }\n".to_owned();
    folder.write("growing.thrift", &idl);
    let yaml =
        format!("idl: growing.thrift\ndrain: {{delay: 0s}}\nbackends: {{b: \"{}\"}}\n", backend.address());
    let path = folder.write("gateway.yaml", &yaml).display().to_string();
    let call = |process: &Process, method: &str| process.post("/", &json!({"method": method}).to_string());
    let process = Process::serve_file(&path);
    assert_eq!(call(&process, "old").success(), "old");
    assert_eq!(call(&process, "new").failure().1, "UNKNOWN_METHOD");
    process.signal("TERM");
    assert_eq!(process.end().0, Some(0));
    writeln!(idl, "service Grown extends Growing {{ string new() }}").expect("a string takes all");
    folder.write("growing.thrift", &idl);
    let process = Process::serve_file(&path);
    assert_eq!(call(&process, "new").success(), "new");
    assert_eq!(call(&process, "old").success(), "old");
}

// Case 82.
#[test]
fn sigterm_ends_calls_under_way() {
    for signal in ["TERM", "INT"] {
        let backend =
            Backend::start(|call| vec![Step::Wait(Duration::from_millis(300)), Step::Send(call.echo())]);
        let process = Process::serve(&format!(
            "idl: IDL/everything.thrift\nbackends: {{b: \"{}\"}}\n",
            backend.address()
        ));
        assert_eq!(get(process.admin(), "/readyz").status, 200);
        let mut idle = Connection::open(process.address());
        idle.send(&post("/", HEADERS, b"{}"));
        assert_eq!(idle.reply().status, 400);
        let silent = Connection::open(process.address());
        let mut under_way: Vec<Connection> = (0..5).map(|_| Connection::open(process.address())).collect();
        for (value, connection) in under_way.iter_mut().enumerate() {
            let body = json!({"method": "echoI32", "arguments": {"value": value}}).to_string();
            connection.send(&post("/", HEADERS, body.as_bytes()));
        }
        eventually("all calls are under way", || backend.calls() == 5);
        let began = Instant::now();
        process.signal(signal);
        let address = process.address();
        eventually("nobody listens any more", || std::net::TcpStream::connect(address).is_err());
        idle.until_closed(Duration::from_secs(5));
        for (value, connection) in under_way.iter_mut().enumerate() {
            assert_eq!(connection.reply().success(), value);
            assert!(connection.until_closed(Duration::from_secs(5)).is_empty());
        }
        drop(silent);
        let (code, log) = process.end();
        assert_eq!((code, log.len()), (Some(0), 6), "{log:?}");
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    }
}

// Case 83, the time.
#[test]
fn a_stuck_call_does_not_hold_the_end_up() {
    let backend = Backend::start(|_| vec![Step::Stall]);
    let process = Process::serve(&format!(
        "idl: IDL/everything.thrift\nbackends: {{b: {{address: \"{}\", deadline: 60s}}}}\ndrain: {{delay: 0s, grace: 200ms}}\n",
        backend.address()
    ));
    let mut connection = Connection::open(process.address());
    connection.send(&post("/", HEADERS, br#"{"method":"answer"}"#));
    eventually("the call is under way", || backend.calls() == 1);
    let began = Instant::now();
    process.signal("TERM");
    let answer = connection.until_closed(Duration::from_secs(5));
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 504"), "{}", answer.escape_ascii());
    let (code, log) = process.end();
    assert_eq!((code, log.len()), (Some(0), 1), "{log:?}");
    assert!(began.elapsed() < Duration::from_millis(1200), "{:?}", began.elapsed());
}

// Case 84, the part of the restart.
#[test]
fn a_restart_binds_at_once() {
    let backend = Backend::echoing();
    let yaml = format!("idl: IDL/everything.thrift\nbackends: {{b: \"{}\"}}\n", backend.address());
    let first = Process::serve(&yaml);
    let address = first.address();
    let mut connection = Connection::open(address);
    connection.send(&post("/", HEADERS, br#"{"method":"answer"}"#));
    assert_eq!(connection.reply().status, 502);
    // A second one on the same address is told so.
    let taken = address.to_string();
    let everything = everything();
    let arguments = [
        "serve",
        "--idl",
        &everything,
        "--backend",
        "127.0.0.1:1",
        "--listen",
        &taken,
        "--admin",
        "127.0.0.1:0",
    ];
    let (code, _, errors) = told(&run(&arguments));
    assert!(code == 1 && errors.contains(&taken), "{errors}");
    first.signal("KILL");
    assert_eq!(first.end().0, None);
    let second = thread::spawn(move || Process::serve_on(&yaml, address)).join().expect("it binds at once");
    assert_eq!(second.post("/", r#"{"method":"echoI32","arguments":{"value":3}}"#).success(), 3);
}
