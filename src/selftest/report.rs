//! What a selftest came to, as its JSON report and its words for people read it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::faults::FaultScore;
use super::mutants::MutantScore;
use super::nulls::NullScore;
use crate::lifecycle::{RULES, judge};
use crate::runner::Outcome;

/// A whole selftest. Its JSON form is the report `json`, whose schema is named in it.
#[derive(Debug, Clone, Serialize)]
pub struct Selftest {
    /// The name and version of this form.
    pub schema: &'static str,
    /// The deviations of the reference.
    pub faults: Faults,
    /// Good histories, changed in one place.
    pub history_mutants: HistoryMutants,
    /// The servers that do next to nothing.
    pub null_servers: Vec<NullServer>,
    /// Every rule of the judge.
    pub rules: Vec<RuleArmed>,
}

/// The deviations of the reference.
#[derive(Debug, Clone, Serialize)]
pub struct Faults {
    /// How many were switched on, one at a time.
    pub total: usize,
    /// Under how many some scenario broke a rule of the judge.
    pub killed: usize,
    /// Under how many a rule of the requirement broke that the fault is named for.
    pub killed_by_right_rule: usize,
    /// Each of them.
    pub matrix: Vec<FaultRow>,
}

/// One deviation and the rules that broke under it.
#[derive(Debug, Clone, Serialize)]
pub struct FaultRow {
    /// Its name.
    pub name: &'static str,
    /// The requirement that it breaks.
    pub requirement: &'static str,
    /// The rules that broke, by id, with the number of scenarios in which each did.
    pub rules: BTreeMap<&'static str, usize>,
    /// Whether the rule of its requirement is among them.
    pub right: bool,
}

/// Good histories, changed in one place.
#[derive(Debug, Clone, Serialize)]
pub struct HistoryMutants {
    /// How many histories were changed.
    pub histories: usize,
    /// How many mutants they made.
    pub total: usize,
    /// How many the judge found.
    pub killed: usize,
    /// How many it found first by a rule of the requirement that the change breaks.
    pub killed_by_right_rule: usize,
    /// Those that leave a history right, by the reason why.
    pub equivalent: Vec<Equivalent>,
    /// Every way to change a history.
    pub operators: Vec<OperatorRow>,
    /// Those of which the judge did not say what it must.
    pub survivors: Vec<SurvivorRow>,
    /// Whether all but the equivalent were found, and nothing was found in those.
    #[serde(skip)]
    pub proved: bool,
}

/// Mutants that leave a history right, for one reason.
#[derive(Debug, Clone, Serialize)]
pub struct Equivalent {
    /// The requirement that allows it, and why.
    pub proof: &'static str,
    /// How many there are.
    pub mutants: usize,
    /// The first of them.
    pub example: String,
}

/// One way to change a history, and what found it.
#[derive(Debug, Clone, Serialize)]
pub struct OperatorRow {
    /// Its name.
    pub name: &'static str,
    /// How many mutants it made.
    pub total: usize,
    /// How many of them leave a history right.
    pub equivalent: usize,
    /// How many were found.
    pub killed: usize,
    /// The requirements of the rules that found them first, with how many each.
    pub rules: BTreeMap<&'static str, usize>,
}

/// A mutant of which the judge did not say what it must.
#[derive(Debug, Clone, Serialize)]
pub struct SurvivorRow {
    /// `not killed`, `killed by the wrong rule` or `equivalent, and found wrong`.
    pub mistake: &'static str,
    /// Which way to change.
    pub operator: &'static str,
    /// The history, the event and the change.
    pub mutant: String,
    /// What was expected, and what came.
    pub message: String,
}

/// One server that does next to nothing.
#[derive(Debug, Clone, Serialize)]
pub struct NullServer {
    /// Its name.
    pub name: &'static str,
    /// How many scenarios passed on it.
    pub scenarios_passed: usize,
    /// How many were played on it.
    pub scenarios: usize,
    /// The files of those that passed.
    pub passed: Vec<String>,
}

/// One rule of the judge.
#[derive(Debug, Clone, Serialize)]
pub struct RuleArmed {
    /// Its id.
    pub id: &'static str,
    /// The requirement it guards.
    pub requirement: &'static str,
    /// How often the library armed it on the reference.
    pub armed: u64,
    /// How often what it demands was then met.
    pub discharged: u64,
}

impl Selftest {
    /// The name and version of the JSON form.
    pub const SCHEMA: &'static str = "ringcheck.selftest/1";

    /// Whether everything is proved that a selftest proves.
    pub fn is_proved(&self) -> bool {
        let Self {
            faults,
            history_mutants,
            null_servers,
            rules,
            ..
        } = self;
        faults.killed_by_right_rule == faults.total
            && history_mutants.proved
            && null_servers.iter().all(|null| null.scenarios_passed == 0)
            && rules.iter().all(|rule| rule.armed > 0)
    }
}

impl Faults {
    /// What the library found under each deviation.
    pub fn of(scores: &[FaultScore]) -> Self {
        let row = |score: &FaultScore| FaultRow {
            name: score.fault.name(),
            requirement: score.fault.requirement(),
            rules: score.rules.clone(),
            right: score.right,
        };
        Self {
            total: scores.len(),
            killed: scores
                .iter()
                .filter(|score| !score.rules.is_empty())
                .count(),
            killed_by_right_rule: scores.iter().filter(|score| score.right).count(),
            matrix: scores.iter().map(row).collect(),
        }
    }
}

impl From<&MutantScore> for HistoryMutants {
    fn from(score: &MutantScore) -> Self {
        let counts = score.counts();
        let equivalent = score.equivalent.iter().map(|(proof, same)| Equivalent {
            proof,
            mutants: same.mutants,
            example: same.example.clone(),
        });
        let operators = score.operators.iter().map(|(operator, counts)| {
            let own = score.matrix.iter().filter(|((of, _), _)| of == operator);
            OperatorRow {
                name: operator.name(),
                total: counts.total,
                equivalent: counts.equivalent,
                killed: counts.killed,
                rules: own.map(|((_, rule), count)| (*rule, *count)).collect(),
            }
        });
        let survivors = score.survivors.iter().map(|survivor| SurvivorRow {
            mistake: survivor.mistake.words(),
            operator: survivor.operator.name(),
            mutant: survivor.mutant.clone(),
            message: survivor.message.clone(),
        });
        Self {
            histories: score.histories,
            total: counts.total,
            killed: counts.killed,
            killed_by_right_rule: counts.right,
            equivalent: equivalent.collect(),
            operators: operators.collect(),
            survivors: survivors.collect(),
            proved: score.is_proved(),
        }
    }
}

impl From<&NullScore> for NullServer {
    fn from(score: &NullScore) -> Self {
        Self {
            name: score.null.name(),
            scenarios_passed: score.passed.len(),
            scenarios: score.scenarios,
            passed: score.passed.clone(),
        }
    }
}

/// How often the library armed each rule on a target that is right.
pub fn armed(outcomes: &[Outcome]) -> Vec<RuleArmed> {
    let blank = RULES.iter().map(|rule| RuleArmed {
        id: rule.id,
        requirement: rule.requirement,
        armed: 0,
        discharged: 0,
    });
    let mut rules: Vec<RuleArmed> = blank.collect();
    for outcome in outcomes {
        let exercised = judge(&outcome.history).exercised;
        for (rule, exercise) in rules.iter_mut().zip(exercised) {
            rule.armed += exercise.armed;
            rule.discharged += exercise.discharged;
        }
    }
    rules
}
