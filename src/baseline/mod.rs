//! Listed failures: scenarios that are known to fail, by which rule, why and until when.

mod entry;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde_yaml as yaml;

use crate::lifecycle;
use crate::report::Summary;
use crate::report::events::{Case, Known};
use crate::runner::Verdict;
use crate::scenario::plan::Scenario;
use entry::{Entry, RERUNS, RERUNS_MAX, Words, fits};

/// A list of failures, and what was seen of them.
#[derive(Debug)]
pub struct Baseline {
    path: PathBuf,
    entries: Vec<Listed>,
}

#[derive(Debug)]
struct Listed {
    entry: Entry,
    /// The line it begins at.
    line: usize,
    is_expired: bool,
    /// Scenarios that fit it and did not fail as it says.
    passed: Vec<String>,
}

impl Baseline {
    /// Reads a list. What expired before `today` does not count.
    ///
    /// # Errors
    /// What is wrong with the file, with its line and a remedy.
    pub fn read(path: &Path, today: NaiveDate) -> Result<Self, String> {
        let wrong = |reason: &dyn std::fmt::Display| format!("`{}`: {reason}", path.display());
        let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
        let form = "hint: it is a list of `- { case: PATTERN, rule: ID, reason: WHY }`, with `link`, `expires`, and `flaky: 20%` if you like";
        let entries: Option<Vec<Entry>> =
            yaml::from_str(&text).map_err(|error| format!("{}\n{form}", wrong(&error)))?;
        let lines = text.lines().enumerate();
        let starts: Vec<usize> = (lines.filter(|(_, line)| line.starts_with('-')))
            .map(|(at, _)| at + 1)
            .collect();
        let listed = (entries.unwrap_or_default().into_iter().enumerate()).map(|(at, entry)| {
            let is_expired = entry.expires.is_some_and(|last| last < today);
            Listed {
                entry,
                line: starts.get(at).copied().unwrap_or(1),
                is_expired,
                passed: Vec::new(),
            }
        });
        let baseline = Self {
            path: path.to_owned(),
            entries: listed.collect(),
        };
        baseline.check_rules()?;
        baseline.check_reruns()?;
        Ok(baseline)
    }

    /// A list of nothing.
    pub fn empty() -> Self {
        Self {
            path: PathBuf::new(),
            entries: Vec::new(),
        }
    }

    fn check_rules(&self) -> Result<(), String> {
        let own = ["scenario", "target", "runner"];
        let known = || lifecycle::RULES.iter().map(|rule| rule.id).chain(own);
        let mut wrong = String::new();
        for listed in &self.entries {
            for pattern in listed.entry.rule.each() {
                if !known().any(|rule| fits(pattern, rule)) {
                    // Writing to a String cannot fail.
                    let _ = writeln!(wrong, "{}: no rule fits `{pattern}`", self.place(listed));
                }
            }
        }
        told(
            wrong,
            "the report `json` names them, `ringcheck explain` says what one means, and `scenario` is a demand of the scenario",
        )
    }

    fn check_reruns(&self) -> Result<(), String> {
        let mut wrong = String::new();
        for listed in &self.entries {
            let Some(reruns) = listed.entry.reruns else {
                continue;
            };
            let place = self.place(listed);
            // Writing to a String cannot fail.
            if listed.entry.flaky.is_none() {
                let _ = writeln!(wrong, "{place}: `reruns` is of use with `flaky` alone");
            } else if !(1..=RERUNS_MAX).contains(&reruns) {
                let _ = writeln!(
                    wrong,
                    "{place}: `reruns: {reruns}` is not from 1 to {RERUNS_MAX}"
                );
            }
        }
        told(
            wrong,
            "`flaky: 20%` with `reruns: 10` plays what failed ten times more",
        )
    }

    /// How often a case that failed is to be played again to see how often it fails: by listed rules alone, some of which are
    /// listed as flaky. `None` where that would change nothing.
    pub fn reruns(&self, case: &Case) -> Option<usize> {
        if case.verdict != Verdict::Failed || case.flaky.is_some() {
            return None;
        }
        let mut reruns = None;
        for violation in &case.violations {
            let mut fitting = self.entries.iter().filter(|listed| {
                !listed.is_expired
                    && listed.entry.fits(&case.file, &case.name)
                    && listed.entry.rule.fit(&violation.rule)
            });
            let entry = &fitting.next()?.entry;
            if entry.flaky.is_some() {
                reruns = reruns.max(Some(entry.reruns.unwrap_or(RERUNS)));
            }
        }
        reruns
    }

    /// Whether every pattern fits one of the scenarios.
    ///
    /// # Errors
    /// The patterns that fit none, with their lines.
    pub fn check<S: AsRef<Scenario>>(&self, scenarios: &[S]) -> Result<(), String> {
        let mut wrong = String::new();
        for listed in &self.entries {
            for pattern in listed.entry.case.each() {
                let is_met = scenarios.iter().map(AsRef::as_ref).any(|one| {
                    fits(pattern, &one.file.to_string_lossy()) || fits(pattern, &one.name)
                });
                if !is_met {
                    let place = self.place(listed);
                    let _ = writeln!(wrong, "{place}: `{pattern}` fits no scenario");
                }
            }
        }
        told(
            wrong,
            "mend the pattern, or take the entry out; `ringcheck list` shows the scenarios",
        )
    }

    fn place(&self, listed: &Listed) -> String {
        format!("{}:{}", self.path.display(), listed.line)
    }

    /// Makes a failure known that failed as listed, by nothing but listed rules, and notes what did not fail as listed.
    pub fn weigh(&mut self, case: &mut Case) {
        let rules: BTreeSet<&str> = case.violations.iter().map(|it| it.rule.as_str()).collect();
        let mut open = rules.clone();
        let mut excuse = None;
        for listed in &mut self.entries {
            let entry = &listed.entry;
            if !entry.fits(&case.file, &case.name) {
                continue;
            }
            match case.verdict {
                Verdict::Failed if rules.iter().any(|rule| entry.rule.fit(rule)) => {
                    if !listed.is_expired && entry.allows(case.flaky) {
                        open.retain(|rule| !entry.rule.fit(rule));
                        excuse.get_or_insert_with(|| Known {
                            reason: entry.reason.clone(),
                            link: entry.link.clone(),
                        });
                    }
                }
                // What fails now and then may pass.
                Verdict::Passed | Verdict::Failed if entry.flaky.is_some() => {}
                Verdict::Passed | Verdict::Failed => listed.passed.push(case.name.clone()),
                // What was not seen whole says nothing about the entry.
                Verdict::Known | Verdict::Inconclusive | Verdict::Error => {}
            }
        }
        if open.is_empty() && excuse.is_some() {
            case.verdict = Verdict::Known;
            case.known = excuse;
        }
    }

    /// What is listed and did not fail as listed, a line each.
    pub fn stale(&self) -> Vec<String> {
        let entries = self.entries.iter();
        let stale = entries.flat_map(|listed| {
            let place = self.place(listed);
            let rules = listed.entry.rule.each().join(", ");
            (listed.passed.iter())
                .map(move |name| format!("{place}: `{name}` does not fail by {rules} any more"))
        });
        stale.collect()
    }

    /// What has expired, a line each.
    pub fn expired(&self) -> Vec<String> {
        let expired = self.entries.iter().filter(|listed| listed.is_expired);
        let told = expired.map(|listed| {
            let last = listed.entry.expires.map(|day| day.to_string());
            let (place, last) = (self.place(listed), last.unwrap_or_default());
            format!("{place}: expired after {last}, so what it lists counts as failed")
        });
        told.collect()
    }

    /// The smallest list under which everything that failed in a run is known: entries that still hold are kept as they are,
    /// stale and expired ones are left out, and failures that none covers come in groups that break the same rules.
    ///
    /// # Errors
    /// None is known.
    pub fn updated(mut self, run: &Summary) -> Result<String, String> {
        let mut cases: Vec<Case> = run.scenarios.clone();
        for case in &mut cases {
            if case.verdict == Verdict::Known {
                case.verdict = Verdict::Failed;
            }
            self.weigh(case);
        }
        let failed = |case: &&Case| matches!(case.verdict, Verdict::Failed | Verdict::Known);
        let kept = self.entries.into_iter().filter(|listed| {
            let holds = |case: &Case| {
                listed.entry.fits(&case.file, &case.name)
                    && case
                        .violations
                        .iter()
                        .any(|it| listed.entry.rule.fit(&it.rule))
            };
            let is_met = cases.iter().filter(failed).any(holds);
            let is_met = is_met || listed.entry.flaky.is_some();
            is_met && !listed.is_expired && listed.passed.is_empty()
        });
        let mut entries: Vec<Entry> = kept.map(|listed| listed.entry).collect();
        let mut groups: BTreeMap<BTreeSet<String>, BTreeSet<String>> = BTreeMap::new();
        for case in cases.iter().filter(failed) {
            let listed = (entries.iter())
                .filter(|it| it.fits(&case.file, &case.name) && it.allows(case.flaky));
            let listed: Vec<&Entry> = listed.collect();
            let rules = case.violations.iter().map(|it| it.rule.clone());
            let open: BTreeSet<String> = rules
                .filter(|rule| !listed.iter().any(|entry| entry.rule.fit(rule)))
                .collect();
            if !open.is_empty() {
                // A file whose other cases do not fail is not the pattern.
                let alone = run
                    .scenarios
                    .iter()
                    .filter(|it| it.file == case.file)
                    .count()
                    == 1;
                let pattern = if alone { &case.file } else { &case.name };
                groups.entry(open).or_default().insert(pattern.clone());
            }
        }
        let day = run.started.split('T').next().unwrap_or_default();
        entries.extend(groups.into_iter().map(|(rules, cases)| Entry {
            case: Words::of(cases),
            rule: Words::of(rules),
            reason: format!("failed on {day}"),
            link: None,
            expires: None,
            flaky: None,
            reruns: None,
        }));
        yaml::to_string(&entries).map_err(|error| error.to_string())
    }
}

/// An error of these lines with a hint, unless there are none.
fn told(lines: String, hint: &str) -> Result<(), String> {
    if lines.is_empty() {
        Ok(())
    } else {
        Err(format!("{}\nhint: {hint}", lines.trim_end()))
    }
}
