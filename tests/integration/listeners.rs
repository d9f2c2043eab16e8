//! Listeners on Unix sockets, and the admin listener beside busy ones.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

use thriftgate::server::{self, StartError};
use thriftgate_config::{ListenAddress, Settings};
use thriftgate_tests::backend::Backend;
use thriftgate_tests::client::{self, Connection};
use thriftgate_tests::{Folder, Gateway, data};

const BODY: &[u8] = br#"{"method":"echoString","arguments":{"value":"x"}}"#;
const REPLY: &str = r#"{"method":"echoString","result":{"success":"x"}}"#;

fn start(backend: &Backend, path: &Path) -> Result<server::Gateway, StartError> {
    let yaml = format!(
        "idl: everything.thrift\nlisten: [\"unix:{}\"]\nadmin: {{enabled: false}}\nruntime: {{threads: 2}}\nlogging: {{access: false}}\ndrain: {{delay: 0s}}\nbackends: {{backend: \"{}\"}}\n",
        path.display(),
        backend.address()
    );
    let settings = Settings::parse(&data("gateway.yaml"), &yaml, &|_| None).expect("a configuration");
    server::Gateway::start(&settings)
}

/// Calls on a connection of its own, and returns all that comes back until the gateway closes.
fn call(path: &Path) -> String {
    let mut stream = UnixStream::connect(path).expect("somebody listens");
    let headers = [("Content-Type", "application/json"), ("Connection", "close")];
    stream.write_all(&client::post("/", &headers, BODY)).expect("a live socket");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("a live socket");
    answer
}

#[test]
fn unix_socket() {
    let (folder, backend) = (Folder::new(), Backend::echoing());
    let path = folder.path().join("gateway.sock");
    let gateway = start(&backend, &path).expect("a gateway");
    assert_eq!(gateway.listen[0].to_string(), format!("unix:{}", path.display()));
    assert_eq!(gateway.listen[0].tcp(), None);
    for _ in 0..8 {
        let answer = call(&path);
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with(REPLY), "{answer}");
    }
    gateway.stop();
    assert!(!path.exists(), "the socket is removed");
}

#[test]
fn socket_of_a_process_that_has_gone_is_replaced() {
    let (folder, backend) = (Folder::new(), Backend::echoing());
    let path = folder.path().join("gateway.sock");
    drop(UnixListener::bind(&path).expect("a free path"));
    assert!(path.exists(), "the socket stays behind");
    let gateway = start(&backend, &path).expect("a gateway");
    assert!(call(&path).ends_with(REPLY));
    gateway.stop();
}

#[test]
fn path_of_somebody_else_is_left_alone() {
    let (folder, backend) = (Folder::new(), Backend::echoing());
    let socket = folder.path().join("other.sock");
    let _listening = UnixListener::bind(&socket).expect("a free path");
    let file = folder.write("file.sock", "precious");
    for path in [&socket, &file] {
        let error = start(&backend, path).expect_err("no gateway");
        let expected = ListenAddress::Unix(path.clone());
        assert!(matches!(&error, StartError::Listen(address, _) if *address == expected), "{error}");
    }
    assert_eq!(fs::read_to_string(&file).expect("it is still there"), "precious");
    assert!(fs::metadata(&socket).expect("it is still there").file_type().is_socket());
    UnixStream::connect(&socket).expect("somebody still listens");
}

#[test]
fn failed_start_leaves_nothing_behind() {
    let (folder, backend) = (Folder::new(), Backend::echoing());
    let path = folder.path().join("gateway.sock");
    let yaml = format!(
        "idl: everything.thrift\nlisten: [\"unix:{}\"]\nadmin: {{listen: \"{}\"}}\nbackends: {{backend: \"{}\"}}\n",
        path.display(),
        backend.address(),
        backend.address()
    );
    let settings = Settings::parse(&data("gateway.yaml"), &yaml, &|_| None).expect("a configuration");
    let error = server::Gateway::start(&settings).expect_err("the port of the admin listener is taken");
    assert!(matches!(error, StartError::Listen(ListenAddress::Tcp(_), _)), "{error}");
    assert!(!path.exists(), "the socket is removed");
}

#[test]
fn admin_answers_while_clients_take_every_connection() {
    let backend = Backend::echoing();
    let gateway = Gateway::start(&format!(
        "idl: everything.thrift\nlimits: {{connections: 2}}\nbackends: {{backend: \"{}\"}}\n",
        backend.address()
    ));
    let mut busy: Vec<Connection> = (0..8).map(|_| Connection::open(gateway.address())).collect();
    let request = client::post("/", &[("Content-Type", "application/json")], BODY);
    busy.iter_mut().for_each(|connection| connection.send(&request));
    assert_eq!(client::get(gateway.admin(), "/healthz").status, 200);
    assert!(gateway.metrics().contains("connections"));
}
