//! What judging one invitation needs besides the invitation: the clocks, the people, the book, and the limits' slack.

use std::collections::BTreeSet;
use std::time::Duration;

use foldhash::HashMap;
use slab::Slab;

use super::case::{Case, Due, Owed, Stamp};
use super::presence::{Link, Person, Place};
use super::rules::Id;
use super::usual::Usual;
use super::verdict::{Book, Draft, FindingKind};
use crate::history::{Clocks, Order, Side, UserId};

/// The document's bound for what has no clock of its own (FAIL-2, FAIL-5, FAIL-6).
pub(super) const PROMPT: Duration = Duration::from_secs(1);

/// How far apart two users may record what the arbiter did to both in one moment: their messages are under way together.
pub(super) const CROSSING: Duration = Duration::from_millis(50);

/// The tables that all invitations share.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) clocks: Clocks,
    pub(super) order: Order,
    pub(super) now: Duration,
    pub(super) book: Book,
    pub(super) people: HashMap<UserId, Person>,
    /// The invitations that are open.
    pub(super) cases: Slab<Kept>,
    /// When which invitation has to be looked at again: the oldest first of those due at one moment.
    pub(super) alarms: BTreeSet<(Duration, u64, Place)>,
    /// Users of whom nothing was recorded, although an invitation needs them and each user had a recorder of its own; `None`
    /// is one that nobody names.
    pub(super) unrecorded: BTreeSet<Option<UserId>>,
    /// Some invitation is so long over that nothing is known of it any more.
    pub(super) forgot: bool,
}

/// How an open invitation is kept.
#[derive(Debug, Default)]
pub(super) enum Kept {
    /// Something is happening to it.
    #[default]
    Away,
    /// It has taken a usual course so far.
    Usual(Box<Usual>),
    /// It is judged in full.
    Whole(Box<Case>),
}

/// How far from a limit is still on time, either way.
pub(super) fn slack(limit: Duration) -> Duration {
    (limit / 100).max(Duration::from_millis(50))
}

/// The moment after which something is missed, not just late.
pub(super) fn missed_after(from: Duration, limit: Duration) -> Duration {
    from.saturating_add(limit)
        .saturating_add(limit / 10)
        .saturating_add(Duration::from_secs(1))
}

/// The moment after which something is late.
pub(super) fn late_after(from: Duration, limit: Duration) -> Duration {
    from.saturating_add(limit).saturating_add(slack(limit))
}

impl Desk {
    /// Whether the order of events of different users respects cause and effect.
    pub(super) fn causal(&self) -> bool {
        self.order == Order::Causal
    }

    pub(super) fn person(&self, user: Option<&UserId>) -> Option<&Person> {
        self.people.get(user?)
    }

    /// The connection of a side, if anything is known of it.
    pub(super) fn link(&self, case: &Case, side: Side) -> Option<Link> {
        let person = self.person(case.user(side))?;
        match case.session(side) {
            Some(session) => person.link(session),
            None => person.latest(),
        }
    }

    /// Whether a side was connected without a gap since `from`.
    pub(super) fn unbroken(&self, case: &Case, side: Side, from: Duration) -> bool {
        match (self.person(case.user(side)), case.session(side)) {
            (None, _) => true,
            (Some(person), Some(session)) => person.unbroken_since(session, from),
            (Some(person), None) => person.unbroken_since(u32::MAX, from),
        }
    }

    /// A moment, moved for a side that was away in between: what is owed falls due again at its return.
    pub(super) fn moved(
        &self,
        case: &Case,
        (side, rule): (Side, Id),
        start: Duration,
        moment: Duration,
    ) -> Duration {
        match self.link(case, side) {
            Some(Link::Up { unbroken, .. }) if unbroken > start => {
                moment.max(missed_after(unbroken, self.anew(rule)))
            }
            Some(Link::Up { .. } | Link::Lost { .. } | Link::Out { .. }) | None => moment,
        }
    }

    /// Within what a side that was away is owed something after its return: what its own call waits for within that call's
    /// limit, since the call may have arrived only then, all else at once.
    pub(super) fn anew(&self, rule: Id) -> Duration {
        if rule == Id::Can3 {
            self.clocks.cancel_bound.max(PROMPT)
        } else if [Id::Acc3, Id::Acc4, Id::Ref1, Id::Ref2].contains(&rule) {
            self.clocks.accept_ack.max(PROMPT)
        } else {
            PROMPT
        }
    }

    /// Notes that a side is owed something within `limit` of `start`.
    pub(super) fn owe(
        &mut self,
        case: &mut Case,
        side: Side,
        (rule, owed): (Id, Owed),
        start: Stamp,
        limit: Duration,
    ) {
        if !is_quiet(rule) {
            self.book.arm(rule);
        }
        let due = Due {
            rule,
            owed,
            start,
            soft: late_after(start.at, limit),
            hard: missed_after(start.at, limit),
            untimed: false,
        };
        self.alarm(case, due.hard);
        case.dues(side).push(due);
    }

    /// The same across two users. Without a common clock only its coming counts: it is missed when all that the side is
    /// owed by its own clock is.
    pub(super) fn owe_across(
        &mut self,
        case: &mut Case,
        side: Side,
        (rule, owed): (Id, Owed),
        start: Stamp,
        limit: Duration,
    ) {
        if self.causal() {
            return self.owe(case, side, (rule, owed), start, limit);
        }
        let own = match side {
            Side::Local => case.local.sent.as_ref().map(|sent| sent.stamp),
            Side::Remote => case.remote.received,
        };
        let own = own.unwrap_or(start);
        let ends = case.dues(side).iter().filter(|due| due.owed == Owed::End);
        let hard = ends.map(|due| due.hard).max();
        let hard = hard.unwrap_or_else(|| missed_after(own.at, self.clocks.longest_life()));
        self.book.arm(rule);
        case.dues(side).push(Due {
            rule,
            owed,
            start: Stamp {
                index: start.index,
                ..own
            },
            soft: hard,
            hard,
            untimed: true,
        });
    }

    /// How far the record of a side goes: to the end of the history or, if each user had a recorder of its own, to the
    /// user's last event.
    pub(super) fn recorded(&self, case: &Case, side: Side, end: Duration) -> Duration {
        if self.causal() {
            return end;
        }
        let person = self.person(case.user(side));
        person.and_then(Person::last_heard).unwrap_or_default()
    }

    /// Takes an invitation out of its place, as long as something happens to it.
    pub(super) fn take(&mut self, place: Place) -> Kept {
        let kept = self.cases.get_mut(place);
        kept.map_or(Kept::Away, std::mem::take)
    }

    /// Puts an invitation back into its place.
    pub(super) fn put_back(&mut self, at: Place, kept: Kept) {
        if let Some(place) = self.cases.get_mut(at) {
            *place = kept;
        }
    }

    /// Keeps the number of a caller's invitations that ring.
    pub(super) fn count(&mut self, case: &mut Case) {
        let rings = case.rings();
        if case.counted != rings {
            case.counted = rings;
            self.count_ringing(case.caller.as_ref(), rings);
        }
    }

    /// Another invitation of a caller rings, or one of them does no more.
    pub(super) fn count_ringing(&mut self, caller: Option<&UserId>, rings: bool) {
        if let Some(person) = caller.and_then(|caller| self.people.get_mut(caller)) {
            person.ringing = if rings {
                person.ringing + 1
            } else {
                person.ringing.saturating_sub(1)
            };
        }
    }

    /// Enters a new invitation with its users.
    pub(super) fn enter(&mut self, (seq, place): (u64, Place), users: [Option<&UserId>; 2]) {
        for user in users.into_iter().flatten() {
            match self.people.get_mut(user) {
                Some(person) => person.cases.enter(seq, place),
                None => {
                    let person = self.people.entry(user.clone()).or_default();
                    person.cases.enter(seq, place);
                }
            }
        }
    }

    /// Drops an invitation that is over from what its users have open.
    pub(super) fn strike(&mut self, seq: u64, users: [Option<&UserId>; 2]) {
        for user in users.into_iter().flatten() {
            if let Some(person) = self.people.get_mut(user) {
                person.cases.strike(seq);
            }
        }
    }

    /// Looks at an invitation again after a moment. Without a common clock that waits for the end.
    ///
    /// One alarm per invitation is enough: an earlier one sees to the later.
    pub(super) fn alarm(&mut self, case: &mut Case, moment: Duration) {
        if !self.causal() || case.alarm.is_some_and(|set| set <= moment) {
            return;
        }
        self.unset(case);
        case.alarm = Some(moment);
        self.alarms.insert((moment, case.seq, case.place));
    }

    pub(super) fn unset(&mut self, case: &Case) {
        if let Some(set) = case.alarm {
            self.alarms.remove(&(set, case.seq, case.place));
        }
    }

    /// Judges one demand on a side: armed, and discharged or broken. Consequences still count.
    pub(super) fn check(
        &mut self,
        case: &Case,
        at: (Side, &UserId, Stamp),
        rule: Id,
        right: bool,
        message: impl FnOnce() -> String,
    ) {
        self.book.arm(rule);
        if right {
            self.book.discharge(rule);
        } else if !case.broken(at.0) {
            let draft = self.draft(case, at, message());
            self.book.broken(rule, draft);
        }
    }

    /// A finding whose consequences are not reported: that side of the invitation is silent from here on.
    pub(super) fn breach(
        &mut self,
        case: &mut Case,
        at: (Side, &UserId, Stamp),
        rule: Id,
        message: String,
    ) {
        self.book.arm(rule);
        if !case.broken(at.0) {
            let draft = self.draft(case, at, message);
            self.book.broken(rule, draft);
        }
        match at.0 {
            Side::Local => case.local.broken = true,
            Side::Remote => case.remote.broken = true,
        }
        case.dues(at.0).clear();
    }

    /// A warning: right, but late or lax.
    pub(super) fn warn(
        &mut self,
        case: &Case,
        at: (Side, &UserId, Stamp),
        rule: Id,
        message: String,
    ) {
        if !case.broken(at.0) {
            let draft = self.draft(case, at, message);
            self.book.note(rule, FindingKind::Warning, draft);
        }
    }

    pub(super) fn draft(
        &self,
        case: &Case,
        (side, user, stamp): (Side, &UserId, Stamp),
        message: String,
    ) -> Draft {
        Draft {
            invitation: Some(case.id.clone()),
            user: user.clone(),
            event: Some(stamp.index),
            at: stamp.at,
            message,
            allowed: case.allowed(side),
        }
    }
}

/// Rules about a failure at a certain moment: armed by the failure or its absence, not by the clock's start.
pub(super) fn is_quiet(rule: Id) -> bool {
    rule == Id::Fail1
        || rule == Id::Fail3
        || rule == Id::Fail4
        || rule == Id::Acc3
        || rule == Id::Acc4
}

/// A length of time for messages.
pub(super) fn span(duration: Duration) -> String {
    format!("`{}.{:03} s`", duration.as_secs(), duration.subsec_millis())
}
