//! What the judge says of a recorded history, as every report reads it.

use std::collections::VecDeque;
use std::fmt::Write as _;

use serde::Serialize;

use super::diagram::of;
use crate::history::Event;
use crate::history::file::Opening;
use crate::lifecycle::{Exercise, Finding, FindingKind, Verdict};

/// The name and version of the report's JSON form.
pub const SCHEMA: &str = "ringcheck.verify/1";

/// The most lines of a diagram; the last ones are shown.
const ROWS_MAX: usize = 24;

/// Recorded histories, judged. Its JSON form is the report `json`, whose schema is named in it.
#[derive(Debug, Clone, Serialize)]
pub struct Checked {
    /// The name and version of this form.
    pub schema: &'static str,
    /// Every section of every file.
    pub sections: Vec<Section>,
    /// Every rule, over all sections.
    pub rules: Vec<Armed>,
}

/// One section of a file.
#[derive(Debug, Clone, Serialize)]
pub struct Section {
    /// The file.
    pub file: String,
    /// The line of its header.
    pub line: u64,
    /// The scenario that was played, if one was.
    pub scenario: String,
    /// How many events it has.
    pub events: u64,
    /// How many invitations were created in it.
    pub invitations: u64,
    /// Everything found.
    pub findings: Vec<Told>,
}

/// One finding.
#[derive(Debug, Clone, Serialize)]
pub struct Told {
    /// `violation`, `warning` or `inconclusive`.
    pub kind: String,
    /// The rule.
    pub rule: &'static str,
    /// The requirement that it guards.
    pub requirement: &'static str,
    /// The line of the event that shows it.
    pub line: u64,
    /// At which user.
    pub user: String,
    /// About which invitation.
    pub invitation: String,
    /// What was expected and what came.
    pub message: String,
    /// What the lifecycle allowed that side at that point.
    pub allowed: Vec<String>,
    /// What the users did and heard of that invitation until then.
    pub diagram: Vec<String>,
}

/// How often a rule had something to look at.
#[derive(Debug, Clone, Serialize)]
pub struct Armed {
    /// The rule.
    pub id: &'static str,
    /// The requirement that it guards.
    pub requirement: &'static str,
    /// How often its premise arose.
    pub armed: u64,
    /// How often what it demands was then met.
    pub discharged: u64,
}

impl Checked {
    /// Nothing judged yet.
    pub fn new() -> Self {
        Self {
            schema: SCHEMA,
            sections: Vec::new(),
            rules: Vec::new(),
        }
    }

    /// Adds what was exercised in a section.
    pub fn exercise(&mut self, exercised: &[Exercise]) {
        if self.rules.is_empty() {
            let blank = |exercise: &Exercise| Armed {
                id: exercise.rule.id,
                requirement: exercise.rule.requirement,
                armed: 0,
                discharged: 0,
            };
            self.rules = exercised.iter().map(blank).collect();
        }
        for (rule, exercise) in self.rules.iter_mut().zip(exercised) {
            rule.armed += exercise.armed;
            rule.discharged += exercise.discharged;
        }
    }

    /// How many findings of a kind there are.
    pub fn count(&self, kind: FindingKind) -> usize {
        let word = kind.to_string();
        let findings = self.sections.iter().flat_map(|section| &section.findings);
        findings.filter(|told| told.kind == word).count()
    }
}

impl Default for Checked {
    fn default() -> Self {
        Self::new()
    }
}

impl Section {
    /// A section that was judged. `header` is the line of its header; `recent` holds its last events with their places.
    pub fn new(
        (file, header): (&str, u64),
        opening: &Opening,
        verdict: &Verdict,
        recent: &VecDeque<(u64, Event)>,
    ) -> Self {
        let findings = verdict.findings.iter();
        Self {
            file: file.to_owned(),
            line: header,
            scenario: opening.scenario.clone(),
            events: verdict.events,
            invitations: verdict.invitations,
            findings: findings.map(|it| told(header, it, recent)).collect(),
        }
    }
}

fn told(header: u64, finding: &Finding, recent: &VecDeque<(u64, Event)>) -> Told {
    Told {
        kind: finding.kind.to_string(),
        rule: finding.rule.id,
        requirement: finding.rule.requirement,
        // The header stands on its own line, and every event on one of its own.
        line: header + 1 + finding.event.unwrap_or(0),
        user: finding.user.to_string(),
        invitation: finding.invitation.as_deref().unwrap_or("").to_owned(),
        message: finding.message.clone(),
        allowed: finding.allowed.clone(),
        diagram: diagram(finding, recent),
    }
}

/// What was done and heard of the finding's invitation, as far as it is remembered.
fn diagram(finding: &Finding, recent: &VecDeque<(u64, Event)>) -> Vec<String> {
    let of_it = recent
        .iter()
        .filter(|(_, event)| event.what.invitation() == finding.invitation.as_ref())
        .filter(|(_, event)| finding.invitation.is_some() || event.user == finding.user)
        .map(|(place, event)| (*place, event));
    of(of_it, finding.event, ROWS_MAX)
}

/// A finding for a person: where, which rule, what was expected, what was allowed, and what was seen.
pub fn finding(file: &str, told: &Told) -> String {
    let mut text = format!(
        "{}: {}\n --> {file}:{}\n",
        told.kind, told.message, told.line
    );
    let sentence = crate::lifecycle::rule(told.rule).map_or("", |rule| rule.sentence);
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "    rule {}, {}: {sentence}",
        told.rule, told.requirement
    );
    if !told.allowed.is_empty() {
        let _ = writeln!(text, "    allowed here: {}", told.allowed.join(", "));
    }
    for line in &told.diagram {
        let _ = writeln!(text, "  {line}");
    }
    text
}
