//! `ringcheck soak`: connections are killed for a while, and then nothing may be left of them.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::{Running, ringcheck, run, scratch, stderr, stdout};

/// Short clocks, but for that of which a busy machine needs more.
const CLOCKS: [&str; 4] = ["--timer-scale", "0.01", "--accept-ack", "100s"];

/// Few calls, and many kills for so few.
const BRIEF: [&str; 8] = [
    "--users",
    "20",
    "--rate",
    "60",
    "--kills-per-second",
    "15",
    "--seed",
    "7",
];

/// A soak that writes its report to a file.
fn soak(file: &Path, more: &[&str]) -> Command {
    let report = format!("json={}", file.display());
    let mut command = ringcheck(&["soak", "--report", &report]);
    command.args(BRIEF).args(more);
    command
}

/// Soaks to the end: the exit code, the report, and what was told. What was heard late on a busy machine is heard again.
fn soaked(name: &str, more: &[&str]) -> (Option<i32>, Value, String) {
    let file = scratch(name).join("soak.json");
    for _ in 0..3 {
        let output = soak(&file, more).output().unwrap();
        if output.status.code() != Some(5) {
            return (output.status.code(), read(&file), stderr(&output));
        }
    }
    panic!("the machine is too busy");
}

fn read(file: &Path) -> Value {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

/// One of the figures that have to be again what they were.
fn check<'a>(report: &'a Value, what: &str) -> &'a Value {
    let mut checks = report["checks"].as_array().unwrap().iter();
    let check = checks.find(|check| check["what"] == what);
    check.unwrap_or_else(|| panic!("`{what}` is missing in {report:#}"))
}

/// A server on which others can be as well, and what a soak needs to find it.
fn server() -> (Running, Vec<String>) {
    let (server, url) =
        Running::server(&[&CLOCKS[..], &["--admin-listen", "127.0.0.1:0"]].concat());
    let operators = server.operators();
    let target = ["--target", &url, "--operators", &operators].map(str::to_owned);
    (server, target.to_vec())
}

#[test]
fn a_server_is_where_it_was_after_its_connections_were_killed() {
    let (code, report, told) = soaked(
        "soak-good",
        &[
            "--duration",
            "800ms",
            "--rounds",
            "2",
            "--timer-scale",
            "0.01",
        ],
    );
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(report["schema"], "ringcheck.soak/1");
    assert_eq!(report["ended"], "as_planned");
    assert!(report["kills"].as_u64() > Some(2), "{report:#}");
    assert!(report["invitations"].as_u64() > Some(10), "{report:#}");
    assert_eq!(
        (&report["violations"], &report["endless"]),
        (&0.into(), &0.into())
    );
    for check in report["checks"].as_array().unwrap() {
        assert_eq!(check["stands"], "good", "{report:#}");
    }
    let samples = report["samples"].as_array().unwrap();
    let most = |figure: &str| samples.iter().filter_map(|one| one[figure].as_u64()).max();
    assert_eq!(most("sessions"), Some(20));
    assert!(most("live_invitations") > Some(0), "{report:#}");
    assert!(most("open_files") > samples[0]["open_files"].as_u64());
    assert!(most("memory_bytes") > Some(1024 * 1024));
    let schema: Value = serde_json::from_str(&stdout(&run(&["schema", "soak"]))).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    assert!(schema.is_valid(&report), "{report:#}");
}

#[test]
fn a_session_that_is_left_is_a_finding() {
    let (_server, target) = server();
    let file = scratch("soak-left").join("soak.json");
    let target: Vec<&str> = target.iter().map(String::as_str).collect();
    let mut soak = Running::of(soak(
        &file,
        &[&target[..], &["--duration", "300ms", "--rounds", "1"]].concat(),
    ));
    // By then the server has been looked at.
    soak.complains("20 users, ");
    let mut alice = Running::start(&["call", "--as", "alice", "--target", target[1]]);
    alice.hear("Connected (LoginSuccess)");
    soak.complains("not returned");
    assert_eq!(soak.ends().code(), Some(1));
    let report = read(&file);
    assert_eq!(report["ended"], "not_returned");
    let sessions = check(&report, "sessions");
    assert_eq!(
        (&sessions["before"], &sessions["after"]),
        (&0.into(), &1.into())
    );
    assert_eq!(sessions["stands"], "bad");
    assert_eq!(check(&report, "live invitations")["stands"], "good");
}

#[test]
fn a_violation_ends_a_soak_with_1_and_is_told() {
    let fault = ["--fault", "content-altered", "--timer-scale", "0.01"];
    let (code, report, told) = soaked(
        "soak-violated",
        &[&fault[..], &["--duration", "300ms", "--rounds", "1"]].concat(),
    );
    assert_eq!(code, Some(1), "{told}");
    assert!(report["violations"].as_u64() > Some(5), "{report:#}");
    assert!(told.contains("SEND-3"), "{told}");
}

#[test]
fn what_a_server_does_not_say_is_not_seen() {
    let (_server, url) = Running::server(&CLOCKS);
    let target = ["--target", &url, "--duration", "300ms", "--rounds", "2"];
    let (code, report, told) = soaked("soak-unseen", &target);
    assert_eq!(code, Some(3), "{told}");
    for what in ["sessions", "open files", "memory since round 1, bytes"] {
        assert_eq!(check(&report, what)["stands"], "not_seen", "{report:#}");
    }
    assert!(told.contains("not seen"), "{told}");
}

/// A soak that goes on for long but for a signal to it, or to its server: the exit code and the report.
#[cfg(unix)]
fn ended_by(signal: &str, is_to_server: bool) -> (Option<i32>, Value) {
    let (server, target) = server();
    let target: Vec<&str> = target.iter().map(String::as_str).collect();
    let file = scratch(&format!("soak-{signal}")).join("soak.json");
    let mut soak = Running::of(soak(&file, &[&target[..], &["--duration", "1h"]].concat()));
    let admin = server.operators().replace("http://", "");
    let admitted = "ringcheck_invitations_admitted_total";
    while crate::deployment::metric(&admin, admitted) < 1.0 {
        std::thread::yield_now();
    }
    let whom = if is_to_server {
        server.pid()
    } else {
        soak.pid()
    };
    crate::support::signal(whom, signal);
    (soak.ends().code(), read(&file))
}

#[cfg(unix)]
#[test]
fn a_soak_that_is_told_to_end_looks_what_is_left_and_gives_3() {
    let (code, report) = ended_by("INT", false);
    assert_eq!(code, Some(3), "{report:#}");
    assert_eq!(report["ended"], "interrupted");
    assert!(report["invitations"].as_u64() > Some(0), "{report:#}");
    assert_eq!(check(&report, "sessions")["stands"], "good");
}

#[cfg(unix)]
#[test]
fn a_server_that_dies_under_a_soak_gives_4() {
    let (code, report) = ended_by("KILL", true);
    assert_eq!(code, Some(4), "{report:#}");
    assert_eq!(report["ended"], "died");
    assert!(report["invitations"].as_u64() > Some(0), "{report:#}");
}

#[test]
fn a_soak_of_nobody_is_wrong_usage() {
    for wrong in [
        &["--operators", "http://127.0.0.1:9"][..],
        &["--target", "http://127.0.0.1:9"],
        &["--target", "ws://127.0.0.1:9", "--timer-scale", "0.1"],
        &[
            "--target",
            "ws://127.0.0.1:9",
            "--operators",
            "ws://127.0.0.1:9",
        ],
        &["--report", "html=x"],
    ] {
        let output = run(&[&["soak"], wrong].concat());
        assert_eq!(
            output.status.code(),
            Some(2),
            "{wrong:?}: {}",
            stderr(&output)
        );
        assert!(!stderr(&output).is_empty());
    }
    let nobody = [
        "soak",
        "--target",
        "ws://127.0.0.1:9",
        "--operators",
        "http://127.0.0.1:9",
    ];
    assert_eq!(run(&nobody).status.code(), Some(4));
}
