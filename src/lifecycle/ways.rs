//! The ways that usual courses take, each judged in full once: what the rules made of it holds for all that take it.

use std::collections::VecDeque;
use std::time::Duration;

use foldhash::HashMap;

use super::automaton::{LocalState, RemoteState};
use super::case::{Case, Stamp};
use super::desk::{Kept, PROMPT};
use super::judge::Judge;
use super::presence::{Place, Seat};
use super::rules::Id;
use super::states::Possible;
use super::steps::Step;
use super::usual::Usual;
use super::verdict::{Book, Tally};
use crate::history::{Clocks, Event, UserId};

/// How many ways are remembered. Those of one course differ in the order of a few steps and in what is empty or unknown.
const WAYS_MAX: usize = 4096;

/// What is known of the ways that were taken.
#[derive(Debug, Default)]
pub(super) struct Ways(HashMap<u64, Known>);

/// What is known of one way.
#[derive(Debug)]
enum Known {
    /// It is clean.
    Clean(Way),
    /// Something was found on it, and will be found again.
    Odd,
}

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
    /// How many invitations took a known clean way, and how many ways are odd.
    #[cfg(test)]
    pub(super) fn seen(&self) -> (u64, usize) {
        let times = self.0.values().map(|known| match known {
            Known::Clean(way) => way.times,
            Known::Odd => 0,
        });
        let odd = |known: &&Known| matches!(known, Known::Odd);
        (times.sum(), self.0.values().filter(odd).count())
    }

    /// Writes into the book what was not judged again.
    pub(super) fn close(&self, book: &mut Book) {
        for known in self.0.values() {
            if let Known::Clean(way) = known {
                book.add(&way.tally, way.times);
            }
        }
    }
}

/// How long a usual course may take: less than any limit that runs meanwhile, so that nothing falls due while it is usual.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    /// From its beginning to the ack of the callee's device.
    pub(super) to_ack: Duration,
    /// From its beginning to the accept, refuse or cancel.
    pub(super) to_decision: Duration,
    /// From there to the end of both sides.
    pub(super) to_end: Duration,
}

impl Terms {
    pub(super) fn new(clocks: &Clocks) -> Self {
        Self {
            to_ack: clocks.no_ack.min(clocks.offline_window),
            to_decision: clocks.expiry,
            to_end: clocks.accept_ack.min(clocks.cancel_bound).min(PROMPT),
        }
    }
}

/// The invitations that go the usual way, by the moments at which they have to be judged unless they have come further.
#[derive(Debug, Default)]
pub(super) struct Watched {
    to_ack: VecDeque<Watch>,
    to_decision: VecDeque<Watch>,
    to_end: VecDeque<Watch>,
}

/// Until when something has to come, of which invitation.
type Watch = (Duration, (u64, Place));

/// Whether what was waited for has come.
type Came = fn(&Usual) -> bool;

impl Watched {
    /// Notes what has to come next after a step, and until when.
    fn note(&mut self, usual: &Usual, step: Step, at: Duration, terms: &Terms) {
        let (queue, term) = match step {
            Step::Create => (&mut self.to_ack, terms.to_ack),
            Step::Received => (&mut self.to_decision, terms.to_decision),
            Step::Accept | Step::Refuse | Step::Cancel => (&mut self.to_end, terms.to_end),
            Step::Created
            | Step::Send
            | Step::Sent
            | Step::Acked
            | Step::AcceptReturned
            | Step::LocalAccepted
            | Step::RemoteAccepted
            | Step::RefuseReturned
            | Step::LocalRefused
            | Step::RemoteRefused
            | Step::CancelReturned
            | Step::RemoteCanceled
            | Step::LocalCanceled => return,
        };
        queue.push_back((at.saturating_add(term), (usual.seq, usual.place)));
    }

    /// Takes out one whose time is over, and how to tell whether what should have come did.
    fn pop(&mut self, now: Duration) -> Option<((u64, Place), Came)> {
        let queues: [(_, Came); 3] = [
            (&mut self.to_ack, Usual::is_acked),
            (&mut self.to_decision, Usual::is_decided),
            (&mut self.to_end, Usual::is_through),
        ];
        queues.into_iter().find_map(|(queue, came)| {
            let (_, which) = queue.pop_front_if(|(until, _)| *until < now)?;
            Some((which, came))
        })
    }
}

impl Judge {
    /// Opens an invitation of which nothing is known, if its first event may be that of a usual one. Whether it did.
    pub(super) fn begins(&mut self, event: &Event, seen: (Stamp, Seat)) -> bool {
        let Some(terms) = self.terms else {
            return false;
        };
        let (stamp, _) = seen;
        if stamp.at != self.desk.now {
            return false;
        }
        let at = (self.next, self.desk.cases.vacant_key());
        let Some(usual) = Usual::begin(at, event, seen) else {
            return false;
        };
        self.desk.enter(at, users(&usual));
        self.watched.note(&usual, Step::Create, stamp.at, &terms);
        self.open(&usual.id.clone(), Kept::Usual(usual));
        true
    }

    /// Takes in the next event of an invitation that has gone the usual way, if it still does. Whether it did.
    pub(super) fn goes_on(&mut self, place: Place, event: &Event, seen: (Stamp, Seat)) -> bool {
        let mut usual = match self.desk.take(place) {
            Kept::Usual(usual) => usual,
            kept @ (Kept::Whole(_) | Kept::Away) => {
                self.desk.put_back(place, kept);
                return false;
            }
        };
        let at = seen.0.at;
        let terms = self.terms.filter(|_| at == self.desk.now);
        let next = terms.and_then(|terms| Some((usual.next(event, seen, &terms)?, terms)));
        let next = next.filter(|(mark, _)| {
            // What the callee sends at the same time has rules of its own (SEND-7).
            mark.step != Step::Send || !self.desk.open_beside(place, users(&usual), true)
        });
        let Some((mark, terms)) = next else {
            self.desk.put_back(place, Kept::Usual(usual));
            return false;
        };
        if mark.step == Step::Send {
            usual.among_others = self.desk.open_beside(place, users(&usual), false);
        }
        let rang = usual.rings();
        usual.take(mark, event, seen);
        self.watched.note(&usual, mark.step, at, &terms);
        if usual.rings() != rang {
            self.desk.rang(Some(&usual.caller), !rang);
        }
        if usual.is_through() {
            self.through(usual);
        } else {
            self.desk.put_back(place, Kept::Usual(usual));
        }
        true
    }

    /// A usual course is at its end: if its way is known, nothing more is to be found about it.
    fn through(&mut self, usual: Box<Usual>) {
        let key = usual.key();
        if let Some(Known::Clean(_)) = self.ways.0.get(&key) {
            self.file(usual.place);
            return self.desk.put_back(usual.place, Kept::Usual(usual));
        }
        let before = (self.desk.book.tally(), self.desk.book.findings.len());
        let mut case = self.in_full(&usual);
        case.filed = false;
        if self.ways.0.len() < WAYS_MAX && !self.ways.0.contains_key(&key) {
            let is_clean = before.1 == self.desk.book.findings.len() && case.is_over(&self.desk);
            let way = Way {
                tally: self.desk.book.tally().since(&before.0),
                times: 0,
                local: case.local.states,
                remote: case.remote.states,
            };
            let known = if is_clean {
                Known::Clean(way)
            } else {
                Known::Odd
            };
            self.ways.0.insert(key, known);
        }
        self.keep_whole(case);
    }

    /// Puts a usual course away that is through and has been quiet.
    pub(super) fn rest(&mut self, usual: &Usual, until: Duration) {
        if let Some(Known::Clean(way)) = self.ways.0.get_mut(&usual.key()) {
            way.times += 1;
            self.overs.put_usual(usual, way, until);
        }
        self.desk.strike(usual.seq, users(usual));
        self.desk.cases.remove(usual.place);
        self.open.remove(&usual.id);
    }

    /// Judges what an invitation went through, event by event.
    pub(super) fn in_full(&mut self, usual: &Usual) -> Box<Case> {
        let mut case = usual.blank();
        if usual.among_others {
            self.desk.book.arm(Id::Send6);
        }
        for (user, stamp, what) in usual.events() {
            case.observe(&mut self.desk, (user, stamp, Seat::SETTLED), &what);
        }
        case
    }

    /// Judges in full what has gone on for so long that something may fall due.
    pub(super) fn watch(&mut self, now: Duration) {
        while let Some(((seq, place), came)) = self.watched.pop(now) {
            let kept = self.desk.cases.get(place);
            if matches!(kept, Some(Kept::Usual(usual)) if usual.seq == seq && !came(usual)) {
                self.with_case(place, |_, _| {});
            }
        }
    }

    /// Judges in full what a user takes part in, whose connection is about to change.
    pub(super) fn stirs(&mut self, user: &UserId) {
        for place in self.open_of(user) {
            if matches!(self.desk.cases.get(place), Some(Kept::Usual(_))) {
                self.with_case(place, |_, _| {});
            }
        }
    }
}

/// The caller and the callee.
fn users(usual: &Usual) -> [Option<&UserId>; 2] {
    [Some(&usual.caller), Some(&usual.callee)]
}
