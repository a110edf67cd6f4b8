//! The exit codes of the table, each reached by the real program.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use ringcheck::target::Embedded;

use crate::support::{Running, beside_another, ringcheck, run, scratch, stderr, stdout};

#[test]
fn the_guides_flows_end_with_0() {
    let output = run(&["run", "scenarios", "--only", "ACC-1"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains(" passed"), "{}", stderr(&output));
}

#[test]
fn a_wrong_expectation_ends_with_1_and_says_where_what_and_why() {
    let output = run(&["run", "tests/planted/wrong-response.yaml"]);
    assert_eq!(output.status.code(), Some(1));
    let told = stderr(&output);
    for part in [
        "tests/planted/wrong-response.yaml:12:",
        "ACC-1",
        "expected `localInvitationAccepted` at `alice` of `call` with response \"Not today\"; got \"On my way\"",
        "remoteInvitationReceived call",
        "localInvitationAccepted call",
        " ms  ",
        "1 failed",
    ] {
        assert!(told.contains(part), "`{part}` is missing in:\n{told}");
    }
}

#[test]
fn a_wrong_scenario_file_ends_with_2_and_shows_every_problem() {
    let folder = scratch("wrong-file");
    let file = folder.join("wrong.yaml");
    let text = "\
scenario: Wrong in three places
covers: [ACC-99]
users: [alice, bob]
steps:
  - alice: { create: call, callee: carol }
  - alice: { sned: call }
";
    fs::write(&file, text).unwrap();
    let output = run(&["run", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    let told = stderr(&output);
    for part in [
        "ACC-99",
        "carol",
        "sned",
        "`send`",
        "wrong.yaml:5:",
        "wrong.yaml:6:",
        "nothing was played",
    ] {
        assert!(told.contains(part), "`{part}` is missing in:\n{told}");
    }
    assert_eq!(
        run(&["lint", file.to_str().unwrap()]).status.code(),
        Some(2)
    );
}

#[test]
fn wrong_usage_ends_with_2() {
    for arguments in [
        &["run", "--no-such-flag"][..],
        &["run", "--report", "pdf=x"],
        &["run", "--report", "json"],
        &["run", "--timer-scale", "0"],
        &["run", "--jobs", "0"],
        &[
            "run",
            "--target",
            "ws://127.0.0.1:9",
            "--timer-scale",
            "0.1",
        ],
        &["run", "--target", "http://127.0.0.1:9"],
        &["run", "no/such/folder"],
        &["serve", "--expiry", "60"],
        &["serve", "--listen", "nowhere"],
        &[],
    ] {
        let output = run(arguments);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{arguments:?}: {}",
            stderr(&output)
        );
        assert!(
            !stderr(&output).is_empty(),
            "{arguments:?} must say what is wrong"
        );
        assert!(
            stdout(&output).is_empty(),
            "{arguments:?} must not write data"
        );
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_without_end_is_no_scenario() {
    let output = run(&["lint", "/dev/zero"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("S002"), "{}", stderr(&output));
}

#[test]
fn a_target_whose_clocks_nobody_can_wait_for_ends_with_4() {
    // More than `ringcheck serve` takes.
    let server = Embedded::start(2000.0).unwrap();
    let output = run(&["run", "--target", &server.url(), "--only", "FAIL-4"]);
    assert_eq!(output.status.code(), Some(4));
    assert!(
        stderr(&output).contains("longer than a day"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn nothing_selected_ends_with_3() {
    for arguments in [
        &["run", "--only", "no-such-scenario"][..],
        &["list", "--only", "no-such-scenario"],
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(3), "{arguments:?}");
        assert!(
            stderr(&output).contains("no scenario was selected"),
            "{}",
            stderr(&output)
        );
    }
    let empty = scratch("no-scenarios");
    assert_eq!(
        run(&["run", empty.to_str().unwrap()]).status.code(),
        Some(3)
    );
}

#[test]
fn nobody_there_ends_with_4_within_the_connect_timeout() {
    let output = run(&["run", "--target", "ws://127.0.0.1:9", "--only", "ACC-1"]);
    assert_eq!(output.status.code(), Some(4));
    assert!(
        stderr(&output).contains("ringcheck serve"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_target_that_dies_while_it_is_tested_ends_with_4() {
    let (server, url) = Running::server(&["--timer-scale", "0.05"]);
    let wait = ["--only", "ACC-3", "--only", "FAIL-4"];
    let mut child = ringcheck(&[&["run", "--target", &url][..], &wait].concat())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap())
        .lines()
        .map_while(Result::ok);
    assert!(
        told.next().unwrap().starts_with("playing "),
        "the target was there at first"
    );
    drop(server);
    let rest: Vec<String> = told.collect();
    assert!(
        rest.iter()
            .any(|line| line.starts_with("error: the target")),
        "{rest:#?}"
    );
    assert!(
        rest.iter()
            .any(|line| line.ends_with("were played before the target died")),
        "{rest:#?}"
    );
    assert!(
        !rest.iter().any(|line| line.starts_with("failed: ")),
        "what a dead target does says nothing: {rest:#?}"
    );
    assert_eq!(child.wait().unwrap().code(), Some(4));
}

#[test]
fn a_run_that_says_nothing_about_the_target_ends_with_5() {
    let (_server, url) = Running::server(&[]);
    // No call is begun that soon after it was due.
    let late = ["--duration", "1s", "--start-lag-max", "1ns"];
    let flood = ["flood", "--target", &url, "--rate", "20", "--pairs", "2"];
    let output = run(&[&flood[..], &late].concat());
    assert_eq!(output.status.code(), Some(5), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("the run is invalid"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_stale_list_ends_with_6() {
    let list = scratch("stale-list").join("known.yaml");
    let text = "- { case: 'scenarios/05-refuse/*', rule: scenario, reason: It was broken once }";
    fs::write(&list, text).unwrap();
    let list = list.to_str().unwrap();
    let refuse = ["run", "scenarios/05-refuse", "--target", "sim"];
    let output = run(&[&refuse[..], &["--baseline", list]].concat());
    assert_eq!(output.status.code(), Some(6), "{}", stderr(&output));
    assert!(stderr(&output).contains("stale: "), "{}", stderr(&output));
}

#[test]
fn a_served_server_gives_the_same_verdicts_as_the_embedded_one() {
    let _seat = beside_another();
    let verdicts = |output: &std::process::Output| -> Vec<(String, String)> {
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let scenarios = json["scenarios"].as_array().unwrap();
        scenarios
            .iter()
            .map(|one| (text(&one["file"]), text(&one["verdict"])))
            .collect()
    };
    let (_server, url) = Running::server(&["--timer-scale", "0.05"]);
    let outside = run(&["run", "--target", &url, "--report", "json=-"]);
    let embedded = run(&["run", "--report", "json=-"]);
    // On a machine that is busy with other tests a verdict may be left open, and none may be turned round.
    for output in [&outside, &embedded] {
        let code = output.status.code();
        assert!(matches!(code, Some(0 | 3)), "{}", stderr(output));
    }
    let (outside, embedded) = (verdicts(&outside), verdicts(&embedded));
    assert!(embedded.len() >= 40 && outside.len() == embedded.len());
    for (there, here) in outside.iter().zip(&embedded) {
        let is_open = |one: &(String, String)| one.1 == "inconclusive";
        assert!(there == here || is_open(there) || is_open(here));
    }
}

#[test]
fn every_command_has_help_with_an_example() {
    for command in [
        "run",
        "report",
        "merge",
        "baseline",
        "doctor",
        "diff",
        "completions",
        "man",
        "verify",
        "explain",
        "lint",
        "fmt",
        "new",
        "list",
        "schema",
        "generate",
        "explore",
        "selftest",
        "flood",
        "soak",
        "serve",
        "top",
        "call",
        "token",
        "cert",
    ] {
        let output = run(&[command, "--help"]);
        assert_eq!(output.status.code(), Some(0));
        assert!(
            stdout(&output).contains("Example"),
            "{command}: {}",
            stdout(&output)
        );
        assert!(
            stdout(&output).contains(&format!("ringcheck {command}")),
            "{command}: {}",
            stdout(&output)
        );
    }
}
