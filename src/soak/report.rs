//! What a soak came to, for machines and for people.

use std::fmt::Write;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sample::Sample;
use super::verdict::{Check, Stands, checks};
use super::{Progress, Soak};
use crate::flood::{Kept, Outcome};

/// The name and version of the report for machines.
const SCHEMA: &str = "ringcheck.soak/1";

/// How a soak ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// After the last round.
    AsPlanned,
    /// It was told to end.
    Interrupted,
    /// The target was gone.
    Died,
    /// After a round of which something was left.
    NotReturned,
}

/// What a soak came to.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// The name and version of this form.
    pub schema: String,
    /// What was soaked.
    pub target: String,
    /// What chose calls and kills.
    pub seed: u64,
    /// How many users there were in each round.
    pub users: usize,
    /// Calls a second.
    pub rate: f64,
    /// Connections that were to be killed in a second.
    pub kills_per_s: f64,
    /// How long calls were to be begun, in seconds.
    pub duration_s: f64,
    /// How long all of it took, in seconds.
    pub took_s: f64,
    /// How it ended.
    pub ended: Ended,
    /// Invitations that were begun.
    pub invitations: u64,
    /// Invitations that had not ended on both sides when as much time had passed as all clocks take.
    pub endless: u64,
    /// Connections that were killed.
    pub kills: u64,
    /// Violations of the lifecycle.
    pub violations: u64,
    /// The first violations, as sentences.
    pub findings: Vec<String>,
    /// What has to be again what it was.
    pub checks: Vec<Check>,
    /// Round after round.
    pub rounds: Vec<Round>,
    /// Calls that broke the lifecycle, whole.
    #[serde(skip)]
    pub kept: Vec<Kept>,
    /// What the server said of itself, from before the first round until after the last.
    pub samples: Vec<Sample>,
}

/// What a round came to.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Round {
    /// Which, from 1.
    pub round: usize,
    /// Invitations that were begun.
    pub invitations: u64,
    /// Those that came to what they were meant to.
    pub succeeded: u64,
    /// Those that came to something else, as those do whose users lose their connections.
    pub otherwise: u64,
    /// Those that did not end.
    pub endless: u64,
    /// Connections that were killed.
    pub kills: u64,
    /// Violations of the lifecycle.
    pub violations: u64,
    /// How late calls were begun at most, in milliseconds: what was judged late may have been heard late.
    pub lag_ms: u64,
    /// How long the server took to forget it, in seconds.
    pub settled_s: f64,
    /// What the server said of itself then.
    pub after: Sample,
}

impl Round {
    /// Whether this machine was too busy to say what was late.
    fn is_late(&self) -> bool {
        self.lag_ms > LAG_MS_MAX
    }
}

/// How late calls may be begun in a round whose violations count: half of the tolerance that every clock has.
const LAG_MS_MAX: u64 = 500;

/// How many violations are kept as sentences.
const FINDINGS_MAX: usize = 100;

impl Report {
    /// Of a soak that begins.
    pub(super) fn new(soak: &Soak, before: Sample) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            target: soak.target.clone(),
            seed: soak.seed,
            users: soak.users,
            rate: soak.rate,
            kills_per_s: soak.kills_per_s,
            duration_s: soak.duration.as_secs_f64(),
            took_s: 0.0,
            ended: Ended::AsPlanned,
            invitations: 0,
            endless: 0,
            kills: 0,
            violations: 0,
            findings: Vec::new(),
            checks: Vec::new(),
            rounds: Vec::new(),
            kept: Vec::new(),
            samples: vec![before],
        }
    }

    /// Adds a round, with what the server said when it had forgotten it.
    pub(super) fn add(&mut self, round: usize, outcome: Outcome, after: Sample, settled: Duration) {
        let measures = &outcome.measures;
        let counts = measures.counts;
        self.invitations += counts.started;
        self.endless += counts.indeterminate;
        self.kills += measures.kills;
        self.violations += measures.violations;
        let room = FINDINGS_MAX.saturating_sub(self.findings.len());
        let found = outcome.violations.iter().take(room);
        self.findings.extend(found.map(ToString::to_string));
        self.kept.extend(outcome.kept);
        self.rounds.push(Round {
            round: round + 1,
            invitations: counts.started,
            succeeded: counts.succeeded,
            otherwise: counts.failed,
            endless: counts.indeterminate,
            kills: measures.kills,
            violations: measures.violations,
            lag_ms: measures.start_lag.max() / 1000,
            settled_s: settled.as_secs_f64(),
            after,
        });
    }

    /// All rounds are in.
    pub(super) fn close(&mut self, samples: Vec<Sample>, took: Duration) {
        if let (Some(before), Some(last)) = (samples.first(), self.rounds.last()) {
            let warm = self
                .rounds
                .first()
                .filter(|first| first.round != last.round);
            self.checks = checks(before, warm.map(|warm| &warm.after), &last.after);
        }
        self.samples = samples;
        self.took_s = took.as_secs_f64();
    }

    /// Whether something is wrong with the target.
    pub fn is_bad(&self) -> bool {
        let is_bad = |check: &Check| check.stands == Stands::Bad;
        let broke = |round: &Round| round.violations > 0 && !round.is_late();
        self.endless > 0 || self.checks.iter().any(is_bad) || self.rounds.iter().any(broke)
    }

    /// Why violations that were found say nothing about the target, if there are such.
    pub fn doubt(&self) -> Option<String> {
        let doubtful = |round: &&Round| round.violations > 0 && round.is_late();
        let late = self
            .rounds
            .iter()
            .filter(doubtful)
            .map(|round| round.lag_ms);
        let late = late.max()?;
        Some(format!(
            "calls were begun up to {late} ms late in rounds with violations, which may have been heard as late; {LAG_MS_MAX} ms are allowed\nhint: a lower rate, or fewer other programs on this machine"
        ))
    }

    /// Whether everything was seen that there is to see.
    pub fn is_whole(&self) -> bool {
        let is_seen = |check: &Check| check.stands != Stands::NotSeen;
        self.ended == Ended::AsPlanned && self.checks.iter().all(is_seen)
    }

    /// The highest value of a figure.
    fn most(&self, figure: fn(&Sample) -> Option<u64>) -> Option<u64> {
        self.samples.iter().filter_map(figure).max()
    }
}

/// How many violations are told to people.
const TOLD_MAX: usize = 10;

/// The summary for people.
pub fn summary(soak: &Report) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    for finding in soak.findings.iter().take(TOLD_MAX) {
        let _ = writeln!(text, "{finding}");
    }
    if soak.violations > TOLD_MAX as u64 {
        let more = soak.violations - TOLD_MAX as u64;
        let _ = writeln!(text, "and {more} more violations");
    }
    let _ = writeln!(
        text,
        "{:<30}{:>12}{:>12}{:>12}{:>12}",
        "", "before", "most", "after", "allowed"
    );
    for check in &soak.checks {
        let most = super::sample::figure(&check.what).and_then(|figure| soak.most(figure));
        let stands = match check.stands {
            Stands::Good => "",
            Stands::Bad => "  not returned",
            Stands::NotSeen => "  not seen",
        };
        let _ = write!(text, "{:<30}", check.what);
        for value in [check.before, most, check.after, check.allowed] {
            let _ = write!(text, "{:>12}", shown(value));
        }
        let _ = writeln!(text, "{stands}");
    }
    let how = match soak.ended {
        Ended::AsPlanned => "",
        Ended::Interrupted => ", interrupted",
        Ended::Died => ", and then the target was gone",
        Ended::NotReturned => ", and the last of them has left something",
    };
    let _ = write!(
        text,
        "{} rounds in {:.0} s{how}: {} invitations, {} without an end, {} connections killed, {} violations",
        soak.rounds.len(),
        soak.took_s,
        soak.invitations,
        soak.endless,
        soak.kills,
        soak.violations
    );
    text
}

/// The line for people who wait.
pub fn line(progress: &Progress<'_>, rounds: usize) -> String {
    let Progress {
        round,
        counts,
        sample,
        ..
    } = progress;
    let mebibytes = sample.memory_bytes.map(|bytes| bytes / (1024 * 1024));
    format!(
        "round {round} of {rounds}: {} invitations, {} kills, {} violations; {} sessions, {} live invitations, {} files, {} MiB",
        counts.invitations,
        counts.kills,
        counts.violations,
        shown(sample.sessions),
        shown(sample.live_invitations),
        shown(sample.open_files),
        shown(mebibytes)
    )
}

fn shown(value: Option<u64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}
