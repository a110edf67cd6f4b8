//! Where a client connects to.

use tokio_tungstenite::tungstenite::http::Uri;

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
    /// Encrypted connections are not supported.
    #[error("`{url}` asks for TLS, which this client does not speak; hint: ws://")]
    Tls {
        /// What was given.
        url: String,
    },
    /// Some other scheme, or none.
    #[error("`{url}` does not begin with `ws://`; hint: ws://127.0.0.1:8080")]
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
}

const PORT: u16 = 80;

impl Address {
    pub(super) fn parse(url: &str) -> Result<Self, UrlError> {
        let given = || url.to_owned();
        let uri: Uri = url.parse().map_err(|error| UrlError::Malformed {
            url: given(),
            reason: format!("{error}"),
        })?;
        match uri.scheme_str() {
            Some("ws") => {}
            Some("wss") => return Err(UrlError::Tls { url: given() }),
            Some(_) | None => return Err(UrlError::Scheme { url: given() }),
        }
        // An IPv6 address stands in brackets in a URL, and without them everywhere else.
        let host = uri.host().unwrap_or_default();
        let host = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned();
        if host.is_empty() {
            return Err(UrlError::Host { url: given() });
        }
        let port = uri.port_u16().unwrap_or(PORT);
        Ok(Self { uri, host, port })
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
        ] {
            let address = Address::parse(url).unwrap();
            assert_eq!((address.host.as_str(), address.port), (host, port));
        }
    }

    #[test]
    fn a_url_that_cannot_be_used_says_why() {
        let message = |url: &str| Address::parse(url).unwrap_err().to_string();
        assert!(message("wss://calls.example").contains("TLS"));
        assert!(message("http://calls.example").contains("ws://"));
        assert!(message("calls.example:80").contains("ws://"));
        assert!(message("ws://").contains("not a URL"));
        assert!(message("").contains("not a URL"));
    }
}
