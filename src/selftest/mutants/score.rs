//! Judging every mutant of every good history.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::time::Duration;

use super::story::Story;
use super::{Expects, Good, Mutant, Operator};
use crate::history::{Clocks, History, Order};
use crate::lifecycle::{Finding, FindingKind, judge};
use crate::sharing::in_order;

/// What the judge made of the mutants of all good histories.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MutantScore {
    /// The histories that were changed.
    pub histories: usize,
    /// Per operator: how many mutants, how many of them equivalent, killed, and killed by the right rule.
    pub operators: BTreeMap<Operator, Counts>,
    /// The matrix: operator by requirement of the rule that found it first.
    pub matrix: BTreeMap<(Operator, &'static str), usize>,
    /// Those that leave a history right, by the reason why.
    pub equivalent: BTreeMap<&'static str, Equivalents>,
    /// Those of which the judge did not say what it must.
    pub survivors: Vec<Survivor>,
}

/// How many mutants, and what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// All of them.
    pub total: usize,
    /// Right all the same.
    pub equivalent: usize,
    /// Found.
    pub killed: usize,
    /// Found first by a rule that the mutator named.
    pub right: usize,
}

/// Mutants that leave a history right, for one reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Equivalents {
    /// How many.
    pub mutants: usize,
    /// The first of them.
    pub example: String,
}

/// What the judge said of a mutant instead of what it must.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistake {
    /// Nothing, though it is wrong.
    Missed,
    /// That it is wrong, by a rule that has nothing to do with it.
    WrongRule,
    /// That it is wrong, though it is right.
    FalseAlarm,
}

impl Mistake {
    /// The words used in reports.
    pub fn words(self) -> &'static str {
        match self {
            Self::Missed => "not killed",
            Self::WrongRule => "killed by the wrong rule",
            Self::FalseAlarm => "equivalent, and found wrong",
        }
    }
}

/// A mutant of which the judge did not say what it must.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survivor {
    /// What the judge did instead.
    pub mistake: Mistake,
    /// Which way to change.
    pub operator: Operator,
    /// The history, the event and the change.
    pub mutant: String,
    /// What was expected, and what came.
    pub message: String,
}

impl MutantScore {
    /// Whether every mutant was found, but for those that leave a history right.
    pub fn is_proved(&self) -> bool {
        let forgiven = |survivor: &Survivor| survivor.mistake == Mistake::WrongRule;
        self.survivors.iter().all(forgiven)
    }

    /// Over all operators.
    pub fn counts(&self) -> Counts {
        let mut all = Counts::default();
        for counts in self.operators.values() {
            all.join(*counts);
        }
        all
    }
}

impl Counts {
    fn join(&mut self, other: Self) {
        self.total += other.total;
        self.equivalent += other.equivalent;
        self.killed += other.killed;
        self.right += other.right;
    }
}

/// Judges every mutant of those histories that are right and whole: what was open in them has ended.
/// Tells of each as it is through.
///
/// A history is judged apart from all others, so the cores share them, and what came of each is counted in the order of the
/// histories: the score is the same, however many cores there are.
pub fn score(goods: &[Good], mut finished: impl FnMut()) -> MutantScore {
    let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let mut all = MutantScore::default();
    in_order(threads, goods.iter(), one, |score| {
        finished();
        all.join(score);
        ControlFlow::Continue(())
    });
    all
}

/// Judges every mutant of one history; of none, if it is not right and whole.
fn one(good: &Good) -> MutantScore {
    let mut score = MutantScore::default();
    let history = in_full(&good.history);
    let base = judge(&history).findings;
    let settled = base
        .iter()
        .all(|finding| finding.kind == FindingKind::Warning);
    let story = Story::of(&history);
    if history.events.len() > EVENTS_MAX
        || !settled
        || history.header.order != Order::Causal
        || story.is_ambiguous()
    {
        return score;
    }
    score.histories = 1;
    for operator in Operator::ALL {
        let mut mutants = Vec::new();
        operator.mutants(&story, &mut mutants);
        for mutant in mutants {
            score.add(&good.name, operator, &mutant, &base);
        }
    }
    score
}

/// Longer histories repeat what shorter ones show, and cost their length squared.
const EVENTS_MAX: usize = 64;

/// A history that goes on in silence until every clock has run out, so that what is missing is missed.
fn in_full(history: &History) -> History {
    let mut history = history.clone();
    history.header.end = history
        .header
        .end
        .saturating_add(every_clock(&history.header.clocks));
    history
}

/// Longer than anything can be owed.
fn every_clock(clocks: &Clocks) -> Duration {
    let sum = clocks.no_ack.max(clocks.offline_window)
        + clocks.expiry
        + clocks.accept_ack
        + clocks.presence_grace;
    sum.saturating_mul(2).saturating_add(Duration::from_secs(5))
}

impl MutantScore {
    /// Adds what came of the histories that follow.
    fn join(&mut self, other: Self) {
        self.histories += other.histories;
        for (operator, counts) in other.operators {
            self.operators.entry(operator).or_default().join(counts);
        }
        for (cell, count) in other.matrix {
            *self.matrix.entry(cell).or_default() += count;
        }
        for (proof, same) in other.equivalent {
            let known = self.equivalent.entry(proof).or_default();
            if known.mutants == 0 {
                known.example = same.example;
            }
            known.mutants += same.mutants;
        }
        self.survivors.extend(other.survivors);
    }

    fn add(&mut self, name: &str, operator: Operator, mutant: &Mutant, base: &[Finding]) {
        let findings = news(base, judge(&mutant.history).findings);
        let counts = self.operators.entry(operator).or_default();
        counts.total += 1;
        let told = || format!("{name}, event {}: {}", mutant.event, mutant.change);
        let trouble = match &mutant.expects {
            Expects::Nothing(proof) => {
                counts.equivalent += 1;
                let same = self.equivalent.entry(proof).or_default();
                same.mutants += 1;
                if same.mutants == 1 {
                    same.example = told();
                }
                let wrong = |finding: &&Finding| finding.kind != FindingKind::Warning;
                let alarm = findings.iter().find(wrong);
                alarm.map(|finding| {
                    let message = format!("expected nothing, for {proof}; got {finding}");
                    (Mistake::FalseAlarm, message)
                })
            }
            Expects::Finding(kind, requirements) => {
                let found = findings.iter().find(|finding| finding.kind <= *kind);
                let right = |finding: &&Finding| {
                    finding.kind == *kind
                        && (requirements.is_empty()
                            || requirements.contains(&finding.rule.requirement))
                };
                let first = findings.iter().find(|finding| finding.kind == *kind);
                counts.killed += usize::from(found.is_some());
                counts.right += usize::from(first.filter(right).is_some());
                if let Some(found) = found {
                    let cell = (operator, found.rule.requirement);
                    *self.matrix.entry(cell).or_default() += 1;
                }
                let came = found.map_or_else(|| "nothing".to_owned(), ToString::to_string);
                first.filter(right).is_none().then(|| {
                    let wanted = requirements.join(" or ");
                    let mistake = if found.is_some() {
                        Mistake::WrongRule
                    } else {
                        Mistake::Missed
                    };
                    (
                        mistake,
                        format!("expected a {kind} of {wanted}; got {came}"),
                    )
                })
            }
        };
        if let Some((mistake, message)) = trouble {
            self.survivors.push(Survivor {
                mistake,
                operator,
                mutant: told(),
                message,
            });
        }
    }
}

/// What was not found in the history before it was changed. Warnings of it may come again.
fn news(base: &[Finding], findings: Vec<Finding>) -> Vec<Finding> {
    let known = |finding: &Finding| {
        finding.kind == FindingKind::Warning
            && base
                .iter()
                .any(|known| known.rule == finding.rule && known.user == finding.user)
    };
    findings
        .into_iter()
        .filter(|finding| !known(finding))
        .collect()
}
