//! What helps somebody who writes scenarios.

use std::fs;
use std::io::Write as _;
use std::process::{Output, Stdio};

use serde_json::Value;

use crate::support::{ringcheck, root, run, scratch, stderr, stdout};

/// What `ringcheck list --json` says of the scenario in a file with that head and those steps.
fn needs_of(name: &str, users: &str, steps: &str) -> Vec<String> {
    let file = scratch(name).join("scenario.yaml");
    let text = format!(
        "scenario: {name}\ncovers: [SEND-2, API-1]\ntags: [quick]\n{users}\nsteps:\n  \
         - alice: {{ create: call, callee: bob }}\n  - alice: {{ send: call, result: [Ok, NotStarted] }}\n{steps}"
    );
    fs::write(&file, text).unwrap();
    let output = run(&["list", "--json", file.to_str().unwrap()]);
    assert!(output.status.success(), "{}", stderr(&output));
    let listed: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let [one] = listed.as_array().unwrap().as_slice() else {
        panic!("one scenario is listed: {listed}");
    };
    assert_eq!(one["name"], name);
    assert_eq!(one["file"], file.to_str().unwrap());
    assert_eq!(one["covers"], serde_json::json!(["SEND-2", "API-1"]));
    assert_eq!(one["tags"], serde_json::json!(["quick"]));
    let needs = one["needs"].as_array().unwrap().iter();
    needs.map(|it| it.as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_a_scenario_needs_is_told_from_its_steps() {
    let alice_and_bob = "users: [alice, bob]";
    for (name, users, steps, needs) in [
        ("nothing", alice_and_bob, "", &[] as &[&str]),
        (
            "devices",
            "users: [alice, bob, { phone: { same_as: bob } }]\noffline: [phone]",
            "",
            &["second device", "presence"],
        ),
        (
            "ids",
            "users: [alice, { bob: { bytes: 64 } }]",
            "",
            &["chosen ids"],
        ),
        (
            "cuts",
            alice_and_bob,
            "  - together:\n      - bob: interrupt\n",
            &["network cuts"],
        ),
        (
            "held",
            alice_and_bob,
            "  - bob: { hold: sent }\n  - alice: { never: any, for: 2 * no_ack }\n",
            &["held frames", "clocks"],
        ),
        (
            "raw",
            alice_and_bob,
            "  - bob: { delay: heard, by: 0.1 * expiry }\n",
            &["raw frames", "clocks"],
        ),
    ] {
        assert_eq!(needs_of(name, users, steps), needs, "{name}");
    }
}

#[test]
fn the_list_for_programs_has_every_scenario_of_the_list_for_people() {
    let lines = stdout(&run(&["list", "scenarios/02-send"]));
    let json = run(&["list", "--json", "scenarios/02-send"]);
    let listed: Vec<Value> = serde_json::from_str(&stdout(&json)).unwrap();
    assert_eq!(listed.len(), lines.lines().count());
    for (line, listed) in lines.lines().zip(&listed) {
        assert!(line.ends_with(listed["name"].as_str().unwrap()), "{line}");
        assert!(!listed["covers"].as_array().unwrap().is_empty());
    }
}

/// A YAML text as JSON has it.
fn as_json(yaml: &str) -> Value {
    serde_yaml::from_str(yaml).unwrap()
}

#[test]
fn the_schema_in_the_repository_is_the_one_that_the_program_prints() {
    let printed = stdout(&run(&["schema"]));
    let kept = fs::read_to_string(root().join("scenarios/schema.json")).unwrap_or_default();
    assert!(
        printed == kept,
        "run `ringcheck schema > scenarios/schema.json`"
    );
}

#[test]
fn every_file_of_the_library_is_as_the_schema_says() {
    let schema = jsonschema::validator_for(&ringcheck::scenario::schema()).unwrap();
    let folder = root().join("scenarios");
    let mut files = ringcheck::scenario::find(std::slice::from_ref(&folder)).unwrap();
    files.push(folder.join("ringing.steps.yaml"));
    for file in files {
        let json = as_json(&fs::read_to_string(&file).unwrap());
        if let Err(error) = schema.validate(&json) {
            panic!("{}: {error}", file.display());
        }
    }
}

#[test]
fn what_the_language_does_not_know_is_not_as_the_schema_says() {
    let schema = jsonschema::validator_for(&ringcheck::scenario::schema()).unwrap();
    let right = "scenario: Test\ncovers: [ACC-1]\nusers: [alice, bob]\nsteps:\n  \
        - alice: { create: call, callee: bob }\n  - alice: { send: call }\n  \
        - bob: { expect: remoteInvitationReceived, of: call, save: { content: words, id: it }, within: 1s }\n  - bob: { hold: sent }\n  \
        - alice: { expect: localInvitationFailure, of: call, code: Expire, at: 0.5 * expiry }\n  - wait: 1ms..5ms\n";
    assert!(schema.is_valid(&as_json(right)));
    for (is, becomes) in [
        ("send: call", "sned: call"),
        ("remoteInvitationReceived", "remoteInvitationRecieved"),
        ("covers: [ACC-1]\n", ""),
        ("ACC-1", "ACC-99"),
        ("within: 1s", "within: 1"),
        ("within: 1s", "withn: 1s"),
        ("0.5 * expiry", "0.5 * expriy"),
        ("1ms..5ms", "1ms.5ms"),
        ("hold: sent", "hold: send"),
        ("code: Expire", "code: Expired"),
        (", of: call, save", ", save"),
        ("save: { content", "save: { contents"),
        ("content: words", "content: \"my words\""),
        ("save: { content: words, id: it }", "save: words"),
        (", callee: bob", ""),
        ("- wait:", "- wait: 1s\n    alice:"),
    ] {
        let wrong = right.replacen(is, becomes, 1);
        assert_ne!(wrong, right);
        assert!(!schema.is_valid(&as_json(&wrong)), "{wrong}");
    }
}

/// Formats what is said to it, as `ringcheck fmt -` with those further arguments.
fn formatted(text: &[u8], more: &[&str]) -> Output {
    let mut child = ringcheck(&[&["fmt", "-"], more].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may have seen enough before all of it is said.
    let _ = child.stdin.take().unwrap().write_all(text);
    child.wait_with_output().unwrap()
}

const UNTIDY: &str = "scenario: Untidy   # Why.\nsteps:\n- alice: {send: call}\n- bob: login\n";
const TIDY: &str =
    "scenario: Untidy  # Why.\nsteps:\n  - alice: { send: call }\n  - bob:   login\n";

#[test]
fn standard_input_is_formatted_to_standard_output() {
    let output = formatted(UNTIDY.as_bytes(), &[]);
    assert_eq!(stdout(&output), TIDY, "{}", stderr(&output));
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        formatted(UNTIDY.as_bytes(), &["--check"]).status.code(),
        Some(1)
    );
    assert_eq!(
        formatted(TIDY.as_bytes(), &["--check"]).status.code(),
        Some(0)
    );
}

#[test]
fn files_that_need_it_are_named_then_written_anew_with_their_rights() {
    let folder = scratch("fmt");
    let (untidy, tidy) = (folder.join("untidy.yaml"), folder.join("tidy.yaml"));
    fs::write(&untidy, UNTIDY).unwrap();
    fs::write(&tidy, TIDY).unwrap();
    let folder = folder.to_str().unwrap();
    let check = run(&["fmt", "--check", folder]);
    assert_eq!(check.status.code(), Some(1));
    assert_eq!(stdout(&check).trim(), untidy.to_str().unwrap());
    assert_eq!(
        fs::read_to_string(&untidy).unwrap(),
        UNTIDY,
        "a check writes nothing"
    );
    let rights = fs::metadata(&untidy).unwrap().permissions();
    let done = run(&["fmt", folder]);
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    assert_eq!(fs::read_to_string(&untidy).unwrap(), TIDY);
    assert_eq!(fs::metadata(&untidy).unwrap().permissions(), rights);
    assert_eq!(run(&["fmt", "--check", folder]).status.code(), Some(0));
}

#[test]
fn what_is_no_scenario_is_not_formatted_and_its_neighbours_are() {
    let folder = scratch("fmt-others");
    let (mine, other) = (folder.join("mine.yaml"), folder.join("ci.yaml"));
    fs::write(&mine, UNTIDY).unwrap();
    fs::write(&other, "jobs:\n    build: 1\n").unwrap();
    let output = run(&["fmt", folder.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("ci.yaml:1:1"),
        "{}",
        stderr(&output)
    );
    assert_eq!(fs::read_to_string(&mine).unwrap(), TIDY);
    assert_eq!(fs::read_to_string(&other).unwrap(), "jobs:\n    build: 1\n");
    let many = vec![b'#'; 10_000_000];
    for text in [
        &many[..],
        b"",
        b"\xff\xfe",
        b"scenario: &a x\n",
        b"[[[[[[[[",
    ] {
        let output = formatted(text, &[]);
        assert_eq!(output.status.code(), Some(2));
        assert!(stdout(&output).is_empty());
    }
}

#[test]
fn a_new_scenario_is_right_formatted_and_passes_and_is_never_overwritten() {
    let folder = scratch("new");
    let named = folder.join("it's: \"${new}\" #1 – now");
    let file = folder.join("it's: \"${new}\" #1 – now.yaml");
    let file = file.to_str().unwrap();
    let output = run(&["new", named.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    for arguments in [
        &["lint", file][..],
        &["fmt", "--check", file],
        &["run", file],
    ] {
        let output = run(arguments);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{arguments:?}: {}",
            stderr(&output)
        );
    }
    fs::write(file, "mine").unwrap();
    let again = run(&["new", file]);
    assert_eq!(again.status.code(), Some(2));
    assert!(
        stderr(&again).contains("is there already"),
        "{}",
        stderr(&again)
    );
    assert_eq!(fs::read_to_string(file).unwrap(), "mine");
    for wrong in ["", "/", "..", "steps/a.steps", "no/such/folder/a"] {
        assert_eq!(run(&["new", wrong]).status.code(), Some(2), "{wrong}");
    }
}

#[test]
fn a_scenario_is_drawn_without_being_played() {
    let file = "scenarios/09-agreement/accept-crosses-the-callers-second-login.yaml";
    let drawn = run(&["explain", file]);
    assert_eq!(drawn.status.code(), Some(0), "{}", stderr(&drawn));
    insta::assert_snapshot!(stdout(&drawn));
    let folder = scratch("drawn");
    let file = |name: &str, text: &[u8]| {
        let file = folder.join(name);
        fs::write(&file, text).unwrap();
        file.to_str().unwrap().to_owned()
    };
    for wrong in [
        file("empty.yaml", b""),
        file("bytes.yaml", b"\xff"),
        file("broken.yaml", b"scenario: ["),
        folder.to_str().unwrap().to_owned(),
        "no/such.yaml".to_owned(),
    ] {
        let output = run(&["explain", &wrong]);
        assert_eq!(output.status.code(), Some(2), "{wrong}");
        assert!(stderr(&output).contains("error"), "{}", stderr(&output));
    }
}
