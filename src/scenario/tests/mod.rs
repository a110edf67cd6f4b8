//! What the scenario language takes, what it refuses, and how it says so.

mod broken;
mod formatted;
mod good;
mod hostile;
mod linted;
mod saves;
mod written;

use std::path::Path;

use super::{Problem, Scenario, load, render};

/// Loads a text as if it stood in `scenarios/test.yaml`.
fn read(text: &str) -> Result<Scenario, Vec<Problem>> {
    let mut cases = read_cases(text)?;
    assert_eq!(cases.len(), 1, "the file has no rows");
    Ok(cases.remove(0))
}

/// Loads all cases of a text as if it stood in `scenarios/test.yaml`.
fn read_cases(text: &str) -> Result<Vec<Scenario>, Vec<Problem>> {
    load(Path::new("scenarios/test.yaml"), text)
}

/// A file with those steps whose head is right, for `alice` and `bob`.
fn with_steps(steps: &str) -> String {
    format!("scenario: Test\ncovers: [ACC-1]\nusers: [alice, bob]\nsteps:\n{steps}")
}

/// The problems of a text, drawn.
fn drawn(text: &str) -> String {
    let problems = read_cases(text).expect_err("the file should have problems");
    drawn_of(text, &problems)
}

/// Problems of a text, drawn.
fn drawn_of(text: &str, problems: &[Problem]) -> String {
    assert!(!problems.is_empty());
    for problem in problems {
        let known = super::CODES.iter().any(|(code, _)| *code == problem.code);
        assert!(known, "{} is not explained", problem.code);
    }
    render(text, problems, false)
}
