//! The generated scenarios: all of them in simulated time, their files, and what they reach.

use std::collections::BTreeSet;
use std::fs;

use ringcheck::coverage::{Reached, goals};
use ringcheck::generate::scenarios;
use ringcheck::scenario::lint::lint;
use ringcheck::scenario::{load, render, without_places, write};

use crate::support::{root, run, stderr};

#[test]
fn a_thousand_scenarios_are_generated_each_under_a_name_of_its_own() {
    let generated = scenarios();
    assert!(generated.len() >= 1_000, "{}", generated.len());
    let names: BTreeSet<&str> = generated
        .iter()
        .map(|one| one.scenario.name.as_str())
        .collect();
    let files: BTreeSet<_> = generated.iter().map(|one| &one.scenario.file).collect();
    assert_eq!(names.len(), generated.len());
    assert_eq!(files.len(), generated.len());
}

#[test]
fn every_generated_scenario_is_a_file_of_the_language_without_a_problem() {
    for one in scenarios() {
        let text = write(&one.scenario);
        let loaded = match load(&one.scenario.file, &text) {
            Ok(loaded) => loaded,
            Err(problems) => panic!("{}", render(&text, &problems, false)),
        };
        let [loaded] = loaded.as_slice() else {
            panic!("{} cases", loaded.len());
        };
        assert_eq!(without_places(loaded), without_places(&one.scenario));
        let problems = lint(loaded, &text);
        assert!(problems.is_empty(), "{}", render(&text, &problems, false));
    }
}

#[test]
fn the_generated_scenarios_reach_all_that_can_be_reached() {
    let mut reached = Reached::default();
    for one in scenarios() {
        reached.add(&one.reached);
    }
    let open: Vec<String> = goals()
        .into_iter()
        .filter(|goal| goal.excluded.is_none() && !reached.has(goal.kind, &goal.name))
        .map(|goal| goal.name)
        .collect();
    assert_eq!(open, Vec::<String>::new());
}

#[test]
fn every_generated_scenario_passes_in_simulated_time() {
    let output = run(&[
        "run",
        "--generated",
        "--only",
        "generated",
        "--target",
        "sim",
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

#[test]
fn generated_scenarios_are_written_as_files_and_counted() {
    let folder = root().join("target/tests/generated");
    let _ = fs::remove_dir_all(&folder);
    let output = run(&["generate", "--out", folder.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let told = String::from_utf8(output.stdout).unwrap();
    for kind in [
        "states",
        "transitions",
        "transition pairs",
        "forbidden cells",
        "race pairs",
    ] {
        assert!(told.lines().any(|line| line.starts_with(kind)), "{told}");
    }
    let checked = run(&["lint", folder.to_str().unwrap()]);
    assert_eq!(checked.status.code(), Some(0), "{}", stderr(&checked));
}
