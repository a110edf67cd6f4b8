//! Hand-written histories, good and bad, with what the checker must find in each and nothing else.

mod crossing;
mod machine;
mod presence;
mod usual;

use std::fmt::Write as _;
use std::time::Duration;

use super::tales::{Tale, bad, good_for, history_of, tales};
use super::{FindingKind, Judge, RULES, Verdict, judge, requirements, rule};
use crate::history::{Clocks, Order};

fn verdict(tale: &Tale) -> Verdict {
    judge(&tale.history().expect("a recipe"))
}

fn found(verdict: &Verdict) -> String {
    let short = |finding: &super::Finding| {
        let mark = match finding.kind {
            FindingKind::Violation => "",
            FindingKind::Warning => "~",
            FindingKind::Inconclusive => "?",
        };
        let event = finding
            .event
            .map_or_else(|| "-".to_owned(), |event| event.to_string());
        format!("{mark}{}@{event}", finding.rule.requirement)
    };
    let all: Vec<String> = verdict.findings.iter().map(short).collect();
    all.join(" ")
}

#[test]
fn every_history_gives_its_findings_and_no_others() {
    let mut wrong = String::new();
    for tale in tales() {
        let verdict = verdict(tale);
        if found(&verdict) != tale.finds {
            let _ = write!(
                wrong,
                "\n{}: expected [{}]; got [{}]",
                tale.name,
                tale.finds,
                found(&verdict)
            );
            for finding in &verdict.findings {
                let _ = write!(wrong, "\n    {finding}");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(tales().count() >= 200, "{} histories", tales().count());
}

#[test]
fn a_callee_may_come_as_late_as_the_offline_window_lasts() {
    let mut history = history_of(
        "
        0      alice Connected
        100    alice create c peer=bob => 0
        100    alice send c => 0
        100000 bob   Connecting
        100010 bob   Connected
        100020 bob   remoteReceived c peer=alice
        100030 alice localReceivedByPeer c
        110000 bob   accept c => 0
        110010 alice localAccepted c
        110020 bob   remoteAccepted c
    ",
    )
    .expect("a recipe");
    history.header.clocks.offline_window = Duration::from_secs(120);
    assert_eq!(found(&judge(&history)), "");
}

#[test]
fn every_rule_has_a_history_that_breaks_it() {
    let broken: Vec<&str> = tales()
        .flat_map(|tale| verdict(tale).findings)
        .filter(|finding| finding.kind != FindingKind::Inconclusive)
        .map(|finding| finding.rule.requirement)
        .collect();
    let never: Vec<&str> = RULES
        .iter()
        .map(|rule| rule.requirement)
        .filter(|rule| !broken.contains(rule))
        .collect();
    assert!(never.is_empty(), "no history breaks {never:?}");
}

#[test]
fn every_rule_has_a_good_history_that_arms_and_discharges_it() {
    let mut met = Vec::new();
    for tale in tales().filter(|tale| tale.finds.is_empty()) {
        for exercise in verdict(tale).exercised {
            if exercise.armed > 0 && exercise.discharged == exercise.armed {
                met.push(exercise.rule.requirement);
            }
        }
    }
    let never: Vec<&str> = RULES
        .iter()
        .map(|rule| rule.requirement)
        .filter(|rule| !met.contains(rule))
        .collect();
    assert!(never.is_empty(), "no good history meets {never:?}");
}

#[test]
fn nothing_is_discharged_more_often_than_it_was_armed() {
    for tale in tales() {
        for exercise in verdict(tale).exercised {
            assert!(
                exercise.discharged <= exercise.armed,
                "{}: {exercise:?}",
                tale.name
            );
        }
    }
}

#[test]
fn every_requirement_has_a_rule_or_a_reason_why_not() {
    for requirement in requirements::REQUIREMENTS {
        let seen = rule(requirement.id);
        let unseen = super::UNSEEN
            .iter()
            .any(|unseen| unseen.requirement == requirement.id);
        assert!(seen.is_some() != unseen, "{}", requirement.id);
        if let Some(rule) = seen {
            assert_eq!(rule.grade, requirement.grade, "{}", rule.requirement);
        }
    }
    assert_eq!(
        RULES.len() + super::UNSEEN.len(),
        requirements::REQUIREMENTS.len()
    );
}

#[test]
fn rule_ids_count_up() {
    for (number, rule) in RULES.iter().enumerate() {
        assert_eq!(rule.id, format!("L{:02}", number + 1));
    }
}

#[test]
fn a_verdict_names_what_was_allowed() {
    let tale = tales()
        .find(|tale| tale.name == "accepted without an accept")
        .expect("the tale is in the list");
    let verdict = verdict(tale);
    let allowed = &verdict.findings[0].allowed;
    assert!(allowed.contains(&"cancel".to_owned()), "{allowed:?}");
    assert!(!allowed.contains(&"send".to_owned()), "{allowed:?}");
}

#[test]
fn a_finding_about_an_event_names_a_user_of_the_history() {
    for tale in tales() {
        let history = tale.history().expect("a recipe");
        for finding in judge(&history).findings {
            let named = history.events.iter().any(|it| it.user == finding.user);
            assert!(
                named || finding.event.is_none(),
                "{}: {finding:?}",
                tale.name
            );
        }
    }
}

#[test]
fn the_checker_imports_the_history_and_nothing_else_of_ours() {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lifecycle");
    let mut folders = vec![here];
    let mut read = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the folder can be listed") {
            let path = entry.expect("the entry can be read").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            read += 1;
            let text = std::fs::read_to_string(&path).expect("the source can be read");
            let outside = concat!("ring", "check_reference");
            assert!(!text.contains(outside), "{}", path.display());
            for after in text.split(concat!("crate", "::")).skip(1) {
                assert!(
                    after.starts_with("history") || after.starts_with("lifecycle"),
                    "{}: {}",
                    path.display(),
                    after.lines().next().unwrap_or("")
                );
            }
        }
    }
    assert!(read > 10);
}

#[test]
fn every_rule_has_a_good_and_a_bad_tale_to_show() {
    for rule in RULES {
        assert!(bad(rule).is_some(), "{} has no bad tale", rule.requirement);
        assert!(
            good_for(rule).is_some(),
            "{} has no good tale",
            rule.requirement
        );
    }
}

#[test]
fn an_accept_that_came_to_nothing_is_judged_alike_whatever_comes_next() {
    let clocks = Clocks {
        accept_ack: Duration::from_secs(10),
        ..Clocks::default()
    };
    let call = "
        0     alice Connected
        0     bob   Connected
        1     alice create c peer=bob => 0
        2     alice send c => 0
        10    bob   remoteReceived c peer=alice
        12    alice localReceivedByPeer c
        20    bob   accept c => 0
        10020 bob   remoteFailure c code=2
        10021 alice localAccepted c
    ";
    let events = history_of(call).expect("a recipe").events;
    for later in [60, 120, 400] {
        let mut judge = Judge::new(clocks, Order::Causal);
        for event in &events {
            judge.observe(event);
        }
        judge.advance(Duration::from_millis(10_021 + later));
        let verdict = judge.finish(Duration::from_secs(60));
        let found: Vec<&str> = verdict
            .findings
            .iter()
            .map(|finding| finding.rule.requirement)
            .collect();
        assert_eq!(found, ["ACC-5"], "{later} ms later");
        assert_eq!(verdict.count(FindingKind::Violation), 1);
    }
}
