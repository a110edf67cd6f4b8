//! Deviations at the client's edge: the results of its calls, and its callbacks.

use std::sync::Arc;

use super::Fault;
use crate::client::{
    ConnectionReason, ConnectionState, Event, InvitationId, LocalCallback, LocalFailure,
    LocalState, RemoteCallback, RemoteState,
};

/// A client's deviation, with what it remembers in order to deviate.
#[derive(Debug)]
pub(crate) struct Bend {
    pub(crate) fault: Fault,
    /// What the user last heard of an invitation.
    last: Option<Event>,
    /// The connection was lost.
    lost: bool,
}

impl Bend {
    pub(crate) fn new(fault: Fault) -> Self {
        Self {
            fault,
            last: None,
            lost: false,
        }
    }

    /// What the user is told instead of `event`.
    pub(crate) fn event(&mut self, event: Event) -> Vec<Event> {
        match event.clone() {
            Event::Local {
                id,
                callback,
                state,
            } => {
                self.last = Some(event);
                self.local(id, callback, state)
            }
            Event::Remote {
                id,
                callback,
                state,
            } => {
                self.last = Some(event);
                self.remote(id, callback, state)
            }
            Event::Connection { state, reason } => self.connection(state, reason),
            Event::TokenExpiring { .. }
            | Event::TokenRenewed { .. }
            | Event::Wire { .. }
            | Event::Refused { .. } => {
                vec![event]
            }
        }
    }

    fn local(&self, id: InvitationId, callback: LocalCallback, state: LocalState) -> Vec<Event> {
        let event = |id: &InvitationId, callback, state| Event::Local {
            id: id.clone(),
            callback,
            state,
        };
        let honest = event(&id, callback.clone(), state);
        let acked = callback == LocalCallback::ReceivedByPeer;
        let ends = !acked;
        match self.fault {
            Fault::UncreatedHeardOf if acked => {
                let other: InvitationId = Arc::from(format!("{id}0"));
                vec![event(&other, callback, state), honest]
            }
            Fault::RingHidden if acked => Vec::new(),
            Fault::PeerAckTwice if acked => vec![honest.clone(), honest],
            Fault::LocalEndsTwice if ends => vec![honest.clone(), honest],
            Fault::LocalEndsAgainDifferently if ends => {
                let again = event(&id, LocalCallback::Canceled, LocalState::Canceled);
                vec![honest, again]
            }
            Fault::StateBehind => {
                let behind = if acked {
                    LocalState::SentToRemote
                } else {
                    LocalState::ReceivedByRemote
                };
                vec![event(&id, callback, behind)]
            }
            Fault::StatesSwapped => {
                let swapped = match state {
                    LocalState::AcceptedByRemote => LocalState::RefusedByRemote,
                    LocalState::RefusedByRemote => LocalState::AcceptedByRemote,
                    other => other,
                };
                vec![event(&id, callback, swapped)]
            }
            Fault::NotLoggedInSilent
                if callback == LocalCallback::Failure(LocalFailure::NotLoggedIn) =>
            {
                Vec::new()
            }
            Fault::PeerAckAfterEnd if ends => {
                let again = event(
                    &id,
                    LocalCallback::ReceivedByPeer,
                    LocalState::ReceivedByRemote,
                );
                vec![honest, again]
            }
            _ => vec![honest],
        }
    }

    fn remote(&self, id: InvitationId, callback: RemoteCallback, state: RemoteState) -> Vec<Event> {
        let rings = matches!(callback, RemoteCallback::Received { .. });
        let event = |state| Event::Remote {
            id: id.clone(),
            callback: callback.clone(),
            state,
        };
        match self.fault {
            Fault::RingHidden if rings => Vec::new(),
            Fault::RingTwice if rings => vec![event(state), event(state)],
            Fault::RemoteEndsTwice if !rings => vec![event(state), event(state)],
            Fault::StateBehind if !rings => vec![event(RemoteState::InvitationReceived)],
            Fault::StatesSwapped => vec![event(match state {
                RemoteState::Accepted => RemoteState::Refused,
                RemoteState::Refused => RemoteState::Accepted,
                other => other,
            })],
            _ => vec![event(state)],
        }
    }

    fn connection(&mut self, state: ConnectionState, reason: ConnectionReason) -> Vec<Event> {
        let honest = Event::Connection { state, reason };
        let back = self.lost && reason == ConnectionReason::LoginSuccess;
        self.lost = reason == ConnectionReason::Interrupted;
        match (self.fault, reason, &self.last) {
            (Fault::ToldAgainOnReturn, _, Some(last)) if back => vec![honest, last.clone()],
            (Fault::LossMiscalled, ConnectionReason::Interrupted, _) => {
                let state = ConnectionState::Disconnected;
                vec![Event::Connection { state, reason }]
            }
            (Fault::HeardAfterLogout, ConnectionReason::Logout, Some(Event::Remote { id, .. })) => {
                let id = id.clone();
                let (callback, state) = (RemoteCallback::Canceled, RemoteState::Canceled);
                let heard = Event::Remote {
                    id,
                    callback,
                    state,
                };
                vec![honest, heard]
            }
            (Fault::HeardAfterLogout, ConnectionReason::Logout, Some(Event::Local { id, .. })) => {
                let id = id.clone();
                let (callback, state) = (LocalCallback::Canceled, LocalState::Canceled);
                let heard = Event::Local {
                    id,
                    callback,
                    state,
                };
                vec![honest, heard]
            }
            _ => vec![honest],
        }
    }
}
