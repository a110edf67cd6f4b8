//! What changed between two recorded runs, and between two floods.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{Running, beside_another, run, scratch, stderr, stdout};

/// Plays in simulated time, and records.
fn recorded(file: &Path, more: &[&str]) -> PathBuf {
    let report = format!("jsonl={}", file.display());
    let usual = ["run", "--target", "sim", "--seed", "1", "--report", &report];
    let output = run(&[&usual[..], more].concat());
    assert!(
        matches!(output.status.code(), Some(0 | 1)),
        "{}",
        stderr(&output)
    );
    file.to_owned()
}

#[test]
fn a_run_that_broke_something_is_told_and_ends_with_1() {
    let folder = scratch("diff-runs");
    let cancel = ["scenarios/03-cancel", "tests/planted/wrong-ending.yaml"];
    let before = recorded(&folder.join("before.jsonl"), &cancel);
    let faulty = [&cancel[..], &["--fault", "cancel-lost"]].concat();
    let after = recorded(&folder.join("after.jsonl"), &faulty);
    let (before, after) = (before.to_str().unwrap(), after.to_str().unwrap());

    let same = run(&["diff", before, before]);
    assert_eq!(same.status.code(), Some(0), "{}", stdout(&same));
    assert!(stdout(&same).ends_with("0 worse, 0 better, 0 slower, 0 faster, 0 other\n"));

    let worse = run(&["diff", before, after]);
    assert_eq!(worse.status.code(), Some(1), "{}", stdout(&worse));
    assert!(
        stdout(&worse).contains("passed before, failed by "),
        "{}",
        stdout(&worse)
    );
    assert!(
        !stdout(&worse).contains("planted"),
        "it fails as before: {}",
        stdout(&worse)
    );

    let better = run(&["diff", after, before, "--report", "json=-"]);
    assert_eq!(better.status.code(), Some(0), "{}", stdout(&better));
    let json: Value = serde_json::from_str(&stdout(&better)).unwrap();
    assert_eq!(json["schema"], "ringcheck.diff/1");
    assert_eq!(json["changes"][0]["kind"], "better");
}

#[test]
fn several_runs_a_side_are_read_as_one() {
    let folder = scratch("diff-several");
    let one = ["scenarios/05-refuse"];
    let first = recorded(&folder.join("1.jsonl"), &one);
    let second = recorded(&folder.join("2.jsonl"), &one);
    let (first, second) = (first.to_str().unwrap(), second.to_str().unwrap());
    let output = run(&["diff", first, second, "--before", second, "--after", first]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert!(
        stdout(&output).contains("2 runs before and 2 runs after"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn two_floods_are_compared_second_by_second() {
    let _seat = beside_another();
    let folder = scratch("diff-floods");
    let (_server, url) = Running::server(&[]);
    let quick = folder.join("quick.json").to_str().unwrap().to_owned();
    let report = format!("json={quick}");
    let usual = [
        "flood",
        "--target",
        &url,
        "--rate",
        "40",
        "--duration",
        "5s",
    ];
    let lag = [
        "--pairs",
        "10",
        "--start-lag-max",
        "10s",
        "--report",
        &report,
    ];
    let output = run(&[&usual[..], &lag].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    // The same flood of two servers, one of which takes ten times as long to bring an answer.
    let steady = |name: &str, us: u64| -> String {
        let mut json: Value = serde_json::from_str(&fs::read_to_string(&quick).unwrap()).unwrap();
        for second in json["seconds"].as_array_mut().unwrap() {
            let answer = &mut second["latency_us"]["answer"];
            if answer.is_object() {
                answer["p50"] = Value::from(us);
            }
        }
        let file = folder.join(name).to_str().unwrap().to_owned();
        fs::write(&file, json.to_string()).unwrap();
        file
    };
    let (quick, slow) = (steady("steady.json", 900), steady("slow.json", 9_000));
    let output = run(&["diff", &quick, &slow]);
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
    assert!(
        stdout(&output).contains("worse   p50(answer): "),
        "{}",
        stdout(&output)
    );
    assert!(stdout(&output).contains("1 worse, 0 better, 0 slower, 0 faster, 0 other"));
    let same = run(&["diff", &quick, &quick]);
    assert_eq!(same.status.code(), Some(0), "{}", stdout(&same));

    let run_file = recorded(&folder.join("run.jsonl"), &["scenarios/05-refuse"]);
    let mixed = run(&["diff", &quick, run_file.to_str().unwrap()]);
    assert_eq!(mixed.status.code(), Some(2), "{}", stderr(&mixed));
    assert!(stderr(&mixed).contains("hint: "), "{}", stderr(&mixed));
}

#[test]
fn what_is_no_recording_ends_with_2() {
    for file in ["README.md", "no/such/file"] {
        let output = run(&["diff", file, file]);
        assert_eq!(output.status.code(), Some(2), "{file}");
        assert!(stderr(&output).contains(file), "{}", stderr(&output));
    }
}
