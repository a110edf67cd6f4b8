//! The invitation server: a core without clock, socket or randomness, and the WebSocket driver around it.

mod auth;
mod book;
mod clock;
mod core;
mod driver;
mod exchange;
#[cfg(test)]
mod hashing;
mod lobby;
mod passage;
mod queue;
mod recall;
mod state;
mod telling;

pub use self::core::{Core, Counts};
pub use auth::{Auth, Keys, KeysError};
pub use driver::{Server, Settings, StartError};
pub use passage::{Passage, Phase, Standing};

use crate::wire::{ByeReason, ServerFrame};

/// A connection, by a number of the driver's choosing that is never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// Where the core puts what it wants sent.
pub trait Outbox {
    /// Sends a frame over a connection, after everything sent over it before.
    fn send(&mut self, connection: ConnectionId, frame: &ServerFrame<'_>);

    /// Says goodbye over a connection and closes it. The driver reports it as closed in its own time.
    fn close(&mut self, connection: ConnectionId, reason: ByeReason);

    /// Hears of a step in an invitation's life, for counting and logging.
    fn passed(&mut self, _: &Passage<'_>) {}
}
