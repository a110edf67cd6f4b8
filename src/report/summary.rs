//! What a run came to, as every report reads it.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Serialize;

use crate::lifecycle::requirements::REQUIREMENTS;
use crate::runner::{Outcome, Verdict};

/// A whole run. Its JSON form is the report `json`, whose schema is named in it.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// The name and version of this form.
    pub schema: &'static str,
    /// What was tested.
    pub target: String,
    /// What made the run's user ids.
    pub seed: u64,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// How many scenarios came to what.
    pub counts: Counts,
    /// Which requirements were exercised.
    pub requirements: Coverage,
    /// Every scenario.
    pub scenarios: Vec<ScenarioResult>,
}

/// How many scenarios came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Everything demanded was seen and right.
    pub passed: usize,
    /// Failed as listed.
    pub known: usize,
    /// Failed.
    pub failed: usize,
    /// Not enough was seen.
    pub inconclusive: usize,
    /// The harness or the target broke.
    pub error: usize,
}

/// Which requirements a scenario that passed exercised, and which none did.
#[derive(Debug, Clone, Serialize)]
pub struct Coverage {
    /// Named by a scenario that passed.
    pub covered: Vec<&'static str>,
    /// The others.
    pub not_exercised: Vec<&'static str>,
}

/// One scenario.
#[derive(Debug, Clone, Serialize)]
pub struct ScenarioResult {
    /// Its file.
    pub file: String,
    /// Its promise.
    pub name: String,
    /// What it came to.
    pub verdict: &'static str,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// By how much the runner itself was late, in milliseconds, where that left the verdict open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub late_ms: Option<u64>,
    /// By how much it was late the first time, where the scenario was played again for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub again_after_late_ms: Option<u64>,
    /// The requirements it exercises.
    pub covers: Vec<String>,
    /// Why it did not pass.
    pub violations: Vec<Violation>,
    /// What is not as it should be.
    pub warnings: Vec<Violation>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, Serialize)]
pub struct Violation {
    /// The rule that fired.
    pub rule: String,
    /// The requirement that was broken.
    pub requirement: String,
    /// What was expected and what came.
    pub message: String,
    /// The line in the scenario file, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
}

/// The name and version of the JSON form.
pub const SCHEMA: &str = "ringcheck.run/1";

impl Summary {
    /// Sums up a run.
    pub fn of(target: &str, seed: u64, duration: Duration, outcomes: &[Outcome]) -> Self {
        Self {
            schema: SCHEMA,
            target: target.to_owned(),
            seed,
            duration_ms: milliseconds(duration),
            counts: Counts::of(outcomes),
            requirements: Coverage::of(outcomes),
            scenarios: outcomes.iter().map(ScenarioResult::of).collect(),
        }
    }
}

impl Counts {
    fn of(outcomes: &[Outcome]) -> Self {
        let mut counts = Self::default();
        for outcome in outcomes {
            *match outcome.verdict {
                Verdict::Passed => &mut counts.passed,
                Verdict::Known => &mut counts.known,
                Verdict::Failed => &mut counts.failed,
                Verdict::Inconclusive => &mut counts.inconclusive,
                Verdict::Error => &mut counts.error,
            } += 1;
        }
        counts
    }
}

impl Coverage {
    fn of(outcomes: &[Outcome]) -> Self {
        let passed = outcomes
            .iter()
            .filter(|outcome| outcome.verdict == Verdict::Passed);
        let named: BTreeSet<&str> = passed
            .flat_map(|outcome| outcome.covers.iter().map(String::as_str))
            .collect();
        let (covered, not_exercised) = REQUIREMENTS
            .iter()
            .map(|known| known.id)
            .partition(|id| named.contains(id));
        Self {
            covered,
            not_exercised,
        }
    }
}

impl ScenarioResult {
    fn of(outcome: &Outcome) -> Self {
        let told = |trouble: &crate::runner::Trouble| Violation {
            rule: trouble.rule.clone(),
            requirement: trouble.requirement.clone(),
            message: trouble.message.clone(),
            line: trouble.place.map(|(line, _)| line),
        };
        Self {
            file: outcome.file.display().to_string(),
            name: outcome.name.clone(),
            verdict: outcome.verdict.word(),
            duration_ms: milliseconds(outcome.duration),
            late_ms: outcome.late.map(milliseconds),
            again_after_late_ms: outcome.again_after.map(milliseconds),
            covers: outcome.covers.clone(),
            violations: outcome.troubles.iter().map(told).collect(),
            warnings: outcome.warnings.iter().map(told).collect(),
        }
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
