//! The kill matrix for people: which rules broke under which deviation.

use std::fmt::Write as _;

use super::report::Selftest;

/// The matrix, a line a deviation: its requirement, whether the right rule broke, and every rule that broke with the
/// number of scenarios in which it did.
pub fn matrix(selftest: &Selftest) -> String {
    let width = |name: &str| name.len();
    let longest = selftest
        .faults
        .matrix
        .iter()
        .map(|row| width(row.name))
        .max();
    let longest = longest.unwrap_or(0);
    let mut text = String::new();
    for row in &selftest.faults.matrix {
        let rules: Vec<String> = row
            .rules
            .iter()
            .map(|(rule, count)| format!("{rule}×{count}"))
            .collect();
        let right = if row.right { "right" } else { "WRONG" };
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{:<longest$}  {:<7}  {right}  {}",
            row.name,
            row.requirement,
            rules.join(" ")
        );
    }
    for row in &selftest.history_mutants.operators {
        let rules: Vec<String> = row
            .rules
            .iter()
            .map(|(rule, count)| format!("{rule}×{count}"))
            .collect();
        let (found, wrong) = (row.killed, row.total - row.equivalent);
        let _ = writeln!(
            text,
            "{:<longest$}  {found} of {wrong} mutants: {}",
            row.name,
            rules.join(" ")
        );
    }
    text
}

/// More than that nobody reads; the report for machines has them all.
const SURVIVORS_MAX: usize = 20;

/// The last lines: what is proved, and what is not.
pub fn closing(selftest: &Selftest) -> String {
    let mut text = String::new();
    let faults = &selftest.faults;
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "{} faults: {} killed, {} by the right rule",
        faults.total, faults.killed, faults.killed_by_right_rule
    );
    let mutants = &selftest.history_mutants;
    let equivalent: usize = mutants.equivalent.iter().map(|same| same.mutants).sum();
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "{} mutants of {} histories: {} killed, {} by the right rule; {equivalent} equivalent",
        mutants.total, mutants.histories, mutants.killed, mutants.killed_by_right_rule
    );
    for same in &mutants.equivalent {
        let _ = writeln!(text, "  {:>5} equivalent: {}", same.mutants, same.proof);
    }
    for survivor in mutants.survivors.iter().take(SURVIVORS_MAX) {
        let _ = writeln!(
            text,
            "  {}: {} of {}\n    {}",
            survivor.mistake, survivor.operator, survivor.mutant, survivor.message
        );
    }
    if let Some(more) = mutants.survivors.len().checked_sub(SURVIVORS_MAX + 1) {
        let _ = writeln!(text, "  and {} more", more + 1);
    }
    for null in &selftest.null_servers {
        let _ = writeln!(
            text,
            "null server {}: {} of {} scenarios passed",
            null.name, null.scenarios_passed, null.scenarios
        );
        for file in &null.passed {
            let _ = writeln!(text, "  passed, and must not: {file}");
        }
    }
    let never: Vec<&str> = selftest
        .rules
        .iter()
        .filter(|rule| rule.armed == 0)
        .map(|rule| rule.id)
        .collect();
    let armed = selftest.rules.len() - never.len();
    let _ = write!(text, "{armed} of {} rules armed", selftest.rules.len());
    if !never.is_empty() {
        let _ = write!(text, "; not: {}", never.join(", "));
    }
    let _ = writeln!(text);
    text
}
