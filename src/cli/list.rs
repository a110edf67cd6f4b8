//! `ringcheck list` and `ringcheck lint`.

use clap::Args;

use super::Failure;
use super::output::Output;
use super::select::Selection;

/// What to list.
#[derive(Debug, Args)]
#[command(after_help = "Example: ringcheck list --only ACC-2")]
pub(super) struct ListArgs {
    #[command(flatten)]
    selection: Selection,
}

/// What to check.
#[derive(Debug, Args)]
#[command(after_help = "Example: ringcheck lint scenarios/03-cancel")]
pub(super) struct LintArgs {
    #[command(flatten)]
    selection: Selection,
}

/// Prints a line a scenario: file, requirements, name.
pub(super) fn list(args: &ListArgs, output: &Output) -> Result<(), Failure> {
    let scenarios = args.selection.scenarios(output)?;
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
