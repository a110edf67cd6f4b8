//! The library of scenarios: nothing that the lifecycle demands is without one, and nothing is claimed that is not there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use ringcheck::lifecycle::UNSEEN;
use ringcheck::lifecycle::requirements::REQUIREMENTS;
use ringcheck::scenario::lint::lint;
use ringcheck::scenario::plan::Scenario;
use ringcheck::scenario::{find, load, read_file};

use crate::support::root;

/// How many failures of the field there are.
const PAINS: usize = 40;

/// The sections of the lifecycle, in its order: what a folder's scenarios must exercise.
const FOLDERS: &[(&str, &str)] = &[
    ("01-objects", "OBJ-"),
    ("02-send", "SEND-"),
    ("03-cancel", "CAN-"),
    ("04-accept", "ACC-"),
    ("05-refuse", "REF-"),
    ("06-failures", "FAIL-"),
    ("07-api", "API-"),
    ("08-order", "ORD-"),
    ("09-agreement", "AGR-"),
    ("10-sessions", "SES-"),
    ("11-limits", "LIM-"),
    // The reference's own wire, which every section travels over.
    ("12-wire", ""),
];

/// Every scenario of the library, with its path in the folder of the library.
fn library() -> Vec<(String, Scenario)> {
    let folder = root().join("scenarios");
    let files = find(std::slice::from_ref(&folder)).unwrap();
    let load = |file: PathBuf| {
        let text = read_file(&file).unwrap();
        let path = file.strip_prefix(&folder).unwrap();
        let path = path.to_str().unwrap().to_owned();
        let cases = load(&file, &text).unwrap().into_iter();
        cases.map(move |case| {
            assert!(lint(&case, &text).is_empty(), "{}", file.display());
            (path.clone(), case)
        })
    };
    files.into_iter().flat_map(load).collect()
}

/// A row of the table of field pains: what stands in its columns.
struct Pain {
    number: String,
    scenarios: BTreeSet<String>,
    left_out: Option<String>,
}

/// The rows of `scenarios/FIELD-PAINS.md`, in its order.
fn pains() -> Vec<Pain> {
    let text = fs::read_to_string(root().join("scenarios/FIELD-PAINS.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| P"));
    rows.map(|row| {
        let columns: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [number, failure, scenarios, left_out] = columns[..] else {
            panic!("expected four columns: {row}");
        };
        assert!(failure.ends_with('.'), "{row}");
        let link = |link: &str| {
            let path = link.split_once("](").unwrap().1;
            path.trim_end_matches(')').to_owned()
        };
        let links = scenarios.split(", ").filter(|text| *text != "–");
        Pain {
            number: number.to_owned(),
            scenarios: links.map(link).collect(),
            left_out: (left_out != "–").then(|| left_out.to_owned()),
        }
    })
    .collect()
}

#[test]
fn every_field_pain_has_scenarios_or_a_reason_why_not() {
    let pains = pains();
    let numbers: Vec<&str> = pains.iter().map(|pain| pain.number.as_str()).collect();
    let all: Vec<String> = (1..=PAINS).map(|number| format!("P{number:02}")).collect();
    assert_eq!(numbers, all);
    for pain in &pains {
        assert!(
            !pain.scenarios.is_empty() || pain.left_out.is_some(),
            "{} has neither a scenario nor a reason",
            pain.number
        );
    }
}

#[test]
fn the_table_of_field_pains_agrees_with_the_tags() {
    let mut tagged: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, scenario) in library() {
        for tag in scenario.tags {
            tagged.entry(tag).or_default().insert(path.clone());
        }
    }
    for pain in pains() {
        let tagged = tagged.remove(&pain.number).unwrap_or_default();
        assert_eq!(
            pain.scenarios, tagged,
            "{}: the table is left, the tags are right",
            pain.number
        );
    }
    // What remains are words, not misspelt numbers.
    for tag in tagged.keys() {
        let digits = tag.trim_start_matches(['p', 'P']);
        assert!(digits.parse::<u32>().is_err(), "no field pain is `{tag}`");
    }
}

#[test]
fn every_requirement_has_a_scenario_or_a_reason_why_not() {
    let covered: BTreeSet<String> = library()
        .into_iter()
        .flat_map(|(_, scenario)| scenario.covers)
        .collect();
    let missing: Vec<&str> = REQUIREMENTS
        .iter()
        .map(|requirement| requirement.id)
        .filter(|id| !covered.contains(*id))
        .filter(|id| UNSEEN.iter().all(|unseen| unseen.requirement != *id))
        .collect();
    assert!(missing.is_empty(), "no scenario covers {missing:?}");
}

#[test]
fn every_scenario_exercises_the_section_that_its_folder_is_named_for() {
    for (path, scenario) in library() {
        let folder = path.split('/').next().unwrap();
        let known = FOLDERS.iter().find(|(name, _)| *name == folder);
        let Some((_, prefix)) = known else {
            panic!("`{path}` is in a folder of no section");
        };
        assert!(
            scenario.covers.iter().any(|id| id.starts_with(prefix)),
            "`{path}` covers nothing of {prefix}*: {:?}",
            scenario.covers
        );
    }
}
