//! Calls: what a call sets going, and what its result makes of that.

use super::automaton::{LocalState, LocalStep, RemoteState, RemoteStep};
use super::case::{Answer, Case, Owed, Pending, Seen, Sent, Stamp};
use super::desk::{Desk, PROMPT};
use super::limits::broken_limits;
use super::presence::Seat;
use super::rules::Id;
use super::states::Possible;
use crate::history::{Call, CallCode, Callback, Passed, Side, UserId};

/// How many calls of one invitation may be under way before the oldest is forgotten.
const CALLS_MAX: usize = 64;

/// Which side makes a call.
pub(super) fn side_of(call: Call) -> Side {
    match call {
        Call::Create | Call::Send | Call::Cancel => Side::Local,
        Call::Accept | Call::Refuse => Side::Remote,
    }
}

impl Case {
    /// A user made a call.
    pub(super) fn called(
        &mut self,
        desk: &mut Desk,
        (user, stamp, seat): (&UserId, Stamp, Seat),
        call: Call,
        with: &Passed,
    ) {
        let mut pending = Pending {
            user: user.clone(),
            call,
            stamp,
            good: true,
            with: with.clone(),
            seen: Seen::Local(Possible::only(LocalState::Absent)),
            offline: seat.offline,
            overtaken: false,
        };
        match call {
            Call::Create => self.create(desk, user, stamp, with),
            Call::Send | Call::Cancel => {
                if self.caller.is_none() {
                    self.uncreated(desk, (user, stamp), call, with);
                }
                if self.caller.as_ref() == Some(user) {
                    pending.seen = Seen::Local(self.local.states);
                    if call == Call::Send {
                        pending.with = self.texts(with);
                        pending.good = broken_limits(call, &pending.with).is_empty();
                        self.send(desk, &pending);
                    } else {
                        self.cancel(desk, &pending);
                    }
                }
            }
            Call::Accept | Call::Refuse => {
                let mut seen = Possible::only(RemoteState::Absent);
                if self.user(Side::Remote) == Some(user) {
                    seen = self.remote.states;
                    // A later log-in need not know what an earlier one received.
                    if self
                        .remote
                        .received
                        .is_some_and(|it| it.session != stamp.session)
                    {
                        seen = seen.with(Possible::only(RemoteState::Absent));
                    }
                }
                pending.seen = Seen::Remote(seen);
                pending.good = broken_limits(call, with).is_empty();
                self.answer(desk, &pending);
            }
        }
        self.widen(side_of(call), None);
        if self.calls.len() >= CALLS_MAX {
            self.calls.remove(0);
        }
        self.calls.push(pending);
    }

    /// The texts of a send: its own if it carries any, else those of the create.
    fn texts(&self, with: &Passed) -> Passed {
        let own = with.peer.is_some() || !with.content.is_empty() || !with.channel.is_empty();
        let mut texts = if own {
            with.clone()
        } else {
            self.created.clone()
        };
        // The callee is fixed at creation (OBJ-5).
        texts.peer = self.callee.clone();
        texts
    }

    fn create(&mut self, desk: &mut Desk, user: &UserId, stamp: Stamp, with: &Passed) {
        if self.caller.is_some() {
            let message = format!("expected a new id; got a second `create` of `{}`", self.id);
            desk.check(self, (Side::Local, user, stamp), Id::Obj1, false, || {
                message
            });
            return;
        }
        desk.book.invitations += 1;
        self.caller = Some(user.clone());
        self.callee.clone_from(&with.peer);
        self.created = with.clone();
        self.local.states = Possible::only(LocalState::Idle);
    }

    fn send(&mut self, desk: &mut Desk, pending: &Pending) {
        let stamp = pending.stamp;
        if let Some(sent) = &mut self.local.sent {
            let texts = (pending.with.content.clone(), pending.with.channel.clone());
            if self.remote.received.is_none()
                && texts != (sent.content.clone(), sent.channel.clone())
            {
                desk.book.arm(Id::Obj6);
                sent.rewritten = Some(texts);
            }
            return;
        }
        let Ok(next) = self.local.states.after(LocalStep::Send) else {
            return;
        };
        self.local.states = self.local.states.with(next);
        self.local.sent = Some(Sent {
            stamp,
            returned: None,
            content: pending.with.content.clone(),
            channel: pending.with.channel.clone(),
            rewritten: None,
            offline: pending.offline,
        });
        if pending.offline {
            desk.owe(self, Side::Local, (Id::Fail5, Owed::End), stamp, PROMPT);
            return;
        }
        let clocks = desk.clocks;
        let ack = clocks.no_ack.max(clocks.offline_window);
        desk.owe(self, Side::Local, (Id::Fail3, Owed::Ack), stamp, ack);
        let all = clocks.longest_life();
        desk.owe(self, Side::Local, (Id::Agr8, Owed::End), stamp, all);
    }

    fn cancel(&mut self, desk: &mut Desk, pending: &Pending) {
        let Ok(next) = self.local.states.after(LocalStep::Cancel) else {
            return;
        };
        self.local.states = self.local.states.with(next);
        if self.local.cancel.is_none() {
            self.local.cancel = Some(Answer {
                stamp: pending.stamp,
                response: pending.with.response.clone(),
                admitted: false,
            });
            let limit = desk.clocks.cancel_bound;
            desk.owe(
                self,
                Side::Local,
                (Id::Can3, Owed::End),
                pending.stamp,
                limit,
            );
        }
    }

    fn answer(&mut self, desk: &mut Desk, pending: &Pending) {
        let accepts = pending.call == Call::Accept;
        let step = if accepts {
            RemoteStep::Accept
        } else {
            RemoteStep::Refuse
        };
        let Ok(next) = self.remote.states.after(step) else {
            return;
        };
        if self.user(Side::Remote) != Some(&pending.user) || self.is_displaced(pending) {
            return;
        }
        self.remote.states = self.remote.states.with(next);
        let answer = Answer {
            stamp: pending.stamp,
            response: pending.with.response.clone(),
            admitted: false,
        };
        if accepts && self.remote.accept.is_none() {
            self.remote.accept = Some(answer);
            let limit = desk.clocks.accept_ack;
            desk.owe(
                self,
                Side::Remote,
                (Id::Acc3, Owed::End),
                pending.stamp,
                limit,
            );
        } else if !accepts && self.remote.refuse.is_none() {
            self.remote.refuse = Some(answer);
            let limit = desk.clocks.accept_ack.max(PROMPT);
            desk.owe(
                self,
                Side::Remote,
                (Id::Ref2, Owed::End),
                pending.stamp,
                limit,
            );
        }
    }

    /// Calls under way may arrive in the states that the side has now, except in those that they cause themselves.
    pub(super) fn widen(&mut self, side: Side, except: Option<Call>) {
        let (local, remote) = (self.local.states, self.remote.states);
        let sole = |call| self.calls.iter().filter(|one| one.call == call).count() == 1;
        let except = except.filter(|call| sole(*call));
        for pending in &mut self.calls {
            if side_of(pending.call) == side && Some(pending.call) != except {
                pending.seen = match pending.seen {
                    Seen::Local(seen) if !seen.has(LocalState::Absent) => {
                        Seen::Local(seen.with(local))
                    }
                    Seen::Remote(seen) if seen != Possible::only(RemoteState::Absent) => {
                        Seen::Remote(seen.with(remote))
                    }
                    Seen::Local(seen) => Seen::Local(seen),
                    Seen::Remote(seen) => Seen::Remote(seen),
                };
            }
        }
    }

    /// A call was admitted: the states in which it would not have been fall away.
    pub(super) fn admitted(
        &mut self,
        desk: &mut Desk,
        at: (Side, &UserId, Stamp),
        pending: &Pending,
        rightly: bool,
    ) {
        let own = self.user(at.0) == Some(at.1) && !self.is_displaced(pending);
        let twice = |rule: Id| {
            (
                rule,
                format!("expected one `{}` to be admitted; got two", pending.call),
            )
        };
        let mut second = None;
        match pending.call {
            Call::Create => {}
            Call::Send if own => {
                if let Some(sent) = &mut self.local.sent {
                    if sent.returned.is_some() {
                        second = Some(twice(Id::Api3));
                    } else {
                        sent.admit(at.2.at, pending);
                    }
                }
                self.local.states = self.local.states.without(LocalState::Idle);
            }
            Call::Cancel if own => {
                if let Some(cancel) = &mut self.local.cancel {
                    cancel.admitted = true;
                }
                if self.local.states.has(LocalState::CancelSent) {
                    self.local.states = Possible::only(LocalState::CancelSent);
                }
            }
            Call::Accept if own => {
                if let Some(accept) = &mut self.remote.accept {
                    if accept.admitted {
                        second = Some(twice(Id::Api9));
                    } else {
                        accept.admit(pending);
                    }
                }
                self.remote.states = self.remote.states.without(RemoteState::InvitationReceived);
            }
            Call::Refuse if own => {
                if let Some(refuse) = &mut self.remote.refuse
                    && !refuse.admitted
                {
                    refuse.admit(pending);
                }
                self.remote.states = self.remote.states.without(RemoteState::InvitationReceived);
            }
            Call::Send | Call::Cancel | Call::Accept | Call::Refuse => {}
        }
        // Otherwise the result was reported already.
        if let (Some((rule, message)), true) = (second, rightly) {
            desk.check(self, at, rule, false, || message);
        }
    }

    /// A call was not admitted: unless another of its kind was or may be, nothing was set going.
    pub(super) fn not_admitted(
        &mut self,
        desk: &mut Desk,
        at: (Side, &UserId, Stamp),
        pending: &Pending,
        code: CallCode,
    ) {
        let call = pending.call;
        let same = |one: &Pending| one.call == call && one.user == *at.1;
        let own = self.user(at.0) == Some(at.1) && !self.is_displaced(pending);
        if self.calls.iter().any(same) || !own {
            return;
        }
        let open = |answer: &Option<Answer>| answer.as_ref().is_some_and(|it| !it.admitted);
        if let Some(rule) = self.took_effect(call) {
            let message =
                format!("expected `{call}` refused with `{code}` to have no effect; got one");
            return desk.breach(self, at, rule, message);
        }
        match call {
            Call::Create => {}
            Call::Send => self.send_refused(desk, at, pending, code),
            Call::Cancel if open(&self.local.cancel) => {
                self.local.cancel = None;
                self.local.states = self.local.states.without(LocalState::CancelSent);
                self.local.dues.retain(|due| due.rule != Id::Can3);
            }
            Call::Accept if open(&self.remote.accept) => {
                self.remote.accept = None;
                self.remote.overlong |= code == CallCode::INVALID_ARGUMENT;
                self.remote.states = self.remote.states.without(RemoteState::AcceptSentToLocal);
                self.remote.dues.retain(|due| due.rule != Id::Acc3);
            }
            Call::Refuse if open(&self.remote.refuse) => {
                self.remote.refuse = None;
                self.remote.overlong |= code == CallCode::INVALID_ARGUMENT;
                self.remote.states = self.remote.states.without(RemoteState::RefuseSent);
                self.remote.dues.retain(|due| due.rule != Id::Ref2);
            }
            Call::Cancel | Call::Accept | Call::Refuse => {}
        }
    }

    /// The rule that a refused call breaks by having ended its side: no call of its kind was admitted.
    fn took_effect(&self, call: Call) -> Option<Id> {
        let (end, answer, effect, rule) = match call {
            Call::Cancel => (
                &self.local.end,
                &self.local.cancel,
                Callback::LocalCanceled,
                Id::Api6,
            ),
            Call::Accept => (
                &self.remote.end,
                &self.remote.accept,
                Callback::RemoteAccepted,
                Id::Api8,
            ),
            Call::Refuse => (
                &self.remote.end,
                &self.remote.refuse,
                Callback::RemoteRefused,
                Id::Api12,
            ),
            Call::Create | Call::Send => return None,
        };
        let ended = end.as_ref().is_some_and(|end| end.callback == effect);
        let open = answer.as_ref().is_some_and(|answer| !answer.admitted);
        (ended && open).then_some(rule)
    }

    fn send_refused(
        &mut self,
        desk: &mut Desk,
        at: (Side, &UserId, Stamp),
        pending: &Pending,
        code: CallCode,
    ) {
        let Some(sent) = &self.local.sent else {
            return;
        };
        if sent.returned.is_some() {
            return;
        }
        let heard = self.remote.received.is_some()
            || self.local.acked.is_some()
            || (self.local.end.is_some() && !sent.offline);
        if heard {
            let rule = if pending.good { Id::Api1 } else { Id::Api2 };
            let message =
                format!("expected a send refused with `{code}` to have no effect; got one");
            desk.breach(self, at, rule, message);
            self.remote.broken = true;
            return;
        }
        self.local.sent = None;
        self.local.refused = Some(code);
        self.local.dues.clear();
        if self.local.end.is_none() {
            self.local.states = Possible::only(LocalState::Idle);
        }
    }
}
