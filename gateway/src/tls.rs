//! TLS on both sides: from PEM files to what the handshakes are made with.
//!
//! TLS 1.2 and 1.3 (RFC 8446), without early data, which could be replayed. The provider of the
//! cryptography is named here for each configuration; none is installed for the whole process.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use http::HeaderValue;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::{VerifierBuilderError, WebPkiClientVerifier};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use thriftgate_config::{BackendTls, ClientCertificates, ListenerTls};
use tokio_rustls::TlsAcceptor;

/// Settings that no handshake can be made with.
#[derive(Debug)]
pub enum TlsError {
    /// A file cannot be read, or holds no PEM of the right kind
    File(PathBuf, pem::Error),
    /// A certificate or key that is refused: malformed, or not one pair
    Refused(PathBuf, rustls::Error),
    /// Authorities that no client can be verified by
    Clients(PathBuf, VerifierBuilderError),
    /// The system names no authority that could be read
    NoSystemAuthorities,
    /// A name that no certificate can have
    Name(String),
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, pem::Error::Io(error)) => write!(f, "{}: {error}", path.display()),
            Self::File(path, pem::Error::NoItemsFound) => {
                write!(f, "{}: it holds no PEM of the right kind", path.display())
            }
            Self::File(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Refused(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Clients(path, error) => write!(f, "{}: {error}", path.display()),
            Self::NoSystemAuthorities => {
                f.write_str("the system's certificate authorities cannot be read; name a file as `ca`")
            }
            Self::Name(name) => write!(f, "`{name}` is not a name that a certificate can have"),
        }
    }
}

impl std::error::Error for TlsError {}

/// How TLS is spoken to a backend.
///
/// # Errors
/// See [`TlsError`].
pub(crate) fn client(settings: &BackendTls) -> Result<ClientConfig, TlsError> {
    let roots = match &settings.ca {
        Some(path) => authorities(path)?,
        None => system_authorities()?,
    };
    let builder = client_builder().with_root_certificates(roots);
    match &settings.identity {
        None => Ok(builder.with_no_client_auth()),
        Some(identity) => builder
            .with_client_auth_cert(certificates(&identity.certificate)?, key(&identity.key)?)
            .map_err(|error| TlsError::Refused(identity.certificate.clone(), error)),
    }
}

/// What a client that never speaks TLS is given in place of [`client`]: it trusts nobody.
pub(crate) fn no_client() -> ClientConfig {
    client_builder().with_root_certificates(RootCertStore::empty()).with_no_client_auth()
}

fn client_builder() -> rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier> {
    ClientConfig::builder_with_provider(aws_lc_rs::default_provider().into())
        .with_safe_default_protocol_versions()
        .expect("the provider has cipher suites for both versions")
}

/// The name that a backend's certificate is checked for.
///
/// # Errors
/// [`TlsError::Name`].
pub(crate) fn server_name(name: &str) -> Result<ServerName<'static>, TlsError> {
    ServerName::try_from(name.to_owned()).map_err(|_| TlsError::Name(name.to_owned()))
}

/// How a listener speaks TLS: HTTP/2 and HTTP/1.1 by ALPN (RFC 7301).
///
/// # Errors
/// See [`TlsError`].
pub(crate) fn server(settings: &ListenerTls) -> Result<ServerConfig, TlsError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = |path: &Path| {
        let roots = Arc::new(authorities(path)?);
        Ok(WebPkiClientVerifier::builder_with_provider(roots, provider.clone()))
    };
    let verifier = match &settings.clients {
        ClientCertificates::None => Ok(WebPkiClientVerifier::no_client_auth()),
        ClientCertificates::Optional(path) => verifier(path)?
            .allow_unauthenticated()
            .build()
            .map_err(|error| TlsError::Clients(path.clone(), error)),
        ClientCertificates::Required(path) => {
            verifier(path)?.build().map_err(|error| TlsError::Clients(path.clone(), error))
        }
    }?;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider has cipher suites for both versions")
        .with_client_cert_verifier(verifier)
        .with_single_cert(certificates(&settings.certificate)?, key(&settings.key)?)
        .map_err(|error| TlsError::Refused(settings.certificate.clone(), error))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// How a listener speaks TLS, and what that was made of. A reload replaces it, for the handshakes to come.
#[derive(Debug)]
pub(crate) struct ServerTls {
    config: Arc<ServerConfig>,
    settings: ListenerTls,
    contents: u64,
    /// For how long browsers shall come back by HTTPS alone, as the header that tells them.
    hsts: Option<HeaderValue>,
}

/// What the handshakes of a listener are made with.
pub(crate) type CurrentServerTls = Arc<ArcSwap<ServerTls>>;

impl ServerTls {
    /// Reads the files. What was read before and has not changed is taken instead, with the sessions that its
    /// clients may resume.
    ///
    /// # Errors
    /// See [`TlsError`].
    pub(crate) fn read(settings: &ListenerTls, before: Option<&Arc<Self>>) -> Result<Arc<Self>, TlsError> {
        let contents = contents(server_files(settings));
        match before.filter(|before| before.settings == *settings && before.contents == contents) {
            Some(before) => Ok(before.clone()),
            None => {
                let config = Arc::new(server(settings)?);
                let seconds = Some(settings.hsts.as_secs()).filter(|seconds| *seconds > 0);
                let header = |seconds| HeaderValue::try_from(format!("max-age={seconds}"));
                let hsts = seconds.and_then(|seconds| header(seconds).ok());
                Ok(Arc::new(Self { config, settings: settings.clone(), contents, hsts }))
            }
        }
    }

    /// The value of `Strict-Transport-Security` (RFC 6797), where browsers are told.
    pub(crate) fn hsts(&self) -> Option<&HeaderValue> {
        self.hsts.as_ref()
    }

    /// Makes a handshake.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.config.clone())
    }
}

/// The files that TLS of a listener is made of.
pub(crate) fn server_files(settings: &ListenerTls) -> impl Iterator<Item = &Path> {
    let authorities = match &settings.clients {
        ClientCertificates::None => None,
        ClientCertificates::Optional(path) | ClientCertificates::Required(path) => Some(path),
    };
    [&settings.certificate, &settings.key].into_iter().chain(authorities).map(PathBuf::as_path)
}

/// The files that TLS toward a backend is made of. Those of the system's authorities are not among them.
pub(crate) fn client_files(settings: &BackendTls) -> impl Iterator<Item = &Path> {
    let identity = settings.identity.iter().flat_map(|identity| [&identity.certificate, &identity.key]);
    settings.ca.iter().chain(identity).map(PathBuf::as_path)
}

/// A number that tells what files hold from what they held before; one that cannot be read is as good as empty.
pub(crate) fn contents<'p>(files: impl Iterator<Item = &'p Path>) -> u64 {
    let mut hasher = DefaultHasher::new();
    files.for_each(|path| std::fs::read(path).unwrap_or_default().hash(&mut hasher));
    hasher.finish()
}

/// The certificates of a PEM file, at least one.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let failed = |error| TlsError::File(path.to_owned(), error);
    let certificates = CertificateDer::pem_file_iter(path).map_err(failed)?;
    let certificates: Vec<_> = certificates.collect::<Result<_, _>>().map_err(failed)?;
    if certificates.is_empty() { Err(failed(pem::Error::NoItemsFound)) } else { Ok(certificates) }
}

fn key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_file(path).map_err(|error| TlsError::File(path.to_owned(), error))
}

fn authorities(path: &Path) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots.add(certificate).map_err(|error| TlsError::Refused(path.to_owned(), error))?;
    }
    Ok(roots)
}

/// The authorities that the system trusts. One that cannot be understood is passed over.
fn system_authorities() -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() { Err(TlsError::NoSystemAuthorities) } else { Ok(roots) }
}
