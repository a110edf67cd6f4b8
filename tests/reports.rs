//! The report for machines.

use std::fs;
use std::process::Stdio;

use serde_json::Value;

use crate::support::{ringcheck, run, scratch, stderr, stdout};

#[test]
fn the_json_report_has_the_fields_of_its_schema() {
    let file = scratch("json-report").join("run.json");
    let report = format!("json={}", file.display());
    let arguments = [
        "run",
        "tests/planted/wrong-response.yaml",
        "scenarios/04-accept/accept.yaml",
        "--report",
        &report,
        "--seed",
        "7",
    ];
    let output = run(&arguments);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let json: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();

    assert_eq!(json["schema"], "ringcheck.run/1");
    assert_eq!(json["target"], "embedded");
    assert_eq!(json["seed"], 7);
    let scenarios = json["scenarios"].as_array().unwrap();
    assert_eq!(json["counts"]["failed"], 1);
    assert_eq!(json["counts"]["passed"], scenarios.len() - 1);
    for other in ["known", "inconclusive", "error"] {
        assert_eq!(json["counts"][other], 0, "{other}");
    }
    let covered = json["requirements"]["covered"].as_array().unwrap();
    let not_exercised = json["requirements"]["not_exercised"].as_array().unwrap();
    assert!(covered.contains(&Value::from("ACC-2")));
    assert!(not_exercised.contains(&Value::from("LIM-5")));

    let failed = scenarios
        .iter()
        .find(|one| one["verdict"] == "failed")
        .unwrap();
    assert_eq!(failed["file"], "tests/planted/wrong-response.yaml");
    assert_eq!(failed["covers"], serde_json::json!(["ACC-1"]));
    assert!(failed["duration_ms"].is_u64());
    let violation = &failed["violations"][0];
    assert_eq!(violation["rule"], "scenario");
    assert_eq!(violation["requirement"], "ACC-1");
    assert_eq!(violation["line"], 12);
    assert!(violation["message"].as_str().unwrap().contains("On my way"));
}

#[test]
fn a_report_to_standard_output_is_nothing_but_json() {
    let output = run(&["run", "scenarios/05-refuse", "--report", "json=-"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let json: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(json["counts"]["failed"], 0);
}

#[test]
fn a_report_that_cannot_be_written_says_so_and_ends_with_2() {
    let output = run(&[
        "run",
        "scenarios/05-refuse",
        "--report",
        "json=no/such/folder/run.json",
    ]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("no/such/folder/run.json"),
        "{}",
        stderr(&output)
    );
    assert!(
        stderr(&output).contains(" passed"),
        "what was found is told all the same"
    );
}

#[test]
#[cfg(target_os = "linux")]
fn a_report_that_standard_output_does_not_take_ends_with_2() {
    let full = fs::File::create("/dev/full").unwrap();
    let mut command = ringcheck(&["run", "scenarios/05-refuse", "--report", "json=-"]);
    let status = command.stdout(full).stderr(Stdio::null()).status().unwrap();
    assert_eq!(status.code(), Some(2));
}
