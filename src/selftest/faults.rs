//! The library against the reference with one deviation after the other switched on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

pub use ringcheck_reference::fault::Fault;
use ringcheck_reference::fault::Place;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::lifecycle::requirements::Grade;
use crate::lifecycle::{Finding, FindingKind, judge};
use crate::runner::{LATE_MAX, Outcome, Punctuality, Run, play_all, to_the_end};
use crate::scenario::plan::Scenario;
use crate::target::{Cast, Embedded, Reach, StartError};

/// How long after one deviation the next is tried at the earliest: what takes the time is the waiting, so they are under way
/// together, but what it takes to begin must not make those late that have begun.
const APART: Duration = Duration::from_millis(20);

/// How often a deviation is tried again that was not found while the runner was late, and how many at once then.
const AGAIN_MAX: usize = 3;
const AGAIN_AT_ONCE: usize = 4;

/// What the library found under one deviation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultScore {
    /// Which deviation.
    pub fault: Fault,
    /// The rules of the judge that broke, by id, with the number of scenarios in which each did.
    pub rules: BTreeMap<&'static str, usize>,
    /// Whether the rule of the fault's requirement is among them.
    pub right: bool,
    /// The first finding of each rule, with its scenario.
    pub examples: Vec<String>,
}

/// Plays, for each deviation, the scenarios that exercise its requirement, and tells of each as it is through.
///
/// A runner that is late itself sees what came early in time, so a deviation that was not found meanwhile is tried again.
///
/// # Errors
/// When no loopback port can be listened on.
pub async fn score(
    faults: &[Fault],
    scenarios: &[Arc<Scenario>],
    mut finished: impl FnMut(&FaultScore),
) -> Result<Vec<FaultScore>, StartError> {
    let watch = Arc::new(Punctuality::watch());
    let mut scores = Vec::with_capacity(faults.len());
    let mut open: Vec<Turn> = (0..).zip(faults.iter().copied()).collect();
    for again in 0..=AGAIN_MAX {
        let at_once = if again == 0 {
            open.len()
        } else {
            AGAIN_AT_ONCE
        };
        let mut left = Vec::new();
        let told = |turn: Turn, score: FaultScore, was_late: bool| {
            if was_late && !score.right && again < AGAIN_MAX {
                left.push(turn);
            } else {
                finished(&score);
                scores.push((turn.0, score));
            }
        };
        round(open, at_once.max(1), scenarios, &watch, told).await?;
        open = left;
    }
    scores.sort_by_key(|(place, _)| *place);
    Ok(scores.into_iter().map(|(_, score)| score).collect())
}

/// A deviation by its place among all.
type Turn = (usize, Fault);

/// Tries deviations, at most so many at once, and tells of each as it is through, and whether the runner was late meanwhile.
async fn round(
    turns: Vec<Turn>,
    at_once: usize,
    scenarios: &[Arc<Scenario>],
    watch: &Arc<Punctuality>,
    mut told: impl FnMut(Turn, FaultScore, bool),
) -> Result<(), StartError> {
    let room = Arc::new(Semaphore::new(at_once));
    let mut playing = JoinSet::new();
    for (place, fault) in turns {
        // The semaphore is never closed, so a permit always comes.
        let permit = room.clone().acquire_owned().await;
        let (watch, scenarios) = (watch.clone(), exercising(fault, scenarios));
        on_time(&watch).await;
        playing.spawn(async move {
            let (_permit, began) = (permit, Instant::now());
            let score = one(fault, place, &scenarios).await?;
            Ok(((place, fault), score, watch.worst_since(began) > LATE_MAX))
        });
    }
    while let Some(joined) = playing.join_next().await {
        match joined {
            Ok(played) => {
                let (turn, score, was_late) = played?;
                told(turn, score, was_late);
            }
            // A deviation that was not tried to its end is not proved.
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
    Ok(())
}

/// Waits until the runner keeps its time.
async fn on_time(watch: &Punctuality) {
    loop {
        let since = Instant::now();
        tokio::time::sleep(APART).await;
        if watch.worst_since(since) <= LATE_MAX {
            return;
        }
    }
}

/// The scenarios that say that they exercise the fault's requirement.
fn exercising(fault: Fault, scenarios: &[Arc<Scenario>]) -> Vec<Arc<Scenario>> {
    let requirement = fault.requirement();
    let covers = |scenario: &&Arc<Scenario>| scenario.covers.iter().any(|id| id == requirement);
    scenarios.iter().filter(covers).cloned().collect()
}

/// How much shorter than the lifecycle's the clocks are of a server with that deviation: as short as lets it show on a busy
/// machine as well, since what takes the time is waiting for them.
fn timer_scale(fault: Fault) -> f64 {
    match (fault, fault.place()) {
        // A callee must ring within a second, which is forgiven another, and no longer than the window lasts.
        (Fault::NotRungOnLogin, _) => 0.2,
        // What comes early must do so by more than is forgiven.
        (_, Place::Clock) => 0.1,
        (_, Place::Server | Place::Both | Place::Client) => 0.05,
    }
}

async fn one(
    fault: Fault,
    place: usize,
    scenarios: &[Arc<Scenario>],
) -> Result<FaultScore, StartError> {
    let server = Embedded::bent(timer_scale(fault), Some(fault))?;
    let clocks = server.clocks();
    let cast: Arc<dyn Cast> = Arc::new(Reach::assumed(&server.url(), clocks).bent(fault));
    let run = Run {
        name: &format!("f{place}"),
        seed: 1,
        jobs: scenarios.len(),
        // The judge is asked what it found, whatever the machine is busy with.
        watched: false,
    };
    let outcomes = play_all(scenarios, &cast, clocks, &run, to_the_end).await;
    // Stopping waits for the server's threads, which must not hold up those who play elsewhere.
    tokio::task::spawn_blocking(|| drop(server));
    Ok(read(fault, &outcomes))
}

/// What the judge found; the demands of the scenarios count for nothing here.
fn read(fault: Fault, outcomes: &[Outcome]) -> FaultScore {
    let mut rules: BTreeMap<&'static str, usize> = BTreeMap::new();
    let mut right = false;
    let mut examples = Vec::new();
    for outcome in outcomes {
        let findings = judge(&outcome.history).findings;
        let broken: BTreeSet<(&'static str, &str)> = findings
            .iter()
            .filter(|finding| is_broken(finding))
            .map(|finding| (finding.rule.id, finding.rule.requirement))
            .collect();
        for (id, requirement) in broken {
            right |= requirement == fault.requirement();
            let count = rules.entry(id).or_default();
            *count += 1;
            if *count == 1 {
                let first = findings.iter().find(|finding| finding.rule.id == id);
                let file = outcome.file.display();
                examples.extend(first.map(|finding| format!("{file}: {finding}")));
            }
        }
    }
    FaultScore {
        fault,
        rules,
        right,
        examples,
    }
}

/// Whether a rule is broken. One that is only a SHOULD breaks as a warning; a warning of the others is a tolerance.
fn is_broken(finding: &Finding) -> bool {
    finding.kind == FindingKind::Violation
        || finding.kind == FindingKind::Warning && finding.rule.grade == Grade::Should
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Fault;
    use crate::lifecycle::RULES;

    /// The rules that no deviation breaks, and why.
    const UNBROKEN: &[(&str, &str)] = &[
        (
            "FAIL-7",
            "the reference's codes are typed: no client can tell one of no domain",
        ),
        (
            "ORD-1",
            "the recorder's own order and clock, which no client or server touches",
        ),
    ];

    #[test]
    fn every_rule_has_a_fault_that_breaks_it_or_a_reason_why_not() {
        let broken: BTreeSet<&str> = Fault::ALL.iter().map(|fault| fault.requirement()).collect();
        for rule in RULES {
            let unbroken = UNBROKEN.iter().any(|(id, _)| *id == rule.requirement);
            assert!(
                broken.contains(rule.requirement) != unbroken,
                "{}",
                rule.requirement
            );
        }
    }

    #[test]
    fn every_fault_has_a_name_of_its_own() {
        for fault in Fault::ALL {
            assert_eq!(Fault::from_name(fault.name()), Some(*fault));
        }
        assert!(Fault::ALL.len() >= 45);
    }
}
