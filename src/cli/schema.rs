//! `ringcheck schema`: the language for editors.

use clap::Args as ClapArgs;

use super::Failure;
use super::output::Output;
use crate::scenario::schema as of_scenarios;

/// Nothing to choose.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Example: ringcheck schema > scenarios/schema.json

An editor with the YAML language server uses it after this first line of a file in a folder of the library:
  # yaml-language-server: $schema=../schema.json")]
pub(super) struct Args {}

/// Prints it.
pub(super) fn schema(Args {}: &Args, output: &Output) -> Result<(), Failure> {
    output.data(&format!("{:#}", of_scenarios()));
    Ok(())
}
