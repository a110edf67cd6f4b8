//! A run for a person at a terminal: every failure in full, then the counts.

use std::fmt::Write;

use console::Style;

use super::diagram::draw;
use super::events::{Case, Violation};
use super::excerpt::excerpt;
use super::summary::Summary;
use crate::lifecycle::requirements::requirement;
use crate::runner::Verdict;

/// One scenario that did not pass, in full: where, what was promised, what was wrong, what every user saw, and the command
/// that plays it again.
pub fn failure(case: &Case, color: bool) -> String {
    let mut text = String::new();
    let drawn = excerpt(case, color);
    // Writing to a String cannot fail.
    match &drawn {
        Some(drawn) => {
            let _ = writeln!(text, "{drawn}");
        }
        None => {
            let place = case.place();
            let at = place.map_or(String::new(), |(line, column)| format!(":{line}:{column}"));
            let verdict = styled(color, of(case.verdict)).apply_to(case.verdict.word());
            let _ = writeln!(text, "{verdict}: {}", case.name);
            let _ = writeln!(text, " --> {}{at}", case.file);
        }
    }
    if let Some(known) = &case.known {
        let link = known.link.iter().map(|link| format!(" ({link})"));
        let link: String = link.collect();
        let _ = writeln!(text, "  known: {}{link}", known.reason);
    }
    if let Some(flaky) = case.flaky {
        let _ = writeln!(
            text,
            "  flaky: it failed {} of {} times that it was played",
            flaky.failed, flaky.played
        );
    }
    if let Some(late) = case.again_after_late_ms {
        let _ = writeln!(
            text,
            "  played again: the first time the runner itself was {late} ms late"
        );
    }
    let mut is_drawn = drawn.is_some();
    for violation in &case.violations {
        // The excerpt has said what is wrong at the first place.
        let is_said = std::mem::take(&mut is_drawn) && violation.place().is_some();
        describe(&mut text, violation, is_said);
    }
    if let Some(drawing) = &case.drawing {
        let _ = writeln!(text, "  what they did (>) and heard:");
        for line in draw(&drawing.lanes, &drawing.rows) {
            let marked = line.starts_with('►');
            let style = if marked {
                Style::new().red().bold()
            } else {
                Style::new()
            };
            let _ = writeln!(text, "  {}", styled(color, style).apply_to(line));
        }
    }
    if let Some(again) = &case.again {
        let _ = writeln!(text, "  again: {again}");
    }
    text
}

fn describe(text: &mut String, violation: &Violation, is_said: bool) {
    if !is_said {
        let _ = writeln!(text, "  {}", violation.message);
    }
    if !violation.allowed.is_empty() {
        let _ = writeln!(text, "    allowed here: {}", violation.allowed.join(", "));
    }
    let by = by(&violation.rule);
    match requirement(&violation.requirement) {
        Some(found) => {
            let _ = writeln!(text, "    {by}; {}: {}", found.id, found.sentence);
        }
        None => {
            let _ = writeln!(text, "    {by}");
        }
    }
}

/// Who says so.
pub fn by(rule: &str) -> String {
    match rule {
        "scenario" => "demanded by the scenario".to_owned(),
        "target" => "seen at the target".to_owned(),
        "runner" => "measured at the runner".to_owned(),
        rule => format!("rule {rule} of the judge (`ringcheck explain {rule}`)"),
    }
}

/// One scenario in a line.
pub fn line(case: &Case, color: bool) -> String {
    let verdict = styled(color, of(case.verdict)).apply_to(case.verdict.word());
    format!("{verdict}  {}  {} ms", case.name, case.duration_ms)
}

/// The last lines: how many came to what, in how long, and how much of the lifecycle that exercised.
pub fn closing(summary: &Summary) -> String {
    let mut text = counted(summary);
    let again: Vec<&Case> = (summary.scenarios.iter())
        .filter(|case| case.again_after_late_ms.is_some())
        .collect();
    if let Some(worst) = again
        .iter()
        .filter_map(|case| case.again_after_late_ms)
        .max()
    {
        let passed = again.iter().filter(|case| case.verdict == Verdict::Passed);
        let _ = writeln!(
            text,
            "{} played again, since the runner itself was up to {worst} ms late; {} of them passed then",
            again.len(),
            passed.count()
        );
    }
    let warnings: usize = summary
        .scenarios
        .iter()
        .map(|case| case.warnings.len())
        .sum();
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
    for stale in &summary.stale {
        let _ = writeln!(text, "stale: {stale}");
    }
    if let Some(stopped) = &summary.stopped {
        let _ = writeln!(
            text,
            "{} of {} scenarios were played before {stopped}",
            summary.scenarios.len(),
            summary.planned
        );
    }
    let _ = writeln!(text, "target {}, seed {}", summary.target, summary.seed);
    text
}

/// How many scenarios came to what, in how long.
pub fn counted(summary: &Summary) -> String {
    let total = summary.scenarios.len();
    let noun = if total == 1 { "scenario" } else { "scenarios" };
    let seconds = summary.duration_ms as f64 / 1000.0;
    let words = summary.counts.words();
    format!("{total} {noun} in {seconds:.1} s: {words}\n")
}

/// The colour of a verdict.
fn of(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Passed => Style::new().green(),
        Verdict::Known | Verdict::Inconclusive => Style::new().yellow().bold(),
        Verdict::Failed | Verdict::Error => Style::new().red().bold(),
    }
}

/// A style that does as it is told, wherever the text goes.
fn styled(color: bool, style: Style) -> Style {
    style.force_styling(color)
}
