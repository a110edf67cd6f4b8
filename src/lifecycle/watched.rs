//! Usual courses that may stand still: by when each has to go on, or be judged in full.

use std::collections::VecDeque;
use std::time::Duration;

use slab::Slab;

use super::desk::{Kept, PROMPT};
use super::presence::Place;
use super::steps::{DECISIONS, Step};
use crate::history::Clocks;

/// Within what a usual course has to go on: no longer than any limit that runs meanwhile, so that nothing falls due.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    /// From its beginning to the ack of the callee's device.
    to_ack: Duration,
    /// From where it rings to the accept, refuse or cancel.
    to_decision: Duration,
    /// From there to the end of both sides.
    to_end: Duration,
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

/// Invitations on a usual course, the one whose time is over first in front.
#[derive(Debug, Default)]
pub(super) struct Watched {
    acks: VecDeque<(Duration, u64, Place)>,
    decisions: VecDeque<(Duration, u64, Place)>,
    ends: VecDeque<(Duration, u64, Place)>,
}

/// So many more are watched than are open before those that have gone on are dropped.
const SPARE: usize = 1024;

impl Watched {
    /// How many are watched.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.acks.len() + self.decisions.len() + self.ends.len()
    }

    /// Notes by when an invitation has to go on after a step.
    pub(super) fn note(
        &mut self,
        (step, at): (Step, Duration),
        (seq, place): (u64, Place),
        terms: &Terms,
        cases: &Slab<Kept>,
    ) {
        let (queue, term) = if step == Step::Create {
            (&mut self.acks, terms.to_ack)
        } else if step == Step::Received {
            (&mut self.decisions, terms.to_decision)
        } else if step.bit() & DECISIONS != 0 {
            (&mut self.ends, terms.to_end)
        } else {
            return;
        };
        queue.push_back((at.saturating_add(term), seq, place));
        // Most are over long before their time, and one that is not may stand in front of them.
        if queue.len() > 2 * cases.len() + SPARE {
            queue.retain(|(_, seq, place)| is_usual(cases, *seq, *place));
        }
    }

    /// Takes out one that had to go on before now and did not. Where it is kept.
    pub(super) fn pop(&mut self, now: Duration, cases: &Slab<Kept>) -> Option<Place> {
        let has_come = |queue: usize, place: Place| match cases.get(place) {
            Some(Kept::Usual(usual)) if queue == 0 => usual.is_acked(),
            Some(Kept::Usual(usual)) if queue == 1 => usual.is_decided(),
            Some(Kept::Usual(usual)) => usual.is_through(),
            Some(Kept::Whole(_) | Kept::Away) | None => true,
        };
        let queues = [&mut self.acks, &mut self.decisions, &mut self.ends];
        for (number, queue) in queues.into_iter().enumerate() {
            while let Some((_, seq, place)) = queue.pop_front_if(|(until, ..)| *until < now) {
                if is_usual(cases, seq, place) && !has_come(number, place) {
                    return Some(place);
                }
            }
        }
        None
    }
}

/// Whether the place is still that of the invitation, and that on a usual course.
fn is_usual(cases: &Slab<Kept>, seq: u64, place: Place) -> bool {
    matches!(cases.get(place), Some(Kept::Usual(usual)) if usual.seq == seq)
}
