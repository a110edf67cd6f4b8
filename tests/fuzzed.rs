//! Files near real ones to the scenario loader, the history reader and the judge: a defined answer, and no panic.

use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use ringcheck::history::file::{Item, LINE_BYTES_MAX, Opening, Reader, write};
use ringcheck::history::{Header, History};
use ringcheck::lifecycle::tales::tales;
use ringcheck::lifecycle::{FINDINGS_MAX, RULES, judge};
use ringcheck::report::checked::Checked;
use ringcheck::scenario::{
    CODES, Problem, find_with_steps, format, lint, lint_covers, load, read_file, render,
};
use ringcheck::verify::section_by_section;
use serde_json::{Value, json};

use crate::fuzzing::{Input, fuzz, near};
use crate::support::root;

/// Where a scenario stands, so that what it includes is found.
const FILE: &str = "scenarios/fuzzed.yaml";

/// What means something in a scenario.
const SCENARIO_WORDS: [&str; 48] = [
    "scenario: ",
    "covers: ",
    "users: ",
    "offline: ",
    "tags: ",
    "rows:",
    "steps:\n",
    "  - ",
    "alice",
    "bob",
    "wait: ",
    "together:",
    "any_order:",
    "race:",
    "never: ",
    "repeat: ",
    "times: 3",
    "include: ringing.steps.yaml",
    "save: ",
    "${case}",
    "${i}",
    "create: call",
    "send: call",
    "cancel: call",
    "accept: call",
    "refuse: call",
    "expect: ",
    "localInvitationAccepted",
    "remoteInvitationReceived",
    "of: call",
    "within: 1s",
    "at: expiry",
    "0.5 * ",
    "late: ",
    "result: ",
    "drop",
    "hold: sent",
    "lose: heard",
    "raw: ",
    "&a ",
    "*a",
    "<<: ",
    "|",
    ">-",
    "\"",
    "\u{feff}",
    "999999999999",
    "-1",
];

fn problems_are_told(text: &str, problems: &[Problem]) -> TestCaseResult {
    prop_assert!(!problems.is_empty());
    for problem in problems {
        let is_known = CODES.iter().any(|(code, _)| *code == problem.code);
        prop_assert!(is_known, "{}", problem.code);
        prop_assert!(problem.line >= 1 && problem.column >= 1);
    }
    prop_assert!(!render(text, problems, true).is_empty());
    Ok(())
}

#[test]
fn a_file_near_a_scenario_is_one_or_has_its_problems_told() {
    let files = find_with_steps(&[root().join("scenarios"), root().join("tests/raw")]).unwrap();
    let corpus: Vec<Vec<u8>> = files
        .iter()
        .map(|it| read_file(it).unwrap().into_bytes())
        .collect();
    assert!(corpus.len() > 100, "{}", corpus.len());
    fuzz(
        "scenario loader",
        150,
        &near(corpus, &SCENARIO_WORDS),
        |Input(bytes)| {
            let text = String::from_utf8_lossy(&bytes);
            let file = root().join(FILE);
            match load(&file, &text) {
                Ok(cases) => {
                    let mut problems = lint_covers(&cases, &text);
                    for case in &cases {
                        problems.extend(lint::lint(case, &text));
                    }
                    if !problems.is_empty() {
                        problems_are_told(&text, &problems)?;
                    }
                }
                Err(problems) => problems_are_told(&text, &problems)?,
            }
            // What can be put into the house style says the same, and is in it.
            if let Ok(formatted) = format(Path::new(FILE), &text) {
                let again = format(Path::new(FILE), &formatted);
                prop_assert_eq!(again.ok(), Some(formatted));
            }
            Ok(())
        },
    );
}

/// What means something in a history.
const HISTORY_WORDS: [&str; 44] = [
    "{\"ringcheck\":\"history/1\",\"trailer\":false}\n",
    "{\"end_us\":0}\n",
    "\"order\":\"causal\"",
    "\"order\":\"per-user\"",
    "\"trailer\":false",
    "\"clocks_ms\":{\"expiry\":0}",
    "\"at_us\":0",
    "\"at_us\":18446744073709551615",
    "\"at_us\":60000000",
    "\"session\":2",
    "\"session\":4294967295",
    "\"user\":\"alice\"",
    "\"user\":\"bob\"",
    "\"user\":\"\"",
    "\"peer\":\"alice\"",
    "\"peer\":\"bob\"",
    "\"peer\":null",
    "\"call\":\"create\"",
    "\"call\":\"send\"",
    "\"call\":\"cancel\"",
    "\"call\":\"accept\"",
    "\"call\":\"refuse\"",
    "\"result\":\"send\"",
    "\"callback\":\"localInvitationAccepted\"",
    "\"callback\":\"remoteInvitationAccepted\"",
    "\"callback\":\"remoteInvitationReceived\"",
    "\"callback\":\"localInvitationFailure\"",
    "\"callback\":\"remoteInvitationFailure\"",
    "\"callback\":\"localInvitationCanceled\"",
    "\"connection\":\"Connected\",\"reason\":\"LoginSuccess\"",
    "\"connection\":\"Reconnecting\",\"reason\":\"Interrupted\"",
    "\"connection\":\"Aborted\",\"reason\":\"RemoteLogin\"",
    "\"invitation\":\"c1\"",
    "\"code\":3",
    "\"code\":255",
    "\"state\":3",
    "\"wire\":\"x\"",
    "\"content\":{\"bytes\":9000,\"digest\":\"00\",\"excerpt\":\"x\"}",
    "\"content\":\"x\"",
    "\\ud800",
    "null",
    "-1",
    ",",
    "}\n",
];

/// A history without the numbers and the trailer that would give every change of it away.
fn loosened(strict: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(strict.to_vec()).unwrap();
    let mut lines: Vec<Value> = text
        .lines()
        .map(|it| serde_json::from_str(it).unwrap())
        .collect();
    lines.pop();
    for line in &mut lines {
        let line = line.as_object_mut().unwrap();
        line.remove("seq");
        line.remove("cause");
    }
    lines[0]["trailer"] = json!(false);
    lines
        .iter()
        .flat_map(|line| format!("{line}\n").into_bytes())
        .collect()
}

fn written(opening: &Opening, history: &History) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut bytes, opening, history).unwrap();
    bytes
}

/// Every section that can be read, in order, and whether the file is whole.
fn sections(bytes: &[u8]) -> (Vec<(Opening, History)>, bool) {
    let mut reader = Reader::new(bytes);
    let (mut found, mut open) = (Vec::new(), None);
    loop {
        match reader.next_item() {
            Ok(Some(Item::Opened(opening, clocks, order))) => {
                let end = std::time::Duration::ZERO;
                open = Some((
                    opening,
                    History {
                        header: Header { clocks, order, end },
                        events: Vec::new(),
                    },
                ));
            }
            Ok(Some(Item::Event(event))) => open.as_mut().unwrap().1.events.push(event),
            Ok(Some(Item::Closed(trailer))) => {
                let (opening, mut history) = open.take().unwrap();
                history.header.end = trailer.end;
                found.push((opening, history));
            }
            Ok(None) => return (found, true),
            Err(damage) => {
                assert!(damage.line >= 1 && !damage.to_string().is_empty());
                return (found, false);
            }
        }
    }
}

#[test]
fn a_file_near_a_history_is_judged_or_its_damage_told() {
    let histories: Vec<History> = tales().filter_map(|tale| tale.history()).collect();
    let strict = histories.iter().map(|it| written(&Opening::default(), it));
    let corpus: Vec<Vec<u8>> = strict.flat_map(|it| [loosened(&it), it]).collect();
    assert!(corpus.len() > 200, "{}", corpus.len());
    fuzz(
        "history reader and judge",
        400,
        &near(corpus, &HISTORY_WORDS),
        |Input(bytes)| {
            let mut checked = Checked::new();
            let judged = section_by_section("fuzzed", &*bytes, 64, &mut checked);
            let (found, is_whole) = sections(&bytes);
            prop_assert_eq!(judged.is_ok(), is_whole);
            for (opening, history) in &found {
                let verdict = judge(history);
                let bound = FINDINGS_MAX as usize * 3 * RULES.len();
                prop_assert!(verdict.findings.len() <= bound);
                // What was read is written and read as the same, and judged as the same.
                let again = written(opening, history);
                if again
                    .split(|byte| *byte == b'\n')
                    .all(|line| line.len() < LINE_BYTES_MAX)
                {
                    let (read, is_whole) = sections(&again);
                    prop_assert!(is_whole);
                    prop_assert_eq!(&read[..], &[(opening.clone(), history.clone())][..]);
                    prop_assert_eq!(judge(&read[0].1).findings, verdict.findings);
                }
            }
            Ok(())
        },
    );
}
