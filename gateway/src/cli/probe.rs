//! `thriftgate probe`: which protocol and transport a server speaks.

use std::fmt::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use http::HeaderMap;
use thriftgate_config::{Backend as Settings, HttpTransport, IdlSource, Limits, Protocol, Transport};
use thriftgate_protocols::message::{ApplicationException, read_header};
use thriftgate_protocols::wire::MessageKind;

use super::source::parse_address;
use super::{Error, print};
use crate::backend::{Backend, BackendErrorKind, CallContext, Outgoing};
use crate::idl;

/// A method that no service has.
const METHOD: &str = "thriftgate_probe";
/// How long a server may take: one that waits for more bytes says nothing at all.
const PATIENCE: Duration = Duration::from_secs(1);

/// What is tried, the most usual first.
fn dialects() -> impl Iterator<Item = (Protocol, Transport)> {
    let http = Transport::Http(HttpTransport::at("/"));
    [Protocol::Binary, Protocol::Compact, Protocol::Json].into_iter().flat_map(move |protocol| {
        [Transport::Framed, Transport::Buffered, http.clone()].map(|transport| (protocol, transport))
    })
}

/// Arguments of `probe`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The server: HOST:PORT or unix:PATH
    #[arg(value_name = "ADDRESS")]
    address: String,
    /// The IDL of its service: a .thrift file, gen-json output, or a directory of either
    #[arg(long, value_name = "PATH", required = true)]
    idl: Vec<PathBuf>,
}

/// What the server made of one attempt.
enum Finding {
    /// It answered in kind; `multiplexed` where it asked for the service's name.
    Speaks { multiplexed: bool },
    /// It did not; the reason is for people.
    Silent(String),
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Error> {
    let address = parse_address(&arguments.address)?;
    let source = |path: &PathBuf| IdlSource { path: path.clone(), include: Vec::new(), origin: None };
    let idl = idl::load(&arguments.idl.iter().map(source).collect::<Vec<_>>())?;
    let services: Vec<&str> = idl.services().map(|id| &*idl.schema[id].name).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut tried = String::new();
    for (protocol, transport) in dialects() {
        let mut settings = Settings::new("backend", address.clone(), &Limits::default());
        (settings.protocol, settings.transport) = (protocol, transport);
        let backend = Backend::new(&settings, &Limits::default(), 1)?;
        match runtime.block_on(ask(&backend)) {
            Ok(Finding::Speaks { multiplexed }) => {
                return print(&configuration(arguments, &services, &backend, multiplexed));
            }
            Ok(Finding::Silent(reason)) => {
                writeln!(tried, "  {}: {reason}", backend.description())
                    .expect("writing to a string cannot fail");
            }
            Err(unreachable) => return Err(unreachable),
        }
    }
    Err(Error(format!(
        "error: {} answers in no combination of protocol and transport\n{tried}  help: is it a Thrift server, without TLS, THeader or SASL?",
        arguments.address
    )))
}

/// Calls a method that does not exist, and looks whether the answer says so.
async fn ask(backend: &Backend) -> Result<Finding, Error> {
    let mut message = Outgoing::default();
    let sequence_id = 7;
    write_call(backend.protocol(), sequence_id, message.buffer());
    let headers = HeaderMap::new();
    let context = CallContext {
        core: 0,
        deadline: Instant::now() + PATIENCE,
        headers: &headers,
        hurried: false,
        idempotent: false,
        attempt_timeout: None,
        retries: Some(0),
        trace: None,
    };
    let reply = match backend.exchange(&context, message).await {
        Ok(reply) => reply,
        Err(error) if matches!(error.kind, BackendErrorKind::Connect(_)) => return Err(error.into()),
        Err(error) => return Ok(Finding::Silent(error.to_string())),
    };
    let header = match read_header(backend.protocol(), reply.bytes()) {
        Ok(header) => header,
        Err(error) => return Ok(Finding::Silent(format!("the reply is no message: {error}"))),
    };
    if header.sequence_id != sequence_id || header.kind != MessageKind::Exception {
        return Ok(Finding::Silent("the reply is no answer to the call".into()));
    }
    let text = ApplicationException::read_message(backend.protocol(), reply.bytes(), 16)
        .map(|exception| exception.message.to_lowercase())
        .unwrap_or_default();
    let multiplexed = ["multiplex", "service name not found"].iter().any(|sign| text.contains(sign));
    Ok(Finding::Speaks { multiplexed })
}

/// A message that calls [`METHOD`] without arguments.
fn write_call(protocol: thriftgate_protocols::wire::Protocol, sequence_id: i32, out: &mut Vec<u8>) {
    use thriftgate_protocols::wire::{
        BinaryWriter, CompactWriter, JsonWriter, MessageHeader, Protocol, Writer,
    };
    fn write(mut writer: impl Writer, sequence_id: i32) {
        let header = MessageHeader { name: METHOD.into(), kind: MessageKind::Call, sequence_id };
        writer.message_begin(&header);
        writer.struct_begin();
        writer.struct_end();
        writer.message_end();
    }
    match protocol {
        Protocol::Binary => write(BinaryWriter::new(out), sequence_id),
        Protocol::Compact => write(CompactWriter::new(out), sequence_id),
        Protocol::Json => write(JsonWriter::new(out), sequence_id),
    }
}

/// The configuration to use.
fn configuration(arguments: &Arguments, services: &[&str], backend: &Backend, multiplexed: bool) -> String {
    let description = backend.description();
    let (transport, protocol) = description.split_once(' ').unwrap_or_default();
    let multiplexed = if multiplexed { ", multiplexed: true" } else { "" };
    let mut text = format!("# {} speaks {description}.\nidl:\n", arguments.address);
    for path in &arguments.idl {
        writeln!(text, "  - {{path: {}}}", quoted(&path.display().to_string()))
            .expect("writing to a string cannot fail");
    }
    let services: Vec<String> = services.iter().map(|service| quoted(service)).collect();
    write!(
        text,
        "backends:\n  backend: {{address: {}, protocol: {protocol}, transport: {transport}{multiplexed}}}\nroutes:\n  - {{path: /, services: [{}], backend: backend}}\n",
        quoted(&arguments.address),
        services.join(", ")
    )
    .expect("writing to a string cannot fail");
    text
}

/// A YAML scalar that is a string whatever it looks like.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
