//! The constructs of the language, played by the real program.

use std::fs;
use std::process::Output;

use crate::support::{run, scratch, stderr};

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
    // Bob's refuse comes after his accept, so that only the accept can win; and its response is another.
    let steps = race("", "Never").replace(
        "        - alice: { cancel: call, result: [Ok, AlreadyEnd] }\n",
        "",
    );
    let accept = "        - bob:   { accept: call, response: Yes, result: [Ok, AlreadyEnd] }\n";
    let refuse = "        - bob:   { refuse: call, result: [AlreadyAccept, AlreadyEnd] }\n";
    let steps = steps.replace(accept, &format!("{accept}{refuse}"));
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
fn rows_repeats_and_included_steps_are_played() {
    let folder = scratch("written-out");
    let ringing = "- alice: { create: \"${label}\", callee: bob }\n- alice: { send: \"${label}\" }\n\
        - bob: { expect: remoteInvitationReceived, of: \"${label}\" }\n\
        - alice: { expect: localInvitationReceivedByPeer, of: \"${label}\" }\n";
    fs::write(folder.join("ringing.steps.yaml"), ringing).unwrap();
    let text = "scenario: An answer\ncovers: [ACC-1]\nusers: [alice, bob]\nrows:\n  \
        - { case: one, label: first, answer: accept, ending: Accepted }\n  \
        - { case: two, label: second, answer: refuse, ending: Accepted }\nsteps:\n  \
        - include: ringing.steps.yaml\n  \
        - repeat: { times: 2, apart: 1ms..5ms, steps: [{ bob: { \"${answer}\": \"${label}\", result: [Ok, AlreadyAccept, AlreadyEnd] } }] }\n  \
        - alice: { expect: \"localInvitation${ending}\", of: \"${label}\" }\n  \
        - bob: { expect: \"remoteInvitation${ending}\", of: \"${label}\" }\n";
    fs::write(folder.join("answer.yaml"), text).unwrap();
    let output = run(&["run", folder.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let told = stderr(&output);
    for part in [
        "2 scenarios",
        "1 passed, 1 failed",
        "failed: An answer (two)",
        "expected `localInvitationAccepted` at `alice` of `second`; got `localInvitationRefused`",
    ] {
        assert!(told.contains(part), "`{part}` is missing in:\n{told}");
    }
}
