//! A run as one page for people: no network, no other file, for a screen, a phone, a printer and a reader aloud.

mod failure;
mod flood;
mod sequence;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::Summary;
use super::events::Case;
use crate::lifecycle::UNSEEN;
use crate::lifecycle::requirements::{REQUIREMENTS, Requirement};
use crate::runner::Verdict;
use failure::failure;

pub(super) use flood::page as flood_page;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The verdicts in the order in which a reader wants them.
const ORDER: [Verdict; 5] = [
    Verdict::Failed,
    Verdict::Error,
    Verdict::Inconclusive,
    Verdict::Known,
    Verdict::Passed,
];

/// The page.
pub(super) fn page(summary: &Summary) -> String {
    let title = headline(summary);
    let body = html! {
        a.skip href="#scenarios" { "To the scenarios" }
        header {
            p.name { "Ringcheck" }
            h1 { (title) }
            (facts(summary))
            (tallies(summary))
        }
        main {
            (scenarios(summary))
            (requirements(summary))
        }
        footer { "Ringcheck " (summary.ringcheck) ", run on " (summary.started) "." }
        script { (PreEscaped(SCRIPT)) }
    };
    shell(&title, &body)
}

/// A page that needs nothing but itself.
fn shell(title: &str, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                // An icon in the page, so that no browser asks a server for one.
                link rel="icon" href="data:,";
                title { "Ringcheck: " (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { (body) }
        }
    };
    page.into_string()
}

/// What it came to, in a sentence.
fn headline(summary: &Summary) -> String {
    match summary
        .scenarios
        .iter()
        .filter(|case| !case.is_fine())
        .count()
    {
        0 if !summary.stale.is_empty() => "The list of known failures is stale".to_owned(),
        0 if summary.is_complete() => "Everything demanded was seen and right".to_owned(),
        0 => "The run is not whole".to_owned(),
        1 => "1 scenario did not pass".to_owned(),
        bad => format!("{bad} scenarios did not pass"),
    }
}

fn facts(summary: &Summary) -> Markup {
    let seconds = summary.duration_ms as f64 / 1000.0;
    html! {
        dl.facts {
            div { dt { "Target" } dd { code { (summary.target) } } }
            div { dt { "Played" } dd { (summary.scenarios.len()) " of " (summary.planned) } }
            div { dt { "Took" } dd { (format!("{seconds:.1} s")) } }
            div { dt { "Expiry" } dd { (format!("{:.1} s", summary.expiry_ms as f64 / 1000.0)) } }
            div { dt { "Seed" } dd { code { (summary.seed) } } }
            @if let Some(shard) = summary.shard {
                div { dt { "Part" } dd { (shard.part) " of " (shard.of) } }
            }
        }
        @for stale in &summary.stale {
            p.stopped role="alert" { "Stale: " (stale) "." }
        }
        @if let Some(stopped) = &summary.stopped {
            p.stopped role="alert" { "Not whole: it ended before " (stopped) "." }
        }
    }
}

/// A bar of the verdicts' shares, and a switch for each.
fn tallies(summary: &Summary) -> Markup {
    let total = summary.scenarios.len().max(1) as f64;
    let count = |verdict: Verdict| summary.that(verdict).count();
    html! {
        div.bar aria-hidden="true" {
            @for verdict in ORDER {
                @let share = count(verdict) as f64 / total * 100.0;
                @if share > 0.0 {
                    span class=(verdict.word()) style=(format!("width:{share:.3}%")) {}
                }
            }
        }
        form.controls role="search" {
            fieldset {
                legend { "Show" }
                @for verdict in ORDER {
                    @let word = verdict.word();
                    label.switch.(word) {
                        input type="checkbox" name="verdict" value=(word) checked;
                        span.mark aria-hidden="true" { (mark(verdict)) }
                        (count(verdict)) " " (word)
                    }
                }
            }
            label.search {
                span { "Search" }
                input type="search" name="text" placeholder="Name, file, rule or requirement"
                    autocomplete="off";
            }
            p.shown role="status" aria-live="polite" {}
        }
    }
}

/// A sign for a verdict, for those who see no colours.
fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "✓",
        Verdict::Known => "≈",
        Verdict::Inconclusive => "?",
        Verdict::Error => "!",
        Verdict::Failed => "✗",
    }
}

fn scenarios(summary: &Summary) -> Markup {
    html! {
        section #scenarios aria-labelledby="scenarios-title" {
            h2 #scenarios-title { "Scenarios" }
            @for verdict in ORDER {
                @for case in summary.that(verdict) { (scenario(case)) }
            }
            p.nothing hidden { "No scenario fits." }
        }
    }
}

/// One scenario: a line, and what was wrong below it.
fn scenario(case: &Case) -> Markup {
    let word = case.verdict.word();
    let rules = case.violations.iter();
    let rules: Vec<&str> = rules.map(|it| it.rule.as_str()).collect();
    let found = [
        &case.name,
        &case.file,
        &case.covers.join(" "),
        &rules.join(" "),
    ];
    let found: Vec<String> = found.iter().map(|text| text.to_lowercase()).collect();
    let line = html! {
        span.verdict.(word) { span.mark aria-hidden="true" { (mark(case.verdict)) } (word) }
        span.promise { (case.name) }
        span.file { (case.file) @if let Some((line, _)) = case.place() { ":" (line) } }
        span.took { (took(case.duration_ms)) }
    };
    let (search, is_bad) = (found.join(" "), case.verdict != Verdict::Passed);
    html! {
        article.case.(word) data-verdict=(word) data-search=(search) {
            @if is_bad {
                details open[!case.is_fine()] {
                    summary { (line) }
                    (failure(case))
                }
            } @else {
                div.line { (line) }
            }
        }
    }
}

fn took(ms: u64) -> String {
    if ms < 10_000 {
        format!("{ms} ms")
    } else {
        format!("{:.1} s", ms as f64 / 1000.0)
    }
}

/// Every requirement of the lifecycle, with the scenarios that passed and exercise it.
fn requirements(summary: &Summary) -> Markup {
    let done = summary.requirements.covered.len();
    let all = done + summary.requirements.not_exercised.len();
    html! {
        section #requirements aria-labelledby="requirements-title" {
            h2 #requirements-title { "Requirements" }
            p { (done) " of " (all) " were exercised by a scenario that passed." }
            details open[done < all && done > 0] {
                summary { "The table" }
                div.scroll tabindex="0" role="region" aria-label="Requirements" {
                    table {
                        thead {
                            tr {
                                th scope="col" { "Requirement" }
                                th scope="col" { "What it demands" }
                                th.number scope="col" { "Passed" }
                                th.number scope="col" { "Others" }
                            }
                        }
                        tbody {
                            @for known in REQUIREMENTS { (requirement(summary, known)) }
                        }
                    }
                }
            }
        }
    }
}

fn requirement(summary: &Summary, known: &Requirement) -> Markup {
    let exercise = |case: &&Case| case.covers.iter().any(|id| id == known.id);
    let cases = summary.scenarios.iter().filter(exercise);
    let (passed, others): (Vec<&Case>, Vec<&Case>) =
        cases.partition(|case| case.verdict == Verdict::Passed);
    let unseen = UNSEEN.iter().find(|unseen| unseen.requirement == known.id);
    html! {
        tr.open[passed.is_empty()] {
            th scope="row" { code { (known.id) } }
            td {
                (known.sentence)
                @if let Some(unseen) = unseen {
                    span.why { " No history shows it: " (unseen.reason) "." }
                }
            }
            td.number { (passed.len()) }
            td.number.bad[!others.is_empty()] { (others.len()) }
        }
    }
}
