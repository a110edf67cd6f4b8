//! The arbiter of every invitation: a plain value that takes `(now, user, frame)` and says what to deliver to whom.
//!
//! It knows users by id, whether each has a session, and nothing of connections. What it wants delivered goes out through
//! [`Mail`], addressed to a user id.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use foldhash::HashMap;
use slab::Slab;

use super::book::{Fault, Handle, Invitation, Party, Side, UserId};
use super::clock::{CLOCKS, Clock};
use super::passage::{Passage, Phase};
use super::queue::Queue;
use super::state::{Act, REMOTE_NO_RESPONSE, State};
use crate::limits::{Anchor, Limits};
use crate::wire::{ByeReason, ClientFrame, ServerFrame};

/// How the exchange reaches users.
pub(super) trait Mail {
    /// Sends a frame to the user's device. The frame's number on its connection, or `None` if there is no connection.
    fn deliver(&mut self, user: &UserId, frame: &ServerFrame<'_>) -> Option<u64>;

    /// Cuts the user's connection; the session stays.
    fn sever(&mut self, user: &UserId, reason: ByeReason);

    /// Hears of a step in an invitation's life.
    fn passed(&mut self, passage: &Passage<'_>);
}

/// The arbiter.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) limits: Limits,
    pub(super) parties: Slab<Party>,
    pub(super) party_of: HashMap<UserId, usize>,
    pub(super) invitations: Slab<Invitation>,
    pub(super) invitation_of: HashMap<Arc<str>, usize>,
    pub(super) serial: u64,
    pub(super) clocks: [Queue<Handle>; CLOCKS],
    /// When the first came who may know what another server knew; `None` while nobody has.
    pub(super) began: Option<Duration>,
    /// Whether nothing new is taken, because the server is to stop.
    pub(super) is_draining: bool,
}

impl Exchange {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            parties: Slab::new(),
            party_of: HashMap::default(),
            invitations: Slab::new(),
            invitation_of: HashMap::default(),
            serial: 0,
            clocks: std::array::from_fn(|_| Queue::new()),
            began: None,
            is_draining: false,
        }
    }

    /// How many invitations are open, and how many are in the table with those that are only remembered.
    pub(super) fn counts(&self) -> (usize, usize) {
        let open = self.parties.iter().map(|(_, party)| party.outgoing).sum();
        (open, self.invitations.len())
    }

    /// A user has a session now: a new one, which hears of everything that rings, or the old one over a new connection,
    /// which hears of what it did not acknowledge (SES-3).
    pub(super) fn present(
        &mut self,
        now: Duration,
        user: &UserId,
        session: u64,
        fresh: bool,
        mail: &mut impl Mail,
    ) {
        // What fell due before the user came is over, and does not ring first.
        self.tick(now, mail);
        let key = self.party(user);
        let window = self
            .limits
            .clocks
            .no_ack
            .max(self.limits.clocks.offline_window);
        let Some(party) = self.parties.get_mut(key) else {
            return;
        };
        party.session = Some(session);
        party.unconfirmed.clear();
        let incoming: Vec<usize> = party.incoming.values().copied().collect();
        for invitation in incoming {
            let Some(found) = self.invitations.get_mut(invitation) else {
                continue;
            };
            match found.state {
                State::Waiting { rung, .. } => {
                    let before = Phase::of(found.state);
                    // One whose time for the ack is over is only waited for, and does not flash up.
                    let in_time = now < found.sent + window;
                    found.state = State::Waiting {
                        rung: rung || in_time,
                        present: true,
                    };
                    if !in_time {
                        continue;
                    }
                    if before == Phase::Waiting {
                        self.pass(now, invitation, Some(before), mail);
                    }
                    self.ring(now, invitation, mail);
                }
                State::Ringing { .. } if fresh => self.ring(now, invitation, mail),
                // The device that was rung is gone for good, unless its session only is new to this server.
                State::Canceling if fresh && !found.is_foreign => {
                    self.act(now, invitation, Act::CalleeGone, mail);
                }
                // The device may not have heard of the cancel (CAN-4).
                State::Canceling => self.tell(invitation, Side::Remote, mail),
                State::Ringing { .. } | State::Accepting | State::Ended(_) => {}
            }
        }
    }

    /// A user's session is over.
    pub(super) fn absent(&mut self, now: Duration, user: &UserId, mail: &mut impl Mail) {
        let Some(key) = self.party_of.get(user).copied() else {
            return;
        };
        let Some(party) = self.parties.get_mut(key) else {
            return;
        };
        party.session = None;
        party.unconfirmed.clear();
        let incoming: Vec<usize> = party.incoming.values().copied().collect();
        for invitation in incoming {
            self.act(now, invitation, Act::CalleeGone, mail);
        }
        self.drop_if_idle(key);
    }

    /// Whether a user has an open invitation on either side.
    pub(super) fn holds_open(&self, user: &UserId) -> bool {
        self.party_of
            .get(user)
            .and_then(|key| self.parties.get(*key))
            .is_some_and(|party| party.outgoing > 0 || !party.incoming.is_empty())
    }

    /// A user's device has taken all frames up to that number: what ended in them need not be remembered for it.
    pub(super) fn confirm(&mut self, user: &UserId, seen: u64) {
        let Some(key) = self.party_of.get(user).copied() else {
            return;
        };
        while let Some(party) = self.parties.get_mut(key)
            && let Some((_, handle, side)) = party
                .unconfirmed
                .pop_front_if(|(number, ..)| *number <= seen)
        {
            if self.is_current(handle) {
                self.settle(handle.0, side);
            }
        }
    }

    /// A logged-in user says something about an invitation. What is wrong with it is returned and changes nothing.
    pub(super) fn frame(
        &mut self,
        now: Duration,
        user: &UserId,
        frame: &ClientFrame<'_>,
        mail: &mut impl Mail,
    ) -> Result<(), Fault> {
        match frame {
            ClientFrame::Login { .. }
            | ClientFrame::Logout
            | ClientFrame::Renew { .. }
            | ClientFrame::Ping { .. } => Ok(()),
            ClientFrame::Invite {
                id,
                callee,
                content,
                channel,
                age,
            } => self.invite(now, user, (id, callee), (content, channel), *age, mail),
            ClientFrame::Cancel { id } => {
                let key = self.find(user, id, Side::Local)?;
                // Whatever session says it is told how it ends, as after a repeated invite.
                self.adopt(key);
                let callee_present = self
                    .invitations
                    .get(key)
                    .is_some_and(|found| self.has_session(found.callee));
                self.act_or_tell(now, key, Act::Cancel { callee_present }, Side::Local, mail)
            }
            ClientFrame::AcceptAck { id } => {
                let key = self.find(user, id, Side::Local)?;
                self.act(now, key, Act::AcceptAck, mail);
                Ok(())
            }
            ClientFrame::InviteAck { id } => {
                let key = self.find(user, id, Side::Remote)?;
                let act = self.invite_ack(now, key);
                self.act_or_tell(now, key, act, Side::Remote, mail)
            }
            ClientFrame::CancelAck { id } => {
                let key = self.find(user, id, Side::Remote)?;
                self.act(now, key, Act::CancelAck, mail);
                Ok(())
            }
            ClientFrame::Recall { id, peer, stands } => {
                self.recall(now, user, (id, peer), stands, mail)
            }
            ClientFrame::Accept { id, response } => {
                self.answer(now, user, (id, response), Act::Accept, mail)
            }
            ClientFrame::Refuse { id, response } => {
                self.answer(now, user, (id, response), Act::Refuse, mail)
            }
        }
    }

    fn invite(
        &mut self,
        now: Duration,
        user: &UserId,
        (id, callee): (&str, &str),
        (content, channel): (&str, &str),
        age: Duration,
        mail: &mut impl Mail,
    ) -> Result<(), Fault> {
        let caller = self.party(user);
        let Some(session) = self.parties.get(caller).and_then(|party| party.session) else {
            return Ok(());
        };
        if let Some(key) = self.invitation_of.get(id).copied() {
            let Some(found) = self
                .invitations
                .get_mut(key)
                .filter(|found| found.caller == caller)
            else {
                return Err(Fault::IdTaken);
            };
            // A repeat never rings twice; it gets what the caller may have missed.
            found.caller_session = session;
            self.tell(key, Side::Local, mail);
            return Ok(());
        }
        if age >= self.limits.clocks.longest_life() {
            // All of its limits have passed somewhere else, perhaps before this server began. Whether the callee ever had
            // it is not known here; a caller that knows it has turns this into Expire (AGR-4).
            mail.deliver(
                user,
                &ServerFrame::LocalFailed {
                    id: Cow::Borrowed(id),
                    code: REMOTE_NO_RESPONSE,
                },
            );
            return Ok(());
        }
        if self.is_draining {
            return Err(Fault::Draining);
        }
        let callee = self.party(&Arc::from(callee));
        self.admit(caller, callee)?;
        let sent = now.saturating_sub(age);
        let present = self.has_session(callee);
        // What comes when the time for the ack is over fails at once, and does not flash up at the callee before.
        let rung = present && age < self.limits.clocks.no_ack;
        let is_foreign = self.began.is_some_and(|began| sent < began);
        self.serial += 1;
        let invitation = Invitation {
            serial: self.serial,
            id: Arc::from(id),
            caller,
            callee,
            caller_session: session,
            content: content.into(),
            channel: channel.into(),
            response: Box::default(),
            sent,
            acked: false,
            state: State::Waiting { rung, present },
            is_foreign,
            since: now,
            local_settled: false,
            remote_settled: false,
        };
        let id = invitation.id.clone();
        let key = self.invitations.insert(invitation);
        self.invitation_of.insert(id, key);
        self.involve(caller, callee, key);
        self.pass(now, key, None, mail);
        // Of one that comes from before this server began, the callee may have to tell how it ended, once it is back.
        let soonest = if is_foreign {
            now + self.limits.clocks.cancel_bound
        } else {
            Duration::ZERO
        };
        self.start(
            Clock::NoAck,
            (sent + self.limits.clocks.no_ack).max(soonest),
            key,
        );
        if rung {
            self.ring(now, key, mail);
        } else if !present {
            self.start(
                Clock::OfflineWindow,
                (sent + self.limits.clocks.offline_window).max(soonest),
                key,
            );
        }
        Ok(())
    }

    /// Whether one more invitation fits into the tables (LIM-4).
    pub(super) fn admit(&mut self, caller: usize, callee: usize) -> Result<(), Fault> {
        let outgoing = self.parties.get(caller).map_or(0, |party| party.outgoing);
        let incoming = self
            .parties
            .get(callee)
            .map_or(0, |party| party.incoming.len());
        if self.invitations.len() < self.limits.invitations_max
            && outgoing < self.limits.outgoing_per_user_max
            && incoming < self.limits.incoming_per_user_max
        {
            return Ok(());
        }
        self.drop_if_idle(callee);
        Err(Fault::LimitReached)
    }

    pub(super) fn involve(&mut self, caller: usize, callee: usize, key: usize) {
        let serial = self.serial;
        if let Some(party) = self.parties.get_mut(caller) {
            party.outgoing += 1;
            party.involved += 1;
        }
        if let Some(party) = self.parties.get_mut(callee) {
            party.involved += 1;
            party.incoming.insert(serial, key);
        }
    }

    /// An accept or refuse. It says that the device has the invitation, so it counts as the ack if that was lost.
    fn answer(
        &mut self,
        now: Duration,
        user: &UserId,
        (id, response): (&str, &str),
        act: Act,
        mail: &mut impl Mail,
    ) -> Result<(), Fault> {
        let key = self.find(user, id, Side::Remote)?;
        let ack = self.invite_ack(now, key);
        self.act(now, key, ack, mail);
        if let Some(found) = self.invitations.get_mut(key)
            && found.state.after(act).is_some()
        {
            found.response = response.into();
        }
        self.act_or_tell(now, key, act, Side::Remote, mail)
    }

    fn invite_ack(&self, now: Duration, key: usize) -> Act {
        let sent = self.invitations.get(key).map_or(now, |found| found.sent);
        Act::InviteAck {
            until: self.expires(now, sent),
        }
    }

    /// When an invitation sent then expires if its device ack comes now (FAIL-4).
    pub(super) fn expires(&self, now: Duration, sent: Duration) -> Duration {
        let from = match self.limits.clocks.expiry_anchor {
            Anchor::Ack => now,
            Anchor::Send => sent,
        };
        from + self.limits.clocks.expiry
    }

    /// Makes the caller's present session the one that is told.
    fn adopt(&mut self, key: usize) {
        if let Some(found) = self.invitations.get_mut(key)
            && let Some(session) = self
                .parties
                .get(found.caller)
                .and_then(|party| party.session)
        {
            found.caller_session = session;
        }
    }

    /// Moves the invitation, or repeats to that side what it may have missed.
    fn act_or_tell(
        &mut self,
        now: Duration,
        key: usize,
        act: Act,
        side: Side,
        mail: &mut impl Mail,
    ) -> Result<(), Fault> {
        if self
            .invitations
            .get(key)
            .is_some_and(|found| found.state.after(act).is_some())
        {
            self.act(now, key, act, mail);
        } else {
            self.tell(key, side, mail);
        }
        Ok(())
    }

    /// Moves the invitation if there is an arrow, and does what entering the new state demands.
    pub(super) fn act(&mut self, now: Duration, key: usize, act: Act, mail: &mut impl Mail) {
        let Some(found) = self.invitations.get_mut(key) else {
            return;
        };
        let Some(next) = found.state.after(act) else {
            return;
        };
        let before = found.state;
        found.state = next;
        self.pass(now, key, Some(Phase::of(before)), mail);
        match next {
            State::Waiting { .. } => {}
            State::Ringing { until } => {
                if let Some(found) = self.invitations.get_mut(key) {
                    found.acked = true;
                }
                self.start(Clock::Expiry, until, key);
                self.tell(key, Side::Local, mail);
            }
            State::Accepting => {
                self.start(Clock::AcceptAck, now + self.limits.clocks.accept_ack, key);
                self.tell(key, Side::Local, mail);
            }
            State::Canceling => {
                self.start(
                    Clock::CancelBound,
                    now + self.limits.clocks.cancel_bound,
                    key,
                );
                self.tell(key, Side::Remote, mail);
            }
            State::Ended(_) => self.end(now, key, before, act, mail),
        }
    }

    /// Tells both sides that it is over, and remembers it until they are known to know.
    fn end(&mut self, now: Duration, key: usize, before: State, act: Act, mail: &mut impl Mail) {
        let Some(found) = self.invitations.get_mut(key) else {
            return;
        };
        let (caller, session) = (found.caller, found.caller_session);
        found.remote_settled = match before {
            // A device that it rang before this server began may come back with what it made of that.
            State::Waiting { rung, .. } => !rung && !found.is_foreign,
            // The device has said that it knows, or there is none.
            State::Canceling => matches!(act, Act::CancelAck),
            State::Ringing { .. } | State::Accepting | State::Ended(_) => false,
        };
        found.local_settled = matches!(act, Act::AcceptAck);
        // A device of the caller that stays silent for so long is lost, whatever its connection says (AGR-7).
        let silent = matches!(
            act,
            Act::AcceptAckOver {
                caller_present: true
            }
        ) && self
            .parties
            .get(caller)
            .is_some_and(|party| party.session == Some(session));
        let (local_settled, remote_settled) = (found.local_settled, found.remote_settled);
        self.release(key);
        self.start(Clock::Memory, now + self.limits.clocks.longest_life(), key);
        // The callee first: whoever the caller tells next finds the ringing stopped.
        if !remote_settled {
            self.tell(key, Side::Remote, mail);
        }
        if !local_settled {
            self.tell(key, Side::Local, mail);
        }
        if silent && let Some(party) = self.parties.get(caller) {
            mail.sever(&party.user, ByeReason::AckMissing);
        }
    }

    /// Counts an invitation no more among those that are open.
    pub(super) fn release(&mut self, key: usize) {
        let Some(found) = self.invitations.get(key) else {
            return;
        };
        if let Some(party) = self.parties.get_mut(found.caller) {
            party.outgoing -= 1;
        }
        if let Some(party) = self.parties.get_mut(found.callee) {
            party.incoming.remove(&found.serial);
        }
    }

    pub(super) fn is_current(&self, (key, serial): Handle) -> bool {
        self.invitations
            .get(key)
            .is_some_and(|found| found.serial == serial)
    }

    pub(super) fn has_session(&self, party: usize) -> bool {
        self.parties
            .get(party)
            .is_some_and(|party| party.session.is_some())
    }

    /// The invitation of that id in which the user is on that side.
    pub(super) fn find(&self, user: &UserId, id: &str, side: Side) -> Result<usize, Fault> {
        let key = self
            .invitation_of
            .get(id)
            .copied()
            .ok_or(Fault::UnknownInvitation)?;
        let found = self.invitations.get(key).ok_or(Fault::UnknownInvitation)?;
        let party = match side {
            Side::Local => found.caller,
            Side::Remote => found.callee,
        };
        match self.parties.get(party) {
            Some(party) if party.user == *user => Ok(key),
            // Not even that it exists is told to strangers.
            Some(_) | None => Err(Fault::UnknownInvitation),
        }
    }

    pub(super) fn party(&mut self, user: &UserId) -> usize {
        if let Some(key) = self.party_of.get(user) {
            return *key;
        }
        let key = self.parties.insert(Party {
            user: user.clone(),
            session: None,
            incoming: BTreeMap::new(),
            involved: 0,
            outgoing: 0,
            unconfirmed: VecDeque::new(),
        });
        self.party_of.insert(user.clone(), key);
        key
    }

    pub(super) fn drop_if_idle(&mut self, key: usize) {
        if self
            .parties
            .get(key)
            .is_some_and(|party| party.session.is_none() && party.involved == 0)
        {
            let party = self.parties.remove(key);
            self.party_of.remove(&party.user);
        }
    }
}
