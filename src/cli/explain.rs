//! `ringcheck explain`: what a rule, a requirement or a problem code means, or how a scenario flows.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args as ClapArgs;

use super::output::Output;
use super::select::Selection;
use super::{Failure, tell_problems};
use crate::lifecycle::requirements::requirement;
use crate::lifecycle::rule;
use crate::report::{explain, flow::flow};
use crate::scenario::lint::lint;
use crate::scenario::names::help;
use crate::scenario::plan::Scenario;
use crate::scenario::{load, read_file};

/// What to explain.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  ringcheck explain             everything that can be explained
  ringcheck explain ACC-2       a requirement of the lifecycle
  ringcheck explain L21         a rule of the judge
  ringcheck explain S014        a problem of a scenario file
  ringcheck explain scenarios/04-accept/accept.yaml
                                a scenario as a diagram, without playing it")]
pub(super) struct Args {
    /// A requirement, a rule, a problem code, or the file of a scenario
    #[arg(value_name = "ID|FILE")]
    id: Option<String>,

    /// Where the scenarios are
    #[arg(long, value_name = "FOLDER", default_value = super::select::LIBRARY)]
    scenarios: PathBuf,
}

/// No library to look into.
const NOWHERE: Option<&[Arc<Scenario>]> = None;

/// Explains it, to standard output.
pub(super) fn explain(args: &Args, output: &Output) -> Result<(), Failure> {
    let Some(id) = &args.id else {
        output.data(&explain::list());
        return Ok(());
    };
    let file = Path::new(id);
    if file.exists() || is_path(file) {
        return draw(file, output);
    }
    let id = id.to_uppercase();
    if let Some(text) = explain::code(&id) {
        output.data(&text);
        return Ok(());
    }
    let named = rule(&id).map_or(id.as_str(), |rule| rule.requirement);
    let Some(found) = requirement(named) else {
        let known: Vec<&str> = explain::ids().collect();
        let hint = help(&id, &known);
        let hint = hint.unwrap_or_else(|| "`ringcheck explain` lists all".to_owned());
        return Err(Failure::Usage(format!(
            "nothing is named `{id}`\nhint: {hint}"
        )));
    };
    if !args.scenarios.exists() && args.scenarios == Path::new(super::select::LIBRARY) {
        output.data(&explain::requirement(found, NOWHERE));
        output.tell(
            "the scenarios that exercise it are not here; `--scenarios FOLDER` says where they are",
        );
        return Ok(());
    }
    let scenarios = Selection::all_in(&args.scenarios).scenarios(output)?;
    output.data(&explain::requirement(found, Some(&scenarios)));
    Ok(())
}

/// Whether nobody can mean anything but a file.
fn is_path(file: &Path) -> bool {
    let has_ending = file
        .extension()
        .is_some_and(|ending| ending == "yaml" || ending == "yml");
    has_ending || file.components().count() > 1
}

/// Draws the first case of a scenario, and names the others.
fn draw(file: &Path, output: &Output) -> Result<(), Failure> {
    if file.is_dir() {
        let message = format!(
            "`{}` is a folder\nhint: name one of its scenarios",
            file.display()
        );
        return Err(Failure::Usage(message));
    }
    let text = read_file(file)?;
    let cases = load(file, &text).map_err(|problems| {
        tell_problems(output, &text, &problems);
        Failure::Scenarios
    })?;
    let Some((first, others)) = cases.split_first() else {
        return Ok(());
    };
    output.data(&flow(first));
    if !others.is_empty() {
        let others: Vec<String> = others
            .iter()
            .map(|case| format!("  {}", case.name))
            .collect();
        output.data(&format!(
            "\nIn the same way, with the values of their rows:\n{}",
            others.join("\n")
        ));
    }
    let problems = lint(first, &text);
    if problems.is_empty() {
        return Ok(());
    }
    tell_problems(output, &text, &problems);
    Err(Failure::Scenarios)
}
