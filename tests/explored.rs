//! Random worlds in simulated time: nothing is wrong in them, everything is reached, and each is always the same.

use serde_json::Value;

use crate::support::{run, scratch, stderr};

/// A scenario, where any will do.
const ONE: &str = "scenarios/04-accept/accept.yaml";

/// Explores and reads the report.
fn explored(more: &[&str]) -> (Option<i32>, Value, String) {
    let output = run(&[&["explore", "--report", "json=-"], more].concat());
    let report = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output.status.code(), report, stderr(&output))
}

/// A report without what is never the same.
fn timeless(mut report: Value) -> Value {
    report["seconds"] = Value::Null;
    report
}

#[test]
fn some_hundred_seeds_reach_every_goal_and_break_nothing() {
    let (code, report, told) = explored(&["--seeds", "700"]);
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(report["schema"], "ringcheck.explore/1");
    assert_eq!(
        (&report["seeds"], &report["violations"]),
        (&700.into(), &0.into())
    );
    assert!(report["invitations"].as_u64() > Some(3_000));
    assert!(report["faults_injected"].as_u64() > Some(3_000));
    let goals = report["goals"].as_array().unwrap();
    assert!(goals.len() > 100);
    assert!(goals.iter().all(|goal| goal["reached"].as_u64() > Some(0)));
}

#[test]
fn a_run_that_explored_next_to_nothing_is_not_green() {
    let (code, _, told) = explored(&["--seeds", "1"]);
    assert_eq!(code, Some(3));
    assert!(told.contains("never reached: "), "{told}");
}

#[test]
fn whatever_the_threads_the_seeds_come_to_the_same() {
    let seeds = ["--seeds", "60", "--seed", "900"];
    let (_, one, _) = explored(&[&seeds[..], &["--jobs", "1"]].concat());
    let (_, three, _) = explored(&[&seeds[..], &["--jobs", "3"]].concat());
    assert_eq!(timeless(one), timeless(three));
}

#[test]
fn it_stops_at_the_first_violation_unless_it_is_to_keep_going() {
    let fault = ["--seeds", "60", "--fault", "refuse-untold"];
    let (code, first, told) = explored(&fault);
    assert_eq!(code, Some(1));
    assert_eq!(first["violations"], 1);
    let seed = first["findings"][0]["seed"].as_u64().unwrap();
    assert_eq!(first["seeds"], seed, "it begins with seed 1");
    let again = format!("ringcheck explore --seed {seed} --seeds 1 --fault refuse-untold");
    assert!(told.contains(&again), "{told}");

    let (code, all, _) = explored(&[&fault[..], &["--keep-going"]].concat());
    assert_eq!((code, &all["seeds"]), (Some(1), &60.into()));
    assert!(all["violations"].as_u64() > Some(1));
    assert_eq!(all["findings"][0], first["findings"][0]);
}

#[test]
fn the_same_seed_gives_the_same_history_bytes() {
    let folder = scratch("explored");
    let history = |name: &str| {
        let out = folder.join(name);
        let out = out.to_str().unwrap();
        let fault = ["--seeds", "60", "--fault", "refuse-untold", "--out", out];
        let (_, report, _) = explored(&fault);
        let seed = &report["findings"][0]["seed"];
        std::fs::read(folder.join(name).join(format!("seed-{seed}.jsonl"))).unwrap()
    };
    let first = history("first");
    assert!(first.len() > 1_000);
    assert!(first == history("second"), "two runs of one seed differ");
}

#[test]
fn what_goes_wrong_is_thinned_out_to_a_scenario_of_ten_steps_at_most() {
    let folder = scratch("thinned");
    let out = folder.to_str().unwrap();
    for fault in [
        "ring-dropped",
        "accept-untold",
        "accept-response-lost",
        "refuse-untold",
        "cancel-untold",
        "expiry-untold",
    ] {
        let (code, report, told) = explored(&["--seeds", "200", "--fault", fault, "--out", out]);
        assert_eq!(code, Some(1), "{fault}: {told}");
        let seed = &report["findings"][0]["seed"];
        let file = folder.join(format!("seed-{seed}.yaml"));
        let text = std::fs::read_to_string(&file).unwrap();
        let steps = text.lines().filter(|line| line.starts_with("  - ")).count();
        assert!((3..=10).contains(&steps), "{fault}:\n{text}");

        let file = file.to_str().unwrap();
        let again = format!("ringcheck run {file} --target sim --fault {fault} --seed {seed}");
        assert!(told.contains(&again), "{fault}: {told}\n{text}");
        let output = run(&["run", file, "--target", "sim", "--fault", fault]);
        assert_eq!(
            output.status.code(),
            Some(1),
            "{fault}: {}",
            stderr(&output)
        );
        let output = run(&["run", file, "--target", "sim"]);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{fault}: {}\n{text}",
            stderr(&output)
        );
    }
}

#[test]
fn a_deviation_of_clients_is_refused_where_the_clients_are_simulated() {
    for command in [
        &["run", ONE, "--target", "sim", "--fault", "ring-twice"][..],
        // At both edges, of which one alone shows nothing.
        &["run", ONE, "--target", "sim", "--fault", "writing-goes-out"],
        &["explore", "--seeds", "1", "--fault", "ring-twice"],
    ] {
        let output = run(command);
        let told = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{command:?}: {told}");
        let name = command.last().unwrap();
        let hint = format!("hint: play it with `ringcheck selftest --fault {name}`");
        assert!(
            told.contains("deviation of clients") && told.contains(&hint),
            "{told}"
        );
    }
}

#[test]
fn a_deviation_is_refused_where_nothing_is_simulated() {
    for target in ["embedded", "ws://127.0.0.1:9"] {
        let output = run(&["run", ONE, "--target", target, "--fault", "cancel-lost"]);
        let told = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains("add `--target sim`"), "{told}");
    }
}
