//! The constructs of the language, played by the real program.

use std::fs;
use std::process::Output;

use crate::support::{alone, root, run, scratch, stderr, stdout};

/// Plays one scenario of alice and bob on an embedded server.
fn played(name: &str, steps: &str) -> Output {
    let file = scratch(name).join("scenario.yaml");
    let text = format!("scenario: {name}\ncovers: [AGR-1]\nusers: [alice, bob]\nsteps:\n{steps}");
    fs::write(&file, text).unwrap();
    run(&["run", file.to_str().unwrap(), "--seed", "7"])
}

const RINGING: &str = "  - alice: { create: call, callee: bob }
  - alice: { send: call }
  - bob:   { expect: remoteInvitationReceived, of: call }
  - alice: { expect: localInvitationReceivedByPeer, of: call }
";

/// A race of a cancel and an accept whose `accept wins` carries a response.
fn race(apart: &str, response: &str) -> String {
    format!(
        "{RINGING}  - race:
      steps:
        - alice: {{ cancel: call, result: [Ok, AlreadyEnd] }}
        - bob:   {{ accept: call, response: Yes, result: [Ok, AlreadyEnd] }}
{apart}      outcomes:
        cancel wins:
          - alice: {{ expect: localInvitationCanceled, of: call }}
          - bob:   {{ expect: remoteInvitationCanceled, of: call }}
        accept wins:
          - alice: {{ expect: localInvitationAccepted, of: call, response: {response} }}
          - bob:   {{ expect: remoteInvitationAccepted, of: call }}
"
    )
}

#[test]
fn a_race_ends_in_one_of_its_outcomes() {
    for apart in ["", "      apart: 0ms..20ms\n"] {
        let output = played("race", &race(apart, "Yes"));
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    }
}

#[test]
fn a_race_that_ends_in_no_outcome_tells_what_everybody_heard() {
    // The cancel comes long after the accept, so that only the accept can win; and its response is another.
    let cancel = "        - alice: { cancel: call, result: [Ok, AlreadyEnd] }\n";
    let accept = "        - bob:   { accept: call, response: Yes, result: [Ok, AlreadyEnd] }\n";
    let steps = race("      apart: 500ms\n", "Never");
    let steps = steps.replace(&format!("{cancel}{accept}"), &format!("{accept}{cancel}"));
    let output = played("no-outcome", &steps);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let told = stderr(&output);
    for part in [
        "expected one outcome that everybody agrees on; got `localInvitationAccepted` at `alice` of `call`",
        "not `cancel wins`: `alice` got `localInvitationAccepted`",
        "not `accept wins`: expected `localInvitationAccepted` at `alice` of `call` with response \"Never\"; got \"Yes\"",
        "scenario.yaml:9:5",
    ] {
        assert!(told.contains(part), "`{part}` is missing in:\n{told}");
    }
}

#[test]
fn an_outcome_that_another_one_begins_with_is_not_decided_too_early() {
    let steps = |by: &str| {
        format!(
            "{RINGING}{by}  - race:
      steps:
        - bob:   {{ accept: call, response: Yes }}
        - bob:   {{ refuse: call, result: [AlreadyAccept, AlreadyEnd] }}
      outcomes:
        only alice hears of it:
          - alice: {{ expect: localInvitationAccepted, of: call, response: Yes }}
        both hear of it:
          - alice: {{ expect: localInvitationAccepted, of: call, response: Yes }}
          - bob:   {{ expect: remoteInvitationAccepted, of: call }}
"
        )
    };
    for by in [
        "",
        "  - bob: { delay: heard, frames: [remote_accepted], by: 300ms }\n",
    ] {
        let output = played("prefix", &steps(by));
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    }
}

#[test]
fn rows_repeats_and_included_steps_are_played() {
    let folder = scratch("written-out");
    let ringing = "- alice: { create: \"${label}\", callee: bob }\n- alice: { send: \"${label}\" }\n\
        - bob: { expect: remoteInvitationReceived, of: \"${label}\" }\n\
        - alice: { expect: localInvitationReceivedByPeer, of: \"${label}\" }\n";
    fs::write(folder.join("ringing.steps.yaml"), ringing).unwrap();
    let text = "scenario: An answer\ncovers: [API-17]\nusers: [alice, bob]\nrows:\n  \
        - { case: one, label: first, answer: accept, ending: Accepted, heard: Yes }\n  \
        - { case: two, label: second, answer: refuse, ending: Refused, heard: No }\nsteps:\n  \
        - include: ringing.steps.yaml\n  \
        - repeat: { times: 2, apart: 1ms..5ms, steps: [{ bob: { \"${answer}\": \"${label}\", response: Yes, result: [Ok, AlreadyAccept, AlreadyEnd] } }] }\n  \
        - alice: { expect: \"localInvitation${ending}\", of: \"${label}\", response: \"${heard}\" }\n  \
        - bob: { expect: \"remoteInvitation${ending}\", of: \"${label}\" }\n";
    fs::write(folder.join("answer.yaml"), text).unwrap();
    let output = run(&["run", folder.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let told = stderr(&output);
    for part in [
        "2 scenarios",
        "1 passed, 1 failed",
        "failed: An answer (two)",
        "expected `localInvitationRefused` at `alice` of `second` with response \"No\"; got \"Yes\"",
    ] {
        assert!(told.contains(part), "`{part}` is missing in:\n{told}");
    }
}

#[test]
fn saved_values_are_what_came() {
    let played_to = |name: &str, steps: &str| {
        let output = played(name, steps);
        (output.status.code(), stderr(&output))
    };
    // The longest content is saved whole, though the record keeps only its beginning.
    let long = "  - alice: { create: call, callee: bob, content: { repeat: \"ab\", times: 4096 } }
  - alice: { send: call }
  - bob:   { expect: remoteInvitationReceived, of: call, save: { content: words } }
  - alice: { expect: localInvitationReceivedByPeer, of: call }
  - bob:   { accept: call, response: \"${words}\" }
  - bob:   { expect: remoteInvitationAccepted, of: call }
  - alice: { expect: localInvitationAccepted, of: call, response: { repeat: \"ab\", times: 4096 } }
";
    let (code, told) = played_to("saved-long", long);
    assert_eq!(code, Some(0), "{told}");
    // What the winner of a race says is demanded of the next call, and a failure by the name it had on the other side.
    let raced = race("", "Yes")
        .replace("of: call, response: Yes }", "of: call, save: { id: it } }")
        .replace(
            "expect: localInvitationCanceled, of: call }",
            "expect: localInvitationCanceled, of: call, save: { id: it } }",
        );
    let again = "  - alice: { create: more, callee: bob, content: \"after ${it}\" }
  - alice: { send: more }
  - bob:   { expect: remoteInvitationReceived, of: more, content: \"after ${it}\" }
  - alice: { expect: localInvitationReceivedByPeer, of: more }
  - alice: { expect: localInvitationFailure, of: more, save: { code: why }, within: 2 * expiry }
  - bob:   { expect: remoteInvitationFailure, of: more, code: \"${why}\" }
";
    let (code, told) = played_to("saved-race", &format!("{raced}{again}"));
    assert_eq!(code, Some(0), "{told}");
    let wrong = long.replace("response: \"${words}\"", "response: \"${words}!\"");
    let (code, told) = played_to("saved-wrong", &wrong.replace("4096", "40"));
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("(81 bytes, digest"), "{told}");
}

#[test]
fn what_was_allowed_may_have_come_before_nothing_more_is_to_come() {
    let silent = |allowed: &str| {
        format!(
            "  - alice: {{ create: call, callee: bob }}
  - bob:   {{ allow: {allowed}, of: call }}
  - alice: {{ send: call }}
  - alice: {{ expect: localInvitationReceivedByPeer, of: call }}
  - bob:   {{ never: any, for: 100ms }}
  - bob:   {{ accept: call }}
  - alice: {{ expect: localInvitationAccepted, of: call }}
  - bob:   {{ expect: remoteInvitationAccepted, of: call }}
"
        )
    };
    let output = played("allowed-before", &silent("remoteInvitationReceived"));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let output = played("not-allowed-before", &silent("remoteInvitationCanceled"));
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
}

/// The names that `ringcheck list` tells with those arguments.
fn listed(arguments: &[&str]) -> Vec<String> {
    let output = run(&[
        &["list", "scenarios/03-cancel", "scenarios/04-accept"],
        arguments,
    ]
    .concat());
    stdout(&output).lines().map(str::to_owned).collect()
}

#[test]
fn the_parts_of_a_shard_are_all_of_it_and_share_nothing() {
    let all = listed(&[]);
    let mut parts: Vec<String> = Vec::new();
    for part in ["1/3", "2/3", "3/3"] {
        let own = listed(&["--shard", part]);
        assert!(!own.is_empty() && own.len() < all.len());
        assert_eq!(own, listed(&["--shard", part]));
        parts.extend(own);
    }
    let (mut all, mut parts) = (all, parts);
    // The column of the files is as wide as the longest that is listed.
    for line in all.iter_mut().chain(&mut parts) {
        *line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    all.sort();
    parts.sort();
    assert_eq!(parts, all);
    for wrong in ["0/3", "4/3", "3", "a/b", "1/0"] {
        assert_eq!(run(&["list", "--shard", wrong]).status.code(), Some(2));
    }
}

#[test]
fn what_is_skipped_is_not_taken() {
    let skipped = listed(&["--only", "CAN-2", "--skip", "offline"]);
    assert!(!skipped.is_empty() && skipped.len() < listed(&["--only", "CAN-2"]).len());
    assert!(skipped.iter().all(|line| !line.contains("offline")));
    let none = run(&["list", "--only", "CAN-2", "--skip", "CAN-2"]);
    assert_eq!(none.status.code(), Some(3), "{}", stderr(&none));
}

#[test]
fn a_busy_machine_fails_nothing() {
    let _alone = alone();
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        // One busy loop for every core and one more.
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        for _ in 0..=cores {
            scope.spawn(|| {
                while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        let output = run(&["run", "scenarios/03-cancel", "scenarios/06-failures"]);
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        let told = stderr(&output);
        // What could not be judged is told, and is no failure.
        assert!(matches!(output.status.code(), Some(0 | 3)), "{told}");
        assert!(!told.contains("failed:"), "{told}");
    });
}

#[test]
fn raw_steps_meddle_with_frames_and_get_typed_answers() {
    let output = run(&["run", "tests/raw"]);
    let told = stderr(&output);
    // On a machine that is busy with other tests a verdict may be left open.
    assert!(matches!(output.status.code(), Some(0 | 3)), "{told}");
    assert!(told.contains("15 scenarios"), "{told}");
}

#[test]
fn a_target_without_a_hand_on_frames_does_not_play_raw_steps() {
    let output = run(&[
        "run",
        "tests/raw/accept-ack-swallowed.yaml",
        "--target",
        "sim",
    ]);
    let told = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(
        told.contains("raw steps need a real socket: tests/raw/accept-ack-swallowed.yaml"),
        "{told}"
    );
}

/// The guide's example blocks: the files of steps by their names, and the scenarios.
fn examples_of_the_guide() -> (Vec<(String, String)>, Vec<String>) {
    let guide = fs::read_to_string(root().join("scenarios/README.md")).unwrap();
    let (mut steps, mut scenarios) = (Vec::new(), Vec::new());
    for block in guide.split("```yaml\n").skip(1) {
        let (block, _) = block.split_once("```").expect("every block ends");
        match block.strip_prefix("# fragment: scenarios/") {
            Some(named) => {
                let (name, text) = named.split_once('\n').expect("steps follow the name");
                steps.push((name.to_owned(), text.to_owned()));
            }
            None => scenarios.push(block.to_owned()),
        }
    }
    (steps, scenarios)
}

#[test]
fn every_example_of_the_guide_is_formatted_and_passes() {
    let folder = scratch("guide");
    let (steps, scenarios) = examples_of_the_guide();
    assert!(scenarios.len() >= 7 && !steps.is_empty());
    for (name, text) in &steps {
        fs::write(folder.join(name), text).unwrap();
    }
    for (number, text) in scenarios.iter().enumerate() {
        fs::write(folder.join(format!("example-{number}.yaml")), text).unwrap();
    }
    let folder = folder.to_str().unwrap();
    let checked = run(&["fmt", "--check", folder]);
    assert_eq!(
        checked.status.code(),
        Some(0),
        "{}{}",
        stdout(&checked),
        stderr(&checked)
    );
    let played = run(&["run", folder]);
    assert_eq!(played.status.code(), Some(0), "{}", stderr(&played));
    let cases = scenarios.len() + 1;
    let all = format!("{cases} scenarios in ");
    assert!(stderr(&played).contains(&all), "{}", stderr(&played));
}
