//! Proof that the judge and the library cannot be fooled, by the command itself.

use ringcheck_reference::fault::Fault;
use serde_json::Value;

use crate::support::{beside_another, run, stderr, stdout, valid};

#[test]
fn every_fault_and_mutant_is_killed_by_the_right_rule_and_nothing_passes_on_null_servers() {
    let _seat = beside_another();
    let output = valid(&["selftest", "--report", "json=-"]);
    let told = stderr(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    let report: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(report["schema"], "ringcheck.selftest/1");
    let faults = &report["faults"];
    assert_eq!(faults["total"], Fault::ALL.len());
    assert_eq!(faults["killed_by_right_rule"], faults["total"]);
    let mutants = &report["history_mutants"];
    assert!(mutants["total"].as_u64().unwrap() >= 2_000);
    let equivalent = mutants["equivalent"].as_array().unwrap().iter();
    let equivalent: u64 = equivalent
        .map(|same| same["mutants"].as_u64().unwrap())
        .sum();
    assert_eq!(
        mutants["killed"].as_u64().unwrap() + equivalent,
        mutants["total"].as_u64().unwrap()
    );
    // What was recorded differs from run to run, so a mutant in a thousand may be explained by a neighbouring rule first.
    let (right, killed) = (&mutants["killed_by_right_rule"], &mutants["killed"]);
    assert!(
        right.as_u64().unwrap() * 1_000 >= killed.as_u64().unwrap() * 999,
        "{}",
        mutants["survivors"]
    );
    let nulls = report["null_servers"].as_array().unwrap();
    assert!(nulls.len() >= 8);
    for null in nulls {
        assert_eq!(null["scenarios_passed"], 0, "{null}");
        assert!(null["scenarios"].as_u64().unwrap() >= 150, "{null}");
    }
    let rules = report["rules"].as_array().unwrap();
    assert_eq!(rules.len(), ringcheck::lifecycle::RULES.len());
    assert!(rules.iter().all(|rule| rule["armed"].as_u64() > Some(0)));
}

#[test]
fn one_fault_can_be_looked_at() {
    let output = run(&["selftest", "--fault", "cancel-lost"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains("CAN-3"), "{}", stderr(&output));
    let output = run(&["selftest", "--fault", "cancel-lots"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("`cancel-lost`"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_deviating_server_says_so() {
    let output = run(&["serve", "--fault", "ring-twice"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("deviation of clients"),
        "{}",
        stderr(&output)
    );
}
