//! `ringcheck explain`: what a rule, a requirement or a problem code means.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::Failure;
use super::output::Output;
use super::select::Selection;
use crate::lifecycle::requirements::requirement;
use crate::lifecycle::rule;
use crate::report::explain;
use crate::scenario::names::help;

/// What to explain.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  ringcheck explain             everything that can be explained
  ringcheck explain ACC-2       a requirement of the lifecycle
  ringcheck explain L21         a rule of the judge
  ringcheck explain S014        a problem of a scenario file")]
pub(super) struct Args {
    /// A requirement, a rule or a problem code
    #[arg(value_name = "ID")]
    id: Option<String>,

    /// Where the scenarios are
    #[arg(long, value_name = "FOLDER", default_value = super::select::LIBRARY)]
    scenarios: PathBuf,
}

/// Explains it, to standard output.
pub(super) fn explain(args: &Args, output: &Output) -> Result<(), Failure> {
    let Some(id) = &args.id else {
        output.data(&explain::list());
        return Ok(());
    };
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
    let scenarios = Selection::all_in(&args.scenarios).scenarios(output)?;
    output.data(&explain::requirement(found, &scenarios));
    Ok(())
}
