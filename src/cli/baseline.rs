//! `ringcheck baseline`: keep the list of known failures.

use std::path::PathBuf;

use chrono::Utc;
use clap::{Args as ClapArgs, Subcommand};

use super::Failure;
use super::output::{Output, write_whole};
use crate::baseline::Baseline;
use crate::report::{Summary, merge, read};

/// What to do with a list.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  ringcheck run --report jsonl=run.jsonl            record a run
  ringcheck baseline update known.yaml run.jsonl    list what failed in it
  ringcheck run --baseline known.yaml               and have only news count

An entry of the list, by hand or by `update`:
  - case: scenarios/03-cancel/*                     files or names; a text or a list of them
    rule: [L18, scenario]                           the rules that must fire, and no others
    reason: The cancel is lost while the callee is away
    link: https://example.org/tickets/17
    expires: 2027-01-31
  - case: scenarios/10-sessions/*
    rule: scenario
    reason: The server forgets a session now and then
    flaky: 20%                                      what failed is played again, and may fail so often in all
    reruns: 10                                      so many times; 10 when left out

A flaky entry is not stale when what it lists passes.")]
pub(super) struct Args {
    #[command(subcommand)]
    act: Act,
}

/// What can be done.
#[derive(Debug, Subcommand)]
enum Act {
    /// Write the smallest list under which everything that failed in recorded runs is known
    #[command(after_help = "Example: ringcheck baseline update known.yaml run.jsonl")]
    Update {
        /// The list; it may not be there yet
        list: PathBuf,

        /// Recorded runs, of the form `jsonl` or `json`
        #[arg(required = true)]
        runs: Vec<PathBuf>,
    },
}

/// Does it.
pub(super) fn baseline(args: &Args, output: &Output) -> Result<(), Failure> {
    let Act::Update { list, runs } = &args.act;
    let runs: Result<Vec<Summary>, _> = runs.iter().map(|file| read(file)).collect();
    let runs = runs.map_err(|error| Failure::Usage(error.to_string()))?;
    let none = || Failure::Usage("no recorded run was given".to_owned());
    let run = merge(&runs).ok_or_else(none)?;
    let today = Utc::now().date_naive();
    let baseline = if list.exists() {
        Baseline::read(list, today)
    } else {
        Ok(Baseline::empty())
    };
    let text = baseline.and_then(|baseline| baseline.updated(&run));
    let text = text.map_err(Failure::Usage)?;
    write_whole(list, &text, false)?;
    let counts = run.counts;
    output.tell(&format!(
        "{} lists the {} scenarios that failed",
        list.display(),
        counts.failed + counts.known
    ));
    Ok(())
}
