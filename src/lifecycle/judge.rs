//! The judge: takes events one by one, keeps the invitations that are open, and hands in its verdict at the end.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use foldhash::HashMap;
use slab::Slab;

use super::automaton::LocalState;
use super::case::{Case, Stamp};
use super::desk::{CROSSING, Desk, Kept, slack};
use super::over::Overs;
use super::presence::{Person, Place, Seat};
use super::rules::Id;
use super::sessions::Kicks;
use super::states::Possible;
use super::verdict::{Book, Draft, Finding, FindingKind, Verdict};
use super::watched::{Terms, Watched};
use super::ways::Ways;
use crate::history::{Call, Clocks, Event, InvitationId, Order, Passed, Side, UserId, What};

/// Judges a history while it is being made: one call per event, memory for the open invitations only.
///
/// Without a common clock ([`Order::PerUser`]) everything that spans two users waits for [`Judge::finish`], so nothing
/// is given up before.
#[derive(Debug)]
pub struct Judge {
    pub(super) desk: Desk,
    pub(super) kicks: Kicks,
    /// Where the open invitations are.
    pub(super) open: HashMap<InvitationId, Place>,
    pub(super) overs: Overs,
    /// Invitations that are through, by the moment they are put away.
    quiet: VecDeque<(Duration, Place)>,
    /// How long an invitation whose both sides are through is kept whole: until nothing of it can be under way, and a callee
    /// that was not told in time can be told from one that was (AGR-7).
    quiet_for: Duration,
    /// Within what an invitation has to go on to be followed without being judged in full; `None` where none is.
    pub(super) terms: Option<Terms>,
    pub(super) watched: Watched,
    pub(super) ways: Ways,
    /// How long what was put away is remembered in some detail.
    keep: Duration,
    events: u64,
    pub(super) next: u64,
}

impl Judge {
    /// A judge of a target that promised those clocks.
    pub fn new(clocks: Clocks, order: Order) -> Self {
        let quiet_for = CROSSING.max(slack(clocks.accept_ack));
        Self {
            desk: Desk {
                clocks,
                order,
                now: Duration::ZERO,
                book: Book::new(),
                people: HashMap::default(),
                cases: Slab::new(),
                alarms: BTreeSet::new(),
                unrecorded: BTreeSet::new(),
                forgot: false,
            },
            kicks: Kicks::default(),
            open: HashMap::default(),
            overs: Overs::default(),
            quiet: VecDeque::new(),
            // Without a common clock nobody knows what comes before what.
            terms: (order == Order::Causal).then(|| Terms::new(&clocks)),
            watched: Watched::default(),
            ways: Ways::default(),
            keep: clocks
                .cancel_bound
                .max(clocks.accept_ack)
                .saturating_add(quiet_for),
            quiet_for,
            events: 0,
            next: 0,
        }
    }

    /// The same judge without its short cut: it judges in full what takes a usual course, too.
    #[cfg(test)]
    pub(super) fn without_short_cut(mut self) -> Self {
        self.terms = None;
        self
    }

    /// Takes the next event.
    pub fn observe(&mut self, event: &Event) {
        let stamp = Stamp {
            index: self.events,
            at: event.at,
            session: event.session,
        };
        self.events += 1;
        // Events of one moment come by the dozen, and time has not passed between them.
        if self.desk.causal() && event.at > self.desk.now {
            self.advance(event.at);
        }
        let seat = self.serial(&event.user, stamp);
        match &event.what {
            What::Wire { .. } => {}
            What::Connection { state, reason } => {
                // Before it changes, since what is judged again takes it that nobody went.
                self.stirs(&event.user);
                self.connection(&event.user, stamp, *state, *reason);
            }
            What::Called { invitation, .. }
            | What::Returned { invitation, .. }
            | What::CalledBack { invitation, .. } => self.take_in(invitation, event, (stamp, seat)),
        }
    }

    /// Lets time pass, as any event and any silence does: what was due by then and did not come is found.
    pub fn advance(&mut self, now: Duration) {
        self.desk.now = self.desk.now.max(now);
        let now = self.desk.now;
        self.watch(now);
        while let Some((moment, _, _)) = self.desk.alarms.first()
            && *moment < now
        {
            if let Some((moment, _, place)) = self.desk.alarms.pop_first() {
                // Just after the moment, so that a long silence is found out in order.
                let then = moment.saturating_add(Duration::from_nanos(1));
                self.with_case(place, |case, desk| {
                    case.alarm = None;
                    case.overdue(desk, then);
                });
            }
        }
        self.check_kicks(now);
        self.put_away(now);
    }

    /// What was found so far, in the order in which it was found.
    pub fn findings(&self) -> &[Finding] {
        &self.desk.book.findings
    }

    /// How many invitations are kept, whole or put away: what bounds the memory.
    pub fn kept(&self) -> usize {
        self.desk.cases.len() + self.overs.len()
    }

    /// Ends the history at `end` and hands in the verdict.
    pub fn finish(mut self, end: Duration) -> Verdict {
        let end = end.max(self.desk.now);
        if self.desk.causal() {
            self.advance(end);
        }
        if self.desk.causal() {
            self.check_kicks(end);
        }
        self.close_sessions();
        let cases = self.desk.cases.iter();
        let mut cases: Vec<(u64, Place)> = cases
            .filter_map(|(place, kept)| match kept {
                Kept::Away => None,
                Kept::Usual(usual) => Some((usual.seq, place)),
                Kept::Whole(case) => Some((case.seq, place)),
            })
            .collect();
        cases.sort_unstable();
        for (_, place) in cases {
            self.with_case(place, |case, desk| {
                case.settle(desk);
                case.overdue(desk, end);
                case.unfinished(desk, end);
                case.unanswered(desk);
            });
        }
        self.tell_unrecorded();
        self.ways.close(&mut self.desk.book);
        self.desk.book.close(self.events)
    }

    /// Says of whom a record would be needed to judge what spans two users.
    fn tell_unrecorded(&mut self) {
        for user in std::mem::take(&mut self.desk.unrecorded) {
            let name = user
                .as_ref()
                .map_or_else(|| "the other side".to_owned(), |user| format!("`{user}`"));
            let draft = Draft {
                invitation: None,
                user: user.unwrap_or_else(|| UserId::from("")),
                event: None,
                at: self.desk.now,
                message: format!("expected a record of {name} as well; got none"),
                allowed: Vec::new(),
            };
            self.desk
                .book
                .note(Id::Send1, FindingKind::Inconclusive, draft);
        }
    }

    /// Takes in an event about an invitation, which is opened or taken out again as needed.
    fn take_in(&mut self, id: &InvitationId, event: &Event, seen: (Stamp, Seat)) {
        let place = match self.open.get(id).copied() {
            Some(place) if self.goes_on(place, event, seen) => return,
            Some(place) => place,
            None => {
                self.next += 1;
                let known = self.overs.find(self.next, id);
                if known.is_none() && self.begins(event, seen) {
                    return;
                }
                let mut case = known.unwrap_or_else(|| Case::new(self.next, id.clone()));
                case.place = self.desk.cases.vacant_key();
                self.open(id.clone(), Kept::Whole(Box::new(case)))
            }
        };
        let (stamp, seat) = seen;
        self.with_case(place, |case, desk| {
            case.observe(desk, (&event.user, stamp, seat), &event.what);
            if let What::Called { call, .. } = &event.what {
                case.enrol(desk, *call);
            }
        });
    }

    /// Keeps an invitation as an open one, at the place that is vacant.
    pub(super) fn open(&mut self, id: InvitationId, kept: Kept) -> Place {
        let place = self.desk.cases.insert(kept);
        self.open.insert(id, place);
        place
    }

    /// Keeps it no longer as an open one.
    pub(super) fn drop_open(
        &mut self,
        (seq, place): (u64, Place),
        id: &InvitationId,
        users: [Option<&UserId>; 2],
    ) {
        self.desk.strike(seq, users);
        self.desk.cases.remove(place);
        self.open.remove(id);
    }

    /// Judges in full from here on what has taken a usual course so far.
    pub(super) fn judge_in_full(&mut self, place: Place) {
        self.with_case(place, |_, _| {});
    }

    /// Does something with an open invitation, which is judged in full from here on.
    pub(super) fn with_case(&mut self, place: Place, act: impl FnOnce(&mut Case, &mut Desk)) {
        let mut case = match self.desk.take(place) {
            Kept::Away => return,
            Kept::Usual(usual) => {
                let mut case = self.replay(&usual);
                // It is in the queue of the quiet already.
                case.filed = usual.is_through();
                case
            }
            Kept::Whole(case) => case,
        };
        act(&mut case, &mut self.desk);
        self.keep_whole(case);
    }

    /// Puts an open invitation back into its place, to be put away later if it is through.
    pub(super) fn keep_whole(&mut self, mut case: Box<Case>) {
        self.desk.count(&mut case);
        if self.desk.causal() && !case.filed && case.is_over(&self.desk) {
            case.filed = true;
            self.file(case.place);
        }
        self.desk.put_back(case.place, Kept::Whole(case));
    }

    /// Has an invitation that is through put away once it has been quiet.
    pub(super) fn file(&mut self, place: Place) {
        let moment = self.desk.now.saturating_add(self.quiet_for);
        self.quiet.push_back((moment, place));
    }

    /// Puts invitations away that have been quiet, and forgets those put away long ago.
    fn put_away(&mut self, now: Duration) {
        while let Some((moment, place)) = self.quiet.front().copied()
            && moment < now
        {
            self.quiet.pop_front();
            let until = moment.saturating_add(self.keep);
            let mut case = match self.desk.take(place) {
                Kept::Away => continue,
                Kept::Usual(usual) => {
                    self.put_away_usual(&usual, until);
                    continue;
                }
                Kept::Whole(case) => case,
            };
            case.filed = false;
            if !case.is_over(&self.desk) {
                self.desk.put_back(place, Kept::Whole(case));
                continue;
            }
            case.settle(&mut self.desk);
            self.desk.unset(&case);
            if case.counted {
                self.desk.count_ringing(case.caller.as_ref(), false);
            }
            self.drop_open((case.seq, place), &case.id, case.users());
            self.overs.put(*case, until);
        }
        self.overs.forget(now);
        self.desk.forgot = self.overs.lost;
    }

    /// The events of one log-in never run back in time (ORD-1). What is known of the log-in.
    fn serial(&mut self, user: &UserId, stamp: Stamp) -> Seat {
        let hear = |person: &mut Person| {
            let last = person.heard(stamp.session, stamp.at);
            (last, person.seat(stamp.session))
        };
        let known = self.desk.people.get_mut(user);
        let known = known.filter(|person| person.has_heard_of(stamp.session));
        let (last, seat) = if let Some(person) = known {
            hear(person)
        } else {
            // An older log-in may be forgotten over this one.
            self.stirs(user);
            hear(self.desk.people.entry(user.clone()).or_default())
        };
        if let Some(last) = last {
            self.desk.book.arm(Id::Ord1);
            if stamp.at >= last {
                self.desk.book.discharge(Id::Ord1);
            } else {
                let message = format!(
                    "expected an event not before {}; got one at {}",
                    super::desk::span(last),
                    super::desk::span(stamp.at)
                );
                self.desk.book.broken(Id::Ord1, about(user, stamp, message));
            }
        }
        seat
    }
}

/// A finding about a user rather than an invitation.
pub(super) fn about(user: &UserId, stamp: Stamp, message: String) -> Draft {
    Draft {
        invitation: None,
        user: user.clone(),
        event: Some(stamp.index),
        at: stamp.at,
        message,
        allowed: Vec::new(),
    }
}

impl Case {
    /// A call on an invitation that nobody created.
    pub(super) fn uncreated(
        &mut self,
        desk: &mut Desk,
        (user, stamp): (&UserId, Stamp),
        call: Call,
        with: &Passed,
    ) {
        self.caller = Some(user.clone());
        self.callee.clone_from(&with.peer);
        self.local.states = Possible::only(LocalState::Idle);
        let message = format!("expected `create` first; got `{call}`");
        if desk.forgot {
            // It may be one that ended so long ago that nothing is known of it any more.
            let draft = desk.draft(self, (Side::Local, user, stamp), message);
            desk.book.note(Id::Obj1, FindingKind::Inconclusive, draft);
            self.silence();
            return;
        }
        desk.breach(self, (Side::Local, user, stamp), Id::Obj1, message);
        self.remote.broken = true;
    }
}
