//! Telling both sides of an invitation what they should know, and forgetting it once they do.

use std::borrow::Cow;
use std::time::Duration;

use super::book::Side;
use super::exchange::{Exchange, Mail};
use super::state::{End, State};
use crate::limits::UNCONFIRMED_MAX;
use crate::wire::ServerFrame;

impl Exchange {
    pub(super) fn ring(&self, now: Duration, key: usize, mail: &mut impl Mail) {
        let Some(found) = self.invitations.get(key) else {
            return;
        };
        let (Some(caller), Some(callee)) = (
            self.parties.get(found.caller),
            self.parties.get(found.callee),
        ) else {
            return;
        };
        let until = match found.state {
            State::Ringing { until } => until,
            State::Waiting { .. } | State::Accepting | State::Canceling | State::Ended(_) => {
                self.expires(now, found.sent)
            }
        };
        let frame = ServerFrame::RemoteReceived {
            id: Cow::Borrowed(&found.id),
            caller: Cow::Borrowed(&caller.user),
            content: Cow::Borrowed(&found.content),
            channel: Cow::Borrowed(&found.channel),
            remaining: until.saturating_sub(now),
        };
        mail.deliver(&callee.user, &frame);
    }

    /// Sends a side what it should have heard by now. A client absorbs what it has heard before.
    pub(super) fn tell(&mut self, key: usize, side: Side, mail: &mut impl Mail) {
        let Some(found) = self.invitations.get(key) else {
            return;
        };
        let party = match side {
            Side::Local => found.caller,
            Side::Remote => found.callee,
        };
        let handle = (key, found.serial);
        let Some(party) = self.parties.get_mut(party) else {
            return;
        };
        let id = || Cow::Borrowed(&*found.id);
        let response = || Cow::Borrowed(&*found.response);
        let (frame, ending) = match (side, found.state) {
            (Side::Local, _) if party.session != Some(found.caller_session) => return,
            (Side::Local, State::Waiting { .. } | State::Canceling)
            | (Side::Remote, State::Waiting { .. } | State::Ringing { .. } | State::Accepting) => {
                return;
            }
            (Side::Local, State::Ringing { .. }) => {
                (ServerFrame::LocalReceived { id: id() }, false)
            }
            (Side::Local, State::Accepting) => (
                ServerFrame::LocalAccepted {
                    id: id(),
                    response: response(),
                },
                false,
            ),
            (Side::Remote, State::Canceling) => (ServerFrame::RemoteCanceled { id: id() }, false),
            (Side::Local, State::Ended(end)) => (
                match end {
                    End::Accepted => ServerFrame::LocalAccepted {
                        id: id(),
                        response: response(),
                    },
                    End::Refused => ServerFrame::LocalRefused {
                        id: id(),
                        response: response(),
                    },
                    End::Canceled => ServerFrame::LocalCanceled { id: id() },
                    End::Failed { local, .. } => ServerFrame::LocalFailed {
                        id: id(),
                        code: local,
                    },
                },
                true,
            ),
            (Side::Remote, State::Ended(end)) => (
                match end {
                    End::Accepted => ServerFrame::RemoteAccepted { id: id() },
                    End::Refused => ServerFrame::RemoteRefused { id: id() },
                    End::Canceled => ServerFrame::RemoteCanceled { id: id() },
                    End::Failed { remote, .. } => ServerFrame::RemoteFailed {
                        id: id(),
                        code: remote,
                    },
                },
                true,
            ),
        };
        let number = mail.deliver(&party.user, &frame);
        if ending && let Some(number) = number {
            // What falls out here is remembered a little longer, and no more.
            if party.unconfirmed.len() >= UNCONFIRMED_MAX {
                party.unconfirmed.pop_front();
            }
            party.unconfirmed.push_back((number, handle, side));
        }
    }

    pub(super) fn settle(&mut self, key: usize, side: Side) {
        let Some(found) = self.invitations.get_mut(key) else {
            return;
        };
        match side {
            Side::Local => found.local_settled = true,
            Side::Remote => found.remote_settled = true,
        }
        self.forget_if_settled(key);
    }

    pub(super) fn forget_if_settled(&mut self, key: usize) {
        if self
            .invitations
            .get(key)
            .is_some_and(|found| found.local_settled && found.remote_settled)
        {
            self.forget(key);
        }
    }

    pub(super) fn forget(&mut self, key: usize) {
        let Some(found) = self.invitations.try_remove(key) else {
            return;
        };
        self.invitation_of.remove(&found.id);
        for party in [found.caller, found.callee] {
            if let Some(party) = self.parties.get_mut(party) {
                party.involved -= 1;
            }
            self.drop_if_idle(party);
        }
    }
}
