//! Calls and their results: what a call sets going, and what it may return (section 7).

use super::automaton::{
    LocalState, LocalStep, RemoteState, RemoteStep, Row, local_row, remote_row,
};
use super::case::{Answer, Case, Doubt, Owed, Pending, Seen, Sent, Stamp};
use super::desk::{Desk, PROMPT, slack};
use super::limits::{at_edge, broken_limits};
use super::presence::Link;
use super::rules::Id;
use super::states::Possible;
use crate::history::{Call, CallCode, Passed, Side, UserId};

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
        user: &UserId,
        stamp: Stamp,
        call: Call,
        with: &Passed,
    ) {
        let offline = desk
            .person(Some(user))
            .and_then(|person| person.link(stamp.session))
            .is_some_and(|link| matches!(link, Link::Out { .. }));
        let mut pending = Pending {
            user: user.clone(),
            call,
            stamp,
            good: true,
            with: with.clone(),
            seen: Seen::Local(Possible::only(LocalState::Absent)),
            offline,
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

    /// A call came back.
    pub(super) fn returned(
        &mut self,
        desk: &mut Desk,
        user: &UserId,
        stamp: Stamp,
        call: Call,
        code: CallCode,
    ) {
        let side = side_of(call);
        let at = (side, user, stamp);
        let mut rows = self.rows(user, call);
        let Some(found) = self.under_way(user, stamp.session, call) else {
            let message = format!("expected a call of `{call}` before its result; got `{code}`");
            desk.check(self, at, Id::Ord1, false, || message);
            return;
        };
        let pending = self.calls.remove(found);
        let known = usize::from(code.0) < CallCode::NAMES.len();
        desk.check(self, at, Id::Fail7, known, || {
            format!("expected a call result of `0` to `5`; got `{}`", code.0)
        });
        let rightly = rows.iter().any(|row| row.codes.contains(&code));
        if known && self.judged_by_rows(desk, at, &pending, code) {
            if desk.forgot && self.caller.is_none() {
                rows.push(Row {
                    rule: Id::Api15,
                    codes: &[CallCode::ALREADY_END],
                });
            }
            self.judge_result(desk, at, &pending, code, &rows);
        }
        if code == CallCode::OK {
            self.admitted(desk, at, &pending, rightly);
        } else {
            self.not_admitted(desk, at, &pending, code);
        }
    }

    /// The rows of section 7 that fit a call which comes back, given all calls of its kind under way.
    fn rows(&self, user: &UserId, call: Call) -> Vec<Row> {
        let same = |one: &&Pending| one.call == call && one.user == *user;
        let mut rows = Vec::new();
        for pending in self.calls.iter().filter(same) {
            match pending.seen {
                Seen::Local(seen) => rows.extend(
                    seen.iter()
                        .filter_map(|state| local_row(state, call, pending.good)),
                ),
                Seen::Remote(seen) => rows.extend(
                    seen.iter()
                        .filter_map(|state| remote_row(state, call, pending.good)),
                ),
            }
        }
        rows
    }

    /// Judges the results that section 7 has no row for; says whether the rows apply.
    fn judged_by_rows(
        &self,
        desk: &mut Desk,
        at: (Side, &UserId, Stamp),
        pending: &Pending,
        code: CallCode,
    ) -> bool {
        let call = pending.call;
        match call {
            Call::Create => {
                let bad = !broken_limits(Call::Send, &self.created).is_empty();
                let right = code == CallCode::OK || (bad && code == CallCode::INVALID_ARGUMENT);
                desk.check(self, at, Id::Obj1, right, || {
                    format!("expected `create` to succeed; got `{code}`")
                });
                false
            }
            Call::Send | Call::Cancel if self.caller.as_ref() != Some(at.1) => {
                desk.check(self, at, Id::Obj1, code != CallCode::OK, || {
                    format!("expected `{call}` of somebody else's invitation to fail; got `{code}`")
                });
                false
            }
            // The call may succeed or fail: what counts is that the failure is reported (FAIL-5).
            Call::Send if pending.offline => false,
            Call::Cancel | Call::Accept | Call::Refuse if pending.offline => {
                desk.check(self, at, Id::Ses6, code != CallCode::OK, || {
                    format!("expected `{call}` without a log-in to fail; got `{code}`")
                });
                false
            }
            Call::Accept | Call::Refuse if self.is_displaced(pending) => false,
            Call::Send | Call::Cancel | Call::Accept | Call::Refuse => true,
        }
    }

    /// Whether an answer is given where it does not ring any more: a later log-in has it, and this one was not told yet. It
    /// may be admitted there, and moves nothing.
    fn is_displaced(&self, pending: &Pending) -> bool {
        let answers = [Call::Accept, Call::Refuse].contains(&pending.call);
        let received = self.remote.received;
        answers && received.is_some_and(|received| pending.stamp.session < received.session)
    }

    fn judge_result(
        &mut self,
        desk: &mut Desk,
        at: (Side, &UserId, Stamp),
        pending: &Pending,
        code: CallCode,
        rows: &[Row],
    ) {
        let call = pending.call;
        self.judge_limits(desk, pending, code, rows);
        if call == Call::Send && self.caller == self.callee && pending.good {
            desk.book.arm(Id::Send8);
            self.to_oneself = true;
        }
        if let Some(row) = rows.iter().find(|row| row.codes.contains(&code)) {
            desk.book.met(row.rule);
            return;
        }
        let Some(row) = rows.last() else {
            return;
        };
        let refused_for_arguments = code == CallCode::INVALID_ARGUMENT && !pending.good;
        if refused_for_arguments {
            // Checking the arguments before the state is as good as after.
            return;
        }
        let wanted: Vec<String> = rows
            .iter()
            .flat_map(|row| row.codes)
            .map(|code| format!("`{code}`"))
            .collect();
        let state = match pending.seen {
            Seen::Local(seen) => seen.names(),
            Seen::Remote(seen) => seen.names(),
        };
        let message = format!(
            "expected {} from `{call}` in `{state}`; got `{code}`",
            wanted.join(" or "),
        );
        // Of somebody else's invitation nothing may be told, its end as little as the rest (API-15).
        let ended = code == CallCode::ALREADY_END && self.user(at.0) == Some(at.1);
        if ended && self.may_be_over(desk, at.0, at.2) {
            desk.book.met(row.rule);
        } else if ended && !desk.causal() && self.is_live(row.rule) {
            desk.book.arm(row.rule);
            self.doubts.push(Doubt {
                side: at.0,
                rule: row.rule,
                stamp: at.2,
                message,
            });
        } else {
            let rule = self.precise(pending, code, row.rule);
            desk.check(self, at, rule, false, || message);
        }
    }

    /// Whether the row is one of a live state, in which the arbiter may have decided already.
    fn is_live(&self, rule: Id) -> bool {
        [Id::Api3, Id::Api6, Id::Api8, Id::Api9, Id::Api12, Id::Api13].contains(&rule)
    }

    /// The rule that names best why a result is wrong.
    fn precise(&self, pending: &Pending, code: CallCode, rule: Id) -> Id {
        if !pending.good {
            let broken = broken_limits(pending.call, &pending.with);
            return match broken.as_slice() {
                [one] => *one,
                [] | [_, _, ..] => rule,
            };
        }
        if rule == Id::Api1 && self.caller == self.callee {
            return Id::Send8;
        }
        if code == CallCode::INVALID_ARGUMENT {
            return at_edge(pending.call, &pending.with).unwrap_or(rule);
        }
        rule
    }

    /// Counts the limits of section 11 that a result shows.
    fn judge_limits(&self, desk: &mut Desk, pending: &Pending, code: CallCode, rows: &[Row]) {
        let shows =
            |row: &Row| [Id::Api1, Id::Api2, Id::Api8, Id::Api12, Id::Api16].contains(&row.rule);
        if !rows.iter().all(shows) {
            return;
        }
        let refused = code == CallCode::INVALID_ARGUMENT;
        let broken = broken_limits(pending.call, &pending.with);
        let limits: &[Id] = match pending.call {
            Call::Send => &[Id::Lim1, Id::Lim2, Id::Lim3],
            Call::Create | Call::Cancel | Call::Accept | Call::Refuse => &[Id::Lim1],
        };
        for limit in limits {
            if refused != broken.is_empty() && (broken.is_empty() || broken.contains(limit)) {
                desk.book.met(*limit);
            }
        }
    }

    /// Whether the other side, or time, may have ended the invitation although this side was not told yet.
    fn may_be_over(&self, desk: &Desk, side: Side, stamp: Stamp) -> bool {
        if !desk.causal() {
            return false;
        }
        let clocks = desk.clocks;
        let shortest = clocks.no_ack.min(clocks.offline_window).min(clocks.expiry);
        let timed = self.local.sent.as_ref().is_some_and(|sent| {
            let reach = stamp.at.saturating_add(slack(shortest));
            reach >= sent.stamp.at.saturating_add(shortest)
        });
        timed
            || match side {
                Side::Local => {
                    self.local.sent.is_some()
                        && (self.remote.accept.is_some()
                            || self.remote.refuse.is_some()
                            || self.remote.end.is_some())
                }
                Side::Remote => {
                    self.remote.received.is_some()
                        && (self.local.cancel.is_some() || self.local.end.is_some())
                }
            }
    }

    /// A call was admitted: the states in which it would not have been fall away.
    fn admitted(
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
    fn not_admitted(
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
