//! What the cores want done, gathered while they work and carried out after.

use ringcheck_reference::client::{Device, Event};
use ringcheck_reference::server::{ConnectionId, Outbox};
use ringcheck_reference::wire::{ByeReason, ClientFrame, ServerFrame};

/// A frame on its way.
#[derive(Debug, Clone)]
pub(super) struct Letter {
    pub(super) text: String,
    /// Whether it is about an invitation, so that a repeat of it must change nothing.
    pub(super) repeatable: bool,
}

/// What a client core wants done.
#[derive(Debug)]
pub(super) enum Deed {
    Say(Letter),
    Tell(Event),
    Connect,
    Disconnect,
}

/// A client's device.
#[derive(Debug, Default)]
pub(super) struct Hand(pub(super) Vec<Deed>);

impl Device for Hand {
    fn send(&mut self, frame: &ClientFrame<'_>) {
        let (text, repeatable) = (frame.encode(), frame.id().is_some());
        self.0.push(Deed::Say(Letter { text, repeatable }));
    }

    fn event(&mut self, event: Event) {
        self.0.push(Deed::Tell(event));
    }

    fn connect(&mut self) {
        self.0.push(Deed::Connect);
    }

    fn disconnect(&mut self) {
        self.0.push(Deed::Disconnect);
    }
}

/// What the server core wants sent, and which connections it wants closed.
#[derive(Debug, Default)]
pub(super) struct Post(pub(super) Vec<(u64, Result<String, ByeReason>)>);

impl Outbox for Post {
    fn send(&mut self, connection: ConnectionId, frame: &ServerFrame<'_>) {
        self.0.push((connection.0, Ok(frame.encode())));
    }

    fn close(&mut self, connection: ConnectionId, reason: ByeReason) {
        self.0.push((connection.0, Err(reason)));
    }
}
