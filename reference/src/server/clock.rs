//! The limits that run per invitation, and what happens when one has passed.

use std::time::Duration;

use super::book::Handle;
use super::exchange::{Exchange, Mail};
use super::queue::Queue;
use super::state::{Act, State};

/// The limits that run per invitation, as places in [`Exchange::clocks`].
#[derive(Debug, Clone, Copy)]
pub(super) enum Clock {
    OfflineWindow,
    NoAck,
    Expiry,
    AcceptAck,
    CancelBound,
    /// How long an ended invitation is remembered for a side that has not confirmed it.
    Memory,
}

pub(super) const CLOCKS: usize = 6;

/// In this order they are served when several are due at once: an ack that is due beats nothing, so the order only
/// has to be fixed.
pub(super) const ALL_CLOCKS: [Clock; CLOCKS] = [
    Clock::OfflineWindow,
    Clock::NoAck,
    Clock::Expiry,
    Clock::AcceptAck,
    Clock::CancelBound,
    Clock::Memory,
];

impl Clock {
    pub(super) fn queue(self, clocks: &mut [Queue<Handle>; CLOCKS]) -> &mut Queue<Handle> {
        let [
            offline_window,
            no_ack,
            expiry,
            accept_ack,
            cancel_bound,
            memory,
        ] = clocks;
        match self {
            Self::OfflineWindow => offline_window,
            Self::NoAck => no_ack,
            Self::Expiry => expiry,
            Self::AcceptAck => accept_ack,
            Self::CancelBound => cancel_bound,
            Self::Memory => memory,
        }
    }

    /// Whether the clock still means something in that state.
    pub(super) fn runs_in(self, state: State) -> bool {
        match self {
            Self::OfflineWindow | Self::NoAck => matches!(state, State::Waiting { .. }),
            Self::Expiry => matches!(state, State::Ringing { .. }),
            Self::AcceptAck => matches!(state, State::Accepting),
            Self::CancelBound => matches!(state, State::Canceling),
            Self::Memory => matches!(state, State::Ended(_)),
        }
    }
}

impl Exchange {
    /// The earliest time at which something may fall due.
    pub(super) fn next_wake(&self) -> Option<Duration> {
        self.clocks.iter().filter_map(Queue::next).min()
    }

    /// Serves every limit that has passed.
    pub(super) fn tick(&mut self, now: Duration, mail: &mut impl Mail) {
        for clock in ALL_CLOCKS {
            while let Some((due, (key, serial))) = clock.queue(&mut self.clocks).pop_due(now) {
                if self.is_current((key, serial)) {
                    self.over(clock, due, now, key, mail);
                }
            }
        }
    }

    pub(super) fn over(
        &mut self,
        clock: Clock,
        due: Duration,
        now: Duration,
        key: usize,
        mail: &mut impl Mail,
    ) {
        let Some(found) = self.invitations.get(key) else {
            return;
        };
        let act = match clock {
            Clock::OfflineWindow => Act::OfflineWindowOver {
                no_ack_over: due >= found.sent + self.limits.clocks.no_ack,
            },
            Clock::NoAck => Act::NoAckOver,
            Clock::Expiry => Act::ExpiryOver,
            Clock::AcceptAck => Act::AcceptAckOver {
                // One that has not come back to a server that has just begun is not known to be offline.
                caller_present: self.has_session(found.caller)
                    || found.caller_session == 0 && !self.starting(now).is_zero(),
            },
            Clock::CancelBound => Act::CancelBoundOver,
            Clock::Memory => return self.forget(key),
        };
        self.act(now, key, act, mail);
    }

    pub(super) fn start(&mut self, clock: Clock, due: Duration, key: usize) {
        let Some(serial) = self.invitations.get(key).map(|found| found.serial) else {
            return;
        };
        let invitations = &self.invitations;
        let queue = clock.queue(&mut self.clocks);
        queue.push(due, (key, serial));
        queue.trim(invitations.len(), |_, (key, serial)| {
            invitations
                .get(key)
                .is_some_and(|found| found.serial == serial && clock.runs_in(found.state))
        });
    }
}
