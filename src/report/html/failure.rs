//! A scenario that did not pass: what was wrong, the picture of it, and the file with the line.

use maud::{Markup, html};

use super::sequence::sequence;
use crate::lifecycle::requirements::requirement;
use crate::report::events::{Case, Violation};
use crate::report::excerpt::underlined;
use crate::report::terminal::by;

/// Everything that is known of it.
pub(super) fn failure(case: &Case) -> Markup {
    html! {
        div.body {
            @if let Some(known) = &case.known {
                p {
                    strong { "Known: " } (known.reason)
                    @if let Some(link) = &known.link { " (" (link) ")" }
                }
            }
            @if let Some(flaky) = case.flaky {
                p { "Flaky: it failed " (flaky.failed) " of " (flaky.played) " times that it was played." }
            }
            @if let Some(late) = case.again_after_late_ms {
                p { "Played again: the first time the runner itself was " (late) " ms late." }
            }
            ul.violations { @for violation in &case.violations { (told(violation)) } }
            @if let Some(drawing) = &case.drawing {
                h3 { "What they did and heard" }
                (sequence(&case.name, drawing))
            }
            @if let Some(source) = &case.source {
                h3 { "The scenario" }
                (file(case, source))
            }
            @if let Some(again) = &case.again {
                h3 { "Play it again" }
                div.scroll tabindex="0" role="region" aria-label="Command" { pre { code { (again) } } }
            }
        }
    }
}

fn told(violation: &Violation) -> Markup {
    html! {
        li {
            p.message { (violation.message) }
            @if let Some(found) = requirement(&violation.requirement) {
                p.demand { code { (found.id) } " " (found.sentence) }
            }
            p.by { (by(&violation.rule)) }
            @if !violation.allowed.is_empty() {
                p.by { "Allowed here:" }
                ul.allowed { @for allowed in &violation.allowed { li { code { (allowed) } } } }
            }
        }
    }
}

/// The file, with the step that failed marked.
fn file(case: &Case, source: &str) -> Markup {
    let failed: Vec<(usize, usize)> = (case.violations.iter())
        .filter_map(|violation| underlined(source, violation))
        .map(|(line, span)| (line, span.start))
        .collect();
    html! {
        div.scroll tabindex="0" role="region" aria-label=(case.file) {
            ol.source {
                @for (number, line) in (1..).zip(source.lines()) {
                    @let at = failed.iter().find(|(failed, _)| *failed == number);
                    @let (before, step) = line.split_at_checked(at.map_or(0, |at| at.1)).unwrap_or(("", line));
                    li.failed[at.is_some()] {
                        code {
                            @if at.is_some() { (before) mark { (step) } } @else { (line) }
                        }
                    }
                }
            }
        }
    }
}
