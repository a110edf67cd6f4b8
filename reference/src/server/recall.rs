//! Hearing from clients what another server knew, while this one has just begun.
//!
//! A server keeps no journal. Its clients hold all that matters: what is open on their side, and how what ended there a
//! while ago has ended. What they say of it counts only while the server is starting; later it knows better than they.

use std::sync::Arc;
use std::time::Duration;

use super::book::{Fault, Invitation, Side, UserId};
use super::clock::Clock;
use super::exchange::{Exchange, Mail};
use super::state::{Act, EXPIRE, End, State};
use crate::wire::{Peer, Stands};

impl Exchange {
    /// Notes that somebody has come to the server: from the first on, it is starting for as long as an invitation can last.
    pub(super) fn begin(&mut self, now: Duration) {
        self.began.get_or_insert(now);
    }

    /// How long there may still be things that it has not heard of.
    pub(super) fn starting(&self, now: Duration) -> Duration {
        let until = |began| began + self.limits.clocks.longest_life();
        self.began.map_or(now, until).saturating_sub(now)
    }

    /// A client says where an invitation stands on its side.
    pub(super) fn recall(
        &mut self,
        now: Duration,
        user: &UserId,
        (id, peer): (&str, &Peer<'_>),
        stands: &Stands<'_>,
        mail: &mut impl Mail,
    ) -> Result<(), Fault> {
        if self.starting(now).is_zero() {
            return Ok(());
        }
        let side = match peer {
            Peer::Callee(_) => Side::Local,
            Peer::Caller(_) => Side::Remote,
        };
        if self.invitation_of.contains_key(id) {
            let key = self.find(user, id, side)?;
            if !self
                .invitations
                .get(key)
                .is_some_and(|found| found.is_foreign)
            {
                return Ok(());
            }
            if let (Stands::Ringing { acked, .. }, Side::Remote) = (stands, side) {
                let sent = self.invitations.get(key).map_or(now, |found| found.sent);
                let until = self.expires(now.saturating_sub(*acked).max(sent), sent);
                self.act(now, key, Act::InviteAck { until }, mail);
            }
            if let Some(end) = ending(stands, side) {
                self.write_response(key, stands);
                self.act(now, key, Act::Recalled { end }, mail);
                self.settle(key, side);
            }
            return Ok(());
        }
        let peer: UserId = match peer {
            Peer::Callee(name) | Peer::Caller(name) => Arc::from(&**name),
        };
        let (own, other) = (self.party(user), self.party(&peer));
        let (caller, callee) = match side {
            Side::Local => (own, other),
            Side::Remote => (other, own),
        };
        let room = self.admit(caller, callee);
        if room.is_err() {
            self.drop_if_idle(caller);
            return room;
        }
        self.take_up(now, (id, side), (caller, callee), stands, mail);
        Ok(())
    }

    /// Puts an invitation into the table as it stood.
    fn take_up(
        &mut self,
        now: Duration,
        (id, side): (&str, Side),
        (caller, callee): (usize, usize),
        stands: &Stands<'_>,
        mail: &mut impl Mail,
    ) {
        let (state, content, channel, sent) = match stands {
            Stands::Ringing {
                content,
                channel,
                age,
                acked,
            } => {
                let sent = now.saturating_sub(*age);
                let until = self.expires(now.saturating_sub(*acked).max(sent), sent);
                (State::Ringing { until }, &**content, &**channel, sent)
            }
            Stands::Canceling
            | Stands::Accepted
            | Stands::Refused { .. }
            | Stands::Canceled
            | Stands::Failed(_) => {
                let ended = ending(stands, side).map_or(State::Canceling, State::Ended);
                (ended, "", "", now)
            }
        };
        self.serial += 1;
        let session = self.parties.get(caller).and_then(|party| party.session);
        let id: Arc<str> = Arc::from(id);
        let key = self.invitations.insert(Invitation {
            serial: self.serial,
            id: id.clone(),
            caller,
            callee,
            caller_session: session.unwrap_or(0),
            content: content.into(),
            channel: channel.into(),
            response: match stands {
                Stands::Refused { response } => (&**response).into(),
                Stands::Ringing { .. }
                | Stands::Canceling
                | Stands::Accepted
                | Stands::Canceled
                | Stands::Failed(_) => Box::default(),
            },
            sent,
            acked: true,
            state,
            is_foreign: true,
            since: now,
            local_settled: false,
            remote_settled: false,
        });
        self.invitation_of.insert(id, key);
        self.involve(caller, callee, key);
        let clocks = self.limits.clocks;
        match state {
            State::Ringing { until } => {
                self.pass(now, key, None, mail);
                self.start(Clock::Expiry, until, key);
                // A device that has it takes no notice; another of the same user must ring.
                if until > now {
                    self.ring(now, key, mail);
                }
            }
            State::Canceling => {
                self.pass(now, key, None, mail);
                self.start(Clock::CancelBound, now + clocks.cancel_bound, key);
                self.tell(key, Side::Remote, mail);
            }
            State::Waiting { .. } | State::Accepting | State::Ended(_) => {
                self.release(key);
                self.start(Clock::Memory, now + clocks.longest_life(), key);
                self.settle(key, side);
            }
        }
    }

    fn write_response(&mut self, key: usize, stands: &Stands<'_>) {
        if let Stands::Refused { response } = stands
            && let Some(found) = self.invitations.get_mut(key)
            && !matches!(found.state, State::Ended(_))
        {
            found.response = (&**response).into();
        }
    }
}

/// How an invitation has ended that stands so on that side; `None` if it is open.
fn ending(stands: &Stands<'_>, side: Side) -> Option<End> {
    Some(match (stands, side) {
        (Stands::Ringing { .. } | Stands::Canceling, _) => return None,
        (Stands::Accepted, _) => End::Accepted,
        (Stands::Refused { .. }, _) => End::Refused,
        (Stands::Canceled, _) => End::Canceled,
        (Stands::Failed(code), Side::Local) => End::Failed {
            local: *code,
            remote: EXPIRE,
        },
        // Whatever the callee failed with, its caller has not been accepted (AGR-5, AGR-6).
        (Stands::Failed(code), Side::Remote) => End::Failed {
            local: EXPIRE,
            remote: *code,
        },
    })
}
