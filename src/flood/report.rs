//! What a flood says: the report for machines, the summary for people, and the line of each second.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::histograms::texts;
use super::measure::{Counts, Leg, Measures};
use super::outcome::{Ended, Latencies, Outcome, Percentiles, Second};
use super::plan::{Model, Plan};
use super::threshold::Met;
use crate::coverage::{Kind, goals};

/// The name and version of the report for machines.
pub const SCHEMA: &str = "ringcheck.flood/1";

/// A flood as it is recorded: the report for machines, and what every other report of it is made from.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// The name and version of this form.
    pub schema: String,
    /// What was flooded.
    pub target: String,
    /// What chose moments, courses and texts.
    pub seed: u64,
    /// `open` where calls were begun by a schedule, `closed` where they waited for each other.
    pub model: String,
    /// What was to become of calls, by weight.
    pub mix: String,
    /// How many users there were.
    pub users: usize,
    /// How it ended.
    pub ended: Ended,
    /// How many calls came to what.
    #[serde(flatten)]
    pub counts: Counts,
    /// Whether the calls were judged.
    #[serde(default = "yes")]
    pub judged: bool,
    /// Violations of the lifecycle.
    pub violations: u64,
    /// Calls that came to what they were meant to while calls were still begun.
    #[serde(default)]
    pub in_time: u64,
    /// The same a second.
    pub rate: f64,
    /// When the first call that counts was due, as RFC 3339 has it.
    #[serde(default)]
    pub began: String,
    /// How long calls that count were begun, in seconds.
    pub duration_s: f64,
    /// Percentiles of the legs, in microseconds.
    #[schemars(with = "BTreeMap<String, Percentiles>")]
    pub latency_us: Latencies,
    /// The whole distribution of each leg: quantiles from 0 to 1 and the microseconds that so many took at most.
    #[serde(default)]
    pub distribution_us: BTreeMap<String, Vec<(f64, u64)>>,
    /// The histogram of each leg, and as `start-lag` of how late calls were begun, in microseconds: the V2 form of HDR
    /// histograms in base64. They add up without loss.
    #[serde(default)]
    pub histograms: BTreeMap<String, String>,
    /// How the generator was.
    pub generator: Generator,
    /// Users a second that logged in.
    pub log_ins_per_s: f64,
    /// How much of the lifecycle's tables the calls reached.
    #[serde(default)]
    pub coverage: BTreeMap<String, Share>,
    /// What had to be reached.
    pub thresholds: Vec<Met>,
    /// Calls of the warm-up, which count for nothing else.
    pub warm_up: Counts,
    /// The first violations, as sentences.
    pub findings: Vec<String>,
    /// The same second by second. Where floods were joined, a percentile of a second is the highest of theirs.
    pub seconds: Vec<Second>,
    /// The floods that were joined into this one, if any were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Joined>,
}

/// A flood that was joined with others.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Joined {
    /// The file of its report.
    pub file: String,
    /// What was flooded.
    pub target: String,
    /// What chose moments, courses and texts.
    pub seed: u64,
    /// How many users there were.
    pub users: usize,
    /// Calls a second that came to what they were meant to.
    pub rate: f64,
    /// How it ended.
    pub ended: Ended,
    /// Whether it says anything about the target.
    pub valid: bool,
}

fn yes() -> bool {
    true
}

/// How much of something was reached.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Share {
    /// How many were.
    pub reached: usize,
    /// Of how many.
    pub of: usize,
    /// Which ones were.
    #[serde(default)]
    pub names: BTreeSet<String>,
}

/// How much of each kind of goal the calls reached.
fn coverage(outcome: &Outcome) -> BTreeMap<String, Share> {
    let mut all: BTreeMap<String, Share> = BTreeMap::new();
    // A flood makes no call that a state turns down, and no two that cross on purpose.
    let reachable = [Kind::State, Kind::Transition, Kind::Pair];
    for goal in goals()
        .iter()
        .filter(|goal| goal.excluded.is_none() && reachable.contains(&goal.kind))
    {
        let share = all.entry(goal.kind.many().to_owned()).or_default();
        share.of += 1;
        if outcome.reached.has(goal.kind, &goal.name) {
            share.names.insert(goal.name.clone());
            share.reached = share.names.len();
        }
    }
    all
}

/// How the generator was.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Generator {
    /// Whether the flood says anything about the target.
    pub valid: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invalid: Option<String>,
    /// How late 99 of 100 calls were begun at most.
    pub start_lag_p99_us: u64,
    /// How late that may be.
    #[serde(default)]
    pub start_lag_max_us: u64,
    /// How much of a core each thread used on average.
    pub cpu: f64,
}

/// How many steps each halving of the distance to 1 has in a distribution.
const STEPS_PER_HALF: u32 = 4;

/// Quantiles of each leg, closer and closer together towards the longest (as HDR plots have them).
pub(super) fn distributions(measures: &Measures) -> BTreeMap<String, Vec<(f64, u64)>> {
    let legs = Leg::ALL.into_iter().filter_map(|leg| {
        let micros = measures.leg(leg).filter(|micros| !micros.is_empty())?;
        let steps = micros.iter_quantiles(STEPS_PER_HALF);
        let points = steps.map(|step| (step.quantile_iterated_to(), step.value_iterated_to()));
        Some((leg.name().to_owned(), points.collect()))
    });
    legs.collect()
}

impl Report {
    /// The report of what a plan came to.
    pub fn new(plan: &Plan, outcome: &Outcome) -> Self {
        let measures = &outcome.measures;
        let invalid = outcome.invalid(plan);
        Self {
            schema: SCHEMA.to_owned(),
            target: plan.target.clone(),
            seed: plan.seed,
            model: model(&plan.model).to_owned(),
            mix: mix(plan),
            users: 2 * plan.pairs,
            ended: outcome.ended,
            counts: measures.counts,
            judged: plan.is_judging,
            violations: measures.violations,
            in_time: measures.in_time,
            rate: outcome.rate(),
            began: humantime::format_rfc3339_millis(outcome.began).to_string(),
            duration_s: outcome.duration.as_secs_f64(),
            latency_us: Latencies::of(measures),
            distribution_us: distributions(measures),
            histograms: texts(measures),
            generator: Generator {
                valid: invalid.is_none(),
                invalid,
                start_lag_p99_us: measures.start_lag.value_at_quantile(0.99),
                start_lag_max_us: u64::try_from(plan.start_lag_max.as_micros()).unwrap_or(u64::MAX),
                cpu: outcome.cpu(),
            },
            coverage: coverage(outcome),
            log_ins_per_s: log_ins_per_s(plan, outcome),
            thresholds: plan
                .thresholds
                .iter()
                .map(|one| one.check(outcome))
                .collect(),
            warm_up: measures.warm_up,
            findings: outcome.violations.iter().map(ToString::to_string).collect(),
            seconds: outcome.seconds.clone(),
            parts: Vec::new(),
        }
    }
}

/// What becomes of the calls, by weight: courses, or flows by name.
fn mix(plan: &Plan) -> String {
    if plan.flows.is_empty() {
        return plan.mix.to_string();
    }
    let flows = plan.flows.iter();
    let flows: Vec<String> = flows
        .map(|flow| format!("{}={}", flow.name, flow.weight))
        .collect();
    flows.join(",")
}

fn log_ins_per_s(plan: &Plan, outcome: &Outcome) -> f64 {
    let took = outcome.entering.as_secs_f64();
    if took > 0.0 {
        2.0 * plan.pairs as f64 / took
    } else {
        0.0
    }
}

/// The word for floods whose calls wait for each other.
pub const CLOSED: &str = "closed";

fn model(model: &Model) -> &'static str {
    match model {
        Model::Closed { .. } => CLOSED,
        Model::Open { .. } => "open",
    }
}

/// How many violations are told to people.
const TOLD_MAX: usize = 10;

/// The summary for people.
pub fn summary(flood: &Report) -> String {
    let counts = &flood.counts;
    let mut text = String::new();
    // Writing to a String cannot fail.
    for finding in flood.findings.iter().take(TOLD_MAX) {
        let _ = writeln!(text, "{finding}");
    }
    if flood.violations > TOLD_MAX as u64 {
        let more = flood.violations - TOLD_MAX as u64;
        let _ = writeln!(text, "and {more} more violations");
    }
    let _ = writeln!(text, "{}", legs(&flood.latency_us));
    let _ = writeln!(
        text,
        "planned {} = started {} + skipped {}",
        counts.planned, counts.started, counts.skipped
    );
    let _ = writeln!(
        text,
        "started {} = succeeded {} + failed {} + indeterminate {}",
        counts.started, counts.succeeded, counts.failed, counts.indeterminate
    );
    for met in &flood.thresholds {
        let _ = writeln!(text, "{met}");
    }
    let lag = short(flood.generator.start_lag_p99_us);
    let cpu = 100.0 * flood.generator.cpu;
    let _ = writeln!(
        text,
        "begun up to {lag} late (p99), with {cpu:.0}% of each core"
    );
    // A report from before they were counted has none.
    if flood.judged && !flood.coverage.is_empty() {
        let reached = flood.coverage.iter();
        let reached: Vec<String> = reached
            .map(|(kind, Share { reached, of, .. })| format!("{reached} of {of} {kind}"))
            .collect();
        let _ = writeln!(text, "reached {}", reached.join(", "));
    }
    for part in &flood.parts {
        let Joined {
            file, seed, rate, ..
        } = part;
        let how = how(part.ended);
        let _ = writeln!(text, "joined: {file}: seed {seed}, {rate:.0} calls/s{how}");
    }
    let judged = if flood.judged {
        format!("{} violations", flood.violations)
    } else {
        "not judged".to_owned()
    };
    let how = how(flood.ended);
    let closed = if flood.model == CLOSED {
        ", closed: latencies are not those of a schedule"
    } else {
        ""
    };
    let _ = write!(
        text,
        "{:.0} calls/s for {:.1} s{how}, {judged}{closed}",
        flood.rate, flood.duration_s
    );
    text
}

/// What is said behind a figure, if something came in between.
fn how(ended: Ended) -> &'static str {
    match ended {
        Ended::AsPlanned => "",
        Ended::Interrupted => ", interrupted",
        Ended::Died => ", and then the target was gone",
        Ended::KeptOut => ", since not everybody was let in",
    }
}

/// A table of the legs.
fn legs(latencies: &Latencies) -> String {
    let mut text = format!(
        "{:<10}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}",
        "", "count", "p50", "p90", "p99", "p99.9", "max"
    );
    for (leg, all) in latencies.iter() {
        let Percentiles {
            count,
            p50,
            p90,
            p99,
            p999,
            max,
        } = all;
        let _ = write!(text, "\n{:<10}{count:>10}", leg.name());
        for us in [p50, p90, p99, p999, max] {
            let _ = write!(text, "{:>10}", short(*us));
        }
    }
    text
}

/// The line of a second.
pub fn line(second: &Second) -> String {
    let p99 = |leg: Leg| {
        second.leg(leg).map_or_else(String::new, |all| {
            format!(", {} p99 {}", leg.name(), short(all.p99))
        })
    };
    format!(
        "{:>4} s: {} started, {} succeeded, {} failed, {} skipped, {} in flight, {} violations{}{}",
        second.second + 1,
        second.started,
        second.succeeded,
        second.failed,
        second.skipped,
        second.in_flight,
        second.violations,
        p99(Leg::Answer),
        p99(Leg::Whole)
    )
}

/// Microseconds with three digits and a unit.
pub fn short(us: u64) -> String {
    let took = Duration::from_micros(us);
    match us {
        0..1_000 => format!("{us} µs"),
        1_000..1_000_000 => format!("{:.1} ms", us as f64 / 1e3),
        1_000_000.. => format!("{:.2} s", took.as_secs_f64()),
    }
}
