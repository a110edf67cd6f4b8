//! Pages in browsers: a server without tokens hears only those of its own machine.
//!
//! A browser lets a page of any site open a WebSocket to any address, 127.0.0.1 among them, and says in `Origin` whose page
//! it is. Where a token is asked for, a foreign page has none. Where none is, it could act as any user.

use std::net::IpAddr;

use tokio_tungstenite::tungstenite::handshake::server::Request;
use tokio_tungstenite::tungstenite::http::Uri;

/// Whether the request is that of a page from elsewhere. Apps and tools name no origin.
pub(super) fn is_foreign(request: &Request) -> bool {
    let mut origins = request.headers().get_all("Origin").iter();
    origins.any(|origin| !origin.to_str().is_ok_and(is_of_this_machine))
}

/// Whether a page comes from this machine. A page without an origin of its own (`null`) may come from anywhere.
fn is_of_this_machine(origin: &str) -> bool {
    let Ok(uri) = origin.parse::<Uri>() else {
        return false;
    };
    if uri.scheme().is_none() {
        return false;
    }
    let host = uri.host().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    match address.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        // Browsers resolve these to this machine and nowhere else (RFC 6761 §6.3).
        Err(_) => {
            let host = host.to_ascii_lowercase();
            host == "localhost" || host.ends_with(".localhost")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_this_machine_are_told_from_others() {
        for ours in [
            "http://localhost",
            "http://localhost:3000",
            "https://LOCALHOST:3000",
            "http://app.localhost:3000",
            "http://127.0.0.1:8080",
            "http://127.9.9.9",
            "http://[::1]:8080",
        ] {
            assert!(is_of_this_machine(ours), "{ours}");
        }
        for other in [
            "https://calls.example",
            "http://localhost.evil.example",
            "http://evil-localhost",
            "http://127.0.0.1.evil.example",
            "http://127.0.0.1@evil.example",
            "http://192.168.1.7",
            "http://[::2]",
            "null",
            "",
            "localhost",
            "file://",
        ] {
            assert!(!is_of_this_machine(other), "{other}");
        }
    }
}
