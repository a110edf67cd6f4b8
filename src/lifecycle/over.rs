//! Invitations that are over: what is kept of them for a while, and then for long, to recognise stragglers.

use std::collections::VecDeque;
use std::time::Duration;

use foldhash::HashMap;
use xxhash_rust::xxh3::xxh3_64;

use super::automaton::{LocalState, RemoteState};
use super::case::{Case, End, Sent, Stamp};
use super::states::Possible;
use crate::history::{Callback, InvitationId, Payload, UserId};

/// How many forgotten invitations leave a trace; of older ones nothing is known any more.
pub(super) const TRACES_MAX: usize = 32 * 1024;

/// What is kept of an invitation that is over.
#[derive(Debug)]
pub(super) struct Over {
    pub(super) id: InvitationId,
    seq: u64,
    /// When it is forgotten.
    pub(super) until: Duration,
    /// The send, and whether it was one without a log-in.
    sent: Option<(Stamp, bool)>,
    received: Option<Stamp>,
    trace: Trace,
}

/// What is known of an invitation that was forgotten: whose it was, and what may still come of it.
#[derive(Debug)]
struct Trace {
    caller: Option<UserId>,
    callee: Option<UserId>,
    local: Half<LocalState>,
    remote: Half<RemoteState>,
    received: bool,
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
    pub(super) fn of(case: Case, until: Duration) -> Self {
        Self {
            id: case.id,
            seq: case.seq,
            until,
            sent: case.local.sent.map(|sent| (sent.stamp, sent.offline)),
            received: case.remote.received,
            trace: Trace {
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
                received: case.remote.received.is_some(),
            },
        }
    }

    /// The invitation again, with both lives behind it.
    pub(super) fn reopen(self) -> Case {
        let mut case = self.trace.reopen(self.seq, self.id);
        case.local.sent = self.sent.map(|(stamp, offline)| Sent {
            stamp,
            returned: Some(stamp.at),
            content: Payload::default(),
            channel: Payload::default(),
            rewritten: None,
            offline,
        });
        case.remote.received = self.received;
        case
    }
}

impl Trace {
    fn reopen(self, seq: u64, id: InvitationId) -> Case {
        let mut case = Case::new(seq, id);
        case.caller = self.caller;
        case.callee = self.callee;
        case.local.states = self.local.states;
        case.local.broken = self.local.broken;
        case.local.end = self.local.end.map(Last::end);
        case.remote.states = self.remote.states;
        case.remote.broken = self.remote.broken;
        case.remote.end = self.remote.end.map(Last::end);
        if self.received {
            // Some moment before its end: which one does not matter any more.
            case.remote.received = case.remote.end.as_ref().map(|end| end.stamp);
        }
        case.agreed = true;
        case
    }
}

/// The traces of the invitations that were forgotten last.
#[derive(Debug, Default)]
pub(super) struct Traces {
    of: HashMap<u64, (u64, Trace)>,
    /// The ids by age, as digests, each with the number of its trace: one that was found again left another.
    ages: VecDeque<(u64, u64)>,
    laid: u64,
    /// Whether some were given up, so that an id of which nothing is known may be of one of them.
    pub(super) lost: bool,
}

impl Traces {
    /// Remembers that an invitation was there.
    pub(super) fn lay(&mut self, over: Over) {
        let digest = xxh3_64(over.id.as_bytes());
        self.laid += 1;
        self.of.insert(digest, (self.laid, over.trace));
        self.ages.push_back((digest, self.laid));
        while self.ages.len() > TRACES_MAX
            && let Some((digest, number)) = self.ages.pop_front()
        {
            if self.of.get(&digest).is_some_and(|(it, _)| *it == number) {
                self.of.remove(&digest);
                self.lost = true;
            }
        }
    }

    /// The invitation again, if it left a trace.
    pub(super) fn find(&mut self, seq: u64, id: &InvitationId) -> Option<Case> {
        if self.of.is_empty() {
            return None;
        }
        let (_, trace) = self.of.remove(&xxh3_64(id.as_bytes()))?;
        Some(trace.reopen(seq, id.clone()))
    }
}
