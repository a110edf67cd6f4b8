//! `ringcheck report` and `ringcheck merge`: recorded runs in any form, and several as one.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::Failure;
use super::output::Output;
use super::reports::{Reports, Wanted};
use super::run::result;
use crate::report::{Format, Recorded as Recording, Summary, merge, read, read_any, terminal};

/// What to render, and into what.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  ringcheck run --report jsonl=run.jsonl            record a run
  ringcheck report run.jsonl                        and read it as a terminal shows it
  ringcheck report run.jsonl --report html=run.html
                                                    or in any other form
  ringcheck report flood.json --report html=flood.html
                                                    a flood, recorded by `flood --report json=FILE`")]
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
    /// The reports that were asked for, or others.
    fn wanted<'a>(&'a self, otherwise: &'a [Wanted]) -> &'a [Wanted] {
        match &self.report[..] {
            [] => otherwise,
            some => some,
        }
    }

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
        let mut reports = Reports::open(self.wanted(&otherwise), None)?;
        for event in summary.events() {
            reports.event(&event);
        }
        reports.close(&summary)?;
        Ok(summary)
    }
}

/// Renders recorded runs, or a recorded flood.
pub(super) fn report(args: &Args) -> Result<(), Failure> {
    let recorded = &args.recorded;
    if let [one] = &recorded.files[..]
        && let Ok(Recording::Flood(flood)) = read_any(one)
    {
        let otherwise = [Wanted::to_standard_output(Format::Text)];
        return Reports::open(recorded.wanted(&otherwise), None)?.close_flood(&flood);
    }
    recorded.render(false, Format::Text).map(|_| ())
}

/// Joins recorded runs; what the whole came to decides the exit code.
pub(super) fn join(args: &MergeArgs, output: &Output) -> Result<(), Failure> {
    let summary = args.recorded.render(true, Format::Jsonl)?;
    output.tell(&terminal::closing(&summary));
    result(&summary)
}
