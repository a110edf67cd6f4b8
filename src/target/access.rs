//! How a server is entered: whose certificates are believed, and how its tokens are made.

use std::sync::Arc;
use std::time::Duration;

use ringcheck_reference::client::{Client, Event, UrlError};
use ringcheck_reference::tls::Trust;

use crate::token::{Claims, Signer};

/// How a server is entered. By default: believing whom the system believes, and without tokens.
#[derive(Debug, Clone, Default)]
pub struct Access {
    trust: Option<Trust>,
    signer: Option<Arc<Signer>>,
}

/// Longer than any run, so that no token runs out in one.
const TOKEN_LASTS: Duration = Duration::from_secs(24 * 3600);

impl Access {
    /// With these issuers of certificates instead of the system's, and with a token made for each user.
    pub fn new(trust: Option<Trust>, signer: Option<Signer>) -> Self {
        Self {
            trust,
            signer: signer.map(Arc::new),
        }
    }

    /// A new token for the user, where tokens are made.
    pub fn token(&self, user: &str) -> Option<String> {
        let signer = self.signer.as_ref()?;
        signer.sign(&Claims::lasting(user, TOKEN_LASTS))
    }

    /// A token that says just that, where tokens are made.
    pub(crate) fn sign(&self, claims: &Claims) -> Option<String> {
        self.signer.as_ref()?.sign(claims)
    }

    /// Whether tokens are made.
    pub(crate) fn makes_tokens(&self) -> bool {
        self.signer.is_some()
    }

    /// Whose certificates are believed; `None` where it is nobody's business, or the system's.
    pub(crate) fn trust(&self) -> Option<&Trust> {
        self.trust.as_ref()
    }

    /// A client that enters so.
    ///
    /// # Errors
    /// When the URL is not one of an invitation server.
    pub fn client(
        &self,
        url: &str,
        observer: impl FnMut(&Event) + Send + 'static,
    ) -> Result<Client, UrlError> {
        match &self.trust {
            Some(trust) => Client::trusting(url, trust, observer),
            None => Client::start(url, observer),
        }
    }
}
