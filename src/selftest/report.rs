//! What a selftest came to, as its JSON report and its words for people read it.

use serde::Serialize;

/// A whole selftest. Its JSON form is the report `json`, whose schema is named in it.
#[derive(Debug, Clone, Serialize)]
pub struct Selftest {
    /// The name and version of this form.
    pub schema: &'static str,
    /// The deviations of the reference.
    pub faults: Faults,
    /// The altered histories.
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
    /// The rules that broke, with how many findings each had.
    pub rules: Vec<(&'static str, usize)>,
    /// Whether a rule of its requirement is among them.
    pub right: bool,
}

/// The altered histories.
#[derive(Debug, Clone, Serialize)]
pub struct HistoryMutants {
    /// How many were judged, the equivalent ones not among them.
    pub total: usize,
    /// In how many something was found.
    pub killed: usize,
    /// In how many a rule broke that the alteration must break.
    pub killed_by_right_rule: usize,
    /// Those that are good histories still, by the reason why.
    pub equivalent: Vec<Equivalent>,
    /// The kinds of alteration, each with the rules that broke.
    pub matrix: Vec<MutantRow>,
    /// Those that were killed by a wrong rule, or not at all.
    pub wrong: Vec<String>,
}

/// Altered histories that are good ones still.
#[derive(Debug, Clone, Serialize)]
pub struct Equivalent {
    /// Why they are.
    pub reason: &'static str,
    /// How many.
    pub count: usize,
    /// One of them.
    pub example: String,
}

/// One kind of alteration and the rules that broke under it.
#[derive(Debug, Clone, Serialize)]
pub struct MutantRow {
    /// Its name.
    pub name: &'static str,
    /// The rules that broke, with how many histories each was found in.
    pub rules: Vec<(&'static str, usize)>,
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
            history_mutants: mutants,
            null_servers,
            rules,
            ..
        } = self;
        faults.killed_by_right_rule == faults.total
            && mutants.killed == mutants.total
            && mutants.wrong.is_empty()
            && null_servers.iter().all(|null| null.scenarios_passed == 0)
            && rules.iter().all(|rule| rule.armed > 0)
    }
}
