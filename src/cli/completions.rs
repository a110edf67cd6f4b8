//! `ringcheck completions` and `ringcheck man`: what shells and `man` want to know of the program.

use clap::{Args as ClapArgs, Command};
use clap_complete::{Shell, generate};
use clap_mangen::Man;

use super::Failure;
use super::output::Output;

/// For which shell.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  ringcheck completions bash > ~/.local/share/bash-completion/completions/ringcheck
  ringcheck completions zsh > ~/.zfunc/_ringcheck
  ringcheck completions fish > ~/.config/fish/completions/ringcheck.fish")]
pub(super) struct Args {
    /// The shell
    shell: Shell,
}

/// Of which command.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  ringcheck man > ringcheck.1                       the program
  ringcheck man run > ringcheck-run.1               one command")]
pub(super) struct ManArgs {
    /// The command; the whole program when left out
    command: Option<String>,
}

/// Prints the script that completes a command line of the program.
pub(super) fn completions(
    args: &Args,
    mut program: Command,
    output: &Output,
) -> Result<(), Failure> {
    let mut script = Vec::new();
    generate(args.shell, &mut program, "ringcheck", &mut script);
    output.result(&String::from_utf8_lossy(&script))
}

/// Prints a page for `man`.
pub(super) fn man(args: &ManArgs, mut program: Command, output: &Output) -> Result<(), Failure> {
    program.build();
    let command = match &args.command {
        None => program,
        Some(name) => program.find_subcommand(name).cloned().ok_or_else(|| {
            let told = format!("there is no command `{name}`");
            Failure::Usage(format!("{told}\nhint: `ringcheck --help` lists them"))
        })?,
    };
    let mut page = Vec::new();
    let written = Man::new(command).render(&mut page);
    written.map_err(|source| Failure::Write {
        path: "-".into(),
        source,
    })?;
    output.result(&String::from_utf8_lossy(&page))
}
