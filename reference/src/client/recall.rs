//! Telling a server that has just begun what another server knew: it keeps no journal, its clients do.

use std::borrow::Cow;
use std::time::Duration;

use super::Device;
use super::core::Core;
use super::invitation::InvitationId;
use crate::limits::Clocks;
use crate::wire::{ClientFrame, Peer, Stands};

/// An invitation that has ended on this side.
#[derive(Debug)]
pub(super) struct Past {
    id: InvitationId,
    at: Duration,
    peer: Peer<'static>,
    stands: Stands<'static>,
}

/// A server that has just begun.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beginner {
    /// When it began.
    began: Duration,
    /// Until when it may not have heard of everything.
    until: Duration,
}

impl Beginner {
    /// The server that says so in its `welcome`; `None` if it has run for long.
    pub(super) fn told(now: Duration, starting: Duration, clocks: Clocks) -> Option<Self> {
        if starting.is_zero() {
            return None;
        }
        let until = now.saturating_add(starting);
        Some(Self {
            began: until.saturating_sub(clocks.longest_life()),
            until,
        })
    }
}

impl Core {
    /// Whether something that the client knows since then may be unknown to the server for now.
    fn may_be_unheard_of(&self, now: Duration, since: Duration) -> bool {
        self.beginner
            .is_some_and(|server| since < server.began && now < server.until)
    }

    /// Says where everything stands that began before the server did.
    pub(super) fn recall(&mut self, now: Duration, device: &mut impl Device) {
        let clocks = self.clocks().unwrap_or_default();
        while self
            .past
            .front()
            .is_some_and(|past| past.at.saturating_add(clocks.longest_life()) <= now)
        {
            self.past.pop_front();
        }
        for past in &self.past {
            if self.may_be_unheard_of(now, past.at) {
                device.send(&ClientFrame::Recall {
                    id: Cow::Borrowed(&past.id),
                    peer: past.peer.clone(),
                    stands: past.stands.clone(),
                });
            }
        }
        for local in self
            .open_locals
            .values()
            .filter_map(|id| self.locals.get(id))
        {
            let Some(wire) = &local.wire else { continue };
            if !self.may_be_unheard_of(now, wire.at) {
                continue;
            }
            let stands = match (local.canceling, wire.acked) {
                (true, _) => Stands::Canceling,
                (false, Some(acked)) => Stands::Ringing {
                    content: Cow::Borrowed(&wire.content),
                    channel: Cow::Borrowed(&wire.channel),
                    age: now.saturating_sub(wire.at),
                    acked: now.saturating_sub(acked),
                },
                // All that is to be said of it is in its `invite`.
                (false, None) => continue,
            };
            device.send(&ClientFrame::Recall {
                id: Cow::Borrowed(&local.seen.id),
                peer: Peer::Callee(Cow::Borrowed(&local.seen.callee)),
                stands,
            });
        }
        for remote in self
            .open_remotes
            .values()
            .filter_map(|id| self.remotes.get(id))
        {
            if self.may_be_unheard_of(now, remote.received) {
                let age = now.saturating_sub(remote.received);
                device.send(&ClientFrame::Recall {
                    id: Cow::Borrowed(&remote.seen.id),
                    peer: Peer::Caller(Cow::Borrowed(&remote.seen.caller)),
                    stands: Stands::Ringing {
                        content: Cow::Borrowed(&remote.seen.content),
                        channel: Cow::Borrowed(&remote.seen.channel),
                        age,
                        acked: age,
                    },
                });
            }
        }
    }

    /// Keeps how an invitation has ended here, for a server that does not know.
    pub(super) fn keep(&mut self, past: Past) {
        if self.past.len() >= self.remembered_max {
            self.past.pop_front();
        }
        self.past.push_back(past);
    }
}

impl Past {
    /// An invitation that ended so, with its other user.
    pub(super) fn new(
        at: Duration,
        id: &InvitationId,
        peer: Peer<'static>,
        stands: Stands<'static>,
    ) -> Self {
        Self {
            id: id.clone(),
            at,
            peer,
            stands,
        }
    }
}

/// A refuse with its response.
pub(super) fn refused(response: &str) -> Stands<'static> {
    Stands::Refused {
        response: Cow::Owned(response.to_owned()),
    }
}
