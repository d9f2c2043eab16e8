//! The command under a supervisor, by the protocols of systemd: what it tells of its state, and the sockets that it is
//! passed.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use thriftgate_tests::backend::Backend;
use thriftgate_tests::client;
use thriftgate_tests::{Folder, PATIENCE, data, eventually};

use crate::process::{BINARY, alone};

const BODY: &[u8] = br#"{"method":"echoString","arguments":{"value":"x"}}"#;
const REPLY: &str = r#"{"method":"echoString","result":{"success":"x"}}"#;
const JSON: (&str, &str) = ("Content-Type", "application/json");

/// What is told to a supervisor.
struct Notifications {
    socket: UnixDatagram,
}

impl Notifications {
    fn bind(path: &Path) -> Self {
        let socket = UnixDatagram::bind(path).expect("a free path");
        socket.set_read_timeout(Some(PATIENCE)).expect("a socket");
        Self { socket }
    }

    /// The lines of the next message.
    #[track_caller]
    fn next(&self) -> Vec<String> {
        let mut message = [0; 4096];
        let length = self.socket.recv(&mut message).expect("the supervisor is told in time");
        String::from_utf8_lossy(&message[..length]).lines().map(str::to_owned).collect()
    }

    /// Messages until one begins with this line, which is returned.
    #[track_caller]
    fn until(&self, line: &str) -> Vec<String> {
        let begin = Instant::now();
        loop {
            let message = self.next();
            if message[0] == line {
                return message;
            }
            assert!(begin.elapsed() < PATIENCE, "{line} was not told");
        }
    }
}

/// A running `serve`. Dropped, it is killed.
struct Service {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Service {
    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the command runs");
        let output = BufReader::new(child.stdout.take().expect("its output is piped"));
        Self { child, output }
    }

    /// What it says of the next place where it listens.
    #[track_caller]
    fn announced(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("its output is text");
        line.trim().to_owned()
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status();
        assert!(sent.expect("kill runs").success());
    }

    fn end(&mut self) -> ExitStatus {
        let mut status = None;
        eventually("the process ends", || {
            status = self.child.try_wait().expect("its state");
            status.is_some()
        });
        status.expect("it has ended")
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// A configuration with these lines before a backend, on two cores and with an end that has no delay.
fn configuration(folder: &Folder, backend: &Backend, lines: &str) -> String {
    let yaml = format!(
        "idl: {}/everything.thrift\nruntime: {{threads: 2}}\ndrain: {{delay: 0s, grace: 7s}}\nreload: {{watch: false}}\nbackends: {{backend: \"{}\"}}\n{lines}\n",
        data("").display(),
        backend.address()
    );
    folder.write("gateway.yaml", &yaml).display().to_string()
}

/// `serve` by a file, notifying a socket.
fn notifying(file: &str, socket: &Path) -> Command {
    let mut command = Command::new(BINARY);
    command.args(["serve", "--config", file]);
    alone(&mut command);
    command.env("NOTIFY_SOCKET", socket);
    command
}

/// `serve` by a file, with one or two sockets passed under these names.
fn activated(file: &str, names: &str, sockets: Vec<OwnedFd>) -> Command {
    let script = format!(
        "exec 3<&0 4<&2 </dev/null 2>/dev/null; export LISTEN_PID=$$ LISTEN_FDS={}; exec \"$0\" \"$@\"",
        sockets.len()
    );
    let mut command = Command::new("sh");
    command.args(["-c", &script, BINARY, "serve", "--config", file]);
    alone(&mut command);
    command.env("LISTEN_FDNAMES", names);
    let mut sockets = sockets.into_iter();
    command.stdin(sockets.next().map_or(Stdio::null(), Stdio::from));
    command.stderr(sockets.next().map_or(Stdio::null(), Stdio::from));
    command
}

fn microseconds(message: &[String], key: &str) -> u128 {
    let value = message.iter().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    value.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no {key} in {message:?}"))
}

/// The monotonic clock, which the kernel counts from its start.
fn uptime() -> Duration {
    let text = fs::read_to_string("/proc/uptime").expect("Linux tells it");
    let seconds = text.split(' ').next().and_then(|seconds| seconds.parse().ok()).expect("seconds");
    Duration::from_secs_f64(seconds)
}

#[test]
fn supervisor_is_told_of_start_reload_and_end() {
    let (folder, backend) = (Folder::new(), Backend::echoing());
    let socket = folder.path().join("notify");
    let told = Notifications::bind(&socket);
    let file = configuration(&folder, &backend, "listen: 127.0.0.1:0\nadmin: {listen: \"127.0.0.1:0\"}");
    let mut service = Service::start(notifying(&file, &socket));
    assert_eq!(told.next(), ["READY=1", "STATUS=Answering calls, configuration 1"]);
    let address = service.announced();
    let address: SocketAddr = address.trim_start_matches("listening http://").parse().expect("an address");
    assert_eq!(
        client::exchange(address, &client::post("/", &[JSON], BODY)).text(),
        REPLY,
        "ready is the truth"
    );

    let before = uptime();
    service.signal("HUP");
    let reloading = told.next();
    assert_eq!(reloading[0], "RELOADING=1");
    let now = microseconds(&reloading, "MONOTONIC_USEC");
    // The kernel rounds what it tells to hundredths.
    let earliest = before.saturating_sub(Duration::from_millis(20)).as_micros();
    assert!((earliest..=uptime().as_micros() + 20_000).contains(&now), "{now} is no time of the reload");
    assert_eq!(told.next(), ["READY=1", "STATUS=Answering calls, configuration 2"]);

    fs::write(&file, "listen: nowhere\n").expect("the file is ours");
    service.signal("HUP");
    assert_eq!(told.next()[0], "RELOADING=1");
    let refused = "STATUS=Answering calls, configuration 2; the last reload was refused, the log says why";
    assert_eq!(told.next(), ["READY=1", refused]);

    service.signal("TERM");
    let stopping = told.next();
    assert_eq!(stopping[0], "STOPPING=1");
    assert_eq!(
        microseconds(&stopping, "EXTEND_TIMEOUT_USEC"),
        12_000_000,
        "the grace, and what the rest may take"
    );
    assert!(service.end().success());
}

#[test]
fn watchdog_is_told_in_time_to_the_end() {
    let (folder, backend) = (Folder::new(), Backend::echoing());
    let socket = folder.path().join("notify");
    let told = Notifications::bind(&socket);
    let file = configuration(&folder, &backend, "listen: 127.0.0.1:0\nadmin: {enabled: false}");
    let mut command = notifying(&file, &socket);
    command.env("WATCHDOG_USEC", "400000");
    let mut service = Service::start(command);
    told.until("READY=1");
    let begin = Instant::now();
    for _ in 0..4 {
        told.until("WATCHDOG=1");
    }
    let took = begin.elapsed();
    assert!(took >= Duration::from_millis(400), "four times in {took:?} is more often than is asked for");
    service.signal("TERM");
    told.until("STOPPING=1");
    assert!(service.end().success());
}

#[test]
fn watchdog_of_another_process_is_not_told() {
    let (folder, backend) = (Folder::new(), Backend::echoing());
    let socket = folder.path().join("notify");
    let told = Notifications::bind(&socket);
    let file = configuration(&folder, &backend, "listen: 127.0.0.1:0\nadmin: {enabled: false}");
    let mut command = notifying(&file, &socket);
    command.env("WATCHDOG_USEC", "20000").env("WATCHDOG_PID", "1");
    let _service = Service::start(command);
    told.until("READY=1");
    told.socket.set_read_timeout(Some(Duration::from_millis(300))).expect("a socket");
    told.socket.recv(&mut [0; 64]).expect_err("nobody waits for it");
}

#[test]
fn sockets_are_taken_by_name_and_stay() {
    let (folder, backend) = (Folder::new(), Backend::echoing());
    let path = folder.path().join("admin.sock");
    let (web, admin) =
        (TcpListener::bind("127.0.0.1:0").expect("a port"), UnixListener::bind(&path).expect("a free path"));
    let address = web.local_addr().expect("it is bound");
    let file =
        configuration(&folder, &backend, "listen: \"systemd:web\"\nadmin: {listen: \"systemd:ops.socket\"}");
    let sockets = || {
        let admin = admin.try_clone().expect("a descriptor");
        vec![OwnedFd::from(admin), OwnedFd::from(web.try_clone().expect("a descriptor"))]
    };
    let mut service = Service::start(activated(&file, "ops.socket:web", sockets()));
    assert_eq!(service.announced(), format!("listening http://{address}"));
    assert_eq!(service.announced(), format!("admin unix:{}", path.display()));
    for _ in 0..8 {
        assert_eq!(client::exchange(address, &client::post("/", &[JSON], BODY)).text(), REPLY);
    }
    assert!(ask(&path, "/readyz").ends_with("ready\n"));

    service.signal("HUP");
    eventually("the reload", || ask(&path, "/reload").contains("\"version\": 2"));
    assert_eq!(client::exchange(address, &client::post("/", &[JSON], BODY)).text(), REPLY);

    service.signal("TERM");
    assert!(service.end().success());
    assert!(path.exists(), "the path is the supervisor's");
    let mut waiting = TcpStream::connect(address).expect("the supervisor still listens");
    waiting.write_all(&client::post("/", &[JSON, ("Connection", "close")], BODY)).expect("a live socket");
    let _next = Service::start(activated(&file, "ops.socket:web", sockets()));
    waiting.set_read_timeout(Some(PATIENCE)).expect("a socket");
    let mut answer = String::new();
    waiting.read_to_string(&mut answer).expect("the next process answers");
    assert!(answer.ends_with(REPLY), "{answer}");
}

/// Sends a request to a Unix socket, and returns the whole answer.
fn ask(path: &Path, target: &str) -> String {
    let mut stream = UnixStream::connect(path).expect("somebody listens");
    let request = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("a live socket");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("a live socket");
    answer
}

#[test]
fn two_sockets_of_one_name_are_one_listener() {
    let (folder, backend) = (Folder::new(), Backend::echoing());
    let sockets: Vec<_> = (0..2).map(|_| TcpListener::bind("127.0.0.1:0").expect("a port")).collect();
    let addresses: Vec<_> = sockets.iter().map(|socket| socket.local_addr().expect("it is bound")).collect();
    let file = configuration(&folder, &backend, "listen: \"systemd:web\"\nadmin: {enabled: false}");
    let mut service =
        Service::start(activated(&file, "web:web", sockets.into_iter().map(OwnedFd::from).collect()));
    for address in addresses {
        assert_eq!(service.announced(), format!("listening http://{address}"));
        assert_eq!(client::exchange(address, &client::post("/", &[JSON], BODY)).text(), REPLY);
    }
}

/// FAULTS 85, on one machine: the process is replaced while clients connect anew for each call.
#[test]
fn restart_refuses_nobody() {
    let (folder, backend) = (Folder::new(), Backend::echoing());
    let web = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = web.local_addr().expect("it is bound");
    let file = configuration(&folder, &backend, "listen: \"systemd:web\"\nadmin: {enabled: false}");
    let start = || activated(&file, "web", vec![OwnedFd::from(web.try_clone().expect("a descriptor"))]);
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mut calls = 0;
                    while !over.load(Ordering::Relaxed) {
                        let reply = client::exchange(address, &client::post("/", &[JSON], BODY));
                        assert_eq!((reply.status, &*reply.text()), (200, REPLY));
                        calls += 1;
                    }
                    calls
                })
            })
            .collect();
        for _ in 0..3 {
            let mut service = Service::start(start());
            service.announced();
            let calls = backend.calls();
            eventually("calls after the restart", || backend.calls() > calls + 20);
            service.signal("TERM");
            assert!(service.end().success());
        }
        let mut last = Service::start(start());
        last.announced();
        over.store(true, Ordering::Relaxed);
        for client in clients {
            assert!(client.join().expect("every call was answered") > 0);
        }
    });
}

#[test]
fn socket_that_was_not_passed_is_missed() {
    let (folder, backend) = (Folder::new(), Backend::echoing());
    let file = configuration(&folder, &backend, "listen: \"systemd:web\"\nadmin: {enabled: false}");
    let mut command = Command::new(BINARY);
    command.args(["serve", "--config", &file]);
    alone(&mut command);
    let output = command.output().expect("the command runs");
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("cannot listen on systemd:web: no supervisor has passed any socket"), "{text}");
}

#[test]
fn connection_in_place_of_a_listener_is_refused() {
    let (folder, backend) = (Folder::new(), Backend::echoing());
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let connection = TcpStream::connect(listener.local_addr().expect("it is bound")).expect("a connection");
    let file = configuration(&folder, &backend, "listen: \"systemd:web\"\nadmin: {enabled: false}");
    let mut service = Service::start(activated(&file, "web", vec![OwnedFd::from(connection)]));
    assert_eq!(service.end().code(), Some(1));
}
