//! A flood as one page for people: demands, outcomes, latencies, and how both went on over time.

mod axis;
mod over_time;
mod percentiles;
mod plot;

use maud::{Markup, html};

use super::shell;
use crate::flood::report::{CLOSED, Joined, Report, short};
use crate::flood::{Counts, Ended, Met};

/// The page.
pub(in crate::report) fn page(flood: &Report) -> String {
    let title = headline(flood);
    let body = html! {
        a.skip href="#latency" { "To the latencies" }
        header {
            p.name { "Ringcheck flood" }
            h1 { (title) }
            (facts(flood))
            @if let Some(why) = &flood.generator.invalid { p.stopped role="alert" { "Invalid: " (why) } }
        }
        main {
            (demands(&flood.thresholds))
            (outcomes(flood))
            (percentiles::section(flood))
            (over_time::section(flood))
            (generator(flood))
            (parts(&flood.parts))
            (findings(flood))
        }
        footer {
            "Ringcheck " (env!("CARGO_PKG_VERSION"))
            @if !flood.began.is_empty() { ", begun on " (flood.began) }
            ", from the form " (flood.schema) "."
        }
    };
    shell(&title, &body)
}

/// What it came to, in a sentence.
fn headline(flood: &Report) -> String {
    let missed = flood.thresholds.iter().filter(|met| !met.is_met).count();
    if flood.ended == Ended::KeptOut {
        return "Not everybody was let in, so no call was made".to_owned();
    }
    if flood.ended == Ended::Died {
        return "The target died under the flood".to_owned();
    }
    if !flood.generator.valid {
        return "The flood is invalid: it says nothing about the target".to_owned();
    }
    match (flood.violations, missed) {
        (0, 0) if flood.ended == Ended::Interrupted => "The flood was interrupted".to_owned(),
        (0, 0) if flood.counts.indeterminate > 0 => {
            let open = flood.counts.indeterminate;
            format!("{} came to nothing before the end", counted(open, "call"))
        }
        (0, 0) if flood.counts.failed > 0 => {
            format!("{} failed", counted(flood.counts.failed, "call"))
        }
        (0, 0) => "Everything demanded was reached".to_owned(),
        (0, missed) => format!("{} missed", counted(missed as u64, "demand")),
        (violations, _) => format!("{} of the lifecycle", counted(violations, "violation")),
    }
}

fn counted(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

fn facts(flood: &Report) -> Markup {
    let model = if flood.model == CLOSED {
        "closed: each call waited for another"
    } else {
        "open: a schedule"
    };
    html! {
        dl.facts {
            div { dt { "Target" } dd { code { (flood.target) } } }
            div { dt { "Rate" } dd { (format!("{:.0} calls/s", flood.rate)) } }
            div { dt { "For" } dd { (format!("{:.1} s", flood.duration_s)) } }
            div { dt { "Users" } dd { (flood.users) } }
            div { dt { "Model" } dd { (model) } }
            div { dt { "Mix" } dd { code { (flood.mix) } } }
            @if flood.parts.is_empty() { div { dt { "Seed" } dd { code { (flood.seed) } } } }
            @else { div { dt { "Joined from" } dd { (counted(flood.parts.len() as u64, "flood")) } } }
            div { dt { "Ended" } dd { (ended(flood.ended)) } }
        }
    }
}

fn ended(ended: Ended) -> &'static str {
    match ended {
        Ended::AsPlanned => "as planned",
        Ended::Interrupted => "interrupted",
        Ended::Died => "when the target was gone",
        Ended::KeptOut => "before a call was made, since not everybody was let in",
    }
}

/// What had to be reached.
fn demands(all: &[Met]) -> Markup {
    if all.is_empty() {
        return html! {};
    }
    html! {
        section #demands aria-labelledby="demands-title" {
            h2 #demands-title { "Demands" }
            div.scroll tabindex="0" role="region" aria-label="Demands" {
                table {
                    thead {
                        tr { th scope="col" { "Verdict" } th scope="col" { "Demand" } th.number scope="col" { "Came to" } th.number scope="col" { "Worst" } }
                    }
                    tbody { @for met in all { (demand(met)) } }
                }
            }
        }
    }
}

fn demand(met: &Met) -> Markup {
    let (class, mark, word) = if met.is_met {
        ("passed", "✓", "met")
    } else {
        ("failed", "✗", "missed")
    };
    html! {
        tr {
            td { span.verdict.(class) { span.mark aria-hidden="true" { (mark) } (word) } }
            th scope="row" { code { (met.threshold.text()) } }
            td.number { (met.threshold.shown(met.value)) }
            td.number {
                @if let (false, Some(second), Some(value)) = (met.is_met, met.worst_second, met.worst_value) {
                    "second " (second + 1) ": " (met.threshold.shown_in_second(value))
                }
            }
        }
    }
}

/// What became of calls.
fn outcomes(flood: &Report) -> Markup {
    let counts = &flood.counts;
    let planned = counts.planned.max(1) as f64;
    let parts = [
        ("passed", "✓", "succeeded", counts.succeeded),
        ("failed", "✗", "failed", counts.failed),
        ("inconclusive", "?", "indeterminate", counts.indeterminate),
        ("known", "−", "skipped", counts.skipped),
    ];
    let share = |count: u64| count as f64 / planned * 100.0;
    html! {
        section #outcomes aria-labelledby="outcomes-title" {
            h2 #outcomes-title { "Outcomes" }
            div.bar aria-hidden="true" {
                @for (class, _, _, count) in parts {
                    @if count > 0 { span.(class) style=(format!("width:{:.3}%", share(count))) {} }
                }
            }
            dl.facts.outcomes {
                @for (class, mark, word, count) in parts {
                    div {
                        dt { span.verdict.(class) { span.mark aria-hidden="true" { (mark) } (word) } }
                        dd { (count) " " span.why { (format!("{:.2} %", share(count))) } }
                    }
                }
                div {
                    dt { "violations" }
                    @if flood.judged { dd.bad[flood.violations > 0] { (flood.violations) } } @else { dd { "not judged" } }
                }
            }
            (account(counts))
            @if flood.warm_up.planned > 0 {
                p.by { "Beside these, " (flood.warm_up.started) " calls of the warm-up, which do not count." }
            }
        }
    }
}

/// Every call is accounted for, and this is the account.
fn account(counts: &Counts) -> Markup {
    html! {
        p.by {
            (counts.planned) " planned = " (counts.started) " started + " (counts.skipped) " skipped; "
            (counts.started) " started = " (counts.succeeded) " succeeded + " (counts.failed) " failed + "
            (counts.indeterminate) " indeterminate."
        }
    }
}

/// Whether the generator kept its schedule: without that the rest says nothing.
fn generator(flood: &Report) -> Markup {
    let own = &flood.generator;
    let (class, mark, word) = validity(own.valid);
    html! {
        section #generator aria-labelledby="generator-title" {
            h2 #generator-title { "Generator" }
            p {
                span.verdict.(class) { span.mark aria-hidden="true" { (mark) } (word) }
                @if own.valid { ": it kept its schedule, and every call is accounted for." }
            }
            dl.facts {
                div {
                    dt { "Begun late (p99)" }
                    dd {
                        (short(own.start_lag_p99_us))
                        @if own.start_lag_max_us > 0 { span.why { " of " (short(own.start_lag_max_us)) " allowed" } }
                    }
                }
                div { dt { "Of each core" } dd { (format!("{:.0} %", own.cpu * 100.0)) } }
                div { dt { "Log-ins" } dd { (format!("{:.0} users/s", flood.log_ins_per_s)) } }
            }
        }
    }
}

fn validity(is_valid: bool) -> (&'static str, &'static str, &'static str) {
    if is_valid {
        ("passed", "✓", "valid")
    } else {
        ("failed", "✗", "invalid")
    }
}

/// The floods that were joined, if any were.
fn parts(parts: &[Joined]) -> Markup {
    if parts.is_empty() {
        return html! {};
    }
    html! {
        section #parts aria-labelledby="parts-title" {
            h2 #parts-title { "Parts" }
            p.by { "They were made at the same time. A percentile of a second is the highest of theirs; those of the whole lose nothing." }
            div.scroll tabindex="0" role="region" aria-label="Parts" {
                table {
                    thead {
                        tr {
                            th scope="col" { "File" } th scope="col" { "Target" } th.number scope="col" { "Seed" } th.number scope="col" { "Users" }
                            th.number scope="col" { "Rate" } th scope="col" { "Ended" } th scope="col" { "Generator" }
                        }
                    }
                    tbody { @for one in parts { (part(one)) } }
                }
            }
        }
    }
}

fn part(one: &Joined) -> Markup {
    let (class, mark, word) = validity(one.valid);
    html! {
        tr {
            th scope="row" { (one.file) }
            td { code { (one.target) } }
            td.number { (one.seed) }
            td.number { (one.users) }
            td.number { (format!("{:.0} calls/s", one.rate)) }
            td { (ended(one.ended)) }
            td { span.verdict.(class) { span.mark aria-hidden="true" { (mark) } (word) } }
        }
    }
}

fn findings(flood: &Report) -> Markup {
    if flood.findings.is_empty() {
        return html! {};
    }
    let more = flood.violations.saturating_sub(flood.findings.len() as u64);
    html! {
        section #findings aria-labelledby="findings-title" {
            h2 #findings-title { "Violations" }
            details open {
                summary { (counted(flood.findings.len() as u64, "violation")) ", the first of each thread" }
                ul.violations { @for finding in &flood.findings { li { p.message { (finding) } } } }
                @if more > 0 { p.by { "And " (more) " more." } }
            }
        }
    }
}
