//! A run for a person at a terminal: every failure in full, then the counts.

use std::fmt::Write;

use super::summary::Summary;
use crate::lifecycle::requirements::requirement;
use crate::runner::{Outcome, Trouble, Verdict};

/// One scenario that did not pass, in full: where, what was promised, what was wrong, what every user saw, and the
/// command that plays it `again`.
pub fn failure(outcome: &Outcome, again: &str) -> String {
    let mut text = String::new();
    let place = outcome.troubles.iter().find_map(|trouble| trouble.place);
    let at = place.map_or(String::new(), |(line, column)| format!(":{line}:{column}"));
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{}: {}", outcome.verdict.word(), outcome.name);
    let _ = writeln!(text, " --> {}{at}", outcome.file.display());
    if let Some(late) = outcome.again_after {
        let _ = writeln!(
            text,
            "  played again: the first time the runner itself was {late:.0?} late"
        );
    }
    for trouble in &outcome.troubles {
        describe(&mut text, trouble);
    }
    if !outcome.timeline.is_empty() {
        let _ = writeln!(text, "  what they did (>) and heard:");
    }
    for line in &outcome.timeline {
        let _ = writeln!(text, "  {line}");
    }
    let _ = writeln!(text, "  again: {again}");
    text
}

fn describe(text: &mut String, trouble: &Trouble) {
    let _ = writeln!(text, "  {}", trouble.message);
    if !trouble.allowed.is_empty() {
        let _ = writeln!(text, "    allowed here: {}", trouble.allowed.join(", "));
    }
    let by = match trouble.rule.as_str() {
        "scenario" => "demanded by the scenario".to_owned(),
        "target" => "seen at the target".to_owned(),
        "runner" => "measured at the runner".to_owned(),
        rule => format!("rule {rule} of the judge (`ringcheck explain {rule}`)"),
    };
    match requirement(&trouble.requirement) {
        Some(found) => {
            let _ = writeln!(text, "    {by}; {}: {}", found.id, found.sentence);
        }
        None => {
            let _ = writeln!(text, "    {by}");
        }
    }
}

/// The last lines: how many came to what, in how long, and how much of the lifecycle that exercised.
pub fn closing(summary: &Summary, outcomes: &[Outcome]) -> String {
    let counts = summary.counts;
    let mut text = String::new();
    let warnings: usize = outcomes.iter().map(|outcome| outcome.warnings.len()).sum();
    let total = outcomes.len();
    let parts: Vec<String> = [
        (counts.passed, Verdict::Passed),
        (counts.known, Verdict::Known),
        (counts.failed, Verdict::Failed),
        (counts.inconclusive, Verdict::Inconclusive),
        (counts.error, Verdict::Error),
    ]
    .iter()
    .filter(|(count, verdict)| *count > 0 || *verdict == Verdict::Passed)
    .map(|(count, verdict)| format!("{count} {}", verdict.word()))
    .collect();
    let seconds = summary.duration_ms as f64 / 1000.0;
    let noun = if total == 1 { "scenario" } else { "scenarios" };
    let _ = writeln!(
        text,
        "{total} {noun} in {seconds:.1} s: {}",
        parts.join(", ")
    );
    let again = outcomes.iter().filter_map(|outcome| outcome.again_after);
    if let Some(worst) = again.clone().max() {
        let (count, passed) = (again.count(), |outcome: &&Outcome| {
            outcome.again_after.is_some() && outcome.verdict == Verdict::Passed
        });
        let passed = outcomes.iter().filter(passed).count();
        let _ = writeln!(
            text,
            "{count} played again, since the runner itself was up to {worst:.0?} late; {passed} of them passed then"
        );
    }
    if warnings > 0 {
        let noun = if warnings == 1 { "warning" } else { "warnings" };
        let _ = writeln!(text, "{warnings} {noun}, listed in `--report json=FILE`");
    }
    let (covered, open) = (
        summary.requirements.covered.len(),
        &summary.requirements.not_exercised,
    );
    let _ = write!(
        text,
        "{covered} of {} requirements exercised",
        covered + open.len()
    );
    if !open.is_empty() && open.len() <= 12 {
        let _ = write!(text, "; not: {}", open.join(", "));
    }
    let _ = writeln!(text);
    let _ = writeln!(text, "target {}, seed {}", summary.target, summary.seed);
    text
}
