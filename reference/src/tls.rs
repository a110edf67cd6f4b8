//! Certificates and trust, as rustls wants them.

use std::sync::Arc;

use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::NoServerSessionStorage;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};

/// Why a certificate or key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The certificates are not PEM, or there are none.
    #[error("no certificate could be read: {0}; hint: PEM, with `-----BEGIN CERTIFICATE-----`")]
    Certificate(String),
    /// The key is not PEM, or there is none.
    #[error("no private key could be read: {0}; hint: PEM, with `-----BEGIN PRIVATE KEY-----`")]
    Key(String),
    /// Both can be read, but not used.
    #[error("the certificate and its key cannot be used: {0}")]
    Unusable(String),
}

/// What a server shows of itself: its certificate, and the key that proves it. The key is never printed.
#[derive(Debug, Clone)]
pub struct Identity(pub(crate) Arc<ServerConfig>);

impl Identity {
    /// Reads a chain of certificates, the server's own first, and its private key, both PEM.
    ///
    /// # Errors
    /// [`TlsError`] when either cannot be read, or the key is not the certificate's.
    pub fn from_pem(certificates: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let certificates = certificates_of(certificates)?;
        let key =
            PrivateKeyDer::from_pem_slice(key).map_err(|error| TlsError::Key(error.to_string()))?;
        let unusable = |error: tokio_rustls::rustls::Error| TlsError::Unusable(error.to_string());
        let mut config = ServerConfig::builder_with_provider(crypto())
            .with_safe_default_protocol_versions()
            .map_err(unusable)?
            .with_no_client_auth()
            .with_single_cert(certificates, key)
            .map_err(unusable)?;
        // Sessions are resumed by their name inside; what TLS would remember of each is memory for little.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Self(Arc::new(config)))
    }
}

/// Whose certificates a client believes.
#[derive(Debug, Clone)]
pub struct Trust(pub(crate) Arc<ClientConfig>);

impl Trust {
    /// The same as rustls wants it, for tools that make connections of their own.
    pub fn config(&self) -> Arc<ClientConfig> {
        self.0.clone()
    }

    /// Whom this system believes. What it has that cannot be read is left out.
    ///
    /// # Errors
    /// [`TlsError::Unusable`] when no encryption can be set up at all.
    pub fn system() -> Result<Self, TlsError> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Self::roots(roots)
    }

    /// The issuers in a PEM file, and nobody else.
    ///
    /// # Errors
    /// [`TlsError`] when the certificates cannot be read.
    pub fn from_pem(certificates: &[u8]) -> Result<Self, TlsError> {
        let mut roots = RootCertStore::empty();
        for certificate in certificates_of(certificates)? {
            roots
                .add(certificate)
                .map_err(|error| TlsError::Certificate(error.to_string()))?;
        }
        Self::roots(roots)
    }

    fn roots(roots: RootCertStore) -> Result<Self, TlsError> {
        let config = ClientConfig::builder_with_provider(crypto())
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError::Unusable(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }
}

fn certificates_of(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let found: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|error| TlsError::Certificate(error.to_string()))?;
    if found.is_empty() {
        return Err(TlsError::Certificate("the file has none".to_owned()));
    }
    Ok(found)
}

fn crypto() -> Arc<tokio_rustls::rustls::crypto::CryptoProvider> {
    Arc::new(tokio_rustls::rustls::crypto::ring::default_provider())
}
