//! Flags for entering a server: whose certificates are believed, and how its tokens are made.

use std::path::PathBuf;

use clap::Args;
use ringcheck_reference::tls::Trust;

use super::Failure;
use crate::target::Access;
use crate::token::Signer;

/// How the target is entered.
#[derive(Debug, Args)]
pub(super) struct AccessArgs {
    /// Believe certificates of the issuers in this PEM file, and of nobody else
    #[arg(long, env = "RINGCHECK_TLS_CA", value_name = "FILE")]
    tls_ca: Option<PathBuf>,

    /// Log every user in with a token signed with the last key of this file
    #[arg(long, env = "RINGCHECK_TOKEN_KEY", value_name = "FILE")]
    token_key: Option<PathBuf>,
}

impl AccessArgs {
    /// Reads the files, for that target.
    pub(super) fn access(&self, target: &str) -> Result<Access, Failure> {
        let signer = match &self.token_key {
            None => None,
            Some(path) => {
                let signer = Signer::read(path, None);
                Some(signer.map_err(|error| Failure::Usage(error.to_string()))?)
            }
        };
        Ok(Access::new(self.trust(target)?, signer))
    }

    /// Whom to believe. The system's own issuers are read once, and not again for every client.
    fn trust(&self, target: &str) -> Result<Option<Trust>, Failure> {
        let Some(path) = &self.tls_ca else {
            return if target.starts_with("wss:") {
                let trust = Trust::system();
                let trust = trust.map_err(|error| Failure::Usage(error.to_string()))?;
                Ok(Some(trust))
            } else {
                Ok(None)
            };
        };
        let wrong = |error: &dyn std::fmt::Display| {
            Failure::Usage(format!("`{}` cannot be used: {error}", path.display()))
        };
        let pem = std::fs::read(path).map_err(|error| wrong(&error))?;
        Trust::from_pem(&pem)
            .map(Some)
            .map_err(|error| wrong(&error))
    }

    /// The same flags as part of a command that is told.
    pub(super) fn again(&self, quoted: &dyn Fn(&str) -> String) -> String {
        [("tls-ca", &self.tls_ca), ("token-key", &self.token_key)]
            .iter()
            .filter_map(|(flag, path)| {
                let path = path.as_ref()?.display().to_string();
                Some(format!(" --{flag} {}", quoted(&path)))
            })
            .collect()
    }
}
