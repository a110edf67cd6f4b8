//! What a flood is to do: whom, how many, how fast, and for how long.

use std::net::IpAddr;
use std::time::Duration;

use super::flow::Flow;
use super::kill::Kills;
use super::mix::{Course, Mix};
use super::pace::{Pace, Spacing};
use super::spread::Spread;
use super::storm::Storm;
use super::threshold::Threshold;
use crate::history::Clocks;
use crate::target::Access;

/// When calls are begun.
#[derive(Debug, Clone, PartialEq)]
pub enum Model {
    /// Each caller begins the next call when one of its calls is over for it. Latencies say nothing of what a caller who does not
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
    /// What becomes of them, where there are no flows.
    pub mix: Mix,
    /// Calls as scenarios have them, by weight.
    pub flows: Vec<Flow>,
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
    /// How many log-ins are begun in a second at most; the calls begin when everybody is there.
    pub logins_per_s: Option<f64>,
    /// The addresses that connections come from, in turn; the system chooses where there are none.
    pub sources: Vec<IpAddr>,
    /// When who loses the connection, by time.
    pub storms: Vec<Storm>,
    /// Whether and how users lose their connections one by one.
    pub kills: Option<Kills>,
    /// Whether the times of every call are told.
    pub tells_times: bool,
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
    /// The flow that the call of that number takes, if there are any.
    fn flow(&self, number: u32) -> Option<&Flow> {
        self.flows.get(self.flow_at(number)?)
    }

    /// Its place among the flows.
    pub(super) fn flow_at(&self, number: u32) -> Option<usize> {
        if self.flows.is_empty() {
            return None;
        }
        let all: u64 = self.flows.iter().map(|flow| u64::from(flow.weight)).sum();
        let mut place = (u64::from(self.lot(number)) * all) >> 32;
        self.flows.iter().position(|flow| {
            let weight = u64::from(flow.weight);
            let is_here = place < weight;
            place = place.saturating_sub(weight);
            is_here
        })
    }

    /// What chance says of the kind of the call of that number.
    fn lot(&self, number: u32) -> u32 {
        (chance(self.seed, u64::from(number), 0) >> 32) as u32
    }

    /// What the call of that number is meant to come to.
    pub(super) fn course(&self, number: u32) -> Course {
        match self.flow(number) {
            Some(flow) => flow.course,
            None => self.mix.pick(self.lot(number)),
        }
    }

    /// How long it takes until the call of that number is answered or cancelled.
    pub(super) fn pause(&self, number: u32, course: Course) -> Duration {
        let spread = match (self.flow(number).and_then(|flow| flow.pause), course) {
            (Some(pause), _) => pause,
            (None, Course::Cancel) => self.patience,
            (None, Course::Accept | Course::Refuse | Course::Expire) => self.ring,
        };
        spread.pick(chance(self.seed, u64::from(number), 1))
    }

    /// How long to wait at the end for the calls that are on their way.
    pub(super) fn drain(&self, clocks: &Clocks) -> Duration {
        let expires = if self.flows.is_empty() {
            self.mix.has(Course::Expire)
        } else {
            self.flows.iter().any(|flow| flow.course == Course::Expire)
        };
        let expiry = if expires {
            clocks.expiry
        } else {
            Duration::ZERO
        };
        let pauses = self.flows.iter().filter_map(|flow| flow.pause);
        let people = pauses.chain([self.ring, self.patience]);
        let people = people.map(Spread::usual).max().unwrap_or_default();
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
