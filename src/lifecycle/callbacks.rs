//! Callbacks: whom they may reach, what they must carry, and how they move a side on.

use super::automaton::{LocalStep, RemoteState, RemoteStep, Told, state_number, told};
use super::case::{Case, Due, End, Owed, Seen, Stamp};
use super::desk::{CROSSING, Desk, PROMPT, span};
use super::presence::{Link, Parting, Seat};
use super::rules::Id;
use super::states::Possible;
use crate::history::{Call, Callback, FailureCode, Passed, Side, UserId};

/// A callback as it was recorded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Heard<'a> {
    pub(super) user: &'a UserId,
    pub(super) stamp: Stamp,
    pub(super) seat: Seat,
    pub(super) callback: Callback,
    pub(super) with: &'a Passed,
    pub(super) code: Option<FailureCode>,
    pub(super) state: Option<u8>,
}

impl<'a> Heard<'a> {
    /// Where it stands, for findings.
    pub(super) fn at(&self) -> (Side, &'a UserId, Stamp) {
        (self.callback.side(), self.user, self.stamp)
    }

    fn end(&self) -> End {
        End {
            callback: self.callback,
            code: self.code.map_or(0, |code| code.0),
            response: self.with.response.clone(),
            stamp: self.stamp,
        }
    }
}

/// The call of the same user that causes a callback, if there is one.
fn cause_of(callback: Callback, code: Option<FailureCode>) -> Option<Call> {
    match callback {
        Callback::LocalReceivedByPeer
        | Callback::LocalAccepted
        | Callback::LocalRefused
        | Callback::LocalFailure => Some(Call::Send),
        Callback::LocalCanceled => Some(Call::Cancel),
        Callback::RemoteAccepted => Some(Call::Accept),
        Callback::RemoteRefused => Some(Call::Refuse),
        Callback::RemoteFailure if code != Some(FailureCode::EXPIRE) => Some(Call::Accept),
        Callback::RemoteReceived | Callback::RemoteCanceled | Callback::RemoteFailure => None,
    }
}

impl Case {
    /// A user was called back.
    pub(super) fn called_back(&mut self, desk: &mut Desk, heard: Heard<'_>) {
        let side = heard.callback.side();
        if !self.reaches_a_session(desk, heard) || !self.reaches_the_right_user(desk, heard) {
            return;
        }
        self.check_numbers(desk, heard);
        if self.broken(side) {
            return;
        }
        if self.is_repeat(desk, heard) {
            return;
        }
        self.check_completion(desk, heard);
        let step = told(heard.callback, heard.code);
        let next = match step {
            Told::Local(step) => self.local.states.after(step).map(Seen::Local),
            Told::Remote(step) => self.remote.states.after(step).map(Seen::Remote),
        };
        match next {
            Err(rule) => self.forbidden(desk, heard, rule),
            Ok(next) => {
                // The sides move afterwards, so that findings tell what was allowed before.
                match step {
                    Told::Local(LocalStep::ReceivedByPeer) => self.acked(desk, heard),
                    Told::Local(step) => self.local_ended(desk, heard, step),
                    Told::Remote(RemoteStep::Received) => self.received(desk, heard),
                    Told::Remote(step) => self.remote_ended(desk, heard, step),
                }
                match next {
                    Seen::Local(next) => self.local.states = next,
                    Seen::Remote(next) => self.remote.states = next,
                }
                self.widen(side, cause_of(heard.callback, heard.code));
            }
        }
    }

    /// A callback that the side's state forbids.
    fn forbidden(&mut self, desk: &mut Desk, heard: Heard<'_>, rule: Id) {
        let state = match heard.callback.side() {
            Side::Local => self.local.states.names(),
            Side::Remote => self.remote.states.names(),
        };
        let message = format!(
            "expected no `{}` in `{state}`; got one{}",
            heard.callback,
            code_text(heard.code)
        );
        let uncaused = [Id::Obj2, Id::Ord3, Id::Ord4, Id::Ord5].contains(&rule);
        let rule = self.precise_step(rule);
        desk.breach(self, heard.at(), rule, message);
        if uncaused {
            // The other side's lot is a consequence.
            self.silence();
        }
    }

    /// A refused call explains better than the state why nothing should have come.
    fn precise_step(&self, rule: Id) -> Id {
        let refused = self.local.sent.is_none()
            && self.local.refused == Some(crate::history::CallCode::INVALID_ARGUMENT);
        let unsent = [
            Id::Ord2,
            Id::Ord4,
            Id::Ord5,
            Id::Fail1,
            Id::Fail3,
            Id::Fail4,
        ];
        if refused && unsent.contains(&rule) {
            Id::Api2
        } else if self.remote.overlong && [Id::Ord4, Id::Ord5].contains(&rule) {
            Id::Api16
        } else {
            rule
        }
    }

    /// Nothing reaches a log-in that is over, except the failure of a send without log-in (SES-1, SES-4).
    fn reaches_a_session(&self, desk: &mut Desk, heard: Heard<'_>) -> bool {
        let offline = self.local.sent.as_ref().is_some_and(|sent| sent.offline);
        let excused = heard.callback == Callback::LocalFailure && offline;
        let (rule, how) = match heard.seat.parted {
            Some(Parting::Left) if !excused => (Id::Ses4, "log-out"),
            Some(Parting::Shut) if !excused => (Id::Ses1, "end"),
            Some(Parting::Left | Parting::Shut | Parting::NotYet) | None => return true,
        };
        desk.check(self, heard.at(), rule, false, || {
            format!(
                "expected nothing after the {how} of session `{}`; got `{}`",
                heard.stamp.session, heard.callback
            )
        });
        false
    }

    /// The caller's callbacks reach the caller, the callee's the named callee, and nobody else.
    fn reaches_the_right_user(&mut self, desk: &mut Desk, heard: Heard<'_>) -> bool {
        let (side, user, stamp) = heard.at();
        if side == Side::Remote && self.callee.is_none() && self.heard_by.is_none() {
            self.heard_by = Some((user.clone(), stamp));
        }
        let Some(named) = self.user(side) else {
            // Nobody created it: the automaton says so.
            return true;
        };
        let right = named == user;
        let rule = match heard.callback {
            Callback::RemoteAccepted => Id::Acc1,
            Callback::RemoteRefused => Id::Ref1,
            Callback::RemoteCanceled => Id::Can1,
            Callback::RemoteReceived
            | Callback::RemoteFailure
            | Callback::LocalReceivedByPeer
            | Callback::LocalAccepted
            | Callback::LocalRefused
            | Callback::LocalCanceled
            | Callback::LocalFailure => Id::Send5,
        };
        if right {
            desk.book.met(Id::Send5);
        } else {
            let named = named.clone();
            desk.check(self, (side, user, stamp), rule, false, || {
                format!(
                    "expected `{}` at `{named}`; got it at `{user}`",
                    heard.callback
                )
            });
        }
        right
    }

    /// State numbers and failure codes (OBJ-4, FAIL-7).
    fn check_numbers(&self, desk: &mut Desk, heard: Heard<'_>) {
        if let Some(state) = heard.state {
            let wanted = state_number(heard.callback);
            desk.check(self, heard.at(), Id::Obj4, state == wanted, || {
                format!(
                    "expected state `{wanted}` in `{}`; got `{state}`",
                    heard.callback
                )
            });
        }
        if matches!(
            heard.callback,
            Callback::LocalFailure | Callback::RemoteFailure
        ) {
            let side = heard.callback.side();
            let known = heard
                .code
                .is_some_and(|code| code.0 != 0 && code.name(side).is_some());
            desk.check(self, heard.at(), Id::Fail7, known, || {
                let last = if side == Side::Local { 4 } else { 3 };
                format!(
                    "expected `{}` with a code of `1` to `{last}`; got {}",
                    heard.callback,
                    heard
                        .code
                        .map_or_else(|| "none".to_owned(), |code| format!("`{}`", code.0))
                )
            });
        }
    }

    /// A repeated Received or ReceivedByPeer: forbidden within a session, a new start in a later one (SEND-4, SES-3).
    fn is_repeat(&mut self, desk: &mut Desk, heard: Heard<'_>) -> bool {
        let (side, user, stamp) = heard.at();
        let (first, ended) = match heard.callback {
            Callback::LocalReceivedByPeer => (self.local.acked, self.local.end.is_some()),
            Callback::RemoteReceived => (self.remote.received, self.remote.end.is_some()),
            Callback::LocalAccepted
            | Callback::LocalRefused
            | Callback::LocalCanceled
            | Callback::LocalFailure
            | Callback::RemoteAccepted
            | Callback::RemoteRefused
            | Callback::RemoteCanceled
            | Callback::RemoteFailure => return false,
        };
        let Some(first) = first else {
            return false;
        };
        if stamp.session > first.session && !ended {
            desk.book.met(Id::Send4);
            if side == Side::Remote {
                self.remote.received = Some(stamp);
                self.remote.rang_at.push(first.session);
                // It rings anew: an answer of the session before has not arrived, and never will.
                self.remote.states = Possible::only(RemoteState::InvitationReceived);
                self.remote.accept = None;
                self.remote.refuse = None;
                self.remote
                    .dues
                    .retain(|due| due.rule != Id::Acc3 && due.rule != Id::Ref2);
                self.remote.heard = heard.with.clone();
                self.rings_after_end(desk, heard);
                if desk.causal() {
                    self.check_texts(desk, stamp, heard.with);
                }
            } else {
                self.local.acked = Some(stamp);
            }
            return true;
        }
        if side == Side::Remote && self.is_late_ring(desk, heard) {
            desk.book.met(Id::Send4);
            self.remote.rang_at.push(stamp.session);
            if desk.causal() {
                self.check_texts(desk, stamp, heard.with);
            }
            return true;
        }
        if ended && stamp.session == first.session {
            // The life is over: OBJ-3 and ORD-6 say it better.
            return false;
        }
        let back = match desk.link(self, side) {
            Some(Link::Up { unbroken, .. }) => unbroken > first.at,
            Some(Link::Lost { .. } | Link::Out { .. }) | None => false,
        };
        let rule = if back || ended { Id::Ses3 } else { Id::Send4 };
        desk.check(self, (side, user, stamp), rule, false, || {
            format!("expected one `{}`; got a second", heard.callback)
        });
        true
    }

    /// Whether this ring was already on its way to an earlier log-in when a later one displaced that (SES-1): allowed once per
    /// log-in, until that log-in is told, and after the end only while messages may cross.
    fn is_late_ring(&self, desk: &Desk, heard: Heard<'_>) -> bool {
        let session = heard.stamp.session;
        let callee = desk.person(Some(heard.user));
        let end = self.remote.end.as_ref().map(|end| end.stamp.at);
        let latest = self.remote.received.map(|received| received.session);
        latest.is_some_and(|latest| session < latest)
            && end.is_none_or(|end| heard.stamp.at <= end.saturating_add(CROSSING))
            && !self.remote.rang_at.contains(&session)
            && callee.is_some_and(|callee| callee.is_displaced(session))
    }

    /// The call that causes a callback should have come back by then (API-17).
    fn check_completion(&mut self, desk: &mut Desk, heard: Heard<'_>) {
        let Some(call) = cause_of(heard.callback, heard.code) else {
            return;
        };
        let pending = self
            .calls
            .iter_mut()
            .find(|one| one.call == call && one.user == *heard.user);
        match pending {
            None => desk.book.met(Id::Api17),
            Some(pending) if pending.overtaken => {}
            Some(pending) => {
                pending.overtaken = true;
                desk.check(self, heard.at(), Id::Api17, false, || {
                    format!(
                        "expected the result of `{call}` before `{}`; got it not yet",
                        heard.callback
                    )
                });
            }
        }
    }

    /// The callee's device has it.
    fn acked(&mut self, desk: &mut Desk, heard: Heard<'_>) {
        self.local.acked = Some(heard.stamp);
        if desk.causal() && !self.check_cause(desk, heard.callback) {
            return;
        }
        desk.book.met(Id::Send4);
        if desk.causal() {
            desk.book.met(Id::Send1);
        }
        self.meet(desk, heard, &[Owed::Ack]);
        let expiry = desk.clocks.expiry;
        desk.owe(
            self,
            Side::Local,
            (Id::Fail4, Owed::End),
            heard.stamp,
            expiry,
        );
    }

    /// It rings.
    fn received(&mut self, desk: &mut Desk, heard: Heard<'_>) {
        self.remote.received = Some(heard.stamp);
        self.remote.heard = heard.with.clone();
        desk.book.met(Id::Send4);
        desk.book.met(Id::Obj2);
        if desk.causal() {
            if !self.check_cause(desk, heard.callback) {
                return;
            }
            self.rings_after_end(desk, heard);
            if self.remote.broken {
                return;
            }
            self.check_texts(desk, heard.stamp, heard.with);
            if self.returned && desk.overtaken(self, heard.stamp) {
                desk.check(self, heard.at(), Id::Ses3, false, || {
                    "expected what was missed in the order of the sends; got a later one before it"
                        .to_owned()
                });
            }
        }
        self.meet(desk, heard, &[Owed::Ring]);
        let expiry = desk.clocks.expiry;
        desk.owe(
            self,
            Side::Remote,
            (Id::Fail4, Owed::End),
            heard.stamp,
            expiry,
        );
    }

    /// It rings although it ended for the caller: right only for a moment, while the two messages cross (CAN-2, FAIL-6).
    fn rings_after_end(&mut self, desk: &mut Desk, heard: Heard<'_>) {
        if !desk.causal() {
            return;
        }
        let Some(end) = &self.local.end else {
            if self.agreed {
                let message = format!(
                    "expected nothing after all limits of an invitation whose caller left; got `{}`",
                    heard.callback
                );
                desk.breach(self, heard.at(), Id::Fail6, message);
            }
            return;
        };
        let rule = match end.callback {
            Callback::LocalCanceled => Id::Can2,
            Callback::LocalFailure => Id::Fail6,
            Callback::LocalReceivedByPeer
            | Callback::LocalAccepted
            | Callback::LocalRefused
            | Callback::RemoteReceived
            | Callback::RemoteAccepted
            | Callback::RemoteRefused
            | Callback::RemoteCanceled
            | Callback::RemoteFailure => return,
        };
        let ended = end.stamp.at;
        let since = heard.stamp.at.saturating_sub(ended);
        let crosses = desk
            .person(self.callee.as_ref())
            .is_none_or(|callee| callee.may_cross(heard.stamp.session, ended));
        if since <= PROMPT && crosses {
            desk.owe(self, Side::Remote, (rule, Owed::End), heard.stamp, PROMPT);
        } else {
            let message = format!(
                "expected nothing after the caller's `{}`; got `{}` {} later",
                end.callback,
                heard.callback,
                span(since)
            );
            desk.breach(self, heard.at(), rule, message);
        }
    }

    /// The caller's side ended.
    fn local_ended(&mut self, desk: &mut Desk, heard: Heard<'_>, step: LocalStep) {
        self.local.end = Some(heard.end());
        desk.book.met(Id::Obj3);
        desk.book.met(Id::Ord6);
        if self.agreed {
            // It was over, and nothing is known any more of what this could be compared with.
            return;
        }
        if desk.causal() && !self.check_cause(desk, heard.callback) {
            return;
        }
        self.check_local_failure(desk, heard, step);
        self.meet(desk, heard, &[Owed::Ack, Owed::End]);
        self.local.dues.clear();
        self.remote.dues.retain(|due| due.owed != Owed::Ring);
        if !desk.causal() {
            return;
        }
        self.check_response(desk, Side::Local);
        self.check_delivery(desk, heard, step);
        self.owe_callee(desk, heard.stamp);
        self.agree(desk);
    }

    /// The callee's side ended.
    fn remote_ended(&mut self, desk: &mut Desk, heard: Heard<'_>, step: RemoteStep) {
        self.remote.end = Some(heard.end());
        desk.book.met(Id::Obj3);
        if self.agreed {
            // It was over, and nothing is known any more of what this could be compared with.
            return;
        }
        if desk.causal() && !self.check_cause(desk, heard.callback) {
            return;
        }
        self.check_remote_failure(desk, heard, step);
        if step == RemoteStep::Accepted && !self.check_confirmation(desk, heard) {
            return;
        }
        if desk
            .person(self.caller.as_ref())
            .is_some_and(|caller| caller.is_out())
        {
            desk.book.met(Id::Ses5);
        }
        self.meet(desk, heard, &[Owed::End]);
        self.remote.dues.clear();
        if !desk.causal() {
            return;
        }
        if step == RemoteStep::Canceled {
            self.check_canceled_order(desk);
        }
        self.owe_caller(desk, heard.stamp);
        self.agree(desk);
    }

    /// Strikes out what was owed and came.
    fn meet(&mut self, desk: &mut Desk, heard: Heard<'_>, owed: &[Owed]) {
        let side = heard.callback.side();
        let mut dues = std::mem::take(self.dues(side));
        dues.retain(|due| {
            let met = owed.contains(&due.owed);
            if met {
                self.met(desk, heard, due);
            }
            !met
        });
        *self.dues(side) = dues;
    }

    /// Judges when something owed came: on time, late, or too late.
    fn met(&self, desk: &mut Desk, heard: Heard<'_>, due: &Due) {
        // A failure is judged by its own moment; a confirmation that comes instead of one can only be late.
        let quiet = super::desk::is_quiet(due.rule);
        let confirmed = due.rule == Id::Acc3 && heard.callback == Callback::RemoteAccepted;
        if quiet && !confirmed {
            return;
        }
        let at = heard.stamp.at;
        let moved = |moment| {
            let whose = (heard.callback.side(), due.rule);
            desk.moved(self, whose, due.start.at, moment)
        };
        // Being away only ever moves the moment on, and mostly it need not be asked.
        let on_time = due.untimed || at <= due.soft || at <= moved(due.soft);
        if on_time {
            if !quiet {
                desk.book.discharge(due.rule);
            }
            return;
        }
        let late = at <= moved(due.hard);
        let lateness = || {
            format!(
                "expected `{}` by {}; got it at {}",
                heard.callback,
                span(due.soft),
                span(at)
            )
        };
        if late {
            desk.warn(self, heard.at(), due.rule, lateness());
        } else {
            desk.check(self, heard.at(), due.rule, false, lateness);
        }
    }
}

/// A failure code for messages.
fn code_text(code: Option<FailureCode>) -> String {
    code.map_or_else(String::new, |code| format!(" with code `{}`", code.0))
}
