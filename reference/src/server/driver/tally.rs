//! What a server has counted. It lies behind the core's lock, so that counting is an addition and no more.

use std::time::Duration;

use crate::server::{Passage, Phase};
use crate::wire::{ByeReason, ErrorCode};

/// What a server has counted since it began.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    /// Invitations by the phase they stand in; of the ended ones, how many ended so.
    pub(super) phases: [u64; Phase::ALL.len()],
    pub(super) admitted: u64,
    pub(super) legs: [Histogram; Leg::ALL.len()],
    pub(super) frames_in: u64,
    pub(super) frames_out: u64,
    pub(super) sessions_begun: u64,
    pub(super) sessions_resumed: u64,
    /// Errors told, by their code.
    pub(super) errors: [u64; ErrorCode::ALL.len()],
    /// Connections ended by the server, by the reason told.
    pub(super) byes: [u64; ByeReason::ALL.len()],
}

/// A part of an invitation's way whose time is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leg {
    SendToRung,
    SendToAcked,
    AckedToAccepted,
    AckedToRefused,
    AcceptToConfirmed,
    CancelToDone,
}

impl Leg {
    pub(super) const ALL: [Self; 6] = [
        Self::SendToRung,
        Self::SendToAcked,
        Self::AckedToAccepted,
        Self::AckedToRefused,
        Self::AcceptToConfirmed,
        Self::CancelToDone,
    ];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::SendToRung => "send_to_rung",
            Self::SendToAcked => "send_to_acked",
            Self::AckedToAccepted => "acked_to_accepted",
            Self::AckedToRefused => "acked_to_refused",
            Self::AcceptToConfirmed => "accept_to_confirmed",
            Self::CancelToDone => "cancel_to_done",
        }
    }

    /// The leg that a step completes, and how long it took.
    fn of(passage: &Passage<'_>) -> Option<(Self, Duration)> {
        Some(match (passage.from, passage.into) {
            (_, Phase::Rung) => (Self::SendToRung, passage.age),
            (_, Phase::Ringing) => (Self::SendToAcked, passage.age),
            (Some(Phase::Ringing), Phase::Accepting) => (Self::AckedToAccepted, passage.stood),
            (Some(Phase::Ringing), Phase::Refused) => (Self::AckedToRefused, passage.stood),
            (Some(Phase::Accepting), Phase::Accepted) => (Self::AcceptToConfirmed, passage.stood),
            (Some(Phase::Canceling), Phase::Canceled) => (Self::CancelToDone, passage.stood),
            (
                _,
                Phase::Waiting
                | Phase::Accepting
                | Phase::Canceling
                | Phase::Accepted
                | Phase::Refused
                | Phase::Canceled
                | Phase::RemoteOffline
                | Phase::RemoteNoResponse
                | Phase::Expired
                | Phase::AcceptFailed,
            ) => return None,
        })
    }
}

/// The upper bounds of the histograms' buckets, in seconds: from a loopback's round to the longest clock.
pub(super) const BOUNDS: [f64; 18] = [
    0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
    30.0, 60.0, 120.0,
];

/// How often something took how long.
#[derive(Debug, Clone, Default)]
pub(super) struct Histogram {
    /// By bucket; what is above every bound is in `count` alone.
    pub(super) buckets: [u64; BOUNDS.len()],
    pub(super) count: u64,
    pub(super) sum: f64,
}

impl Histogram {
    fn observe(&mut self, took: Duration) {
        let seconds = took.as_secs_f64();
        self.count += 1;
        self.sum += seconds;
        let bucket = BOUNDS.iter().position(|bound| seconds <= *bound);
        if let Some(bucket) = bucket.and_then(|bucket| self.buckets.get_mut(bucket)) {
            *bucket += 1;
        }
    }
}

impl Tally {
    pub(super) fn passed(&mut self, passage: &Passage<'_>) {
        match passage.from {
            None => self.admitted += 1,
            Some(from) => {
                if let Some(phase) = self.phases.get_mut(from as usize) {
                    *phase = phase.saturating_sub(1);
                }
            }
        }
        bump(&mut self.phases, passage.into as usize);
        if let Some((leg, took)) = Leg::of(passage)
            && let Some(leg) = self.legs.get_mut(leg as usize)
        {
            leg.observe(took);
        }
    }

    pub(super) fn welcomed(&mut self, resumed: bool) {
        if resumed {
            self.sessions_resumed += 1;
        } else {
            self.sessions_begun += 1;
        }
    }

    pub(super) fn error(&mut self, code: ErrorCode) {
        bump(&mut self.errors, code as usize);
    }

    pub(super) fn bye(&mut self, reason: ByeReason) {
        bump(&mut self.byes, reason as usize);
    }
}

fn bump(counts: &mut [u64], place: usize) {
    if let Some(count) = counts.get_mut(place) {
        *count += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passage(from: Option<Phase>, into: Phase) -> Passage<'static> {
        Passage {
            id: "a-1",
            caller: "alice",
            callee: "bob",
            from,
            into,
            stood: Duration::from_millis(3),
            age: Duration::from_secs(200),
        }
    }

    #[test]
    fn an_invitation_is_counted_in_the_phase_it_stands_in_and_no_other() {
        let mut tally = Tally::default();
        let life = [
            Phase::Rung,
            Phase::Ringing,
            Phase::Accepting,
            Phase::Accepted,
        ];
        let mut from = None;
        for into in life {
            tally.passed(&passage(from, into));
            from = Some(into);
        }
        assert_eq!(tally.admitted, 1);
        assert_eq!(tally.phases.iter().sum::<u64>(), 1);
        assert_eq!(tally.phases[Phase::Accepted as usize], 1);
        let legs: Vec<&str> = Leg::ALL
            .iter()
            .filter(|leg| tally.legs[**leg as usize].count == 1)
            .map(|leg| leg.word())
            .collect();
        assert_eq!(
            legs,
            [
                "send_to_rung",
                "send_to_acked",
                "acked_to_accepted",
                "accept_to_confirmed"
            ]
        );
    }

    #[test]
    fn what_is_above_every_bound_is_in_the_count_alone() {
        let mut tally = Tally::default();
        tally.passed(&passage(None, Phase::Rung));
        let leg = &tally.legs[Leg::SendToRung as usize];
        assert_eq!((leg.count, leg.buckets.iter().sum::<u64>()), (1, 0));
    }
}
