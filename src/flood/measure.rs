//! What is measured: counts, and how long everything took, in histograms that merge without loss.

use std::time::Duration;

use hdrhistogram::Histogram;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A span between two moments of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Leg {
    /// From the moment the call was due to its last ending.
    Whole,
    /// From that moment to the callee's Received.
    Ring,
    /// From that moment to the caller's ReceivedByPeer.
    Ringback,
    /// From the moment the accept was due to the caller's Accepted.
    Answer,
    /// From the moment the refuse was due to the caller's Refused.
    Refuse,
    /// From the moment the cancel was due to the callee's Canceled.
    Cancel,
    /// By how much an expiry came early or late, counted from the caller's ReceivedByPeer.
    Expiry,
}

impl Leg {
    /// Every leg, in the order of reports.
    pub const ALL: [Self; 7] = [
        Self::Whole,
        Self::Ring,
        Self::Ringback,
        Self::Answer,
        Self::Refuse,
        Self::Cancel,
        Self::Expiry,
    ];

    /// The name in reports and thresholds.
    pub fn name(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Ring => "ring",
            Self::Ringback => "ringback",
            Self::Answer => "answer",
            Self::Refuse => "refuse",
            Self::Cancel => "cancel",
            Self::Expiry => "expiry",
        }
    }
}

/// How many calls came to what: `planned = started + skipped`, `started = succeeded + failed + indeterminate`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Account")]
pub struct Counts {
    /// Were due.
    pub planned: u64,
    /// Were begun.
    pub started: u64,
    /// Were due and not begun.
    pub skipped: u64,
    /// Came to what they were meant to.
    pub succeeded: u64,
    /// Came to something else.
    pub failed: u64,
    /// Came to nothing before the end.
    pub indeterminate: u64,
}

impl Counts {
    /// Whether every call is accounted for.
    pub fn balance(&self) -> bool {
        let sum = |parts: &[u64]| parts.iter().map(|part| u128::from(*part)).sum::<u128>();
        let [planned, started] = [self.planned, self.started].map(u128::from);
        planned == sum(&[self.started, self.skipped])
            && started == sum(&[self.succeeded, self.failed, self.indeterminate])
    }

    pub(super) fn add(&mut self, other: &Self) {
        let add = |mine: &mut u64, theirs: u64| *mine = mine.saturating_add(theirs);
        add(&mut self.planned, other.planned);
        add(&mut self.started, other.started);
        add(&mut self.skipped, other.skipped);
        add(&mut self.succeeded, other.succeeded);
        add(&mut self.failed, other.failed);
        add(&mut self.indeterminate, other.indeterminate);
    }
}

/// Microseconds with three digits, up to an hour.
pub type Micros = Histogram<u64>;

/// The longest time that is told apart from longer ones.
const LONGEST_US: u64 = 3_600_000_000;

/// A histogram that can be merged with every other one of ours.
pub(super) fn micros() -> Micros {
    #[expect(clippy::expect_used, reason = "the library takes these constants")]
    Histogram::new_with_bounds(1, LONGEST_US, 3).expect("good bounds")
}

/// Counts and histograms of a stretch of time.
#[derive(Debug, Clone)]
pub struct Measures {
    /// Calls that count.
    pub counts: Counts,
    /// Calls of the warm-up, which count for nothing else.
    pub warm_up: Counts,
    /// Calls that came to what they were meant to while calls were still begun.
    pub in_time: u64,
    /// Connections that were killed, one by one.
    pub kills: u64,
    /// Violations of the lifecycle, whether in a call that counts or not.
    pub violations: u64,
    /// By how much calls were begun late.
    pub start_lag: Micros,
    legs: [Micros; 7],
}

impl Measures {
    pub(super) fn new() -> Self {
        Self {
            counts: Counts::default(),
            warm_up: Counts::default(),
            in_time: 0,
            kills: 0,
            violations: 0,
            start_lag: micros(),
            legs: std::array::from_fn(|_| micros()),
        }
    }

    /// How long one leg took.
    pub fn leg(&self, leg: Leg) -> Option<&Micros> {
        self.legs.get(leg as usize)
    }

    pub(super) fn leg_mut(&mut self, leg: Leg) -> Option<&mut Micros> {
        self.legs.get_mut(leg as usize)
    }

    pub(super) fn took(&mut self, leg: Leg, from: Duration, to: Duration) {
        if let Some(micros) = self.leg_mut(leg) {
            record(micros, to.saturating_sub(from));
        }
    }

    pub(super) fn lagged(&mut self, lag: Duration) {
        record(&mut self.start_lag, lag);
    }

    /// Adds what another thread or another second has measured.
    pub(super) fn add(&mut self, other: &Self) {
        self.counts.add(&other.counts);
        self.warm_up.add(&other.warm_up);
        self.in_time = self.in_time.saturating_add(other.in_time);
        self.kills = self.kills.saturating_add(other.kills);
        self.violations = self.violations.saturating_add(other.violations);
        merge(&mut self.start_lag, &other.start_lag);
        for (mine, theirs) in self.legs.iter_mut().zip(&other.legs) {
            merge(mine, theirs);
        }
    }
}

fn record(micros: &mut Micros, took: Duration) {
    let us = u64::try_from(took.as_micros()).unwrap_or(LONGEST_US);
    micros.saturating_record(us.max(1));
}

fn merge(into: &mut Micros, from: &Micros) {
    if !from.is_empty() {
        // They have the same bounds, so nothing can be out of them.
        let _ = into.add(from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_merged_is_what_one_would_have_measured() {
        let (mut one, mut parts) = (Measures::new(), [Measures::new(), Measures::new()]);
        for us in 1..2000u64 {
            let took = Duration::from_micros(us * us);
            one.took(Leg::Answer, Duration::ZERO, took);
            parts[us as usize % 2].took(Leg::Answer, Duration::ZERO, took);
        }
        let mut merged = Measures::new();
        for part in &parts {
            merged.add(part);
        }
        assert_eq!(merged.leg(Leg::Answer), one.leg(Leg::Answer));
    }

    #[test]
    fn an_account_balances_only_if_every_call_is_in_it() {
        let mut counts = Counts {
            planned: 10,
            started: 8,
            skipped: 2,
            succeeded: 5,
            failed: 2,
            indeterminate: 1,
        };
        assert!(counts.balance());
        counts.indeterminate = 0;
        assert!(!counts.balance());
    }
}
