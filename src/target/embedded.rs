//! The reference server inside this process, on a free loopback port.

use std::net::{Ipv4Addr, SocketAddr};

use ringcheck_reference::fault::Fault;
use ringcheck_reference::limits::{Clocks as Announced, Limits};
use ringcheck_reference::server::{Server, Settings};

pub use ringcheck_reference::server::StartError;

use super::announced;
use crate::history::Clocks;

/// A reference server that lives as long as this value.
#[derive(Debug)]
pub struct Embedded {
    server: Server,
    clocks: Clocks,
}

impl Embedded {
    /// Starts a server whose limits are the lifecycle's times `timer_scale`.
    ///
    /// # Errors
    /// When no loopback port can be listened on.
    pub fn start(timer_scale: f64) -> Result<Self, StartError> {
        Self::bent(timer_scale, None)
    }

    /// As [`Embedded::start`], with a deviation switched on: for checking the judge.
    ///
    /// # Errors
    /// When no loopback port can be listened on.
    pub fn bent(timer_scale: f64, fault: Option<Fault>) -> Result<Self, StartError> {
        let limits = Limits {
            clocks: Announced::default().scaled(timer_scale),
            ..Limits::default()
        };
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Ok(Self {
            clocks: announced(&limits.clocks),
            server: Server::start(Settings {
                listen,
                limits,
                fault,
                ..Settings::default()
            })?,
        })
    }

    /// The clocks that it announces.
    pub fn clocks(&self) -> Clocks {
        self.clocks
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("ws://{}", self.server.address())
    }
}
