//! The files that a server reads its secrets from. No message repeats what is in them.

use std::fmt::Display;
use std::fs;
use std::path::Path;

use ringcheck_reference::server::{Auth, Keys};
use ringcheck_reference::tls::{Identity, TlsError};

use super::settings::Settings;
use crate::cli::Failure;

/// What log-ins are proved with, and what the server shows of itself.
pub(super) struct Secrets {
    pub(super) auth: Auth,
    pub(super) identity: Option<Identity>,
}

impl Secrets {
    /// Reads what the settings name.
    pub(super) fn read(settings: &Settings) -> Result<Self, Failure> {
        let auth = match &settings.auth_keys {
            None => Auth::Open,
            Some(path) => {
                let text = String::from_utf8(bytes(path)?).map_err(|_| wrong(path, "not text"))?;
                Auth::Tokens(Keys::from_jwks(&text).map_err(|error| wrong(path, error))?)
            }
        };
        let identity = match (&settings.tls_cert, &settings.tls_key) {
            (Some(cert), Some(key)) => {
                let identity = Identity::from_pem(&bytes(cert)?, &bytes(key)?);
                Some(identity.map_err(|error| match error {
                    TlsError::Certificate(_) => wrong(cert, error),
                    TlsError::Key(_) => wrong(key, error),
                    TlsError::Unusable(_) => Failure::Usage(format!(
                        "`{}` and `{}` do not go together: {error}",
                        cert.display(),
                        key.display()
                    )),
                })?)
            }
            _ => None,
        };
        Ok(Self { auth, identity })
    }
}

fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| wrong(path, error))
}

fn wrong(path: &Path, error: impl Display) -> Failure {
    Failure::Usage(format!("`{}` cannot be used: {error}", path.display()))
}
