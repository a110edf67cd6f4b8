//! Flags for entering a server: whose certificates are believed, and how its tokens are made.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use ringcheck_reference::tls::Trust;

use super::Failure;
use crate::target::Access;
use crate::token::Signer;

/// How the target is entered.
#[derive(Debug, Args)]
pub(super) struct AccessArgs {
    /// Believe certificates of the issuers in this PEM file, and of nobody else [env: RINGCHECK_TLS_CA]
    #[arg(long, value_name = "FILE")]
    tls_ca: Option<PathBuf>,

    /// Log every user in with a token signed with the last key of this file [env: RINGCHECK_TOKEN_KEY]
    #[arg(long, value_name = "FILE")]
    token_key: Option<PathBuf>,
}

/// A variable, as a flag's value. Unlike the flag it may be there for other commands and targets.
pub(super) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

impl AccessArgs {
    /// Whether a flag says that tokens are made.
    pub(super) fn makes_tokens(&self) -> bool {
        self.token_key.is_some()
    }

    /// Reads the files, for that target.
    pub(super) fn access(&self, target: &str) -> Result<Access, Failure> {
        let from_environment = || variable("RINGCHECK_TOKEN_KEY").map(PathBuf::from);
        let signer = match self.token_key.clone().or_else(from_environment) {
            None => None,
            Some(path) => {
                let signer = Signer::read(&path, None);
                Some(signer.map_err(|error| Failure::Usage(error.to_string()))?)
            }
        };
        Ok(Access::new(self.trust(target)?, signer))
    }

    /// Whom to believe. The system's own issuers are read once, and not again for every client.
    fn trust(&self, target: &str) -> Result<Option<Trust>, Failure> {
        if !target.starts_with("wss:") {
            if self.tls_ca.is_some() {
                return Err(Failure::Usage(format!(
                    "`--tls-ca` is of use with `wss://` alone, and the target is `{target}`\n\
                     hint: leave it out, or say `wss://` to a server with TLS"
                )));
            }
            return Ok(None);
        }
        let from_environment = || variable("RINGCHECK_TLS_CA").map(PathBuf::from);
        let Some(path) = self.tls_ca.clone().or_else(from_environment) else {
            let trust = Trust::system();
            let trust = trust.map_err(|error| Failure::Usage(error.to_string()))?;
            return Ok(Some(trust));
        };
        let wrong = |error: &dyn std::fmt::Display| {
            Failure::Usage(format!("`{}` cannot be used: {error}", path.display()))
        };
        let pem = std::fs::read(&path).map_err(|error| wrong(&error))?;
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
