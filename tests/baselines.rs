//! Lists of known failures: what is tolerated, what is stale, and what is wrong with a list.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::support::{run, scratch, stderr, stdout};

/// A run in which two planted scenarios fail by `scenario`, and others pass, under a list.
fn under(list: &Path, more: &[&str]) -> Output {
    let list = list.to_str().unwrap();
    let arguments = [
        "run",
        "tests/planted",
        "scenarios/05-refuse",
        "--target",
        "sim",
    ];
    run(&[&arguments[..], &["--seed", "1", "--baseline", list], more].concat())
}

fn list(name: &str, text: &str) -> PathBuf {
    let file = scratch(name).join("known.yaml");
    fs::write(&file, text).unwrap();
    file
}

#[test]
fn what_fails_as_listed_is_known_and_ends_with_0() {
    let text = "
- case: tests/planted/wrong-ending.yaml
  rule: scenario
  reason: It is planted
  link: https://example.org/1
  expires: 2999-12-31
- { case: 'A planted failure*', rule: scenario, reason: So is this }
";
    let output = under(&list("known", text), &["--report", "json=-"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let json: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(json["counts"]["known"], 2);
    assert_eq!(json["counts"]["failed"], 0);
    assert!(stdout(&output).contains("\"reason\": \"It is planted\""));
    assert!(!stderr(&output).contains("stale"), "{}", stderr(&output));
}

#[test]
fn a_failure_by_another_rule_is_not_excused() {
    let text = "- { case: 'tests/planted/*', rule: L18, reason: The wrong one }\n";
    let output = under(&list("other-rule", text), &[]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("2 failed"), "{}", stderr(&output));
    assert!(stderr(&output).contains("does not fail by L18 any more"));
}

#[test]
fn what_is_listed_and_passes_ends_with_6_and_the_line_of_the_list() {
    let text = "
- { case: 'tests/planted/*', rule: scenario, reason: Planted }

- { case: 'scenarios/05-refuse/*', rule: scenario, reason: It was broken once }
";
    let output = under(&list("stale", text), &["--only", "REF-1"]);
    assert_eq!(output.status.code(), Some(6), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("known.yaml:4: `"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn an_expired_entry_excuses_nothing() {
    let text =
        "- { case: 'tests/planted/*', rule: scenario, reason: Planted, expires: 2020-01-31 }\n";
    let output = under(&list("expired", text), &[]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("known.yaml:1: expired after 2020-01-31"));
}

#[test]
fn a_list_that_is_wrong_ends_with_2_before_anything_is_played() {
    for (text, told) in [
        (
            "- { case: no/such/*, rule: scenario, reason: x }",
            "known.yaml:1: `no/such/*` fits no scenario",
        ),
        (
            "- { case: '*', rule: L99, reason: x }",
            "known.yaml:1: no rule fits `L99`",
        ),
        ("- { case: '*', rule: scenario }", "reason"),
        (
            "- { case: '*', rule: scenario, reason: x, expiry: 1 }",
            "expiry",
        ),
        (
            "- { case: '*', rule: scenario, reason: x, expires: soon }",
            "known.yaml",
        ),
        ("- [", "known.yaml"),
    ] {
        let output = under(&list("wrong-list", text), &[]);
        assert_eq!(output.status.code(), Some(2), "{text}: {}", stderr(&output));
        assert!(
            stderr(&output).contains(told),
            "{text}: {}",
            stderr(&output)
        );
        assert!(stderr(&output).contains("hint: "), "{text}");
        assert!(!stderr(&output).contains("playing "), "{text}");
    }
}

#[test]
fn an_updated_list_makes_all_failures_known_and_keeps_what_still_holds() {
    let text = "
- { case: tests/planted/wrong-ending.yaml, rule: scenario, reason: Planted by us }
- { case: 'scenarios/05-refuse/*', rule: scenario, reason: It was broken once }
";
    let file = list("updated", text);
    let recorded = file.with_file_name("run.jsonl");
    let report = format!("jsonl={}", recorded.display());
    assert_eq!(under(&file, &["--report", &report]).status.code(), Some(1));
    let update = || {
        run(&[
            "baseline",
            "update",
            file.to_str().unwrap(),
            recorded.to_str().unwrap(),
        ])
    };
    assert_eq!(update().status.code(), Some(0));
    let written = fs::read_to_string(&file).unwrap();
    assert!(written.contains("Planted by us"), "{written}");
    assert!(!written.contains("broken once"), "{written}");
    assert_eq!(written.matches("case:").count(), 2, "{written}");
    let output = under(&file, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    update();
    assert_eq!(
        fs::read_to_string(&file).unwrap(),
        written,
        "it is the smallest"
    );
}

/// The scenario that fails now and then, in simulated time, under a list.
fn now_and_then(list: &Path, seed: &str) -> Output {
    let list = list.to_str().unwrap();
    let file = "tests/flaky/now-and-then.yaml";
    let usual = ["run", file, "--target", "sim", "--seed", seed];
    run(&[&usual[..], &["--report", "json=-", "--baseline", list]].concat())
}

/// How it ended under a seed with which it fails, and under one with which it passes.
fn both_ways(list: &Path) -> (Output, Output) {
    (now_and_then(list, "1"), now_and_then(list, "2"))
}

#[test]
fn what_is_flaky_may_fail_up_to_its_rate_and_may_pass() {
    let text =
        "- { case: tests/flaky/*, rule: scenario, reason: They cross, flaky: 90%, reruns: 20 }\n";
    let (fails, passes) = both_ways(&list("flaky", text));
    assert_eq!(fails.status.code(), Some(0), "{}", stderr(&fails));
    let json: serde_json::Value = serde_json::from_str(&stdout(&fails)).unwrap();
    let case = &json["scenarios"][0];
    assert_eq!(case["verdict"], "known");
    assert_eq!(case["flaky"]["played"], 21);
    let failed = case["flaky"]["failed"].as_u64().unwrap();
    assert!((2..20).contains(&failed), "{failed}");
    assert_eq!(passes.status.code(), Some(0), "{}", stderr(&passes));
    assert!(!stderr(&passes).contains("stale"), "{}", stderr(&passes));
}

#[test]
fn what_fails_more_often_than_its_rate_is_a_failure() {
    let text = "- { case: tests/flaky/*, rule: scenario, reason: They cross, flaky: 1% }\n";
    let (fails, passes) = both_ways(&list("too-flaky", text));
    assert_eq!(fails.status.code(), Some(1), "{}", stderr(&fails));
    let told = stderr(&fails);
    assert!(told.contains("of 11 times that it was played"), "{told}");
    assert_eq!(passes.status.code(), Some(0), "{}", stderr(&passes));
}

#[test]
fn a_flaky_entry_excuses_its_rule_alone_and_plays_nothing_else_again() {
    let text = "- { case: tests/flaky/*, rule: L18, reason: The wrong one, flaky: 99% }\n";
    let (fails, _) = both_ways(&list("flaky-other-rule", text));
    assert_eq!(fails.status.code(), Some(1), "{}", stderr(&fails));
    assert!(!stderr(&fails).contains("times that it was played"));
}

#[test]
fn a_flaky_entry_that_is_wrong_is_told() {
    for (more, told) in [
        (
            "flaky: 0.2",
            "`0.2` is no share of plays; write `flaky: 20%`",
        ),
        ("flaky: 100%", "`100%` is no share of plays"),
        (
            "reruns: 5",
            "known.yaml:1: `reruns` is of use with `flaky` alone",
        ),
        (
            "flaky: 5%, reruns: 0",
            "known.yaml:1: `reruns: 0` is not from 1 to 1000",
        ),
    ] {
        let text = format!("- {{ case: tests/flaky/*, rule: scenario, reason: x, {more} }}\n");
        let output = now_and_then(&list("wrong-flaky", &text), "1");
        assert_eq!(output.status.code(), Some(2), "{more}: {}", stderr(&output));
        assert!(stderr(&output).contains(told), "{}", stderr(&output));
        assert!(stderr(&output).contains("hint: "), "{}", stderr(&output));
    }
}

#[test]
fn over_real_sockets_a_flaky_scenario_is_played_again_as_well() {
    // What always fails is flaky up to no rate below 100 %. On a busy machine some of it may be left open.
    let text = "- { case: 'A planted failure, so *', rule: scenario, reason: Planted, flaky: 99%, reruns: 3 }\n";
    let list = list("flaky-sockets", text);
    let planted = "tests/planted/wrong-response.yaml";
    let output = run(&["run", planted, "--baseline", list.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("flaky: it failed "),
        "{}",
        stderr(&output)
    );
}

#[test]
fn an_update_keeps_what_is_flaky() {
    let text =
        "- { case: tests/flaky/*, rule: scenario, reason: They cross, flaky: 90%, reruns: 20 }\n";
    let file = list("flaky-updated", text);
    let recorded = file.with_file_name("run.json");
    for seed in ["1", "2"] {
        fs::write(&recorded, now_and_then(&file, seed).stdout).unwrap();
        let paths = [file.to_str().unwrap(), recorded.to_str().unwrap()];
        assert!(
            run(&["baseline", "update", paths[0], paths[1]])
                .status
                .success()
        );
        let written = fs::read_to_string(&file).unwrap();
        assert_eq!(written.matches("case:").count(), 1, "{written}");
        assert!(
            written.contains("flaky: 90%") && written.contains("reruns: 20"),
            "{written}"
        );
    }
}
