//! Several runs as one: the parts of a library that machines shared, or the same scenarios played more than once.

use std::collections::BTreeMap;

use super::events::{Case, Part};
use super::summary::Summary;

/// Joins runs. Of a scenario that several of them played, the worst verdict stays: a failure is not played away.
///
/// What is missing is said: parts that nobody brought make the run one that stopped. `None` where there is no run.
pub fn merge(runs: &[Summary]) -> Option<Summary> {
    let first = runs.first()?;
    let mut cases: BTreeMap<(String, String), Case> = BTreeMap::new();
    for case in runs.iter().flat_map(|run| &run.scenarios) {
        let key = (case.file.clone(), case.name.clone());
        let known = cases.get(&key);
        if known.is_none_or(|known| known.verdict < case.verdict) {
            cases.insert(key, case.clone());
        }
    }
    let mut whole = Summary {
        target: first.target.clone(),
        shard: None,
        duration_ms: runs.iter().map(|run| run.duration_ms).max()?,
        started: runs.iter().map(|run| run.started.clone()).min()?,
        stopped: runs.iter().find_map(|run| run.stopped.clone()),
        stale: runs.iter().flat_map(|run| run.stale.clone()).collect(),
        scenarios: cases.into_values().collect(),
        ..first.clone()
    };
    let missing = missing(runs);
    let parts: Vec<String> = missing
        .iter()
        .map(|Part { part, of }| format!("{part}/{of}"))
        .collect();
    if !parts.is_empty() && whole.stopped.is_none() {
        whole.stopped = Some(format!(
            "the missing parts were joined: {}",
            parts.join(", ")
        ));
    }
    // What a run that broke off never played is in none of them.
    let unplayed = runs
        .iter()
        .map(|run| run.planned.saturating_sub(run.scenarios.len()));
    whole.planned = whole.scenarios.len() + unplayed.sum::<usize>();
    whole.settle();
    Some(whole)
}

/// The parts that no run is.
fn missing(runs: &[Summary]) -> Vec<Part> {
    let parts: Vec<Part> = runs.iter().filter_map(|run| run.shard).collect();
    let mut counts: Vec<u64> = parts.iter().map(|part| part.of).collect();
    counts.sort_unstable();
    counts.dedup();
    let all = (counts.into_iter()).flat_map(|of| (1..=of).map(move |part| Part { part, of }));
    all.filter(|part| !parts.contains(part)).collect()
}
