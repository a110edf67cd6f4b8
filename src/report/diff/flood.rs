//! Two floods, or several a side: counts, demands, and percentiles second by second.

use super::noise::{SHARE_MIN, SIGMAS, center};
use super::{Change, Diff, Kind};
use crate::flood::report::{Report, short};
use crate::flood::{Counts, Leg, Percentiles};

/// The fewest seconds of each side that say what is noise.
const SECONDS_MIN: usize = 5;

/// The standard error of a median, as a multiple of that of a mean of normal noise.
const MEDIAN: f64 = 1.2533;

/// One of the percentiles, in microseconds.
type Quantile = fn(&Percentiles) -> u64;

/// Calls of a kind, and the calls that they are a part of.
type Share = fn(&Counts) -> (u64, u64);

/// What of a second's latencies is compared.
const QUANTILES: [(&str, Quantile); 2] = [("p50", |all| all.p50), ("p99", |all| all.p99)];

/// The shares of calls that are compared, each with what it is a share of.
const SHARES: [(&str, Share); 3] = [
    ("failed", |all| (all.failed, all.started)),
    ("indeterminate", |all| (all.indeterminate, all.started)),
    ("skipped", |all| (all.skipped, all.planned)),
];

/// What changed from the floods before to those after.
pub fn floods(before: &[Report], after: &[Report]) -> Diff {
    let mut changes = Vec::new();
    counts(before, after, &mut changes);
    demands(before, after, &mut changes);
    let mut is_compared = false;
    for leg in Leg::ALL {
        for (name, quantile) in QUANTILES {
            let values = |floods| seconds(floods, leg, quantile);
            is_compared |= percentile(
                &format!("{name}({})", leg.name()),
                &values(before),
                &values(after),
                &mut changes,
            );
        }
    }
    let mut compared = vec![format!("{} and {} floods", before.len(), after.len())];
    compared.push(if is_compared {
        format!(
            "times: the median of the seconds' percentiles, told beyond {SIGMAS} times its standard error and {:.0} %",
            SHARE_MIN * 100.0
        )
    } else {
        format!("times are not compared: that takes {SECONDS_MIN} seconds on both sides")
    });
    for (side, floods) in [("before", before), ("after", after)] {
        for flood in floods.iter().filter(|flood| !flood.generator.valid) {
            compared.push(format!(
                "{side}: the flood of seed {} is invalid",
                flood.seed
            ));
        }
    }
    Diff::new(compared, changes)
}

fn counts(before: &[Report], after: &[Report], changes: &mut Vec<Change>) {
    let violations = |floods: &[Report]| floods.iter().map(|it| it.violations).sum::<u64>();
    let (was, is) = (violations(before), violations(after));
    if was != is {
        let kind = if is > was { Kind::Worse } else { Kind::Better };
        changes.push(change(
            kind,
            "violations",
            format!("{was} before, {is} now"),
        ));
    }
    for (name, share) in SHARES {
        let (was, old) = sum(before, share);
        let (is, new) = sum(after, share);
        let (old, new) = (old.max(1) as f64, new.max(1) as f64);
        let (from, to) = (was as f64 / old, is as f64 / new);
        // As many as chance brings, if both sides have one rate (Poisson).
        let error =
            ((was as f64).max(1.0) / (old * old) + (is as f64).max(1.0) / (new * new)).sqrt();
        if (to - from).abs() > SIGMAS * error {
            let kind = if to > from { Kind::Worse } else { Kind::Better };
            let told = format!("{:.3} % before, {:.3} % now", from * 100.0, to * 100.0);
            changes.push(change(kind, name, told));
        }
    }
}

fn sum(floods: &[Report], share: Share) -> (u64, u64) {
    let shares = floods.iter().map(|flood| share(&flood.counts));
    shares.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
}

/// Demands that are met on one side alone.
fn demands(before: &[Report], after: &[Report], changes: &mut Vec<Change>) {
    let met = |floods: &[Report], text: &str| -> Option<bool> {
        let all = floods.iter().flat_map(|flood| &flood.thresholds);
        let mut same = all.filter(|met| met.threshold.text() == text).peekable();
        same.peek()?;
        Some(same.all(|met| met.is_met))
    };
    let mut texts: Vec<&str> = (after.iter().flat_map(|flood| &flood.thresholds))
        .map(|met| met.threshold.text())
        .collect();
    texts.sort_unstable();
    texts.dedup();
    for text in texts {
        match (met(before, text), met(after, text)) {
            (Some(true), Some(false)) => {
                changes.push(change(
                    Kind::Worse,
                    text,
                    "met before, missed now".to_owned(),
                ));
            }
            (Some(false), Some(true)) => {
                changes.push(change(
                    Kind::Better,
                    text,
                    "missed before, met now".to_owned(),
                ));
            }
            (Some(_) | None, Some(_) | None) => {}
        }
    }
}

/// A percentile of a leg in every second that has it, in microseconds.
fn seconds(floods: &[Report], leg: Leg, quantile: Quantile) -> Vec<f64> {
    let seconds = floods.iter().flat_map(|flood| &flood.seconds);
    seconds
        .filter_map(|second| Some(quantile(second.leg(leg)?) as f64))
        .collect()
}

/// Adds the change of a percentile, if it is more than noise. Whether there was enough to compare.
fn percentile(name: &str, old: &[f64], new: &[f64], changes: &mut Vec<Change>) -> bool {
    if old.len().min(new.len()) < SECONDS_MIN {
        return false;
    }
    let (Some((was, before)), Some((is, after))) = (center(old), center(new)) else {
        return false;
    };
    let square = |spread: f64, count: usize| spread * spread / count as f64;
    let error = MEDIAN * (square(before, old.len()) + square(after, new.len())).sqrt();
    let apart = (is - was).abs();
    if apart > SIGMAS * error && apart > SHARE_MIN * was {
        let kind = if is > was { Kind::Worse } else { Kind::Better };
        let told = format!(
            "{} before, {} now, ± {}",
            short(was as u64),
            short(is as u64),
            short(error as u64)
        );
        changes.push(change(kind, name, told));
    }
    true
}

fn change(kind: Kind, of: &str, change: String) -> Change {
    Change {
        kind,
        of: of.to_owned(),
        file: None,
        change,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(old: &[f64], new: &[f64]) -> Vec<Change> {
        let mut changes = Vec::new();
        percentile("p50(answer)", old, new, &mut changes);
        changes
    }

    #[test]
    fn percentiles_change_where_the_seconds_say_so() {
        let noisy = |by: f64| -> Vec<f64> {
            (0..20)
                .map(|it| by + f64::from(it * 7 % 11) * 10.0)
                .collect()
        };
        assert_eq!(told(&noisy(1000.0), &noisy(1015.0)), []);
        let slower = told(&noisy(1000.0), &noisy(1500.0));
        assert_eq!(slower[0].kind, Kind::Worse);
        assert!(
            slower[0].change.starts_with("1.1 ms before, 1.6 ms now"),
            "{slower:?}"
        );
        assert_eq!(told(&noisy(1500.0), &noisy(1000.0))[0].kind, Kind::Better);
        assert_eq!(
            told(&[1.0; 3], &[900.0; 3]),
            [],
            "three seconds say nothing"
        );
    }
}
