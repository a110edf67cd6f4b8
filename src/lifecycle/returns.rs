//! Results of calls: what a call may return in the states in which it may have arrived (section 7).

use super::automaton::{Row, local_row, remote_row};
use super::calls::side_of;
use super::case::{Case, Doubt, Pending, Seen, Stamp};
use super::desk::{Desk, slack};
use super::limits::{at_edge, broken_limits};
use super::rules::Id;
use crate::history::{Call, CallCode, Side, UserId};

impl Case {
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
    pub(super) fn is_displaced(&self, pending: &Pending) -> bool {
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
}
