//! `ringcheck flood`: every call in the account and judged, whatever the target does.

mod files;
mod targets;
mod ways;

use std::time::Duration;

use serde_json::Value;

use crate::support::{Running, beside_another, ringcheck, run, scratch, signal, stderr};
use targets::Mute;

/// Runs a flood with a report: its exit code, the report, and what it told.
fn flood(name: &str, arguments: &[&str]) -> (Option<i32>, Value, String) {
    let file = scratch(name).join("flood.json");
    let report = format!("json={}", file.display());
    let output = ringcheck(&["flood", "--report", &report])
        .args(lag(arguments))
        .args(arguments)
        .output()
        .unwrap();
    (output.status.code(), read(&file), stderr(&output))
}

/// Other tests take the machine away, which says nothing about what is tested here.
fn lag(arguments: &[&str]) -> &'static [&'static str] {
    if arguments.contains(&"--start-lag-max") {
        &[]
    } else {
        &["--start-lag-max", "10s"]
    }
}

fn read(file: &std::path::Path) -> Value {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

fn number(report: &Value, field: &str) -> u64 {
    report[field]
        .as_u64()
        .unwrap_or_else(|| panic!("`{field}` is missing in {report:#}"))
}

/// The account balances.
fn balances(report: &Value) {
    let [planned, started, skipped, succeeded, failed, indeterminate] = [
        "planned",
        "started",
        "skipped",
        "succeeded",
        "failed",
        "indeterminate",
    ]
    .map(|field| number(report, field));
    assert_eq!(planned, started + skipped, "{report:#}");
    assert_eq!(started, succeeded + failed + indeterminate, "{report:#}");
}

#[test]
fn every_call_of_a_closed_flood_is_accepted_and_judged() {
    let (_server, url) = Running::server(&[]);
    let (code, report, told) = flood(
        "flood-closed",
        &[
            "--target",
            &url,
            "--pairs",
            "4",
            "--in-flight",
            "2",
            "--duration",
            "1s",
        ],
    );
    assert_eq!(code, Some(0), "{told}");
    balances(&report);
    assert_eq!(report["schema"], "ringcheck.flood/1");
    assert_eq!(report["model"], "closed");
    assert!(number(&report, "succeeded") > 8, "{report:#}");
    assert_eq!(number(&report, "violations"), 0);
    for leg in ["whole", "ring", "ringback", "answer"] {
        let p99 = report["latency_us"][leg]["p99"].as_u64();
        assert!(p99.is_some_and(|us| us > 0), "{leg}: {report:#}");
    }
    assert!(
        told.contains("closed: latencies are not those of a schedule"),
        "{told}"
    );
}

#[test]
fn every_course_comes_to_what_it_was_meant_to() {
    let (_server, url) = Running::server(&["--timer-scale", "0.02"]);
    let mix = "accept=40,refuse=20,cancel=20,expire=20";
    let (code, report, told) = flood(
        "flood-mix",
        &[
            "--target",
            &url,
            "--rate",
            "100",
            "--even",
            "--duration",
            "2s",
            "--mix",
            mix,
            "--ring",
            "uniform:0ms..50ms",
            "--patience",
            "exponential:20ms",
            "--seed",
            "5",
        ],
    );
    assert_eq!(code, Some(0), "{told}");
    balances(&report);
    assert_eq!(number(&report, "planned"), 200);
    assert_eq!(number(&report, "succeeded"), 200);
    for leg in ["answer", "refuse", "cancel", "expiry"] {
        assert!(
            report["latency_us"][leg]["count"].as_u64() > Some(10),
            "{leg}: {report:#}"
        );
    }
}

#[test]
fn the_same_seed_plans_the_same_calls() {
    let (_server, url) = Running::server(&[]);
    let plan = |name: &str, threads: &str| {
        let arguments = [
            "--target",
            &url,
            "--rate",
            "200",
            "--duration",
            "1s",
            "--seed",
            "7",
            "--threads",
            threads,
            "--mix",
            "accept=1,refuse=1",
        ];
        let (code, report, told) = flood(name, &arguments);
        assert_eq!(code, Some(0), "{told}");
        let count = |leg: &str| report["latency_us"][leg]["count"].as_u64().unwrap();
        (number(&report, "planned"), count("answer"), count("refuse"))
    };
    let one = plan("flood-seed-1", "1");
    assert_eq!(
        one,
        plan("flood-seed-2", "2"),
        "threads share the plan of one"
    );
    assert!((150..250).contains(&one.0), "{one:?}");
}

#[test]
fn a_target_that_answers_nothing_leaves_no_call_out_of_the_account() {
    let target = Mute::start();
    let (code, report, told) = flood(
        "flood-mute",
        &[
            "--target",
            &target.url(),
            "--rate",
            "100",
            "--even",
            "--duration",
            "2s",
            "--drain",
            "100ms",
            "--pairs",
            "10",
        ],
    );
    assert_eq!(code, Some(3), "{told}");
    balances(&report);
    assert_eq!(number(&report, "planned"), 200);
    assert_eq!(number(&report, "started"), 200);
    assert_eq!(number(&report, "succeeded"), 0);
    assert_eq!(number(&report, "indeterminate"), 200);
}

#[cfg(unix)]
#[test]
fn a_target_that_was_frozen_shows_in_the_percentiles() {
    let _seat = beside_another();
    let (server, url) = Running::server(&[]);
    let file = scratch("flood-frozen").join("flood.json");
    let report = format!("json={}", file.display());
    let mut flood = Running::start(&[
        "flood",
        "--start-lag-max",
        "10s",
        "--target",
        &url,
        "--rate",
        "200",
        "--duration",
        "4s",
        "--report",
        &report,
    ]);
    flood.complains("1 s: ");
    signal(server.pid(), "STOP");
    std::thread::sleep(Duration::from_millis(1400));
    signal(server.pid(), "CONT");
    assert_eq!(flood.ends().code(), Some(0));
    let report = read(&file);
    balances(&report);
    assert_eq!(number(&report, "indeterminate"), 0);
    assert_eq!(number(&report, "succeeded"), number(&report, "planned"));
    let p99 = report["latency_us"]["whole"]["p99"].as_u64().unwrap();
    assert!(p99 > 1_000_000, "{p99} µs hide a freeze of 1.4 s");
}

#[cfg(unix)]
#[test]
fn a_target_that_was_killed_ends_the_flood_with_4_and_a_whole_report() {
    let (server, url) = Running::server(&[]);
    let file = scratch("flood-killed").join("flood.json");
    let report = format!("json={}", file.display());
    let mut flood = Running::start(&[
        "flood",
        "--start-lag-max",
        "10s",
        "--target",
        &url,
        "--rate",
        "100",
        "--duration",
        "60s",
        "--report",
        &report,
        "--ring",
        "300ms",
    ]);
    flood.complains("1 s: ");
    signal(server.pid(), "KILL");
    assert_eq!(flood.ends().code(), Some(4));
    let report = read(&file);
    balances(&report);
    assert_eq!(report["ended"], "died");
    assert!(number(&report, "indeterminate") > 0, "{report:#}");
    assert!(number(&report, "succeeded") > 0, "{report:#}");
}

#[cfg(unix)]
#[test]
fn an_interrupted_flood_tells_what_was_done() {
    let (_server, url) = Running::server(&[]);
    let mut flood = Running::start(&[
        "flood",
        "--start-lag-max",
        "10s",
        "--target",
        &url,
        "--rate",
        "100",
        "--duration",
        "60s",
    ]);
    flood.complains("1 s: ");
    signal(flood.pid(), "INT");
    flood.complains("interrupted, 0 violations");
    assert_eq!(flood.ends().code(), Some(3));
}

#[test]
fn a_violation_ends_a_flood_with_1_and_is_told() {
    let (_server, url) = Running::server(&["--fault", "content-altered"]);
    let (code, report, told) = flood(
        "flood-violated",
        &[
            "--target",
            &url,
            "--rate",
            "50",
            "--even",
            "--duration",
            "1s",
        ],
    );
    assert_eq!(code, Some(1), "{told}");
    balances(&report);
    assert_eq!(number(&report, "violations"), 50);
    assert_eq!(number(&report, "failed"), 50);
    assert!(told.contains("SEND-3"), "{told}");
}

#[test]
fn a_call_that_broke_the_lifecycle_is_kept_as_history_and_as_scenario() {
    let (_server, url) = Running::server(&["--fault", "accept-response-altered"]);
    let folder = scratch("flood-kept-files");
    let keep = folder.display().to_string();
    let arguments = [
        "--target",
        &url,
        "--rate",
        "50",
        "--duration",
        "1s",
        "--keep",
        &keep,
    ];
    let (code, _, told) = flood("flood-kept", &arguments);
    assert_eq!(code, Some(1), "{told}");
    let [history, scenario] =
        ["ACC-1-1.jsonl", "ACC-1-1.yaml"].map(|name| folder.join(name).display().to_string());
    let files = std::fs::read_dir(&folder).unwrap().count();
    assert_eq!(files, 6, "three of each: {told}");
    let judged = run(&["verify", &history]);
    assert_eq!(judged.status.code(), Some(1), "{}", stderr(&judged));
    let again = run(&["run", &scenario, "--target", &url]);
    assert_eq!(again.status.code(), Some(1), "{}", stderr(&again));
    assert!(stderr(&again).contains("ACC-1"), "{}", stderr(&again));
    let (_right, url) = Running::server(&[]);
    let right = run(&["run", &scenario, "--target", &url]);
    assert_eq!(right.status.code(), Some(0), "{}", stderr(&right));
}

#[test]
fn a_missed_threshold_ends_a_flood_with_1_and_is_named_with_its_worst_second() {
    let (_server, url) = Running::server(&[]);
    let (code, report, told) = flood(
        "flood-thresholds",
        &[
            "--target",
            &url,
            "--stages",
            "500ms@20,1s@20..60",
            "--even",
            "--ring",
            "50ms",
            "--threshold",
            "p99(whole)<40ms",
            "--threshold",
            "violations==0",
        ],
    );
    assert_eq!(code, Some(1), "{told}");
    balances(&report);
    assert_eq!(number(&report, "planned"), 50);
    assert!(told.contains("missed: p99(whole)<40ms: "), "{told}");
    assert!(told.contains("; the worst was second 1: "), "{told}");
    assert!(told.contains("met: violations==0: 0"), "{told}");
    assert_eq!(report["thresholds"][0]["is_met"], false);
    assert_eq!(report["thresholds"][1]["is_met"], true);
}

#[test]
fn a_generator_that_cannot_keep_its_schedule_makes_the_run_invalid() {
    let (_server, url) = Running::server(&[]);
    let (code, report, told) = flood(
        "flood-saturated",
        &[
            "--start-lag-max",
            "1us",
            "--target",
            &url,
            "--rate",
            "300",
            "--duration",
            "1s",
        ],
    );
    assert_eq!(code, Some(5), "{told}");
    balances(&report);
    assert_eq!(report["generator"]["valid"], false);
    assert!(told.contains("the generator was saturated"), "{told}");
}

#[test]
fn what_is_passed_wrongly_ends_with_2() {
    for (arguments, why) in [
        (
            &["--rate", "10", "--in-flight", "1"][..],
            "cannot be used with",
        ),
        (&[], "required"),
        (&["--rate", "0"], "above 0"),
        (&["--rate", "10", "--mix", "answer=1"], "there are accept"),
        (&["--rate", "10", "--ring", "gauss:1s"], "no distribution"),
        (&["--rate", "10", "--duration", "0s"], "no time"),
        (&["--stages", "10s"], "TIME@RATE"),
        (
            &["--rate", "10", "--threshold", "p99(reply)<1s"],
            "ringback",
        ),
        (
            &[
                "--search",
                "10..20",
                "--threshold",
                "failed==0",
                "--baseline",
                "x",
            ],
            "'--search <FROM..TO>' cannot be used with '--baseline <FILE>'",
        ),
        (&["--rate", "10", "--target", "http://127.0.0.1:1"], "ws://"),
    ] {
        let target = ["flood", "--target", "ws://127.0.0.1:1"];
        let mut command = ringcheck(
            &target[..if arguments.contains(&"--target") {
                1
            } else {
                3
            }],
        );
        let output = command.args(arguments).output().unwrap();
        assert_eq!(
            output.status.code(),
            Some(2),
            "{arguments:?}: {}",
            stderr(&output)
        );
        assert!(
            stderr(&output).contains(why),
            "{arguments:?}: {}",
            stderr(&output)
        );
    }
}

#[test]
fn nobody_to_flood_ends_with_4() {
    let output = run(&["flood", "--target", "ws://127.0.0.1:1", "--rate", "10"]);
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
}
