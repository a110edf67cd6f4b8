//! The reference server inside this process, on a free loopback port.

use std::net::{Ipv4Addr, SocketAddr};

use ringcheck_reference::limits::{Clocks, Limits};
use ringcheck_reference::server::{Auth, Server, Settings};

pub use ringcheck_reference::server::StartError;

/// A reference server that lives as long as this value.
#[derive(Debug)]
pub struct Embedded {
    server: Server,
}

impl Embedded {
    /// Starts a server whose limits are the lifecycle's times `timer_scale`.
    ///
    /// # Errors
    /// When no loopback port can be listened on.
    pub fn start(timer_scale: f64) -> Result<Self, StartError> {
        let limits = Limits {
            clocks: Clocks::default().scaled(timer_scale),
            ..Limits::default()
        };
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Ok(Self {
            server: Server::start(Settings {
                listen,
                limits,
                threads: 0,
                auth: Auth::Open,
            })?,
        })
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("ws://{}", self.server.address())
    }
}
