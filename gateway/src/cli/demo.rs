//! `thriftgate demo`: the gateway before backends of its own.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;
use thriftgate_config::ListenAddress;

use super::serve::{Signals, announce};
use super::{Error, print};
use crate::demo::Backends;
use crate::server::{Gateway, Listening, StartError};
use crate::telemetry;

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Where to listen [default: 127.0.0.1:8080, or another port where that is taken]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Error> {
    let backends = Backends::start()?;
    let listen = arguments.listen.map_or(ListenAddress::DEFAULT, ListenAddress::Tcp);
    let mut settings = backends.settings(listen);
    settings.admin = Some(any_port());
    settings.drain.delay = Duration::ZERO;
    telemetry::init_log(&settings.logging);
    let signals = Signals::new()?;
    let gateway = match Gateway::start(&settings) {
        Err(StartError::Listen(_, error))
            if arguments.listen.is_none() && error.kind() == ErrorKind::AddrInUse =>
        {
            settings.listen[0].address = any_port();
            Gateway::start(&settings)
        }
        started => started,
    }?;
    announce(&gateway)?;
    print(&introduction(&gateway.listen[0], &backends))?;
    signals.end(gateway)
}

fn any_port() -> ListenAddress {
    ListenAddress::Tcp(SocketAddr::from(([127, 0, 0, 1], 0)))
}

/// What to try, as lines for a shell.
fn introduction(url: &Listening, backends: &Backends) -> String {
    let login = r#"{"method": "login", "arguments": {"email": "ada@example.com", "password": "lovelace"}}"#;
    let wrong = r#"{"method": "login", "arguments": {"email": "ada@example.com", "password": "byron"}}"#;
    let fault = r#"{"method": "login", "arguments": {"email": "ada@example.com", "password": 1815}}"#;
    let contact = r#"{"name": "Grace Hopper", "phone": "+1 202 555 0143"}"#;
    let folder = backends.folder().display();
    format!(
        "
A login and a phonebook, called as plain JSON. Their IDL is in {folder}.

To read what there is and to try it in a browser: {url}/docs/
As OpenAPI, for programs: {url}/openapi.json

# A call, and its result
curl -sS --json '{login}' {url}/

# The exception that the method declares
curl -sS --json '{wrong}' {url}/

# An argument of the wrong type: the reply says where, and what was expected
curl -sS --json '{fault}' {url}/

# The method in the URL: the body is its arguments
curl -sS --json '{contact}' {url}/ContactSvc/create

# No arguments at all
curl -sS --json '' {url}/ContactSvc/fetch

Ctrl-C ends it.
"
    )
}
