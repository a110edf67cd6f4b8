//! Invitations that are over: what is kept of them for a while, and of that a trace for long, to recognise stragglers.

use std::collections::VecDeque;
use std::time::Duration;

use foldhash::HashMap;
use xxhash_rust::xxh3::xxh3_64;

use super::automaton::{LocalState, RemoteState};
use super::case::{Case, End, Sent, Stamp};
use super::states::Possible;
use super::steps::Step;
use super::usual::Usual;
use super::ways::Way;
use crate::history::{Callback, InvitationId, Payload, Side, UserId};

/// How many forgotten invitations leave a trace; of older ones nothing is known any more.
pub(super) const TRACES_MAX: usize = 32 * 1024;

/// What is kept of an invitation that is over: whose it was, and what may still come of it.
#[derive(Debug)]
struct Over {
    /// Of its id.
    digest: u64,
    seq: u64,
    /// When it is forgotten, and no more than a trace.
    until: Duration,
    caller: Option<UserId>,
    callee: Option<UserId>,
    local: Half<LocalState>,
    remote: Half<RemoteState>,
    /// The send, and whether it was one without a log-in.
    sent: Option<(Stamp, bool)>,
    received: Option<Stamp>,
}

/// One side of it.
#[derive(Debug)]
struct Half<S> {
    states: Possible<S>,
    broken: bool,
    end: Option<Last>,
}

/// How a side ended. What came with it was judged then.
#[derive(Debug, Clone, Copy)]
struct Last {
    callback: Callback,
    code: u8,
    stamp: Stamp,
}

impl Last {
    fn of(end: &End) -> Self {
        Self {
            callback: end.callback,
            code: end.code,
            stamp: end.stamp,
        }
    }

    fn end(self) -> End {
        End {
            callback: self.callback,
            code: self.code,
            response: Payload::default(),
            stamp: self.stamp,
        }
    }
}

impl Over {
    fn of(case: Case, until: Duration) -> Self {
        Self {
            digest: xxh3_64(case.id.as_bytes()),
            seq: case.seq,
            until,
            caller: case.caller,
            callee: case.callee,
            local: Half {
                states: case.local.states,
                broken: case.local.broken,
                end: case.local.end.as_ref().map(Last::of),
            },
            remote: Half {
                states: case.remote.states,
                broken: case.remote.broken,
                end: case.remote.end.as_ref().map(Last::of),
            },
            sent: case.local.sent.map(|sent| (sent.stamp, sent.offline)),
            received: case.remote.received,
        }
    }

    /// One that went a usual way, which says where it ended.
    fn usual(usual: &Usual, way: &Way, until: Duration) -> Self {
        let last = |side| {
            usual.end(side).map(|(callback, stamp)| Last {
                callback,
                code: 0,
                stamp,
            })
        };
        Self {
            digest: xxh3_64(usual.id.as_bytes()),
            seq: usual.seq,
            until,
            caller: Some(usual.caller.clone()),
            callee: Some(usual.callee.clone()),
            local: Half {
                states: way.local,
                broken: false,
                end: last(Side::Local),
            },
            remote: Half {
                states: way.remote,
                broken: false,
                end: last(Side::Remote),
            },
            sent: usual.stamp(Step::Send).map(|stamp| (stamp, false)),
            received: usual.stamp(Step::Received),
        }
    }

    /// The invitation again, with both lives behind it.
    fn reopen(self, id: InvitationId) -> Case {
        let mut case = Case::new(self.seq, id);
        case.caller = self.caller;
        case.callee = self.callee;
        case.local.states = self.local.states;
        case.local.broken = self.local.broken;
        case.local.end = self.local.end.map(Last::end);
        case.local.sent = self.sent.map(|(stamp, offline)| Sent {
            stamp,
            returned: Some(stamp.at),
            content: Payload::default(),
            channel: Payload::default(),
            rewritten: None,
            offline,
        });
        case.remote.states = self.remote.states;
        case.remote.broken = self.remote.broken;
        case.remote.end = self.remote.end.map(Last::end);
        case.remote.received = self.received;
        case.agreed = true;
        case
    }

    /// The same of one that was forgotten: it is as new, and its moments say nothing any more.
    fn retrace(self, seq: u64, id: InvitationId) -> Case {
        let mut case = self.reopen(id);
        case.seq = seq;
        case.local.sent = None;
        // Some moment before its end: which one does not matter.
        let end = case.remote.end.as_ref().map(|end| end.stamp);
        case.remote.received = case.remote.received.and(end);
        case
    }
}

/// The invitations that are over, in the order in which they were put away: those of late, and before them the traces.
#[derive(Debug, Default)]
pub(super) struct Overs {
    /// One that was found again left a gap.
    kept: VecDeque<Option<Over>>,
    /// The number of each, by the digest of its id.
    numbers: HashMap<u64, u64>,
    /// The number of the oldest.
    first: u64,
    /// How many of the oldest are no more than traces.
    traces: usize,
    /// Whether some were given up, so that an id of which nothing is known may be of one of them.
    pub(super) lost: bool,
}

impl Overs {
    /// How many are kept that are more than traces.
    pub(super) fn len(&self) -> usize {
        self.kept.len() - self.traces
    }

    /// Puts an invitation away, to be forgotten at `until`.
    pub(super) fn put(&mut self, case: Case, until: Duration) {
        self.keep(Over::of(case, until));
    }

    /// Puts one away that went a usual way.
    pub(super) fn put_usual(&mut self, usual: &Usual, way: &Way, until: Duration) {
        self.keep(Over::usual(usual, way, until));
    }

    fn keep(&mut self, over: Over) {
        self.numbers
            .insert(over.digest, self.first + self.kept.len() as u64);
        self.kept.push_back(Some(over));
    }

    /// Forgets those whose time is up, and gives up the oldest traces.
    pub(super) fn forget(&mut self, now: Duration) {
        while let Some(next) = self.kept.get(self.traces)
            && next.as_ref().is_none_or(|over| over.until < now)
        {
            self.traces += 1;
        }
        while self.traces > TRACES_MAX {
            self.traces -= 1;
            self.first += 1;
            if let Some(over) = self.kept.pop_front().flatten() {
                self.numbers.remove(&over.digest);
                self.lost = true;
            }
        }
    }

    /// The invitation again, if it is one of them; `seq` is its age if it is no more than a trace.
    pub(super) fn find(&mut self, seq: u64, id: &InvitationId) -> Option<Case> {
        let number = self.numbers.remove(&xxh3_64(id.as_bytes()))?;
        let place = usize::try_from(number - self.first).ok()?;
        let over = self.kept.get_mut(place)?.take()?;
        if place < self.traces {
            Some(over.retrace(seq, id.clone()))
        } else {
            Some(over.reopen(id.clone()))
        }
    }
}
