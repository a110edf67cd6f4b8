//! Texts that nobody would write on purpose: they are refused in time and without a panic.

use std::path::Path;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{read, read_cases, with_steps};
use crate::scenario::{lint, read_from, render};

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

/// Long for any file of this size, also on a busy machine, and nothing beside what grows without a bound.
const MOMENT: Duration = Duration::from_secs(5);

/// The code of the only problem of a text, found within a moment.
fn code_of(text: &str) -> &'static str {
    let began = Instant::now();
    let problems = read_cases(text).expect_err("the file should be refused");
    let took = began.elapsed();
    assert!(took < MOMENT, "{took:?}");
    assert_eq!(problems.len(), 1, "{problems:?}");
    let text = render(text, &problems, false);
    assert!(text.len() < 4 * 1024, "{text}");
    problems[0].code
}

#[test]
fn aliases_of_one_list_are_counted_as_often_as_they_are_used() {
    // Less deep and less often than the parser itself minds.
    let many = vec!["x"; 400].join(", ");
    let uses = vec!["*many"; 90].join(", ");
    assert_eq!(
        code_of(&format!("a: &many [{many}]\nb: [{uses}]\n")),
        "S002"
    );
    // As keys of mappings, and through a key that merges elsewhere.
    let keys: String = (0..90).map(|_| "  ? *many\n  : *many\n").collect();
    assert_eq!(code_of(&format!("a: &many [{many}]\nb:\n{keys}")), "S002");
    let merged: String = (0..90)
        .map(|at| format!("c{at}: {{ <<: *many }}\n"))
        .collect();
    assert_eq!(
        code_of(&format!("a: &many {{ x: [{many}] }}\n{merged}")),
        "S002"
    );
}

#[test]
fn values_that_are_nested_too_deep_are_refused() {
    for deep in [66, 500] {
        let open = "[".repeat(deep);
        assert_eq!(code_of(&open), "S002", "{deep} lists without an end");
        let closed = format!("{open}{}", "]".repeat(deep));
        assert_eq!(code_of(&closed), "S002", "{deep} lists");
    }
    let block: String = (0..100)
        .map(|deep| format!("{}a:\n", " ".repeat(deep)))
        .collect();
    assert_eq!(code_of(&block), "S002");
    assert_eq!(code_of(&"- ".repeat(1_000)), "S002");
}

#[test]
fn huge_texts_are_refused_however_they_are_written() {
    let huge = "x".repeat(100_000);
    for text in [
        huge.clone(),
        format!("scenario: \"{huge}\"\n"),
        format!("scenario: |\n  {huge}\n"),
        format!("# {huge}\n"),
    ] {
        assert_eq!(code_of(&text), "S002");
    }
    let steps = |content: &str| {
        with_steps(&format!(
            "  - alice: {{ create: call, callee: bob, content: {content} }}\n  - alice: {{ send: call, result: Ok }}\n  \
             - alice: {{ expect: localInvitationFailure, of: call }}\n"
        ))
    };
    let endless = "{ repeat: \"xxxxxxxxxxxxxxxx\", times: 999999 }";
    assert_eq!(code_of(&steps(endless)), "S002");
    let numbers = "{ repeat: x, times: 99999999999999999999999 }";
    assert_eq!(code_of(&steps(numbers)), "S007");
}

#[test]
fn repeats_within_repeats_are_refused_once_they_are_too_many() {
    let mut steps = "{ wait: 1s }".to_owned();
    for _ in 0..8 {
        steps = format!("{{ repeat: {{ times: 100, steps: [{steps}] }} }}");
    }
    assert_eq!(code_of(&with_steps(&format!("  - {steps}\n"))), "S002");
}

#[test]
fn a_character_that_no_text_has_is_told_at_its_place() {
    for (text, column) in [
        ("scenario: a\0b\n", 12),
        ("\0", 1),
        ("scenario: \u{7}\n", 11),
        ("scenario: \u{fffe}\n", 11),
    ] {
        let problems = read(text).expect_err("the file should be refused");
        assert_eq!(
            (problems[0].code, problems[0].line),
            ("S001", 1),
            "{text:?}"
        );
        assert_eq!(problems[0].column, column, "{text:?}");
    }
}

#[test]
fn a_file_that_is_not_utf_8_is_told_with_its_line_and_what_to_do() {
    let file = Path::new("scenarios/old.yaml");
    for (bytes, line, byte) in [
        (&b"scenario: Caf\xe9\n"[..], 1, "0xe9"),
        (b"scenario: Test\nusers: [\xff]\n", 2, "0xff"),
        // What other systems write of themselves: UTF-16.
        (b"\xff\xfes\0c\0e\0", 1, "0xff"),
        // Cut in the middle of a character.
        (b"scenario: Test\n\xc3", 2, "0xc3"),
    ] {
        let error = read_from(file, bytes).expect_err("it is no text");
        let told = format!(
            "cannot read `scenarios/old.yaml`: line {line} has the byte {byte}, which is not UTF-8\nhint: save the file as UTF-8"
        );
        assert_eq!(error.to_string(), told);
    }
}

#[test]
fn a_key_that_stands_a_thousand_times_is_told_in_time() {
    let began = Instant::now();
    let text = format!("{}users: [alice]\n", "scenario: Test\n".repeat(2_000));
    let problems = read(&text).expect_err("the file should be refused");
    assert!(problems.iter().filter(|it| it.code == "S005").count() >= 1);
    assert!(!render(&text, &problems, false).is_empty());
    assert!(began.elapsed() < MOMENT, "{:?}", began.elapsed());
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
