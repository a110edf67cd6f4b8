//! Files laid out anew, with everything in them kept.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use proptest::prelude::*;

use super::written::library;
use super::{drawn_of, with_steps};
use crate::scenario::find_with_steps;
use crate::scenario::plan::Scenario;
use crate::scenario::{format as laid_out, load, read_file, without_places};

fn formatted(text: &str) -> String {
    match laid_out(Path::new("scenarios/test.yaml"), text) {
        Ok(formatted) => formatted,
        Err(problems) => panic!("{}", drawn_of(text, &problems)),
    }
}

/// What is said of a text that cannot be laid out.
fn refused(file: &str, text: &str) -> String {
    let problems = laid_out(Path::new(file), text).expect_err("the file should not be formatted");
    drawn_of(text, &problems)
}

#[test]
fn the_library_is_formatted() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = find_with_steps(&[
        root.join("scenarios"),
        root.join("tests/planted/wrong-response.yaml"),
    ]);
    for file in files.expect("the library is there") {
        let text = read_file(&file).expect("the file is there");
        let formatted = laid_out(&file, &text);
        assert_eq!(formatted.as_ref(), Ok(&text), "{}", file.display());
    }
}

#[test]
fn a_file_in_another_style_gets_the_librarys_and_keeps_every_comment() {
    let text = "# Above it all.


scenario:   'It''s a test'   # Behind the promise.
covers:
- ACC-1 # Behind one.
-   ACC-2
users: [ alice,bob ,
  carol ] # Behind a list.
# Above the rows.
rows:
- {case: a, n: 1}
- case: longer # Within a row.
  n: 22

steps:   # Behind a key.
- alice: {create: call,callee: bob, content: \"a, b # no comment\", channel: a#b}

      # Above a step, too far in.
- alice:
    send: call   # Behind a value.
    result:
      - Ok
      # Between two results.
      - NotStarted
- { race: { steps: [ { alice: {cancel: call} }, {bob: drop} ], outcomes: { it ends: [ {alice: {expect: localInvitationCanceled, of: call}} ] } } }
- repeat: {times: 2, steps: [{bob: login}]}
- carol: logout
# Below it all.

";
    let text = &format!("\u{feff}{}", text.replace('\n', "\r\n"));
    insta::assert_snapshot!(formatted(text));
}

#[test]
fn what_cannot_be_laid_out_is_told_at_its_place() {
    let mut told = String::new();
    for (file, text) in [
        ("a.yaml", ""),
        ("a.yaml", "# Only a comment.\n"),
        ("ci.yaml", "name: other\nsteps: []\n"),
        ("play.yaml", "- hosts: all\n"),
        ("a.yaml", "scenario: &name Test\ncovers: [ACC-1]\n"),
        (
            "a.yaml",
            "scenario: Test\nusers: &all [alice]\noffline: *all\n",
        ),
        (
            "a.yaml",
            "scenario: Test\nsteps:\n  - alice:\n      create: |\n        a\n        b\n",
        ),
        ("a.yaml", "scenario: one\n  two\n"),
        ("a.yaml", "scenario: [\n"),
        ("a.yaml", "scenario: !tag Test\n"),
        ("a.yaml", "? scenario\n: Test\n"),
    ] {
        told.push_str(&refused(file, text));
        told.push('\n');
    }
    insta::assert_snapshot!(told);
}

#[test]
fn a_file_of_steps_is_formatted_as_one() {
    let text = "- alice: {send: call}\n-  bob: login # Back.\n";
    let steps = laid_out(Path::new("a.steps.yaml"), text);
    let expected = "- alice: { send: call }\n- bob:   login  # Back.\n";
    assert_eq!(steps.as_deref(), Ok(expected));
}

/// A library file with comments and white space thrown into it where YAML takes them.
fn untidy(text: &str, chances: &[u8]) -> (String, Vec<String>) {
    let mut comments = Vec::new();
    let mut untidy = String::new();
    for (line, chance) in text.lines().zip(chances.iter().cycle()) {
        if chance % 3 == 0 {
            comments.push(format!("# above {}", comments.len()));
            let indent = " ".repeat(usize::from(chance % 7));
            untidy.extend([&indent, comments.last().unwrap(), "\n"]);
        }
        if chance % 5 == 0 {
            untidy.push('\n');
        }
        untidy.push_str(line);
        if chance % 4 == 0 {
            comments.push(format!("# behind {}", comments.len()));
            untidy.extend(["   ", comments.last().unwrap()]);
        }
        untidy.push_str(if chance % 2 == 0 { "\n" } else { "  \n" });
    }
    (untidy, comments)
}

/// A text with something taken out, doubled, moved further in or put in at each of those places.
fn mutilated(text: &str, edits: &[(usize, u8, char)]) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for (place, kind, sign) in edits {
        let at = place % lines.len();
        let line = lines.remove(at);
        let middle = place / 7 % (line.chars().count() + 1);
        let (before, after): (String, String) = (
            line.chars().take(middle).collect(),
            line.chars().skip(middle).collect(),
        );
        let rest: String = after.chars().skip(1).collect();
        let news = match kind % 8 {
            0 => vec![format!("{before}{rest}")],
            1 => vec![format!("{before}{sign}{after}")],
            2 => vec![line.clone(), line],
            3 => vec![format!("  {line}")],
            4 => vec![before, after],
            5 => vec![line, format!("{}# alone", " ".repeat(middle))],
            6 => vec![format!("{line} # behind"), String::new()],
            _ => Vec::new(),
        };
        lines.splice(at..at, news);
        if lines.is_empty() {
            break;
        }
    }
    lines.join("\n")
}

static LIBRARY: LazyLock<Vec<(PathBuf, String)>> = LazyLock::new(library);

/// What a text means: its plans, or what is wrong with it.
fn meaning(file: &Path, text: &str) -> Result<Vec<Scenario>, Vec<(&'static str, String)>> {
    match load(file, text) {
        Ok(cases) => Ok(cases.iter().map(without_places).collect()),
        Err(problems) => {
            let problems = problems.into_iter().map(|it| (it.code, it.message));
            let mut problems: Vec<_> = problems.collect();
            problems.sort();
            Err(problems)
        }
    }
}

#[test]
fn comments_stay_with_the_list_that_they_end() {
    let text = with_steps(
        "  - race:\n      steps:\n        - alice: login\n        # ends the steps\n      # before the outcomes\n      outcomes:\n        \
         one:\n          - bob: login\n          # ends the first\n        two:\n          - bob: login\n\n      # ends the race\n  # before the next\n  \
         - bob: login\n\n  # ends all steps\n\n# ends the file\n",
    );
    assert_eq!(formatted(&text), text);
}

#[test]
fn marks_of_the_document_and_empty_lists_are_no_hindrance() {
    let text = with_steps("  - alice: login\n");
    let marked = format!("--- # why\n{text}...\n");
    assert_eq!(formatted(&marked), format!("# why\n{text}"));
    let empty = "scenario: Test\nrows: []\nsteps: []\n";
    assert_eq!(formatted(empty), empty);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_mutilated_file_that_is_formatted_means_the_same_and_stays_as_it_is(
        file in 0..LIBRARY.len(),
        edits in prop::collection::vec((any::<usize>(), any::<u8>(), prop::sample::select("\"'#:-,[]{}&*!|>?%@` \t$é".chars().collect::<Vec<_>>())), 1..6),
    ) {
        let (file, text) = &LIBRARY[file];
        let text = mutilated(text, &edits);
        if let Ok(once) = laid_out(file, &text) {
            let twice = laid_out(file, &once);
            prop_assert_eq!(twice.as_ref(), Ok(&once), "{}", text);
            prop_assert_eq!(meaning(file, &once), meaning(file, &text), "{}", text);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn a_formatted_file_means_the_same_has_its_comments_and_stays_as_it_is(chances in prop::collection::vec(any::<u8>(), 1..40)) {
        for (file, text) in library().into_iter().step_by(5) {
            let (untidy, comments) = untidy(&text, &chances);
            let once = laid_out(&file, &untidy).map_err(|problems| TestCaseError::fail(drawn_of(&untidy, &problems)))?;
            let kept: Vec<&str> = comments.iter().map(String::as_str).filter(|comment| once.contains(*comment)).collect();
            prop_assert_eq!(kept, comments.iter().map(String::as_str).collect::<Vec<_>>(), "{}", untidy);
            prop_assert_eq!(laid_out(&file, &once), Ok(once.clone()));
            let plans = |text: &str| load(&file, text).map(|cases| cases.iter().map(without_places).collect::<Vec<_>>());
            prop_assert_eq!(plans(&once), plans(&text));
        }
    }

    #[test]
    fn no_text_makes_the_formatter_panic(text in "[a-z \\n:{}\\[\\],#\"'|>&*?!%-]{0,200}") {
        let text = with_steps(&text);
        if let Ok(once) = laid_out(Path::new("scenarios/test.yaml"), &text) {
            let twice = laid_out(Path::new("scenarios/test.yaml"), &once);
            prop_assert_eq!(twice, Ok(once));
        }
    }
}
