//! What a flood says: the report for machines, the summary for people, and the line of each second.

use std::fmt::Write;
use std::time::Duration;

use serde::Serialize;

use super::measure::{Counts, Leg};
use super::outcome::{Ended, Latencies, Outcome, Percentiles, Second};
use super::plan::{Model, Plan};
use super::threshold::Met;

/// The name and version of the report for machines.
pub const SCHEMA: &str = "ringcheck.flood/1";

/// The report for machines.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    schema: &'static str,
    target: &'a str,
    seed: u64,
    model: &'static str,
    mix: String,
    users: usize,
    ended: Ended,
    #[serde(flatten)]
    counts: Account,
    violations: u64,
    rate: f64,
    duration_s: f64,
    latency_us: Latencies,
    generator: Generator,
    log_ins_per_s: f64,
    thresholds: Vec<Met>,
    warm_up: Account,
    /// The first violations, as sentences.
    findings: Vec<String>,
    seconds: &'a [Second],
}

#[derive(Debug, Serialize)]
struct Account {
    planned: u64,
    started: u64,
    skipped: u64,
    succeeded: u64,
    failed: u64,
    indeterminate: u64,
}

#[derive(Debug, Serialize)]
struct Generator {
    valid: bool,
    start_lag_p99_us: u64,
    /// How much of a core each thread used on average.
    cpu: f64,
}

impl From<&Counts> for Account {
    fn from(counts: &Counts) -> Self {
        Self {
            planned: counts.planned,
            started: counts.started,
            skipped: counts.skipped,
            succeeded: counts.succeeded,
            failed: counts.failed,
            indeterminate: counts.indeterminate,
        }
    }
}

impl<'a> Report<'a> {
    /// The report of what a plan came to.
    pub fn new(plan: &'a Plan, outcome: &'a Outcome) -> Self {
        let measures = &outcome.measures;
        Self {
            schema: SCHEMA,
            target: &plan.target,
            seed: plan.seed,
            model: model(&plan.model),
            mix: plan.mix.to_string(),
            users: 2 * plan.pairs,
            ended: outcome.ended,
            counts: Account::from(&measures.counts),
            violations: measures.violations,
            rate: outcome.rate(),
            duration_s: outcome.duration.as_secs_f64(),
            latency_us: Latencies::of(measures),
            generator: Generator {
                valid: outcome.invalid(plan).is_none(),
                start_lag_p99_us: measures.start_lag.value_at_quantile(0.99),
                cpu: outcome.cpu(),
            },
            log_ins_per_s: 2.0 * plan.pairs as f64 / outcome.entering.as_secs_f64().max(1e-6),
            thresholds: plan
                .thresholds
                .iter()
                .map(|one| one.check(outcome))
                .collect(),
            warm_up: Account::from(&measures.warm_up),
            findings: outcome.violations.iter().map(ToString::to_string).collect(),
            seconds: &outcome.seconds,
        }
    }
}

fn model(model: &Model) -> &'static str {
    match model {
        Model::Closed { .. } => "closed",
        Model::Open { .. } => "open",
    }
}

/// How many violations are told to people.
const TOLD_MAX: usize = 10;

/// The summary for people.
pub fn summary(plan: &Plan, outcome: &Outcome) -> String {
    let measures = &outcome.measures;
    let counts = &measures.counts;
    let mut text = String::new();
    for finding in outcome.violations.iter().take(TOLD_MAX) {
        let _ = writeln!(text, "{finding}");
    }
    if measures.violations > TOLD_MAX as u64 {
        let more = measures.violations - TOLD_MAX as u64;
        let _ = writeln!(text, "and {more} more violations");
    }
    let _ = writeln!(text, "{}", legs(&Latencies::of(measures)));
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
    for threshold in &plan.thresholds {
        let _ = writeln!(text, "{}", threshold.check(outcome));
    }
    let lag = short(measures.start_lag.value_at_quantile(0.99));
    let cpu = 100.0 * outcome.cpu();
    let _ = writeln!(
        text,
        "begun up to {lag} late (p99), with {cpu:.0}% of each core"
    );
    let judged = if plan.is_judging {
        format!("{} violations", measures.violations)
    } else {
        "not judged".to_owned()
    };
    let how = match outcome.ended {
        Ended::AsPlanned => "",
        Ended::Interrupted => ", interrupted",
        Ended::Died => ", and then the target was gone",
    };
    let closed = match plan.model {
        Model::Closed { .. } => ", closed: latencies are not those of a schedule",
        Model::Open { .. } => "",
    };
    let _ = write!(
        text,
        "{:.0} calls/s for {:.1} s{how}, {judged}{closed}",
        outcome.rate(),
        outcome.duration.as_secs_f64()
    );
    text
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
pub(super) fn short(us: u64) -> String {
    let took = Duration::from_micros(us);
    match us {
        0..1_000 => format!("{us} µs"),
        1_000..1_000_000 => format!("{:.1} ms", us as f64 / 1e3),
        1_000_000.. => format!("{:.2} s", took.as_secs_f64()),
    }
}
