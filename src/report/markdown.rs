//! A run for a step summary, a comment or a ticket.

use std::fmt::Write as _;

use super::Summary;
use super::events::Case;
use super::terminal::failure;
use crate::runner::Verdict;

/// The most failures that are told in full: a step summary may have a megabyte.
const FULL_MAX: usize = 25;

/// The counts as a table, every scenario that did not pass with what went wrong, and what was not exercised.
pub(super) fn markdown(summary: &Summary) -> String {
    let seconds = summary.duration_ms as f64 / 1000.0;
    let verdict = match summary
        .scenarios
        .iter()
        .filter(|case| !case.is_fine())
        .count()
    {
        0 if !summary.stale.is_empty() => "the list of known failures is stale".to_owned(),
        0 if summary.is_complete() => "everything demanded was seen and right".to_owned(),
        0 => "the run is not whole".to_owned(),
        1 => "1 scenario did not pass".to_owned(),
        bad => format!("{bad} scenarios did not pass"),
    };
    let mut text = format!(
        "## Ringcheck: {verdict}\n\n{} of {} scenarios on `{}` in {seconds:.1} s, seed {}, Ringcheck {}\n\n",
        summary.scenarios.len(),
        summary.planned,
        summary.target,
        summary.seed,
        summary.ringcheck
    );
    for stale in &summary.stale {
        let _ = write!(text, "**Stale:** {}\n\n", escaped(stale));
    }
    if let Some(stopped) = &summary.stopped {
        // Writing to a String cannot fail.
        let _ = write!(text, "**Not whole:** {}\n\n", escaped(stopped));
    }
    text.push_str("| passed | known | failed | inconclusive | error |\n|--:|--:|--:|--:|--:|\n");
    let counts: Vec<String> = (summary.counts.each().iter())
        .map(|(count, _)| count.to_string())
        .collect();
    let _ = writeln!(text, "| {} |", counts.join(" | "));
    for verdict in [
        Verdict::Failed,
        Verdict::Error,
        Verdict::Inconclusive,
        Verdict::Known,
    ] {
        let cases: Vec<&Case> = summary.that(verdict).collect();
        if !cases.is_empty() {
            text.push_str(&section(verdict, &cases));
        }
    }
    text.push_str(&requirements(summary));
    text
}

fn section(verdict: Verdict, cases: &[&Case]) -> String {
    let mut text = format!("\n### {} {}\n\n", cases.len(), verdict.word());
    for case in cases.iter().take(FULL_MAX) {
        let told = failure(case, false);
        // A fence is longer than any that the text itself may hold.
        let ticks = longest_run(&told).max(2) + 1;
        let fence = "`".repeat(ticks);
        let _ = write!(
            text,
            "<details><summary>{} <code>{}</code></summary>\n\n{fence}text\n{told}{fence}\n\n</details>\n\n",
            markup(&case.name),
            markup(&case.file)
        );
    }
    let rest = cases.iter().skip(FULL_MAX);
    for case in rest {
        let _ = writeln!(text, "- {}", escaped(&case.name));
    }
    text
}

fn requirements(summary: &Summary) -> String {
    let (done, open) = (
        summary.requirements.covered.len(),
        &summary.requirements.not_exercised,
    );
    let all = done + open.len();
    let mut text = format!("\n### {done} of {all} requirements exercised\n");
    if !open.is_empty() {
        let open = open.join(", ");
        let _ = write!(
            text,
            "\n<details><summary>The others</summary>\n\n{open}\n\n</details>\n"
        );
    }
    text
}

fn longest_run(text: &str) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for character in text.chars() {
        run = if character == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// A text inside HTML that Markdown lets through.
fn markup(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// A text in which Markdown sees nothing.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => safe.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' => {
                safe.push('\\');
                safe.push(character);
            }
            other => safe.push(other),
        }
    }
    safe
}
