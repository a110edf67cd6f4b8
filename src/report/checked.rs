//! What the judge says of a recorded history, as every report reads it.

use std::fmt::Write as _;

use serde::Serialize;

use super::shell::quoted;
use crate::history::Order;
use crate::history::file::Opening;
use crate::lifecycle::{Exercise, Finding, FindingKind, Verdict};

/// The name and version of the report's JSON form.
pub const SCHEMA: &str = "ringcheck.verify/1";

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
    /// The command that plays the scenario again, if one was played.
    pub again: Option<String>,
    /// What was found, by line: of each rule and kind the first [`FINDINGS_MAX`](crate::lifecycle::FINDINGS_MAX).
    pub findings: Vec<Told>,
    /// The findings whose pictures may lack events, and what their order is worth.
    #[serde(skip)]
    pub(crate) undrawn: Option<(Vec<Finding>, Order)>,
}

/// One finding.
#[derive(Debug, Clone, Serialize)]
pub struct Told {
    /// How bad it is.
    pub kind: FindingKind,
    /// The rule.
    pub rule: &'static str,
    /// The requirement that it guards.
    pub requirement: &'static str,
    /// The line of the event that shows it; the header's if no event does.
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
    /// How often it was broken.
    pub violations: u64,
    /// How often something was later or laxer than it should be.
    pub warnings: u64,
    /// How often not enough was seen to say.
    pub inconclusive: u64,
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
                violations: 0,
                warnings: 0,
                inconclusive: 0,
            };
            self.rules = exercised.iter().map(blank).collect();
        }
        for (rule, exercise) in self.rules.iter_mut().zip(exercised) {
            rule.armed += exercise.armed;
            rule.discharged += exercise.discharged;
            rule.violations += exercise.found.violations;
            rule.warnings += exercise.found.warnings;
            rule.inconclusive += exercise.found.inconclusive;
        }
    }

    /// How much of a kind was found.
    pub fn count(&self, kind: FindingKind) -> u64 {
        let rules = self.rules.iter().map(|rule| match kind {
            FindingKind::Violation => rule.violations,
            FindingKind::Warning => rule.warnings,
            FindingKind::Inconclusive => rule.inconclusive,
        });
        rules.sum()
    }
}

impl Default for Checked {
    fn default() -> Self {
        Self::new()
    }
}

impl Section {
    /// A section that was judged. `header` is the line of its header; `drawn` has a diagram for each finding.
    pub fn new(
        (file, header): (&str, u64),
        opening: &Opening,
        verdict: &Verdict,
        drawn: Vec<Vec<String>>,
    ) -> Self {
        let findings = verdict.findings.iter().zip(drawn);
        Self {
            file: file.to_owned(),
            line: header,
            scenario: opening.scenario.clone(),
            events: verdict.events,
            invitations: verdict.invitations,
            again: again(opening),
            findings: findings
                .map(|(it, diagram)| told(header, it, diagram))
                .collect(),
            undrawn: None,
        }
    }

    /// Sets other diagrams, one for each finding.
    pub(crate) fn redraw(&mut self, drawn: Vec<Vec<String>>) {
        for (told, diagram) in self.findings.iter_mut().zip(drawn) {
            told.diagram = diagram;
        }
    }
}

/// The command that plays a section's scenario again.
fn again(opening: &Opening) -> Option<String> {
    let file = Some(&opening.scenario).filter(|file| !file.is_empty())?;
    let mut again = format!("ringcheck run {}", quoted(file));
    if opening.target.contains("://") || opening.target == "sim" {
        // Writing to a String cannot fail.
        let _ = write!(again, " --target {}", quoted(&opening.target));
    }
    if let Some(seed) = opening.seed {
        let _ = write!(again, " --seed {seed}");
    }
    Some(again)
}

fn told(header: u64, finding: &Finding, diagram: Vec<String>) -> Told {
    Told {
        kind: finding.kind,
        rule: finding.rule.id,
        requirement: finding.rule.requirement,
        // The header stands on its own line, and every event on one of its own.
        line: header + finding.event.map_or(0, |event| event + 1),
        user: finding.user.to_string(),
        invitation: finding.invitation.as_deref().unwrap_or("").to_owned(),
        message: finding.message.clone(),
        allowed: finding.allowed.clone(),
        diagram,
    }
}

/// A finding for a person: where, which rule, what was expected, what was allowed, what was seen, and what shows it again.
pub fn finding(section: &Section, told: &Told) -> String {
    let file = &section.file;
    let mut text = format!(
        "{}: {}\n --> {file}:{}\n",
        told.kind, told.message, told.line
    );
    let sentence = crate::lifecycle::rule(told.rule).map_or("", |rule| rule.sentence);
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "    rule {} of the judge (`ringcheck explain {}`); {}: {sentence}",
        told.rule, told.rule, told.requirement
    );
    if !told.allowed.is_empty() {
        let _ = writeln!(text, "    allowed here: {}", told.allowed.join(", "));
    }
    for line in &told.diagram {
        let _ = writeln!(text, "  {line}");
    }
    if let Some(again) = &section.again {
        let _ = writeln!(text, "  again: {again}");
    }
    text
}
