//! Texts that nobody would write on purpose: they are refused in time and without a panic.

use proptest::prelude::*;

use super::{read, with_steps};
use crate::scenario::{lint, render};

/// Loads and draws a text, whatever it is.
fn survive(text: &str) {
    match read(text) {
        Ok(scenario) => {
            let problems = lint::lint(&scenario, text);
            assert!(problems.is_empty() || !render(text, &problems, false).is_empty());
        }
        Err(problems) => {
            assert!(!problems.is_empty());
            for problem in &problems {
                assert!(text.get(problem.span.clone()).is_some() || problem.code == "S002");
            }
            assert!(!render(text, &problems, true).is_empty());
        }
    }
}

/// A good file that uses most of the language.
fn good() -> String {
    with_steps(
        "  - alice: { create: call, callee: bob, content: { repeat: \"x\", times: 3 }, channel: 'it''s' }\n  - alice: { send: call, result: [Ok, AlreadySent] }\n  - bob:\n      expect: remoteInvitationReceived\n      of: call\n      \
           within: 1s\n  - together:\n    - bob: { accept: call, response: \"caf\\u00e9 é\" }\n    - alice: { cancel: call }\n  - any_order:\n    - alice: { expect: [localInvitationAccepted, localInvitationCanceled], of: call }\n    \
           - bob: &b { expect: [remoteInvitationAccepted, remoteInvitationCanceled], of: call, at: 0.5 * accept_ack, late: 1s }\n  - bob: drop # gone\n  - bob: { connection: Reconnecting, reason: Interrupted }\n  - wait: 2 * expiry\n",
    )
}

#[test]
fn a_billion_laughs_are_refused_at_once() {
    let level = |level: usize| match level {
        0 => "a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha]\n".to_owned(),
        _ => {
            let below = vec![format!("*a{}", level - 1); 9].join(", ");
            format!("a{level}: &a{level} [{below}]\n")
        }
    };
    let text: String = (0..10).map(level).collect();
    let problems = read(&text).expect_err("the file should be refused");
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].code, "S002");
}

#[test]
fn an_alias_to_itself_is_refused() {
    for text in ["a: &a [*a]\n", "&a {x: *a}\n", "- &a\n  - *a\n"] {
        let problems = read(text).expect_err("the file should be refused");
        assert_eq!(problems[0].code, "S002", "{text}");
    }
}

#[test]
fn long_files_of_one_part_repeated_never_panic() {
    const BYTES: usize = 16 * 1024;
    for part in [
        "[", "{a: ", "- ", "? ", "a: [", "\"", "&a [*a, ", "[#]\n", "- a\n", "[a,", "x\n", "é: ",
    ] {
        let text = part.repeat(BYTES / part.len());
        survive(&text);
    }
}

#[test]
fn odd_line_breaks_and_marks_keep_places_right() {
    let text = "\u{feff}scenario: Té\u{2028}# still\u{85}covers: [ACC-1]\rusers: [alice]\nsteps:\n  - alicé: login\n";
    survive(text);
    let problems = read(text).expect_err("the file should have problems");
    let shown: Vec<&str> = problems.iter().map(|p| &text[p.span.clone()]).collect();
    assert!(shown.contains(&"alicé"), "{problems:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn arbitrary_text_never_panics(text in "\\PC{0,80}") {
        survive(&text);
    }

    #[test]
    fn text_of_yaml_characters_never_panics(text in "[a-c0-9\\[\\]{}:,&*!|>'\"%@`#?~.\\- \\n\\r\\t\u{feff}\u{2028}é]{0,120}") {
        survive(&text);
    }

    #[test]
    fn mutated_good_files_never_panic(
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0usize..12, "[\\[\\]{}:,&*!|>'\"#? \\n\\-a-z0-9é]{0,6}"), 1..5)
    ) {
        let mut characters: Vec<char> = good().chars().collect();
        for (at, length, new) in cuts {
            let at = at.index(characters.len());
            let end = (at + length).min(characters.len());
            characters.splice(at..end, new.chars());
            characters.push('\n');
        }
        survive(&characters.into_iter().collect::<String>());
    }

    #[test]
    fn every_good_file_cut_short_is_told(at in any::<prop::sample::Index>()) {
        let good = good();
        let text: String = good.chars().take(at.index(good.chars().count())).collect();
        survive(&text);
    }
}

#[test]
fn the_file_that_is_mutated_is_good() {
    let text = good();
    let scenario = read(&text);
    assert!(scenario.is_ok(), "{scenario:?}");
}
