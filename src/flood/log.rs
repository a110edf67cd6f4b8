//! What both ends of a call did and heard, in a few bytes a deed: most calls are right, and nobody ever reads it.

use std::time::Duration;

use ringcheck_reference::client::InvitationId;

use super::person::Person;
use super::plan::chance;
use super::texts::Texts;
use crate::history::{Call, CallCode, Callback, ConnectionState, Event, FailureCode, Passed, What};

/// One thing that somebody did or heard.
#[derive(Debug)]
pub(super) struct Note {
    pub(super) at: Duration,
    /// Whose it is, by its place among the people of the thread.
    pub(super) place: u32,
    pub(super) session: u32,
    pub(super) deed: Deed,
}

/// What was done or heard.
#[derive(Debug)]
pub(super) enum Deed {
    Called(Call),
    Returned(Call, u8),
    CalledBack {
        callback: Callback,
        code: Option<u8>,
        state: u8,
        /// What came with it, where that is not what was sent.
        other: Option<Box<Passed>>,
    },
}

/// A digest of who did and heard what in which order.
pub(super) fn way(log: &[Note]) -> u64 {
    let mut way = 0;
    for note in log {
        let deed = match &note.deed {
            Deed::Called(call) => u64::from(*call as u8),
            Deed::Returned(call, code) => 0x1_0000 | u64::from(*call as u8) << 8 | u64::from(*code),
            Deed::CalledBack {
                callback,
                code,
                state,
                ..
            } => {
                let code = u64::from(code.unwrap_or_default());
                0x2_0000 << 8 | u64::from(*callback as u8) << 16 | code << 8 | u64::from(*state)
            }
        };
        way = chance(way, deed, u64::from(note.place & 1));
    }
    way
}

/// Whose call it is, and what it carries.
#[derive(Debug, Clone, Copy)]
pub(super) struct Carried<'a> {
    pub(super) people: &'a [Person],
    pub(super) texts: &'a Texts<'a>,
    pub(super) id: &'a InvitationId,
    pub(super) pair: usize,
    pub(super) number: u32,
}

impl Carried<'_> {
    /// The log of the call, as a history has it.
    pub(super) fn events(&self, log: &[Note]) -> Vec<Event> {
        log.iter().filter_map(|note| self.event(note)).collect()
    }

    /// The same among the changes of both connections, without which nobody could say what was owed when.
    pub(super) fn with_links(&self, log: &[Note]) -> Vec<Event> {
        let pair = self.people.get(2 * self.pair..2 * self.pair + 2);
        let links = pair.into_iter().flatten().flat_map(|one| &one.links);
        let mut all: Vec<Event> = links.cloned().chain(self.events(log)).collect();
        // Of what came at one moment: a connection is there before it is spoken over, and is lost after that.
        all.sort_by_key(|event| {
            let rank = match &event.what {
                What::Connection {
                    state: ConnectionState::Connecting | ConnectionState::Connected,
                    ..
                } => 0,
                What::Called { .. }
                | What::Returned { .. }
                | What::CalledBack { .. }
                | What::Wire { .. } => 1,
                What::Connection { .. } => 2,
            };
            (event.at, rank)
        });
        all
    }

    fn event(&self, note: &Note) -> Option<Event> {
        let invitation = self.id.clone();
        let what = match &note.deed {
            Deed::Called(call) => What::Called {
                call: *call,
                invitation,
                with: self.passed(*call),
            },
            Deed::Returned(call, code) => What::Returned {
                call: *call,
                invitation,
                code: CallCode(*code),
            },
            Deed::CalledBack {
                callback,
                code,
                state,
                other,
            } => What::CalledBack {
                callback: *callback,
                invitation,
                with: match other {
                    Some(other) => (**other).clone(),
                    None => self.came(*callback),
                },
                code: code.map(FailureCode),
                state: Some(*state),
            },
        };
        Some(Event {
            at: note.at,
            user: self.people.get(note.place as usize)?.name.clone(),
            session: note.session,
            what,
        })
    }

    /// What goes with a call of somebody.
    fn passed(&self, call: Call) -> Passed {
        match call {
            Call::Create | Call::Send => self.invitation(2 * self.pair + 1),
            Call::Accept | Call::Refuse => self.response(),
            Call::Cancel => Passed::default(),
        }
    }

    /// What comes with a callback if it is what was sent.
    fn came(&self, callback: Callback) -> Passed {
        match callback {
            Callback::RemoteReceived => self.invitation(2 * self.pair),
            Callback::LocalAccepted | Callback::LocalRefused => self.response(),
            Callback::LocalReceivedByPeer
            | Callback::LocalCanceled
            | Callback::LocalFailure
            | Callback::RemoteAccepted
            | Callback::RemoteRefused
            | Callback::RemoteCanceled
            | Callback::RemoteFailure => Passed::default(),
        }
    }

    /// The texts of the invitation, and who is at its other end.
    fn invitation(&self, peer: usize) -> Passed {
        Passed {
            peer: self.people.get(peer).map(|peer| peer.name.clone()),
            content: self.texts.content(self.number).payload.clone(),
            channel: self.texts.channel(self.number).payload.clone(),
            ..Passed::default()
        }
    }

    fn response(&self) -> Passed {
        Passed {
            response: self.texts.response(self.number).payload.clone(),
            ..Passed::default()
        }
    }
}
