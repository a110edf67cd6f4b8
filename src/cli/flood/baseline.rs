//! A flood compared with an earlier one: what has become worse, and by how much.

use std::path::Path;

use serde_json::Value;

use crate::cli::Failure;
use crate::flood::report::{SCHEMA, short};
use crate::flood::{Latencies, Outcome};

/// The report of an earlier flood.
pub(super) struct Baseline {
    report: Value,
}

/// Differences below this are those of the clock and the scheduler.
const NOISE_US: u64 = 100;

impl Baseline {
    /// Reads a report that `--report json=FILE` has written.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let wrong = |why: &dyn std::fmt::Display| {
            Failure::Usage(format!(
                "`{}` cannot be compared with: {why}\nhint: a file that `--report json=FILE` has written",
                path.display()
            ))
        };
        let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
        let report: Value = serde_json::from_str(&text).map_err(|error| wrong(&error))?;
        if at(&report, &["schema"]).and_then(Value::as_str) != Some(SCHEMA) {
            return Err(wrong(&format!("its schema is not `{SCHEMA}`")));
        }
        Ok(Self { report })
    }

    /// What has become worse by more than that share, as sentences.
    pub(super) fn worse(&self, outcome: &Outcome, allowed: f64) -> Vec<String> {
        let mut worse = Vec::new();
        let was = at(&self.report, &["rate"]).and_then(Value::as_f64);
        let is = outcome.rate();
        if let Some(was) = was.filter(|was| is < was * (1.0 - allowed)) {
            let by = 100.0 * (1.0 - is / was);
            worse.push(format!(
                "worse than the baseline: {is:.0} calls/s, were {was:.0}: {by:.0}% fewer"
            ));
        }
        for (leg, all) in Latencies::of(&outcome.measures).iter() {
            for (name, is) in [("p50", all.p50), ("p99", all.p99)] {
                let path = ["latency_us", leg.name(), name];
                let was = at(&self.report, &path).and_then(Value::as_u64);
                let beyond = |was: &u64| {
                    is as f64 > *was as f64 * (1.0 + allowed) && is > was.saturating_add(NOISE_US)
                };
                if let Some(was) = was.filter(beyond) {
                    let by = 100.0 * (is as f64 / was.max(1) as f64 - 1.0);
                    worse.push(format!(
                        "worse than the baseline: {name}({}) {}, was {}: {by:.0}% more",
                        leg.name(),
                        short(is),
                        short(was)
                    ));
                }
            }
        }
        worse
    }
}

/// What stands at that path of a report, if anything does.
fn at<'r>(report: &'r Value, path: &[&str]) -> Option<&'r Value> {
    path.iter().try_fold(report, |value, name| value.get(name))
}

/// A share, as `10%`.
pub(super) fn share(text: &str) -> Result<f64, String> {
    let percent: Option<f64> = text.trim_end_matches('%').parse().ok();
    percent
        .filter(|percent| (0.0..=1000.0).contains(percent))
        .map(|percent| percent / 100.0)
        .ok_or_else(|| format!("`{text}` is no share from 0% to 1000%"))
}
