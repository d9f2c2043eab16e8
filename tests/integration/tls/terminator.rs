//! A TLS server before a backend that speaks plain text, which counts what was decrypted.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustls::ServerConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio_rustls::TlsAcceptor;

/// A running terminator; dropped, it ends.
pub(super) struct Terminator {
    address: SocketAddr,
    counts: Arc<Counts>,
    runtime: Option<Runtime>,
}

#[derive(Default)]
struct Counts {
    accepted: AtomicUsize,
    refused: AtomicUsize,
    bytes: AtomicUsize,
}

impl Terminator {
    /// Starts one before the server of that address.
    pub(super) fn start(config: ServerConfig, behind: SocketAddr) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).expect("a port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let counts = Arc::new(Counts::default());
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let counting = counts.clone();
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counting.accepted.fetch_add(1, Ordering::SeqCst);
                let (acceptor, counting) = (acceptor.clone(), counting.clone());
                tokio::spawn(async move {
                    let _ended = serve(stream, &acceptor, behind, &counting).await;
                });
            }
        });
        Self { address, counts, runtime: Some(runtime) }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections were accepted, before any handshake.
    pub(super) fn accepted(&self) -> usize {
        self.counts.accepted.load(Ordering::SeqCst)
    }

    /// How many handshakes failed.
    pub(super) fn refused(&self) -> usize {
        self.counts.refused.load(Ordering::SeqCst)
    }

    /// How many bytes clients sent, decrypted.
    pub(super) fn bytes(&self) -> usize {
        self.counts.bytes.load(Ordering::SeqCst)
    }
}

impl Drop for Terminator {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn serve(
    stream: TcpStream,
    acceptor: &TlsAcceptor,
    behind: SocketAddr,
    counts: &Counts,
) -> io::Result<()> {
    let mut client = acceptor.accept(stream).await.inspect_err(|_| {
        counts.refused.fetch_add(1, Ordering::SeqCst);
    })?;
    let mut server = TcpStream::connect(behind).await?;
    let (mut call, mut reply) = (vec![0; 32 * 1024], vec![0; 32 * 1024]);
    loop {
        tokio::select! {
            read = client.read(&mut call) => match read? {
                0 => return Ok(()),
                count => {
                    counts.bytes.fetch_add(count, Ordering::SeqCst);
                    server.write_all(&call[..count]).await?;
                }
            },
            read = server.read(&mut reply) => match read? {
                0 => return client.shutdown().await,
                count => {
                    client.write_all(&reply[..count]).await?;
                    client.flush().await?;
                }
            },
        }
    }
}
