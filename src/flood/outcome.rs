//! What a flood came to, as every report reads it.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Serialize};

use super::kept::Kept;
use super::measure::{Counts, Leg, Measures, Micros};
use super::plan::{Model, Plan};
use crate::coverage::Reached;
use crate::lifecycle::{Exercise, Finding, Verdict};

/// How a flood ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// When it was meant to.
    AsPlanned,
    /// It was told to end.
    Interrupted,
    /// The target was gone.
    Died,
    /// Not everybody was let in, so no call was made.
    KeptOut,
}

/// What a flood came to.
#[derive(Debug)]
pub struct Outcome {
    /// How it ended.
    pub ended: Ended,
    /// When the first call that counts was due.
    pub began: SystemTime,
    /// How long calls that count were begun.
    pub duration: Duration,
    /// How long it took until everybody was logged in.
    pub entering: Duration,
    /// Everything that was measured.
    pub measures: Measures,
    /// The same second by second, from the first call on.
    pub seconds: Vec<Second>,
    /// The first violations of each thread, by time.
    pub violations: Vec<Finding>,
    /// The first calls that broke each rule, on each thread, by time.
    pub kept: Vec<Kept>,
    /// How often each rule of the checker was armed and discharged.
    pub exercised: Vec<Exercise>,
    /// What the calls reached of the lifecycle's tables.
    pub reached: Reached,
}

impl Outcome {
    /// That of a flood for which not everybody was let in.
    pub fn kept_out() -> Self {
        Self {
            ended: Ended::KeptOut,
            began: SystemTime::now(),
            duration: Duration::ZERO,
            entering: Duration::ZERO,
            measures: Measures::new(),
            seconds: Vec::new(),
            violations: Vec::new(),
            kept: Vec::new(),
            exercised: Vec::new(),
            reached: Reached::default(),
        }
    }

    /// How much of a core each thread used on average.
    pub fn cpu(&self) -> f64 {
        let sum: f64 = self.seconds.iter().map(|second| second.cpu).sum();
        sum / self.seconds.len().max(1) as f64
    }

    /// Why the flood says nothing about the target, if it does not.
    pub fn invalid(&self, plan: &Plan) -> Option<String> {
        if !self.measures.counts.balance() || !self.measures.warm_up.balance() {
            return Some("the account does not balance".to_owned());
        }
        let lag = Duration::from_micros(self.measures.start_lag.value_at_quantile(0.99));
        match plan.model {
            Model::Open { .. } if lag > plan.start_lag_max => Some(format!(
                "the generator was saturated: 99 of 100 calls were begun up to {lag:?} late, and {:?} is allowed; it used {:.0}% of each core\nhint: a lower rate, more cores, or `--start-lag-max`",
                plan.start_lag_max,
                100.0 * self.cpu()
            )),
            Model::Open { .. } | Model::Closed { .. } => None,
        }
    }

    /// Calls a second that came to what they were meant to, while calls were begun.
    pub fn rate(&self) -> f64 {
        let seconds = self.duration.as_secs_f64();
        if seconds > 0.0 {
            self.measures.in_time as f64 / seconds
        } else {
            0.0
        }
    }
}

/// One second of a flood.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Second {
    /// Which one, from 0.
    pub second: usize,
    /// Calls that were begun in it, of the warm-up too.
    pub started: u64,
    /// Calls that were due in it and not begun.
    pub skipped: u64,
    /// Calls that came to what they were meant to in it.
    pub succeeded: u64,
    /// Calls that came to something else in it.
    pub failed: u64,
    /// Violations that were found in it.
    pub violations: u64,
    /// How much of a core each thread used in it.
    pub cpu: f64,
    /// Calls that were on their way at its end.
    pub in_flight: usize,
    /// How long the legs that ended in it took.
    #[schemars(with = "BTreeMap<String, Percentiles>")]
    pub latency_us: Latencies,
}

impl Second {
    pub(super) fn new(second: usize) -> Self {
        Self {
            second,
            started: 0,
            skipped: 0,
            succeeded: 0,
            failed: 0,
            violations: 0,
            cpu: 0.0,
            in_flight: 0,
            latency_us: Latencies(Vec::new()),
        }
    }

    pub(super) fn measured(&mut self, measures: &Measures) {
        let mut all = Counts::default();
        all.add(&measures.counts);
        all.add(&measures.warm_up);
        self.started = all.started;
        self.skipped = all.skipped;
        self.succeeded = all.succeeded;
        self.failed = all.failed;
        self.violations = measures.violations;
        self.latency_us = Latencies::of(measures);
    }

    /// Adds the same second of a flood that was made at the same time. Of percentiles the higher stay: those of both
    /// together are not above them.
    pub(super) fn add(&mut self, other: &Self) {
        self.started = self.started.saturating_add(other.started);
        self.skipped = self.skipped.saturating_add(other.skipped);
        self.succeeded = self.succeeded.saturating_add(other.succeeded);
        self.failed = self.failed.saturating_add(other.failed);
        self.violations = self.violations.saturating_add(other.violations);
        self.cpu = self.cpu.max(other.cpu);
        self.in_flight = self.in_flight.saturating_add(other.in_flight);
        for (leg, theirs) in other.latency_us.iter() {
            let mine = self.latency_us.0.iter_mut().find(|(one, _)| one == leg);
            match mine {
                Some((_, mine)) => mine.raise(theirs),
                None => self.latency_us.0.push((*leg, theirs.clone())),
            }
        }
        self.latency_us.0.sort_by_key(|(leg, _)| *leg);
    }

    /// A percentile of a leg in this second, in microseconds, if there was any.
    pub fn leg(&self, leg: Leg) -> Option<&Percentiles> {
        self.latency_us.leg(leg)
    }
}

/// Percentiles of the legs that were measured.
#[derive(Debug, Clone)]
pub struct Latencies(Vec<(Leg, Percentiles)>);

impl Latencies {
    /// Those of all legs that have any.
    pub fn of(measures: &Measures) -> Self {
        let legs = Leg::ALL.into_iter().filter_map(|leg| {
            let micros = measures.leg(leg)?;
            (!micros.is_empty()).then(|| (leg, Percentiles::of(micros)))
        });
        Self(legs.collect())
    }

    /// Those of one leg, if there are any.
    pub fn leg(&self, leg: Leg) -> Option<&Percentiles> {
        self.0
            .iter()
            .find(|(one, _)| *one == leg)
            .map(|(_, all)| all)
    }

    /// Each leg with its percentiles.
    pub fn iter(&self) -> impl Iterator<Item = &(Leg, Percentiles)> {
        self.0.iter()
    }
}

impl Serialize for Latencies {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(leg, all)| (leg.name(), all)))
    }
}

impl<'de> Deserialize<'de> for Latencies {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut named = BTreeMap::<String, Percentiles>::deserialize(deserializer)?;
        let legs = Leg::ALL.into_iter();
        let legs = legs.filter_map(|leg| Some((leg, named.remove(leg.name())?)));
        let legs = legs.collect();
        match named.keys().next() {
            None => Ok(Self(legs)),
            Some(other) => Err(D::Error::custom(format!(
                "nothing is measured as `{other}`"
            ))),
        }
    }
}

/// Percentiles of one leg, in microseconds.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Percentiles {
    /// How many there are.
    pub count: u64,
    /// The median.
    pub p50: u64,
    /// 90 of 100 took at most this.
    pub p90: u64,
    /// 99 of 100.
    pub p99: u64,
    /// 999 of 1000.
    pub p999: u64,
    /// The longest.
    pub max: u64,
}

impl Percentiles {
    /// Those of a histogram.
    pub fn of(micros: &Micros) -> Self {
        let at = |quantile: f64| micros.value_at_quantile(quantile);
        Self {
            count: micros.len(),
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            max: micros.max(),
        }
    }

    fn raise(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        self.p50 = self.p50.max(other.p50);
        self.p90 = self.p90.max(other.p90);
        self.p99 = self.p99.max(other.p99);
        self.p999 = self.p999.max(other.p999);
        self.max = self.max.max(other.max);
    }
}

/// How often each rule was exercised, by all threads together.
pub(super) fn together(verdicts: &[Verdict]) -> Vec<Exercise> {
    let Some((first, more)) = verdicts.split_first() else {
        return Vec::new();
    };
    let mut all = first.exercised.clone();
    for verdict in more {
        for (sum, one) in all.iter_mut().zip(&verdict.exercised) {
            sum.armed += one.armed;
            sum.discharged += one.discharged;
        }
    }
    all
}
