//! How rate, latency, errors and the generator went on, second by second.

use maud::{Markup, html};

use super::axis::{Axis, power_of_us};
use super::plot::{Line, Look, plot};
use crate::flood::report::{Report, line};
use crate::flood::{Percentiles, Second};

/// The most seconds that stand in the table.
const ROWS_MAX: usize = 600;

/// The least that an axis reaches to.
const LEAST: f64 = 5.0;

/// What one line shows of a second.
type Value = fn(&Second) -> f64;

/// What of a leg's percentiles a line shows.
type Quantile = fn(&Percentiles) -> u64;

/// A plot for each, and the seconds as a table.
pub(super) fn section(flood: &Report) -> Markup {
    let seconds = &flood.seconds;
    if seconds.is_empty() {
        return html! {};
    }
    let time = Axis::until(seconds.len() as f64, |value| format!("{value:.0} s"));
    let calls: [(&str, Look, Value); 2] = [
        ("begun", Look::Plain, |second| second.started as f64),
        ("succeeded", Look::Good, |second| second.succeeded as f64),
    ];
    let errors: [(&str, Look, Value); 3] = [
        ("failed", Look::Bad, |second| second.failed as f64),
        ("skipped", Look::Left, |second| second.skipped as f64),
        ("violations", Look::Worse, |second| second.violations as f64),
    ];
    let load: [(&str, Look, Value); 1] =
        [("in flight", Look::Plain, |second| second.in_flight as f64)];
    let cpu: [(&str, Look, Value); 1] = [("of a core, each thread", Look::Plain, |second| {
        second.cpu * 100.0
    })];
    html! {
        section #time aria-labelledby="time-title" {
            h2 #time-title { "Over time" }
            h3 { "Calls a second" }
            (counts("Calls a second", &time, seconds, &calls, ""))
            h3 { "Latency" }
            (latency(&time, flood))
            h3 { "Errors a second" }
            (counts("Errors a second", &time, seconds, &errors, ""))
            h3 { "Calls on their way" }
            (counts("Calls on their way at the end of each second", &time, seconds, &load, ""))
            h3 { "The generator" }
            (counts("How much of a core the generator used", &time, seconds, &cpu, " %"))
            (table(seconds))
        }
    }
}

fn counts(
    about: &str,
    time: &Axis,
    seconds: &[Second],
    values: &[(&str, Look, Value)],
    unit: &str,
) -> Markup {
    let lines: Vec<Line> = (values.iter())
        .map(|(name, look, value)| Line {
            name: (*name).to_owned(),
            look: *look,
            points: seconds
                .iter()
                .map(|second| (middle(second), value(second)))
                .collect(),
        })
        .collect();
    let points = lines.iter().flat_map(|line| &line.points);
    // Fewer would give names to parts of a call.
    let highest = points.map(|(_, value)| *value).fold(LEAST, f64::max);
    let up = Axis::linear(highest, |value| format!("{value:.0}{unit}"));
    plot(about, ("time", time), &up, &lines)
}

/// Median and p99 of the leg that most floods are about: the answer, or else the whole call.
fn latency(time: &Axis, flood: &Report) -> Markup {
    let quantiles: [(&str, Look, Quantile); 3] = [
        ("p50", Look::Plain, |all| all.p50),
        ("p99", Look::Left, |all| all.p99),
        ("longest", Look::Worse, |all| all.max),
    ];
    let Some((leg, _)) = (flood
        .latency_us
        .iter()
        .find(|(leg, _)| leg.name() == "answer"))
    .or_else(|| flood.latency_us.iter().next()) else {
        return html! { p { "Nothing was measured." } };
    };
    let lines: Vec<Line> = (quantiles.iter())
        .map(|(name, look, quantile)| Line {
            name: format!("{} {name}", leg.name()),
            look: *look,
            points: (flood.seconds.iter())
                .filter_map(|second| Some((middle(second), quantile(second.leg(*leg)?) as f64)))
                .collect(),
        })
        .collect();
    let values = lines
        .iter()
        .flat_map(|line| &line.points)
        .map(|(_, us)| *us);
    let (low, high) = values.fold((f64::INFINITY, 1.0_f64), |(low, high), us| {
        (low.min(us), high.max(us))
    });
    let up = Axis::log(low.min(high), high, power_of_us);
    plot("Latency second by second", ("time", time), &up, &lines)
}

/// The middle of a second, for which what was counted in it stands.
fn middle(second: &Second) -> f64 {
    second.second as f64 + 0.5
}

fn table(seconds: &[Second]) -> Markup {
    let more = seconds.len().saturating_sub(ROWS_MAX);
    html! {
        details {
            summary { "Every second in words" }
            div.scroll tabindex="0" role="region" aria-label="Every second" {
                pre { code { @for second in seconds.iter().take(ROWS_MAX) { (line(second)) "\n" } } }
            }
            @if more > 0 { p.by { "And " (more) " more seconds." } }
        }
    }
}
