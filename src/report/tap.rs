//! The Test Anything Protocol, version 14.

use std::fmt::Write as _;

use super::Summary;
use super::events::Case;
use crate::runner::Verdict;

/// A plan, a line a scenario, and what went wrong in a block of YAML below its line.
pub(super) fn tap(summary: &Summary) -> String {
    let mut text = format!("TAP version 14\n1..{}\n", summary.planned);
    for (number, case) in (1..).zip(&summary.scenarios) {
        let (ok, directive) = match case.verdict {
            Verdict::Passed => ("ok", ""),
            // A listed failure, in the words of TAP.
            Verdict::Known => ("not ok", " # TODO a known failure"),
            Verdict::Failed | Verdict::Inconclusive | Verdict::Error => ("not ok", ""),
        };
        let name = escaped(&case.name);
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{ok} {number} - {name}{directive}");
        if case.verdict != Verdict::Passed {
            text.push_str(&block(case));
        }
    }
    if let Some(stopped) = &summary.stopped {
        let reason = stopped.replace('\n', " ");
        let _ = writeln!(text, "Bail out! {reason}");
    }
    text
}

/// The characters that mean something in a description.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('#', "\\#")
        .replace('\n', " ")
}

/// What went wrong. JSON texts are YAML as well.
fn block(case: &Case) -> String {
    let text = |text: &str| serde_json::Value::from(text).to_string();
    let place = case.place().map_or(String::new(), |(line, column)| {
        format!("  at:\n    line: {line}\n    column: {column}\n")
    });
    let mut block = format!(
        "  ---\n  verdict: {}\n  file: {}\n{place}  duration_ms: {}\n  violations:\n",
        case.verdict.word(),
        text(&case.file),
        case.duration_ms
    );
    for violation in &case.violations {
        let _ = write!(
            block,
            "    - rule: {}\n      requirement: {}\n      message: {}\n",
            text(&violation.rule),
            text(&violation.requirement),
            text(&violation.message)
        );
    }
    block.push_str("  ...\n");
    block
}
