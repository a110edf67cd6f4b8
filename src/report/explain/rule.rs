//! A requirement with its rule: the sentence, why it matters, a good and a bad history, and what exercises it.

use std::fmt::Write as _;

use super::why;
use crate::lifecycle::requirements::{Grade, Requirement};
use crate::lifecycle::tales::{Tale, bad, good_for};
use crate::lifecycle::{Finding, UNSEEN, judge, rule};
use crate::report::diagram::of;
use crate::scenario::plan::Scenario;

/// Explains a requirement. `scenarios` is the library in which those are found that exercise it, if there is one.
pub fn requirement(
    requirement: &Requirement,
    scenarios: Option<&[impl AsRef<Scenario>]>,
) -> String {
    let id = requirement.id;
    let grade = match requirement.grade {
        Grade::Must => "MUST",
        Grade::Should => "SHOULD",
    };
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{id} ({grade}): {}", requirement.sentence);
    if let Some(why) = why(id) {
        let _ = writeln!(text, "\nWhy it matters: {why}");
    }
    match rule(id) {
        Some(rule) => {
            let _ = writeln!(text, "\nRule {} of the judge: {}", rule.id, rule.sentence);
            if let Some(tale) = good_for(rule) {
                let _ = writeln!(text, "\nGood: {}\n", tale.name);
                show(&mut text, tale);
            }
            if let Some(tale) = bad(rule) {
                let _ = writeln!(text, "\nBad: {}\n", tale.name);
                show(&mut text, tale);
            }
        }
        None => {
            let unseen = UNSEEN.iter().find(|unseen| unseen.requirement == id);
            let reason = unseen.map_or("", |unseen| unseen.reason);
            let _ = writeln!(text, "\nNo rule of the judge guards it: {reason}.");
        }
    }
    let Some(scenarios) = scenarios else {
        return text;
    };
    let covering: Vec<String> = scenarios
        .iter()
        .map(AsRef::as_ref)
        .filter(|scenario| scenario.covers.iter().any(|covered| covered == id))
        .map(|scenario| format!("  {}  {}", scenario.file.display(), scenario.name))
        .collect();
    if covering.is_empty() {
        let _ = writeln!(text, "\nNo scenario exercises it.");
    } else {
        let _ = writeln!(
            text,
            "\nScenarios that exercise it:\n{}",
            covering.join("\n")
        );
    }
    text
}

/// A tale as a diagram, with what is found in it at its event.
fn show(text: &mut String, tale: &Tale) {
    let Some(history) = tale.history() else {
        return;
    };
    let first: Option<Finding> = judge(&history).findings.into_iter().next();
    let marked = first.as_ref().and_then(|finding| finding.event);
    let events = (0u64..).zip(&history.events);
    for line in of(events, marked, usize::MAX) {
        let _ = writeln!(text, "  {line}");
    }
    if let Some(finding) = first {
        let _ = writeln!(text, "  {finding}");
    }
}
