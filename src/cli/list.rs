//! `ringcheck list` and `ringcheck lint`.

use std::path::Path;
use std::sync::Arc;

use clap::Args;
use serde::Serialize;

use super::Failure;
use super::output::Output;
use super::select::Selection;
use crate::scenario::plan::Scenario;
use crate::scenario::{Need, needs};

/// What to list.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  ringcheck list --only ACC-2     what exercises a requirement
  ringcheck list --json           everything about every scenario, for programs")]
pub(super) struct ListArgs {
    #[command(flatten)]
    selection: Selection,

    /// Print a JSON array with an object a scenario: its file, name, requirements, tags, users, and what it needs a target
    /// to have
    #[arg(long)]
    json: bool,
}

/// A scenario for programs. Its keys are relied upon: one may come, none may go.
#[derive(Debug, Serialize)]
struct Listed<'s> {
    file: &'s Path,
    name: &'s str,
    covers: &'s [String],
    tags: &'s [String],
    users: Vec<&'s str>,
    needs: Vec<&'static str>,
}

/// What to check.
#[derive(Debug, Args)]
#[command(after_help = "Example: ringcheck lint scenarios/03-cancel")]
pub(super) struct LintArgs {
    #[command(flatten)]
    selection: Selection,
}

/// Prints a line a scenario: file, requirements, name; or all of it as JSON.
pub(super) fn list(args: &ListArgs, output: &Output) -> Result<(), Failure> {
    let scenarios = args.selection.scenarios(output)?;
    if args.json {
        output.data(&json(&scenarios));
        return Ok(());
    }
    let width = scenarios
        .iter()
        .map(|scenario| scenario.file.display().to_string().len())
        .max()
        .unwrap_or(0);
    for scenario in scenarios {
        let (file, covers) = (
            scenario.file.display().to_string(),
            scenario.covers.join(","),
        );
        output.data(&format!("{file:<width$}  {covers:<16}  {}", scenario.name));
    }
    Ok(())
}

/// An array with an object a line.
fn json(scenarios: &[Arc<Scenario>]) -> String {
    let lines = scenarios.iter().map(|scenario| {
        let listed = Listed {
            file: &scenario.file,
            name: &scenario.name,
            covers: &scenario.covers,
            tags: &scenario.tags,
            users: scenario.users.iter().map(|user| &*user.name).collect(),
            needs: needs(scenario).into_iter().map(Need::name).collect(),
        };
        serde_json::json!(listed).to_string()
    });
    format!("[\n{}\n]", lines.collect::<Vec<_>>().join(",\n"))
}

/// Loads every file and says what is wrong with it.
pub(super) fn lint(args: &LintArgs, output: &Output) -> Result<(), Failure> {
    let count = args.selection.scenarios(output)?.len();
    let noun = if count == 1 {
        "scenario is"
    } else {
        "scenarios are"
    };
    output.tell(&format!("{count} {noun} right"));
    Ok(())
}
