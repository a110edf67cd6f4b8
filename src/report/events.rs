//! What a run says as it goes on: the one stream that every report is made from.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::diagram::Drawing;
use crate::runner::{Outcome, Trouble, Verdict};

/// The name and version of the stream. A reader takes no other.
pub const SCHEMA: &str = "ringcheck.events/1";

/// One thing that a run says. A line of the report `jsonl` is one of these.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum RunEvent {
    /// The run begins. The first event.
    RunStarted(Start),
    /// A scenario begins.
    CaseStarted(Begun),
    /// A scenario is left open since the runner itself was late, and is played once more.
    CaseSetAside(SetAside),
    /// A scenario is judged.
    CaseFinished(Box<Case>),
    /// The run is over. The last event; where it is missing, the run was cut off.
    RunFinished(End),
}

/// What a run is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// The name and version of the stream.
    pub schema: String,
    /// The version of the program.
    pub ringcheck: String,
    /// What was tested.
    pub target: String,
    /// What made the run's user ids, and decided what scenarios leave to chance.
    pub seed: u64,
    /// When it began: UTC, as RFC 3339 writes it.
    pub started: String,
    /// How long an invitation rings on the target, in milliseconds.
    pub expiry_ms: u64,
    /// How many scenarios there are to play.
    pub planned: usize,
    /// Which part of all the scenarios they are, where several machines share them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Part>,
}

/// One of several parts.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Which, from 1.
    pub part: u64,
    /// Of how many.
    pub of: u64,
}

/// A scenario that begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Begun {
    /// When, in milliseconds since the run began.
    pub at_ms: u64,
    /// Its file.
    pub file: String,
    /// Its promise.
    pub name: String,
}

/// A scenario that is played once more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetAside {
    /// When, in milliseconds since the run began.
    pub at_ms: u64,
    /// Its file.
    pub file: String,
    /// Its promise.
    pub name: String,
    /// By how much the runner was late, in milliseconds.
    pub late_ms: u64,
}

/// A scenario that was played and judged. Its name tells it from all others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// When it ended, in milliseconds since the run began.
    pub at_ms: u64,
    /// Its file.
    pub file: String,
    /// Its promise.
    pub name: String,
    /// What it came to.
    pub verdict: Verdict,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// By how much the runner itself was late, in milliseconds, where that left the verdict open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_ms: Option<u64>,
    /// By how much it was late the first time, where the scenario was played again for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again_after_late_ms: Option<u64>,
    /// How often it was played and failed, where it is listed as flaky and failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flaky: Option<Flaky>,
    /// Why its failure is tolerated, where it failed as listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<Known>,
    /// The requirements it exercises.
    pub covers: Vec<String>,
    /// Why it did not pass, the worst first.
    pub violations: Vec<Violation>,
    /// What is not as it should be.
    pub warnings: Vec<Violation>,
    /// What every user did and heard, where it did not pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drawing: Option<Drawing>,
    /// The text of its file, where it did not pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The command that plays it again, where it did not pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<String>,
}

/// How often a scenario was played and failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Flaky {
    /// How often it was played, the first time too; what could not be judged does not count.
    pub played: usize,
    /// How often it failed.
    pub failed: usize,
}

/// Why a listed failure is tolerated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// In words.
    pub reason: String,
    /// Where that is followed up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Violation {
    /// The rule that fired; `scenario` for a demand of the scenario itself, `target` where the target broke, `runner` where the
    /// runner was late.
    pub rule: String,
    /// The requirement that was broken; empty where there is none.
    pub requirement: String,
    /// What was expected and what came.
    pub message: String,
    /// The line in the scenario file, from 1, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The column in that line, in characters from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// What the lifecycle allowed at that point.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<String>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct End {
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// What came before the last scenario was played, where that is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
    /// What is listed as failing and did not fail as listed, with the place in the list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stale: Vec<String>,
}

impl Case {
    /// What playing a scenario came to, that much after the run began.
    pub fn of(outcome: &Outcome, at_ms: u64) -> Self {
        let drawing = Some(&outcome.timeline).filter(|drawing| !drawing.rows.is_empty());
        Self {
            at_ms,
            file: outcome.file.display().to_string(),
            name: outcome.name.clone(),
            verdict: outcome.verdict,
            duration_ms: milliseconds(outcome.duration),
            late_ms: outcome.late.map(milliseconds),
            again_after_late_ms: outcome.again_after.map(milliseconds),
            flaky: None,
            known: None,
            covers: outcome.covers.clone(),
            violations: outcome.troubles.iter().map(Violation::of).collect(),
            warnings: outcome.warnings.iter().map(Violation::of).collect(),
            drawing: drawing.cloned(),
            source: None,
            again: None,
        }
    }

    /// Whether it needs nobody's attention: it passed, or failed as listed.
    pub fn is_fine(&self) -> bool {
        matches!(self.verdict, Verdict::Passed | Verdict::Known)
    }

    /// The first violation that has a place in the file.
    pub fn place(&self) -> Option<(usize, usize)> {
        let mut places = self.violations.iter().filter_map(Violation::place);
        places.next()
    }
}

impl Violation {
    fn of(trouble: &Trouble) -> Self {
        // A step that was never in a file has no line.
        let place = trouble.place.filter(|(line, _)| *line > 0);
        Self {
            rule: trouble.rule.clone(),
            requirement: trouble.requirement.clone(),
            message: trouble.message.clone(),
            line: place.map(|(line, _)| line),
            column: place.map(|(_, column)| column),
            allowed: trouble.allowed.clone(),
        }
    }

    /// Line and column in the scenario file.
    pub fn place(&self) -> Option<(usize, usize)> {
        Some((self.line?, self.column.unwrap_or(1)))
    }
}

/// A duration in whole milliseconds.
pub fn milliseconds(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
