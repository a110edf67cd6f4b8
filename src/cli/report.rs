//! `ringcheck report` and `ringcheck merge`: recorded runs and floods in any form, and several as one.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::Failure;
use super::flood::result as result_of_flood;
use super::output::Output;
use super::reports::{Reports, Wanted};
use super::run::result;
use crate::flood::join as join_floods;
use crate::flood::report::{Report as Flood, summary};
use crate::report::{Format, Recorded as Recording, Summary, merge, read_any, terminal};

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

  ringcheck flood --target ws://server:7000 --rate 500 --threshold 'rate>=900' --report json=1.json    on one machine
  ringcheck flood --target ws://server:7000 --rate 500 --threshold 'rate>=900' --report json=2.json    on another
  ringcheck merge 1.json 2.json --report html=flood.html

Of runs, it ends with the exit code of the whole: 3 where a part is missing.

Floods are taken for parts that were made at the same time: calls and histograms are added, the seconds by their number,
and the demands of the parts, which must be the same, are made of the whole. A percentile of a second is the highest of
the parts'; those of the whole lose nothing. It ends as a flood would: 1 where the whole misses a demand, and 5 where a
part is invalid. Each part needs a seed of its own, as it has when none is given: users are named for it.")]
pub(super) struct MergeArgs {
    #[command(flatten)]
    recorded: Recorded,
}

/// Recorded runs or floods, and the reports to make of them.
#[derive(Debug, ClapArgs)]
struct Recorded {
    /// Recorded runs, of the form `jsonl` or `json`, or floods, of the form `json`; several are read as one
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Write a report, `-` for standard output; may be given several times
    #[arg(long, value_name = "FORMAT=PATH")]
    report: Vec<Wanted>,
}

/// What was recorded, as one.
enum Whole {
    Run(Box<Summary>),
    Flood(Box<Flood>),
}

impl Recorded {
    /// Reads the files as one. One alone is taken as it is, unless it is joined: then the other parts of a run are missing.
    fn read(&self, joins: bool) -> Result<Whole, Failure> {
        let (mut runs, mut floods) = (Vec::new(), Vec::new());
        for file in &self.files {
            let name = file.display().to_string();
            match read_any(file).map_err(|error| Failure::Usage(error.to_string()))? {
                Recording::Run(run) => runs.push((name, *run)),
                Recording::Flood(flood) => floods.push((name, *flood)),
            }
        }
        if let ([(run, _), ..], [(flood, _), ..]) = (&runs[..], &floods[..]) {
            return Err(Failure::Usage(format!(
                "`{run}` holds a run and `{flood}` a flood, and they cannot be one\nhint: give runs alone, or floods alone"
            )));
        }
        let whole = match &floods[..] {
            [] => {
                let runs: Vec<Summary> = runs.into_iter().map(|(_, run)| run).collect();
                let whole = match &runs[..] {
                    [one] if !joins => Some(one.clone()),
                    many => merge(many),
                };
                whole.map(|run| Whole::Run(Box::new(run)))
            }
            [(_, one)] if !joins => Some(Whole::Flood(Box::new(one.clone()))),
            many => {
                let whole = join_floods(many).map_err(|error| Failure::Usage(error.to_string()))?;
                Some(Whole::Flood(Box::new(whole)))
            }
        };
        whole.ok_or_else(|| Failure::Usage("no recorded run was given".to_owned()))
    }

    /// Writes what was asked for, or else that form to standard output.
    fn write(&self, whole: &Whole, otherwise: Format) -> Result<(), Failure> {
        let otherwise = [Wanted::to_standard_output(otherwise)];
        let wanted = match &self.report[..] {
            [] => &otherwise,
            some => some,
        };
        // Before any file is opened, which may hold something.
        if let Whole::Flood(_) = whole
            && let Some(other) = wanted.iter().find(|one| !one.is_of_flood())
        {
            return Err(Failure::Usage(other.no_flood()));
        }
        let mut reports = Reports::open(wanted, None)?;
        match whole {
            Whole::Flood(flood) => reports.close_flood(flood),
            Whole::Run(run) => {
                for event in run.events() {
                    reports.event(&event);
                }
                reports.close(run)
            }
        }
    }
}

/// Renders recorded runs or floods.
pub(super) fn report(args: &Args) -> Result<(), Failure> {
    let whole = args.recorded.read(false)?;
    args.recorded.write(&whole, Format::Text)
}

/// Joins recorded runs or floods; what the whole came to decides the exit code.
pub(super) fn join(args: &MergeArgs, output: &Output) -> Result<(), Failure> {
    let whole = args.recorded.read(true)?;
    match &whole {
        Whole::Run(run) => {
            args.recorded.write(&whole, Format::Jsonl)?;
            output.tell(&terminal::closing(run));
            result(run)
        }
        Whole::Flood(flood) => {
            args.recorded.write(&whole, Format::Json)?;
            output.tell(&summary(flood));
            result_of_flood(flood, output)
        }
    }
}
