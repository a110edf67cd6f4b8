//! Plans written as files.

use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::{read, with_steps};
use crate::scenario::plan::{Act, Scenario};
use crate::scenario::{find, load, read_file, render, without_places, write};

/// Every file of the library with its text.
pub(super) fn library() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let files = find(&[root]).expect("the library is there");
    assert!(files.len() >= 150);
    let texts = files.into_iter().map(|file| {
        let text = read_file(&file).expect("the file is there");
        (file, text)
    });
    texts.collect()
}

fn loaded(file: &Path, text: &str) -> Scenario {
    let mut cases = cases(file, text);
    assert_eq!(cases.len(), 1, "{text}");
    cases.remove(0)
}

fn cases(file: &Path, text: &str) -> Vec<Scenario> {
    match load(file, text) {
        Ok(cases) => cases,
        Err(problems) => panic!("{}", render(text, &problems, false)),
    }
}

#[test]
fn every_file_of_the_library_survives_being_written() {
    for (file, text) in library() {
        for scenario in cases(&file, &text) {
            let written = write(&scenario);
            let again = loaded(&file, &written);
            assert_eq!(
                without_places(&again),
                without_places(&scenario),
                "{written}"
            );
            assert_eq!(write(&again), written);
        }
    }
}

#[test]
fn a_written_plan_looks_like_the_library() {
    let text = "\
scenario: Callee accepts
covers: [ACC-1, ACC-2]
tags: [P05, quick]
users: [alice, { bob: { suffix: \"<#>\", bytes: 64 } }, { phone: { same_as: bob } }]
offline: [phone]
steps:
  - alice: { create: call, callee: bob, content: \"Shall we?\", channel: room-7 }
  - alice: { write: call, content: { repeat: \"x\", times: 8192 }, channel: \"a b\" }
  - bob:   { hold: sent }
  - wait: 0.5 * expiry
  - together:
      - alice: { send: call, result: [Ok, AlreadySent] }
      - bob:   logout
  - bob:   { release: sent }
  - alice: { never: any, for: 1m }
  - alice: { never: [localInvitationAccepted, localInvitationRefused], of: call, for: 0.0015s }
  - alice: { allow: localInvitationReceivedByPeer, of: call }
  - any_order:
      - bob:   { expect: remoteInvitationReceived, of: call, content: \"\\u202eShall \\\"we\\\"?\\n\", save: { channel: room, id: it }, within: 1s }
      - alice: { expect: localInvitationFailure, of: call, code: Expire, at: expiry, early: 0s, late: 250ms }
  - bob:   { lose: heard, frames: [remote_received, bye] }
  - bob:   { delay: sent, by: 1ms..0.5 * expiry }
  - alice: { mend: sent }
  - alice: { raw: \"{}\", error: malformed }
  - alice: { raw: { utf8: \"c3 28\" }, close: 1007, within: 1s }
  - alice: { raw: \"${it} in ${room}\" }
  - alice: { raw: { truncated: { repeat: \"ab\", times: 100 } } }
  - race:
      steps:
        - alice: { cancel: call, result: [Ok, AlreadyEnd] }
        - bob:   drop
      apart: 0s..0.5 * accept_ack
      outcomes:
        it ends:
          - alice: { expect: localInvitationCanceled, of: call }
        it is over:
          - alice: { expect: localInvitationFailure, of: call, code: Expire }
          - bob:   { expect: remoteInvitationFailure, of: call, code: Expire }
  - alice: { connection: Aborted, reason: RemoteLogin, within: no_ack }
";
    let scenario = loaded(Path::new("scenarios/test.yaml"), text);
    assert_eq!(write(&scenario), text);
}

#[test]
fn a_name_with_a_line_break_of_yaml_survives_being_written() {
    let text = with_steps("  - alice: { connection: Connected }\n");
    let mut scenario = read(&text).unwrap();
    scenario.name = "one\u{2028}two".to_owned();
    let again = loaded(Path::new("scenarios/test.yaml"), &write(&scenario));
    assert_eq!(again.name, scenario.name);
}

proptest! {
    #[test]
    fn every_text_and_name_survives_being_written(content in any::<String>(), name in any::<String>()) {
        let text = with_steps("  - alice: { create: call, callee: bob, content: x, channel: x }\n  - alice: { send: call, result: Ok }\n");
        let mut scenario = read(&text).unwrap();
        if !name.trim().is_empty() {
            scenario.name = name;
        }
        let Act::Call { texts, .. } = &mut scenario.steps[0].act else {
            unreachable!("the first step is a call");
        };
        texts.content = Some(content.clone().into());
        texts.channel = Some(format!("${{{content}}} $${{").into());
        let again = loaded(Path::new("scenarios/test.yaml"), &write(&scenario));
        prop_assert_eq!(without_places(&again), without_places(&scenario));
    }
}
