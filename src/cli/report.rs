//! `ringcheck report` and `ringcheck merge`: recorded runs in any form, and several as one.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::Failure;
use super::output::Output;
use super::reports::{Reports, Wanted};
use super::run::result;
use crate::report::{Format, Summary, merge, read, terminal};

/// What to render, and into what.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  ringcheck run --report jsonl=run.jsonl            record a run
  ringcheck report run.jsonl                        and read it as a terminal shows it
  ringcheck report run.jsonl --report html=run.html
                                                    or in any other form")]
pub(super) struct Args {
    #[command(flatten)]
    recorded: Recorded,
}

/// What to join.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  ringcheck run --shard 1/2 --report jsonl=1.jsonl
  ringcheck run --shard 2/2 --report jsonl=2.jsonl
  ringcheck merge 1.jsonl 2.jsonl --report junit=junit.xml

It ends with the exit code of the whole: 3 where a part is missing.")]
pub(super) struct MergeArgs {
    #[command(flatten)]
    recorded: Recorded,
}

/// Recorded runs, and the reports to make of them.
#[derive(Debug, ClapArgs)]
struct Recorded {
    /// Recorded runs, of the form `jsonl` or `json`; several are read as one
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Write a report, `-` for standard output; may be given several times
    #[arg(long, value_name = "FORMAT=PATH")]
    report: Vec<Wanted>,
}

impl Recorded {
    /// Reads the runs as one, and writes what was asked for, or the form `otherwise` to standard output. One alone is
    /// taken as it is, unless they are joined: then its other parts are missing.
    fn render(&self, joins: bool, otherwise: Format) -> Result<Summary, Failure> {
        let runs: Result<Vec<Summary>, _> = self.files.iter().map(|file| read(file)).collect();
        let runs = runs.map_err(|error| Failure::Usage(error.to_string()))?;
        let summary = match &runs[..] {
            [one] if !joins => Some(one.clone()),
            many => merge(many),
        };
        let none = || Failure::Usage("no recorded run was given".to_owned());
        let summary = summary.ok_or_else(none)?;
        let otherwise = [Wanted::to_standard_output(otherwise)];
        let wanted = match &self.report[..] {
            [] => &otherwise[..],
            some => some,
        };
        let mut reports = Reports::open(wanted, None)?;
        for event in summary.events() {
            reports.event(&event);
        }
        reports.close(&summary)?;
        Ok(summary)
    }
}

/// Renders recorded runs.
pub(super) fn report(args: &Args) -> Result<(), Failure> {
    args.recorded.render(false, Format::Text).map(|_| ())
}

/// Joins recorded runs; what the whole came to decides the exit code.
pub(super) fn join(args: &MergeArgs, output: &Output) -> Result<(), Failure> {
    let summary = args.recorded.render(true, Format::Jsonl)?;
    output.tell(&terminal::closing(&summary));
    result(&summary)
}
