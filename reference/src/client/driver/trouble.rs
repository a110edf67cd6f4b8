//! Why a connection could not be opened, and whether another attempt could come to anything else.

use std::io;

use tokio_rustls::rustls;
use tokio_tungstenite::tungstenite::error::{Error, ProtocolError};
use tokio_tungstenite::tungstenite::http::StatusCode;

/// Why a connection could not be opened.
#[derive(Debug, Clone)]
pub(super) struct Trouble {
    pub(super) what: String,
    /// Whether another attempt would come to the same: a certificate that is not believed, somebody who is no such server.
    pub(super) stays: bool,
}

impl Trouble {
    pub(super) fn new(error: &Error) -> Self {
        let stays = match error {
            Error::Io(error) => is_of_tls(error),
            Error::Http(response) => is_final(response.status()),
            // Cut off in the middle, which may go better.
            Error::Protocol(ProtocolError::HandshakeIncomplete) => false,
            Error::Protocol(_) | Error::HttpFormat(_) | Error::AttackAttempt => true,
            Error::ConnectionClosed
            | Error::AlreadyClosed
            | Error::Tls(_)
            | Error::Capacity(_)
            | Error::WriteBufferFull(_)
            | Error::Utf8(_)
            | Error::Url(_) => false,
        };
        Self {
            what: error.to_string(),
            stays,
        }
    }
}

fn is_of_tls(error: &io::Error) -> bool {
    let inner = error.get_ref();
    inner.is_some_and(|inner| inner.is::<rustls::Error>())
}

/// Whether that was the server's last word. Too many at once, or too slow, may be better later, as may its own faults.
fn is_final(status: StatusCode) -> bool {
    let passes = [
        StatusCode::REQUEST_TIMEOUT,
        StatusCode::TOO_EARLY,
        StatusCode::TOO_MANY_REQUESTS,
    ];
    !status.is_server_error() && !passes.contains(&status)
}
