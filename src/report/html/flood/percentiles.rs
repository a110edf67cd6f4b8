//! Latencies: a table of percentiles, and the whole distribution with more and more room towards the longest.

use maud::{Markup, html};

use super::axis::{Axis, power_of_us};
use super::plot::{Line, Look, plot};
use crate::flood::Percentiles;
use crate::flood::report::{CLOSED, Report, short};

/// Table and plot.
pub(super) fn section(flood: &Report) -> Markup {
    html! {
        section #latency aria-labelledby="latency-title" {
            h2 #latency-title { "Latency" }
            @if flood.latency_us.iter().next().is_none() {
                p { "Nothing was measured." }
            } @else {
                @if flood.model == CLOSED {
                    p { "Each call waited for another, so that these are not the times of a schedule: how long others would have waited is not in them." }
                } @else {
                    p { "Counted from when something was due, so that waiting is in it." }
                }
                (table(flood))
                h3 { "By percentile" }
                (distribution(flood))
            }
        }
    }
}

fn table(flood: &Report) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Percentiles" {
            table {
                thead {
                    tr {
                        th scope="col" { "Leg" }
                        @for name in ["Count", "p50", "p90", "p99", "p99.9", "Longest"] { th.number scope="col" { (name) } }
                    }
                }
                tbody {
                    @for (leg, all) in flood.latency_us.iter() {
                        tr {
                            th scope="row" { (leg.name()) }
                            td.number { (all.count) }
                            @for us in [all.p50, all.p90, all.p99, all.p999, all.max] { td.number { (short(us)) } }
                        }
                    }
                }
            }
        }
    }
}

/// Each leg's distribution, over how many times more calls took at most that than took longer.
fn distribution(flood: &Report) -> Markup {
    let mut lines = Vec::new();
    let mut most = 10.0_f64;
    let (mut low, mut high) = (f64::INFINITY, 1.0_f64);
    for ((leg, all), look) in flood.latency_us.iter().zip(Look::ALL) {
        let points: Vec<(f64, f64)> = (points(flood, leg.name(), all).into_iter())
            .map(|(quantile, us)| (rarity(quantile, all.count), us as f64))
            .collect();
        for (rare, us) in &points {
            most = most.max(*rare);
            low = low.min(*us);
            high = high.max(*us);
        }
        lines.push(Line {
            name: leg.name().to_owned(),
            look,
            points,
        });
    }
    let across = Axis::log(1.0, most, percent);
    let up = Axis::log(low, high, power_of_us);
    plot(
        "Latency by percentile, for each leg",
        ("percent of calls that took at most so long", &across),
        &up,
        &lines,
    )
}

/// The distribution of a leg; of a recording without one, the few percentiles that it has.
fn points(flood: &Report, leg: &str, all: &Percentiles) -> Vec<(f64, u64)> {
    let whole = flood.distribution_us.get(leg);
    whole
        .filter(|whole| !whole.is_empty())
        .cloned()
        .unwrap_or_else(|| {
            vec![
                (0.5, all.p50),
                (0.9, all.p90),
                (0.99, all.p99),
                (0.999, all.p999),
                (1.0, all.max),
            ]
        })
}

/// One of how many takes longer: 10 for p90, 100 for p99. Of `count` measured ones the longest is one of `count`.
fn rarity(quantile: f64, count: u64) -> f64 {
    let most = (count.max(1)) as f64;
    (1.0 / (1.0 - quantile).max(1e-12)).clamp(1.0, most.max(2.0))
}

/// The percentile beyond which one of so many is: `99.9` for 1000.
fn percent(rare: f64) -> String {
    let digits = (rare.log10().round() as usize).saturating_sub(2);
    format!("{:.digits$} %", 100.0 * (1.0 - 1.0 / rare))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_get_room_towards_the_longest() {
        let names: Vec<String> = [1.0, 10.0, 100.0, 1e3, 1e4]
            .into_iter()
            .map(percent)
            .collect();
        assert_eq!(names, ["0 %", "90 %", "99 %", "99.9 %", "99.99 %"]);
        assert!((rarity(0.99, 100_000) - 100.0).abs() < 1e-6);
        assert!((rarity(1.0, 500) - 500.0).abs() < 1e-6);
    }
}
