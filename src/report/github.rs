//! Annotations at the lines of the scenario files, as GitHub Actions reads them from a step's output.

use std::fmt::Write as _;

use super::Summary;
use super::events::Case;
use crate::runner::Verdict;

/// The most annotations: GitHub shows ten of a kind a step, and says nothing of the rest.
const SHOWN_MAX: usize = 10;

/// One annotation for each scenario that did not pass, the worst first.
pub(super) fn github(summary: &Summary) -> String {
    let mut text = String::new();
    for (verdict, command) in [
        (Verdict::Failed, "error"),
        (Verdict::Error, "error"),
        (Verdict::Inconclusive, "warning"),
        (Verdict::Known, "notice"),
    ] {
        let all: Vec<&Case> = summary.that(verdict).collect();
        for case in all.iter().take(SHOWN_MAX) {
            text.push_str(&annotation(command, case));
        }
        let rest = all.len().saturating_sub(SHOWN_MAX);
        if rest > 0 {
            let noun = if rest == 1 { "scenario" } else { "scenarios" };
            let more = format!("{rest} more {noun}: {}", verdict.word());
            // Writing to a String cannot fail.
            let _ = writeln!(text, "::{command}::{}", data(&more));
        }
    }
    text
}

fn annotation(command: &str, case: &Case) -> String {
    let (line, column) = case.place().unwrap_or((1, 1));
    let messages: Vec<String> = (case.violations.iter())
        .map(|violation| match violation.requirement.as_str() {
            "" => violation.message.clone(),
            requirement => format!("{requirement}: {}", violation.message),
        })
        .collect();
    let again = case.again.iter().map(|again| format!("again: {again}"));
    let message: Vec<String> = messages.into_iter().chain(again).collect();
    format!(
        "::{command} file={},line={line},col={column},title={}::{}\n",
        property(&case.file),
        property(&format!("{}: {}", case.verdict.word(), case.name)),
        data(&message.join("\n"))
    )
}

/// A message as a workflow command takes it.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A property as a workflow command takes it.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
