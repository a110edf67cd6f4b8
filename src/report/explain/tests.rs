//! Everything can be explained, and no explanation is empty.

use std::sync::Arc;

use super::code::problems;
use super::mended::Mended;
use super::{code, ids, list, requirement, why};
use crate::lifecycle::requirements::REQUIREMENTS;
use crate::lifecycle::rule;
use crate::scenario::CODES;
use crate::scenario::plan::Scenario;

const NONE: Option<&[Arc<Scenario>]> = Some(&[]);

#[test]
fn every_requirement_says_why_it_matters() {
    for requirement in REQUIREMENTS {
        assert!(
            why(requirement.id).is_some_and(|why| why.ends_with('.')),
            "{}",
            requirement.id
        );
    }
}

#[test]
fn every_rule_shows_a_good_and_a_bad_history() {
    for found in REQUIREMENTS {
        let text = requirement(found, NONE);
        let Some(rule) = rule(found.id) else {
            assert!(text.contains("No rule of the judge guards it"), "{text}");
            continue;
        };
        let (good, bad) = text.split_once("\nBad: ").expect("a bad history");
        let (_, good) = good.split_once("\nGood: ").expect("a good history");
        assert!(
            good.contains(" ms  ") && !good.contains("violation"),
            "{text}"
        );
        assert!(
            bad.contains('►') && bad.contains(&format!("[{}]: {}", rule.id, found.id)),
            "{text}"
        );
        for line in text.lines().filter(|line| line.contains(" ms  ")) {
            assert!(line.chars().count() <= 140, "{}: {line}", found.id);
        }
    }
}

#[test]
fn every_problem_code_is_shown_by_an_example() {
    for (name, sentence) in CODES {
        let text = code(name).expect("it exists");
        assert!(text.contains(sentence), "{text}");
        assert!(text.contains(&format!("error[{name}]")), "{text}");
    }
}

#[test]
fn every_problem_code_says_why_it_matters_and_what_is_right() {
    let mut wrong = String::new();
    for (name, _) in CODES {
        let mended = Mended::of(name).expect(name);
        assert!(mended.why.ends_with(['.', '?']), "{name}");
        let whole = mended.whole();
        let problems = problems(std::path::Path::new("example.yaml"), &whole);
        if !problems.is_empty() {
            wrong += name;
            wrong += &crate::scenario::render(&whole, &problems, false);
        }
        assert!(!mended.lines().is_empty(), "{name}");
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_list_names_everything() {
    let list = list();
    for id in ids() {
        assert!(list.contains(id), "{id}");
    }
}

#[test]
fn a_rule_and_a_code_look_like_this() {
    let found = crate::lifecycle::requirements::requirement("CAN-1").expect("it exists");
    insta::assert_snapshot!(requirement(found, NONE));
    insta::assert_snapshot!(code("S015").expect("it exists"));
}
