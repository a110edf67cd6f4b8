//! Two runs, or several a side: verdicts, rules, and how long scenarios took.

use std::collections::{BTreeMap, BTreeSet};

use super::noise::{SHARE_MIN, SIGMAS, center, median};
use super::{Change, Diff, Kind};
use crate::report::Summary;
use crate::report::events::Case;
use crate::runner::Verdict;

/// What times must differ by at least: two schedulings of a busy machine.
const MS_MIN: f64 = 20.0;

/// The fewest scenarios of both sides that say what is noise.
const SCENARIOS_MIN: usize = 8;

type Key = (String, String);

/// One side's runs of one scenario.
#[derive(Default)]
struct Played<'a> {
    cases: Vec<&'a Case>,
}

impl Played<'_> {
    /// The worst verdict of them: a failure is not played away.
    fn worst(&self) -> Option<&Case> {
        self.cases.iter().copied().max_by_key(|case| case.verdict)
    }

    fn verdict(&self) -> Option<Verdict> {
        self.worst().map(|case| case.verdict)
    }

    /// The rules that fired in any of them.
    fn rules(&self) -> BTreeSet<&str> {
        let violations = self.cases.iter().flat_map(|case| &case.violations);
        violations.map(|it| it.rule.as_str()).collect()
    }

    /// How long those took that passed at the first try, in milliseconds.
    fn took(&self) -> Vec<f64> {
        let good = self
            .cases
            .iter()
            .filter(|case| case.verdict == Verdict::Passed && case.again_after_late_ms.is_none());
        good.map(|case| case.duration_ms.max(1) as f64).collect()
    }
}

/// What changed from the runs before to those after.
pub fn runs(before: &[Summary], after: &[Summary]) -> Diff {
    let (old, new) = (played(before), played(after));
    let keys: BTreeSet<&Key> = old.keys().chain(new.keys()).collect();
    let mut changes: Vec<Change> = (keys.into_iter())
        .filter_map(|key| judged(key, old.get(key), new.get(key)))
        .collect();
    let mut compared = vec![format!(
        "{} before and {} after, of {} and {} scenarios",
        counted(before.len()),
        counted(after.len()),
        old.len(),
        new.len()
    )];
    compared.push(times(&old, &new, &mut changes));
    Diff::new(compared, changes)
}

fn counted(runs: usize) -> String {
    format!("{runs} {}", if runs == 1 { "run" } else { "runs" })
}

fn played(runs: &[Summary]) -> BTreeMap<Key, Played<'_>> {
    let mut all: BTreeMap<Key, Played<'_>> = BTreeMap::new();
    for case in runs.iter().flat_map(|run| &run.scenarios) {
        let key = (case.file.clone(), case.name.clone());
        all.entry(key).or_default().cases.push(case);
    }
    all
}

/// What changed in the verdict of a scenario, and in the rules that it broke.
fn judged(key: &Key, old: Option<&Played<'_>>, new: Option<&Played<'_>>) -> Option<Change> {
    let told = |kind, change| {
        let (file, of) = key.clone();
        Some(Change {
            kind,
            of,
            file: Some(file),
            change,
        })
    };
    let (old, new) = match (old, new) {
        (Some(old), Some(new)) => (old, new),
        (Some(old), None) => {
            let was = old.verdict()?.word();
            return told(Kind::Other, format!("is gone; it was {was}"));
        }
        (None, Some(new)) => {
            let case = new.worst()?;
            let kind = if case.is_fine() {
                Kind::Other
            } else {
                Kind::Worse
            };
            return told(
                kind,
                format!("is new, and {}{}", case.verdict.word(), by(new)),
            );
        }
        (None, None) => return None,
    };
    let (was, is) = (old.worst()?, new.worst()?);
    if was.verdict != is.verdict {
        let kind = match (was.is_fine(), is.is_fine()) {
            (true, false) => Kind::Worse,
            (false, true) => Kind::Better,
            (true, true) => Kind::Other,
            // What failed and cannot be judged now is no better, and the other way round it is worse.
            (false, false) if is.verdict > was.verdict => Kind::Worse,
            (false, false) => Kind::Other,
        };
        let (was, is) = (was.verdict.word(), is.verdict.word());
        return told(
            kind,
            format!("{was}{} before, {is}{} now", by(old), by(new)),
        );
    }
    let (broke, breaks) = (old.rules(), new.rules());
    if broke == breaks {
        return None;
    }
    let kind = if breaks.is_subset(&broke) {
        Kind::Better
    } else {
        Kind::Worse
    };
    let is = is.verdict.word();
    told(kind, format!("{is}{} before, and{} now", by(old), by(new)))
}

/// By which rules, where there are any.
fn by(played: &Played<'_>) -> String {
    let rules: Vec<&str> = played.rules().into_iter().collect();
    if rules.is_empty() {
        String::new()
    } else {
        format!(" by {}", rules.join(", "))
    }
}

/// Adds the scenarios that took longer or shorter by more than noise, and says what the noise is.
///
/// The noise is the spread of the ratios after to before over all scenarios: few of them change, so that what most of them
/// do is chance, and what all of them do together is the machine.
fn times(
    old: &BTreeMap<Key, Played<'_>>,
    new: &BTreeMap<Key, Played<'_>>,
    changes: &mut Vec<Change>,
) -> String {
    let pairs: Vec<(&Key, Vec<f64>, Vec<f64>)> = (old.iter())
        .filter_map(|(key, old)| Some((key, old.took(), new.get(key)?.took())))
        .filter(|(_, old, new)| !old.is_empty() && !new.is_empty())
        .collect();
    let ratios: Vec<f64> = pairs
        .iter()
        .filter_map(|(_, old, new)| ratio(old, new))
        .collect();
    let Some((shift, spread)) = center(&ratios).filter(|_| ratios.len() >= SCENARIOS_MIN) else {
        return format!(
            "times are not compared: that takes {SCENARIOS_MIN} scenarios that passed on both sides"
        );
    };
    let bound = (SIGMAS * spread).max((1.0 + SHARE_MIN).ln());
    for (key, old, new) in &pairs {
        let (Some(was), Some(is)) = (median(old), median(new)) else {
            continue;
        };
        let apart = (is / was).ln() - shift;
        let is_long = (is - was * shift.exp()).abs() > MS_MIN;
        if apart.abs() > bound && is_long && are_apart(old, new) {
            let (file, of) = Key::clone(key);
            changes.push(Change {
                kind: if apart > 0.0 {
                    Kind::Slower
                } else {
                    Kind::Faster
                },
                of,
                file: Some(file),
                change: format!("took {was:.0} ms before, {is:.0} ms now"),
            });
        }
    }
    format!(
        "times: {:+.1} % for all together, {:.1} % noise; told beyond {:.0} % and {MS_MIN:.0} ms",
        (shift.exp() - 1.0) * 100.0,
        (spread.exp() - 1.0) * 100.0,
        (bound.exp() - 1.0) * 100.0,
    )
}

fn ratio(old: &[f64], new: &[f64]) -> Option<f64> {
    Some((median(new)? / median(old)?).ln())
}

/// Whether all of one side are above all of the other.
fn are_apart(old: &[f64], new: &[f64]) -> bool {
    let least = |values: &[f64]| values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = |values: &[f64]| values.iter().copied().fold(0.0, f64::max);
    least(new) > most(old) || least(old) > most(new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::events::{SCHEMA, Start, Violation};

    fn case(number: u64, verdict: Verdict, ms: u64, rules: &[&str]) -> Case {
        let violation = |rule: &&str| Violation {
            rule: (*rule).to_owned(),
            requirement: String::new(),
            message: String::new(),
            line: None,
            column: None,
            allowed: Vec::new(),
        };
        Case {
            at_ms: 0,
            file: format!("{number}.yaml"),
            name: format!("case {number}"),
            verdict,
            duration_ms: ms,
            late_ms: None,
            again_after_late_ms: None,
            flaky: None,
            known: None,
            covers: Vec::new(),
            violations: rules.iter().map(violation).collect(),
            warnings: Vec::new(),
            drawing: None,
            source: None,
            again: None,
        }
    }

    fn run(cases: Vec<Case>) -> Summary {
        let mut summary = Summary::begun(&Start {
            schema: SCHEMA.to_owned(),
            ringcheck: String::new(),
            target: String::new(),
            seed: 0,
            started: String::new(),
            expiry_ms: 0,
            planned: cases.len(),
            shard: None,
        });
        summary.scenarios = cases;
        summary
    }

    /// Sixteen that pass, with some noise.
    fn usual(noise: u64) -> Vec<Case> {
        let ms = |number: u64| 200 + number * 10 + number * 7 % 5 * noise;
        (0..16)
            .map(|it| case(it, Verdict::Passed, ms(it), &[]))
            .collect()
    }

    fn told(diff: &Diff) -> Vec<(Kind, &str, &str)> {
        let changes = diff.changes.iter();
        changes.map(|it| (it.kind, &*it.of, &*it.change)).collect()
    }

    #[test]
    fn noise_is_no_change_and_neither_is_a_slower_machine() {
        let diff = runs(&[run(usual(0))], &[run(usual(2))]);
        assert_eq!(told(&diff), []);
        let slower = usual(1).into_iter().map(|mut one| {
            one.duration_ms *= 2;
            one
        });
        let diff = runs(&[run(usual(0))], &[run(slower.collect())]);
        assert_eq!(told(&diff), []);
        assert!(
            diff.compared[1].starts_with("times: +10"),
            "{:?}",
            diff.compared
        );
    }

    #[test]
    fn what_takes_longer_beyond_the_noise_is_told() {
        let mut after = usual(1);
        after[3].duration_ms += 150;
        let diff = runs(&[run(usual(0))], &[run(after.clone())]);
        let told = told(&diff);
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].0, told[0].1), (Kind::Slower, "case 3"));
        assert!(!diff.is_worse(), "it is a hint");
        // One run of three that took as long as before: chance.
        let three = [run(after.clone()), run(after), run(usual(0))];
        assert!(runs(&[run(usual(0))], &three).changes.is_empty());
    }

    #[test]
    fn few_scenarios_do_not_say_what_is_noise() {
        let few = |ms| vec![case(1, Verdict::Passed, ms, &[])];
        let diff = runs(&[run(few(100))], &[run(few(900))]);
        assert_eq!(told(&diff), []);
        assert!(diff.compared[1].starts_with("times are not compared"));
    }

    #[test]
    fn verdicts_and_rules_are_told_for_better_and_worse() {
        let (pass, fail) = (Verdict::Passed, Verdict::Failed);
        let before = vec![
            case(1, pass, 1, &[]),
            case(2, fail, 1, &["L07"]),
            case(3, fail, 1, &["L07"]),
            case(4, pass, 1, &[]),
            case(6, fail, 1, &["L07", "L09"]),
        ];
        let after = vec![
            case(1, fail, 1, &["L18", "scenario"]),
            case(2, pass, 1, &[]),
            case(3, fail, 1, &["L08"]),
            case(5, fail, 1, &["L01"]),
            case(6, fail, 1, &["L09"]),
        ];
        let diff = runs(&[run(before)], &[run(after)]);
        assert_eq!(
            told(&diff),
            [
                (
                    Kind::Worse,
                    "case 1",
                    "passed before, failed by L18, scenario now"
                ),
                (
                    Kind::Worse,
                    "case 3",
                    "failed by L07 before, and by L08 now"
                ),
                (Kind::Worse, "case 5", "is new, and failed by L01"),
                (Kind::Other, "case 4", "is gone; it was passed"),
                (Kind::Better, "case 2", "failed by L07 before, passed now"),
                (
                    Kind::Better,
                    "case 6",
                    "failed by L07, L09 before, and by L09 now"
                ),
            ]
        );
        assert!(
            diff.text(false)
                .ends_with("3 worse, 2 better, 0 slower, 0 faster, 1 other\n")
        );
    }
}
