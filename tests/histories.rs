//! Histories that are recorded, judged again, and damaged.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use serde_json::Value;

use crate::support::{ringcheck, run, scratch, stderr, stdout};

/// The example of the format's page.
fn example() -> String {
    let page = fs::read_to_string("src/history/FORMAT.md").unwrap();
    let (_, rest) = page.split_once("```jsonl\n").unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

#[test]
fn what_a_run_records_is_judged_again_to_the_same() {
    let file = scratch("recorded").join("run.jsonl");
    let file = file.to_str().unwrap();
    let played = run(&["run", "scenarios/04-accept", "--history", file]);
    assert_eq!(played.status.code(), Some(0), "{}", stderr(&played));
    let judged = run(&["verify", file, "--report", "json=-"]);
    assert_eq!(judged.status.code(), Some(0), "{}", stderr(&judged));
    let report: Value = serde_json::from_str(&stdout(&judged)).unwrap();
    assert_eq!(report["schema"], "ringcheck.verify/1");
    let sections = report["sections"].as_array().unwrap();
    let scenarios = fs::read_dir("scenarios/04-accept").unwrap().count();
    assert_eq!(sections.len(), scenarios);
    assert!(
        sections
            .iter()
            .all(|section| section["findings"] == serde_json::json!([]))
    );
}

#[test]
fn a_violation_is_found_at_its_line() {
    let text = example().replace(
        "\"localInvitationAccepted\",\"invitation\":\"c-1\",\"response\":\"On my way\"",
        "\"localInvitationAccepted\",\"invitation\":\"c-1\",\"response\":\"Not today\"",
    );
    let file = scratch("wrong-response").join("calls.jsonl");
    fs::write(&file, text).unwrap();
    let judged = run(&["verify", file.to_str().unwrap()]);
    assert_eq!(judged.status.code(), Some(1));
    let told = stderr(&judged);
    for part in [
        "calls.jsonl:12\n",
        "ACC-1",
        "\"On my way\"",
        "\"Not today\"",
        "► ",
        "1 violations",
    ] {
        assert!(told.contains(part), "`{part}` is missing in:\n{told}");
    }
}

#[test]
fn a_history_comes_from_standard_input_as_well() {
    let mut child = ringcheck(&["verify", "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(example().as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("12 events of 1 invitations"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_damaged_history_ends_with_2_and_an_open_one_with_3() {
    let folder = scratch("damaged");
    let verify = |name: &str, text: &str| {
        let file = folder.join(name);
        fs::write(&file, text).unwrap();
        run(&["verify", file.to_str().unwrap()])
    };
    let cut = verify("cut.jsonl", example().rsplit_once("{\"end_us\"").unwrap().0);
    assert_eq!(cut.status.code(), Some(2));
    assert!(
        stderr(&cut).contains("cut.jsonl` is damaged: line 13"),
        "{}",
        stderr(&cut)
    );
    // What stands before the damage is judged, and told.
    let wrong = example().replacen(
        "\"response\":\"On my way\"",
        "\"response\":\"Not today\"",
        1,
    );
    let wrong = verify("wrong.jsonl", wrong.rsplit_once("{\"end_us\"").unwrap().0);
    assert_eq!(wrong.status.code(), Some(2));
    for part in ["ACC-1", "1 violations", "wrong.jsonl` is damaged: line 13"] {
        assert!(stderr(&wrong).contains(part), "{part}: {}", stderr(&wrong));
    }
    let open: Vec<String> = example().lines().take(7).map(str::to_owned).collect();
    let open = open
        .join("\n")
        .replace("\"order\"", "\"trailer\":false,\"order\"");
    assert_eq!(verify("open.jsonl", &open).status.code(), Some(3));
    let empty = "{\"ringcheck\":\"history/1\"}\n{\"events\":0}\n";
    assert_eq!(verify("empty.jsonl", empty).status.code(), Some(3));
    assert_eq!(run(&["verify", "no/such/file"]).status.code(), Some(2));
    assert_eq!(run(&["verify"]).status.code(), Some(2));
}
