//! Opening a connection to an endpoint.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use thriftgate_config::BackendAddress;
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::TlsConnector;

use super::error::{BackendError, BackendErrorKind};
use crate::stream::Stream;

/// Where an endpoint listens, and how a connection to it is opened.
#[derive(Debug)]
pub(super) struct Connector {
    pub(super) address: BackendAddress,
    /// How TLS is spoken to it, and the name that its certificate must have.
    pub(super) tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
    /// How long connecting may take, the handshake included.
    pub(super) timeout: Duration,
}

impl Connector {
    /// Opens a connection, which includes the handshake of TLS. Nothing of a call is sent.
    pub(super) async fn connect(&self) -> Result<Stream, BackendError> {
        let connected = tokio::time::timeout(self.timeout, self.open());
        connected.await.unwrap_or_else(|_| {
            let error = io::ErrorKind::TimedOut.into();
            Err(BackendError::new(BackendErrorKind::Connect(error), false))
        })
    }

    async fn open(&self) -> Result<Stream, BackendError> {
        let stream = open(&self.address)
            .await
            .map_err(|error| BackendError::new(BackendErrorKind::Connect(error), false))?;
        let Some((config, name)) = &self.tls else { return Ok(stream) };
        // The state of a handshake is large, and a call that needs none should not make room for it.
        let handshake = Box::pin(TlsConnector::from(config.clone()).connect(name.clone(), stream));
        match handshake.await {
            Ok(stream) => Ok(Stream::Tls(Box::new(stream.into()))),
            Err(error) => Err(BackendError::new(BackendErrorKind::Tls(error), false)),
        }
    }
}

/// Connects; names are resolved each time.
async fn open(address: &BackendAddress) -> io::Result<Stream> {
    match address {
        BackendAddress::Tcp { host, port } => {
            let stream = TcpStream::connect((host.as_str(), *port)).await?;
            stream.set_nodelay(true)?;
            Ok(Stream::Tcp(stream))
        }
        BackendAddress::Unix(path) => Ok(Stream::Unix(UnixStream::connect(path).await?)),
        BackendAddress::Srv(_) => Err(io::Error::other("the SRV records are not resolved")),
    }
}
