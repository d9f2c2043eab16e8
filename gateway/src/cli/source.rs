//! Where the settings come from: a configuration file, or IDL and a backend on the command line.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use thriftgate_config::{
    Backend, BackendAddress, HttpTransport, Limits, ListenAddress, Protocol, Settings, Transport,
};

use super::Error;
use crate::policy::Group;
use crate::snapshot::Snapshot;

/// The file that is read where nothing else is said.
pub(super) const DEFAULT_FILE: &str = "thriftgate.yaml";

/// Where the settings come from.
#[derive(Clone, Debug, Args)]
pub(super) struct Source {
    /// The configuration file [default: ./thriftgate.yaml]
    #[arg(long, env = "THRIFTGATE_CONFIG", value_name = "FILE", conflicts_with_all = ["idl", "backend"])]
    config: Option<PathBuf>,
    /// IDL, in place of a configuration: a .thrift file, gen-json output, or a directory of either
    #[arg(long, value_name = "PATH")]
    idl: Vec<PathBuf>,
    /// The backend of every service of that IDL: HOST:PORT or unix:PATH
    #[arg(long, value_name = "ADDRESS", requires = "idl", value_parser = parse_address)]
    backend: Option<BackendAddress>,
    #[command(flatten)]
    dialect: Dialect,
}

/// How a backend of the command line is spoken to.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Dialect {
    /// The protocol of the backend
    #[arg(long, value_name = "PROTOCOL", default_value = "binary")]
    backend_protocol: BackendProtocol,
    /// The transport of the backend
    #[arg(long, value_name = "TRANSPORT", default_value = "framed")]
    backend_transport: BackendTransport,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum BackendProtocol {
    Binary,
    Compact,
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum BackendTransport {
    Framed,
    Buffered,
    /// A POST to `/` for each message
    Http,
}

impl Dialect {
    /// A backend at this address that speaks so. The caller is at the same keyboard as the backend's
    /// operator, so its messages pass.
    pub(super) fn backend(self, address: BackendAddress) -> Backend {
        let mut backend = Backend::new("backend", address, &Limits::default());
        backend.protocol = match self.backend_protocol {
            BackendProtocol::Binary => Protocol::Binary,
            BackendProtocol::Compact => Protocol::Compact,
            BackendProtocol::Json => Protocol::Json,
        };
        backend.transport = match self.backend_transport {
            BackendTransport::Framed => Transport::Framed,
            BackendTransport::Buffered => Transport::Buffered,
            BackendTransport::Http => Transport::Http(HttpTransport::at("/")),
        };
        backend.messages = thriftgate_config::BackendMessages::Pass;
        backend
    }
}

/// The group of this name.
pub(super) fn find_group<'s>(snapshot: &'s Snapshot, name: &str) -> Result<&'s Group, Error> {
    let groups = &snapshot.policy.groups;
    groups.iter().find(|group| group.settings.name == name).ok_or_else(|| {
        let names: Vec<&str> = groups.iter().map(|group| group.settings.name.as_str()).collect();
        let known =
            if names.is_empty() { "it has none".into() } else { format!("it has {}", names.join(", ")) };
        Error(format!("error: the configuration has no group `{name}`: {known}"))
    })
}

/// An address on the command line.
pub(super) fn parse_address(text: &str) -> Result<BackendAddress, String> {
    text.parse().map_err(|error| format!("{error}"))
}

impl Source {
    /// The settings: of the command line where IDL and a backend are given, else of the file.
    pub(super) fn settings(&self) -> Result<Settings, Error> {
        if let Some(address) = &self.backend {
            let backend = self.dialect.backend(address.clone());
            return Ok(Settings::single(self.idl.clone(), backend, ListenAddress::DEFAULT));
        }
        if !self.idl.is_empty() {
            return Err(Error("error: --idl needs --backend: where do the calls go?".into()));
        }
        let path = self.config.clone().unwrap_or_else(|| DEFAULT_FILE.into());
        if self.config.is_none() && !path.exists() {
            return Err(Error(format!(
                "error: there is no {DEFAULT_FILE} here; name a file by --config, or give --idl and --backend"
            )));
        }
        Ok(Settings::read(&path, &|name| std::env::var(name).ok())?)
    }

    /// The file that the settings are read from, where they are not of the command line alone.
    pub(super) fn file(&self) -> Option<PathBuf> {
        self.backend.is_none().then(|| self.config.clone().unwrap_or_else(|| DEFAULT_FILE.into()))
    }

    /// The IDL alone, where no backend is given.
    pub(super) fn idl_alone(&self) -> Option<&[PathBuf]> {
        (self.backend.is_none() && !self.idl.is_empty()).then_some(&self.idl)
    }
}
