//! The ways that usual courses take, each judged in full once: what the rules made of it holds for all that take it.

use std::time::Duration;

use foldhash::HashMap;

use super::automaton::{LocalState, RemoteState};
use super::case::{Case, Stamp};
use super::desk::Kept;
use super::judge::Judge;
use super::presence::{Place, Seat};
use super::rules::Id;
use super::states::Possible;
use super::steps::Step;
use super::usual::Usual;
use super::verdict::{Book, Tally};
use super::watched::Terms;
use crate::history::{Event, UserId};

/// How many ways are remembered. Those of one course differ in the order of a few steps and in what is empty or told.
const WAYS_MAX: usize = 4096;

/// The clean ways that were taken, by [`Usual::key`].
#[derive(Debug, Default)]
pub(super) struct Ways(HashMap<u64, Way>);

/// A clean way.
#[derive(Debug)]
pub(super) struct Way {
    /// What it adds to the book.
    tally: Tally,
    /// How often it was taken without being judged again.
    times: u64,
    /// The states it ends in.
    pub(super) local: Possible<LocalState>,
    pub(super) remote: Possible<RemoteState>,
}

impl Ways {
    /// How many invitations took a way that was known.
    #[cfg(test)]
    pub(super) fn times(&self) -> u64 {
        self.0.values().map(|way| way.times).sum()
    }

    /// Writes into the book what was not judged again.
    pub(super) fn close(&self, book: &mut Book) {
        for way in self.0.values() {
            book.add(&way.tally, way.times);
        }
    }
}

impl Judge {
    /// Opens an invitation of which nothing is known, if its first event may be that of a usual course. Whether it did.
    pub(super) fn begins(&mut self, event: &Event, seen: (Stamp, Seat)) -> bool {
        let Some(terms) = self.terms_at(seen.0) else {
            return false;
        };
        let at = (self.next, self.desk.cases.vacant_key());
        let Some(usual) = Usual::begin(at, event, seen) else {
            return false;
        };
        self.desk.enter(at, usual.users());
        let (id, stamp) = (usual.id.clone(), seen.0);
        self.open(id, Kept::Usual(usual));
        self.watched
            .note((Step::Create, stamp.at), at, &terms, &self.desk.cases);
        true
    }

    /// The terms of usual courses at an event. One of the past would stand out of its order among those that are watched.
    fn terms_at(&self, stamp: Stamp) -> Option<Terms> {
        self.terms.filter(|_| stamp.at == self.desk.now)
    }

    /// Takes in the next event of an invitation that has taken a usual course, if it still does. Whether it did.
    pub(super) fn goes_on(&mut self, place: Place, event: &Event, seen: (Stamp, Seat)) -> bool {
        let Some(Kept::Usual(usual)) = self.desk.cases.get(place) else {
            return false;
        };
        let Some(terms) = self.terms_at(seen.0) else {
            return false;
        };
        let Some(mark) = usual.next(event, seen) else {
            return false;
        };
        let is_sent = mark.step == Step::Send;
        // What the callee sends at the same time has rules of its own (SEND-7).
        if is_sent && self.desk.rings_towards(place, usual.users()) {
            return false;
        }
        let is_among_others = is_sent && self.desk.rings_beside(place, usual.users());
        let Kept::Usual(mut usual) = self.desk.take(place) else {
            return false;
        };
        let was_ringing = usual.rings();
        usual.among_others |= is_among_others;
        usual.take(mark, event, seen.0.session);
        if usual.rings() != was_ringing {
            self.desk.count_ringing(Some(&usual.caller), !was_ringing);
        }
        let at = (usual.seq, place);
        if usual.is_through() {
            self.through(usual);
        } else {
            self.desk.put_back(place, Kept::Usual(usual));
        }
        self.watched
            .note((mark.step, seen.0.at), at, &terms, &self.desk.cases);
        true
    }

    /// A usual course is at its end: if its way is known, nothing more is to be found about it.
    fn through(&mut self, usual: Box<Usual>) {
        let key = usual.key();
        if self.ways.0.contains_key(&key) {
            self.file(usual.place);
            return self.desk.put_back(usual.place, Kept::Usual(usual));
        }
        let before = self.desk.book.tally();
        let case = self.replay(&usual);
        let tally = self.desk.book.tally().since(&before);
        if tally.found == 0 && self.ways.0.len() < WAYS_MAX && case.is_over(&self.desk) {
            let way = Way {
                tally,
                times: 0,
                local: case.local.states,
                remote: case.remote.states,
            };
            self.ways.0.insert(key, way);
        }
        self.keep_whole(case);
    }

    /// Puts a usual course away that is through and has been quiet.
    pub(super) fn put_away_usual(&mut self, usual: &Usual, until: Duration) {
        if let Some(way) = self.ways.0.get_mut(&usual.key()) {
            way.times += 1;
            self.overs.put_usual(usual, way, until);
        }
        self.drop_open((usual.seq, usual.place), &usual.id, usual.users());
    }

    /// Judges what an invitation went through, event by event.
    pub(super) fn replay(&mut self, usual: &Usual) -> Box<Case> {
        let mut case = usual.blank();
        if usual.among_others {
            self.desk.book.arm(Id::Send6);
        }
        for (user, stamp, what) in usual.events() {
            case.observe(&mut self.desk, (user, stamp, Seat::SETTLED), &what);
        }
        case
    }

    /// Judges in full what has stood still for so long that something may fall due.
    pub(super) fn watch(&mut self, now: Duration) {
        while let Some(place) = self.watched.pop(now, &self.desk.cases) {
            self.judge_in_full(place);
        }
    }

    /// Judges in full what a user takes part in, whose connection is about to change.
    pub(super) fn stirs(&mut self, user: &UserId) {
        for place in self.open_of(user) {
            if matches!(self.desk.cases.get(place), Some(Kept::Usual(_))) {
                self.judge_in_full(place);
            }
        }
    }
}
