//! Histories that are recorded, judged again, and damaged.

use std::fmt::Write as _;
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

/// A history of calls one after the other, each ringing while `between` other users' calls come and go, whose caller is
/// told of a refusal that the callee never gave.
fn long_history(between: usize) -> String {
    let mut text = "{\"ringcheck\":\"history/1\",\"order\":\"causal\"}\n".to_owned();
    let mut event = |us: usize, rest: &str| {
        let _ = writeln!(text, "{{\"at_us\":{us},{rest}}}");
    };
    let ring = [
        r#""user":"alice","call":"create","invitation":"long","peer":"bob""#,
        r#""user":"alice","result":"create","invitation":"long""#,
        r#""user":"alice","call":"send","invitation":"long""#,
        r#""user":"alice","result":"send","invitation":"long""#,
        r#""user":"bob","callback":"remoteInvitationReceived","invitation":"long""#,
        r#""user":"alice","callback":"localInvitationReceivedByPeer","invitation":"long""#,
        r#""user":"bob","connection":"Reconnecting","reason":"Interrupted""#,
        r#""user":"bob","connection":"Connected","reason":"LoginSuccess""#,
    ];
    for (us, line) in ring.iter().enumerate() {
        event(us, line);
    }
    for number in 0..between {
        let id = format!("\"invitation\":\"c-{number}\"");
        for rest in [
            r#""call":"create","peer":"dave","#,
            r#""result":"create","#,
            r#""call":"send","#,
            r#""result":"send","#,
            r#""call":"cancel","#,
            r#""result":"cancel","#,
            r#""callback":"localInvitationCanceled","#,
        ] {
            event(100 + number, &format!("\"user\":\"carol\",{rest}{id}"));
        }
    }
    event(
        1_000_000,
        r#""user":"alice","callback":"localInvitationRefused","invitation":"long""#,
    );
    text + "{\"end_us\":2000000}\n"
}

#[test]
fn a_finding_after_a_thousand_events_still_shows_what_led_to_it() {
    let file = scratch("long").join("calls.jsonl");
    fs::write(&file, long_history(300)).unwrap();
    let judged = run(&["verify", file.to_str().unwrap()]);
    assert_eq!(judged.status.code(), Some(1), "{}", stderr(&judged));
    let told = stderr(&judged);
    for part in [
        "calls.jsonl:2110\n",
        "ORD-5",
        "> create long",
        "remoteInvitationReceived long",
        "- Reconnecting (Interrupted)",
        "localInvitationRefused long",
    ] {
        assert!(told.contains(part), "`{part}` is missing in:\n{told}");
    }
    assert!(!told.contains("(unknown)"), "{told}");
}

#[test]
fn findings_come_by_their_lines_and_warnings_after_them() {
    let head =
        "{\"ringcheck\":\"history/1\",\"order\":\"causal\",\"scenario\":\"a b.yaml\",\"seed\":7}\n";
    let event = |us: u32, rest: &str| format!("{{\"at_us\":{us},{rest}}}\n");
    // Its result comes after its callback, which is a warning; the second's ending is missing; nobody created the third.
    let lines = [
        event(
            0,
            r#""user":"alice","call":"create","invitation":"a","peer":"bob""#,
        ),
        event(0, r#""user":"alice","result":"create","invitation":"a""#),
        event(0, r#""user":"alice","call":"send","invitation":"a""#),
        event(
            0,
            r#""user":"bob","callback":"remoteInvitationReceived","invitation":"a""#,
        ),
        event(
            0,
            r#""user":"alice","callback":"localInvitationReceivedByPeer","invitation":"a""#,
        ),
        event(0, r#""user":"alice","result":"send","invitation":"a""#),
        event(
            9,
            r#""user":"bob","callback":"remoteInvitationReceived","invitation":"x""#,
        ),
    ];
    let file = scratch("sorted").join("calls.jsonl");
    let end = "{\"end_us\":200000000}\n";
    fs::write(&file, format!("{head}{}{end}", lines.concat())).unwrap();
    let judged = run(&["verify", file.to_str().unwrap()]);
    let told = stderr(&judged);
    let parts = ["calls.jsonl:5\n", "calls.jsonl:8\n", "warning: "];
    let places = parts.map(|part| told.find(part));
    assert!(places.iter().all(Option::is_some), "{places:?}: {told}");
    assert!(places.is_sorted(), "{places:?}: {told}");
    assert!(
        told.contains("again: ringcheck run 'a b.yaml' --seed 7"),
        "{told}"
    );
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
