//! What a flood is to do: whom, how many, how fast, and for how long.

use std::time::Duration;

use super::mix::{Course, Mix};
use super::pace::{Pace, Spacing};
use super::spread::Spread;
use super::threshold::Threshold;
use crate::history::Clocks;
use crate::target::Access;

/// When calls are begun.
#[derive(Debug, Clone, PartialEq)]
pub enum Model {
    /// Each pair begins the next call when one of its calls is over. Latencies say nothing of what a caller who does not
    /// wait would have seen.
    Closed {
        /// Calls of each pair at once.
        in_flight: usize,
    },
    /// Calls are due whatever became of the earlier ones.
    Open {
        /// How many when.
        pace: Pace,
        /// How far apart.
        spacing: Spacing,
        /// Calls at once; what is due beyond that is skipped, and counted.
        in_flight_max: usize,
    },
}

/// What a flood is to do.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The URL of the target.
    pub target: String,
    /// How it is entered.
    pub access: Access,
    /// Pairs of a caller and a callee.
    pub pairs: usize,
    /// When calls are begun.
    pub model: Model,
    /// What becomes of them.
    pub mix: Mix,
    /// The length of their contents.
    pub content_bytes: usize,
    /// How long the callee takes to answer.
    pub ring: Spread,
    /// How long the caller takes to cancel, once it rings.
    pub patience: Spread,
    /// How long calls are made before they count.
    pub warm_up: Duration,
    /// How long calls are begun that count.
    pub duration: Duration,
    /// How long to wait at the end for those that are on their way; `None` is as long as the clocks may take.
    pub drain: Option<Duration>,
    /// Chooses arrivals, courses and texts.
    pub seed: u64,
    /// Threads, each with pairs of its own.
    pub threads: usize,
    /// Log-ins under way at once, on each thread.
    pub logins_at_once: usize,
    /// How late 99 of 100 calls may be begun at a rate; a generator that is later says nothing about the target.
    pub start_lag_max: Duration,
    /// What is demanded of the outcome.
    pub thresholds: Vec<Threshold>,
    /// Whether the checker judges every call.
    pub is_judging: bool,
}

/// How long calls that nothing is due of any more may take to end, once no more are begun.
const DRAIN: Duration = Duration::from_secs(5);

impl Plan {
    /// How long to wait at the end for the calls that are on their way.
    pub(super) fn drain(&self, clocks: &Clocks) -> Duration {
        let expiry = if self.mix.has(Course::Expire) {
            clocks.expiry
        } else {
            Duration::ZERO
        };
        let people = self.ring.usual().max(self.patience.usual());
        self.drain.unwrap_or(DRAIN + expiry + people)
    }
}

/// A number for one use of the seed: the same every time, and unlike its neighbours.
pub(super) fn chance(seed: u64, number: u64, use_: u64) -> u64 {
    // The finalizer of SplitMix64 over the three.
    let mut mixed = seed
        .wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15))
        .wrapping_add(use_.wrapping_mul(0xd1b5_4a32_d192_ed03));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
