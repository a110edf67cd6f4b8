//! What is owed and does not come: missed while time passes, or still open when the history ends.

use std::time::Duration;

use super::case::{Case, Due, Owed};
use super::desk::{Desk, missed_after, span};
use super::presence::Link;
use super::rules::Id;
use super::verdict::FindingKind;
use crate::history::{Call, Side};

/// What becomes of something owed whose time has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It was missed.
    Missed(Id),
    /// Something else governs by now, or the side has left: it is not owed any more.
    Void,
    /// It falls due when the side is back.
    Waits,
    /// It falls due at a later moment.
    Later(Duration),
}

impl Case {
    /// Looks at everything owed by `now`.
    pub(super) fn overdue(&mut self, desk: &mut Desk, now: Duration) {
        for side in [Side::Local, Side::Remote] {
            let now = desk.recorded(self, side, now);
            let mut dues = std::mem::take(self.dues(side));
            // What another user is the cause of says best what is missing.
            dues.sort_by_key(|due| (!due.untimed, due.hard));
            let mut missed = None;
            for due in dues {
                let fate = if due.hard < now {
                    self.fate(desk, side, &due, now)
                } else {
                    Fate::Waits
                };
                match fate {
                    Fate::Missed(rule) if missed.is_none() => missed = Some((due, rule)),
                    Fate::Missed(_) | Fate::Void => {}
                    Fate::Waits => self.dues(side).push(due),
                    Fate::Later(moment) => {
                        desk.alarm(self, moment);
                        self.dues(side).push(due);
                    }
                }
            }
            if let Some((due, rule)) = missed {
                self.miss(desk, side, due, rule, now);
            }
            let next = self.dues(side).iter().map(|due| due.hard);
            if let Some(next) = next.filter(|hard| *hard >= now).min() {
                desk.alarm(self, next);
            }
        }
    }

    /// Reports something missed.
    fn miss(&mut self, desk: &mut Desk, side: Side, due: Due, rule: Id, now: Duration) {
        let Some(user) = self.user(side).cloned() else {
            return;
        };
        let rule = if rule == Id::Fail4 && side == Side::Remote && self.has_left(desk, Side::Local)
        {
            Id::Ses5
        } else {
            rule
        };
        let message = format!(
            "expected {} by {}; got nothing until {}",
            self.owed(due.owed, side),
            span(due.hard),
            span(now)
        );
        // What is owed was armed when it began, except what a failure alone arms.
        let counted = due.rule == rule && !super::desk::is_quiet(rule);
        let draft = desk.draft(self, (side, &user, due.start), message);
        if !counted {
            desk.book.arm(rule);
        }
        if !self.broken(side) {
            desk.book.broken(rule, draft);
        }
        match side {
            Side::Local => self.local.broken = true,
            Side::Remote => self.remote.broken = true,
        }
        self.dues(side).clear();
    }

    /// What is owed, in words.
    fn owed(&self, owed: Owed, side: Side) -> &'static str {
        match (owed, side) {
            (Owed::Ring, _) => "`remoteInvitationReceived`",
            (Owed::Ack, _) => "`localInvitationReceivedByPeer` or an ending",
            (Owed::End, Side::Local) => "an ending at the caller",
            (Owed::End, Side::Remote) => "an ending at the callee",
        }
    }

    fn fate(&self, desk: &Desk, side: Side, due: &Due, now: Duration) -> Fate {
        if let Some(fate) = self.governed_otherwise(due, side) {
            return fate;
        }
        if side == Side::Local && self.send_under_way() {
            return Fate::Waits;
        }
        let sent = self.local.sent.as_ref().map(|sent| sent.stamp.at);
        if due.owed == Owed::Ring && sent.is_some_and(|at| !desk.unbroken(self, Side::Local, at)) {
            // The send may have been lost with the caller's connection, and be said again late.
            return Fate::Void;
        }
        if due.rule == Id::Fail4 && side == Side::Remote {
            let hard = missed_after(self.latest_ack(desk), desk.clocks.expiry);
            if hard >= now {
                return Fate::Later(hard);
            }
        }
        let rule = self.missed_rule(desk, due);
        let link = if due.owed == Owed::Ring {
            desk.person(self.user(side)).and_then(|it| it.latest())
        } else {
            desk.link(self, side)
        };
        if rule == Id::Fail5 {
            return Fate::Missed(rule);
        }
        if rule == Id::Acc2 {
            // The caller's device acked before this was owed: being away since is no excuse, leaving is.
            let accept = self.remote.accept.as_ref().map(|accept| accept.stamp.at);
            return match link {
                Some(Link::Out { since, .. })
                    if !desk.causal() || accept.is_none_or(|accept| since > accept) =>
                {
                    Fate::Void
                }
                Some(Link::Up { .. } | Link::Lost { .. } | Link::Out { .. }) | None => {
                    Fate::Missed(rule)
                }
            };
        }
        match link {
            None => Fate::Missed(rule),
            Some(Link::Up { unbroken, .. }) if unbroken > due.start.at => {
                let moment = due.hard.max(missed_after(unbroken, desk.anew(due.rule)));
                if moment < now {
                    Fate::Missed(rule)
                } else {
                    Fate::Later(moment)
                }
            }
            Some(Link::Up { .. }) => Fate::Missed(rule),
            // It was there long enough before it went.
            Some(Link::Lost { since, from, .. } | Link::Out { since, from, .. })
                if since > due.hard
                    && (from <= due.start.at
                        || since > missed_after(from, desk.anew(due.rule))) =>
            {
                Fate::Missed(rule)
            }
            Some(Link::Lost { .. }) => Fate::Waits,
            Some(Link::Out { .. }) => Fate::Void,
        }
    }

    /// The latest moment at which the callee's ack may have been taken: it is said again after a lost connection, and when
    /// the caller hears of it, it has been taken.
    pub(super) fn latest_ack(&self, desk: &Desk) -> Duration {
        let received = self.remote.received.map_or(Duration::ZERO, |it| it.at);
        let acked = self.local.acked.filter(|_| desk.causal());
        let again = match desk.link(self, Side::Remote) {
            Some(Link::Up { unbroken, .. }) => unbroken,
            Some(Link::Lost { .. } | Link::Out { .. }) | None => received,
        };
        received.max(acked.map_or(again, |acked| acked.at))
    }

    /// Whether a later step has taken over from what was owed first.
    fn governed_otherwise(&self, due: &Due, side: Side) -> Option<Fate> {
        let answered = self.remote.accept.is_some() || self.remote.refuse.is_some();
        let cancelled = self.local.cancel.is_some();
        let expires = due.rule == Id::Fail4;
        let void = (expires && side == Side::Remote && answered)
            || (expires && side == Side::Local && (answered || cancelled))
            || (due.rule == Id::Fail3 && (answered || cancelled))
            || (due.rule == Id::Fail2 && (cancelled || self.local.end.is_some()));
        void.then_some(Fate::Void)
    }

    /// The rule that a missed due breaks, given who was there.
    fn missed_rule(&self, desk: &Desk, due: &Due) -> Id {
        let grace = desk.clocks.presence_grace;
        let gone = |user| {
            desk.causal()
                && desk
                    .person(user)
                    .is_some_and(|person| person.offline_since(due.start.at, grace))
        };
        if due.rule == Id::Fail3 && self.remote.received.is_some() {
            // The callee's device has it, so what is missing is the word of it.
            Id::Send1
        } else if due.rule == Id::Ref2
            && desk.causal()
            && desk.unbroken(self, Side::Local, due.start.at)
        {
            Id::Ref1
        } else if due.rule == Id::Fail3 && gone(self.callee.as_ref()) {
            Id::Fail1
        } else if due.rule == Id::Acc3 && gone(self.caller.as_ref()) {
            Id::Acc4
        } else {
            due.rule
        }
    }

    /// What is still owed when the history ends: too little was seen to say.
    pub(super) fn unfinished(&mut self, desk: &mut Desk, end: Duration) {
        for side in [Side::Local, Side::Remote] {
            if side == Side::Local && self.send_under_way() {
                // That the send has not come back says it better.
                continue;
            }
            let end = desk.recorded(self, side, end);
            let dues = std::mem::take(self.dues(side));
            let first = dues
                .iter()
                .filter(|due| self.governed_otherwise(due, side).is_none())
                .min_by_key(|due| due.hard);
            let (Some(due), Some(user)) = (first, self.user(side).cloned()) else {
                continue;
            };
            let link = desk.link(self, side);
            let why = match link {
                Some(Link::Out { .. }) if due.rule != Id::Fail5 => continue,
                Some(Link::Lost { since, .. }) => {
                    format!("`{user}` was away from {} on", span(since))
                }
                Some(Link::Up { .. } | Link::Out { .. }) | None => {
                    let record = if desk.causal() {
                        "the history"
                    } else {
                        "its record"
                    };
                    format!("{record} ended at {}", span(end))
                }
            };
            if self.broken(side) {
                continue;
            }
            let message = format!(
                "expected {} by {}; got no answer yet, {why}",
                self.owed(due.owed, side),
                span(due.hard)
            );
            let draft = desk.draft(self, (side, &user, due.start), message);
            desk.book.note(due.rule, FindingKind::Inconclusive, draft);
        }
    }

    /// Calls that never came back: too little was seen to say.
    pub(super) fn unanswered(&mut self, desk: &mut Desk) {
        for pending in std::mem::take(&mut self.calls) {
            let rule = match pending.call {
                Call::Create => Id::Obj1,
                Call::Send => Id::Api1,
                Call::Cancel => Id::Api6,
                Call::Accept => Id::Api8,
                Call::Refuse => Id::Api12,
            };
            let side = super::calls::side_of(pending.call);
            let person = desk.person(Some(&pending.user));
            let link = person.and_then(|person| person.link(pending.stamp.session));
            let left = matches!(link, Some(Link::Out { .. })) || self.broken(side);
            if !left {
                let message = format!("expected a result of `{}`; got none yet", pending.call);
                let draft = desk.draft(self, (side, &pending.user, pending.stamp), message);
                desk.book.note(rule, FindingKind::Inconclusive, draft);
            }
        }
    }
}
