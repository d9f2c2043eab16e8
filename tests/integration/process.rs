//! The command, run as a process.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::Duration;

use thriftgate_tests::client::{self, Reply};
use thriftgate_tests::{Folder, data, eventually};

/// The path of the command.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_thriftgate-under-test");

/// Gives a command no input, and nothing of this process's environment that the gateway would read.
pub(crate) fn alone(command: &mut Command) {
    command.stdin(Stdio::null());
    for variable in
        ["THRIFTGATE_CONFIG", "THRIFTGATE_LISTEN", "THRIFTGATE_ADMIN", "NOTIFY_SOCKET", "WATCHDOG_USEC"]
    {
        command.env_remove(variable);
    }
}

/// The command with these arguments, and nothing of this process's environment that it would read.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    command.args(arguments);
    alone(&mut command);
    command
}

/// Runs the command to its end.
pub(crate) fn run(arguments: &[&str]) -> Output {
    command(arguments).output().expect("the command runs")
}

/// A running `serve`. Dropped, it is killed.
pub(crate) struct Process {
    child: Child,
    output: BufReader<ChildStdout>,
    address: SocketAddr,
    admin: SocketAddr,
    /// That of its configuration, which it watches.
    _folder: Option<Folder>,
}

impl Process {
    /// Serves by a configuration, in which `IDL` stands for the path of `tests/data`, on ports that the
    /// system chooses. Its end has no delay unless the configuration says otherwise.
    pub(crate) fn serve(yaml: &str) -> Self {
        Self::serve_on(yaml, SocketAddr::from(([127, 0, 0, 1], 0)))
    }

    /// Serves by such a configuration on an address.
    pub(crate) fn serve_on(yaml: &str, address: SocketAddr) -> Self {
        let folder = Folder::new();
        let mut yaml = yaml.replace("IDL", &data("").display().to_string());
        if !yaml.contains("drain:") {
            yaml.push_str("drain: {delay: 0s}\n");
        }
        let path = folder.write("gateway.yaml", &yaml).display().to_string();
        let mut process = Self::start(&path, address, Stdio::inherit());
        process._folder = Some(folder);
        process
    }

    /// Serves by a file.
    pub(crate) fn serve_file(path: &str) -> Self {
        Self::start(path, SocketAddr::from(([127, 0, 0, 1], 0)), Stdio::inherit())
    }

    /// Serves by a file, and writes its log to another.
    pub(crate) fn serve_logging(path: &str, log: &Path) -> Self {
        let log = std::fs::File::create(log).expect("a file for the log");
        Self::start(path, SocketAddr::from(([127, 0, 0, 1], 0)), log.into())
    }

    /// Serves by such a configuration as [`Self::serve`] under a limit of file descriptors, written as for `ulimit -n`.
    pub(crate) fn serve_with_descriptors(yaml: &str, descriptors: &str) -> Self {
        let folder = Folder::new();
        let yaml = yaml.replace("IDL", &data("").display().to_string());
        let path = folder.write("gateway.yaml", &yaml).display().to_string();
        let mut command = Command::new("sh");
        command.args(["-c", &format!("ulimit -n {descriptors}; exec \"$0\" \"$@\""), BINARY]);
        command.args(["serve", "--config", &path, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]);
        Self::launch(command.stdin(Stdio::null()), Stdio::null())
    }

    fn start(path: &str, address: SocketAddr, log: Stdio) -> Self {
        let listen = address.to_string();
        let arguments = ["serve", "--config", path, "--listen", &listen, "--admin", "127.0.0.1:0"];
        Self::launch(&mut command(&arguments), log)
    }

    /// Runs a command that serves, and writes its log there.
    pub(crate) fn launch(command: &mut Command, log: Stdio) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().expect("the command runs");
        let mut output = BufReader::new(child.stdout.take().expect("its output is piped"));
        let mut announced = |what: &str| {
            let mut line = String::new();
            output.read_line(&mut line).expect("its output is text");
            let address = line.trim().strip_prefix(what).and_then(|address| address.parse().ok());
            address.unwrap_or_else(|| panic!("{what} was expected, not {line:?}"))
        };
        let address = announced("listening http://");
        let admin = announced("admin http://");
        Self { child, output, address, admin, _folder: None }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn admin(&self) -> SocketAddr {
        self.admin
    }

    pub(crate) fn post_with(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        client::exchange(self.address, &client::post(path, headers, body))
    }

    pub(crate) fn post(&self, path: &str, body: &str) -> Reply {
        self.post_with(path, &[("Content-Type", "application/json")], body.as_bytes())
    }

    /// Sends it a signal, as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.id().to_string()]).status();
        assert!(sent.expect("kill runs").success());
    }

    /// Waits for its end and returns its exit code, none where a signal ended it, and the lines of its
    /// access log.
    pub(crate) fn end(mut self) -> (Option<i32>, Vec<String>) {
        let code = self.wait();
        let mut log = String::new();
        self.output.read_to_string(&mut log).expect("its output is text");
        (code, log.lines().map(str::to_owned).collect())
    }

    /// Waits for its end and returns its exit code, none where a signal ended it.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        let mut status = None;
        eventually("the process ends", || {
            status = self.child.try_wait().expect("its state");
            std::thread::sleep(Duration::from_millis(2));
            status.is_some()
        });
        status.and_then(|status| status.code())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _ended_already = self.child.wait();
    }
}
