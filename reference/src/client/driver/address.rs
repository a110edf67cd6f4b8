//! Where a client connects to.

use tokio_rustls::rustls::pki_types::ServerName;
use tokio_tungstenite::tungstenite::http::Uri;

use crate::tls::{TlsError, Trust};

/// Why a URL is not one of an invitation server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Not a URL at all.
    #[error("`{url}` is not a URL: {reason}; hint: ws://127.0.0.1:8080")]
    Malformed {
        /// What was given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A host that no certificate can be for.
    #[error("`{url}` names no host that a certificate could be for; hint: wss://calls.example")]
    Name {
        /// What was given.
        url: String,
    },
    /// This system has nothing to encrypt with.
    #[error("`{url}` asks for TLS, which cannot be had here: {reason}")]
    Tls {
        /// What was given.
        url: String,
        /// Why not.
        reason: String,
    },
    /// Some other scheme, or none.
    #[error("`{url}` begins neither with `ws://` nor with `wss://`; hint: ws://127.0.0.1:8080")]
    Scheme {
        /// What was given.
        url: String,
    },
    /// No host.
    #[error("`{url}` names no host; hint: ws://127.0.0.1:8080")]
    Host {
        /// What was given.
        url: String,
    },
}

/// A server's address.
#[derive(Debug, Clone)]
pub(super) struct Address {
    pub(super) uri: Uri,
    pub(super) host: String,
    pub(super) port: u16,
    /// Whom to believe, and the name that the certificate must have; `None` is plain TCP.
    pub(super) tls: Option<(Trust, ServerName<'static>)>,
}

const PORT: u16 = 80;
const TLS_PORT: u16 = 443;

impl Address {
    /// Reads a URL. Without `trust`, TLS believes whom the system believes.
    pub(super) fn parse(url: &str, trust: Option<&Trust>) -> Result<Self, UrlError> {
        let given = || url.to_owned();
        let uri: Uri = url.parse().map_err(|error| UrlError::Malformed {
            url: given(),
            reason: format!("{error}"),
        })?;
        let is_tls = match uri.scheme_str() {
            Some("ws") => false,
            Some("wss") => true,
            Some(_) | None => return Err(UrlError::Scheme { url: given() }),
        };
        // An IPv6 address stands in brackets in a URL, and without them everywhere else.
        let host = uri.host().unwrap_or_default();
        let host = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned();
        if host.is_empty() {
            return Err(UrlError::Host { url: given() });
        }
        let tls = if is_tls {
            let name = ServerName::try_from(host.clone());
            let name = name.map_err(|_| UrlError::Name { url: given() })?;
            let trust = trust.map_or_else(Trust::system, |trust| Ok(trust.clone()));
            let reason = |error: TlsError| error.to_string();
            let trust = trust.map_err(reason);
            let trust = trust.map_err(|reason| UrlError::Tls {
                url: given(),
                reason,
            })?;
            Some((trust, name))
        } else {
            None
        };
        let usual = if is_tls { TLS_PORT } else { PORT };
        let port = uri.port_u16().unwrap_or(usual);
        Ok(Self {
            uri,
            host,
            port,
            tls,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_gives_host_and_port() {
        for (url, host, port) in [
            ("ws://127.0.0.1:8080", "127.0.0.1", 8080),
            ("ws://[::1]:9/path", "::1", 9),
            ("ws://calls.example", "calls.example", 80),
            ("wss://calls.example", "calls.example", 443),
        ] {
            let address = Address::parse(url, None).unwrap();
            assert_eq!((address.host.as_str(), address.port), (host, port));
        }
    }

    #[test]
    fn a_url_that_cannot_be_used_says_why() {
        let message = |url: &str| Address::parse(url, None).unwrap_err().to_string();
        assert!(message("wss://calls_example!").contains("certificate"));
        assert!(message("http://calls.example").contains("ws://"));
        assert!(message("calls.example:80").contains("ws://"));
        assert!(message("ws://").contains("not a URL"));
        assert!(message("").contains("not a URL"));
    }
}
