//! `ringcheck schema`: the language for editors, and the forms of the reports for programs.

use clap::{Args as ClapArgs, ValueEnum};
use schemars::schema_for;

use super::Failure;
use super::output::Output;
use crate::flood::report::Report as Flood;
use crate::report::Summary;
use crate::report::events::RunEvent;
use crate::scenario::schema as of_scenarios;
use crate::soak::Report as Soak;

/// What to describe.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  ringcheck schema > scenarios/schema.json
  ringcheck schema run                              the report `json`
  ringcheck schema events                           a line of the report `jsonl`
  ringcheck schema flood                            the report `json` of a flood
  ringcheck schema soak                             the report `json` of a soak

An editor with the YAML language server uses it after this first line of a file in a folder of the library:
  # yaml-language-server: $schema=../schema.json")]
pub(super) struct Args {
    /// Whose schema
    #[arg(value_enum, default_value = "scenarios")]
    of: Of,
}

/// What has a schema.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Of {
    /// Scenario files and files of steps
    Scenarios,
    /// The report `json`
    Run,
    /// A line of the report `jsonl`
    Events,
    /// The report `json` of a flood
    Flood,
    /// The report `json` of a soak
    Soak,
}

/// Prints it.
pub(super) fn schema(args: &Args, output: &Output) -> Result<(), Failure> {
    output.data(&match args.of {
        Of::Scenarios => format!("{:#}", of_scenarios()),
        Of::Run => format!("{:#}", schema_for!(Summary).as_value()),
        Of::Events => format!("{:#}", schema_for!(RunEvent).as_value()),
        Of::Soak => format!("{:#}", schema_for!(Soak).as_value()),
        Of::Flood => format!("{:#}", schema_for!(Flood).as_value()),
    });
    Ok(())
}
