//! The invitation client: a core without clock, socket or randomness, and the WebSocket driver around it.

mod core;
mod driver;
mod event;
mod frames;
mod invitation;
mod link;
mod recall;

pub use self::core::Core;
pub use driver::{Calls, Client, EVENTS_MAX, Meddling, Raw, UrlError};
pub use event::{ConnectionReason, ConnectionState, Event, LocalCallback, RemoteCallback};
pub use invitation::{
    CallResult, InvitationId, LocalFailure, LocalInvitation, LocalState, RemoteFailure,
    RemoteInvitation, RemoteState,
};

use crate::wire::ClientFrame;

/// What the core acts through. The driver keeps the order: an event is told before any frame after it leaves.
pub trait Device {
    /// Sends a frame, if there is a connection; else the frame is lost, and repeated where that is needed.
    fn send(&mut self, frame: &ClientFrame<'_>);

    /// Tells the user.
    fn event(&mut self, event: Event);

    /// Opens a connection, and reports it as connected or, if that fails, as disconnected.
    fn connect(&mut self);

    /// Closes the connection once what was sent is out, without reporting it.
    fn disconnect(&mut self);
}
