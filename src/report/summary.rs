//! What a run came to, gathered from its events, as every report reads it.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::events::{Case, End, Part, RunEvent, SCHEMA as EVENTS, Start};
use crate::lifecycle::requirements::REQUIREMENTS;
use crate::runner::Verdict;

/// The name and version of the JSON form.
pub const SCHEMA: &str = "ringcheck.run/1";

/// A whole run. Its JSON form is the report `json`, whose schema is named in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// The name and version of this form.
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
    /// How many scenarios there were to play.
    pub planned: usize,
    /// Which part of all the scenarios they are, where several machines share them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Part>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// What came before the last of them was played, where that is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
    /// What is listed as failing and did not fail as listed, with the place in the list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stale: Vec<String>,
    /// How many scenarios came to what.
    pub counts: Counts,
    /// Which requirements were exercised.
    pub requirements: Coverage,
    /// Every scenario that was played.
    pub scenarios: Vec<Case>,
}

/// How many scenarios came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// Named by a scenario that passed.
    pub covered: Vec<String>,
    /// The others.
    pub not_exercised: Vec<String>,
}

impl Summary {
    /// A run that has just begun. What ends before its last event was cut off, and says so.
    pub fn begun(start: &Start) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            ringcheck: start.ringcheck.clone(),
            target: start.target.clone(),
            seed: start.seed,
            started: start.started.clone(),
            expiry_ms: start.expiry_ms,
            planned: start.planned,
            shard: start.shard,
            duration_ms: 0,
            stopped: Some("the record breaks off".to_owned()),
            stale: Vec::new(),
            counts: Counts::default(),
            requirements: Coverage::of(&[]),
            scenarios: Vec::new(),
        }
    }

    /// Hears one more event of the run.
    pub fn hear(&mut self, event: &RunEvent) {
        match event {
            RunEvent::RunStarted(_) | RunEvent::CaseStarted(_) | RunEvent::CaseSetAside(_) => {}
            RunEvent::CaseFinished(case) => {
                self.counts.add(case.verdict);
                self.duration_ms = self.duration_ms.max(case.at_ms);
                self.scenarios.push(Case::clone(case));
            }
            RunEvent::RunFinished(end) => {
                self.duration_ms = end.duration_ms;
                self.stopped = end.stopped.clone();
                self.stale = end.stale.clone();
                self.settle();
            }
        }
    }

    /// Puts the scenarios into the order of their files, whichever of them ended first, and sums them up.
    pub fn settle(&mut self) {
        // Stable, so that the cases of one file keep an order in runs that play one at a time.
        self.scenarios
            .sort_by(|one, other| (&one.file, &one.name).cmp(&(&other.file, &other.name)));
        self.counts = Counts::default();
        for case in &self.scenarios {
            self.counts.add(case.verdict);
        }
        self.requirements = Coverage::of(&self.scenarios);
    }

    /// The events that the summary was, or could have been, gathered from.
    pub fn events(&self) -> Vec<RunEvent> {
        let start = Start {
            schema: EVENTS.to_owned(),
            ringcheck: self.ringcheck.clone(),
            target: self.target.clone(),
            seed: self.seed,
            started: self.started.clone(),
            expiry_ms: self.expiry_ms,
            planned: self.planned,
            shard: self.shard,
        };
        let end = End {
            duration_ms: self.duration_ms,
            stopped: self.stopped.clone(),
            stale: self.stale.clone(),
        };
        let cases = self.scenarios.iter().cloned().map(Box::new);
        std::iter::once(RunEvent::RunStarted(start))
            .chain(cases.map(RunEvent::CaseFinished))
            .chain(std::iter::once(RunEvent::RunFinished(end)))
            .collect()
    }

    /// The scenarios that came to a verdict.
    pub fn that(&self, verdict: Verdict) -> impl Iterator<Item = &Case> {
        self.scenarios
            .iter()
            .filter(move |case| case.verdict == verdict)
    }

    /// Whether every scenario that was to be played was.
    pub fn is_complete(&self) -> bool {
        self.stopped.is_none() && self.scenarios.len() == self.planned
    }
}

impl Counts {
    fn add(&mut self, verdict: Verdict) {
        *match verdict {
            Verdict::Passed => &mut self.passed,
            Verdict::Known => &mut self.known,
            Verdict::Failed => &mut self.failed,
            Verdict::Inconclusive => &mut self.inconclusive,
            Verdict::Error => &mut self.error,
        } += 1;
    }

    /// The counts of all verdicts, with those that say most first.
    pub fn each(self) -> [(usize, Verdict); 5] {
        [
            (self.passed, Verdict::Passed),
            (self.known, Verdict::Known),
            (self.failed, Verdict::Failed),
            (self.inconclusive, Verdict::Inconclusive),
            (self.error, Verdict::Error),
        ]
    }

    /// In words: `12 passed, 1 failed`.
    pub fn words(self) -> String {
        let told = |(count, verdict): &(usize, Verdict)| *count > 0 || *verdict == Verdict::Passed;
        let words: Vec<String> = (self.each().iter())
            .filter(|it| told(it))
            .map(|(count, verdict)| format!("{count} {}", verdict.word()))
            .collect();
        words.join(", ")
    }
}

impl Coverage {
    /// What those scenarios exercised.
    pub fn of(cases: &[Case]) -> Self {
        let passed = cases.iter().filter(|case| case.verdict == Verdict::Passed);
        let named: BTreeSet<&str> = passed
            .flat_map(|case| case.covers.iter().map(String::as_str))
            .collect();
        let (covered, not_exercised) = REQUIREMENTS
            .iter()
            .map(|known| known.id.to_owned())
            .partition(|id| named.contains(id.as_str()));
        Self {
            covered,
            not_exercised,
        }
    }
}
