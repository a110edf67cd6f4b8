//! What playing a scenario came to.

use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::history::{Clocks, Header, History, Order};
use crate::report::diagram::Drawing;
use crate::scenario::plan::Scenario;

/// The verdict on one scenario, from the best to the worst: a violation that was seen outweighs what was not seen.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Everything demanded was seen and right.
    Passed,
    /// A listed failure that failed as listed.
    Known,
    /// Not enough was seen to say.
    Inconclusive,
    /// The harness or the target broke.
    Error,
    /// Something was seen that must not be, or something demanded was not seen.
    Failed,
}

impl Verdict {
    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Known => "known",
            Self::Failed => "failed",
            Self::Inconclusive => "inconclusive",
            Self::Error => "error",
        }
    }
}

/// One scenario, played and judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Its file.
    pub file: PathBuf,
    /// Its promise.
    pub name: String,
    /// The requirements it says it exercises.
    pub covers: Vec<String>,
    /// What it came to.
    pub verdict: Verdict,
    /// How long it took.
    pub duration: Duration,
    /// By how much the runner itself was late, where that left the verdict open.
    pub late: Option<Duration>,
    /// By how much the runner was late the first time, where the scenario was played again for that.
    pub again_after: Option<Duration>,
    /// Why it did not pass, the worst first.
    pub troubles: Vec<Trouble>,
    /// What is not wrong but not as it should be.
    pub warnings: Vec<Trouble>,
    /// What was recorded.
    pub history: History,
    /// What every user did and heard, for people; only where it did not pass.
    pub timeline: Drawing,
}

impl Outcome {
    /// A scenario that was not played, because the target cannot take one of its steps.
    pub(super) fn not_played(scenario: &Scenario, clocks: &Clocks, why: &str) -> Self {
        Self {
            file: scenario.file.clone(),
            name: scenario.name.clone(),
            covers: scenario.covers.clone(),
            verdict: Verdict::Inconclusive,
            duration: Duration::ZERO,
            late: None,
            again_after: None,
            troubles: vec![Trouble {
                rule: "target".to_owned(),
                requirement: String::new(),
                message: why.to_owned(),
                place: None,
                allowed: Vec::new(),
            }],
            warnings: Vec::new(),
            history: History {
                header: Header {
                    clocks: *clocks,
                    order: Order::Causal,
                    end: Duration::ZERO,
                },
                events: Vec::new(),
            },
            timeline: Drawing::default(),
        }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The rule of the judge that fired; `scenario` for a demand of the scenario itself, `target` where the target broke.
    pub rule: String,
    /// The requirement that was broken.
    pub requirement: String,
    /// What was expected and what came.
    pub message: String,
    /// Line and column in the scenario file, for a demand of the scenario itself.
    pub place: Option<(usize, usize)>,
    /// What the lifecycle allowed at that point.
    pub allowed: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::Verdict;

    #[test]
    fn a_violation_outweighs_what_was_not_seen() {
        let worst = [
            Verdict::Inconclusive,
            Verdict::Failed,
            Verdict::Error,
            Verdict::Passed,
        ]
        .into_iter()
        .max();
        assert_eq!(worst, Some(Verdict::Failed));
    }
}
