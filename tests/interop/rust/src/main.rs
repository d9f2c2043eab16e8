//! Everything, on Apache's `thrift` crate: `everything-server --protocol P --transport T`. Listens on loopback, tells
//! its port, and ends when its standard input closes. The crate has no TJSON and no HTTP.

mod handler;

#[allow(dead_code, reason = "generated for clients as well")]
#[path = "../../../.cache/gen/rust/everything.rs"]
mod everything;
#[allow(dead_code, reason = "generated for clients as well")]
#[path = "../../../.cache/gen/rust/shared.rs"]
mod shared;

use std::io::{self, Read};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;
use std::{env, process, thread};

use everything::EverythingSyncProcessor;
use handler::Handler;
use thrift::protocol::{
    TBinaryInputProtocolFactory, TBinaryOutputProtocolFactory, TCompactInputProtocolFactory,
    TCompactOutputProtocolFactory, TInputProtocolFactory, TOutputProtocolFactory,
};
use thrift::server::TServer;
use thrift::transport::{
    TBufferedReadTransportFactory, TBufferedWriteTransportFactory, TFramedReadTransportFactory,
    TFramedWriteTransportFactory, TReadTransportFactory, TWriteTransportFactory,
};

/// Above the gateway's connections: the server's threads each keep one connection for as long as it lasts.
const WORKERS: usize = 256;

type Protocols = (Box<dyn TInputProtocolFactory>, Box<dyn TOutputProtocolFactory>);
type Transports = (Box<dyn TReadTransportFactory>, Box<dyn TWriteTransportFactory>);

fn main() {
    let flags: Vec<String> = env::args().skip(1).collect();
    let flag = |name: &str| {
        let found = flags.iter().position(|word| word == name);
        found.and_then(|position| flags.get(position + 1)).map_or("", String::as_str)
    };
    let (input, output) = protocols(flag("--protocol"));
    let (read, write) = transports(flag("--transport"));
    thread::spawn(end_with_stdin);
    let address = free_address();
    thread::spawn(move || announce(address));
    let mut server =
        TServer::new(read, input, write, output, EverythingSyncProcessor::new(Handler::default()), WORKERS);
    panic!("{:?}", server.listen(address));
}

fn protocols(name: &str) -> Protocols {
    match name {
        "binary" => {
            (Box::new(TBinaryInputProtocolFactory::new()), Box::new(TBinaryOutputProtocolFactory::new()))
        }
        "compact" => {
            (Box::new(TCompactInputProtocolFactory::new()), Box::new(TCompactOutputProtocolFactory::new()))
        }
        _ => panic!("no protocol {name:?}"),
    }
}

fn transports(name: &str) -> Transports {
    match name {
        "framed" => {
            (Box::new(TFramedReadTransportFactory::new()), Box::new(TFramedWriteTransportFactory::new()))
        }
        "buffered" => {
            (Box::new(TBufferedReadTransportFactory::new()), Box::new(TBufferedWriteTransportFactory::new()))
        }
        _ => panic!("no transport {name:?}"),
    }
}

/// A free port of loopback, since `TServer` does not tell the one that it got for port 0.
fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port")
}

/// Tells the port once the server listens.
fn announce(address: SocketAddr) {
    while TcpStream::connect(address).is_err() {
        thread::sleep(Duration::from_millis(5));
    }
    println!("listening {}", address.port());
}

/// Ends the process when its standard input closes, so that none outlives the driver.
fn end_with_stdin() {
    let mut rest = Vec::new();
    let _ = io::stdin().read_to_end(&mut rest);
    process::exit(0);
}
